/* SPDX-License-Identifier: MIT */

/* The row kernels from RGB with SSE4.1. What fills no whole block at the end of a row is left to those in C. */

#include "kernel_sse41.h"

#ifdef WCENC_HAS_SSE41

enum { BLOCK = 16 }; /* pixels that are made at once */

/*
 * Four pixels as pairs of 16 bits: bytes 0 and 2, and bytes 1 and 3. A multiply-add over each and one addition make
 * the sum of products that a level is; no byte has to change its place.
 */
struct split {
    __m128i even;
    __m128i odd;
};

/* A row of the matrix, spread to all lanes. */
struct factors {
    __m128i even;
    __m128i odd;
    __m128i add; /* offset and rounding */
    int shift;
};

SSE41_INLINE struct split load(const uint8_t *pixels)
{
    const __m128i bytes = load_16(pixels);

    return (struct split){.even = _mm_and_si128(bytes, _mm_set1_epi16(0xff)), .odd = _mm_srli_epi16(bytes, 8)};
}

SSE41_INLINE struct factors spread(const int16_t c[4], int32_t offset, int shift)
{
    const uint32_t even = (uint16_t)c[0] | (uint32_t)(uint16_t)c[2] << 16;
    const uint32_t odd = (uint16_t)c[1] | (uint32_t)(uint16_t)c[3] << 16;

    return (struct factors){.even = _mm_set1_epi32((int)even),
                            .odd = _mm_set1_epi32((int)odd),
                            .add = _mm_set1_epi32((offset << shift) + (1 << (shift - 1))),
                            .shift = shift};
}

/* Four levels of 32 bits, not clipped. */
SSE41_INLINE __m128i levels(const struct factors *f, struct split p)
{
    const __m128i sum = _mm_add_epi32(_mm_madd_epi16(p.even, f->even), _mm_madd_epi16(p.odd, f->odd));

    return _mm_srai_epi32(_mm_add_epi32(sum, f->add), f->shift);
}

/* Every other of eight pixels, from the first on (even) and from the second on. */
SSE41_INLINE __m128i even_pixels(__m128i a, __m128i b)
{
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0x88));
}

SSE41_INLINE __m128i odd_pixels(__m128i a, __m128i b)
{
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b), 0xdd));
}

/* Sums of 2x2 pixels, from sums of two rows of eight. */
SSE41_INLINE __m128i center_sums(__m128i a, __m128i b)
{
    return _mm_add_epi16(even_pixels(a, b), odd_pixels(a, b));
}

/* Sums of 3x2 pixels; `before` are the odd pixels before these, of which the last counts, and becomes those of these.
 */
SSE41_INLINE __m128i left_sums(__m128i a, __m128i b, __m128i *before)
{
    const __m128i even = even_pixels(a, b), odd = odd_pixels(a, b);
    const __m128i shifted = _mm_alignr_epi8(odd, *before, 12);

    *before = odd;
    return _mm_add_epi16(_mm_add_epi16(even, even), _mm_add_epi16(odd, shifted));
}

struct factors_420 {
    struct factors y, u, v;
};

/* Writes 8 levels of U and of V, which are in either half of `uv`. */
SSE41_INLINE void store_chroma(__m128i uv, uint8_t *u, uint8_t *v, bool interleaved)
{
    if (interleaved) {
        store_16(u, _mm_unpacklo_epi8(uv, _mm_unpackhi_epi64(uv, uv)));
    } else {
        _mm_storel_epi64((__m128i *)u, uv);
        _mm_storel_epi64((__m128i *)v, _mm_unpackhi_epi64(uv, uv));
    }
}

/* Eight columns of two rows: levels of luma of 16 bits, of chroma of 32. */
struct half_block {
    __m128i top, bottom;
    __m128i u, v;
};

/* Where chroma lies at the left, `before` is what left_sums() needs. NULL: it lies in the middle. */
SSE41_INLINE struct half_block half_block(const struct factors_420 *f, const uint8_t *top, const uint8_t *bottom,
                                          struct split *before)
{
    const struct split a = load(top), b = load(top + 16), c = load(bottom), d = load(bottom + 16);
    const __m128i even_a = _mm_add_epi16(a.even, c.even), even_b = _mm_add_epi16(b.even, d.even);
    const __m128i odd_a = _mm_add_epi16(a.odd, c.odd), odd_b = _mm_add_epi16(b.odd, d.odd);
    const struct split sums = {
        .even = before ? left_sums(even_a, even_b, &before->even) : center_sums(even_a, even_b),
        .odd = before ? left_sums(odd_a, odd_b, &before->odd) : center_sums(odd_a, odd_b),
    };

    return (struct half_block){
        .top = _mm_packs_epi32(levels(&f->y, a), levels(&f->y, b)),
        .bottom = _mm_packs_epi32(levels(&f->y, c), levels(&f->y, d)),
        .u = levels(&f->u, sums),
        .v = levels(&f->v, sums),
    };
}

SSE41_INLINE void block_to_420(const struct factors_420 *f, const struct rgb_rows *rows, bool interleaved,
                               struct split *before)
{
    const struct half_block a = half_block(f, rows->pixels[0], rows->pixels[1], before);
    const struct half_block b = half_block(f, rows->pixels[0] + 32, rows->pixels[1] + 32, before);

    store_16(rows->y[0], _mm_packus_epi16(a.top, b.top));
    store_16(rows->y[1], _mm_packus_epi16(a.bottom, b.bottom));
    store_chroma(_mm_packus_epi16(_mm_packs_epi32(a.u, b.u), _mm_packs_epi32(a.v, b.v)), rows->u, rows->v, interleaved);
}

/* The sums of one column, in all places. */
SSE41_INLINE struct split column(const uint8_t *top, const uint8_t *bottom)
{
    const int even = (top[0] + bottom[0]) | (top[2] + bottom[2]) << 16;
    const int odd = (top[1] + bottom[1]) | (top[3] + bottom[3]) << 16;

    return (struct split){.even = _mm_set1_epi32(even), .odd = _mm_set1_epi32(odd)};
}

SSE41_INLINE void rgb_to_420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width, bool left,
                             bool interleaved, rgb_kernel *rest)
{
    const int sum_bits = left ? 3 : 2;
    const struct factors_420 f = {.y = spread(matrix->y, matrix->y_offset, MATRIX_BITS),
                                  .u = spread(matrix->u, 128, MATRIX_BITS + sum_bits),
                                  .v = spread(matrix->v, 128, MATRIX_BITS + sum_bits)};
    const size_t whole = width / BLOCK * BLOCK, first = rows->continues ? 4 : 0;
    struct rgb_rows at = *rows;
    struct split before = {_mm_setzero_si128(), _mm_setzero_si128()};

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

SSE41 void wcenc__sse41_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, false, wcenc__kernels_c.rgb_to_i420_left);
}

SSE41 void wcenc__sse41_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, true, wcenc__kernels_c.rgb_to_nv12_left);
}

SSE41 void wcenc__sse41_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, false, wcenc__kernels_c.rgb_to_i420_center);
}

SSE41 void wcenc__sse41_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, true, wcenc__kernels_c.rgb_to_nv12_center);
}

/* 16 levels. */
SSE41_INLINE void store_levels(const struct factors *f, const struct split pixels[4], uint8_t *to)
{
    const __m128i low = _mm_packs_epi32(levels(f, pixels[0]), levels(f, pixels[1]));
    const __m128i high = _mm_packs_epi32(levels(f, pixels[2]), levels(f, pixels[3]));

    store_16(to, _mm_packus_epi16(low, high));
}

SSE41 void wcenc__sse41_rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    const struct factors y = spread(matrix->y, matrix->y_offset, MATRIX_BITS);
    const struct factors u = spread(matrix->u, 128, MATRIX_BITS);
    const struct factors v = spread(matrix->v, 128, MATRIX_BITS);
    const size_t whole = width / BLOCK * BLOCK;
    struct rgb_rows at = *rows;

    for (size_t x = 0; x < whole; x += BLOCK) {
        const struct split pixels[4] = {load(at.pixels[0]), load(at.pixels[0] + 16), load(at.pixels[0] + 32),
                                        load(at.pixels[0] + 48)};

        store_levels(&y, pixels, at.y[0]);
        store_levels(&u, pixels, at.u);
        store_levels(&v, pixels, at.v);
        at.pixels[0] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.u += BLOCK;
        at.v += BLOCK;
    }
    wcenc__kernels_c.rgb_to_i444(matrix, &at, width - whole);
}

#endif
