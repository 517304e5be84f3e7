/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_CONTENT_H
#define WCENC_BENCH_CONTENT_H

/*
 * Moving pictures, kept in memory so that every competitor codes the same frames and none of them waits for a disk:
 * with a little noise, made by the ffmpeg program, or those of a file.
 */

#include "cases.h"

struct content {
    int count;
    size_t picture_size; /* in bytes */
    uint8_t *pixels;
};

/* Ends the process if the pictures cannot be made. */
void content_open(struct content *content, const struct bench_size *size, const struct bench_format *format);

/* The first `count` pictures of a file of raw pictures, or all that it has if those are fewer. */
void content_read(struct content *content, const char *path, const struct bench_size *size,
                  const struct bench_format *format, int count);

void content_close(struct content *content);

/* The picture of a frame. There and back again, so that no frame is a cut. */
const uint8_t *content_picture(const struct content *content, int64_t number);

#endif
