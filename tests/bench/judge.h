/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_JUDGE_H
#define WCENC_BENCH_JUDGE_H

/* Packets back to pictures, through libavcodec, and held against those that they were made of. */

#include <stdio.h>

#include "content.h"
#include "distortion.h"
#include "tally.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

struct judge {
    struct tally tally; /* of the packets */
    struct distortion distortion;
    struct AVCodecContext *decoder;
    struct AVPacket *packet;
    struct AVFrame *frame;
    const struct content *content; /* I420 */
    FILE *decoded;                 /* receives the decoded pictures as I420; NULL: nothing does */
};

void judge_open(struct judge *judge, const struct bench_codec *codec, const struct content *content);

/* A take_fn whose user is a struct judge. */
void judge_take(void *judge, const uint8_t *data, size_t size, int64_t number);

/* After the last packet. The distortion is then that of all frames. */
void judge_finish(struct judge *judge);

#endif
