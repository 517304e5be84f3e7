/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_REPORT_H
#define WCENC_BENCH_REPORT_H

/* What was measured: rows of samples, one of each round, printed as a table and written as JSON. */

#include "stats.h"

/* What a row is about. Texts are static; NULL where it says nothing. */
struct row_key {
    const char *measure; /* "throughput" */
    const char *codec;
    const char *size;
    const char *format;
    const char *setting; /* what else sets it apart: "10 encoders" */
    const char *who;     /* the competitor: "plain", "wcenc" */
    const char *metric;  /* "rate" */
    const char *unit;    /* "frames/s" */
};

struct row {
    struct row_key key;
    struct samples samples;
};

struct report {
    struct row *rows;
    size_t count;
    size_t printed; /* rows from here on are not printed yet */
};

/* One more sample, to the row with this key or to a new one. */
void report_add(struct report *report, struct row_key key, double value);

/* Prints what has come since the last time. */
void report_print(struct report *report);

void report_free(struct report *report);

#endif
