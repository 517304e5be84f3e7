/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_NATIVE_RATE_H
#define WCENC_BACKEND_NATIVE_RATE_H

/* Bitrates, framerates, quantizers and sizes as native encoders of one family of libraries count them. */

#include "config.h"
#include "failure.h"

enum {
    NATIVE_TICKS = 10000000, /* a second */
    /* Outside of these framerates encoders get 30, and bits a second in proportion. */
    NATIVE_MIN_FRAMERATE = 5,
    NATIVE_MAX_FRAMERATE = 120,
};

/* The framerate that the encoder counts with, and ticks of its frames. */
struct rational wcenc__native_framerate(const struct encoder_config *config);
unsigned long wcenc__native_frame_duration(const struct encoder_config *config);

/*
 * Kilobits a second that give each frame the bits that it should have, where the encoder counts so many frames a
 * second. 0: there is no bitrate.
 */
unsigned wcenc__native_kilobits(const struct encoder_config *config, struct rational counted);

/* The step of 64 that is nearest to a quantizer of VP9's or AV1's bitstream. */
unsigned wcenc__native_quantizer_step(int32_t quantizer);

/* False, with a message, where the picture has more samples than FFmpeg allows, or more rows than `max_height`. 0: any.
 */
bool wcenc__native_check_size(const char *encoder, const wcenc_config *given, uint32_t max_height,
                              struct failure *failure);

#endif
