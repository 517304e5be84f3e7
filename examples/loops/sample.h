/* SPDX-License-Identifier: MIT */
#ifndef SAMPLE_H
#define SAMPLE_H

/* What is not about loops: a picture that moves, and a file for the chunks. */

#include <stdio.h>
#include <wcenc/wcenc.h>

#include "check.h"
#include "video_file.h"

enum { SAMPLE_WIDTH = 640, SAMPLE_HEIGHT = 480, SAMPLE_RATE = 30, SAMPLE_FRAMES = 3 * SAMPLE_RATE };

struct sample {
    struct video_file file;
};

/*
 * Opens the file that the program's only argument names, and fills in what to encode to: H.264, which the file takes as
 * it is, or VP8 in an IVF file where FFmpeg has no encoder for H.264.
 */
void sample_open(struct sample *sample, int argc, char **argv, wcenc_config *config);

/* The n-th picture, with its time. The caller owns it. */
wcenc_frame *sample_picture(unsigned n);

/* Puts a chunk behind those in the file. */
void sample_write(struct sample *sample, const wcenc_chunk *chunk);

/* Closes the file, and only then prints what has become of the pictures. */
void sample_close(struct sample *sample, uint64_t frames, uint64_t chunks, uint64_t drops);

#endif
