/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_FRONTIER_RUNS_H
#define WCENC_BENCH_FRONTIER_RUNS_H

/* One run of a competitor: frames as fast as they go, or at the pace of a camera. */

#include <stdbool.h>

#include "../cases.h"
#include "../content.h"
#include "course.h"

struct run {
    struct bench_codec codec; /* without options libwcenc's defaults; the plain loop needs them */
    struct bench_size size;   /* with the bitrate of the run */
    const struct bench_format *format;
    const char *encoder; /* of libwcenc, by name; NULL: by default */
    const char *options; /* encoder_options of libwcenc; NULL: none, as a user starts */
    bool is_realtime;
    bool is_variable; /* the bitrate */
    int frames;
    int pace; /* frames per second; 0: as fast as they go */
};

/* Both end the process on failure. The names are of the encoder that ran. */
const char *run_wcenc(const struct run *run, const struct content *content, struct course *course);
const char *run_plain(const struct run *run, const struct content *content, struct course *course);

#endif
