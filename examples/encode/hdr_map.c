/* SPDX-License-Identifier: MIT */

#include "hdr_map.h"

#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mathematics.h>

#include "ffmpeg_compat.h"

enum { CHROMATICITY_UNITS = 50000, LUMINANCE_UNITS = 10000 };

/* Out of range where it cannot be counted in these units; the library says so. */
static uint32_t in_units(AVRational value, int units)
{
    int64_t rescaled = value.den > 0 && value.num >= 0 ? av_rescale(value.num, units, value.den) : UINT32_MAX;

    return rescaled < UINT32_MAX ? (uint32_t)rescaled : UINT32_MAX;
}

static void from_display(const AVMasteringDisplayMetadata *display, wcenc_hdr_metadata *metadata)
{
    if (!display->has_primaries || !display->has_luminance)
        return;
    metadata->has_mastering_display = 1;
    metadata->red_x = in_units(display->display_primaries[0][0], CHROMATICITY_UNITS);
    metadata->red_y = in_units(display->display_primaries[0][1], CHROMATICITY_UNITS);
    metadata->green_x = in_units(display->display_primaries[1][0], CHROMATICITY_UNITS);
    metadata->green_y = in_units(display->display_primaries[1][1], CHROMATICITY_UNITS);
    metadata->blue_x = in_units(display->display_primaries[2][0], CHROMATICITY_UNITS);
    metadata->blue_y = in_units(display->display_primaries[2][1], CHROMATICITY_UNITS);
    metadata->white_x = in_units(display->white_point[0], CHROMATICITY_UNITS);
    metadata->white_y = in_units(display->white_point[1], CHROMATICITY_UNITS);
    metadata->max_luminance = in_units(display->max_luminance, LUMINANCE_UNITS);
    metadata->min_luminance = in_units(display->min_luminance, LUMINANCE_UNITS);
}

static void from_light(const AVContentLightMetadata *light, wcenc_hdr_metadata *metadata)
{
    metadata->has_content_light_level = 1;
    metadata->max_content_light_level = light->MaxCLL;
    metadata->max_frame_average_light_level = light->MaxFALL;
}

static const void *find(const AVStream *stream, enum AVPacketSideDataType of_stream, const AVFrame *frame,
                        enum AVFrameSideDataType of_frame, size_t size)
{
    const AVFrameSideData *data = av_frame_get_side_data(frame, of_frame);

    return data && data->size >= size ? data->data : compat_side_data(stream, of_stream, size);
}

void hdr_from_source(const AVStream *stream, const AVFrame *frame, wcenc_hdr_metadata *metadata)
{
    const AVMasteringDisplayMetadata *display = find(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, frame,
                                                     AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, sizeof(*display));
    const AVContentLightMetadata *light =
        find(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, sizeof(*light));

    wcenc_hdr_metadata_init(metadata, sizeof(*metadata));
    if (display)
        from_display(display, metadata);
    if (light)
        from_light(light, metadata);
}

int hdr_to_stream(const wcenc_hdr_metadata *metadata, AVStream *stream)
{
    const AVMasteringDisplayMetadata display = {
        .display_primaries = {{{(int)metadata->red_x, CHROMATICITY_UNITS}, {(int)metadata->red_y, CHROMATICITY_UNITS}},
                              {{(int)metadata->green_x, CHROMATICITY_UNITS},
                               {(int)metadata->green_y, CHROMATICITY_UNITS}},
                              {{(int)metadata->blue_x, CHROMATICITY_UNITS},
                               {(int)metadata->blue_y, CHROMATICITY_UNITS}}},
        .white_point = {{(int)metadata->white_x, CHROMATICITY_UNITS}, {(int)metadata->white_y, CHROMATICITY_UNITS}},
        .min_luminance = {(int)metadata->min_luminance, LUMINANCE_UNITS},
        .max_luminance = {(int)metadata->max_luminance, LUMINANCE_UNITS},
        .has_primaries = 1,
        .has_luminance = 1,
    };
    const AVContentLightMetadata light = {.MaxCLL = metadata->max_content_light_level,
                                          .MaxFALL = metadata->max_frame_average_light_level};
    int code = 0;

    if (metadata->has_mastering_display)
        code = compat_set_side_data(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, &display, sizeof(display));
    if (code >= 0 && metadata->has_content_light_level)
        code = compat_set_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, &light, sizeof(light));
    return code;
}

bool hdr_is_dynamic(const AVStream *stream, const AVFrame *frame)
{
    return compat_side_data(stream, AV_PKT_DATA_DOVI_CONF, 0) ||
           av_frame_get_side_data(frame, AV_FRAME_DATA_DYNAMIC_HDR_PLUS) ||
           av_frame_get_side_data(frame, AV_FRAME_DATA_DOVI_METADATA);
}
