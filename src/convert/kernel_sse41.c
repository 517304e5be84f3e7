/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with SSE4.1, for CPUs without AVX2, compiled for it whatever the rest is compiled for. What fills no
 * whole block at the end of a row is left to those in C, and so are three kernels of which compilers make the same
 * vectors by themselves.
 */

#include "kernel_sse41.h"

#ifdef WCENC_HAS_SSE41

#include "cpu.h"
#include "kernel_c.h"

/* Eight levels of 0 to 219. */
SSE41_INLINE __m128i full_levels(__m128i levels)
{
    const __m128i part = _mm_add_epi16(levels, _mm_set1_epi16(3));

    return _mm_add_epi16(levels, _mm_mulhi_epu16(part, _mm_set1_epi16(10775)));
}

static SSE41 void expand(const uint8_t *from, uint8_t *to, size_t count)
{
    const __m128i zero = _mm_setzero_si128(), black = _mm_set1_epi8(16), white = _mm_set1_epi8((char)219);
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const __m128i levels = _mm_min_epu8(_mm_subs_epu8(load_16(from + i), black), white);
        const __m128i low = full_levels(_mm_unpacklo_epi8(levels, zero));
        const __m128i high = full_levels(_mm_unpackhi_epi8(levels, zero));

        store_16(to + i, _mm_packus_epi16(low, high));
    }
    wcenc__kernels_c.expand(from + whole, to + whole, count - whole);
}

static SSE41 bool has_bits(const uint8_t *samples, size_t count, uint16_t bits)
{
    const __m128i mask = _mm_set1_epi16((short)bits);
    const size_t whole = count / 32 * 32;
    __m128i seen = _mm_setzero_si128();

    for (size_t i = 0; i < whole; i += 32) {
        const uint8_t *at = samples + 2 * i;
        const __m128i a = _mm_or_si128(load_16(at), load_16(at + 16));
        const __m128i b = _mm_or_si128(load_16(at + 32), load_16(at + 48));

        seen = _mm_or_si128(seen, _mm_or_si128(a, b));
    }
    return !_mm_testz_si128(seen, mask) || wcenc__kernels_c.has_bits(samples + 2 * whole, count - whole, bits);
}

static SSE41 void widen(const struct widening *widening, const uint8_t *from, uint8_t *to, size_t count)
{
    const uint32_t factors = (uint16_t)widening->mul | (uint32_t)(uint16_t)widening->add << 16;
    const __m128i mul_add = _mm_set1_epi32((int)factors), one = _mm_set1_epi16(1);
    const __m128i shift = _mm_cvtsi32_si128(widening->shift);
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        const __m128i samples = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(from + i)));
        const __m128i low = _mm_madd_epi16(_mm_unpacklo_epi16(samples, one), mul_add);
        const __m128i high = _mm_madd_epi16(_mm_unpackhi_epi16(samples, one), mul_add);

        store_16(to + 2 * i, _mm_packus_epi32(_mm_sra_epi32(low, shift), _mm_sra_epi32(high, shift)));
    }
    wcenc__kernels_c.widen(widening, from + whole, to + 2 * whole, count - whole);
}

static const struct kernels kernels = {
    .name = "sse4.1",
    .rgb_to_i420_left = wcenc__sse41_rgb_to_i420_left,
    .rgb_to_nv12_left = wcenc__sse41_rgb_to_nv12_left,
    .rgb_to_i420_center = wcenc__sse41_rgb_to_i420_center,
    .rgb_to_nv12_center = wcenc__sse41_rgb_to_nv12_center,
    .rgb_to_i444 = wcenc__sse41_rgb_to_i444,
    .expand = expand,
    .has_bits = has_bits,
    .limit = wcenc__c_limit,
    .widen = widen,
    .interleave = wcenc__c_interleave,
    .deinterleave = wcenc__c_deinterleave,
    .lower = wcenc__sse41_lower,
    .lower_pairs = wcenc__sse41_lower_pairs,
    .split_pairs = wcenc__sse41_split_pairs,
    .add_fourth = wcenc__sse41_add_fourth,
    .halve = wcenc__sse41_halve,
    .halve_left = wcenc__sse41_halve_left,
    .blend_rows = wcenc__sse41_blend_rows,
    .shrink_row = wcenc__sse41_shrink_row,
};

const struct kernels *wcenc__kernels_sse41(void)
{
    return wcenc__cpu_has_sse41() ? &kernels : NULL;
}

#else

const struct kernels *wcenc__kernels_sse41(void)
{
    return NULL;
}

#endif
