/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_AVX2_H
#define WCENC_CONVERT_KERNEL_AVX2_H

/* What the files of kernels with AVX2 share; for those alone. */

#include "kernel.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

#define WCENC_HAS_AVX2

#include <immintrin.h>

#define AVX2        __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

void wcenc__avx2_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__avx2_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__avx2_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__avx2_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__avx2_rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);

void wcenc__avx2_lower(const uint8_t *from, uint8_t *to, size_t count);
void wcenc__avx2_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
void wcenc__avx2_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
void wcenc__avx2_add_fourth(const uint8_t *from, uint8_t *to, size_t count);

#endif

#endif
