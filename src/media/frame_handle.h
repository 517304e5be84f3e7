/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_FRAME_HANDLE_H
#define WCENC_MEDIA_FRAME_HANDLE_H

/* What a frame is made of. For the files frame*.c and pixels.c only: others see frames through frame.h. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "geometry.h"
#include "ref.h"
#include "thread.h"

/* The user's bytes that travel with a frame; shared by clones. */
struct frame_metadata {
    struct ref ref;
    size_t size;
    uint8_t bytes[];
};

/* All that a frame says of itself. */
struct frame_content {
    int64_t timestamp_us;
    uint64_t duration_us;
    bool has_duration;
    struct orientation orientation;
    wcenc_rect visible_rect;         /* in `picture` */
    struct size display;             /* as shown, turned */
    struct picture picture;          /* the coded picture; holds a reference to its pixels */
    struct frame_metadata *metadata; /* a reference; NULL if empty */
};

struct wcenc_frame {
    struct ref ref;
    struct mutex lock;
    atomic_bool is_closed; /* set under lock, once; read without it by the getters */

    /* immutable after create */
    struct frame_view view; /* what an encoder takes, without a reference to the pixels */

    /* and so is this, but for picture.pixels and metadata, which are guarded by lock, and NULL once closed */
    struct frame_content content;
};

/* A new handle. Takes over the content's references on success; NO_MEMORY otherwise. */
wcenc_status wcenc__frame_create(const struct frame_content *content, wcenc_frame **out);

/*
 * The content with references of its own, given up by wcenc__frame_content_release. INVALID_STATE if the frame is
 * closed, TYPE if it is NULL.
 */
wcenc_status wcenc__frame_content_take(const wcenc_frame *frame, struct frame_content *content);
/* May call the user's `release`: no lock may be held. */
void wcenc__frame_content_release(struct frame_content *content);

/* Copies metadata that a caller gave; `name` is the struct that it came in. `*out` is NULL where there is none. */
wcenc_status wcenc__frame_metadata_create(const void *bytes, size_t size, const char *name,
                                          struct frame_metadata **out);

/* Borrowed pixels: only counts. Releasing the last reference does nothing until the next function was called. */
struct pixels *wcenc__pixels_borrow(void);
/* Has `release` called, unless NULL, when the last reference goes. Before anybody else has one. */
void wcenc__pixels_on_release(struct pixels *pixels, wcenc_release_fn release, void *user);

#endif
