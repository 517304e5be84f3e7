/* SPDX-License-Identifier: MIT */
#ifndef CODEC_CHOICE_H
#define CODEC_CHOICE_H

/* Short names of codecs, and the codec strings that they stand for at a given size, rate and depth. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages.h"

enum codec {
    CODEC_H264 = 1,
    CODEC_HEVC = 2,
    CODEC_VP8 = 4,
    CODEC_VP9 = 8,
    CODEC_AV1 = 16
}; /* bits, so that a format can name all that it holds */

struct codec_need {
    uint32_t width;
    uint32_t height;
    double framerate; /* 0: 30 */
    uint64_t bitrate; /* 0: not known */
    int bit_depth;    /* of the source */
};

/* "H.264" and the like. */
const char *codec_title(enum codec codec);

/* The short name, "h264". */
const char *codec_short_name(enum codec codec);

/* The codec with a short name, or another one that people know it by ("h265"); 0 if it is none. */
enum codec codec_from_short_name(const char *name);

/* The codec that an encoder of FFmpeg is for ("libx264", "hevc_vaapi"); 0 if none is known. */
enum codec codec_from_encoder(const char *name);

/* The codec that a codec string names, by its beginning; 0 if none is known. */
enum codec codec_from_string(const char *string);

/* Writes the codec string with the lowest level that allows what is needed. False if there is none. */
bool codec_make_string(enum codec codec, const struct codec_need *need, char *out, size_t size, struct fault *fault);

/* Of a "vp09." string; false if it is none. chroma: 0 and 1 are 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
bool codec_parse_vp9(const char *string, int *profile, int *level, int *bit_depth, int *chroma);

#endif
