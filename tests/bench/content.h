/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_CONTENT_H
#define WCENC_BENCH_CONTENT_H

/*
 * Moving pictures with a little noise, made once by the ffmpeg program and kept in memory, so that every competitor
 * codes the same frames and none of them waits for a disk.
 */

#include "cases.h"

struct content {
    int count;
    size_t picture_size; /* in bytes */
    uint8_t *pixels;
};

/* Ends the process if the pictures cannot be made. */
void content_open(struct content *content, const struct bench_size *size, const struct bench_format *format);
void content_close(struct content *content);

/* The picture of a frame. There and back again, so that no frame is a cut. */
const uint8_t *content_picture(const struct content *content, int64_t number);

#endif
