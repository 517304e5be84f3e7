/* SPDX-License-Identifier: MIT */

/*
 * Which way pixels go: by row kernels where there are some, else through libswscale. Scaling stretches the picture to
 * the size that is asked for.
 */

#include "convert.h"

#include <limits.h>
#include <string.h>

#include "depth.h"
#include "geometry.h"
#include "mem.h"
#include "planes.h"
#include "rgb.h"
#include "scale.h"
#include "swscale.h"
#include "unpack.h"

/* What two pictures have in common where one can stand for the other. */
struct shape {
    wcenc_pixel_format format; /* without alpha */
    uint32_t width;
    uint32_t height;
    wcenc_color_matrix matrix;
    bool full_range;
};

struct converter {
    const struct kernels *kernels; /* NULL: libswscale does it all */
    struct scaler *scaler;
    struct picture unpacked;   /* copy of a source in a format beyond WebCodecs */
    struct picture full_range; /* copy of a source of limited-range RGB */
    struct area_scaler *area_scaler;
    struct picture large; /* planar pictures on the way: of the source's size, and of the target's */
    struct picture small;
    struct picture middle;   /* what is made first of a source that is converted in two passes or more */
    struct converter *later; /* and what makes the target of it */
    struct converter *alpha; /* scales planes of alpha */
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
    wcenc__scaler_destroy(converter->scaler);
    wcenc__pixels_unref(converter->unpacked.pixels);
    wcenc__pixels_unref(converter->full_range.pixels);
    wcenc__area_scaler_destroy(converter->area_scaler);
    wcenc__pixels_unref(converter->large.pixels);
    wcenc__pixels_unref(converter->small.pixels);
    wcenc__pixels_unref(converter->middle.pixels);
    wcenc__converter_destroy(converter->later);
    wcenc__converter_destroy(converter->alpha);
    mem_free(converter);
}

static struct shape shape_of(const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const bool is_rgb = format->is_rgb;

    return (struct shape){
        .format = format->opaque,
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

bool wcenc__convert_can_pass(const struct picture *picture)
{
    return wcenc__pixel_format(picture->format)->bit_depth == 8 || wcenc__samples_fit_depth(wcenc__kernels(), picture);
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

/* Pictures of one shape, whatever their strides; alpha is left out. */
static void copy_planes(const struct picture *source, const struct picture *target)
{
    struct picture opaque = *target;

    opaque.format = wcenc__pixel_format(source->format)->opaque;
    wcenc__picture_copy(source, &opaque);
}

/*
 * Memory in `room`, where it stays for the next, for a picture of this format in the size of one picture and the
 * colours of another. False if out of memory.
 */
static bool make_room(struct picture *room, wcenc_pixel_format format, const struct picture *size,
                      const struct picture *colors)
{
    return wcenc__picture_make_like(room, &(struct picture){
                                              .format = format,
                                              .width = size->width,
                                              .height = size->height,
                                              .color_space = colors->color_space,
                                              .chroma_location = colors->chroma_location,
                                          });
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

/* Where there is no memory for the tables, libswscale may yet have memory enough. */
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
        !wcenc__area_scaler_takes(&large, &small) || (!from->is_rgb && !same_colors(source, target)) ||
        (from->chroma_shift_x > 0 && source->chroma_location != target->chroma_location))
        return false;
    if (from->opaque == planar) {
        large = *source;
    } else {
        if (!make_room(&converter->large, planar, source, target))
            return false;
        large = converter->large;
        if (!convert_same_size(converter, source, &large))
            return false;
    }
    if (target->format == planar)
        return scale_by_area(converter, &large, target);
    return make_room(&converter->small, planar, target, target) &&
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

/* For what is done without libswscale in any case. */
static const struct kernels *some_kernels(const struct converter *converter)
{
    return converter->kernels ? converter->kernels : &wcenc__kernels_c;
}

static void copy_limited(const struct converter *converter, const struct picture *source, const struct picture *target)
{
    if (wcenc__pixel_format(source->format)->bit_depth > 8)
        wcenc__samples_limit(some_kernels(converter), source, target);
    else
        copy_planes(source, target);
}

static bool convert_by_swscale(struct converter *converter, const struct picture *source, const struct picture *target,
                               struct failure *failure)
{
    if (!converter->scaler)
        converter->scaler = wcenc__scaler_create(some_kernels(converter));
    return converter->scaler ? wcenc__scaler_run(converter->scaler, source, target, failure)
                             : wcenc__lack_memory(failure);
}

/* The planar format in which a picture is scaled before it is converted. */
static wcenc_pixel_format middle_format(const struct pixel_format *format)
{
    if (format->is_rgb)
        return WCENC_PIXEL_FORMAT_I444;
    return format->opaque == WCENC_PIXEL_FORMAT_NV12 ? (wcenc_pixel_format)WCENC_PIXEL_FORMAT_I420 : format->opaque;
}

/* The first pass of a conversion. */
struct pass {
    uint32_t width, height; /* of what comes out of it */
    bool by_mean;           /* it goes through the kernels, which take any ratio, but only down */
    bool is_last;
};

static struct pass first_pass(const struct converter *converter, const struct picture *source,
                              const struct picture *target)
{
    const bool far_across = wcenc__scaler_is_far(source->width, target->width);
    const bool far_down = wcenc__scaler_is_far(source->height, target->height);
    struct pass pass = {.width = target->width, .height = target->height};

    if (converter->kernels && wcenc__pixel_format(source->format)->bit_depth == 8 && (far_across || far_down)) {
        pass.by_mean = true;
        pass.width = far_across ? target->width : source->width;
        pass.height = far_down ? target->height : source->height;
    } else {
        pass.is_last = wcenc__scaler_reaches(source, target, &pass.width, &pass.height);
    }
    return pass;
}

static bool convert_colors(struct converter *converter, const struct picture *source, const struct picture *target,
                           struct failure *failure);

static bool convert_in_passes(struct converter *converter, const struct picture *source, const struct picture *target,
                              const struct pass *pass, struct failure *failure)
{
    const struct pixel_format *from = wcenc__pixel_format(source->format);
    const struct picture size = {.width = pass->width, .height = pass->height};
    bool is_done;

    if (!converter->later)
        converter->later = wcenc__converter_create_with(converter->kernels);
    if (!converter->later || !make_room(&converter->middle, middle_format(from), &size, from->is_rgb ? target : source))
        return wcenc__lack_memory(failure);
    if (pass->by_mean)
        is_done = convert_by_kernels(converter, source, &converter->middle) || wcenc__lack_memory(failure);
    else
        is_done = convert_by_swscale(converter, source, &converter->middle, failure);
    return is_done && convert_colors(converter->later, &converter->middle, target, failure);
}

/* False if out of memory. */
static bool make_full_range(struct converter *converter, const struct picture **source)
{
    const struct picture *given = *source;
    struct picture full = *given;

    if (!wcenc__pixel_format(given->format)->is_rgb || given->color_space.range != WCENC_COLOR_RANGE_LIMITED)
        return true;
    full.color_space.range = WCENC_COLOR_RANGE_FULL;
    if (!make_room(&converter->full_range, given->format, given, &full))
        return false;
    wcenc__rgb_make_full(some_kernels(converter), given, &converter->full_range);
    *source = &converter->full_range;
    return true;
}

static bool convert_colors(struct converter *converter, const struct picture *source, const struct picture *target,
                           struct failure *failure)
{
    const struct shape from = shape_of(source), to = shape_of(target);
    struct pass pass;

    /* libswscale copies half of NV12's chroma where nothing is to be converted. */
    if (same_shape(&from, &to)) {
        copy_limited(converter, source, target);
        return true;
    }
    /* Kernels read 8 bits, which hold no sample that is too high. */
    if (convert_by_kernels(converter, source, target))
        return true;
    pass = first_pass(converter, source, target);
    return pass.is_last ? convert_by_swscale(converter, source, target, failure)
                        : convert_in_passes(converter, source, target, &pass, failure);
}

static bool convert_alpha(struct converter *converter, const struct picture *source, const struct picture *target,
                          struct failure *failure)
{
    if (!converter->alpha)
        converter->alpha = wcenc__converter_create_with(converter->kernels);
    return converter->alpha ? wcenc__convert_alpha(converter->alpha, source, target, failure)
                            : wcenc__lack_memory(failure);
}

/* 4:2:0 keeps its chroma where it is, unless both sides say where that is. Otherwise chroma lies at the left. */
static void complete_locations(struct picture *source, struct picture *target)
{
    const wcenc_chroma_location left = WCENC_CHROMA_LOCATION_LEFT;
    const bool is_from_420 = wcenc__pixel_format(source->format)->chroma_shift_y > 0;

    if (!target->chroma_location)
        target->chroma_location = is_from_420 && source->chroma_location ? source->chroma_location : left;
    if (!source->chroma_location)
        source->chroma_location = is_from_420 ? target->chroma_location : left;
}

bool wcenc__convert(struct converter *converter, const struct picture *source, const struct picture *target,
                    struct failure *failure)
{
    const struct pixel_format *format = wcenc__pixel_format(target->format);
    struct picture from = *source, to = *target;
    const struct picture *readable = &from;

    if (wcenc__unpack_is_due(source->format)) {
        if (!wcenc__unpack(some_kernels(converter), source, &converter->unpacked))
            return wcenc__lack_memory(failure);
        from = converter->unpacked;
    }
    complete_locations(&from, &to);
    if (format->has_alpha && !format->is_rgb) {
        if (!convert_alpha(converter, &from, &to, failure))
            return false;
        to.format = format->opaque;
    }
    return make_full_range(converter, &readable) ? convert_colors(converter, readable, &to, failure)
                                                 : wcenc__lack_memory(failure);
}
