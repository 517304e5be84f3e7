/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_NEON_H
#define WCENC_CONVERT_KERNEL_NEON_H

/*
 * What the files of kernels with NEON share; for those alone. All CPUs of 64-bit ARM have it. 32-bit ARM, and the order
 * of bytes that nobody uses, are left to C.
 */

#include "kernel.h"

#if defined(__GNUC__) && defined(__aarch64__) && defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN)

#define WCENC_HAS_NEON

#include <arm_neon.h>

#define NEON_INLINE static inline __attribute__((always_inline))

/* Samples of two bytes, wherever they lie. */
NEON_INLINE uint16x8_t load_samples(const uint8_t *bytes)
{
    return vreinterpretq_u16_u8(vld1q_u8(bytes));
}

NEON_INLINE void store_samples(uint8_t *bytes, uint16x8_t samples)
{
    vst1q_u8(bytes, vreinterpretq_u8_u16(samples));
}

void wcenc__neon_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__neon_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__neon_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__neon_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__neon_rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);

void wcenc__neon_lower(const uint8_t *from, uint8_t *to, size_t count);
void wcenc__neon_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
void wcenc__neon_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
void wcenc__neon_add_fourth(const uint8_t *from, uint8_t *to, size_t count);

void wcenc__neon_halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);
void wcenc__neon_halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);
void wcenc__neon_blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to,
                            size_t width);
void wcenc__neon_shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to);

#endif

#endif
