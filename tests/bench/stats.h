/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_STATS_H
#define WCENC_BENCH_STATS_H

/* Numbers that were measured, and what is said of them. */

#include <stddef.h>

/* All zero: none. */
struct samples {
    double *values;
    size_t count;
    size_t capacity;
};

void samples_add(struct samples *samples, double value);
void samples_free(struct samples *samples);

/* The smallest value that so many per cent of all do not exceed; 0 where there are none. */
double samples_percentile(const struct samples *samples, double percent);

/* The middle, of an even number the mean of the two; 0 where there are none. */
double samples_median(const struct samples *samples);
double samples_min(const struct samples *samples);
double samples_max(const struct samples *samples);

#endif
