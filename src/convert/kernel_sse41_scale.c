/* SPDX-License-Identifier: MIT */

/* The row kernels of scaling with SSE4.1. */

#include "kernel_sse41.h"

#ifdef WCENC_HAS_SSE41

#include <string.h>

/* Sums of 2x2 samples, 8 of 16 columns. */
SSE41_INLINE __m128i sums_of_four(const uint8_t *top, const uint8_t *bottom)
{
    const __m128i one = _mm_set1_epi8(1);

    return _mm_add_epi16(_mm_maddubs_epi16(load_16(top), one), _mm_maddubs_epi16(load_16(bottom), one));
}

SSE41 void wcenc__sse41_halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const __m128i half = _mm_set1_epi16(2);
    const size_t whole = width / 32 * 32;

    for (size_t x = 0; x < whole; x += 32) {
        const __m128i low = _mm_add_epi16(sums_of_four(top + x, bottom + x), half);
        const __m128i high = _mm_add_epi16(sums_of_four(top + x + 16, bottom + x + 16), half);

        store_16(to + x / 2, _mm_packus_epi16(_mm_srli_epi16(low, 2), _mm_srli_epi16(high, 2)));
    }
    wcenc__kernels_c.halve(top + whole, bottom + whole, to + whole / 2, width - whole);
}

/* 8 means of 16 columns from x on. */
SSE41_INLINE __m128i left_means(const uint8_t *top, const uint8_t *bottom, size_t x)
{
    const __m128i weights = _mm_set1_epi16(4 | 3 << 8), before = _mm_set1_epi16(1 << 8);
    const __m128i pairs =
        _mm_add_epi16(_mm_maddubs_epi16(load_16(top + x), weights), _mm_maddubs_epi16(load_16(bottom + x), weights));
    const __m128i columns = _mm_add_epi16(_mm_maddubs_epi16(load_16(top + x - 2), before),
                                          _mm_maddubs_epi16(load_16(bottom + x - 2), before));

    return _mm_srli_epi16(_mm_add_epi16(_mm_add_epi16(pairs, columns), _mm_set1_epi16(8)), 4);
}

SSE41_INLINE void halve_left_32(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t x)
{
    store_16(to + x / 2, _mm_packus_epi16(left_means(top, bottom, x), left_means(top, bottom, x + 16)));
}

/* The last 32 of the pairs overlap with those before them, and come out the same. */
SSE41 void wcenc__sse41_halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const size_t pairs = width / 2 * 2, last = width - 1;

    if (pairs < 34) {
        wcenc__kernels_c.halve_left(top, bottom, to, width);
        return;
    }
    to[0] = (uint8_t)((5 * (top[0] + bottom[0]) + 3 * (top[1] + bottom[1]) + 8) >> 4);
    for (size_t x = 2; x + 32 <= pairs; x += 32)
        halve_left_32(top, bottom, to, x);
    halve_left_32(top, bottom, to, pairs - 32);
    if (width > pairs)
        to[last / 2] = (uint8_t)((top[last - 1] + bottom[last - 1] + 7 * (top[last] + bottom[last]) + 8) >> 4);
}

struct blend {
    __m128i low, high;
};

/* Adds two rows' share in 8 sums. */
SSE41_INLINE struct blend add_rows(struct blend sums, const uint8_t *first, const uint8_t *second, __m128i weights)
{
    const __m128i a = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)first));
    const __m128i b = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)second));

    return (struct blend){.low = _mm_add_epi32(sums.low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), weights)),
                          .high = _mm_add_epi32(sums.high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), weights))};
}

SSE41_INLINE __m128i two_weights(const int16_t *weights)
{
    return _mm_set1_epi32((int)((uint16_t)weights[0] | (uint32_t)(uint16_t)weights[1] << 16));
}

/* Two rows, or four, are what a picture of half the size or more takes. */
SSE41_INLINE void blend_8(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t x)
{
    enum { SHIFT = WEIGHT_BITS - BLENDED_BITS };
    struct blend sums;

    sums.low = sums.high = _mm_set1_epi32(1 << (SHIFT - 1));
    sums = add_rows(sums, rows[0] + x, rows[1] + x, two_weights(weights));
    if (count > 2)
        sums = add_rows(sums, rows[2] + x, rows[3] + x, two_weights(weights + 2));
    for (size_t i = 4; i < count; i += 2)
        sums = add_rows(sums, rows[i] + x, rows[i + 1] + x, two_weights(weights + i));
    store_16(to + x, _mm_packs_epi32(_mm_srai_epi32(sums.low, SHIFT), _mm_srai_epi32(sums.high, SHIFT)));
}

/* The last 8 columns overlap with those before them, and come out the same. */
SSE41_INLINE void blend_all(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    for (size_t x = 0; x + 8 <= width; x += 8)
        blend_8(rows, weights, count, to, x);
    if (width % 8)
        blend_8(rows, weights, count, to, width - 8);
}

SSE41 void wcenc__sse41_blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to,
                                   size_t width)
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
SSE41_INLINE __m128i gather_pairs(const uint32_t *starts, const uint8_t *shuffles, const int16_t *from, size_t loads)
{
    const size_t half = FILTER_GROUP / 2, shared_by = half / loads;
    __m128i pairs = _mm_setzero_si128();

    for (size_t i = 0; i < half; i += shared_by, shuffles += 32)
        pairs = _mm_or_si128(pairs, _mm_shuffle_epi8(load_16(from + starts[i]), load_16(shuffles)));
    return pairs;
}

/* Eight samples, in the lower half. */
SSE41_INLINE __m128i shrink_group(const struct axis_filter *filter, const int16_t *from, size_t x, size_t loads)
{
    enum { SHIFT = WEIGHT_BITS + BLENDED_BITS, HALF = FILTER_GROUP / 2 };
    const uint32_t *starts = filter->starts + x;
    const uint8_t *shuffles = filter->shuffles + 4 * x * loads;
    const int16_t *weights = filter->weights + x * filter->taps;
    __m128i low, high, levels;

    low = high = _mm_set1_epi32(1 << (SHIFT - 1));
    for (size_t tap = 0; tap < filter->taps; tap += 2, weights += 2 * FILTER_GROUP) {
        const __m128i first = gather_pairs(starts, shuffles, from + tap, loads);
        const __m128i second = gather_pairs(starts + HALF, shuffles + 16, from + tap, loads);

        low = _mm_add_epi32(low, _mm_madd_epi16(first, load_16(weights)));
        high = _mm_add_epi32(high, _mm_madd_epi16(second, load_16(weights + FILTER_GROUP)));
    }
    levels = _mm_packs_epi32(_mm_srai_epi32(low, SHIFT), _mm_srai_epi32(high, SHIFT));
    return _mm_packus_epi16(levels, levels);
}

SSE41_INLINE void shrink(const struct axis_filter *filter, const int16_t *from, uint8_t *to, size_t loads)
{
    const size_t whole = filter->count / FILTER_GROUP * FILTER_GROUP;
    uint8_t rest[16];

    for (size_t x = 0; x < whole; x += FILTER_GROUP)
        _mm_storel_epi64((__m128i *)(to + x), shrink_group(filter, from, x, loads));
    if (filter->count > whole) {
        store_16(rest, shrink_group(filter, from, whole, loads));
        memcpy(to + whole, rest, filter->count - whole);
    }
}

SSE41 void wcenc__sse41_shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to)
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
