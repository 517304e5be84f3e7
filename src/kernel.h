/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_KERNEL_H
#define WCENC_SRC_KERNEL_H

/*
 * Row kernels of conversion: the inner loops, once in plain C and once for each instruction set that pays. All give the
 * same results to the bit. They read and write the samples that are named and not a byte more, at any alignment; what
 * they read and what they write do not overlap.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MATRIX_BITS = 15 }; /* fraction of the coefficients: errors stay below a fiftieth of a level */

/*
 * RGB to YCbCr in fixed point: sums of products with the four bytes of a pixel as they lie in memory, so that the order
 * of channels is a matter of coefficients. That of the fourth byte is 0.
 */
struct rgb_matrix {
    int16_t y[4];
    int16_t u[4];
    int16_t v[4];
    int32_t y_offset; /* what black is, in levels */
};

/* Rows of four-byte pixels, and where they go. With an odd height both rows of the last two are the same. */
struct rgb_rows {
    const uint8_t *pixels[2];
    uint8_t *y[2];
    uint8_t *u; /* U and V in turn for NV12 */
    uint8_t *v;
};

struct kernels {
    const char *name;
    /* Chroma is that of the mean of 2x2 pixels; at an odd width the last column counts twice. */
    void (*rgb_to_i420)(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
    void (*rgb_to_nv12)(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
};

extern const struct kernels wcenc__kernels_c;

/* NULL where the compiler or the CPU has no AVX2. */
const struct kernels *wcenc__kernels_avx2(void);

/* The fastest here. */
const struct kernels *wcenc__kernels(void);

#endif
