/* SPDX-License-Identifier: MIT */

/* From FFmpeg's frames to WebCodecs'. */

#include "frame_map.h"

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdio.h>

#include "color_map.h"

/* Formats with more than 8 bits are named in the byte order of the machine on both sides. */
static const struct format_pair {
    enum AVPixelFormat av;
    wcenc_pixel_format wc;
} formats[] = {
    {AV_PIX_FMT_YUV420P, WCENC_PIXEL_FORMAT_I420},        {AV_PIX_FMT_YUVJ420P, WCENC_PIXEL_FORMAT_I420},
    {AV_PIX_FMT_YUV420P10, WCENC_PIXEL_FORMAT_I420P10},   {AV_PIX_FMT_YUV420P12, WCENC_PIXEL_FORMAT_I420P12},
    {AV_PIX_FMT_YUVA420P, WCENC_PIXEL_FORMAT_I420A},      {AV_PIX_FMT_YUVA420P10, WCENC_PIXEL_FORMAT_I420AP10},
    {AV_PIX_FMT_YUV422P, WCENC_PIXEL_FORMAT_I422},        {AV_PIX_FMT_YUVJ422P, WCENC_PIXEL_FORMAT_I422},
    {AV_PIX_FMT_YUV422P10, WCENC_PIXEL_FORMAT_I422P10},   {AV_PIX_FMT_YUV422P12, WCENC_PIXEL_FORMAT_I422P12},
    {AV_PIX_FMT_YUVA422P, WCENC_PIXEL_FORMAT_I422A},      {AV_PIX_FMT_YUVA422P10, WCENC_PIXEL_FORMAT_I422AP10},
    {AV_PIX_FMT_YUVA422P12, WCENC_PIXEL_FORMAT_I422AP12}, {AV_PIX_FMT_YUV444P, WCENC_PIXEL_FORMAT_I444},
    {AV_PIX_FMT_YUVJ444P, WCENC_PIXEL_FORMAT_I444},       {AV_PIX_FMT_YUV444P10, WCENC_PIXEL_FORMAT_I444P10},
    {AV_PIX_FMT_YUV444P12, WCENC_PIXEL_FORMAT_I444P12},   {AV_PIX_FMT_YUVA444P, WCENC_PIXEL_FORMAT_I444A},
    {AV_PIX_FMT_YUVA444P10, WCENC_PIXEL_FORMAT_I444AP10}, {AV_PIX_FMT_YUVA444P12, WCENC_PIXEL_FORMAT_I444AP12},
    {AV_PIX_FMT_NV12, WCENC_PIXEL_FORMAT_NV12},           {AV_PIX_FMT_RGBA, WCENC_PIXEL_FORMAT_RGBA},
    {AV_PIX_FMT_RGB0, WCENC_PIXEL_FORMAT_RGBX},           {AV_PIX_FMT_BGRA, WCENC_PIXEL_FORMAT_BGRA},
    {AV_PIX_FMT_BGR0, WCENC_PIXEL_FORMAT_BGRX},
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

static wcenc_pixel_format find_format(enum AVPixelFormat av)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].av == av)
            return formats[i].wc;
    return WCENC_PIXEL_FORMAT_NONE;
}

static bool has_alpha(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);

    return descriptor && descriptor->flags & AV_PIX_FMT_FLAG_ALPHA;
}

/* The format of the table that loses least. RGB stays RGB: the matrix to leave it by is the encoder's to choose. */
static enum AVPixelFormat nearest_format(enum AVPixelFormat from)
{
    enum AVPixelFormat list[FORMAT_COUNT + 1];
    size_t count = 0;

    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (color_is_rgb(formats[i].av) == color_is_rgb(from))
            list[count++] = formats[i].av;
    list[count] = AV_PIX_FMT_NONE;
    return avcodec_find_best_pix_fmt_of_list(list, from, has_alpha(from), NULL);
}

void frame_map_describe(enum AVPixelFormat format, char *out, size_t size)
{
    const char *name = av_get_pix_fmt_name(format);
    wcenc_pixel_format found = find_format(format);

    if (found)
        snprintf(out, size, "%s, borrowed as %s", name, wcenc_pixel_format_name(found));
    else
        snprintf(out, size, "%s, converted to %s", name ? name : "?",
                 wcenc_pixel_format_name(find_format(nearest_format(format))));
}

void display_size(AVRational sample_aspect, uint32_t *width, uint32_t *height)
{
    double aspect = sample_aspect.num > 0 && sample_aspect.den > 0 ? av_q2d(sample_aspect) : 1;

    /* The longer way, so that no line or column is lost. */
    if (aspect > 1)
        *width = (uint32_t)lround(*width * aspect);
    else
        *height = (uint32_t)lround(*height / aspect);
}

/* Neither matrix nor range change on the way, so that what the frame says of its colours stays true. */
static void keep_colors(struct SwsContext *scaler, const AVFrame *from, const wcenc_color_space *color)
{
    const int *matrix = sws_getCoefficients((int)from->colorspace);
    int full = color->range == WCENC_COLOR_RANGE_FULL;

    sws_setColorspaceDetails(scaler, matrix, full, matrix, full, 0, 1 << 16, 1 << 16);
}

static AVFrame *convert(struct frame_map *map, const AVFrame *from, enum AVPixelFormat format,
                        const wcenc_color_space *color)
{
    AVFrame *to = av_frame_alloc();

    if (!to)
        return NULL;
    to->format = (int)format;
    to->width = from->width;
    to->height = from->height;
    map->scaler =
        sws_getCachedContext(map->scaler, from->width, from->height, (enum AVPixelFormat)from->format, to->width,
                             to->height, format, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    if (map->scaler && av_frame_get_buffer(to, 0) >= 0) {
        keep_colors(map->scaler, from, color);
        if (sws_scale(map->scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height, to->data,
                      to->linesize) == from->height)
            return to;
    }
    av_frame_free(&to);
    return NULL;
}

static void release_frame(void *user)
{
    AVFrame *frame = user;

    av_frame_free(&frame);
}

static bool wrap(AVFrame *frame, const wcenc_color_space *color, const struct frame_meta *meta, wcenc_frame **out)
{
    wcenc_frame_desc desc;
    uint32_t planes;

    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = find_format((enum AVPixelFormat)frame->format);
    desc.coded_width = (uint32_t)frame->width;
    desc.coded_height = (uint32_t)frame->height;
    planes = wcenc_pixel_format_plane_count(desc.format);
    for (uint32_t i = 0; i < planes && i < 4; i++) {
        desc.planes[i] = frame->data[i];
        desc.strides[i] = frame->linesize[i];
    }
    desc.timestamp_us = meta->timestamp_us;
    desc.duration_us = meta->duration_us;
    desc.rotation = meta->rotation;
    desc.flip = meta->flip;
    desc.color_space = *color;
    desc.chroma_location = chroma_location_from_frame(frame);
    desc.display_width = desc.coded_width;
    desc.display_height = desc.coded_height;
    display_size(meta->sample_aspect, &desc.display_width, &desc.display_height);
    /* The display size is that of the turned picture. */
    if (meta->rotation % 180) {
        uint32_t swap = desc.display_width;

        desc.display_width = desc.display_height;
        desc.display_height = swap;
    }
    return wcenc_frame_create_wrap(&desc, release_frame, frame, out) == WCENC_OK;
}

bool frame_map_take(struct frame_map *map, AVFrame *frame, const struct frame_meta *meta, wcenc_frame **out,
                    struct fault *fault)
{
    wcenc_color_space color = color_from_frame(frame);
    enum AVPixelFormat format = (enum AVPixelFormat)frame->format;
    AVFrame *kept;

    if (find_format(format)) {
        kept = av_frame_alloc();
        if (kept)
            av_frame_move_ref(kept, frame);
    } else {
        kept = convert(map, frame, nearest_format(format), &color);
        av_frame_unref(frame);
    }
    if (!kept)
        return fault_set(fault, "cannot convert a frame of format %s", av_get_pix_fmt_name(format));
    if (wrap(kept, &color, meta, out))
        return true;
    av_frame_free(&kept);
    return fault_set(fault, "cannot use a decoded frame: %s", wcenc_last_error());
}

static enum AVPixelFormat find_av_format(wcenc_pixel_format wc)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].wc == wc)
            return formats[i].av;
    return AV_PIX_FMT_NONE;
}

/* The matrix and the range, which comparing needs; RGB has a range of its own. */
static void set_colors(AVFrame *frame, const wcenc_frame *from)
{
    AVCodecParameters *parameters = avcodec_parameters_alloc();
    wcenc_color_space color;

    wcenc_frame_get_color_space(from, &color);
    if (parameters) {
        color_to_parameters(&color, parameters);
        frame->colorspace = parameters->color_space;
        frame->color_range = parameters->color_range;
    }
    avcodec_parameters_free(&parameters);
}

AVFrame *frame_map_copy(const wcenc_frame *frame)
{
    AVFrame *copy = av_frame_alloc();
    wcenc_plane_layout layout[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
    uint8_t *planes[4] = {NULL};
    int strides[4] = {0};
    wcenc_rect visible;
    size_t size = 0;
    uint8_t *pixels = NULL;
    bool good = false;

    if (copy && wcenc_frame_get_visible_rect(frame, &visible) == WCENC_OK &&
        wcenc_frame_allocation_size(frame, NULL, &size) == WCENC_OK)
        pixels = av_malloc(size);
    if (pixels && wcenc_frame_copy_to(frame, NULL, pixels, size, layout) == WCENC_OK) {
        copy->format = find_av_format(wcenc_frame_get_format(frame));
        copy->width = (int)visible.width;
        copy->height = (int)visible.height;
        for (uint32_t i = 0; i < 4 && i < wcenc_pixel_format_plane_count(wcenc_frame_get_format(frame)); i++) {
            planes[i] = pixels + layout[i].offset;
            strides[i] = (int)layout[i].stride;
        }
        good = av_frame_get_buffer(copy, 0) >= 0;
    }
    if (good) {
        av_image_copy(copy->data, copy->linesize, (const uint8_t **)planes, strides, (enum AVPixelFormat)copy->format,
                      copy->width, copy->height);
        set_colors(copy, frame);
    } else {
        av_frame_free(&copy);
    }
    av_free(pixels);
    return copy;
}

void frame_map_free(struct frame_map *map)
{
    sws_freeContext(map->scaler);
    map->scaler = NULL;
}
