/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with AVX2, compiled for it whatever the rest is compiled for, and used where the CPU has it. What
 * fills no whole block at the end of a row is left to those in C.
 */

#include "kernel_avx2.h"

#ifdef WCENC_HAS_AVX2

#include <immintrin.h>
#include <string.h>

#include "cpu.h"

/* 16 levels of 0 to 219. */
AVX2_INLINE __m256i full_levels(__m256i levels)
{
    const __m256i part = _mm256_add_epi16(levels, _mm256_set1_epi16(3));

    return _mm256_add_epi16(levels, _mm256_mulhi_epu16(part, _mm256_set1_epi16(10775)));
}

static AVX2 void expand(const uint8_t *from, uint8_t *to, size_t count)
{
    const __m256i zero = _mm256_setzero_si256(), black = _mm256_set1_epi8(16), white = _mm256_set1_epi8((char)219);
    const size_t whole = count / 32 * 32;

    for (size_t i = 0; i < whole; i += 32) {
        const __m256i given = _mm256_loadu_si256((const __m256i *)(from + i));
        const __m256i levels = _mm256_min_epu8(_mm256_subs_epu8(given, black), white);
        const __m256i low = full_levels(_mm256_unpacklo_epi8(levels, zero));
        const __m256i high = full_levels(_mm256_unpackhi_epi8(levels, zero));

        _mm256_storeu_si256((__m256i *)(to + i), _mm256_packus_epi16(low, high));
    }
    wcenc__kernels_c.expand(from + whole, to + whole, count - whole);
}

static AVX2 bool has_bits(const uint8_t *samples, size_t count, uint16_t bits)
{
    const __m256i mask = _mm256_set1_epi16((short)bits);
    const size_t whole = count / 64 * 64;
    __m256i seen = _mm256_setzero_si256();

    for (size_t i = 0; i < whole; i += 64) {
        const __m256i *at = (const __m256i *)(samples + 2 * i);
        const __m256i a = _mm256_or_si256(_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1));
        const __m256i b = _mm256_or_si256(_mm256_loadu_si256(at + 2), _mm256_loadu_si256(at + 3));

        seen = _mm256_or_si256(seen, _mm256_or_si256(a, b));
    }
    return !_mm256_testz_si256(seen, mask) || wcenc__kernels_c.has_bits(samples + 2 * whole, count - whole, bits);
}

static AVX2 void limit(const uint8_t *from, uint8_t *to, size_t count, uint16_t most)
{
    const __m256i highest = _mm256_set1_epi16((short)most);
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const __m256i samples = _mm256_loadu_si256((const __m256i *)(from + 2 * i));

        _mm256_storeu_si256((__m256i *)(to + 2 * i), _mm256_min_epu16(samples, highest));
    }
    wcenc__kernels_c.limit(from + 2 * whole, to + 2 * whole, count - whole, most);
}

static AVX2 void widen(const struct widening *widening, const uint8_t *from, uint8_t *to, size_t count)
{
    const uint32_t factors = (uint16_t)widening->mul | (uint32_t)(uint16_t)widening->add << 16;
    const __m256i mul_add = _mm256_set1_epi32((int)factors), one = _mm256_set1_epi16(1);
    const __m128i shift = _mm_cvtsi32_si128(widening->shift);
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const __m256i samples = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + i)));
        const __m256i low = _mm256_madd_epi16(_mm256_unpacklo_epi16(samples, one), mul_add);
        const __m256i high = _mm256_madd_epi16(_mm256_unpackhi_epi16(samples, one), mul_add);

        _mm256_storeu_si256((__m256i *)(to + 2 * i),
                            _mm256_packus_epi32(_mm256_sra_epi32(low, shift), _mm256_sra_epi32(high, shift)));
    }
    wcenc__kernels_c.widen(widening, from + whole, to + 2 * whole, count - whole);
}

static AVX2 void interleave(const uint8_t *u, const uint8_t *v, uint8_t *uv, size_t count)
{
    const size_t whole = count / 32 * 32;

    for (size_t i = 0; i < whole; i += 32) {
        const __m256i a = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)(u + i)), 0xd8);
        const __m256i b = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)(v + i)), 0xd8);

        _mm256_storeu_si256((__m256i *)(uv + 2 * i), _mm256_unpacklo_epi8(a, b));
        _mm256_storeu_si256((__m256i *)(uv + 2 * i + 32), _mm256_unpackhi_epi8(a, b));
    }
    wcenc__kernels_c.interleave(u + whole, v + whole, uv + 2 * whole, count - whole);
}

static AVX2 void deinterleave(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    const __m256i low_byte = _mm256_set1_epi16(0xff);
    const size_t whole = count / 32 * 32;

    for (size_t i = 0; i < whole; i += 32) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(uv + 2 * i));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(uv + 2 * i + 32));
        const __m256i first = _mm256_packus_epi16(_mm256_and_si256(a, low_byte), _mm256_and_si256(b, low_byte));
        const __m256i second = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));

        _mm256_storeu_si256((__m256i *)(u + i), _mm256_permute4x64_epi64(first, 0xd8));
        _mm256_storeu_si256((__m256i *)(v + i), _mm256_permute4x64_epi64(second, 0xd8));
    }
    wcenc__kernels_c.deinterleave(uv + 2 * whole, u + whole, v + whole, count - whole);
}

/* Sums of 2x2 samples, 16 of 32 columns. */
AVX2_INLINE __m256i sums_of_four(const uint8_t *top, const uint8_t *bottom)
{
    const __m256i one = _mm256_set1_epi8(1);

    return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)top), one),
                            _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)bottom), one));
}

static AVX2 void halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const __m256i half = _mm256_set1_epi16(2);
    const size_t whole = width / 64 * 64;

    for (size_t x = 0; x < whole; x += 64) {
        const __m256i low = _mm256_add_epi16(sums_of_four(top + x, bottom + x), half);
        const __m256i high = _mm256_add_epi16(sums_of_four(top + x + 32, bottom + x + 32), half);
        const __m256i means = _mm256_packus_epi16(_mm256_srli_epi16(low, 2), _mm256_srli_epi16(high, 2));

        _mm256_storeu_si256((__m256i *)(to + x / 2), _mm256_permute4x64_epi64(means, 0xd8));
    }
    wcenc__kernels_c.halve(top + whole, bottom + whole, to + whole / 2, width - whole);
}

/* 16 means of 32 columns from x on. */
AVX2_INLINE __m256i left_means(const uint8_t *top, const uint8_t *bottom, size_t x)
{
    const __m256i weights = _mm256_set1_epi16(4 | 3 << 8), before = _mm256_set1_epi16(1 << 8);
    const __m256i pairs =
        _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(top + x)), weights),
                         _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(bottom + x)), weights));
    const __m256i columns =
        _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(top + x - 2)), before),
                         _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)(bottom + x - 2)), before));

    return _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(pairs, columns), _mm256_set1_epi16(8)), 4);
}

AVX2_INLINE void halve_left_64(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t x)
{
    const __m256i means = _mm256_packus_epi16(left_means(top, bottom, x), left_means(top, bottom, x + 32));

    _mm256_storeu_si256((__m256i *)(to + x / 2), _mm256_permute4x64_epi64(means, 0xd8));
}

/* The last 64 of the pairs overlap with those before them, and come out the same. */
static AVX2 void halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width)
{
    const size_t pairs = width / 2 * 2, last = width - 1;

    if (pairs < 66) {
        wcenc__kernels_c.halve_left(top, bottom, to, width);
        return;
    }
    to[0] = (uint8_t)((5 * (top[0] + bottom[0]) + 3 * (top[1] + bottom[1]) + 8) >> 4);
    for (size_t x = 2; x + 64 <= pairs; x += 64)
        halve_left_64(top, bottom, to, x);
    halve_left_64(top, bottom, to, pairs - 64);
    if (width > pairs)
        to[last / 2] = (uint8_t)((top[last - 1] + bottom[last - 1] + 7 * (top[last] + bottom[last]) + 8) >> 4);
}

struct blend {
    __m256i low, high;
};

/* Adds two rows' share in 16 sums. */
AVX2_INLINE struct blend add_rows(struct blend sums, const uint8_t *first, const uint8_t *second, __m256i weights)
{
    const __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)first));
    const __m256i b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)second));

    return (struct blend){.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights)),
                          .high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights))};
}

AVX2_INLINE __m256i two_weights(const int16_t *weights)
{
    return _mm256_set1_epi32((int)((uint16_t)weights[0] | (uint32_t)(uint16_t)weights[1] << 16));
}

/* Two rows, or four, are what a picture of half the size or more takes. */
AVX2_INLINE void blend_16(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t x)
{
    enum { SHIFT = WEIGHT_BITS - BLENDED_BITS };
    struct blend sums;

    sums.low = sums.high = _mm256_set1_epi32(1 << (SHIFT - 1));
    sums = add_rows(sums, rows[0] + x, rows[1] + x, two_weights(weights));
    if (count > 2)
        sums = add_rows(sums, rows[2] + x, rows[3] + x, two_weights(weights + 2));
    for (size_t i = 4; i < count; i += 2)
        sums = add_rows(sums, rows[i] + x, rows[i + 1] + x, two_weights(weights + i));
    _mm256_storeu_si256((__m256i *)(to + x),
                        _mm256_packs_epi32(_mm256_srai_epi32(sums.low, SHIFT), _mm256_srai_epi32(sums.high, SHIFT)));
}

/* The last 16 columns overlap with those before them, and come out the same. */
AVX2_INLINE void blend_all(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    for (size_t x = 0; x + 16 <= width; x += 16)
        blend_16(rows, weights, count, to, x);
    if (width % 16)
        blend_16(rows, weights, count, to, width - 16);
}

static AVX2 void blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width)
{
    if (width < 16)
        wcenc__kernels_c.blend_rows(rows, weights, count, to, width);
    else if (count == 2)
        blend_all((const uint8_t *const[]){rows[0], rows[1]}, weights, 2, to, width);
    else if (count == 4)
        blend_all((const uint8_t *const[]){rows[0], rows[1], rows[2], rows[3]}, weights, 4, to, width);
    else
        blend_all(rows, weights, count, to, width);
}

/* The pairs of samples that eight sums take next, from where they have come to. */
AVX2_INLINE __m256i gather_pairs(const struct axis_filter *filter, const int16_t *from, size_t x, size_t loads)
{
    const size_t half = FILTER_GROUP / 2, shared_by = half / loads;
    const uint8_t *shuffles = filter->shuffles + 4 * x * loads;
    __m256i pairs = _mm256_setzero_si256();

    for (size_t i = 0; i < half; i += shared_by, shuffles += 32) {
        const __m128i low = _mm_loadu_si128((const __m128i *)(from + filter->starts[x + i]));
        const __m128i high = _mm_loadu_si128((const __m128i *)(from + filter->starts[x + half + i]));
        const __m256i order = _mm256_loadu_si256((const __m256i *)shuffles);

        pairs = _mm256_or_si256(pairs, _mm256_shuffle_epi8(_mm256_set_m128i(high, low), order));
    }
    return pairs;
}

/* Eight samples, in the lower half. */
AVX2_INLINE __m128i shrink_group(const struct axis_filter *filter, const int16_t *from, size_t x, size_t loads)
{
    enum { SHIFT = WEIGHT_BITS + BLENDED_BITS };
    const int16_t *weights = filter->weights + x * filter->taps;
    __m256i sums = _mm256_set1_epi32(1 << (SHIFT - 1));
    __m256i bytes;

    for (size_t tap = 0; tap < filter->taps; tap += 2) {
        const __m256i pairs = gather_pairs(filter, from + tap, x, loads);

        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_loadu_si256((const __m256i *)weights)));
        weights += 2 * FILTER_GROUP;
    }
    bytes = _mm256_srai_epi32(sums, SHIFT);
    bytes = _mm256_packs_epi32(bytes, bytes);
    bytes = _mm256_packus_epi16(bytes, bytes);
    return _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
}

AVX2_INLINE void shrink(const struct axis_filter *filter, const int16_t *from, uint8_t *to, size_t loads)
{
    const size_t whole = filter->count / FILTER_GROUP * FILTER_GROUP;
    uint8_t rest[16];

    for (size_t x = 0; x < whole; x += FILTER_GROUP)
        _mm_storel_epi64((__m128i *)(to + x), shrink_group(filter, from, x, loads));
    if (filter->count > whole) {
        _mm_storeu_si128((__m128i *)rest, shrink_group(filter, from, whole, loads));
        memcpy(to + whole, rest, filter->count - whole);
    }
}

static AVX2 void shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to)
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

static const struct kernels kernels = {
    .name = "avx2",
    .rgb_to_i420_left = wcenc__avx2_rgb_to_i420_left,
    .rgb_to_nv12_left = wcenc__avx2_rgb_to_nv12_left,
    .rgb_to_i420_center = wcenc__avx2_rgb_to_i420_center,
    .rgb_to_nv12_center = wcenc__avx2_rgb_to_nv12_center,
    .rgb_to_i444 = wcenc__avx2_rgb_to_i444,
    .expand = expand,
    .has_bits = has_bits,
    .limit = limit,
    .widen = widen,
    .interleave = interleave,
    .deinterleave = deinterleave,
    .lower = wcenc__avx2_lower,
    .lower_pairs = wcenc__avx2_lower_pairs,
    .split_pairs = wcenc__avx2_split_pairs,
    .add_fourth = wcenc__avx2_add_fourth,
    .halve = halve,
    .halve_left = halve_left,
    .blend_rows = blend_rows,
    .shrink_row = shrink_row,
};

const struct kernels *wcenc__kernels_avx2(void)
{
    return wcenc__cpu_has_avx2() ? &kernels : NULL;
}

#else

const struct kernels *wcenc__kernels_avx2(void)
{
    return NULL;
}

#endif
