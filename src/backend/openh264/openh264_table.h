/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_OPENH264_OPENH264_TABLE_H
#define WCENC_BACKEND_OPENH264_OPENH264_TABLE_H

/*
 * What OpenH264's encoder is opened with, as data: names and values only, so that builds without OpenH264 print it too.
 */

#include <stdint.h>

/* Where a row applies: bits, any of which may hold. */
enum {
    OPENH264_IN_QUALITY = 1,
    OPENH264_IN_REALTIME = 2,
    OPENH264_ANY_LATENCY = 3,

    OPENH264_VARIABLE = 1,
    OPENH264_CONSTANT = 2,
    OPENH264_QUANTIZER = 4,
    OPENH264_CONSTANT_QUALITY = 8,
    OPENH264_RATE = 3,
    OPENH264_ANY_MODE = 15,
};

struct openh264_row {
    uint8_t latencies;
    uint8_t modes;
    const char *option; /* FFmpeg's name where it has one, else OpenH264's */
    const char *value;  /* a number, a name of the option, or {name} for one that depends on the configuration */
};

/* Applied in order; ended by a NULL option. */
extern const struct openh264_row wcenc__openh264_rows[];

enum { OPENH264_EFFORTS = 5 };

/* One option at each step of effort, from -2 to 2. */
struct openh264_effort {
    uint8_t latencies;
    const char *option;
    const char *values[OPENH264_EFFORTS]; /* empty: as the other rows have it */
};

/* They come after the other rows; ended by a NULL option. */
extern const struct openh264_effort wcenc__openh264_efforts[];

enum {
    OPENH264_MIN_SIZE = 16,
    OPENH264_MAX_BLOCKS = 36864, /* macroblocks of a picture, of 16x16 */
    OPENH264_MAX_LEVEL = 52,
    OPENH264_MIN_FRAMERATE = 1, /* outside of these it gets 30, and bits a second in proportion */
    OPENH264_MAX_FRAMERATE = 60,
    OPENH264_MAX_QUANTIZER = 51,
    OPENH264_MAX_THREADS = 4,
    OPENH264_DEFAULT_THREADS = 2, /* at most, where the caller gives no number */
    OPENH264_BLOCKS_OF_THREAD = 96,
    OPENH264_BLOCKS_OF_SLICE = 48, /* pictures up to this have one slice */
    OPENH264_BLOCKS_OF_SHORT_ROW = 30,
    /* Of rate control, in several slices and in one. */
    OPENH264_MIN_QUANTIZER = 12,
    OPENH264_MIN_QUANTIZER_OF_SLICE = 20,
};

#endif
