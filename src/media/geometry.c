/* SPDX-License-Identifier: MIT */

/* Rects, layouts, sizes and orientation of frames: see geometry.h. */

#include "geometry.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "status.h"

bool wcenc__rect_is_given(const wcenc_rect *rect)
{
    return rect->x || rect->y || rect->width || rect->height;
}

static wcenc_status check_extent(uint32_t start, uint32_t length, uint32_t limit, const char *name,
                                 const char *start_name, const char *length_name)
{
    if (length == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.%s is 0", name, length_name);
    if ((uint64_t)start + length > limit)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.%s %u and .%s %u reach beyond the coded %s of %u", name, start_name,
                           start, length_name, length, length_name, limit);
    return WCENC_OK;
}

static wcenc_status check_alignment(uint32_t start, unsigned shift, const char *name, const char *start_name,
                                    const struct pixel_format *format)
{
    if (start & ((1u << shift) - 1))
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.%s is %u, which must be a multiple of %u for %s", name, start_name,
                           start, 1u << shift, format->name);
    return WCENC_OK;
}

wcenc_status wcenc__rect_check(const wcenc_rect *rect, const struct pixel_format *format, struct size picture,
                               const char *name)
{
    wcenc_status status = check_extent(rect->x, rect->width, picture.width, name, "x", "width");

    if (status == WCENC_OK)
        status = check_extent(rect->y, rect->height, picture.height, name, "y", "height");
    if (status == WCENC_OK)
        status = check_alignment(rect->x, format->chroma_shift_x, name, "x", format);
    if (status == WCENC_OK)
        status = check_alignment(rect->y, format->chroma_shift_y, name, "y", format);
    return status;
}

/* The end of a plane, in bytes from the beginning of the buffer. */
static uint64_t plane_end(const struct pixel_format *format, int plane, struct size picture, wcenc_plane_layout at)
{
    return at.offset + (uint64_t)at.stride * wcenc__plane_height(format, plane, picture.height);
}

static wcenc_status check_overlap(const struct pixel_format *format, struct size picture,
                                  const wcenc_plane_layout *planes, int plane, const char *name)
{
    uint64_t end = plane_end(format, plane, picture, planes[plane]);

    for (int earlier = 0; earlier < plane; earlier++) {
        uint64_t earlier_end = plane_end(format, earlier, picture, planes[earlier]);

        if (end > planes[earlier].offset && earlier_end > planes[plane].offset)
            return wcenc__fail(WCENC_ERROR_TYPE, "%s[%d] overlaps %s[%d]", name, plane, name, earlier);
    }
    return WCENC_OK;
}

/* Entries beyond those that count would have no effect. */
static wcenc_status check_layout_rest(const wcenc_plane_layout *given, uint32_t given_count, const char *name)
{
    for (uint32_t plane = given_count; given && plane < PLANES_MAX; plane++)
        if (given[plane].offset != 0 || given[plane].stride != 0)
            return wcenc__fail(WCENC_ERROR_TYPE, "%s[%u] is set, but %s_count is %u; it must count every entry", name,
                               plane, name, given_count);
    return WCENC_OK;
}

wcenc_status wcenc__layout_compute(const struct pixel_format *format, struct size picture,
                                   const wcenc_plane_layout *given, uint32_t given_count, const char *name,
                                   struct buffer_layout *layout)
{
    uint64_t size = 0;
    wcenc_status rest = check_layout_rest(given, given_count, name);

    memset(layout, 0, sizeof *layout);
    if (rest != WCENC_OK)
        return rest;
    if (given_count != 0 && given_count != format->plane_count)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s_count is %u, but %s has %u planes", name, given_count, format->name,
                           format->plane_count);
    for (int plane = 0; plane < format->plane_count; plane++) {
        uint64_t row_bytes = wcenc__plane_row_bytes(format, plane, picture.width), end;
        wcenc_status status;

        if (row_bytes > UINT32_MAX)
            return wcenc__fail(WCENC_ERROR_TYPE, "a row of %u pixels in %s takes more than 2^32 - 1 bytes",
                               picture.width, format->name);
        if (given_count != 0 && given[plane].stride < row_bytes)
            return wcenc__fail(WCENC_ERROR_TYPE, "%s[%d].stride is %u, less than the %" PRIu64 " bytes of a row", name,
                               plane, given[plane].stride, row_bytes);
        layout->planes[plane] =
            given_count != 0 ? given[plane] : (wcenc_plane_layout){(uint32_t)size, (uint32_t)row_bytes};
        end = plane_end(format, plane, picture, layout->planes[plane]);
        if (end > UINT32_MAX)
            return wcenc__fail(WCENC_ERROR_TYPE, "plane %d of %s at %ux%u ends at byte %" PRIu64 ", above 2^32 - 1",
                               plane, format->name, picture.width, picture.height, end);
        status = check_overlap(format, picture, layout->planes, plane, name);
        if (status != WCENC_OK)
            return status;
        size = end > size ? end : size;
    }
    layout->size = (uint32_t)size;
    return WCENC_OK;
}

wcenc_status wcenc__rotation_parse(double degrees, const char *name, int32_t *rotation)
{
    double turned;
    int32_t quarters = -4;

    if (!isfinite(degrees))
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is not finite", name);
    turned = fmod(degrees, 360);
    /* By comparing and not by floor(degrees / 90 + 0.5), which rounds the last value before a half to the half. */
    while (turned >= quarters * 90.0 + 45.0)
        quarters++;
    *rotation = (quarters + 4) % 4 * 90;
    return WCENC_OK;
}

struct orientation wcenc__orientation_add(struct orientation base, struct orientation added)
{
    /* The picture's own mirror comes after its rotation: seen through it, turns go the other way. */
    int32_t turn = base.flip ? 360 - added.rotation : added.rotation;

    return (struct orientation){(base.rotation + turn) % 360, base.flip != added.flip};
}

struct size wcenc__size_rotate(struct size size, int32_t rotation)
{
    return rotation % 180 == 0 ? size : (struct size){size.height, size.width};
}

wcenc_status wcenc__display_size_check(struct size size, const char *name, bool *is_given)
{
    *is_given = size.width != 0 && size.height != 0;
    if (*is_given || size.width == size.height)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_TYPE, "%s.display_%s is set without display_%s", name,
                       size.width ? "width" : "height", size.width ? "height" : "width");
}

/* part * shown / whole, rounded half up. The product of 32-bit numbers leaves room for what is added. */
static uint64_t scale(uint32_t part, uint32_t whole, uint32_t shown)
{
    uint64_t scaled = ((uint64_t)part * shown + whole / 2) / whole;

    return scaled ? scaled : 1;
}

wcenc_status wcenc__display_size_scale(struct size part, struct size whole, struct size shown, const char *name,
                                       struct size *out)
{
    uint64_t width = scale(part.width, whole.width, shown.width);
    uint64_t height = scale(part.height, whole.height, shown.height);

    if (width > UINT32_MAX || height > UINT32_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s would be shown at %" PRIu64 "x%" PRIu64 ", above 2^32 - 1", name,
                           width, height);
    *out = (struct size){(uint32_t)width, (uint32_t)height};
    return WCENC_OK;
}

struct picture wcenc__picture_crop(const struct picture *picture, const wcenc_rect *rect)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    struct picture part = {
        .format = picture->format,
        .width = rect->width,
        .height = rect->height,
        .color_space = picture->color_space,
        .chroma_location = picture->chroma_location,
        .pixels = picture->pixels,
    };

    for (int plane = 0; plane < format->plane_count; plane++) {
        /* Exact, since rects begin at a chroma sample. */
        ptrdiff_t x = (ptrdiff_t)wcenc__plane_width(format, plane, rect->x) * format->bytes_per_position[plane];
        ptrdiff_t y = (ptrdiff_t)wcenc__plane_height(format, plane, rect->y);

        part.planes[plane] = picture->planes[plane] + y * picture->strides[plane] + x;
        part.strides[plane] = picture->strides[plane];
    }
    return part;
}

void wcenc__picture_copy(const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(target->format);

    for (int plane = 0; plane < format->plane_count; plane++) {
        size_t row_bytes = (size_t)wcenc__plane_row_bytes(format, plane, target->width);
        ptrdiff_t rows = (ptrdiff_t)wcenc__plane_height(format, plane, target->height);
        uint8_t *to = (uint8_t *)target->planes[plane];

        /* Rows without gaps are one. */
        if (source->strides[plane] == (ptrdiff_t)row_bytes && target->strides[plane] == (ptrdiff_t)row_bytes) {
            row_bytes *= (size_t)rows;
            rows = 1;
        }
        for (ptrdiff_t row = 0; row < rows; row++)
            memcpy(to + row * target->strides[plane], source->planes[plane] + row * source->strides[plane], row_bytes);
    }
}
