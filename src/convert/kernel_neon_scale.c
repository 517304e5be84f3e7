/* SPDX-License-Identifier: MIT */

/* The row kernels of scaling with NEON. */

#include "kernel_neon.h"

#ifdef WCENC_HAS_NEON

#include <string.h>

/* Eight means of 16 columns from x on. */
NEON_INLINE uint8x8_t means_of_four(const uint8_t *top, const uint8_t *bottom, size_t x)
{
    return vrshrn_n_u16(vpadalq_u8(vpaddlq_u8(vld1q_u8(top + x)), vld1q_u8(bottom + x)), 2);
}

void wcenc__neon_halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const size_t whole = width / 16 * 16;

    for (size_t x = 0; x < whole; x += 16)
        vst1_u8(to + x / 2, means_of_four(top, bottom, x));
    wcenc__kernels_c.halve(top + whole, bottom + whole, to + whole / 2, width - whole);
}

/* The same at the left, where the column before x counts too. */
NEON_INLINE uint8x8_t left_means(const uint8_t *top, const uint8_t *bottom, size_t x)
{
    const uint8x8x2_t a = vld2_u8(top + x), b = vld2_u8(bottom + x);
    const uint8x8x2_t before_a = vld2_u8(top + x - 2), before_b = vld2_u8(bottom + x - 2);
    uint16x8_t sums = vaddl_u8(before_a.val[1], before_b.val[1]);

    sums = vmlaq_n_u16(sums, vaddl_u8(a.val[0], b.val[0]), 4);
    sums = vmlaq_n_u16(sums, vaddl_u8(a.val[1], b.val[1]), 3);
    return vrshrn_n_u16(sums, 4);
}

/* The last 16 of the pairs overlap with those before them, and come out the same. */
void wcenc__neon_halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const size_t pairs = width / 2 * 2, last = width - 1;

    if (pairs < 18) {
        wcenc__kernels_c.halve_left(top, bottom, to, width);
        return;
    }
    to[0] = (uint8_t)((5 * (top[0] + bottom[0]) + 3 * (top[1] + bottom[1]) + 8) >> 4);
    for (size_t x = 2; x + 16 <= pairs; x += 16)
        vst1_u8(to + x / 2, left_means(top, bottom, x));
    vst1_u8(to + pairs / 2 - 8, left_means(top, bottom, pairs - 16));
    if (width > pairs)
        to[last / 2] = (uint8_t)((top[last - 1] + bottom[last - 1] + 7 * (top[last] + bottom[last]) + 8) >> 4);
}

struct blend {
    int32x4_t low, high;
};

/* Adds a row's share in eight sums. */
NEON_INLINE struct blend add_row(struct blend sums, const uint8_t *row, int16_t weight)
{
    const int16x8_t samples = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(row)));

    return (struct blend){.low = vmlal_n_s16(sums.low, vget_low_s16(samples), weight),
                          .high = vmlal_high_n_s16(sums.high, samples, weight)};
}

/* Two rows, or four, are what a picture of half the size or more takes. */
NEON_INLINE void blend_8(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t x)
{
    enum { SHIFT = WEIGHT_BITS - BLENDED_BITS };
    struct blend sums;

    sums.low = sums.high = vdupq_n_s32(1 << (SHIFT - 1));
    for (size_t i = 0; i < count; i++)
        sums = add_row(sums, rows[i] + x, weights[i]);
    vst1q_s16(to + x, vshrn_high_n_s32(vshrn_n_s32(sums.low, SHIFT), sums.high, SHIFT));
}

/* The last 8 columns overlap with those before them, and come out the same. */
NEON_INLINE void blend_all(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    for (size_t x = 0; x + 8 <= width; x += 8)
        blend_8(rows, weights, count, to, x);
    if (width % 8)
        blend_8(rows, weights, count, to, width - 8);
}

void wcenc__neon_blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    if (width < 8)
        wcenc__kernels_c.blend_rows(rows, weights, count, to, width);
    else if (count == 2)
        blend_all((const uint8_t *const[]){rows[0], rows[1]}, weights, 2, to, width);
    else if (count == 4)
        blend_all((const uint8_t *const[]){rows[0], rows[1], rows[2], rows[3]}, weights, 4, to, width);
    else
        blend_all(rows, weights, count, to, width);
}

/* The pairs of samples that the four sums from `x` on take next; `shuffles` are those of this half of a group. */
NEON_INLINE int16x8_t gather_pairs(const uint32_t *starts, const uint8_t *shuffles, const int16_t *from, size_t loads)
{
    const size_t half = FILTER_GROUP / 2, shared_by = half / loads;
    uint8x16_t pairs = vdupq_n_u8(0);

    for (size_t i = 0; i < half; i += shared_by, shuffles += 32) {
        const uint8x16_t bytes = vreinterpretq_u8_s16(vld1q_s16(from + starts[i]));

        pairs = vorrq_u8(pairs, vqtbl1q_u8(bytes, vld1q_u8(shuffles)));
    }
    return vreinterpretq_s16_u8(pairs);
}

/* The sums of products of four pairs. */
NEON_INLINE int32x4_t products(int16x8_t pairs, const int16_t *weights)
{
    const int16x8_t factors = vld1q_s16(weights);

    return vpaddq_s32(vmull_s16(vget_low_s16(pairs), vget_low_s16(factors)), vmull_high_s16(pairs, factors));
}

NEON_INLINE uint8x8_t shrink_group(const struct axis_filter *filter, const int16_t *from, size_t x, size_t loads)
{
    enum { SHIFT = WEIGHT_BITS + BLENDED_BITS, HALF = FILTER_GROUP / 2 };
    const uint32_t *starts = filter->starts + x;
    const uint8_t *shuffles = filter->shuffles + 4 * x * loads;
    const int16_t *weights = filter->weights + x * filter->taps;
    int32x4_t low, high;

    low = high = vdupq_n_s32(1 << (SHIFT - 1));
    for (size_t tap = 0; tap < filter->taps; tap += 2, weights += 2 * FILTER_GROUP) {
        const int16x8_t first = gather_pairs(starts, shuffles, from + tap, loads);
        const int16x8_t second = gather_pairs(starts + HALF, shuffles + 16, from + tap, loads);

        low = vaddq_s32(low, products(first, weights));
        high = vaddq_s32(high, products(second, weights + FILTER_GROUP));
    }
    return vqmovun_s16(vcombine_s16(vmovn_s32(vshrq_n_s32(low, SHIFT)), vmovn_s32(vshrq_n_s32(high, SHIFT))));
}

NEON_INLINE void shrink(const struct axis_filter *filter, const int16_t *from, uint8_t *to, size_t loads)
{
    const size_t whole = filter->count / FILTER_GROUP * FILTER_GROUP;
    uint8_t rest[FILTER_GROUP];

    for (size_t x = 0; x < whole; x += FILTER_GROUP)
        vst1_u8(to + x, shrink_group(filter, from, x, loads));
    if (filter->count > whole) {
        vst1_u8(rest, shrink_group(filter, from, whole, loads));
        memcpy(to + whole, rest, filter->count - whole);
    }
}

void wcenc__neon_shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to)
{
    switch (filter->loads) {
    case 1:
        shrink(filter, from, to, 1);
        break;
    case 2:
        shrink(filter, from, to, 2);
        break;
    default:
        shrink(filter, from, to, 4);
    }
}

#endif
