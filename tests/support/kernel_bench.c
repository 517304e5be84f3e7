/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel_bench.h"

enum { SOURCE_SIZE = 32768, TARGET_SIZE = 8192 }; /* of a plane */

int kernel_bench_create(void **state)
{
    static struct kernel_bench bench;

    guarded_create(&bench.source, SOURCE_SIZE);
    for (int i = 0; i < KERNEL_SETS_MAX; i++)
        guarded_create(&bench.targets[i], TARGET_SIZE);
    *state = &bench;
    return 0;
}

int kernel_bench_destroy(void **state)
{
    struct kernel_bench *bench = *state;

    guarded_destroy(&bench->source);
    for (int i = 0; i < KERNEL_SETS_MAX; i++)
        guarded_destroy(&bench->targets[i]);
    return 0;
}

struct picture kernel_target(struct kernel_bench *bench, size_t set, enum guarded_place place,
                             wcenc_pixel_format format, uint32_t width, uint32_t height)
{
    return guarded_picture(&bench->targets[set], place == GUARDED_BOTTOM_UP ? GUARDED_END : place, format, width,
                           height);
}

uint8_t *picture_row(const struct picture *picture, int plane, uint32_t y)
{
    return (uint8_t *)picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

/* Xorshift; the same numbers in every run. */
static uint32_t next_random(void)
{
    static uint32_t state = 1;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint8_t byte_of(enum content content, uint64_t i, uint32_t y)
{
    const uint32_t noise = next_random() >> 16;
    const uint64_t corner = i / 16 + y / 2;

    switch (content) {
    case CONTENT_NOISE:
        return (uint8_t)noise;
    case CONTENT_EXTREMES:
        return noise & 1 ? 255 : 0;
    default:
        return corner >> i % 4 & 1 ? 255 : 0;
    }
}

void picture_fill(const struct picture *picture, enum content content)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);

    for (int plane = 0; plane < format->plane_count; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, picture->height); y++)
            for (uint64_t i = 0; i < wcenc__plane_row_bytes(format, plane, picture->width); i++)
                picture_row(picture, plane, y)[i] = byte_of(content, i, y);
}

void check_same_picture(const struct picture *a, const struct picture *b)
{
    const struct pixel_format *format = wcenc__pixel_format(a->format);

    for (int plane = 0; plane < format->plane_count; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, a->height); y++)
            assert_memory_equal(picture_row(a, plane, y), picture_row(b, plane, y),
                                (size_t)wcenc__plane_row_bytes(format, plane, a->width));
}
