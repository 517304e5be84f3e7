/* SPDX-License-Identifier: MIT */

/* The row kernels in plain C, which the others are compared with. */

#include "kernel_c.h"

#include <string.h>

/*
 * Bytes 0, 1 and 2 of two pixels, the left in the lower half, the right in the upper: what is done to a word is done to
 * both.
 */
struct pair {
    uint64_t a, b, c;
};

/* Compilers make one load of this. */
static inline uint32_t load_pixel(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline struct pair load_pair(const uint8_t *left, const uint8_t *right)
{
    const uint64_t pixels = load_pixel(left) | (uint64_t)load_pixel(right) << 32;
    const uint64_t low = UINT64_C(0xff000000ff);

    return (struct pair){.a = pixels & low, .b = pixels >> 8 & low, .c = pixels >> 16 & low};
}

/* What each of the three bytes counts, and offset and rounding. */
struct factors {
    uint64_t a, b, c;
    uint64_t add;
};

static inline uint64_t sum_up(const struct factors *f, uint64_t a, uint64_t b, uint64_t c)
{
    return a * f->a + b * f->b + c * f->c + f->add;
}

static inline uint64_t rounding(int32_t offset, int sum_bits)
{
    return (((uint64_t)offset << 1) + 1) << (MATRIX_BITS + sum_bits - 1);
}

/* Luma of pairs of pixels. */
static inline struct factors factors_of_luma(const struct rgb_matrix *matrix)
{
    const uint64_t add = rounding(matrix->y_offset, 0);

    return (struct factors){
        .a = (uint64_t)matrix->y[0], .b = (uint64_t)matrix->y[1], .c = (uint64_t)matrix->y[2], .add = add | add << 32};
}

/*
 * U in the lower half and V in the upper, from sums of `1 << sum_bits` pixels. Some are negative, and borrow from the
 * upper half; the result is not, so that all is paid back in the end.
 */
static inline struct factors factors_of_chroma(const struct rgb_matrix *matrix, int sum_bits)
{
    const int16_t *u = matrix->u, *v = matrix->v;
    const uint64_t add = rounding(128, sum_bits);

    return (struct factors){.a = (uint64_t)u[0] + ((uint64_t)v[0] << 32),
                            .b = (uint64_t)u[1] + ((uint64_t)v[1] << 32),
                            .c = (uint64_t)u[2] + ((uint64_t)v[2] << 32),
                            .add = add | add << 32};
}

static inline uint8_t at_most_255(uint32_t level)
{
    return level > 255 ? 255 : (uint8_t)level;
}

static inline uint8_t low_level(uint64_t sums, int sum_bits)
{
    return at_most_255((uint32_t)sums >> (MATRIX_BITS + sum_bits));
}

static inline uint8_t high_level(uint64_t sums, int sum_bits)
{
    return at_most_255((uint32_t)(sums >> (32 + MATRIX_BITS + sum_bits)));
}

/* Of 2x2 pixels. */
static inline uint64_t sum_of_four(uint64_t top, uint64_t bottom)
{
    const uint64_t pairs = top + bottom;

    return (pairs & 0xffff) + (pairs >> 32);
}

/* U and V, `step` bytes from each to the next. Loads come before stores, for all that compilers know of memory. */
static inline void rgb_to_420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width,
                                     size_t step, uint8_t *u, uint8_t *v)
{
    const struct factors luma = factors_of_luma(matrix), chroma = factors_of_chroma(matrix, 2);
    const uint8_t *top = rows->pixels[0], *bottom = rows->pixels[1];
    uint8_t *y_top = rows->y[0], *y_bottom = rows->y[1];

    for (size_t x = 0; x < width; x += 2) {
        const size_t next = x + 1 < width ? x + 1 : x;
        const struct pair p = load_pair(top + 4 * x, top + 4 * next);
        const struct pair q = load_pair(bottom + 4 * x, bottom + 4 * next);
        const uint64_t y_p = sum_up(&luma, p.a, p.b, p.c), y_q = sum_up(&luma, q.a, q.b, q.c);
        const uint64_t uv = sum_up(&chroma, sum_of_four(p.a, q.a), sum_of_four(p.b, q.b), sum_of_four(p.c, q.c));

        y_top[x] = (uint8_t)((uint32_t)y_p >> MATRIX_BITS);
        y_top[next] = (uint8_t)(y_p >> (32 + MATRIX_BITS));
        y_bottom[x] = (uint8_t)((uint32_t)y_q >> MATRIX_BITS);
        y_bottom[next] = (uint8_t)(y_q >> (32 + MATRIX_BITS));
        u[x / 2 * step] = low_level(uv, 2);
        v[x / 2 * step] = high_level(uv, 2);
    }
}

/* Sums of a column of two pixels. */
struct column {
    uint64_t a, b, c;
};

static inline struct column load_column(const uint8_t *top, const uint8_t *bottom)
{
    return (struct column){
        .a = (uint64_t)top[0] + bottom[0], .b = (uint64_t)top[1] + bottom[1], .c = (uint64_t)top[2] + bottom[2]};
}

/* Of three columns: the one before, and two that lie side by side, the first of which counts twice. */
static inline uint64_t sum_of_three(uint64_t before, uint64_t top, uint64_t bottom)
{
    const uint64_t pair = top + bottom;

    return before + 2 * (pair & 0xffff) + (pair >> 32);
}

static inline void rgb_to_420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width,
                                   size_t step, uint8_t *u, uint8_t *v)
{
    const struct factors luma = factors_of_luma(matrix), chroma = factors_of_chroma(matrix, 3);
    const uint8_t *top = rows->pixels[0], *bottom = rows->pixels[1];
    uint8_t *y_top = rows->y[0], *y_bottom = rows->y[1];
    struct column before = {0, 0, 0};

    if (width > 0)
        before = rows->continues ? load_column(top - 4, bottom - 4) : load_column(top, bottom);
    for (size_t x = 0; x < width; x += 2) {
        const size_t next = x + 1 < width ? x + 1 : x;
        const struct pair p = load_pair(top + 4 * x, top + 4 * next);
        const struct pair q = load_pair(bottom + 4 * x, bottom + 4 * next);
        const uint64_t y_p = sum_up(&luma, p.a, p.b, p.c), y_q = sum_up(&luma, q.a, q.b, q.c);
        const uint64_t uv = sum_up(&chroma, sum_of_three(before.a, p.a, q.a), sum_of_three(before.b, p.b, q.b),
                                   sum_of_three(before.c, p.c, q.c));

        before = (struct column){.a = (p.a + q.a) >> 32, .b = (p.b + q.b) >> 32, .c = (p.c + q.c) >> 32};
        y_top[x] = (uint8_t)((uint32_t)y_p >> MATRIX_BITS);
        y_top[next] = (uint8_t)(y_p >> (32 + MATRIX_BITS));
        y_bottom[x] = (uint8_t)((uint32_t)y_q >> MATRIX_BITS);
        y_bottom[next] = (uint8_t)(y_q >> (32 + MATRIX_BITS));
        u[x / 2 * step] = low_level(uv, 3);
        v[x / 2 * step] = high_level(uv, 3);
    }
}

static void rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420_left(matrix, rows, width, 1, rows->u, rows->v);
}

static void rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420_left(matrix, rows, width, 2, rows->u, rows->u + 1);
}

static void rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420_center(matrix, rows, width, 1, rows->u, rows->v);
}

static void rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420_center(matrix, rows, width, 2, rows->u, rows->u + 1);
}

static void rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    const struct factors luma = factors_of_luma(matrix), chroma = factors_of_chroma(matrix, 0);
    const uint8_t *pixels = rows->pixels[0];
    uint8_t *y = rows->y[0], *u = rows->u, *v = rows->v;

    for (size_t x = 0; x < width; x++) {
        const uint64_t a = pixels[4 * x], b = pixels[4 * x + 1], c = pixels[4 * x + 2];
        const uint64_t uv = sum_up(&chroma, a, b, c);

        y[x] = (uint8_t)((uint32_t)sum_up(&luma, a, b, c) >> MATRIX_BITS);
        u[x] = low_level(uv, 0);
        v[x] = high_level(uv, 0);
    }
}

static void expand(const uint8_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = rgb_full_level(from[i]);
}

static bool has_bits(const uint8_t *samples, size_t count, uint16_t bits)
{
    uint16_t seen = 0;

    for (size_t i = 0; i < count; i++) {
        uint16_t sample;

        memcpy(&sample, samples + 2 * i, sizeof sample);
        seen |= sample;
    }
    return (seen & bits) != 0;
}

void wcenc__c_limit(const uint8_t *from, uint8_t *to, size_t count, uint16_t most)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t sample;

        memcpy(&sample, from + 2 * i, sizeof sample);
        sample = sample < most ? sample : most;
        memcpy(to + 2 * i, &sample, sizeof sample);
    }
}

static void widen(const struct widening *given, const uint8_t *from, uint8_t *to, size_t count)
{
    const struct widening widening = *given;

    for (size_t i = 0; i < count; i++) {
        const int32_t value = (from[i] * widening.mul + widening.add) >> widening.shift;
        const uint16_t sample = (uint16_t)(value < 0 ? 0 : value);

        memcpy(to + 2 * i, &sample, sizeof sample);
    }
}

void wcenc__c_interleave(const uint8_t *u, const uint8_t *v, uint8_t *uv, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t first = u[i], second = v[i];

        uv[2 * i] = first;
        uv[2 * i + 1] = second;
    }
}

void wcenc__c_deinterleave(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t first = uv[2 * i], second = uv[2 * i + 1];

        u[i] = first;
        v[i] = second;
    }
}

static void halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    for (size_t x = 0; x < width / 2; x++)
        to[x] = (uint8_t)((top[2 * x] + top[2 * x + 1] + bottom[2 * x] + bottom[2 * x + 1] + 2) >> 2);
    if (width % 2)
        to[width / 2] = (uint8_t)((2 * top[width - 1] + 2 * bottom[width - 1] + 2) >> 2);
}

/* Three columns of two rows. */
static inline uint8_t left_mean(const uint8_t *top, const uint8_t *bottom, size_t before, size_t x, size_t next)
{
    const int sum = top[before] + bottom[before] + 4 * (top[x] + bottom[x]) + 3 * (top[next] + bottom[next]);

    return (uint8_t)((sum + 8) >> 4);
}

static void halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const size_t last = width - 1;

    to[0] = left_mean(top, bottom, 0, 0, width > 1);
    for (size_t x = 1; x < width / 2; x++)
        to[x] = left_mean(top, bottom, 2 * x - 1, 2 * x, 2 * x + 1);
    if (width % 2 && width > 1)
        to[last / 2] = left_mean(top, bottom, last - 1, last, last);
}

/* Pieces of rows, so that sums stay near. */
static void blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    enum { PIECE = 128, SHIFT = WEIGHT_BITS - BLENDED_BITS };
    int32_t sums[PIECE];

    for (size_t start = 0; start < width; start += PIECE) {
        const size_t end = width - start < PIECE ? width - start : PIECE;

        for (size_t x = 0; x < end; x++)
            sums[x] = 1 << (SHIFT - 1);
        for (size_t i = 0; i < count; i += 2) {
            const uint8_t *a = rows[i] + start, *b = rows[i + 1] + start;
            const int32_t weight_a = weights[i], weight_b = weights[i + 1];

            for (size_t x = 0; x < end; x++)
                sums[x] += weight_a * a[x] + weight_b * b[x];
        }
        for (size_t x = 0; x < end; x++)
            to[start + x] = (int16_t)(sums[x] >> SHIFT);
    }
}

static inline void shrink_by_pairs(const struct axis_filter *filter, const int16_t *from, uint8_t *to, size_t pairs)
{
    enum { SHIFT = WEIGHT_BITS + BLENDED_BITS };
    const uint32_t *starts = filter->starts;
    const size_t count = filter->count;

    for (size_t x = 0; x < count; x++) {
        const int16_t *weights = filter->weights + 2 * (x / FILTER_GROUP * pairs * FILTER_GROUP + x % FILTER_GROUP);
        const int16_t *samples = from + starts[x];
        int32_t sum = 1 << (SHIFT - 1);

        for (size_t pair = 0; pair < pairs; pair++, samples += 2, weights += 2 * FILTER_GROUP)
            sum += weights[0] * samples[0] + weights[1] * samples[1];
        to[x] = (uint8_t)(sum >> SHIFT);
    }
}

/* The numbers that are usual are constants, which leaves no inner loop. */
static void shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to)
{
    switch (filter->taps) {
    case 2:
        shrink_by_pairs(filter, from, to, 1);
        break;
    case 4:
        shrink_by_pairs(filter, from, to, 2);
        break;
    default:
        shrink_by_pairs(filter, from, to, filter->taps / 2);
    }
}

const struct kernels wcenc__kernels_c = {
    .name = "c",
    .rgb_to_i420_left = rgb_to_i420_left,
    .rgb_to_nv12_left = rgb_to_nv12_left,
    .rgb_to_i420_center = rgb_to_i420_center,
    .rgb_to_nv12_center = rgb_to_nv12_center,
    .rgb_to_i444 = rgb_to_i444,
    .expand = expand,
    .has_bits = has_bits,
    .limit = wcenc__c_limit,
    .widen = widen,
    .interleave = wcenc__c_interleave,
    .deinterleave = wcenc__c_deinterleave,
    .lower = wcenc__c_lower,
    .lower_pairs = wcenc__c_lower_pairs,
    .split_pairs = wcenc__c_split_pairs,
    .add_fourth = wcenc__c_add_fourth,
    .halve = halve,
    .halve_left = halve_left,
    .blend_rows = blend_rows,
    .shrink_row = shrink_row,
};
