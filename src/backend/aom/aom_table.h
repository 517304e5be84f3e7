/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_AOM_AOM_TABLE_H
#define WCENC_BACKEND_AOM_AOM_TABLE_H

/* What libaom's encoder is opened with, as data: names and values only, so that builds without libaom print it too. */

#include <stdint.h>

/* Where a row applies: bits, any of which may hold. */
enum {
    AOM_IN_QUALITY = 1,
    AOM_IN_REALTIME = 2,
    AOM_ANY_LATENCY = 3,

    AOM_VARIABLE = 1,
    AOM_CONSTANT = 2,
    AOM_QUANTIZER = 4,
    AOM_CONSTANT_QUALITY = 8,
    AOM_RATE = 3,
    AOM_ANY_MODE = 15,

    AOM_FOR_ALL = 0,
    AOM_FOR_LAYERS = 1,  /* more than one temporal layer */
    AOM_FOR_SCREEN = 2,  /* content_hint "detail" or "text" */
    AOM_FOR_TOOLS = 4,   /* force_screen_content_tools */
    AOM_FOR_CAP = 8,     /* constant quality with a bitrate */
    AOM_FOR_MANUAL = 16, /* references that frames choose */
};

struct aom_row {
    uint8_t latencies;
    uint8_t modes;
    uint8_t purposes;   /* AOM_FOR_ bits, any of which suffices */
    const char *option; /* FFmpeg's name where it has one, else that of aomenc */
    const char *value;  /* a number or a name, or {name} for one that depends on the configuration */
};

/* Applied in order; ended by a NULL option. */
extern const struct aom_row wcenc__aom_rows[];

enum { AOM_EFFORTS = 5 };

/* One option at each step of effort, from -2 to 2. */
struct aom_effort {
    uint8_t latencies;
    uint8_t modes;
    uint8_t purposes;
    const char *option;
    const char *values[AOM_EFFORTS]; /* empty: as the other rows have it */
};

/* They come after the other rows; ended by a NULL option. */
extern const struct aom_effort wcenc__aom_efforts[];

/* What is known of the encoder. */
enum {
    AOM_LOOKAHEAD = 19,        /* frames, in quality mode; with 16 libaom needs a tenth more bytes */
    AOM_LOOKAHEAD_MAX = 48,    /* that libaom has */
    AOM_HELD_BESIDE = 2,       /* frames that it holds back beside the lookahead, if it has one */
    AOM_THREADS_MAX = 64,      /* that libaom has */
    AOM_THREAD_STACK_KB = 384, /* twice what four of its threads were seen to need */
    AOM_HEIGHT_MAX = 32768,    /* it crashes above */
    AOM_BUFFERS = 5,           /* for frames that choose their references; of eight, see aom_layers.c */
};

#endif
