/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_FRAME_H
#define WCENC_MEDIA_FRAME_H

/*
 * wcenc_frame, a handle on reference-counted pixels; and struct picture, the plain view of pixels that conversion and
 * backends work on.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/frame.h>

#include "pixel_format.h"

struct pixels; /* the memory behind frames; reference-counted, immutable */

/* Planes in memory. Does not own them unless it says so. */
struct picture {
    const uint8_t *planes[PLANES_MAX];
    ptrdiff_t strides[PLANES_MAX]; /* in bytes, possibly negative */
    wcenc_pixel_format format;
    uint32_t width;  /* in pixels */
    uint32_t height; /* in pixels */
    wcenc_color_space color_space;
    wcenc_chroma_location chroma_location; /* means something where chroma has fewer samples than luma */
    struct pixels *pixels; /* what keeps the planes alive; NULL for planes that outlive the picture anyway */
};

/*
 * What an encoder needs of a frame, taken when it was accepted: closing the frame afterwards does not change it. Holds
 * a reference to the pixels, given up by wcenc__frame_view_release.
 */
struct frame_view {
    struct picture picture; /* the visible part */
    uint64_t bytes;         /* of the coded picture without gaps */
    int64_t timestamp_us;
    uint64_t duration_us;
    bool has_duration;
    int32_t rotation;
    int32_t flip;
};

/* False, and nothing is taken, if the frame is closed. */
bool wcenc__frame_view(wcenc_frame *frame, struct frame_view *view);
void wcenc__frame_view_release(struct frame_view *view);

/*
 * New memory for a picture, whose planes may be written as long as nobody else has a reference; `picture` is filled,
 * its colour space all 0, and holds the one reference. False if out of memory.
 */
bool wcenc__pixels_create(wcenc_pixel_format format, uint32_t width, uint32_t height, struct picture *picture);

/*
 * Makes `picture` one like `like` in format, size and colour space, with planes that may be written: the memory that it
 * has, where that fits and nobody else has a reference, or new memory. False, and it is all zero, if out of memory.
 */
bool wcenc__picture_make_like(struct picture *picture, const struct picture *like);

/* What YCbCr leaves open of its colour space is read as wcenc__color_space_in_stream does, for that of the target. */
void wcenc__picture_complete_color(struct picture *picture, const struct picture *target);

/* True while there is more than one reference. */
bool wcenc__pixels_are_shared(const struct pixels *pixels);

/* True if a reader may go some bytes beyond the last row: for memory from wcenc__pixels_create, not for borrowed
 * memory. */
bool wcenc__pixels_are_padded(const struct pixels *pixels);

struct pixels *wcenc__pixels_ref(struct pixels *pixels);
void wcenc__pixels_unref(struct pixels *pixels);

#endif
