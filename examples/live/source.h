/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_H
#define SOURCE_H

/* Where pictures come from: the test scene, or an X11 screen. */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

struct source;

struct source_ops {
    /* Returns the picture of now, which the caller owns; NULL: all buffers are in use, so there is none this time. */
    wcenc_frame *(*capture)(struct source *source, int64_t timestamp_us, int64_t now_us);
    /* Every picture has been released by then. */
    void (*close)(struct source *source);
};

struct source {
    const struct source_ops *ops;
    uint32_t width; /* even */
    uint32_t height;
};

/* Each ends the program where it fails. */
struct source *source_open_scene(uint32_t width, uint32_t height);
struct source *source_open_screen(const char *display);

#endif
