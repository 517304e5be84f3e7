/* SPDX-License-Identifier: MIT */

/* The row kernels with NEON. What fills no whole block at the end of a row is left to those in C. */

#include "kernel_neon.h"

#ifdef WCENC_HAS_NEON

/* Eight levels of 0 to 219. */
NEON_INLINE uint16x8_t full_levels(uint8x8_t limited)
{
    const int16x8_t levels = vreinterpretq_s16_u16(vmovl_u8(limited));
    /* The instruction doubles the product. */
    const int16x8_t part = vqdmulhq_n_s16(vaddq_s16(levels, vdupq_n_s16(3)), 10775);

    return vreinterpretq_u16_s16(vsraq_n_s16(levels, part, 1));
}

static void expand(const uint8_t *from, uint8_t *to, size_t count)
{
    const uint8x16_t black = vdupq_n_u8(16), white = vdupq_n_u8(219);
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const uint8x16_t levels = vminq_u8(vqsubq_u8(vld1q_u8(from + i), black), white);
        const uint8x8_t low = vmovn_u16(full_levels(vget_low_u8(levels)));

        vst1q_u8(to + i, vmovn_high_u16(low, full_levels(vget_high_u8(levels))));
    }
    wcenc__kernels_c.expand(from + whole, to + whole, count - whole);
}

static bool has_bits(const uint8_t *samples, size_t count, uint16_t bits)
{
    const size_t whole = count / 32 * 32;
    uint16x8_t seen = vdupq_n_u16(0);

    for (size_t i = 0; i < whole; i += 32) {
        const uint8_t *at = samples + 2 * i;
        const uint16x8_t a = vorrq_u16(load_samples(at), load_samples(at + 16));
        const uint16x8_t b = vorrq_u16(load_samples(at + 32), load_samples(at + 48));

        seen = vorrq_u16(seen, vorrq_u16(a, b));
    }
    return vmaxvq_u16(vandq_u16(seen, vdupq_n_u16(bits))) != 0 ||
           wcenc__kernels_c.has_bits(samples + 2 * whole, count - whole, bits);
}

static void limit(const uint8_t *from, uint8_t *to, size_t count, uint16_t most)
{
    const uint16x8_t highest = vdupq_n_u16(most);
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8)
        store_samples(to + 2 * i, vminq_u16(load_samples(from + 2 * i), highest));
    wcenc__kernels_c.limit(from + 2 * whole, to + 2 * whole, count - whole, most);
}

/* Four samples; a shift by less than nothing goes to the right. */
NEON_INLINE uint16x4_t widened(int16x4_t samples, int16_t mul, int32x4_t add, int32x4_t shift)
{
    return vqmovun_s32(vshlq_s32(vmlal_n_s16(add, samples, mul), shift));
}

static void widen(const struct widening *widening, const uint8_t *from, uint8_t *to, size_t count)
{
    const int32x4_t add = vdupq_n_s32(widening->add), shift = vdupq_n_s32(-widening->shift);
    const int16_t mul = widening->mul;
    const size_t whole = count / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        const int16x8_t samples = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(from + i)));
        const uint16x4_t low = widened(vget_low_s16(samples), mul, add, shift);

        store_samples(to + 2 * i, vcombine_u16(low, widened(vget_high_s16(samples), mul, add, shift)));
    }
    wcenc__kernels_c.widen(widening, from + whole, to + 2 * whole, count - whole);
}

static void interleave(const uint8_t *u, const uint8_t *v, uint8_t *uv, size_t count)
{
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16)
        vst2q_u8(uv + 2 * i, ((uint8x16x2_t){{vld1q_u8(u + i), vld1q_u8(v + i)}}));
    wcenc__kernels_c.interleave(u + whole, v + whole, uv + 2 * whole, count - whole);
}

static void deinterleave(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    const size_t whole = count / 16 * 16;

    for (size_t i = 0; i < whole; i += 16) {
        const uint8x16x2_t pairs = vld2q_u8(uv + 2 * i);

        vst1q_u8(u + i, pairs.val[0]);
        vst1q_u8(v + i, pairs.val[1]);
    }
    wcenc__kernels_c.deinterleave(uv + 2 * whole, u + whole, v + whole, count - whole);
}

static const struct kernels kernels = {
    .name = "neon",
    .rgb_to_i420_left = wcenc__neon_rgb_to_i420_left,
    .rgb_to_nv12_left = wcenc__neon_rgb_to_nv12_left,
    .rgb_to_i420_center = wcenc__neon_rgb_to_i420_center,
    .rgb_to_nv12_center = wcenc__neon_rgb_to_nv12_center,
    .rgb_to_i444 = wcenc__neon_rgb_to_i444,
    .expand = expand,
    .has_bits = has_bits,
    .limit = limit,
    .widen = widen,
    .interleave = interleave,
    .deinterleave = deinterleave,
    .lower = wcenc__neon_lower,
    .lower_pairs = wcenc__neon_lower_pairs,
    .split_pairs = wcenc__neon_split_pairs,
    .add_fourth = wcenc__neon_add_fourth,
    .halve = wcenc__neon_halve,
    .halve_left = wcenc__neon_halve_left,
    .blend_rows = wcenc__neon_blend_rows,
    .shrink_row = wcenc__neon_shrink_row,
};

const struct kernels *wcenc__kernels_neon(void)
{
    return &kernels;
}

#else

const struct kernels *wcenc__kernels_neon(void)
{
    return NULL;
}

#endif
