/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_BENCH_CONVERT_BENCH_H
#define WCENC_TESTS_BENCH_CONVERT_BENCH_H

/* Conversions, each done in several ways, in rounds that take all ways in turn. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "frame.h"

enum { ROUNDS_MAX = 200 };

/*
 * The ways to convert that are compared: libswscale with two taps and nothing that costs more, which ratios refer to;
 * libswscale as the library sets it up where it has no kernels; the sets of kernels; a copy of the source, which
 * converts nothing.
 */
enum way { WAY_SWSCALE, WAY_SWSCALE_ACCURATE, WAY_C, WAY_NEON, WAY_SSE41, WAY_AVX2, WAY_MEMCPY, WAY_COUNT };

/* A conversion: from one format and size to another. Sizes are the base size times `num / den`. */
struct bench_case {
    const char *name;
    wcenc_pixel_format from;
    wcenc_pixel_format to;
    unsigned num;
    unsigned den;
};

extern const struct bench_case bench_cases[];
extern const unsigned bench_case_count;

/* Milliseconds a frame, one value a round; `rounds` is 0 where the CPU lacks what the way needs. */
struct times {
    double ms[ROUNDS_MAX];
    unsigned rounds;
};

struct result {
    const struct bench_case *bench_case;
    uint32_t from_width, from_height, to_width, to_height;
    struct times ways[WAY_COUNT];
};

struct options {
    unsigned rounds;
    unsigned repeats; /* conversions that one value is the mean of */
    uint32_t width, height;
    const char *only; /* part of a case's name; NULL: all */
    const char *json;
};

/* False, with a line on stderr, if out of memory or a conversion fails. */
bool bench_run(const struct bench_case *bench_case, const struct options *options, struct result *result);

void bench_print_head(const struct options *options);
void bench_print(struct result *result); /* sorts its times */
void bench_write_json(FILE *file, const struct options *options, struct result *results, unsigned count);

#endif
