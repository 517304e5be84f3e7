/* SPDX-License-Identifier: MIT */

/*
 * Scaling down by area. Rows are blended first, to 15 bits a sample, then the columns of what came out. Weights are
 * computed in whole numbers, from the places of samples in units of which both sizes are multiples.
 */

#include "scale.h"

#include <string.h>

#include "mem.h"

/* One axis of one plane: what it filters from, and by what. */
struct axis {
    uint32_t from;       /* size of the picture along the axis, in pixels */
    uint32_t to;         /* the same of the target */
    uint32_t plane_from; /* size of the plane along the axis, in samples */
    bool is_first;       /* chroma lies where the first of the pixels does that share it, not in their middle */
    struct axis_filter filter;
};

struct area_scaler {
    wcenc_pixel_format format;
    struct axis across[2]; /* luma, chroma */
    struct axis down[2];
    const uint8_t **rows; /* the source's, for one row of the target */
    int16_t *weights;     /* theirs */
    int16_t *blended;
};

/* The part of the source that sample `i` covers: a pixel of the source is `to` units, one of the target `from`. */
struct span {
    int64_t begin, end;   /* in quarters of units */
    uint32_t first, last; /* samples of the source; the rest of the part lies beyond the edges, and counts as these */
};

enum { QUARTERS = 4 };

static struct span span_of(const struct axis *axis, uint32_t i)
{
    const int64_t source_pixel = QUARTERS * (int64_t)axis->to, target_pixel = QUARTERS * (int64_t)axis->from;
    const int64_t edge = axis->plane_from * source_pixel;
    /* What lies in the middle of two pixels stays there; the first of two larger pixels begins sooner. */
    const int64_t sooner = axis->is_first ? (int64_t)axis->from - axis->to : 0;
    struct span span = {.begin = i * target_pixel - sooner, .end = (i + (int64_t)1) * target_pixel - sooner};

    /* At odd sizes the last sample of chroma reaches beyond the picture. */
    if (span.end > edge && !axis->is_first)
        span.end = edge;
    span.first = span.begin > 0 ? (uint32_t)(span.begin / source_pixel) : 0;
    span.last = (uint32_t)(((span.end < edge ? span.end : edge) - 1) / source_pixel);
    return span;
}

static uint32_t groups_of(const struct axis_filter *filter)
{
    return (filter->count + FILTER_GROUP - 1) / FILTER_GROUP;
}

static int16_t *weight_of(const struct axis_filter *filter, uint32_t i, uint32_t tap)
{
    const size_t group = (size_t)(i / FILTER_GROUP) * filter->taps * FILTER_GROUP;

    return filter->weights + group + 2 * ((size_t)(tap / 2) * FILTER_GROUP + i % FILTER_GROUP) + tap % 2;
}

/* Differences of a rounded running sum, so that they add up to the whole exactly. */
static void set_weights(const struct axis *axis, uint32_t i, struct span span)
{
    const uint64_t all = (uint64_t)(span.end - span.begin);
    uint64_t before = 0;

    for (uint32_t sample = span.first; sample <= span.last; sample++) {
        const int64_t edge = (sample + (int64_t)1) * QUARTERS * axis->to;
        const uint64_t covered = (uint64_t)((sample < span.last ? edge : span.end) - span.begin);
        const uint64_t upto = ((covered << (WEIGHT_BITS + 1)) / all + 1) / 2;

        *weight_of(&axis->filter, i, sample - span.first) = (int16_t)(upto - before);
        before = upto;
    }
}

enum { HALF = FILTER_GROUP / 2 };

/* Where the pair that a sample begins with lies in the 16 bytes that are loaded for it. */
static uint32_t offset_in_load(const struct axis_filter *filter, uint32_t i)
{
    const uint32_t shared_by = HALF / filter->loads;

    return 2 * (filter->starts[i] - filter->starts[i / shared_by * shared_by]);
}

static bool loads_are_enough(const struct axis_filter *filter)
{
    for (uint32_t i = 0; i < groups_of(filter) * FILTER_GROUP; i++)
        if (offset_in_load(filter, i) > 12)
            return false;
    return true;
}

/* False if out of memory. */
static bool set_shuffles(struct axis_filter *filter)
{
    const size_t count = (size_t)groups_of(filter) * FILTER_GROUP;

    filter->loads = 1;
    while (!loads_are_enough(filter))
        filter->loads *= 2;
    filter->shuffles = mem_alloc(count * filter->loads * 4);
    if (!filter->shuffles)
        return false;
    memset(filter->shuffles, 0x80, count * filter->loads * 4);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t load = i % HALF / (HALF / filter->loads);
        const uint32_t half = i % FILTER_GROUP / HALF;
        uint8_t *shuffle =
            filter->shuffles + 16 * ((size_t)(i / FILTER_GROUP * filter->loads + load) * 2 + half) + 4 * (i % HALF);

        for (uint32_t byte = 0; byte < 4; byte++)
            shuffle[byte] = (uint8_t)(offset_in_load(filter, i) + byte);
    }
    return true;
}

/* What was made is given back by clear_axis in any case. */
static bool set_axis(struct axis *axis, uint32_t count)
{
    struct axis_filter *filter = &axis->filter;
    uint32_t padded;

    filter->count = count;
    padded = groups_of(filter) * FILTER_GROUP;
    for (uint32_t i = 0; i < count; i++) {
        const struct span span = span_of(axis, i);
        const uint32_t taps = span.last - span.first + 1;

        filter->taps = taps > filter->taps ? taps : filter->taps;
    }
    filter->taps += filter->taps % 2;
    filter->starts = mem_alloc(padded * sizeof *filter->starts);
    filter->weights = mem_zalloc((size_t)padded * filter->taps * sizeof *filter->weights);
    if (!filter->starts || !filter->weights)
        return false;
    for (uint32_t i = 0; i < padded; i++) {
        const struct span span = span_of(axis, i < count ? i : count - 1);

        filter->starts[i] = span.first;
        if (i < count)
            set_weights(axis, i, span);
    }
    return set_shuffles(filter);
}

static void clear_axis(struct axis *axis)
{
    mem_free(axis->filter.starts);
    mem_free(axis->filter.weights);
    mem_free(axis->filter.shuffles);
}

bool wcenc__area_scaler_takes(const struct picture *source, const struct picture *target)
{
    const struct pixel_format *from = wcenc__pixel_format(source->format);

    return from->opaque == target->format && !from->is_rgb && from->bit_depth == 8 &&
           target->format != WCENC_PIXEL_FORMAT_NV12 && target->width <= source->width &&
           target->height <= source->height;
}

static bool is_first_across(const struct picture *picture)
{
    return wcenc__pixel_format(picture->format)->chroma_shift_x > 0 &&
           picture->chroma_location != WCENC_CHROMA_LOCATION_CENTER;
}

static bool is_first_down(const struct picture *picture)
{
    return wcenc__pixel_format(picture->format)->chroma_shift_y > 0 &&
           picture->chroma_location == WCENC_CHROMA_LOCATION_TOP_LEFT;
}

static bool set_up(struct area_scaler *scaler, const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(target->format);
    uint32_t taps = 0;

    for (int i = 0; i < 2; i++) {
        struct axis *across = &scaler->across[i], *down = &scaler->down[i];

        *across = (struct axis){.from = source->width,
                                .to = target->width,
                                .plane_from = wcenc__plane_width(format, i, source->width),
                                .is_first = i > 0 && is_first_across(target)};
        *down = (struct axis){.from = source->height,
                              .to = target->height,
                              .plane_from = wcenc__plane_height(format, i, source->height),
                              .is_first = i > 0 && is_first_down(target)};
        if (!set_axis(across, wcenc__plane_width(format, i, target->width)) ||
            !set_axis(down, wcenc__plane_height(format, i, target->height)))
            return false;
        taps = down->filter.taps > taps ? down->filter.taps : taps;
    }
    scaler->rows = mem_alloc(taps * sizeof *scaler->rows);
    scaler->weights = mem_alloc(taps * sizeof *scaler->weights);
    scaler->blended = mem_zalloc(
        ((size_t)source->width + scaler->across[0].filter.taps + scaler->across[1].filter.taps + FILTER_MARGIN) *
        sizeof *scaler->blended);
    return scaler->rows && scaler->weights && scaler->blended;
}

struct area_scaler *wcenc__area_scaler_create(const struct picture *source, const struct picture *target)
{
    struct area_scaler *scaler = mem_zalloc(sizeof *scaler);

    if (!scaler)
        return NULL;
    scaler->format = target->format;
    if (!set_up(scaler, source, target)) {
        wcenc__area_scaler_destroy(scaler);
        return NULL;
    }
    return scaler;
}

void wcenc__area_scaler_destroy(struct area_scaler *scaler)
{
    if (!scaler)
        return;
    for (int i = 0; i < 2; i++) {
        clear_axis(&scaler->across[i]);
        clear_axis(&scaler->down[i]);
    }
    mem_free(scaler->rows);
    mem_free(scaler->weights);
    mem_free(scaler->blended);
    mem_free(scaler);
}

bool wcenc__area_scaler_fits(const struct area_scaler *scaler, const struct picture *source,
                             const struct picture *target)
{
    return scaler->format == target->format && scaler->across[0].from == source->width &&
           scaler->across[0].to == target->width && scaler->down[0].from == source->height &&
           scaler->down[0].to == target->height && scaler->across[1].is_first == is_first_across(target) &&
           scaler->down[1].is_first == is_first_down(target);
}

static const uint8_t *source_row(const struct picture *picture, int plane, uint32_t y)
{
    return picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static uint8_t *target_row(const struct picture *picture, int plane, uint32_t y)
{
    return (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static bool is_halved(const struct axis *across, const struct axis *down)
{
    return across->from == 2 * (uint64_t)across->to && down->from == 2 * (uint64_t)down->to && !down->is_first;
}

static void halve_plane(const struct kernels *kernels, const struct axis *across, const struct axis *down, int plane,
                        const struct picture *source, const struct picture *target)
{
    void (*const halve)(const uint8_t *, const uint8_t *, uint8_t *, size_t) =
        across->is_first ? kernels->halve_left : kernels->halve;

    for (uint32_t y = 0; y < down->filter.count; y++) {
        const uint32_t second = 2 * y + 1 < down->plane_from ? 2 * y + 1 : 2 * y;

        halve(source_row(source, plane, 2 * y), source_row(source, plane, second), target_row(target, plane, y),
              across->plane_from);
    }
}

/* The rows that row `y` of the target is made of, and their weights; their number, which is even. */
static uint32_t gather_rows(struct area_scaler *scaler, const struct axis *down, int plane,
                            const struct picture *source, uint32_t y)
{
    const struct span span = span_of(down, y);
    const uint32_t count = span.last - span.first + 1;

    for (uint32_t i = 0; i < count; i++) {
        scaler->rows[i] = source_row(source, plane, span.first + i);
        scaler->weights[i] = *weight_of(&down->filter, y, i);
    }
    if (count % 2 == 0)
        return count;
    scaler->rows[count] = scaler->rows[count - 1];
    scaler->weights[count] = 0;
    return count + 1;
}

void wcenc__area_scale(struct area_scaler *scaler, const struct kernels *kernels, const struct picture *source,
                       const struct picture *target)
{
    for (int plane = 0; plane < 3; plane++) {
        const struct axis *across = &scaler->across[plane > 0], *down = &scaler->down[plane > 0];

        if (is_halved(across, down)) {
            halve_plane(kernels, across, down, plane, source, target);
            continue;
        }
        for (uint32_t y = 0; y < down->filter.count; y++) {
            const uint32_t count = gather_rows(scaler, down, plane, source, y);

            kernels->blend_rows(scaler->rows, scaler->weights, count, scaler->blended, across->plane_from);
            kernels->shrink_row(&across->filter, scaler->blended, target_row(target, plane, y));
        }
    }
}
