/* SPDX-License-Identifier: MIT */

/* The memory behind frames: the library's own, or borrowed from the user until the last reference is released. */

#include <string.h>

#include "color_space.h"
#include "frame_handle.h"
#include "mem.h"
#include "pool.h"
#include "thread.h"

enum {
    ALIGNMENT = 64, /* of planes and rows: a cache line, and the widest vector */
    PADDING = 64,   /* behind the last row, for readers that take whole vectors */
};

struct pixels {
    struct ref ref;
    wcenc_release_fn release; /* NULL for memory of the library's own, which follows this struct */
    void *user;
    bool is_own; /* from the pool, and padded */
};

static uint64_t align_up(uint64_t value)
{
    return (value + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Sets strides, and planes as offsets; the number of bytes in all. */
static uint64_t lay_out(struct picture *picture, uint64_t offsets[PLANES_MAX])
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    uint64_t size = 0;

    for (int plane = 0; plane < format->plane_count; plane++) {
        uint64_t stride = align_up(wcenc__plane_row_bytes(format, plane, picture->width));

        picture->strides[plane] = (ptrdiff_t)stride;
        offsets[plane] = size;
        size += stride * wcenc__plane_height(format, plane, picture->height);
    }
    return size;
}

bool wcenc__pixels_create(wcenc_pixel_format format, uint32_t width, uint32_t height, struct picture *picture)
{
    struct picture made = {.format = format, .width = width, .height = height};
    uint64_t offsets[PLANES_MAX];
    uint64_t size = sizeof(struct pixels) + ALIGNMENT + lay_out(&made, offsets) + PADDING;
    struct pixels *pixels = size <= PTRDIFF_MAX ? wcenc__pool_alloc((size_t)size) : NULL;
    uint8_t *start;

    if (!pixels)
        return false;
    ref_init(&pixels->ref);
    pixels->release = NULL;
    pixels->user = NULL;
    pixels->is_own = true;
    start = (uint8_t *)(pixels + 1);
    start += (ALIGNMENT - (uintptr_t)start % ALIGNMENT) % ALIGNMENT;
    for (int plane = 0; plane < wcenc__pixel_format(format)->plane_count; plane++)
        made.planes[plane] = start + offsets[plane];
    made.pixels = pixels;
    *picture = made;
    return true;
}

bool wcenc__picture_make_like(struct picture *picture, const struct picture *like)
{
    if (!picture->pixels || picture->format != like->format || picture->width != like->width ||
        picture->height != like->height || wcenc__pixels_are_shared(picture->pixels)) {
        wcenc__pixels_unref(picture->pixels);
        memset(picture, 0, sizeof *picture);
        if (!wcenc__pixels_create(like->format, like->width, like->height, picture))
            return false;
    }
    picture->color_space = like->color_space;
    picture->chroma_location = like->chroma_location;
    return true;
}

void wcenc__picture_complete_color(struct picture *picture, const struct picture *target)
{
    if (!wcenc__pixel_format(picture->format)->is_rgb)
        picture->color_space = wcenc__color_space_in_stream(&picture->color_space, &target->color_space);
}

struct pixels *wcenc__pixels_borrow(void)
{
    struct pixels *pixels = mem_zalloc(sizeof *pixels);

    if (pixels)
        ref_init(&pixels->ref);
    return pixels;
}

void wcenc__pixels_on_release(struct pixels *pixels, wcenc_release_fn release, void *user)
{
    pixels->release = release;
    pixels->user = user;
}

bool wcenc__pixels_are_shared(const struct pixels *pixels)
{
    /* Acquire: the one that is left may write what others have read. */
    return atomic_load_explicit(&((struct pixels *)pixels)->ref.count, memory_order_acquire) > 1;
}

bool wcenc__pixels_are_padded(const struct pixels *pixels)
{
    return pixels && pixels->is_own;
}

struct pixels *wcenc__pixels_ref(struct pixels *pixels)
{
    if (pixels)
        ref_take(&pixels->ref);
    return pixels;
}

void wcenc__pixels_unref(struct pixels *pixels)
{
    int before;

    if (!pixels || !ref_give(&pixels->ref))
        return;
    if (pixels->is_own) {
        wcenc__pool_free(pixels);
        return;
    }
    before = wcenc__cancellation_block();
    if (pixels->release)
        pixels->release(pixels->user);
    wcenc__cancellation_restore(before);
    mem_free(pixels);
}
