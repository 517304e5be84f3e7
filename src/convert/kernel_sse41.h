/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_SSE41_H
#define WCENC_CONVERT_KERNEL_SSE41_H

/* What the files of kernels with SSE4.1 share; for those alone. */

#include "kernel.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

#define WCENC_HAS_SSE41

#include <smmintrin.h>

#define SSE41        __attribute__((target("sse4.1")))
#define SSE41_INLINE static inline __attribute__((target("sse4.1"), always_inline))

SSE41_INLINE __m128i load_16(const void *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

SSE41_INLINE void store_16(void *bytes, __m128i vector)
{
    _mm_storeu_si128((__m128i *)bytes, vector);
}

void wcenc__sse41_rgb_to_i420_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__sse41_rgb_to_nv12_left(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__sse41_rgb_to_i420_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__sse41_rgb_to_nv12_center(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);
void wcenc__sse41_rgb_to_i444(const struct rgb_matrix *matrix, const struct rgb_rows *rows, size_t width);

void wcenc__sse41_lower(const uint8_t *from, uint8_t *to, size_t count);
void wcenc__sse41_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
void wcenc__sse41_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
void wcenc__sse41_add_fourth(const uint8_t *from, uint8_t *to, size_t count);

void wcenc__sse41_halve(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);
void wcenc__sse41_halve_left(const uint8_t *top, const uint8_t *bottom, uint8_t *to, size_t width);
void wcenc__sse41_blend_rows(const uint8_t *const *rows, const int16_t *weights, size_t count, int16_t *to,
                             size_t width);
void wcenc__sse41_shrink_row(const struct axis_filter *filter, const int16_t *from, uint8_t *to);

#endif

#endif
