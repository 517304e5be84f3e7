/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_WCENC_LOOP_H
#define WCENC_BENCH_WCENC_LOOP_H

/* The same work through libwcenc's public functions: pixels are borrowed, results come on the library's thread. */

#include <stdbool.h>

#include "cases.h"
#include "tally.h"

struct feed_setup {
    take_fn take; /* on the library's thread; its number is the frame's */
    void *user;
    uint32_t max_queued_frames; /* above it feed_encode waits; 0: no limit */
    bool copies;                /* frames are made of copied pixels, not borrowed ones */
    bool own_options;           /* those that libwcenc has for itself */
    const wcenc_config *config; /* in place of the benchmark's; NULL: none */
};

struct feed {
    wcenc_encoder *encoder;
    struct feed_setup setup;
    wcenc_frame_desc picture; /* but for the pixels and the time */
};

/* Whether the installed FFmpeg can do it; if not, says why on stderr. */
bool feed_is_supported(const struct bench_case *bench_case);

/* Every other function ends the process on failure, with words. */
void feed_open(struct feed *feed, const struct bench_case *bench_case, const struct feed_setup *setup);

/* A frame on these pixels, which stay unchanged, or of a copy. The caller's. */
wcenc_frame *feed_frame(const struct feed *feed, const uint8_t *pixels, int64_t number);

/* Encodes a frame under a number. */
void feed_send(struct feed *feed, wcenc_frame *frame, int64_t number);

/* Both in one. */
void feed_encode(struct feed *feed, const uint8_t *pixels, int64_t number);

/* The encoder that runs, by name, once something was flushed. */
const char *feed_encoder(const struct feed *feed);

/* Waits until all of it has been taken. */
void feed_flush(struct feed *feed);

wcenc_stats feed_stats(const struct feed *feed);
void feed_close(struct feed *feed);

#endif
