/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CODING_H
#define WCENC_TESTS_CODING_H

/* Frames to chunks and back to pictures, for the tests that do so with every codec, and what colours should come out.
 */

#include <stdbool.h>

#include "decoder.h"
#include "recorder.h"

/* Rows of native encoders, of the libraries that the build has. */
#ifdef WCENC_HAS_VPX
#define CODEC_ROWS_VPX 2
#else
#define CODEC_ROWS_VPX 0
#endif
#ifdef WCENC_HAS_AOM
#define CODEC_ROWS_AOM 1
#else
#define CODEC_ROWS_AOM 0
#endif
#ifdef WCENC_HAS_OPENH264
#define CODEC_ROWS_OPENH264 1
#else
#define CODEC_ROWS_OPENH264 0
#endif
#define CODEC_ROWS_NATIVE (CODEC_ROWS_VPX + CODEC_ROWS_AOM + CODEC_ROWS_OPENH264)

struct codec_row {
    const char *name;
    const char *codec;
    const char *encoder;
    bool realtime;
    bool even_size; /* odd sizes are refused */
};

/* The first CODEC_ROWS_FAST are cheap to open, one for each codec. The last are native encoders, if the build has them.
 */
enum { CODEC_ROWS_FAST = 5, CODEC_ROWS_LAVC = 7, CODEC_ROWS = CODEC_ROWS_LAVC + CODEC_ROWS_NATIVE };

extern const struct codec_row codec_rows[CODEC_ROWS];

/* With many bits, and realtime where the row has it. */
wcenc_config row_config(const struct codec_row *row, uint32_t width, uint32_t height);

/* Opens a recorder with the config configured. */
void coding_open(struct recorder *recorder, const wcenc_config *config);

/* Encodes and releases the frame. */
void coding_encode(struct recorder *recorder, wcenc_frame *frame, bool key);

/* Flushes and decodes; each of `count` frames must have become a chunk and a picture. */
void coding_finish(struct recorder *recorder, struct decoder *decoder, int count);

/* Closes both. */
void coding_close(struct recorder *recorder, struct decoder *decoder);

/* What the RGB colour is in a matrix and range, in levels of 8 bits and within them. */
void exact_yuv(const double rgb[3], wcenc_color_matrix matrix, wcenc_color_range range, double yuv[3]);

/* The way back; each of the three in levels of 8 bits, unclipped. */
void exact_rgb(const double yuv[3], wcenc_color_matrix matrix, wcenc_color_range range, double rgb[3]);

/* The greatest difference from a flat colour, in any plane of the picture (8-bit 4:2:0). */
double greatest_difference(const AVFrame *frame, const double yuv[3]);

/*
 * Programs named native_... are the same tests with native encoders in place of the others. They are for run.sh --long.
 */
#ifdef WCENC_TEST_NATIVE_ROWS
#define NATIVE_CASE(test, n) cmocka_unit_test_prestate(test, (void *)&codec_rows[CODEC_ROWS_LAVC + (n)])
#if CODEC_ROWS_NATIVE == 1
#define FOR_FAST_CODECS(test) NATIVE_CASE(test, 0)
#elif CODEC_ROWS_NATIVE == 2
#define FOR_FAST_CODECS(test) NATIVE_CASE(test, 0), NATIVE_CASE(test, 1)
#elif CODEC_ROWS_NATIVE == 3
#define FOR_FAST_CODECS(test) NATIVE_CASE(test, 0), NATIVE_CASE(test, 1), NATIVE_CASE(test, 2)
#else
#define FOR_FAST_CODECS(test) NATIVE_CASE(test, 0), NATIVE_CASE(test, 1), NATIVE_CASE(test, 2), NATIVE_CASE(test, 3)
#endif
#define FOR_ALL_CODECS(test) FOR_FAST_CODECS(test)
#else
#define FOR_FAST_CODECS(test)                                                                                         \
    cmocka_unit_test_prestate(test, (void *)&codec_rows[0]), cmocka_unit_test_prestate(test, (void *)&codec_rows[1]), \
        cmocka_unit_test_prestate(test, (void *)&codec_rows[2]),                                                      \
        cmocka_unit_test_prestate(test, (void *)&codec_rows[3]),                                                      \
        cmocka_unit_test_prestate(test, (void *)&codec_rows[4])

#define FOR_ALL_CODECS(test)                                                        \
    FOR_FAST_CODECS(test), cmocka_unit_test_prestate(test, (void *)&codec_rows[5]), \
        cmocka_unit_test_prestate(test, (void *)&codec_rows[6])
#endif

#endif
