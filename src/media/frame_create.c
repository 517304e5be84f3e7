/* SPDX-License-Identifier: MIT */

/* Frames made of pixels: everything in a wcenc_frame_desc is checked here, then the pixels are copied or borrowed. */

#include "frame.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "color_space.h"
#include "compiler.h"
#include "frame_handle.h"
#include "status.h"

void wcenc_frame_desc_init(wcenc_frame_desc *desc, size_t size)
{
    wcenc__struct_init(desc, size);
}

static wcenc_status check_picture(const wcenc_frame_desc *desc, struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);

    if (!format)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.format is %d, which is not a wcenc_pixel_format", desc->format);
    if (desc->coded_width == 0 || desc->coded_height == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.coded_%s is 0", desc->coded_width == 0 ? "width" : "height");
    if (!wcenc__color_space_is_valid(&desc->color_space))
        return wcenc__fail(
            WCENC_ERROR_TYPE, "desc.color_space {%d, %d, %d, %d} has a value that its enum does not have",
            desc->color_space.primaries, desc->color_space.transfer, desc->color_space.matrix, desc->color_space.range);
    if (!wcenc__chroma_location_is_valid(desc->chroma_location))
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.chroma_location is %d; use 0 to %d", desc->chroma_location,
                           WCENC_CHROMA_LOCATION_TOP_LEFT);
    picture->format = desc->format;
    picture->chroma_location = desc->chroma_location;
    picture->width = desc->coded_width;
    picture->height = desc->coded_height;
    picture->color_space = desc->color_space;
    if (!desc->has_color_space && wcenc__color_space_equal(&desc->color_space, &(wcenc_color_space){0, 0, 0, 0}))
        picture->color_space = format->is_rgb ? wcenc__color_space_srgb : wcenc__color_space_bt709;
    /* Cameras and pictures that are grey have no other range. */
    if (desc->format == WCENC_PIXEL_FORMAT_GRAY8 && !desc->color_space.range)
        picture->color_space.range = WCENC_COLOR_RANGE_FULL;
    return WCENC_OK;
}

/* Which of the members that say where pixels are have been set, each for some plane. */
struct pixel_members {
    bool planes, plane_sizes, data, data_size, strides, layout, layout_count;
};

static struct pixel_members pixel_members_of(const wcenc_frame_desc *desc)
{
    struct pixel_members set = {
        .data = desc->data != NULL, .data_size = desc->data_size != 0, .layout_count = desc->layout_count != 0};

    for (int plane = 0; plane < PLANES_MAX; plane++) {
        set.planes = set.planes || desc->planes[plane];
        set.plane_sizes = set.plane_sizes || desc->plane_sizes[plane] != 0;
        set.strides = set.strides || desc->strides[plane] != 0;
        set.layout = set.layout || desc->layout[plane].offset != 0 || desc->layout[plane].stride != 0;
    }
    return set;
}

/* Members that would have no effect, or would say the same thing twice. */
static wcenc_status check_combination(const struct pixel_members *set)
{
    const struct {
        bool is_wrong;
        const char *one, *other, *right;
    } rows[] = {
        {set->planes && set->data, "planes", "data", "the pixels are in the one or in the other"},
        {set->planes && set->data_size, "planes", "data_size", "sizes of planes are set in desc.plane_sizes"},
        {set->planes && set->layout_count, "planes", "layout_count", "planes are placed by desc.strides"},
        {set->planes && set->layout, "planes", "layout", "planes are placed by desc.strides"},
        {set->data && set->plane_sizes, "data", "plane_sizes", "the size of data is set in desc.data_size"},
        {set->strides && set->layout_count, "strides", "layout_count", "data is laid out by the one or by the other"},
        {set->strides && set->layout, "strides", "layout", "data is laid out by the one or by the other"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].is_wrong)
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.%s and desc.%s are both set; %s", rows[i].one, rows[i].other,
                               rows[i].right);
    if (!set->planes && !set->data)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.planes and desc.data are both NULL; one of them must be set");
    if (set->data && !set->data_size)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "desc.data is set, but desc.data_size is 0; it must be the size of the buffer");
    return WCENC_OK;
}

static wcenc_status check_plane_count(const wcenc_frame_desc *desc)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);

    for (int plane = format->plane_count; plane < PLANES_MAX; plane++) {
        const char *member = desc->planes[plane]        ? "planes"
                             : desc->strides[plane]     ? "strides"
                             : desc->plane_sizes[plane] ? "plane_sizes"
                                                        : NULL;

        if (member)
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.%s[%d] is set, but %s has %u plane%s; it must be 0", member,
                               plane, format->name, format->plane_count, format->plane_count == 1 ? "" : "s");
    }
    return WCENC_OK;
}

/* The bytes from one row to the next, up or down; those of a row where nothing is set. */
static wcenc_status read_stride(const wcenc_frame_desc *desc, int plane, uint32_t row_bytes, uint32_t *stride)
{
    int64_t given = desc->strides[plane];

    *stride = given ? (uint32_t)llabs(given) : row_bytes;
    if (*stride < row_bytes)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.strides[%d] is %d, less than the %u bytes of a row", plane,
                           desc->strides[plane], row_bytes);
    return WCENC_OK;
}

/* The last row is read to the end of its pixels only, so that a part of a larger picture may reach to its very end. */
static wcenc_status check_plane_size(const wcenc_frame_desc *desc, int plane, uint64_t row_bytes, uint64_t stride)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);
    uint64_t needed = stride * (wcenc__plane_height(format, plane, desc->coded_height) - 1) + row_bytes;

    if (desc->plane_sizes[plane] != 0 && desc->plane_sizes[plane] < needed)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "desc.plane_sizes[%d] is %zu, less than the %" PRIu64 " bytes of the plane of %s at %ux%u",
                           plane, desc->plane_sizes[plane], needed, format->name, desc->coded_width,
                           desc->coded_height);
    return WCENC_OK;
}

/* Planes by pointers. `tight` is the layout without gaps. */
static wcenc_status check_planes(const wcenc_frame_desc *desc, const struct buffer_layout *tight,
                                 struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);
    wcenc_status status = WCENC_OK;

    for (int plane = 0; plane < format->plane_count && status == WCENC_OK; plane++) {
        uint32_t row_bytes = tight->planes[plane].stride, stride;

        if (!desc->planes[plane])
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.planes[%d] is NULL, but %s has %u planes", plane, format->name,
                               format->plane_count);
        status = read_stride(desc, plane, row_bytes, &stride);
        picture->planes[plane] = desc->planes[plane];
        picture->strides[plane] = desc->strides[plane] < 0 ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
        if (status == WCENC_OK)
            status = check_plane_size(desc, plane, row_bytes, stride);
    }
    return status;
}

/* Planes that follow one another in one buffer, each with its stride. `layout` is the one without gaps before. */
static wcenc_status apply_strides(const wcenc_frame_desc *desc, struct buffer_layout *layout)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);
    uint64_t size = 0;

    for (int plane = 0; plane < format->plane_count; plane++) {
        wcenc_plane_layout *at = &layout->planes[plane];
        uint32_t stride;
        wcenc_status status = read_stride(desc, plane, at->stride, &stride);

        if (status != WCENC_OK)
            return status;
        *at = (wcenc_plane_layout){(uint32_t)size, stride};
        size += (uint64_t)stride * wcenc__plane_height(format, plane, desc->coded_height);
        if (size > UINT32_MAX)
            return wcenc__fail(WCENC_ERROR_TYPE,
                               "desc.strides[%d] is %d: the plane ends at byte %" PRIu64 ", above 2^32 - 1", plane,
                               desc->strides[plane], size);
    }
    layout->size = (uint32_t)size;
    return WCENC_OK;
}

/* Planes in one buffer. A negative stride begins at the last row that is stored. */
static wcenc_status check_data(const wcenc_frame_desc *desc, const struct buffer_layout *layout,
                               struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);

    if (desc->data_size < layout->size)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.data_size is %zu, less than the %u bytes of %s at %ux%u",
                           desc->data_size, layout->size, format->name, desc->coded_width, desc->coded_height);
    for (int plane = 0; plane < format->plane_count; plane++) {
        const ptrdiff_t stride = (ptrdiff_t)layout->planes[plane].stride;
        const ptrdiff_t last_row = (ptrdiff_t)wcenc__plane_height(format, plane, desc->coded_height) - 1;
        const bool is_bottom_up = desc->strides[plane] < 0;

        picture->planes[plane] =
            (const uint8_t *)desc->data + layout->planes[plane].offset + (is_bottom_up ? last_row * stride : 0);
        picture->strides[plane] = is_bottom_up ? -stride : stride;
    }
    return WCENC_OK;
}

static wcenc_status check_pixels(const wcenc_frame_desc *desc, struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(desc->format);
    struct size coded = {desc->coded_width, desc->coded_height};
    const struct pixel_members set = pixel_members_of(desc);
    struct buffer_layout layout;
    wcenc_status status = check_combination(&set);

    if (status == WCENC_OK)
        status = check_plane_count(desc);
    if (status == WCENC_OK)
        status = wcenc__layout_compute(format, coded, desc->layout, desc->layout_count, "desc.layout", &layout);
    if (status == WCENC_OK && set.data && set.strides)
        status = apply_strides(desc, &layout);
    if (status != WCENC_OK)
        return status;
    return set.planes ? check_planes(desc, &layout, picture) : check_data(desc, &layout, picture);
}

static wcenc_status check_visible(const wcenc_frame_desc *desc, struct frame_content *content)
{
    struct size coded = {desc->coded_width, desc->coded_height};

    content->visible_rect = (wcenc_rect){0, 0, coded.width, coded.height};
    if (!wcenc__rect_is_given(&desc->visible_rect))
        return WCENC_OK;
    content->visible_rect = desc->visible_rect;
    return wcenc__rect_check(&desc->visible_rect, wcenc__pixel_format(desc->format), coded, "desc.visible_rect");
}

static wcenc_status check_display(const wcenc_frame_desc *desc, struct frame_content *content)
{
    struct size given = {desc->display_width, desc->display_height};
    struct size visible = {content->visible_rect.width, content->visible_rect.height};
    bool is_given;
    wcenc_status status = wcenc__display_size_check(given, "desc", &is_given);

    content->display = is_given ? given : wcenc__size_rotate(visible, content->orientation.rotation);
    return status;
}

/* Everything but the pixels' owner and the metadata. */
static wcenc_status check_init(const wcenc_frame_desc *desc, struct frame_content *content)
{
    wcenc_status status;

    *content = (struct frame_content){
        .timestamp_us = desc->timestamp_us,
        .duration_us = desc->duration_us,
        .has_duration = desc->has_duration || desc->duration_us != 0,
        .orientation.flip = desc->flip != 0,
    };
    status = check_picture(desc, &content->picture);
    if (status == WCENC_OK)
        status = check_visible(desc, content);
    if (status == WCENC_OK)
        status = wcenc__rotation_parse(desc->rotation, "desc.rotation", &content->orientation.rotation);
    if (status == WCENC_OK)
        status = check_display(desc, content);
    if (status == WCENC_OK)
        status = check_pixels(desc, &content->picture);
    return status;
}

/* Puts a copy of the visible part in the place of the caller's pixels. */
static wcenc_status copy_pixels(struct frame_content *content)
{
    struct picture source = wcenc__picture_crop(&content->picture, &content->visible_rect);
    struct picture copy;

    if (!wcenc__pixels_create(source.format, source.width, source.height, &copy))
        return wcenc__fail_no_memory();
    copy.color_space = source.color_space;
    copy.chroma_location = source.chroma_location;
    wcenc__picture_copy(&source, &copy);
    content->picture = copy;
    content->visible_rect.x = 0;
    content->visible_rect.y = 0;
    return WCENC_OK;
}

static wcenc_status borrow_pixels(struct frame_content *content)
{
    content->picture.pixels = wcenc__pixels_borrow();
    return content->picture.pixels ? WCENC_OK : wcenc__fail_no_memory();
}

static wcenc_status create(const wcenc_frame_desc *desc, wcenc_status (*get_pixels)(struct frame_content *),
                           wcenc_frame **out)
{
    wcenc_frame_desc given;
    struct frame_content content;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    /* plane_sizes came later than what stands before it. */
    status = wcenc__struct_copy_in(&given, sizeof given, desc, sizeof given, "desc");
    if (status == WCENC_OK)
        status = check_init(&given, &content);
    if (status == WCENC_OK)
        status = wcenc__frame_metadata_create(given.metadata, given.metadata_size, "desc", &content.metadata);
    if (status != WCENC_OK)
        return status;
    status = get_pixels(&content);
    if (status == WCENC_OK)
        status = wcenc__frame_create(&content, out);
    if (status != WCENC_OK)
        wcenc__frame_content_release(&content);
    return status;
}

wcenc_status wcenc_frame_create_copy(const wcenc_frame_desc *desc, wcenc_frame **out)
{
    return create(desc, copy_pixels, out);
}

wcenc_status wcenc_frame_create_wrap(const wcenc_frame_desc *desc, wcenc_release_fn release, void *user,
                                     wcenc_frame **out)
{
    wcenc_status status = create(desc, borrow_pixels, out);

    /* Last of all, since after an error `release` is not called. */
    if (status == WCENC_OK)
        wcenc__pixels_on_release((*out)->content.picture.pixels, release, user);
    return status;
}
