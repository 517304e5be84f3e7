/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_GEOMETRY_H
#define WCENC_MEDIA_GEOMETRY_H

/*
 * The arithmetic of frames: rects, plane layouts, display sizes and orientation. Pure functions; sizes are computed in
 * 64 bits and what does not fit 32 is an error. `name` is what error texts call the thing that is checked.
 */

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

struct size {
    uint32_t width;
    uint32_t height;
};

/* A rect must not be empty, must lie inside the picture, and must begin where a chroma sample begins. */
wcenc_status wcenc__rect_check(const wcenc_rect *rect, const struct pixel_format *format, struct size picture,
                               const char *name);

/* True unless the rect is all zero. */
bool wcenc__rect_is_given(const wcenc_rect *rect);

/* Where the planes of a picture lie in one buffer. */
struct buffer_layout {
    wcenc_plane_layout planes[PLANES_MAX];
    uint32_t size; /* of the buffer, in bytes: whole strides, the last row's included */
};

/*
 * Checks the layout that was given for a picture of this size, or makes the one without gaps where given_count is 0.
 * Planes may come in any order but must not overlap. Of the PLANES_MAX entries, those that do not count must be 0.
 */
wcenc_status wcenc__layout_compute(const struct pixel_format *format, struct size picture,
                                   const wcenc_plane_layout *given, uint32_t given_count, const char *name,
                                   struct buffer_layout *layout);

/* To the nearest quarter turn, halves upwards, as 0, 90, 180 or 270. TYPE if not finite. */
wcenc_status wcenc__rotation_parse(double degrees, const char *name, int32_t *rotation);

/* Turning and mirroring something by `turn` and `flip` that is turned and mirrored already. */
struct orientation {
    int32_t rotation; /* 0, 90, 180 or 270 degrees clockwise, before flip */
    int32_t flip;     /* 0 or 1 */
};

struct orientation wcenc__orientation_add(struct orientation base, struct orientation added);

/* The size with its sides exchanged if the rotation is a quarter turn to either side. */
struct size wcenc__size_rotate(struct size size, int32_t rotation);

/* A display size as given by a caller: both sides, or none (0). `*is_given` says which. */
wcenc_status wcenc__display_size_check(struct size size, const char *name, bool *is_given);

/* `part` stretched as much as `whole` is where it is shown as `shown`; rounded, at least 1. TYPE if it does not fit. */
wcenc_status wcenc__display_size_scale(struct size part, struct size whole, struct size shown, const char *name,
                                       struct size *out);

/* A part of a picture, without a reference of its own. The rect has passed wcenc__rect_check. */
struct picture wcenc__picture_crop(const struct picture *picture, const wcenc_rect *rect);

/* Copies what rows hold, and nothing between them. Same format (alpha of the source aside) and size; target writable.
 */
void wcenc__picture_copy(const struct picture *source, const struct picture *target);

#endif
