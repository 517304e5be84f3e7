/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with AVX2 for formats beyond WebCodecs. What fills no whole block at the end of a row is left to
 * those in C.
 */

#include "kernel_avx2.h"

#ifdef WCENC_HAS_AVX2

enum { UPPER_SHIFT = 6 };

AVX2 void wcenc__avx2_lower(const uint8_t *from, uint8_t *to, size_t count)
{
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const __m256i samples = _mm256_loadu_si256((const __m256i *)(from + 2 * i));

        _mm256_storeu_si256((__m256i *)(to + 2 * i), _mm256_srli_epi16(samples, UPPER_SHIFT));
    }
    wcenc__kernels_c.lower(from + 2 * whole, to + 2 * whole, count - whole);
}

AVX2 void wcenc__avx2_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    /* In each half, U before V. */
    const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15, 0, 1, 4, 5, 8, 9, 12,
                                           13, 2, 3, 6, 7, 10, 11, 14, 15);
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        __m256i pairs = _mm256_loadu_si256((const __m256i *)(uv + 4 * i));

        pairs = _mm256_shuffle_epi8(_mm256_srli_epi16(pairs, UPPER_SHIFT), order);
        pairs = _mm256_permute4x64_epi64(pairs, 0xd8);
        _mm_storeu_si128((__m128i *)(u + 2 * i), _mm256_castsi256_si128(pairs));
        _mm_storeu_si128((__m128i *)(v + 2 * i), _mm256_extracti128_si256(pairs, 1));
    }
    wcenc__kernels_c.lower_pairs(uv + 4 * whole, u + 2 * whole, v + 2 * whole, count - whole);
}

/* The even bytes of two blocks in a row, or the odd ones. */
AVX2_INLINE __m256i every_other(__m256i a, __m256i b, bool odd)
{
    const __m256i low = _mm256_set1_epi16(0xff);
    const __m256i first = odd ? _mm256_srli_epi16(a, 8) : _mm256_and_si256(a, low);
    const __m256i second = odd ? _mm256_srli_epi16(b, 8) : _mm256_and_si256(b, low);

    return _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8);
}

AVX2_INLINE void split(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first)
{
    const size_t whole = pairs / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(from + 4 * i));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(from + 4 * i + 32));
        const __m256i chroma = every_other(a, b, luma_first);

        _mm256_storeu_si256((__m256i *)(y + 2 * i), every_other(a, b, !luma_first));
        _mm_storeu_si128((__m128i *)(u + i), _mm256_castsi256_si128(every_other(chroma, chroma, false)));
        _mm_storeu_si128((__m128i *)(v + i), _mm256_castsi256_si128(every_other(chroma, chroma, true)));
    }
    wcenc__kernels_c.split_pairs(from + 4 * whole, y + 2 * whole, u + whole, v + whole, pairs - whole, luma_first);
}

AVX2 void wcenc__avx2_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs,
                                  bool luma_first)
{
    if (luma_first)
        split(from, y, u, v, pairs, true);
    else
        split(from, y, u, v, pairs, false);
}

AVX2 void wcenc__avx2_add_fourth(const uint8_t *from, uint8_t *to, size_t count)
{
    enum { BLOCK = 8, READ = 10 }; /* pixels that are made at once, and those that are touched for it */
    const __m256i order = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 0, 1, 2, -1, 3, 4, 5,
                                           -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m256i fourth = _mm256_set1_epi32((int)0xff000000u);
    size_t i = 0;

    for (; count - i >= READ; i += BLOCK) {
        const __m128i low = _mm_loadu_si128((const __m128i *)(from + 3 * i));
        const __m128i high = _mm_loadu_si128((const __m128i *)(from + 3 * i + 12));
        const __m256i pixels = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);

        _mm256_storeu_si256((__m256i *)(to + 4 * i), _mm256_or_si256(_mm256_shuffle_epi8(pixels, order), fourth));
    }
    wcenc__kernels_c.add_fourth(from + 3 * i, to + 4 * i, count - i);
}

#endif
