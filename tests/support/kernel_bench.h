/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_SUPPORT_KERNEL_BENCH_H
#define WCENC_TESTS_SUPPORT_KERNEL_BENCH_H

/* What tests of row kernels have in common: memory that ends where planes end, and what is in it. */

#include <stddef.h>
#include <stdint.h>

#include "guarded.h"
#include "kernel.h"

/* Memory for a source and for what each set of kernels makes of it. */
struct kernel_bench {
    struct guarded source;
    struct guarded targets[KERNEL_SETS_MAX];
};

/* Set-up and tear-down of a group of tests; the state is the bench. */
int kernel_bench_create(void **state);
int kernel_bench_destroy(void **state);

/* A target for one of the sets, whose rows go from the top to the bottom wherever they lie. */
struct picture kernel_target(struct kernel_bench *bench, size_t set, enum guarded_place place,
                             wcenc_pixel_format format, uint32_t width, uint32_t height);

uint8_t *picture_row(const struct picture *picture, int plane, uint32_t y);

/* Bytes of any value; bytes of 0 and 255; runs of four pixels that are one of the eight corners of the cube. */
enum content { CONTENT_NOISE, CONTENT_EXTREMES, CONTENT_PURE, CONTENT_COUNT };

void picture_fill(const struct picture *picture, enum content content);

/* Fails the test unless both hold the same samples. */
void check_same_picture(const struct picture *a, const struct picture *b);

#endif
