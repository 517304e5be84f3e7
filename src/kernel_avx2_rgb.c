/* SPDX-License-Identifier: MIT */

/* The row kernels from RGB with AVX2. What fills no whole block at the end of a row is left to those in C. */

#include "kernel_avx2.h"

#ifdef WCENC_HAS_AVX2

enum { BLOCK = 32 }; /* pixels that are made at once */

/*
 * Eight pixels as pairs of 16 bits: bytes 0 and 2, and bytes 1 and 3. A multiply-add over each and one addition make
 * the sum of products that a level is; no byte has to change its place.
 */
struct split {
    __m256i even;
    __m256i odd;
};

/* A row of the matrix, spread to all lanes. */
struct factors {
    __m256i even;
    __m256i odd;
    __m256i add; /* offset and rounding */
    int shift;
};

AVX2_INLINE struct split load(const uint8_t *pixels)
{
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)pixels);

    return (struct split){.even = _mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), .odd = _mm256_srli_epi16(bytes, 8)};
}

AVX2_INLINE struct factors spread(const int16_t c[4], int32_t offset, int shift)
{
    const uint32_t even = (uint16_t)c[0] | (uint32_t)(uint16_t)c[2] << 16;
    const uint32_t odd = (uint16_t)c[1] | (uint32_t)(uint16_t)c[3] << 16;

    return (struct factors){.even = _mm256_set1_epi32((int)even),
                            .odd = _mm256_set1_epi32((int)odd),
                            .add = _mm256_set1_epi32((offset << shift) + (1 << (shift - 1))),
                            .shift = shift};
}

/* Eight levels of 32 bits, not clipped. */
AVX2_INLINE __m256i levels(const struct factors *f, struct split p)
{
    const __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(p.even, f->even), _mm256_madd_epi16(p.odd, f->odd));

    return _mm256_srai_epi32(_mm256_add_epi32(sum, f->add), f->shift);
}

/* Puts the quarters right that packing leaves in turns of the two lanes. */
AVX2_INLINE __m256i unlace(__m256i bytes)
{
    return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* Every other of 16 pixels, from the first on (even) and from the second on. */
AVX2_INLINE __m256i even_pixels(__m256i a, __m256i b)
{
    const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);

    return _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)), 0xd8);
}

AVX2_INLINE __m256i odd_pixels(__m256i a, __m256i b)
{
    const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);

    return _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xdd)), 0xd8);
}

/* Sums of 2x2 pixels, from sums of two rows of 16. */
AVX2_INLINE __m256i center_sums(__m256i a, __m256i b)
{
    return _mm256_add_epi16(even_pixels(a, b), odd_pixels(a, b));
}

/* Sums of 3x2 pixels; `before` are the odd pixels before these, of which the last counts, and becomes those of these.
 */
AVX2_INLINE __m256i left_sums(__m256i a, __m256i b, __m256i *before)
{
    const __m256i even = even_pixels(a, b), odd = odd_pixels(a, b);
    const __m256i shifted = _mm256_alignr_epi8(odd, _mm256_permute2x128_si256(*before, odd, 0x21), 12);

    *before = odd;
    return _mm256_add_epi16(_mm256_add_epi16(even, even), _mm256_add_epi16(odd, shifted));
}

struct factors_420 {
    struct factors y, u, v;
};

/* Writes 16 levels of U and of V, which are in `uv` in quarters: first of U and V, then of U and V, in either lane. */
AVX2_INLINE void store_chroma(__m256i uv, uint8_t *u, uint8_t *v, bool interleaved)
{
    if (interleaved) {
        const __m256i pairs = _mm256_permutevar8x32_epi32(uv, _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7));
        const __m256i order =
            _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));

        _mm256_storeu_si256((__m256i *)u, _mm256_shuffle_epi8(pairs, order));
    } else {
        const __m256i planes = unlace(uv);

        _mm_storeu_si128((__m128i *)u, _mm256_castsi256_si128(planes));
        _mm_storeu_si128((__m128i *)v, _mm256_extracti128_si256(planes, 1));
    }
}

/* 16 columns of two rows: levels of 16 bits, of luma in the order 0 1 2 3 8 9 10 11, 4 5 6 7 12 13 14 15. */
struct half_block {
    __m256i top, bottom;
    __m256i u, v; /* of 32 bits */
};

/* Where chroma lies at the left, `before` is what left_sums() needs. NULL: it lies in the middle. */
AVX2_INLINE struct half_block half_block(const struct factors_420 *f, const uint8_t *top, const uint8_t *bottom,
                                         struct split *before)
{
    const struct split a = load(top), b = load(top + 32), c = load(bottom), d = load(bottom + 32);
    const __m256i even_a = _mm256_add_epi16(a.even, c.even), even_b = _mm256_add_epi16(b.even, d.even);
    const __m256i odd_a = _mm256_add_epi16(a.odd, c.odd), odd_b = _mm256_add_epi16(b.odd, d.odd);
    const struct split sums = {
        .even = before ? left_sums(even_a, even_b, &before->even) : center_sums(even_a, even_b),
        .odd = before ? left_sums(odd_a, odd_b, &before->odd) : center_sums(odd_a, odd_b),
    };

    return (struct half_block){
        .top = _mm256_packs_epi32(levels(&f->y, a), levels(&f->y, b)),
        .bottom = _mm256_packs_epi32(levels(&f->y, c), levels(&f->y, d)),
        .u = levels(&f->u, sums),
        .v = levels(&f->v, sums),
    };
}

AVX2_INLINE void block_to_420(const struct factors_420 *f, const struct rgb_rows *rows, bool interleaved,
                              struct split *before)
{
    const struct half_block a = half_block(f, rows->pixels[0], rows->pixels[1], before);
    const struct half_block b = half_block(f, rows->pixels[0] + 64, rows->pixels[1] + 64, before);

    _mm256_storeu_si256((__m256i *)rows->y[0], unlace(_mm256_packus_epi16(a.top, b.top)));
    _mm256_storeu_si256((__m256i *)rows->y[1], unlace(_mm256_packus_epi16(a.bottom, b.bottom)));
    store_chroma(_mm256_packus_epi16(_mm256_packs_epi32(a.u, b.u), _mm256_packs_epi32(a.v, b.v)), rows->u, rows->v,
                 interleaved);
}

/* The sums of one column, in all places. */
AVX2_INLINE struct split column(const uint8_t *top, const uint8_t *bottom)
{
    const int even = (top[0] + bottom[0]) | (top[2] + bottom[2]) << 16;
    const int odd = (top[1] + bottom[1]) | (top[3] + bottom[3]) << 16;

    return (struct split){.even = _mm256_set1_epi32(even), .odd = _mm256_set1_epi32(odd)};
}

AVX2_INLINE void rgb_to_420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width, bool left,
                            bool interleaved, rgb_kernel *rest)
{
    const int sum_bits = left ? 3 : 2;
    const struct factors_420 f = {.y = spread(matrix->y, matrix->y_offset, MATRIX_BITS),
                                  .u = spread(matrix->u, 128, MATRIX_BITS + sum_bits),
                                  .v = spread(matrix->v, 128, MATRIX_BITS + sum_bits)};
    const size_t whole = width / BLOCK * BLOCK, first = rows->continues ? 4 : 0;
    struct rgb_rows at = *rows;
    struct split before = {_mm256_setzero_si256(), _mm256_setzero_si256()};

    if (whole > 0)
        before = column(rows->pixels[0] - first, rows->pixels[1] - first);
    for (size_t x = 0; x < whole; x += BLOCK) {
        block_to_420(&f, &at, interleaved, left ? &before : NULL);
        at.pixels[0] += 4 * BLOCK;
        at.pixels[1] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.y[1] += BLOCK;
        at.u += interleaved ? BLOCK : BLOCK / 2;
        if (!interleaved)
            at.v += BLOCK / 2;
        at.continues = true;
    }
    rest(matrix, &at, width - whole);
}

AVX2 void wcenc__avx2_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, false, wcenc__kernels_c.rgb_to_i420_left);
}

AVX2 void wcenc__avx2_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, true, wcenc__kernels_c.rgb_to_nv12_left);
}

AVX2 void wcenc__avx2_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, false, wcenc__kernels_c.rgb_to_i420_center);
}

AVX2 void wcenc__avx2_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, true, wcenc__kernels_c.rgb_to_nv12_center);
}

/* 32 levels. */
AVX2_INLINE void store_levels(const struct factors *f, struct split a, struct split b, struct split c, struct split d,
                              uint8_t *to)
{
    const __m256i low = _mm256_packs_epi32(levels(f, a), levels(f, b));
    const __m256i high = _mm256_packs_epi32(levels(f, c), levels(f, d));

    _mm256_storeu_si256((__m256i *)to, unlace(_mm256_packus_epi16(low, high)));
}

AVX2 void wcenc__avx2_rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    const struct factors y = spread(matrix->y, matrix->y_offset, MATRIX_BITS);
    const struct factors u = spread(matrix->u, 128, MATRIX_BITS);
    const struct factors v = spread(matrix->v, 128, MATRIX_BITS);
    const size_t whole = width / BLOCK * BLOCK;
    struct rgb_rows at = *rows;

    for (size_t x = 0; x < whole; x += BLOCK) {
        const struct split a = load(at.pixels[0]), b = load(at.pixels[0] + 32);
        const struct split c = load(at.pixels[0] + 64), d = load(at.pixels[0] + 96);

        store_levels(&y, a, b, c, d, at.y[0]);
        store_levels(&u, a, b, c, d, at.u);
        store_levels(&v, a, b, c, d, at.v);
        at.pixels[0] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.u += BLOCK;
        at.v += BLOCK;
    }
    wcenc__kernels_c.rgb_to_i444(matrix, &at, width - whole);
}

#endif
