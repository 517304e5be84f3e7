/* SPDX-License-Identifier: MIT */

/* Formats beyond WebCodecs to those with the same samples, by the kernels in C and those of the CPU. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../support/mem_fault.h"
#include "unpack.h"

#define ID(format) WCENC_PIXEL_FORMAT_##format

enum { WIDTH_MAX = 131, CANARY = 0xee };

static uint32_t seed = 5;

static void fill_noise(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static struct picture noise(wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    const struct pixel_format *row = wcenc__pixel_format(format);
    struct picture picture;

    assert_true(wcenc__pixels_create(format, width, height, &picture));
    for (int plane = 0; plane < row->plane_count; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(row, plane, height); y++)
            fill_noise((uint8_t *)picture.planes[plane] + (ptrdiff_t)y * picture.strides[plane],
                       (size_t)wcenc__plane_row_bytes(row, plane, width));
    return picture;
}

static unsigned byte_at(const struct picture *picture, int plane, uint32_t y, size_t at)
{
    return picture->planes[plane][(ptrdiff_t)y * picture->strides[plane] + (ptrdiff_t)at];
}

static unsigned wide_at(const struct picture *picture, int plane, uint32_t y, size_t at)
{
    uint16_t sample;

    memcpy(&sample, picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane] + 2 * at, sizeof sample);
    return sample;
}

/* What the header says of each format: a component (0 to 2) of a pixel. */
static unsigned sample_of(const struct picture *picture, int component, uint32_t x, uint32_t y)
{
    const uint32_t half = x / 2;

    switch (picture->format) {
    case ID(NV21):
        return component == 0 ? byte_at(picture, 0, y, x) : byte_at(picture, 1, y / 2, 2 * half + (component == 1));
    case ID(P010):
        return (component == 0 ? wide_at(picture, 0, y, x) : wide_at(picture, 1, y / 2, 2 * half + (component == 2))) >>
               6;
    case ID(YUYV):
        return byte_at(picture, 0, y, component == 0 ? 2 * x : 4 * half + (component == 1 ? 1 : 3));
    case ID(UYVY):
        return byte_at(picture, 0, y, component == 0 ? 2 * x + 1 : 4 * half + (component == 1 ? 0 : 2));
    case ID(RGB24):
    case ID(BGR24):
        return byte_at(picture, 0, y, 3 * x + (uint32_t)component);
    default:
        return component == 0 ? byte_at(picture, 0, y, x) : 128;
    }
}

static unsigned unpacked_sample(const struct picture *picture, int component, uint32_t x, uint32_t y)
{
    const struct pixel_format *row = wcenc__pixel_format(picture->format);

    if (row->is_rgb)
        return byte_at(picture, 0, y, 4 * x + (uint32_t)component);
    if (component > 0) {
        x >>= row->chroma_shift_x;
        y >>= row->chroma_shift_y;
    }
    return row->bit_depth > 8 ? wide_at(picture, component, y, x) : byte_at(picture, component, y, x);
}

static void check(const struct kernels *kernels, wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    struct picture from = noise(format, width, height), to = {.pixels = NULL};

    assert_true(wcenc__unpack(kernels, &from, &to));
    assert_int_equal(to.format, wcenc__unpack_format(format));
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (int c = 0; c < 3; c++)
                if (unpacked_sample(&to, c, x, y) != sample_of(&from, c, x, y))
                    fail_msg("%s, %s %ux%u: component %d at %u, %u is %u, not %u", kernels->name,
                             wcenc_pixel_format_name(format), width, height, c, x, y, unpacked_sample(&to, c, x, y),
                             sample_of(&from, c, x, y));
    wcenc__pixels_unref(from.pixels);
    wcenc__pixels_unref(to.pixels);
}

static void test_formats_beyond_webcodecs_keep_every_sample(void **state)
{
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);

    (void)state;
    for (wcenc_pixel_format format = ID(NV21); format <= ID(GRAY8); format++) /* FMT-006 */
        for (size_t k = 0; k < count; k++)
            for (uint32_t width = 1; width <= WIDTH_MAX; width++)
                check(kernels[k], format, width, 1 + width % 3);
}

/* A block whose bytes behind the last that may be written are to stay. */
struct block {
    uint8_t bytes[4 * WIDTH_MAX + 64];
};

static void expect_end(const struct block *block, size_t size)
{
    for (size_t i = size; i < size + 32; i++)
        assert_int_equal(block->bytes[i], CANARY);
}

static void run_all(const struct kernels *kernels, const uint8_t *from, size_t count, struct block out[8])
{
    memset(out, CANARY, 8 * sizeof *out);
    kernels->lower(from, out[0].bytes, count);
    kernels->lower_pairs(from, out[1].bytes, out[2].bytes, count);
    kernels->split_pairs(from, out[3].bytes, out[4].bytes, out[5].bytes, count / 2, count % 3 == 0);
    kernels->add_fourth(from, out[6].bytes, count);
    expect_end(&out[0], 2 * count);
    expect_end(&out[1], 2 * count);
    expect_end(&out[2], 2 * count);
    expect_end(&out[3], count / 2 * 2);
    expect_end(&out[4], count / 2);
    expect_end(&out[5], count / 2);
    expect_end(&out[6], 4 * count);
}

static void test_kernels_agree_and_write_nothing_else(void **state)
{
    const struct kernels *kernels[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(kernels);
    uint8_t from[4 * WIDTH_MAX];
    struct block of_c[8], of_cpu[8];

    (void)state;
    fill_noise(from, sizeof from);
    for (size_t n = 0; n <= WIDTH_MAX; n++) {
        run_all(kernels[0], from, n, of_c);
        for (size_t k = 1; k < count; k++) {
            run_all(kernels[k], from, n, of_cpu);
            assert_memory_equal(of_c, of_cpu, sizeof of_c);
        }
        for (size_t i = 0; i < n; i++)
            assert_int_equal(of_c[6].bytes[4 * i + 3], 255);
    }
}

static void test_only_formats_beyond_webcodecs_are_unpacked(void **state)
{
    (void)state;
    for (wcenc_pixel_format format = 0; format < PIXEL_FORMAT_COUNT; format++) {
        const struct pixel_format *row = wcenc__pixel_format(format);

        assert_int_equal(wcenc__unpack_is_due(format), row && row->is_extra);
        if (row && row->is_extra)
            assert_false(wcenc__pixel_format(wcenc__unpack_format(format))->is_extra);
    }
}

static void test_unpacking_without_memory_fails(void **state)
{
    struct picture from = noise(ID(P010), 6, 4), to = {.pixels = NULL};

    (void)state;
    mem_fault_after(0);
    assert_false(wcenc__unpack(&wcenc__kernels_c, &from, &to));
    mem_fault_after(-1);
    assert_null(to.pixels);
    wcenc__pixels_unref(from.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_beyond_webcodecs_keep_every_sample),
        cmocka_unit_test(test_kernels_agree_and_write_nothing_else),
        cmocka_unit_test(test_only_formats_beyond_webcodecs_are_unpacked),
        cmocka_unit_test(test_unpacking_without_memory_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
