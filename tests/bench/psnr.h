/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_PSNR_H
#define WCENC_BENCH_PSNR_H

/* Packets back to pictures, through libavcodec, and held against those that they were made of. */

#include "content.h"
#include "tally.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

struct psnr {
    struct tally tally; /* of the packets */
    struct AVCodecContext *decoder;
    struct AVPacket *packet;
    struct AVFrame *frame;
    const struct content *content; /* I420 */
    double sum;                    /* of the frames' PSNR in dB */
    int frames;
};

void psnr_open(struct psnr *psnr, const struct bench_codec *codec, const struct content *content);

/* A take_fn whose user is a struct psnr. */
void psnr_take(void *psnr, const uint8_t *data, size_t size, int64_t number);

/* The mean of all frames in dB, after the last packet. */
double psnr_finish(struct psnr *psnr);

#endif
