/* SPDX-License-Identifier: MIT */

/* Frames made of pixels: everything in a wcenc_frame_init is checked here, then the pixels are copied or borrowed. */

#include "frame.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "attributes.h"
#include "color_space.h"
#include "frame_handle.h"
#include "status.h"

void wcenc_frame_init_init(wcenc_frame_init *init, size_t size)
{
    wcenc__struct_init(init, size);
}

static wcenc_status check_picture(const wcenc_frame_init *init, struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);

    if (!format)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.format is %d, which is no format", init->format);
    if (init->coded_width == 0 || init->coded_height == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.coded_%s is 0", init->coded_width == 0 ? "width" : "height");
    if (!wcenc__color_space_is_valid(&init->color_space))
        return wcenc__fail(WCENC_ERROR_TYPE, "init.color_space {%d, %d, %d, %d} has a value that is none of its enum",
                           init->color_space.primaries, init->color_space.transfer, init->color_space.matrix,
                           init->color_space.range);
    if (!wcenc__chroma_location_is_valid(init->chroma_location))
        return wcenc__fail(WCENC_ERROR_TYPE, "init.chroma_location is %d, the largest value is %d",
                           init->chroma_location, WCENC_CHROMA_LOCATION_TOP_LEFT);
    if (init->reserved != 0)
        return wcenc__reserved_check(init->reserved, "init.reserved");
    picture->format = init->format;
    picture->chroma_location = init->chroma_location;
    picture->width = init->coded_width;
    picture->height = init->coded_height;
    picture->color_space = init->color_space;
    if (!init->has_color_space && wcenc__color_space_equal(&init->color_space, &(wcenc_color_space){0, 0, 0, 0}))
        picture->color_space = format->is_rgb ? wcenc__color_space_srgb : wcenc__color_space_bt709;
    return WCENC_OK;
}

/* Which of the members that say where pixels are have been set, each for some plane. */
struct pixel_members {
    bool planes, plane_sizes, data, data_size, strides, layout, layout_count;
};

static struct pixel_members pixel_members_of(const wcenc_frame_init *init)
{
    struct pixel_members set = {
        .data = init->data != NULL, .data_size = init->data_size != 0, .layout_count = init->layout_count != 0};

    for (int plane = 0; plane < PLANES_MAX; plane++) {
        set.planes = set.planes || init->planes[plane];
        set.plane_sizes = set.plane_sizes || init->plane_sizes[plane] != 0;
        set.strides = set.strides || init->strides[plane] != 0;
        set.layout = set.layout || init->layout[plane].offset != 0 || init->layout[plane].stride != 0;
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
        {set->planes && set->data_size, "planes", "data_size", "sizes of planes are set in init.plane_sizes"},
        {set->planes && set->layout_count, "planes", "layout_count", "planes are placed by init.strides"},
        {set->planes && set->layout, "planes", "layout", "planes are placed by init.strides"},
        {set->data && set->plane_sizes, "data", "plane_sizes", "the size of data is set in init.data_size"},
        {set->strides && set->layout_count, "strides", "layout_count", "data is laid out by the one or by the other"},
        {set->strides && set->layout, "strides", "layout", "data is laid out by the one or by the other"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].is_wrong)
            return wcenc__fail(WCENC_ERROR_TYPE, "init.%s and init.%s are both set; %s", rows[i].one, rows[i].other,
                               rows[i].right);
    if (!set->planes && !set->data)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.planes and init.data are both NULL; one of them must be set");
    if (set->data && !set->data_size)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "init.data is set, but init.data_size is 0; it must be the size of the buffer");
    return WCENC_OK;
}

static wcenc_status check_plane_count(const wcenc_frame_init *init)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);

    for (int plane = format->plane_count; plane < PLANES_MAX; plane++) {
        const char *member = init->planes[plane]        ? "planes"
                             : init->strides[plane]     ? "strides"
                             : init->plane_sizes[plane] ? "plane_sizes"
                                                        : NULL;

        if (member)
            return wcenc__fail(WCENC_ERROR_TYPE, "init.%s[%d] is set, but %s has %u plane%s; it must be 0", member,
                               plane, format->name, format->plane_count, format->plane_count == 1 ? "" : "s");
    }
    return WCENC_OK;
}

/* The bytes from one row to the next, whichever way; those of a row where nothing is set. */
static wcenc_status read_stride(const wcenc_frame_init *init, int plane, uint32_t row_bytes, uint32_t *stride)
{
    int64_t given = init->strides[plane];

    *stride = given ? (uint32_t)llabs(given) : row_bytes;
    if (*stride < row_bytes)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.strides[%d] is %d, less than the %u bytes of a row", plane,
                           init->strides[plane], row_bytes);
    return WCENC_OK;
}

/* The last row is read to the end of its pixels only, so that a part of a larger picture may reach to its very end. */
static wcenc_status check_plane_size(const wcenc_frame_init *init, int plane, uint64_t row_bytes, uint64_t stride)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);
    uint64_t needed = stride * (wcenc__plane_height(format, plane, init->coded_height) - 1) + row_bytes;

    if (init->plane_sizes[plane] != 0 && init->plane_sizes[plane] < needed)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "init.plane_sizes[%d] is %zu, less than the %" PRIu64 " bytes of the plane of %s at %ux%u",
                           plane, init->plane_sizes[plane], needed, format->name, init->coded_width,
                           init->coded_height);
    return WCENC_OK;
}

/* Planes by pointers. `tight` is the layout without gaps. */
static wcenc_status check_planes(const wcenc_frame_init *init, const struct buffer_layout *tight,
                                 struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);
    wcenc_status status = WCENC_OK;

    for (int plane = 0; plane < format->plane_count && status == WCENC_OK; plane++) {
        uint32_t row_bytes = tight->planes[plane].stride, stride;

        if (!init->planes[plane])
            return wcenc__fail(WCENC_ERROR_TYPE, "init.planes[%d] is NULL, but %s has %u planes", plane, format->name,
                               format->plane_count);
        status = read_stride(init, plane, row_bytes, &stride);
        picture->planes[plane] = init->planes[plane];
        picture->strides[plane] = init->strides[plane] < 0 ? -(ptrdiff_t)stride : (ptrdiff_t)stride;
        if (status == WCENC_OK)
            status = check_plane_size(init, plane, row_bytes, stride);
    }
    return status;
}

/* Planes that follow one another in one buffer, each with its stride. `layout` is the one without gaps before. */
static wcenc_status apply_strides(const wcenc_frame_init *init, struct buffer_layout *layout)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);
    uint64_t size = 0;

    for (int plane = 0; plane < format->plane_count; plane++) {
        wcenc_plane_layout *at = &layout->planes[plane];
        uint32_t stride;
        wcenc_status status = read_stride(init, plane, at->stride, &stride);

        if (status != WCENC_OK)
            return status;
        *at = (wcenc_plane_layout){(uint32_t)size, stride};
        size += (uint64_t)stride * wcenc__plane_height(format, plane, init->coded_height);
        if (size > UINT32_MAX)
            return wcenc__fail(WCENC_ERROR_TYPE,
                               "init.strides[%d] is %d: the plane ends at byte %" PRIu64 ", above 2^32 - 1", plane,
                               init->strides[plane], size);
    }
    layout->size = (uint32_t)size;
    return WCENC_OK;
}

/* Planes in one buffer. A negative stride begins at the last row that is stored. */
static wcenc_status check_data(const wcenc_frame_init *init, const struct buffer_layout *layout,
                               struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);

    if (init->data_size < layout->size)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.data_size is %zu, less than the %u bytes of %s at %ux%u",
                           init->data_size, layout->size, format->name, init->coded_width, init->coded_height);
    for (int plane = 0; plane < format->plane_count; plane++) {
        const ptrdiff_t stride = (ptrdiff_t)layout->planes[plane].stride;
        const ptrdiff_t last_row = (ptrdiff_t)wcenc__plane_height(format, plane, init->coded_height) - 1;
        const bool is_bottom_up = init->strides[plane] < 0;

        picture->planes[plane] =
            (const uint8_t *)init->data + layout->planes[plane].offset + (is_bottom_up ? last_row * stride : 0);
        picture->strides[plane] = is_bottom_up ? -stride : stride;
    }
    return WCENC_OK;
}

static wcenc_status check_pixels(const wcenc_frame_init *init, struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(init->format);
    struct size coded = {init->coded_width, init->coded_height};
    const struct pixel_members set = pixel_members_of(init);
    struct buffer_layout layout;
    wcenc_status status = check_combination(&set);

    if (status == WCENC_OK)
        status = check_plane_count(init);
    if (status == WCENC_OK)
        status = wcenc__layout_compute(format, coded, init->layout, init->layout_count, "init.layout", &layout);
    if (status == WCENC_OK && set.data && set.strides)
        status = apply_strides(init, &layout);
    if (status != WCENC_OK)
        return status;
    return set.planes ? check_planes(init, &layout, picture) : check_data(init, &layout, picture);
}

static wcenc_status check_visible(const wcenc_frame_init *init, struct frame_content *content)
{
    struct size coded = {init->coded_width, init->coded_height};

    content->visible_rect = (wcenc_rect){0, 0, coded.width, coded.height};
    if (!init->has_visible_rect && !wcenc__rect_is_given(&init->visible_rect))
        return WCENC_OK;
    content->visible_rect = init->visible_rect;
    return wcenc__rect_check(&init->visible_rect, wcenc__pixel_format(init->format), coded, "init.visible_rect");
}

static wcenc_status check_display(const wcenc_frame_init *init, struct frame_content *content)
{
    struct size given = {init->display_width, init->display_height};
    struct size visible = {content->visible_rect.width, content->visible_rect.height};
    bool is_given;
    wcenc_status status =
        wcenc__display_size_check(given, init->has_display_width, init->has_display_height, "init", &is_given);

    content->display = is_given ? given : wcenc__size_rotate(visible, content->orientation.rotation);
    return status;
}

/* Everything but the pixels' owner and the metadata. */
static wcenc_status check_init(const wcenc_frame_init *init, struct frame_content *content)
{
    wcenc_status status;

    *content = (struct frame_content){
        .timestamp_us = init->timestamp_us,
        .duration_us = init->duration_us,
        .has_duration = init->has_duration || init->duration_us != 0,
        .orientation.flip = init->flip != 0,
    };
    status = check_picture(init, &content->picture);
    if (status == WCENC_OK)
        status = check_visible(init, content);
    if (status == WCENC_OK)
        status = wcenc__rotation_parse(init->rotation, "init.rotation", &content->orientation.rotation);
    if (status == WCENC_OK)
        status = check_display(init, content);
    if (status == WCENC_OK)
        status = check_pixels(init, &content->picture);
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

static wcenc_status create(const wcenc_frame_init *init, wcenc_status (*get_pixels)(struct frame_content *),
                           wcenc_frame **out)
{
    wcenc_frame_init given;
    struct frame_content content;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    /* plane_sizes came later than what stands before it. */
    status = wcenc__struct_copy_in(&given, sizeof given, init, offsetof(wcenc_frame_init, plane_sizes), "init");
    if (status == WCENC_OK)
        status = check_init(&given, &content);
    if (status == WCENC_OK)
        status = wcenc__frame_metadata_create(given.metadata, given.metadata_size, "init", &content.metadata);
    if (status != WCENC_OK)
        return status;
    status = get_pixels(&content);
    if (status == WCENC_OK)
        status = wcenc__frame_create(&content, out);
    if (status != WCENC_OK)
        wcenc__frame_content_release(&content);
    return status;
}

wcenc_status wcenc_frame_create_copy(const wcenc_frame_init *init, wcenc_frame **out)
{
    return create(init, copy_pixels, out);
}

wcenc_status wcenc_frame_create_wrap(const wcenc_frame_init *init, wcenc_release_fn release, void *user,
                                     wcenc_frame **out)
{
    wcenc_status status = create(init, borrow_pixels, out);

    /* Last of all, since after an error `release` is not called. */
    if (status == WCENC_OK)
        wcenc__pixels_on_release((*out)->content.picture.pixels, release, user);
    return status;
}
