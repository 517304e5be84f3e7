/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_VPX_VPX_TABLE_H
#define WCENC_BACKEND_VPX_VPX_TABLE_H

/* What libvpx's encoders are opened with, as data: names and values only, so that builds without libvpx print it too.
 */

#include <stdint.h>

#include "config.h"
#include "realtime_bounds.h"

/* Where a row applies: bits, any of which may hold. */
enum {
    VPX_VP8 = 1,
    VPX_VP9 = 2,
    VPX_BOTH = 3,

    VPX_IN_QUALITY = 1,
    VPX_IN_REALTIME = 2,
    VPX_ANY_LATENCY = 3,

    VPX_VARIABLE = 1,
    VPX_CONSTANT = 2,
    VPX_QUANTIZER = 4,
    VPX_CONSTANT_QUALITY = 8,
    VPX_RATE = 3,
    VPX_ANY_MODE = 15,

    VPX_FOR_ALL = 0,
    VPX_FOR_STEPS = 1,   /* several temporal layers, or references that frames choose */
    VPX_FOR_SCREEN = 2,  /* content_hint "detail" or "text" */
    VPX_FOR_CAP = 4,     /* constant quality with a bitrate */
    VPX_FOR_NO_CAP = 8,  /* and without one */
    VPX_FOR_MANUAL = 16, /* references that frames choose */
};

struct vpx_row {
    uint8_t codecs;
    uint8_t latencies;
    uint8_t modes;
    uint8_t purposes;   /* VPX_FOR_ bits, any of which suffices */
    const char *option; /* FFmpeg's name where it has one, else that of vpxenc */
    const char *value;  /* a number, or {name} for one that depends on the configuration */
};

/* Applied in order; ended by a NULL option. */
extern const struct vpx_row wcenc__vpx_rows[];

enum { VPX_EFFORTS = 5 };

/* One option at each step of effort, from -2 to 2. */
struct vpx_effort {
    uint8_t codecs;
    uint8_t latencies;
    uint8_t modes;
    uint8_t purposes;
    const char *option;
    const char *values[VPX_EFFORTS]; /* empty: as the other rows have it */
};

/* They come after the other rows; ended by a NULL option. */
extern const struct vpx_effort wcenc__vpx_efforts[];

/* What is known of the encoder of one codec. */
struct vpx_encoder {
    uint8_t codec;                      /* VPX_VP8 or VPX_VP9 */
    uint8_t modes;                      /* of bitrate, that it has */
    uint8_t default_threads_max;        /* where the caller gives no number; 0: as many as there are CPUs */
    uint16_t thread_stack_kb;           /* that its own threads need, of which it has none if there is less */
    uint16_t lookahead;                 /* frames, in quality mode */
    struct quantizer_min quantizer_min; /* in realtime */
    uint8_t key_step;                   /* of wcenc__key_frame_percent, in realtime */
    uint32_t max_height;                /* 0: as the codec has it */
};

enum {
    VPX_LOOKAHEAD_MAX = 25, /* that libvpx has */
    VPX_NO_CAP = 200000000, /* bits a second that are no cap */
    VPX_BUFFERS = 3,        /* that flags of a frame can name: last, golden and alternative reference */
};

/* Of VP8 or VP9. */
const struct vpx_encoder *wcenc__vpx_encoder(enum codec_family family);

#endif
