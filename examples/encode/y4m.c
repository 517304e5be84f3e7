/* SPDX-License-Identifier: MIT */

/* YUV4MPEG2: a line that describes the stream, and before every frame a line "FRAME". */

#include "y4m.h"

#include <libavutil/rational.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a format is written. Rows without `tag` are converted to 4:2:0. */
static const struct y4m_format {
    wcenc_pixel_format format;
    const char *tag;
    int shift_x; /* of chroma */
    int shift_y;
    int bytes; /* a sample */
    enum AVPixelFormat converted_from;
} formats[] = {
    {WCENC_PIXEL_FORMAT_I420, "C420mpeg2", 1, 1, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I420A, "C420mpeg2", 1, 1, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I420P10, "C420p10", 1, 1, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I420AP10, "C420p10", 1, 1, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I420P12, "C420p12", 1, 1, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I420AP12, "C420p12", 1, 1, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422, "C422", 1, 0, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422A, "C422", 1, 0, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422P10, "C422p10", 1, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422AP10, "C422p10", 1, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422P12, "C422p12", 1, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I422AP12, "C422p12", 1, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444, "C444", 0, 0, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444A, "C444", 0, 0, 1, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444P10, "C444p10", 0, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444AP10, "C444p10", 0, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444P12, "C444p12", 0, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_I444AP12, "C444p12", 0, 0, 2, AV_PIX_FMT_NONE},
    {WCENC_PIXEL_FORMAT_NV12, NULL, 1, 1, 1, AV_PIX_FMT_NV12},
    {WCENC_PIXEL_FORMAT_RGBA, NULL, 1, 1, 1, AV_PIX_FMT_RGB0},
    {WCENC_PIXEL_FORMAT_RGBX, NULL, 1, 1, 1, AV_PIX_FMT_RGB0},
    {WCENC_PIXEL_FORMAT_BGRA, NULL, 1, 1, 1, AV_PIX_FMT_BGR0},
    {WCENC_PIXEL_FORMAT_BGRX, NULL, 1, 1, 1, AV_PIX_FMT_BGR0},
};

static const struct y4m_format *find_format(wcenc_pixel_format format)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i].format == format)
            return &formats[i];
    return NULL;
}

bool y4m_open(struct y4m *y4m, const char *path, const char *input, bool overwrite, double framerate,
              struct fault *fault)
{
    memset(y4m, 0, sizeof(*y4m));
    y4m->framerate = framerate;
    y4m->file.fd = -1;
    return !path || outfile_open(&y4m->file, path, input, overwrite, fault);
}

static bool write_header(struct y4m *y4m, const struct y4m_format *format, const wcenc_frame *frame)
{
    AVRational rate = av_d2q(y4m->framerate, 1001000);
    wcenc_color_space color;
    char line[160];
    int length;

    wcenc_frame_get_color_space(frame, &color);
    length =
        snprintf(line, sizeof(line), "YUV4MPEG2 W%u H%u F%d:%d Ip A1:1 %s XCOLORRANGE=%s\n", (unsigned)y4m->width,
                 (unsigned)y4m->height, rate.num, rate.den, format->tag ? format->tag : "C420mpeg2",
                 color.range == WCENC_COLOR_RANGE_FULL && color.matrix != WCENC_COLOR_MATRIX_RGB ? "FULL" : "LIMITED");
    return outfile_write(&y4m->file, line, (size_t)length);
}

static size_t plane_size(const struct y4m *y4m, const struct y4m_format *format, int plane)
{
    int shift_x = plane ? format->shift_x : 0;
    int shift_y = plane ? format->shift_y : 0;
    size_t width = ((size_t)y4m->width + (size_t)shift_x) >> shift_x;
    size_t height = ((size_t)y4m->height + (size_t)shift_y) >> shift_y;

    return width * height * (size_t)format->bytes;
}

static bool write_planes(struct y4m *y4m, const struct y4m_format *format, const uint8_t *const planes[3])
{
    if (!outfile_write(&y4m->file, "FRAME\n", 6))
        return false;
    for (int i = 0; i < 3; i++)
        if (!outfile_write(&y4m->file, planes[i], plane_size(y4m, format, i)))
            return false;
    return true;
}

/* Into 4:2:0, by a path of its own: nothing of the library's converting takes part in what it is compared with. */
static bool write_converted(struct y4m *y4m, const struct y4m_format *format, const uint8_t *pixels,
                            const wcenc_plane_layout *layout)
{
    const int *matrix = sws_getCoefficients(SWS_CS_ITU709);
    int width = (int)y4m->width;
    int height = (int)y4m->height;
    int chroma = (width + 1) / 2;
    size_t luma_size = plane_size(y4m, format, 0);
    size_t chroma_size = plane_size(y4m, format, 1);
    uint8_t *out = malloc(luma_size + 2 * chroma_size);
    uint8_t *planes[3] = {out, out + luma_size, out + luma_size + chroma_size};
    const uint8_t *from[4] = {pixels + layout[0].offset, pixels + layout[1].offset};
    int from_strides[4] = {(int)layout[0].stride, (int)layout[1].stride};
    bool good = false;

    y4m->scaler = sws_getCachedContext(y4m->scaler, width, height, format->converted_from, width, height,
                                       AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (out && y4m->scaler) {
        sws_setColorspaceDetails(y4m->scaler, matrix, 0, matrix, 0, 0, 1 << 16, 1 << 16);
        good =
            sws_scale(y4m->scaler, from, from_strides, 0, height, planes, (int[]){width, chroma, chroma}) == height &&
            write_planes(y4m, format, (const uint8_t *const *)planes);
    }
    free(out);
    return good;
}

bool y4m_write(struct y4m *y4m, const wcenc_frame *frame, struct fault *fault)
{
    const struct y4m_format *format = find_format(wcenc_frame_get_format(frame));
    wcenc_plane_layout layout[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
    uint8_t *pixels = NULL;
    size_t size = 0;
    wcenc_rect visible;
    bool good = false;

    if (y4m->file.fd < 0)
        return true;
    if (!format || wcenc_frame_get_visible_rect(frame, &visible) != WCENC_OK)
        return fault_set(fault, "%s: a frame has no pixels to write", y4m->file.path);
    if (y4m->format && (y4m->format != format->format || y4m->width != visible.width || y4m->height != visible.height))
        return fault_set(fault, "%s: size or format changes on the way, which YUV4MPEG2 cannot say", y4m->file.path);
    if (wcenc_frame_allocation_size(frame, NULL, &size) == WCENC_OK)
        pixels = malloc(size);
    if (!pixels || wcenc_frame_copy_to(frame, NULL, pixels, size, layout) != WCENC_OK) {
        free(pixels);
        return fault_set(fault, "%s: cannot read a frame's pixels", y4m->file.path);
    }
    y4m->width = visible.width;
    y4m->height = visible.height;
    if (y4m->format || write_header(y4m, format, frame)) {
        const uint8_t *planes[3] = {pixels + layout[0].offset, pixels + layout[1].offset, pixels + layout[2].offset};

        y4m->format = format->format;
        good = format->tag ? write_planes(y4m, format, planes) : write_converted(y4m, format, pixels, layout);
    }
    free(pixels);
    return good || outfile_fault(&y4m->file, fault);
}

bool y4m_close(struct y4m *y4m, bool keep, struct fault *fault)
{
    sws_freeContext(y4m->scaler);
    y4m->scaler = NULL;
    return outfile_close(&y4m->file, keep && y4m->format != WCENC_PIXEL_FORMAT_NONE, fault);
}
