/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_H
#define WCENC_CONVERT_KERNEL_H

/*
 * Row kernels of conversion: the inner loops, once in plain C and once for each instruction set that pays. All give the
 * same results to the bit. They read and write the samples that are named and not a byte more, at any alignment; what
 * they read and what they write do not overlap.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MATRIX_BITS = 15 }; /* fraction of the coefficients: errors stay below a hundredth of a level */

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

/*
 * Two rows of four-byte pixels, and where they go; only the first where chroma is not shared by two. With an odd height
 * both rows of the last two are the same.
 */
struct rgb_rows {
    const uint8_t *pixels[2];
    uint8_t *y[2];
    uint8_t *u; /* U and V in turn for NV12 */
    uint8_t *v;
    bool continues; /* there is a pixel before the first, of the same rows */
};

/* What a level of limited-range RGB is in full range: that of the formula, rounded, for each of the 220. */
static inline uint8_t rgb_full_level(uint8_t limited)
{
    const uint32_t level = (limited < 16 ? 16u : limited > 235 ? 235u : limited) - 16;

    return (uint8_t)(level + ((level + 3) * 10775 >> 16));
}

typedef void rgb_kernel(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);

/* To more bits a sample: (sample * mul + add) >> shift, and 0 where that is negative. */
struct widening {
    int16_t mul;
    int16_t add;
    int shift;
};

enum {
    WEIGHT_BITS = 14,  /* weights of a sample add up to 1 << WEIGHT_BITS */
    BLENDED_BITS = 7,  /* fraction of samples between the two passes of scaling, which then fill 15 bits */
    FILTER_GROUP = 8,  /* samples whose weights lie together */
    FILTER_MARGIN = 8, /* samples that may be read beyond `taps` from a start on, whatever they are */
};

/*
 * How the samples along one axis become fewer: each is the weighted sum of `taps` (an even number) from its start on.
 * For each group of samples and each pair of taps there are FILTER_GROUP pairs of weights. Tables are for whole groups.
 */
struct axis_filter {
    uint32_t count;
    uint32_t taps;
    uint32_t *starts;
    int16_t *weights;
    /*
     * How 16-byte loads and shuffles of bytes bring together the pairs that a half of a group begins with: `loads` of
     * them (1, 2 or 4), from the start of the first of as many samples as share one. Bytes of others come out as 0. For
     * each group and load there are 16 bytes for either half.
     */
    uint32_t loads;
    uint8_t *shuffles;
};

struct kernels {
    const char *name;
    /*
     * Chroma lies where every other column of luma does, halfway between two rows: it is that of 3x2 pixels, the column
     * in the middle counting twice. Columns beyond the edges are those at the edges.
     */
    rgb_kernel *rgb_to_i420_left;
    rgb_kernel *rgb_to_nv12_left;
    /* Chroma is that of the mean of 2x2 pixels; at an odd width the last column counts twice. */
    rgb_kernel *rgb_to_i420_center;
    rgb_kernel *rgb_to_nv12_center;
    rgb_kernel *rgb_to_i444;

    /* RGB of limited range (16 to 235) to full range, byte for byte, the fourth of each pixel too. */
    void (*expand)(const uint8_t *from, uint8_t *to, size_t count);

    /* Samples of two bytes, in the order of the machine: whether any has one of these bits; the lesser of each and
     * `most`. */
    bool (*has_bits)(const uint8_t *samples, size_t count, uint16_t bits);
    void (*limit)(const uint8_t *from, uint8_t *to, size_t count, uint16_t most);

    /* `to` takes two bytes a sample, in the order of the machine. */
    void (*widen)(const struct widening *widening, const uint8_t *from, uint8_t *to, size_t count);
    void (*interleave)(const uint8_t *u, const uint8_t *v, uint8_t *uv, size_t count);
    void (*deinterleave)(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);

    /* Samples of 10 bits in the upper ones of two bytes to the lower ones; in pairs to a plane for each. */
    void (*lower)(const uint8_t *from, uint8_t *to, size_t count);
    void (*lower_pairs)(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
    /* Pairs of pixels as Y U Y V, or U Y V Y where luma is not first. */
    void (*split_pairs)(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
    /* Pixels of three bytes get a fourth, 255. */
    void (*add_fourth)(const uint8_t *from, uint8_t *to, size_t count);

    /* Means of 2x2 samples, rounded half up, from rows of `width`; at an odd width the last column counts twice. */
    void (*halve)(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);

    /*
     * The same for chroma that lies at the left of what it is for, so that the means lie there too: of two rows, and of
     * three columns that count 1, 4 and 3. Columns beyond the edges are those at the edges.
     */
    void (*halve_left)(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);

    /* The weighted sum of `count` rows (an even number), with BLENDED_BITS more bits. */
    void (*blend_rows)(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to, size_t width);

    /* A row of sums to fewer samples of 8 bits. */
    void (*shrink_row)(const struct axis_filter *filter, const int16_t *from, uint8_t *to);
};

extern const struct kernels wcenc__kernels_c;

/* NULL where the compiler or the CPU has no such instructions. */
const struct kernels *wcenc__kernels_neon(void);
const struct kernels *wcenc__kernels_sse41(void);
const struct kernels *wcenc__kernels_avx2(void);

enum { KERNEL_SETS_MAX = 4 };

/* Stores the sets that this CPU runs, from the one in C to the fastest; their number. */
size_t wcenc__kernel_sets(const struct kernels *sets[KERNEL_SETS_MAX]);

/* The fastest of them. */
const struct kernels *wcenc__kernels(void);

#endif
