/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_H
#define SOURCE_H

/* Where frames come from: a file, standard input, or the test scene. Used by one thread. */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "fault.h"
#include "options.h"

struct source_info {
    uint32_t width; /* of the pictures, before any rotation */
    uint32_t height;
    uint32_t display_width; /* with square pixels, before any rotation */
    uint32_t display_height;
    double framerate;      /* never 0 */
    uint64_t total_frames; /* that will come at most; 0: not known */
    int bit_depth;
    int rotation;    /* degrees clockwise that the pictures are to be turned by */
    char name[64];   /* "test scene", or what decodes */
    char pixels[64]; /* which format frames are in, and how they come to it */
};

enum source_result { SOURCE_FRAME, SOURCE_END, SOURCE_FAILED };

struct source {
    const struct source_ops *ops;
    struct source_info info;
};

struct source_ops {
    /* Gives the next frame, which the caller owns. */
    enum source_result (*next)(struct source *source, wcenc_frame **out, struct fault *fault);
    void (*close)(struct source *source);
};

/* NULL on failure. */
struct source *source_open_file(const struct options *options, struct fault *fault);
struct source *source_open_scene(const struct options *options, struct fault *fault);

#endif
