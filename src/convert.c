/* SPDX-License-Identifier: MIT */

/*
 * Conversion by row kernels where there are some, else through libswscale, with accurate rounding and chroma from every
 * sample, which is both better and faster than its defaults. Scaling stretches the picture to the size that is asked
 * for.
 */

#include "convert.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <libavutil/error.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "attributes.h"
#include "convert_planes.h"
#include "convert_rgb.h"
#include "convert_scale.h"
#include "frame_geometry.h"
#include "lavc/map.h"
#include "mem.h"
#include "status.h"

enum {
    FLAGS = SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
    /* Rows at which filters for chroma shrink to two taps, which libswscale prints about where it writes RGB. */
    FEW_ROWS = 8,
};

/* What a scaler was set up for. */
struct shape {
    enum AVPixelFormat format;
    uint32_t width;
    uint32_t height;
    wcenc_color_matrix matrix;
    bool full_range;
};

struct converter {
    const struct kernels *kernels; /* NULL: libswscale does it all */
    struct SwsContext *scaler;
    struct shape source;
    struct shape target;
    struct picture padded; /* copy of a source that ends where reading must end */
    struct area_scaler *area_scaler;
    struct picture large; /* planar pictures on the way: of the source's size, and of the target's */
    struct picture small;
};

struct converter *wcenc__converter_create(void)
{
    return wcenc__converter_create_with(wcenc__kernels());
}

struct converter *wcenc__converter_create_with(const struct kernels *kernels)
{
    struct converter *converter = mem_zalloc(sizeof *converter);

    if (converter)
        converter->kernels = kernels;
    return converter;
}

void wcenc__converter_destroy(struct converter *converter)
{
    if (!converter)
        return;
    sws_freeContext(converter->scaler);
    wcenc__pixels_unref(converter->padded.pixels);
    wcenc__area_scaler_destroy(converter->area_scaler);
    wcenc__pixels_unref(converter->large.pixels);
    wcenc__pixels_unref(converter->small.pixels);
    mem_free(converter);
}

static struct shape shape_of(const struct picture *picture)
{
    bool is_rgb = wcenc__pixel_format(picture->format)->is_rgb;

    return (struct shape){
        .format = wcenc__lavc_pixel_format(picture->format),
        .width = picture->width,
        .height = picture->height,
        .matrix = is_rgb ? WCENC_COLOR_MATRIX_RGB : picture->color_space.matrix,
        .full_range = is_rgb || picture->color_space.range == WCENC_COLOR_RANGE_FULL,
    };
}

static bool same_matrix(wcenc_color_matrix a, wcenc_color_matrix b)
{
    /* Two names for the same numbers. */
    a = a == WCENC_COLOR_MATRIX_BT470BG ? WCENC_COLOR_MATRIX_SMPTE170M : a;
    b = b == WCENC_COLOR_MATRIX_BT470BG ? WCENC_COLOR_MATRIX_SMPTE170M : b;
    return a == b;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height &&
           same_matrix(a->matrix, b->matrix) && a->full_range == b->full_range;
}

bool wcenc__convert_fits(const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(target->format);
    struct shape from = shape_of(source), to = shape_of(target);

    if (!same_shape(&from, &to) || (format->has_alpha && source->format != target->format))
        return false;
    /* Encoders take rows from the top. */
    for (int plane = 0; plane < format->plane_count; plane++)
        if (source->strides[plane] <= 0 || source->strides[plane] > INT_MAX)
            return false;
    return true;
}

static const int *coefficients(const struct shape *shape)
{
    switch (shape->matrix) {
    case WCENC_COLOR_MATRIX_BT470BG:
    case WCENC_COLOR_MATRIX_SMPTE170M:
        return sws_getCoefficients(SWS_CS_ITU601);
    case WCENC_COLOR_MATRIX_BT2020_NCL:
        return sws_getCoefficients(SWS_CS_BT2020);
    default:
        return sws_getCoefficients(SWS_CS_ITU709);
    }
}

/* Everything is said before the scaler is set up: ranges that are told later leave a plain copy in place. */
static int create_scaler(const struct shape *source, const struct shape *target, struct SwsContext **out)
{
    const bool few_rows = target->matrix == WCENC_COLOR_MATRIX_RGB && source->height <= FEW_ROWS;
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
        {"sws_flags", FLAGS | (few_rows ? SWS_POINT : SWS_BICUBIC)},
    };
    struct SwsContext *scaler = sws_alloc_context();
    int error = scaler ? 0 : AVERROR(ENOMEM);

    for (size_t i = 0; i < ARRAY_LENGTH(options) && error >= 0; i++)
        error = av_opt_set_int(scaler, options[i].name, options[i].value, 0);
    if (error >= 0)
        error = sws_init_context(scaler, NULL, NULL);
    if (error < 0)
        sws_freeContext(scaler);
    else
        *out = scaler;
    return error;
}

/* For RGB on one side, libswscale takes the matrix of the other for both. An error of FFmpeg's, or not negative. */
static int set_up(struct converter *converter, const struct shape *source, const struct shape *target)
{
    const int *from = coefficients(source->matrix == WCENC_COLOR_MATRIX_RGB ? target : source);
    const int *to = coefficients(target->matrix == WCENC_COLOR_MATRIX_RGB ? source : target);
    int error;

    if (converter->scaler && same_shape(source, &converter->source) && same_shape(target, &converter->target))
        return 0;
    sws_freeContext(converter->scaler);
    converter->scaler = NULL;
    converter->source = *source;
    converter->target = *target;
    error = create_scaler(source, target, &converter->scaler);
    if (error < 0)
        return error;
    error = sws_setColorspaceDetails(converter->scaler, from, source->full_range, to, target->full_range, 0, 1 << 16,
                                     1 << 16);
    if (error < 0) {
        sws_freeContext(converter->scaler);
        converter->scaler = NULL;
    }
    return error;
}

/* Pictures of one shape, whatever their strides; alpha is left out. */
static void copy_planes(const struct picture *source, const struct picture *target)
{
    struct picture opaque = *target;

    opaque.format = wcenc__pixel_format(source->format)->opaque;
    wcenc__picture_copy(source, &opaque);
}

/* Memory for a picture of this format and size in `room`, where it stays for the next. False if memory is short. */
static bool make_room(struct picture *room, wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    if (room->pixels && room->format == format && room->width == width && room->height == height)
        return true;
    wcenc__pixels_unref(room->pixels);
    memset(room, 0, sizeof *room);
    return wcenc__pixels_create(format, width, height, room);
}

/*
 * libswscale reads whole vectors, beyond the last row of a plane, which lent memory need not allow. False if memory is
 * short.
 */
static bool copy_to_padded(struct converter *converter, const struct picture *source)
{
    if (!make_room(&converter->padded, source->format, source->width, source->height))
        return false;
    copy_planes(source, &converter->padded);
    return true;
}

static bool same_colors(const struct picture *source, const struct picture *target)
{
    const struct shape from = shape_of(source), to = shape_of(target);

    return same_matrix(from.matrix, to.matrix) && from.full_range == to.full_range;
}

static bool convert_same_size(const struct converter *converter, const struct picture *source,
                              const struct picture *target)
{
    if (wcenc__pixel_format(source->format)->is_rgb)
        return wcenc__convert_rgb(converter->kernels, source, target);
    return same_colors(source, target) && wcenc__convert_planes(converter->kernels, source, target);
}

/* Where the tables cannot be had, libswscale may yet have memory enough. */
static bool scale_by_area(struct converter *converter, const struct picture *source, const struct picture *target)
{
    if (!converter->area_scaler || !wcenc__area_scaler_fits(converter->area_scaler, source, target)) {
        wcenc__area_scaler_destroy(converter->area_scaler);
        converter->area_scaler = wcenc__area_scaler_create(source, target);
    }
    if (!converter->area_scaler)
        return false;
    wcenc__area_scale(converter->area_scaler, converter->kernels, source, target);
    return true;
}

/*
 * To 0.7 of the size or less, or to the same, the mean of what a sample covers keeps what there is as well as a bicubic
 * filter does (at a half better). In between it blurs, by up to 1.7 dB.
 */
static bool mean_is_good(uint32_t from, uint32_t to)
{
    return from == to || (uint64_t)to * 10 <= (uint64_t)from * 7;
}

/*
 * Only planar pictures are scaled: others are made planar before, or made of planar ones afterwards, which costs less
 * than scaling them as they are.
 */
static bool shrink_by_kernels(struct converter *converter, const struct picture *source, const struct picture *target)
{
    const wcenc_pixel_format planar =
        target->format == WCENC_PIXEL_FORMAT_NV12 ? WCENC_PIXEL_FORMAT_I420 : target->format;
    const struct pixel_format *from = wcenc__pixel_format(source->format);
    struct picture large = {.format = planar, .width = source->width, .height = source->height};
    struct picture small = {.format = planar, .width = target->width, .height = target->height};

    if (!mean_is_good(source->width, target->width) || !mean_is_good(source->height, target->height) ||
        !wcenc__area_scaler_takes(&large, &small) || (!from->is_rgb && !same_colors(source, target)))
        return false;
    if (from->opaque == planar) {
        large = *source;
    } else {
        if (!make_room(&converter->large, planar, source->width, source->height))
            return false;
        converter->large.color_space = target->color_space;
        large = converter->large;
        if (!convert_same_size(converter, source, &large))
            return false;
    }
    if (target->format == planar)
        return scale_by_area(converter, &large, target);
    return make_room(&converter->small, planar, target->width, target->height) &&
           scale_by_area(converter, &large, &converter->small) &&
           wcenc__convert_planes(converter->kernels, &converter->small, target);
}

/* False if there are no kernels for it. */
static bool convert_by_kernels(struct converter *converter, const struct picture *source, const struct picture *target)
{
    if (!converter->kernels)
        return false;
    if (source->width == target->width && source->height == target->height)
        return convert_same_size(converter, source, target);
    return shrink_by_kernels(converter, source, target);
}

static wcenc_status convert_colors(struct converter *converter, const struct picture *source,
                                   const struct picture *target)
{
    struct shape from = shape_of(source), to = shape_of(target);
    const uint8_t *from_planes[PLANES_MAX] = {NULL};
    uint8_t *to_planes[PLANES_MAX] = {NULL};
    int from_strides[PLANES_MAX] = {0}, to_strides[PLANES_MAX] = {0};
    int error;

    /* libswscale copies half of NV12's chroma where nothing is to be converted. */
    if (same_shape(&from, &to)) {
        copy_planes(source, target);
        return WCENC_OK;
    }
    if (convert_by_kernels(converter, source, target))
        return WCENC_OK;
    error = set_up(converter, &from, &to);
    if (error == AVERROR(ENOMEM))
        return wcenc__fail_no_memory();
    if (error < 0)
        return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED, "no conversion from %s at %ux%u to %s at %ux%u",
                           wcenc_pixel_format_name(source->format), source->width, source->height,
                           wcenc_pixel_format_name(target->format), target->width, target->height);
    if (!wcenc__pixels_are_padded(source->pixels)) {
        if (!copy_to_padded(converter, source))
            return wcenc__fail_no_memory();
        source = &converter->padded;
    }
    for (int plane = 0; plane < PLANES_MAX - 1; plane++) {
        from_planes[plane] = source->planes[plane];
        from_strides[plane] = (int)source->strides[plane];
        to_planes[plane] = (uint8_t *)target->planes[plane];
        to_strides[plane] = (int)target->strides[plane];
    }
    error = sws_scale(converter->scaler, from_planes, from_strides, 0, (int)source->height, to_planes, to_strides);
    if (error == AVERROR(ENOMEM))
        return wcenc__fail_no_memory();
    return error < 0 ? wcenc__fail(WCENC_ERROR_OPERATION, "libswscale failed") : WCENC_OK;
}

wcenc_status wcenc__convert(struct converter *converter, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(target->format);
    struct picture colors = *target;

    if (format->has_alpha && !format->is_rgb) {
        if (!wcenc__convert_alpha(source, target))
            return wcenc__fail_no_memory();
        colors.format = format->opaque;
    }
    return convert_colors(converter, source, &colors);
}
