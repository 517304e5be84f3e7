/* SPDX-License-Identifier: MIT */

/* The row kernels in plain C, and the choice between these and those for the CPU at hand. */

#include "kernel.h"

static inline uint8_t clip(int32_t value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

/*
 * Bytes 0, 1 and 2 of two pixels, the left in the lower half, the right in the upper: what is done to a word is done to
 * both.
 */
struct pair {
    uint64_t a, b, c;
};

/* Compilers make one load of this. */
static inline uint32_t load_pixel(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline struct pair load_pair(const uint8_t *left, const uint8_t *right)
{
    const uint64_t pixels = load_pixel(left) | (uint64_t)load_pixel(right) << 32;
    const uint64_t low = UINT64_C(0xff000000ff);

    return (struct pair){.a = pixels & low, .b = pixels >> 8 & low, .c = pixels >> 16 & low};
}

/* The row of luma, whose coefficients and sums are not negative, for pairs. */
struct luma {
    uint64_t a, b, c;
    uint64_t add; /* offset and rounding */
};

static inline struct luma luma_of(const struct rgb_matrix *matrix)
{
    const uint64_t add = ((uint64_t)matrix->y_offset << MATRIX_BITS) + (1 << (MATRIX_BITS - 1));

    return (struct luma){
        .a = (uint64_t)matrix->y[0], .b = (uint64_t)matrix->y[1], .c = (uint64_t)matrix->y[2], .add = add | add << 32};
}

static inline uint64_t luma_sums(const struct luma *luma, struct pair p)
{
    return p.a * luma->a + p.b * luma->b + p.c * luma->c + luma->add;
}

/* Sums of 2x2 pixels. */
struct sums {
    int32_t a, b, c;
};

static inline int32_t both(uint64_t sum)
{
    return (int32_t)((sum & 0xffff) + (sum >> 32));
}

static inline struct sums add(struct pair top, struct pair bottom)
{
    return (struct sums){both(top.a + bottom.a), both(top.b + bottom.b), both(top.c + bottom.c)};
}

/* The level of the mean of four pixels. */
static inline uint8_t chroma(const int16_t row[4], struct sums sums)
{
    const int shift = MATRIX_BITS + 2;
    const int32_t sum = row[0] * sums.a + row[1] * sums.b + row[2] * sums.c;

    return clip((sum + (128 << shift) + (1 << (shift - 1))) >> shift);
}

/* U and V, `step` bytes from each to the next. Loads come before stores, which might be to the same memory otherwise.
 */
static inline void rgb_to_420(const struct rgb_matrix *given, const struct rgb_rows *rows, size_t width, size_t step,
                              uint8_t *u, uint8_t *v)
{
    const struct rgb_matrix matrix = *given;
    const struct luma luma = luma_of(given);
    const uint8_t *top = rows->pixels[0], *bottom = rows->pixels[1];
    uint8_t *y_top = rows->y[0], *y_bottom = rows->y[1];

    for (size_t x = 0; x < width; x += 2) {
        const size_t next = x + 1 < width ? x + 1 : x;
        const struct pair upper = load_pair(top + 4 * x, top + 4 * next);
        const struct pair lower = load_pair(bottom + 4 * x, bottom + 4 * next);
        const uint64_t y_upper = luma_sums(&luma, upper), y_lower = luma_sums(&luma, lower);
        const struct sums sums = add(upper, lower);

        y_top[x] = (uint8_t)(y_upper >> MATRIX_BITS);
        y_top[next] = (uint8_t)(y_upper >> (32 + MATRIX_BITS));
        y_bottom[x] = (uint8_t)(y_lower >> MATRIX_BITS);
        y_bottom[next] = (uint8_t)(y_lower >> (32 + MATRIX_BITS));
        u[x / 2 * step] = chroma(matrix.u, sums);
        v[x / 2 * step] = chroma(matrix.v, sums);
    }
}

static void rgb_to_i420(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, 1, rows->u, rows->v);
}

static void rgb_to_nv12(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width)
{
    rgb_to_420(matrix, rows, width, 2, rows->u, rows->u + 1);
}

const struct kernels wcenc__kernels_c = {
    .name = "c",
    .rgb_to_i420 = rgb_to_i420,
    .rgb_to_nv12 = rgb_to_nv12,
};

const struct kernels *wcenc__kernels(void)
{
    const struct kernels *avx2 = wcenc__kernels_avx2();

    return avx2 ? avx2 : &wcenc__kernels_c;
}
