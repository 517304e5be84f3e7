/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_NOISE_H
#define WCENC_TESTS_NOISE_H

/* Configurations that encode pictures which are hard to code: known cases that once crashed, and random ones. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

enum noise_content {
    NOISE_RANDOM, /* every sample by itself */
    NOISE_BLOCKS, /* black and white, as of a desktop that changes altogether */
    NOISE_FLAT,   /* grey, then random from the last frame but one on */
    NOISE_CONTENTS,
};

enum { NOISE_OPTIONS_SIZE = 160, NOISE_DESCRIPTION_SIZE = 512 };

struct noise_case {
    wcenc_config config; /* encoder_options: see `options` */
    wcenc_pixel_format format;
    enum noise_content content;
    int frames;
    char options[NOISE_OPTIONS_SIZE];
};

/* Known cases: the nth, from 0; false beyond the last. */
bool noise_known(uint32_t n, struct noise_case *out);

/* The nth random case of a seed, whatever other cases there are. */
void noise_random(uint64_t seed, uint32_t n, struct noise_case *out);

/* Fills a picture of the case's format, `number` of the frame, tight; returns its size. */
size_t noise_draw(const struct noise_case *noise, int number, uint64_t seed, uint8_t *pixels);

/* Bytes that noise_draw may write. */
size_t noise_size(const struct noise_case *noise);

/* All that the case is made of, on one line. */
void noise_describe(const struct noise_case *noise, char out[NOISE_DESCRIPTION_SIZE]);

#endif
