/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_FRONTIER_COURSE_H
#define WCENC_BENCH_FRONTIER_COURSE_H

/* What happened to the frames of one run: when each went in and came out, how many bytes it has, and what it took. */

#include <semaphore.h>

#include "../tally.h"
#include "stream.h"

struct course {
    int frames;
    int taken;
    int64_t *in;  /* of now_ns, by the number of the frame */
    int64_t *out; /* 0: not yet */
    size_t *sizes;
    int64_t wall_ns; /* from the second frame's encode to the end of the flush */
    int64_t cpu_ns;  /* of all threads in that time */
    sem_t first;     /* posted when the first packet has come */
    struct stream *stream;
};

/* `path` is of a file that receives the stream; NULL: none. */
void course_open(struct course *course, int frames, const char *path);

/* A take_fn whose user is a struct course. */
void course_take(void *course, const uint8_t *data, size_t size, int64_t number);

void course_start_clocks(struct course *course);
void course_stop_clocks(struct course *course);

/* Ends the process unless every frame came out once. Prints the course as JSON on stdout, and frees it. */
void course_finish(struct course *course, const char *encoder);

#endif
