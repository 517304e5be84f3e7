/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with AVX2, compiled for it whatever the rest is compiled for, and used where the CPU has it. What
 * fills no whole block at the end of a row is left to those in C.
 */

#include "kernel.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

#include <immintrin.h>
#include <string.h>

#include "cpu.h"

#define AVX2        __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

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

/* Sums of neighbours, of 16 pixels; in the order 0 1 4 5, 2 3 6 7. */
AVX2_INLINE __m256i pair_sums(__m256i a, __m256i b)
{
    const __m256 x = _mm256_castsi256_ps(a), y = _mm256_castsi256_ps(b);

    return _mm256_add_epi16(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)),
                            _mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xdd)));
}

struct factors_420 {
    struct factors y, u, v;
};

/* Writes 16 levels of U and of V; in each lane of `uv` 8 of U and 8 of V, in the order of pair_sums(). */
AVX2_INLINE void store_chroma(__m256i uv, uint8_t *u, uint8_t *v, bool interleaved)
{
    if (interleaved) {
        const __m256i order =
            _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));

        _mm256_storeu_si256((__m256i *)u, unlace(_mm256_shuffle_epi8(uv, order)));
    } else {
        const __m256i order =
            _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
        const __m256i planes = _mm256_shuffle_epi8(_mm256_permute4x64_epi64(uv, 0xd8), order);

        _mm_storeu_si128((__m128i *)u, _mm256_castsi256_si128(planes));
        _mm_storeu_si128((__m128i *)v, _mm256_extracti128_si256(planes, 1));
    }
}

/* 16 columns of two rows: levels of 16 bits, of luma in the order 0 1 2 3 8 9 10 11, 4 5 6 7 12 13 14 15. */
struct half_block {
    __m256i top, bottom;
    __m256i u, v; /* of 32 bits, in the order of pair_sums() */
};

AVX2_INLINE struct half_block half_block(const struct factors_420 *f, const uint8_t *top, const uint8_t *bottom)
{
    const struct split a = load(top), b = load(top + 32), c = load(bottom), d = load(bottom + 32);
    const struct split sums = {
        .even = pair_sums(_mm256_add_epi16(a.even, c.even), _mm256_add_epi16(b.even, d.even)),
        .odd = pair_sums(_mm256_add_epi16(a.odd, c.odd), _mm256_add_epi16(b.odd, d.odd)),
    };

    return (struct half_block){
        .top = _mm256_packs_epi32(levels(&f->y, a), levels(&f->y, b)),
        .bottom = _mm256_packs_epi32(levels(&f->y, c), levels(&f->y, d)),
        .u = levels(&f->u, sums),
        .v = levels(&f->v, sums),
    };
}

AVX2_INLINE void block_to_420(const struct factors_420 *f, const struct rgb_rows *rows, bool interleaved)
{
    const struct half_block a = half_block(f, rows->pixels[0], rows->pixels[1]);
    const struct half_block b = half_block(f, rows->pixels[0] + 64, rows->pixels[1] + 64);

    _mm256_storeu_si256((__m256i *)rows->y[0], unlace(_mm256_packus_epi16(a.top, b.top)));
    _mm256_storeu_si256((__m256i *)rows->y[1], unlace(_mm256_packus_epi16(a.bottom, b.bottom)));
    store_chroma(_mm256_packus_epi16(_mm256_packs_epi32(a.u, b.u), _mm256_packs_epi32(a.v, b.v)), rows->u, rows->v,
                 interleaved);
}

AVX2_INLINE void rgb_to_420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width,
                            bool interleaved)
{
    const struct factors_420 f = {.y = spread(matrix->y, matrix->y_offset, MATRIX_BITS),
                                  .u = spread(matrix->u, 128, MATRIX_BITS + 2),
                                  .v = spread(matrix->v, 128, MATRIX_BITS + 2)};
    const size_t whole = width / BLOCK * BLOCK;
    struct rgb_rows at = *rows;

    for (size_t x = 0; x < whole; x += BLOCK) {
        block_to_420(&f, &at, interleaved);
        at.pixels[0] += 4 * BLOCK;
        at.pixels[1] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.y[1] += BLOCK;
        at.u += interleaved ? BLOCK : BLOCK / 2;
        if (!interleaved)
            at.v += BLOCK / 2;
    }
    (interleaved ? wcenc__kernels_c.rgb_to_nv12 : wcenc__kernels_c.rgb_to_i420)(matrix, &at, width - whole);
}

static AVX2 void rgb_to_i420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false);
}

static AVX2 void rgb_to_nv12(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true);
}

/* 32 levels. */
AVX2_INLINE void store_levels(const struct factors *f, struct split a, struct split b, struct split c, struct split d,
                              uint8_t *to)
{
    const __m256i low = _mm256_packs_epi32(levels(f, a), levels(f, b));
    const __m256i high = _mm256_packs_epi32(levels(f, c), levels(f, d));

    _mm256_storeu_si256((__m256i *)to, unlace(_mm256_packus_epi16(low, high)));
}

static AVX2 void rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
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
    .rgb_to_i420 = rgb_to_i420,
    .rgb_to_nv12 = rgb_to_nv12,
    .rgb_to_i444 = rgb_to_i444,
    .expand = expand,
    .has_bits = has_bits,
    .limit = limit,
    .widen = widen,
    .interleave = interleave,
    .deinterleave = deinterleave,
    .halve = halve,
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
