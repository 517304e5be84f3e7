/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_BENCH_H
#define WCENC_BENCH_BENCH_H

/* What a measurement is given, and the table of them. */

#include <stdbool.h>

#include "cases.h"
#include "report.h"

struct bench {
    /* What is left out; NULL: nothing. */
    const struct bench_codec *codec;
    const struct bench_size *size;
    const struct bench_format *format;
    int rounds;
    int frames;    /* of a round; 0: as each measurement has it */
    bool is_smoke; /* once through everything, for what is counted and not for the times */
    struct report report;
    int failures; /* counts that do not agree */
};

struct measure {
    const char *name; /* as --measure takes it */
    const char *about;
    void (*run)(struct bench *bench);
};

/* The measurements of this program; the last one has no name. */
extern const struct measure bench_measures[];

/* How often something is done: `usual`, or what was asked for, or a few times in a smoke run. */
int bench_count(const struct bench *bench, int usual);

/* The size that a measurement of one size has: `usual`, or what was asked for, or the smallest in a smoke run. */
const struct bench_size *bench_size_of(const struct bench *bench, const char *usual);

/* Whether the options leave it in, and FFmpeg can do it. */
bool bench_wants(const struct bench *bench, const struct bench_case *bench_case);

/* Calls `run` for every case of the tables that is wanted; those of H.264 alone where no other codec was asked for. */
typedef void (*case_fn)(struct bench *bench, const struct bench_case *bench_case);
void bench_each_case(struct bench *bench, case_fn run);
void bench_each_format_of_h264(struct bench *bench, const struct bench_size *size, case_fn run);

/* Says what does not agree, unless it does; the program then fails in the end. */
void bench_expect(struct bench *bench, bool agrees, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A key of a case; setting, metric and unit are still to be given. */
struct row_key bench_key(const char *measure, const struct bench_case *bench_case, const char *who);

/* Percentiles of one round's samples, as rows "<name> p50" and "<name> p99". Texts are static. */
struct percentile_names {
    const char *p50;
    const char *p99;
};
void bench_add_percentiles(struct bench *bench, struct row_key key, const struct percentile_names *names,
                           const struct samples *samples);

#endif
