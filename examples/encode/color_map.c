/* SPDX-License-Identifier: MIT */

/*
 * Colour spaces and orientations. Both sides use the code points of ITU-T H.273, so that mapping is leaving out what
 * WebCodecs does not name.
 */

#include "color_map.h"

#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>

struct pair {
    int32_t av;
    int32_t wc;
};

static const struct pair primaries[] = {
    {AVCOL_PRI_BT709, WCENC_COLOR_PRIMARIES_BT709},
    {AVCOL_PRI_BT470BG, WCENC_COLOR_PRIMARIES_BT470BG},
    {AVCOL_PRI_SMPTE170M, WCENC_COLOR_PRIMARIES_SMPTE170M},
    {AVCOL_PRI_SMPTE240M, WCENC_COLOR_PRIMARIES_SMPTE170M},
    {AVCOL_PRI_BT2020, WCENC_COLOR_PRIMARIES_BT2020},
    {AVCOL_PRI_SMPTE432, WCENC_COLOR_PRIMARIES_SMPTE432},
    {AVCOL_PRI_UNSPECIFIED, 0},
};

/* BT.2020's curves for 10 and 12 bits are BT.709's. */
static const struct pair transfers[] = {
    {AVCOL_TRC_BT709, WCENC_COLOR_TRANSFER_BT709},
    {AVCOL_TRC_SMPTE170M, WCENC_COLOR_TRANSFER_SMPTE170M},
    {AVCOL_TRC_LINEAR, WCENC_COLOR_TRANSFER_LINEAR},
    {AVCOL_TRC_IEC61966_2_1, WCENC_COLOR_TRANSFER_IEC61966_2_1},
    {AVCOL_TRC_SMPTE2084, WCENC_COLOR_TRANSFER_PQ},
    {AVCOL_TRC_ARIB_STD_B67, WCENC_COLOR_TRANSFER_HLG},
    {AVCOL_TRC_BT2020_10, WCENC_COLOR_TRANSFER_BT709},
    {AVCOL_TRC_BT2020_12, WCENC_COLOR_TRANSFER_BT709},
    {AVCOL_TRC_UNSPECIFIED, 0},
};

static const struct pair matrices[] = {
    {AVCOL_SPC_BT709, WCENC_COLOR_MATRIX_BT709},
    {AVCOL_SPC_BT470BG, WCENC_COLOR_MATRIX_BT470BG},
    {AVCOL_SPC_SMPTE170M, WCENC_COLOR_MATRIX_SMPTE170M},
    {AVCOL_SPC_BT2020_NCL, WCENC_COLOR_MATRIX_BT2020_NCL},
    {AVCOL_SPC_RGB, WCENC_COLOR_MATRIX_RGB},
    {AVCOL_SPC_UNSPECIFIED, 0},
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int32_t to_wc(const struct pair *rows, size_t count, int32_t av)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].av == av)
            return rows[i].wc;
    return 0;
}

static int32_t to_av(const struct pair *rows, size_t count, int32_t wc)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].wc == wc)
            return rows[i].av;
    return rows[count - 1].av;
}

static void fill_in(wcenc_color_space *color, const wcenc_color_space *guess)
{
    if (!color->primaries)
        color->primaries = guess->primaries;
    if (!color->transfer)
        color->transfer = guess->transfer;
    if (!color->matrix)
        color->matrix = guess->matrix;
    if (!color->range)
        color->range = guess->range;
}

bool color_is_rgb(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);

    return descriptor && descriptor->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
}

/* Formats that are full range where nothing else is said, by their name or because they come from still pictures. */
static bool is_full_range(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);

    return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P ||
           (descriptor && descriptor->nb_components < 3);
}

static wcenc_color_space guess_for(const AVFrame *frame)
{
    static const wcenc_color_space rgb = {WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_IEC61966_2_1,
                                          WCENC_COLOR_MATRIX_RGB, WCENC_COLOR_RANGE_FULL};
    static const wcenc_color_space hd = {WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_BT709,
                                         WCENC_COLOR_MATRIX_BT709, WCENC_COLOR_RANGE_LIMITED};
    static const wcenc_color_space pal = {WCENC_COLOR_PRIMARIES_BT470BG, WCENC_COLOR_TRANSFER_SMPTE170M,
                                          WCENC_COLOR_MATRIX_BT470BG, WCENC_COLOR_RANGE_LIMITED};
    static const wcenc_color_space ntsc = {WCENC_COLOR_PRIMARIES_SMPTE170M, WCENC_COLOR_TRANSFER_SMPTE170M,
                                           WCENC_COLOR_MATRIX_SMPTE170M, WCENC_COLOR_RANGE_LIMITED};

    if (color_is_rgb((enum AVPixelFormat)frame->format))
        return rgb;
    /* By the rule of thumb of players. */
    if (frame->height > 576)
        return hd;
    return frame->height == 576 ? pal : ntsc;
}

wcenc_color_space color_from_frame(const AVFrame *frame)
{
    const bool is_rgb = color_is_rgb((enum AVPixelFormat)frame->format);
    wcenc_color_space guess = guess_for(frame);
    wcenc_color_space color = {
        to_wc(primaries, COUNT(primaries), (int32_t)frame->color_primaries),
        to_wc(transfers, COUNT(transfers), (int32_t)frame->color_trc),
        to_wc(matrices, COUNT(matrices), (int32_t)frame->colorspace),
        frame->color_range == AVCOL_RANGE_JPEG   ? WCENC_COLOR_RANGE_FULL
        : frame->color_range == AVCOL_RANGE_MPEG ? WCENC_COLOR_RANGE_LIMITED
                                                 : WCENC_COLOR_RANGE_UNSPECIFIED,
    };

    if (!color.range && is_full_range((enum AVPixelFormat)frame->format))
        color.range = WCENC_COLOR_RANGE_FULL;
    /* Some files tag RGB pixels with the matrix that they once had, or the other way round. */
    if (is_rgb)
        color.matrix = WCENC_COLOR_MATRIX_RGB;
    else if (color.matrix == WCENC_COLOR_MATRIX_RGB)
        color.matrix = WCENC_COLOR_MATRIX_UNSPECIFIED;
    /* What a file leaves open beside colours that it names stays open. */
    if (!color.primaries && !color.transfer && (is_rgb || !color.matrix))
        fill_in(&color, &guess);
    return color;
}

wcenc_chroma_location chroma_location_from_frame(const AVFrame *frame)
{
    switch (frame->chroma_location) {
    case AVCHROMA_LOC_LEFT:
        return WCENC_CHROMA_LOCATION_LEFT;
    case AVCHROMA_LOC_CENTER:
        return WCENC_CHROMA_LOCATION_CENTER;
    case AVCHROMA_LOC_TOPLEFT:
        return WCENC_CHROMA_LOCATION_TOP_LEFT;
    default:
        return WCENC_CHROMA_LOCATION_UNSPECIFIED;
    }
}

void color_to_parameters(const wcenc_color_space *color, AVCodecParameters *parameters)
{
    parameters->color_primaries = (enum AVColorPrimaries)to_av(primaries, COUNT(primaries), color->primaries);
    parameters->color_trc = (enum AVColorTransferCharacteristic)to_av(transfers, COUNT(transfers), color->transfer);
    parameters->color_space = (enum AVColorSpace)to_av(matrices, COUNT(matrices), color->matrix);
    parameters->color_range = color->range == WCENC_COLOR_RANGE_FULL      ? AVCOL_RANGE_JPEG
                              : color->range == WCENC_COLOR_RANGE_LIMITED ? AVCOL_RANGE_MPEG
                                                                          : AVCOL_RANGE_UNSPECIFIED;
}

void orientation_from_matrix(const int32_t *matrix, int32_t *rotation, int32_t *flip)
{
    int32_t copy[9];
    double angle;

    *rotation = 0;
    *flip = 0;
    if (!matrix)
        return;
    memcpy(copy, matrix, sizeof(copy));
    /* A mirrored picture has a negative determinant; mirrored back it is turned only. */
    *flip = (double)copy[0] * copy[4] - (double)copy[1] * copy[3] < 0;
    if (*flip)
        av_display_matrix_flip(copy, 1, 0);
    angle = av_display_rotation_get(copy);
    if (isnan(angle))
        return;
    /* FFmpeg's angle is counterclockwise, from -180 to 180. */
    *rotation = (int32_t)(lround(-angle / 90) + 4) % 4 * 90;
}

void orientation_to_matrix(int32_t rotation, int32_t flip, int32_t matrix[9])
{
    av_display_rotation_set(matrix, rotation);
    if (flip)
        av_display_matrix_flip(matrix, 1, 0);
}
