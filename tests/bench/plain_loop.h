/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_PLAIN_LOOP_H
#define WCENC_BENCH_PLAIN_LOOP_H

/* What libwcenc is compared with: the loop that a careful user of libavcodec writes. */

#include "cases.h"
#include "tally.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;
struct SwsContext;

struct plain {
    struct AVCodecContext *encoder;
    struct AVFrame *frame; /* used again for each picture */
    struct AVPacket *packet;
    struct SwsContext *scaler; /* NULL: pictures are what the encoder takes */
    enum AVPixelFormat format; /* of the pictures */
    take_fn take;
    void *user;
};

/* Every function ends the process on failure, with words. */
void plain_open(struct plain *plain, const struct bench_case *bench_case, take_fn take, void *user);

/* Pixels are read until the encoder has no further use for them: they stay unchanged. */
void plain_encode(struct plain *plain, const uint8_t *pixels, int64_t number);

void plain_drain(struct plain *plain);
void plain_close(struct plain *plain);

#endif
