/* SPDX-License-Identifier: MIT */

/*
 * The row kernels with NEON for formats beyond WebCodecs. What fills no whole block at the end of a row is left to
 * those in C.
 */

#include "kernel_neon.h"

#ifdef WCENC_HAS_NEON

enum { UPPER_SHIFT = 6 };

void wcenc__neon_lower(const uint8_t *from, uint8_t *to, size_t count)
{
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8)
        store_samples(to + 2 * i, vshrq_n_u16(load_samples(from + 2 * i), UPPER_SHIFT));
    wcenc__kernels_c.lower(from + 2 * whole, to + 2 * whole, count - whole);
}

void wcenc__neon_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        const uint16x8_t a = vshrq_n_u16(load_samples(uv + 4 * i), UPPER_SHIFT);
        const uint16x8_t b = vshrq_n_u16(load_samples(uv + 4 * i + 16), UPPER_SHIFT);

        store_samples(u + 2 * i, vuzp1q_u16(a, b));
        store_samples(v + 2 * i, vuzp2q_u16(a, b));
    }
    wcenc__kernels_c.lower_pairs(uv + 4 * whole, u + 2 * whole, v + 2 * whole, count - whole);
}

NEON_INLINE void split(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first)
{
    const int luma = luma_first ? 0 : 1, chroma = 1 - luma;
    const size_t whole = pairs / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const uint8x16x4_t bytes = vld4q_u8(from + 4 * i);

        vst2q_u8(y + 2 * i, ((uint8x16x2_t){{bytes.val[luma], bytes.val[luma + 2]}}));
        vst1q_u8(u + i, bytes.val[chroma]);
        vst1q_u8(v + i, bytes.val[chroma + 2]);
    }
    wcenc__kernels_c.split_pairs(from + 4 * whole, y + 2 * whole, u + whole, v + whole, pairs - whole, luma_first);
}

void wcenc__neon_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first)
{
    if (luma_first)
        split(from, y, u, v, pairs, true);
    else
        split(from, y, u, v, pairs, false);
}

void wcenc__neon_add_fourth(const uint8_t *from, uint8_t *to, size_t count)
{
    const uint8x16_t fourth = vdupq_n_u8(255);
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const uint8x16x3_t pixels = vld3q_u8(from + 3 * i);

        vst4q_u8(to + 4 * i, ((uint8x16x4_t){{pixels.val[0], pixels.val[1], pixels.val[2], fourth}}));
    }
    wcenc__kernels_c.add_fourth(from + 3 * whole, to + 4 * whole, count - whole);
}

#endif
