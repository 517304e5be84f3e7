/* SPDX-License-Identifier: MIT */

/* Frames made of frames: the same pixels, seen differently. */

#include "frame.h"

#include <string.h>

#include "abi.h"
#include "color_space.h"
#include "frame_handle.h"
#include "status.h"

void wcenc_frame_overrides_init(wcenc_frame_overrides *overrides, size_t size)
{
    wcenc__struct_init(overrides, size);
}

static void override_time(const wcenc_frame_overrides *overrides, struct frame_content *content)
{
    if (overrides->has_timestamp || overrides->timestamp_us != 0)
        content->timestamp_us = overrides->timestamp_us;
    if (overrides->has_duration || overrides->duration_us != 0) {
        content->duration_us = overrides->duration_us;
        content->has_duration = true;
    }
}

static wcenc_status override_visible(const wcenc_frame_overrides *overrides, struct frame_content *content)
{
    struct size coded = {content->picture.width, content->picture.height};

    if (!wcenc__rect_is_given(&overrides->visible_rect))
        return WCENC_OK;
    content->visible_rect = overrides->visible_rect;
    return wcenc__rect_check(&overrides->visible_rect, wcenc__pixel_format(content->picture.format), coded,
                             "overrides.visible_rect");
}

static wcenc_status override_orientation(const wcenc_frame_overrides *overrides, struct frame_content *content)
{
    struct orientation added = {.flip = overrides->flip != 0};
    wcenc_status status = wcenc__rotation_parse(overrides->rotation, "overrides.rotation", &added.rotation);

    if (status == WCENC_OK)
        content->orientation = wcenc__orientation_add(content->orientation, added);
    return status;
}

/* Unless given: as stretched as `before`, whose display size is turned by its own rotation. */
static wcenc_status override_display(const wcenc_frame_overrides *overrides, const struct frame_content *before,
                                     struct frame_content *content)
{
    struct size given = {overrides->display_width, overrides->display_height};
    struct size whole = {before->visible_rect.width, before->visible_rect.height};
    struct size part = {content->visible_rect.width, content->visible_rect.height};
    struct size shown = wcenc__size_rotate(before->display, before->orientation.rotation);
    bool is_given;
    wcenc_status status = wcenc__display_size_check(given, "overrides", &is_given);

    if (status == WCENC_OK && !is_given) {
        status = wcenc__display_size_scale(part, whole, shown, "overrides.visible_rect", &given);
        given = wcenc__size_rotate(given, content->orientation.rotation);
    }
    content->display = given;
    return status;
}

static void discard_alpha(struct picture *picture)
{
    picture->format = wcenc__pixel_format(picture->format)->opaque;
    for (int plane = wcenc__pixel_format(picture->format)->plane_count; plane < PLANES_MAX; plane++) {
        picture->planes[plane] = NULL;
        picture->strides[plane] = 0;
    }
}

/* `content` begins as a copy of `before`, and shares its reference to the pixels. */
static wcenc_status apply(const wcenc_frame_overrides *overrides, const struct frame_content *before,
                          struct frame_content *content)
{
    wcenc_status status = override_visible(overrides, content);

    if (status == WCENC_OK)
        status = override_orientation(overrides, content);
    if (status == WCENC_OK)
        status = override_display(overrides, before, content);
    if (status == WCENC_OK)
        status = wcenc__frame_metadata_create(overrides->metadata, overrides->metadata_size, "overrides",
                                              &content->metadata);
    override_time(overrides, content);
    if (overrides->chroma_location)
        content->picture.chroma_location = overrides->chroma_location;
    if (overrides->discard_alpha)
        discard_alpha(&content->picture);
    return status;
}

static wcenc_status copy_in(const wcenc_frame_overrides *overrides, wcenc_frame_overrides *given)
{
    wcenc_status status;

    memset(given, 0, sizeof *given);
    if (!overrides)
        return WCENC_OK;
    status = wcenc__struct_copy_in(given, sizeof *given, overrides, sizeof *given, "overrides");
    if (status == WCENC_OK)
        status = wcenc__unknown_check(given->reserved1 != 0, "overrides");
    if (status == WCENC_OK && !wcenc__chroma_location_is_valid(given->chroma_location))
        return wcenc__fail(WCENC_ERROR_TYPE, "overrides.chroma_location is %d; use 0 to %d", given->chroma_location,
                           WCENC_CHROMA_LOCATION_TOP_LEFT);
    return status;
}

wcenc_status wcenc_frame_create_from(wcenc_frame *frame, const wcenc_frame_overrides *overrides, wcenc_frame **out)
{
    wcenc_frame_overrides given;
    struct frame_content before, content;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = copy_in(overrides, &given);
    if (status == WCENC_OK)
        status = wcenc__frame_content_take(frame, &before);
    if (status != WCENC_OK)
        return status;
    content = before;
    content.metadata = NULL;
    wcenc__pixels_ref(content.picture.pixels);
    status = apply(&given, &before, &content);
    if (status == WCENC_OK)
        status = wcenc__frame_create(&content, out);
    if (status != WCENC_OK)
        wcenc__frame_content_release(&content);
    wcenc__frame_content_release(&before);
    return status;
}
