/* SPDX-License-Identifier: MIT */

/*
 * Handles on pixels: references, closing, what a frame says of itself, and frames made of frames. The lock of a handle
 * guards who holds the pixels, nothing else; user code (`release`) runs without it.
 */

#include "frame.h"

#include <string.h>

#include "abi.h"
#include "frame_handle.h"
#include "mem.h"
#include "status.h"

static uint64_t tight_bytes(const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    uint64_t bytes = 0;

    for (int plane = 0; plane < format->plane_count; plane++)
        bytes += (uint64_t)wcenc__plane_row_bytes(format, plane, picture->width) *
                 wcenc__plane_height(format, plane, picture->height);
    return bytes;
}

static struct frame_view view_of(const struct frame_content *content)
{
    return (struct frame_view){
        .picture = wcenc__picture_crop(&content->picture, &content->visible_rect),
        .bytes = tight_bytes(&content->picture),
        .timestamp_us = content->timestamp_us,
        .duration_us = content->duration_us,
        .has_duration = content->has_duration,
        .rotation = content->orientation.rotation,
        .flip = content->orientation.flip,
    };
}

wcenc_status wcenc__frame_create(const struct frame_content *content, wcenc_frame **out)
{
    wcenc_frame *frame = mem_alloc(sizeof *frame);

    if (!frame || mutex_init(&frame->lock) != 0) {
        mem_free(frame);
        return wcenc__fail_no_memory();
    }
    ref_init(&frame->ref);
    atomic_init(&frame->is_closed, false);
    frame->view = view_of(content);
    frame->view.picture.pixels = NULL;
    frame->content = *content;
    *out = frame;
    return WCENC_OK;
}

wcenc_status wcenc__frame_metadata_create(const void *bytes, size_t size, const char *name, struct frame_metadata **out)
{
    struct frame_metadata *metadata;

    *out = NULL;
    if (size == 0)
        return WCENC_OK;
    if (!bytes)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.metadata is NULL, but %s.metadata_size is %zu", name, name, size);
    metadata = size <= PTRDIFF_MAX - sizeof *metadata ? mem_alloc(sizeof *metadata + size) : NULL;
    if (!metadata)
        return wcenc__fail_no_memory();
    ref_init(&metadata->ref);
    metadata->size = size;
    memcpy(metadata->bytes, bytes, size);
    *out = metadata;
    return WCENC_OK;
}

static struct frame_metadata *metadata_ref(struct frame_metadata *metadata)
{
    if (metadata)
        ref_take(&metadata->ref);
    return metadata;
}

static void metadata_unref(struct frame_metadata *metadata)
{
    if (metadata && ref_give(&metadata->ref))
        mem_free(metadata);
}

/* Users see frames as const where nothing of the frame changes for them; the lock is not part of that. */
static struct mutex *lock_of(const wcenc_frame *frame)
{
    return &((wcenc_frame *)frame)->lock;
}

wcenc_status wcenc__frame_content_take(const wcenc_frame *frame, struct frame_content *content)
{
    if (!frame)
        return wcenc__fail(WCENC_ERROR_TYPE, "frame is NULL");
    mutex_lock(lock_of(frame));
    *content = frame->content;
    wcenc__pixels_ref(content->picture.pixels);
    metadata_ref(content->metadata);
    mutex_unlock(lock_of(frame));
    return content->picture.pixels ? WCENC_OK : wcenc__fail(WCENC_ERROR_INVALID_STATE, "the frame is closed");
}

void wcenc__frame_content_release(struct frame_content *content)
{
    wcenc__pixels_unref(content->picture.pixels);
    metadata_unref(content->metadata);
    content->picture.pixels = NULL;
    content->metadata = NULL;
}

bool wcenc__frame_view(wcenc_frame *frame, struct frame_view *view)
{
    *view = frame->view;
    mutex_lock(&frame->lock);
    view->picture.pixels = wcenc__pixels_ref(frame->content.picture.pixels);
    mutex_unlock(&frame->lock);
    return view->picture.pixels != NULL;
}

void wcenc__frame_view_release(struct frame_view *view)
{
    wcenc__pixels_unref(view->picture.pixels);
    view->picture.pixels = NULL;
}

void wcenc_frame_close(wcenc_frame *frame)
{
    struct frame_content held = {.metadata = NULL};

    if (!frame)
        return;
    mutex_lock(&frame->lock);
    held.picture.pixels = frame->content.picture.pixels;
    held.metadata = frame->content.metadata;
    frame->content.picture.pixels = NULL;
    frame->content.metadata = NULL;
    atomic_store(&frame->is_closed, true);
    mutex_unlock(&frame->lock);
    wcenc__frame_content_release(&held);
}

wcenc_frame *wcenc_frame_ref(wcenc_frame *frame)
{
    if (frame)
        ref_take(&frame->ref);
    return frame;
}

void wcenc_frame_unref(wcenc_frame *frame)
{
    if (!frame || !ref_give(&frame->ref))
        return;
    wcenc_frame_close(frame);
    mutex_destroy(&frame->lock);
    mem_free(frame);
}

wcenc_status wcenc_frame_clone(wcenc_frame *frame, wcenc_frame **out)
{
    struct frame_content content = {0};
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = wcenc__frame_content_take(frame, &content);
    if (status != WCENC_OK)
        return status;
    status = wcenc__frame_create(&content, out);
    if (status != WCENC_OK)
        wcenc__frame_content_release(&content);
    return status;
}

/*
 * The rest are getters. They need no lock: apart from the pixels and the metadata nothing of an open frame changes, and
 * one that is being closed meanwhile may answer either way. NULL answers as a closed frame of time 0.
 */
static bool is_open(const wcenc_frame *frame)
{
    return frame && !atomic_load(&((wcenc_frame *)frame)->is_closed);
}

int32_t wcenc_frame_is_closed(const wcenc_frame *frame)
{
    return !is_open(frame);
}

wcenc_pixel_format wcenc_frame_get_format(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.picture.format : (wcenc_pixel_format)WCENC_PIXEL_FORMAT_NONE;
}

uint32_t wcenc_frame_get_coded_width(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.picture.width : 0;
}

uint32_t wcenc_frame_get_coded_height(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.picture.height : 0;
}

uint32_t wcenc_frame_get_display_width(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.display.width : 0;
}

uint32_t wcenc_frame_get_display_height(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.display.height : 0;
}

wcenc_status wcenc_frame_get_visible_rect(const wcenc_frame *frame, wcenc_rect *rect)
{
    if (!frame || !rect)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", frame ? "rect" : "frame");
    if (!is_open(frame)) {
        memset(rect, 0, sizeof *rect);
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the frame is closed");
    }
    *rect = frame->content.visible_rect;
    return WCENC_OK;
}

int64_t wcenc_frame_get_timestamp_us(const wcenc_frame *frame)
{
    return frame ? frame->content.timestamp_us : 0;
}

int32_t wcenc_frame_get_duration_us(const wcenc_frame *frame, uint64_t *duration_us)
{
    const bool has_duration = frame && frame->content.has_duration;

    if (duration_us)
        *duration_us = has_duration ? frame->content.duration_us : 0;
    return has_duration;
}

int32_t wcenc_frame_get_rotation(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.orientation.rotation : 0;
}

int32_t wcenc_frame_get_flip(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.orientation.flip : 0;
}

void wcenc_frame_get_color_space(const wcenc_frame *frame, wcenc_color_space *color_space)
{
    if (color_space)
        *color_space = is_open(frame) ? frame->content.picture.color_space : (wcenc_color_space){0, 0, 0, 0};
}

wcenc_chroma_location wcenc_frame_get_chroma_location(const wcenc_frame *frame)
{
    return is_open(frame) ? frame->content.picture.chroma_location
                          : (wcenc_chroma_location)WCENC_CHROMA_LOCATION_UNSPECIFIED;
}

wcenc_status wcenc_frame_get_metadata(const wcenc_frame *frame, void *destination, size_t size, size_t *length)
{
    struct frame_content content = {0};
    size_t there;
    wcenc_status status;

    if (!destination && size != 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "destination is NULL, but size is %zu", size);
    status = wcenc__frame_content_take(frame, &content);
    if (status != WCENC_OK)
        return status;
    there = content.metadata ? content.metadata->size : 0;
    if (there && size)
        memcpy(destination, content.metadata->bytes, size < there ? size : there);
    if (length)
        *length = there;
    wcenc__frame_content_release(&content);
    return WCENC_OK;
}
