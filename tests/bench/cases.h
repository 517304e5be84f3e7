/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_CASES_H
#define WCENC_BENCH_CASES_H

/* What is measured, as tables: codecs with the options that every competitor is given, sizes, and pixel formats. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/codec_id.h>
#include <libavutil/pixfmt.h>

#include <wcenc/wcenc.h>

enum { FRAMERATE = 30, OPTIONS_SIZE = 512 };

struct bench_codec {
    const char *name;  /* as --codec takes it */
    const char *title; /* as it is printed */
    enum AVCodecID id;
    const char *encoder;      /* of FFmpeg */
    const char *codec_string; /* of libwcenc's configuration */
    const char *options;      /* for every competitor; NULL: the competitors' own */
    const char *implied;      /* what libwcenc sets by the codec string and a plain loop has to say as well */
    enum AVColorSpace matrix; /* that RGB is coded with */
};

struct bench_size {
    const char *name; /* as --size takes it */
    uint32_t width;
    uint32_t height;
    int bitrate;  /* bits per second */
    int pictures; /* that are made */
    int frames;   /* of a round */
};

struct bench_format {
    const char *name; /* as --format takes it */
    wcenc_pixel_format format;
    enum AVPixelFormat av_format;
    uint32_t bits; /* of a pixel */
};

struct bench_case {
    const struct bench_codec *codec;
    const struct bench_size *size;
    const struct bench_format *format;
    int threads;      /* of the encoder; 0: as many as it likes */
    bool is_variable; /* the bitrate */
};

/* Each table ends with a row whose name is NULL. */
extern const struct bench_codec bench_codecs[];
extern const struct bench_codec bench_groups_codecs[]; /* that only parallel groups are measured with */
extern const struct bench_size bench_sizes[];
extern const struct bench_format bench_formats[];

/* Rows by name; NULL if there is none. */
const struct bench_codec *bench_codec(const char *name);
const struct bench_size *bench_size(const char *name);
const struct bench_format *bench_format(const char *name);

/* Bytes of one picture, rows without gaps. */
size_t case_picture_size(const struct bench_size *size, const struct bench_format *format);

/* The options that are the same for all: "preset=superfast:...:threads=0". Empty where the codec has none. */
void case_options(const struct bench_case *bench_case, char out[OPTIONS_SIZE]);

#endif
