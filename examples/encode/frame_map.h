/* SPDX-License-Identifier: MIT */
#ifndef FRAME_MAP_H
#define FRAME_MAP_H

/*
 * From FFmpeg's frames to WebCodecs'. Pixels are borrowed, not copied, where WebCodecs has the format; otherwise
 * libswscale makes the nearest one that it has.
 */

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "messages.h"

struct SwsContext;

struct frame_map {
    struct SwsContext *scaler; /* NULL until a frame has to be converted */
};

/* What a frame is given that its pixels do not say. */
struct frame_meta {
    int64_t timestamp_us;
    uint64_t duration_us; /* 0: not known */
    int32_t rotation;
    int32_t flip;
    AVRational sample_aspect; /* 0/1: square */
};

/* "yuv420p, borrowed as I420", or "gbrp, converted to RGBX". */
void frame_map_describe(enum AVPixelFormat format, char *out, size_t size);

/* Takes what `frame` refers to, also when it fails; the frame is left blank. */
bool frame_map_take(struct frame_map *map, AVFrame *frame, const struct frame_meta *meta, wcenc_frame **out,
                    struct fault *fault);

/* A copy of a frame's visible pixels, with its colours, for what compares them. NULL where that cannot be made. */
AVFrame *frame_map_copy(const wcenc_frame *frame);

void frame_map_free(struct frame_map *map);

/* The size at which pixels of a shape are shown; width and height untouched where the shape is square or unknown. */
void display_size(AVRational sample_aspect, uint32_t *width, uint32_t *height);

#endif
