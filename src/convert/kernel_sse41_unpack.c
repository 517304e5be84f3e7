/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with SSE4.1 for formats beyond WebCodecs. What fills no whole block at the end of a row is left to
 * those in C.
 */

#include "kernel_sse41.h"

#ifdef WCENC_HAS_SSE41

enum { UPPER_SHIFT = 6 };

SSE41 void wcenc__sse41_lower(const uint8_t *from, uint8_t *to, size_t count)
{
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8)
        store_16(to + 2 * i, _mm_srli_epi16(load_16(from + 2 * i), UPPER_SHIFT));
    wcenc__kernels_c.lower(from + 2 * whole, to + 2 * whole, count - whole);
}

SSE41 void wcenc__sse41_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    /* U before V. */
    const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        const uint8_t *pairs = uv + 4 * i;
        const __m128i a = _mm_shuffle_epi8(_mm_srli_epi16(load_16(pairs), UPPER_SHIFT), order);
        const __m128i b = _mm_shuffle_epi8(_mm_srli_epi16(load_16(pairs + 16), UPPER_SHIFT), order);

        store_16(u + 2 * i, _mm_unpacklo_epi64(a, b));
        store_16(v + 2 * i, _mm_unpackhi_epi64(a, b));
    }
    wcenc__kernels_c.lower_pairs(uv + 4 * whole, u + 2 * whole, v + 2 * whole, count - whole);
}

/* The even bytes of two blocks in a row, or the odd ones. */
SSE41_INLINE __m128i every_other(__m128i a, __m128i b, bool odd)
{
    const __m128i low = _mm_set1_epi16(0xff);

    return odd ? _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8))
               : _mm_packus_epi16(_mm_and_si128(a, low), _mm_and_si128(b, low));
}

SSE41_INLINE void split(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first)
{
    const size_t whole = pairs / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        const __m128i a = load_16(from + 4 * i), b = load_16(from + 4 * i + 16);
        const __m128i chroma = every_other(a, b, luma_first);

        store_16(y + 2 * i, every_other(a, b, !luma_first));
        _mm_storel_epi64((__m128i *)(u + i), every_other(chroma, chroma, false));
        _mm_storel_epi64((__m128i *)(v + i), every_other(chroma, chroma, true));
    }
    wcenc__kernels_c.split_pairs(from + 4 * whole, y + 2 * whole, u + whole, v + whole, pairs - whole, luma_first);
}

SSE41 void wcenc__sse41_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs,
                                    bool luma_first)
{
    if (luma_first)
        split(from, y, u, v, pairs, true);
    else
        split(from, y, u, v, pairs, false);
}

SSE41 void wcenc__sse41_add_fourth(const uint8_t *from, uint8_t *to, size_t count)
{
    enum { BLOCK = 4, READ = 6 }; /* pixels that are made at once, and those that are touched for it */
    const __m128i order = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m128i fourth = _mm_set1_epi32((int)0xff000000u);
    size_t i = 0;

    for (; count - i >= READ; i += BLOCK)
        store_16(to + 4 * i, _mm_or_si128(_mm_shuffle_epi8(load_16(from + 3 * i), order), fourth));
    wcenc__kernels_c.add_fourth(from + 3 * i, to + 4 * i, count - i);
}

#endif
