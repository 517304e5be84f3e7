/* SPDX-License-Identifier: MIT */

/*
 * libswscale with accurate rounding and chroma from every sample, which is both better and faster than its defaults.
 * Scaling stretches the picture to the size that is asked for.
 */

#include "swscale.h"

#include <errno.h>
#include <string.h>

#include <libavutil/error.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "compiler.h"
#include "depth.h"
#include "ffmpeg_version.h"
#include "geometry.h"
#include "map.h"
#include "mem.h"

enum {
    /* Filters have so many taps at most, and steps are so small at least: within these ratios, for chroma too. */
    SHRINK_MAX = 16,
    GROW_MAX = 1024,
    /* Fewer columns or rows are not enough for cubic filters: at half of that, for chroma, they leave steps. */
    CUBIC_MIN = 16,
    /* With so few rows chroma is filtered with two taps, which libswscale prints about where it makes RGB. */
    FEW_ROWS = 8,
    ENOUGH_ROWS = 16,
};

enum { FLAGS = SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP };

/* What libswscale is set up for. */
struct side {
    enum AVPixelFormat format;
    uint32_t width;
    uint32_t height;
    wcenc_color_matrix matrix;
    bool full_range;
    int chroma_x, chroma_y; /* of the first chroma sample, in 256ths from one luma sample to the next */
};

struct scaler {
    const struct kernels *kernels;
    struct SwsContext *context;
    struct side source;
    struct side target;
    struct picture own;     /* copy of a source that cannot be read as it is */
    struct picture tall[2]; /* source and target with more rows */
};

struct scaler *wcenc__scaler_create(const struct kernels *kernels)
{
    struct scaler *scaler = mem_zalloc(sizeof *scaler);

    if (scaler)
        scaler->kernels = kernels;
    return scaler;
}

void wcenc__scaler_destroy(struct scaler *scaler)
{
    if (!scaler)
        return;
    sws_freeContext(scaler->context);
    wcenc__pixels_unref(scaler->own.pixels);
    wcenc__pixels_unref(scaler->tall[0].pixels);
    wcenc__pixels_unref(scaler->tall[1].pixels);
    mem_free(scaler);
}

/* Where chroma is not subsampled there is nothing to be said, for which libswscale has a value. */
static int chroma_position(uint8_t chroma_shift, bool is_between)
{
    enum { NOT_GIVEN = -513, BETWEEN = 128 };

    if (chroma_shift == 0)
        return NOT_GIVEN;
    return is_between ? BETWEEN : 0;
}

static struct side side_of(const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const bool is_rgb = format->is_rgb;

    return (struct side){
        .format = wcenc__lavc_pixel_format(picture->format),
        .width = picture->width,
        .height = picture->height,
        .matrix = is_rgb ? WCENC_COLOR_MATRIX_RGB : picture->color_space.matrix,
        .full_range = is_rgb || picture->color_space.range == WCENC_COLOR_RANGE_FULL,
        .chroma_x = chroma_position(format->chroma_shift_x, picture->chroma_location == WCENC_CHROMA_LOCATION_CENTER),
        .chroma_y = chroma_position(format->chroma_shift_y, picture->chroma_location != WCENC_CHROMA_LOCATION_TOP_LEFT),
    };
}

static bool same_side(const struct side *a, const struct side *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height && a->matrix == b->matrix &&
           a->full_range == b->full_range && a->chroma_x == b->chroma_x && a->chroma_y == b->chroma_y;
}

static const int *coefficients(const struct side *side)
{
    switch (side->matrix) {
    case WCENC_COLOR_MATRIX_BT470BG:
    case WCENC_COLOR_MATRIX_SMPTE170M:
        return sws_getCoefficients(SWS_CS_ITU601);
    case WCENC_COLOR_MATRIX_BT2020_NCL:
        return sws_getCoefficients(SWS_CS_BT2020);
    default:
        return sws_getCoefficients(SWS_CS_ITU709);
    }
}

/* From one matrix of YCbCr to another it goes by way of RGB. */
static bool makes_rgb(const struct side *from, const struct side *to)
{
    return from->matrix != WCENC_COLOR_MATRIX_RGB &&
           (to->matrix == WCENC_COLOR_MATRIX_RGB || coefficients(from) != coefficients(to));
}

static bool is_small(const struct side *side)
{
    return side->width < CUBIC_MIN || side->height < CUBIC_MIN;
}

/* Everything is set before the context is initialised: ranges that are set later leave a plain copy in place. */
static int create_context(const struct side *source, const struct side *target, struct SwsContext **out)
{
    /* Filters of two taps are what it prints about on the way to RGB. */
    const int filter = is_small(source) && !makes_rgb(source, target) ? SWS_BILINEAR : SWS_BICUBIC;
    const struct {
        const char *name;
        int64_t value;
    } options[] = {
        {"srcw", source->width},
        {"srch", source->height},
        {"src_format", source->format},
        {"src_range", source->full_range},
        {"dstw", target->width},
        {"dsth", target->height},
        {"dst_format", target->format},
        {"dst_range", target->full_range},
        {"sws_flags", FLAGS | filter},
        {"src_h_chr_pos", source->chroma_x},
        {"src_v_chr_pos", source->chroma_y},
        {"dst_h_chr_pos", target->chroma_x},
        {"dst_v_chr_pos", target->chroma_y},
    };
    struct SwsContext *context = sws_alloc_context();
    int error = context ? 0 : AVERROR(ENOMEM);

    for (size_t i = 0; i < ARRAY_LENGTH(options) && error >= 0; i++)
        error = av_opt_set_int(context, options[i].name, options[i].value, 0);
    if (error >= 0)
        error = sws_init_context(context, NULL, NULL);
    if (error < 0)
        sws_freeContext(context);
    else
        *out = context;
    return error;
}

/* For RGB on one side, libswscale takes the matrix of the other for both. An error of FFmpeg's, or not negative. */
static int set_up(struct scaler *scaler, const struct side *source, const struct side *target)
{
    const int *from = coefficients(source->matrix == WCENC_COLOR_MATRIX_RGB ? target : source);
    const int *to = coefficients(target->matrix == WCENC_COLOR_MATRIX_RGB ? source : target);
    int error;

    if (scaler->context && same_side(source, &scaler->source) && same_side(target, &scaler->target))
        return 0;
    sws_freeContext(scaler->context);
    scaler->context = NULL;
    scaler->source = *source;
    scaler->target = *target;
    error = create_context(source, target, &scaler->context);
    if (error < 0)
        return error;
    error = sws_setColorspaceDetails(scaler->context, from, source->full_range, to, target->full_range, 0, 1 << 16,
                                     1 << 16);
    if (error < 0) {
        sws_freeContext(scaler->context);
        scaler->context = NULL;
    }
    return error;
}

bool wcenc__scaler_is_far(uint32_t from, uint32_t to)
{
    return (uint64_t)to * SHRINK_MAX < from;
}

/* As far towards `to` as one pass goes. */
static uint32_t next_size(uint32_t from, uint32_t to)
{
    if (wcenc__scaler_is_far(from, to))
        return (from + SHRINK_MAX - 1) / SHRINK_MAX;
    return to / GROW_MAX >= from ? from * GROW_MAX : to;
}

bool wcenc__scaler_reaches(const struct picture *source, const struct picture *target, uint32_t *width,
                           uint32_t *height)
{
    const struct side from = side_of(source), to = side_of(target);
    const bool same_size = from.width == to.width && from.height == to.height;
    const bool is_tiny = is_small(&from) || to.height <= FEW_ROWS;

    *width = next_size(from.width, to.width);
    *height = next_size(from.height, to.height);
    return *width == to.width && *height == to.height && (same_size || !is_tiny || !makes_rgb(&from, &to));
}

/* Memory like a picture without alpha, of so many rows. False if out of memory. */
static bool make_room(struct picture *room, const struct picture *like, uint32_t height)
{
    return wcenc__picture_make_like(room, &(struct picture){
                                              .format = wcenc__pixel_format(like->format)->opaque,
                                              .width = like->width,
                                              .height = height,
                                              .color_space = like->color_space,
                                              .chroma_location = like->chroma_location,
                                          });
}

/*
 * libswscale reads whole vectors, beyond the last row of a plane, and samples as if they were within their depth. Puts
 * a copy in the place of a source that is not fit for that. False if out of memory.
 */
static bool make_readable(struct scaler *scaler, const struct picture **source)
{
    const struct picture *given = *source;

    if (wcenc__pixels_are_padded(given->pixels) && wcenc__samples_fit_depth(scaler->kernels, given))
        return true;
    if (!make_room(&scaler->own, given, given->height))
        return false;
    if (wcenc__pixel_format(given->format)->bit_depth > 8)
        wcenc__samples_limit(scaler->kernels, given, &scaler->own);
    else
        wcenc__picture_copy(given, &scaler->own);
    *source = &scaler->own;
    return true;
}

static bool run(struct scaler *scaler, const struct picture *source, const struct picture *target,
                struct failure *failure)
{
    const struct side from = side_of(source), to = side_of(target);
    const uint8_t *from_planes[PLANES_MAX] = {NULL};
    uint8_t *to_planes[PLANES_MAX] = {NULL};
    int from_strides[PLANES_MAX] = {0}, to_strides[PLANES_MAX] = {0};
    int error;

    if (!wcenc__ffmpeg_check(failure))
        return false;
    error = set_up(scaler, &from, &to);
    if (error == AVERROR(ENOMEM))
        return wcenc__lack_memory(failure);
    if (error < 0)
        return wcenc__refuse(failure, "no conversion from %s at %ux%u to %s at %ux%u",
                             wcenc_pixel_format_name(source->format), source->width, source->height,
                             wcenc_pixel_format_name(target->format), target->width, target->height);
    for (int plane = 0; plane < PLANES_MAX - 1; plane++) {
        from_planes[plane] = source->planes[plane];
        from_strides[plane] = (int)source->strides[plane];
        to_planes[plane] = (uint8_t *)target->planes[plane];
        to_strides[plane] = (int)target->strides[plane];
    }
    error = sws_scale(scaler->context, from_planes, from_strides, 0, (int)source->height, to_planes, to_strides);
    if (error == AVERROR(ENOMEM))
        return wcenc__lack_memory(failure);
    if (error < 0)
        wcenc__failure_set(failure, WCENC_ERROR_OPERATION, error, "libswscale failed");
    return error >= 0;
}

/* The last row again and again, which is what filters take for rows beyond the edge. */
static void add_rows(const struct picture *source, const struct picture *tall)
{
    const struct pixel_format *format = wcenc__pixel_format(tall->format);

    for (int plane = 0; plane < format->plane_count; plane++) {
        const uint32_t last = wcenc__plane_height(format, plane, source->height) - 1;

        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, tall->height); y++)
            memcpy((uint8_t *)tall->planes[plane] + (ptrdiff_t)y * tall->strides[plane],
                   source->planes[plane] + (ptrdiff_t)(y < last ? y : last) * source->strides[plane],
                   (size_t)wcenc__plane_row_bytes(format, plane, source->width));
    }
}

static bool run_with_more_rows(struct scaler *scaler, const struct picture *source, const struct picture *target,
                               struct failure *failure)
{
    struct picture opaque = *target, part;
    bool is_done;

    if (!make_room(&scaler->tall[0], source, ENOUGH_ROWS) || !make_room(&scaler->tall[1], target, ENOUGH_ROWS))
        return wcenc__lack_memory(failure);
    add_rows(source, &scaler->tall[0]);
    is_done = run(scaler, &scaler->tall[0], &scaler->tall[1], failure);
    part = scaler->tall[1];
    part.height = target->height;
    opaque.format = part.format;
    if (is_done)
        wcenc__picture_copy(&part, &opaque);
    return is_done;
}

bool wcenc__scaler_run(struct scaler *scaler, const struct picture *source, const struct picture *target,
                       struct failure *failure)
{
    const struct side from = side_of(source), to = side_of(target);

    if (!make_readable(scaler, &source))
        return wcenc__lack_memory(failure);
    if (from.height <= FEW_ROWS && makes_rgb(&from, &to))
        return run_with_more_rows(scaler, source, target, failure);
    return run(scaler, source, target, failure);
}
