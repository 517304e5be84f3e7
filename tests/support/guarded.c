/* SPDX-License-Identifier: MIT */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "guarded.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GAP = 13 };

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void guarded_create(struct guarded *guarded, size_t plane_size)
{
    const size_t page = page_size();

    guarded->size = (plane_size + page - 1) / page * page;
    for (int plane = 0; plane < PLANES_MAX; plane++) {
        guarded->mappings[plane] =
            mmap(NULL, guarded->size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(guarded->mappings[plane] != MAP_FAILED);
        assert_int_equal(mprotect(guarded->mappings[plane], page, PROT_NONE), 0);
        assert_int_equal(mprotect(guarded->mappings[plane] + page + guarded->size, page, PROT_NONE), 0);
    }
}

void guarded_destroy(struct guarded *guarded)
{
    for (int plane = 0; plane < PLANES_MAX; plane++)
        munmap(guarded->mappings[plane], guarded->size + 2 * page_size());
}

struct picture guarded_picture(struct guarded *guarded, enum guarded_place place, wcenc_pixel_format format,
                               uint32_t width, uint32_t height)
{
    const struct pixel_format *row = wcenc__pixel_format(format);
    struct picture picture = {.format = format, .width = width, .height = height};

    for (int plane = 0; plane < row->plane_count; plane++) {
        const size_t row_bytes = (size_t)wcenc__plane_row_bytes(row, plane, width);
        const size_t stride = row_bytes + (place == GUARDED_GAPS ? GAP : 0);
        const size_t last = stride * (wcenc__plane_height(row, plane, height) - 1);
        uint8_t *start = guarded->mappings[plane] + page_size();

        assert_true(last + row_bytes <= guarded->size);
        memset(start, GUARDED_FILLER, guarded->size);
        if (place != GUARDED_START)
            start += guarded->size - last - row_bytes;
        picture.planes[plane] = place == GUARDED_BOTTOM_UP ? start + last : start;
        picture.strides[plane] = place == GUARDED_BOTTOM_UP ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
    }
    return picture;
}

/* The first byte of memory that no longer holds GUARDED_FILLER; `end` if there is none. */
static const uint8_t *find_written(const uint8_t *begin, const uint8_t *end)
{
    /* Where all bytes equal those after them, they equal the first: one comparison for the usual case. */
    if (begin == end || (*begin == GUARDED_FILLER && memcmp(begin, begin + 1, (size_t)(end - begin) - 1) == 0))
        return end;
    while (begin < end && *begin == GUARDED_FILLER)
        begin++;
    return begin;
}

/* The first such byte of a plane's memory outside of its rows, in the order of addresses; NULL if there is none. */
static const uint8_t *find_written_outside(const struct guarded *guarded, const struct picture *picture, int plane)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const uint32_t rows = wcenc__plane_height(format, plane, picture->height);
    const size_t row_bytes = (size_t)wcenc__plane_row_bytes(format, plane, picture->width);
    const uint8_t *at = guarded->mappings[plane] + page_size(), *end = at + guarded->size;

    for (uint32_t y = 0; y < rows; y++) {
        const uint32_t row = picture->strides[plane] < 0 ? rows - 1 - y : y;
        const uint8_t *start = picture->planes[plane] + (ptrdiff_t)row * picture->strides[plane];
        const uint8_t *written = find_written(at, start);

        if (written != start)
            return written;
        at = start + row_bytes;
    }
    at = find_written(at, end);
    return at == end ? NULL : at;
}

void guarded_check_gaps(const struct guarded *guarded, const struct picture *picture)
{
    for (int plane = 0; plane < wcenc__pixel_format(picture->format)->plane_count; plane++) {
        const uint8_t *written = find_written_outside(guarded, picture, plane);

        if (written)
            fail_msg("plane %d of %s at %ux%u: byte %td from its first was written", plane,
                     wcenc_pixel_format_name(picture->format), picture->width, picture->height,
                     written - picture->planes[plane]);
    }
}
