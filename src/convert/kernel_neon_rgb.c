/* SPDX-License-Identifier: MIT */

/* The row kernels from RGB with NEON. What fills no whole block at the end of a row is left to those in C. */

#include "kernel_neon.h"

#ifdef WCENC_HAS_NEON

enum { BLOCK = 16 }; /* pixels that are made at once */

/* Eight sums of pixels (or eight pixels): those of bytes 0, 1 and 2. */
struct sums {
    int16x8_t a, b, c;
};

NEON_INLINE int32x4_t rounding(int32_t offset, int shift)
{
    return vdupq_n_s32((offset << shift) + (1 << (shift - 1)));
}

NEON_INLINE int32x4_t low_products(const int16_t c[4], const struct sums *s, int32x4_t add)
{
    add = vmlal_n_s16(add, vget_low_s16(s->a), c[0]);
    add = vmlal_n_s16(add, vget_low_s16(s->b), c[1]);
    return vmlal_n_s16(add, vget_low_s16(s->c), c[2]);
}

NEON_INLINE int32x4_t high_products(const int16_t c[4], const struct sums *s, int32x4_t add)
{
    add = vmlal_high_n_s16(add, s->a, c[0]);
    add = vmlal_high_n_s16(add, s->b, c[1]);
    return vmlal_high_n_s16(add, s->c, c[2]);
}

/* Eight levels by a row of the matrix, from sums of `1 << sum_bits` pixels. No shift that narrows goes beyond 16. */
NEON_INLINE uint8x8_t levels(const int16_t c[4], int32_t offset, const struct sums *s, int sum_bits)
{
    const int32x4_t add = rounding(offset, MATRIX_BITS + sum_bits);
    const int32x4_t low = low_products(c, s, add), high = high_products(c, s, add);

    switch (sum_bits) {
    case 0:
        return vqmovun_s16(vshrn_high_n_s32(vshrn_n_s32(low, MATRIX_BITS), high, MATRIX_BITS));
    case 2:
        return vqshrun_n_s16(vshrn_high_n_s32(vshrn_n_s32(low, 16), high, 16), MATRIX_BITS + 2 - 16);
    default:
        return vqshrun_n_s16(vshrn_high_n_s32(vshrn_n_s32(low, 16), high, 16), MATRIX_BITS + 3 - 16);
    }
}

NEON_INLINE int16x8_t low_half(uint8x16_t bytes)
{
    return vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
}

NEON_INLINE int16x8_t high_half(uint8x16_t bytes)
{
    return vreinterpretq_s16_u16(vmovl_high_u8(bytes));
}

/* Writes 16 levels of one row of pixels. */
NEON_INLINE void store_levels(const int16_t c[4], int32_t offset, const uint8x16x4_t *pixels, uint8_t *to)
{
    const uint8x16_t *bytes = pixels->val;
    const struct sums low = {low_half(bytes[0]), low_half(bytes[1]), low_half(bytes[2])};
    const struct sums high = {high_half(bytes[0]), high_half(bytes[1]), high_half(bytes[2])};

    vst1q_u8(to, vcombine_u8(levels(c, offset, &low, 0), levels(c, offset, &high, 0)));
}

/* Of 2x2 pixels. */
NEON_INLINE int16x8_t center_sum(uint8x16_t top, uint8x16_t bottom)
{
    return vreinterpretq_s16_u16(vpadalq_u8(vpaddlq_u8(top), bottom));
}

/* Of 3x2 pixels; `before` are odd columns, of which the last is the one before these, and becomes those of these. */
NEON_INLINE int16x8_t left_sum(uint8x16_t top, uint8x16_t bottom, int16x8_t *before)
{
    const int16x8_t low = vreinterpretq_s16_u16(vaddl_u8(vget_low_u8(top), vget_low_u8(bottom)));
    const int16x8_t high = vreinterpretq_s16_u16(vaddl_high_u8(top, bottom));
    const int16x8_t even = vuzp1q_s16(low, high), odd = vuzp2q_s16(low, high);
    const int16x8_t shifted = vextq_s16(*before, odd, 7);

    *before = odd;
    return vaddq_s16(vaddq_s16(even, even), vaddq_s16(odd, shifted));
}

/* Where chroma lies at the left, `before` is what left_sum() needs. NULL: it lies in the middle. */
NEON_INLINE struct sums chroma_sums(const uint8x16_t top[4], const uint8x16_t bottom[4], struct sums *before)
{
    if (before)
        return (struct sums){.a = left_sum(top[0], bottom[0], &before->a),
                             .b = left_sum(top[1], bottom[1], &before->b),
                             .c = left_sum(top[2], bottom[2], &before->c)};
    return (struct sums){
        .a = center_sum(top[0], bottom[0]), .b = center_sum(top[1], bottom[1]), .c = center_sum(top[2], bottom[2])};
}

NEON_INLINE void block_to_420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, bool interleaved,
                              struct sums *before)
{
    const uint8x16x4_t top = vld4q_u8(rows->pixels[0]), bottom = vld4q_u8(rows->pixels[1]);
    const struct sums sums = chroma_sums(top.val, bottom.val, before);
    const int sum_bits = before ? 3 : 2;
    const uint8x8_t u = levels(matrix->u, 128, &sums, sum_bits), v = levels(matrix->v, 128, &sums, sum_bits);

    store_levels(matrix->y, matrix->y_offset, &top, rows->y[0]);
    store_levels(matrix->y, matrix->y_offset, &bottom, rows->y[1]);
    if (interleaved) {
        vst2_u8(rows->u, ((uint8x8x2_t){{u, v}}));
    } else {
        vst1_u8(rows->u, u);
        vst1_u8(rows->v, v);
    }
}

/* The sums of one column, in all places. */
NEON_INLINE struct sums column(const uint8_t *top, const uint8_t *bottom)
{
    return (struct sums){.a = vdupq_n_s16((int16_t)(top[0] + bottom[0])),
                         .b = vdupq_n_s16((int16_t)(top[1] + bottom[1])),
                         .c = vdupq_n_s16((int16_t)(top[2] + bottom[2]))};
}

NEON_INLINE void rgb_to_420(const struct rgb_matrix *given, const struct rgb_rows *rows, size_t width, bool left,
                            bool interleaved, rgb_kernel *rest)
{
    /* A copy stays in registers: no row that is written can be part of it. */
    const struct rgb_matrix matrix = *given;
    const size_t whole = width / BLOCK * BLOCK, first = rows->continues ? 4 : 0;
    struct rgb_rows at = *rows;
    struct sums before = {vdupq_n_s16(0), vdupq_n_s16(0), vdupq_n_s16(0)};

    if (whole > 0)
        before = column(rows->pixels[0] - first, rows->pixels[1] - first);
    for (size_t x = 0; x < whole; x += BLOCK) {
        block_to_420(&matrix, &at, interleaved, left ? &before : NULL);
        at.pixels[0] += 4 * BLOCK;
        at.pixels[1] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.y[1] += BLOCK;
        at.u += interleaved ? BLOCK : BLOCK / 2;
        if (!interleaved)
            at.v += BLOCK / 2;
        at.continues = true;
    }
    rest(given, &at, width - whole);
}

void wcenc__neon_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, false, wcenc__kernels_c.rgb_to_i420_left);
}

void wcenc__neon_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, true, true, wcenc__kernels_c.rgb_to_nv12_left);
}

void wcenc__neon_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, false, wcenc__kernels_c.rgb_to_i420_center);
}

void wcenc__neon_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, false, true, wcenc__kernels_c.rgb_to_nv12_center);
}

void wcenc__neon_rgb_to_i444(const struct rgb_matrix *given, const struct rgb_rows *rows, size_t width)
{
    const struct rgb_matrix matrix = *given;
    const size_t whole = width / BLOCK * BLOCK;
    struct rgb_rows at = *rows;

    for (size_t x = 0; x < whole; x += BLOCK) {
        const uint8x16x4_t pixels = vld4q_u8(at.pixels[0]);

        store_levels(matrix.y, matrix.y_offset, &pixels, at.y[0]);
        store_levels(matrix.u, 128, &pixels, at.u);
        store_levels(matrix.v, 128, &pixels, at.v);
        at.pixels[0] += 4 * BLOCK;
        at.y[0] += BLOCK;
        at.u += BLOCK;
        at.v += BLOCK;
    }
    wcenc__kernels_c.rgb_to_i444(given, &at, width - whole);
}

#endif
