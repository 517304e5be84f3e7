/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_DECODER_H
#define WCENC_TESTS_DECODER_H

/* Chunks back to pictures, through libavcodec's own decoders and with nothing but the chunks and their metadata. */

#include <libavcodec/avcodec.h>

#include <wcenc/wcenc.h>

struct decoder {
    AVCodecContext *context;
    AVPacket *packet;
    AVFrame **frames; /* in the order of presentation; pts is the chunk's timestamp */
    int frame_count;
    int capacity;
};

/* Opens for the stream that `config` describes. */
void decoder_open(struct decoder *decoder, const wcenc_decoder_config *config);
void decoder_send(struct decoder *decoder, wcenc_chunk *chunk);
void decoder_drain(struct decoder *decoder);
void decoder_close(struct decoder *decoder);

/* All chunks; the first must carry a decoder config. */
void decode_all(struct decoder *decoder, wcenc_chunk *const *chunks, int count);

/* PSNR in dB over all three planes of 4:2:0, against a tight I420 picture. */
double frame_psnr(const AVFrame *frame, const uint8_t *i420);

#endif
