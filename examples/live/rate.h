/* SPDX-License-Identifier: MIT */
#ifndef RATE_H
#define RATE_H

/*
 * How many bits a second each viewer can take, and what that makes of the bitrate of all.
 *
 * A viewer's estimate falls towards what it has taken in an interval in which it lagged. It rises step by step while
 * the viewer keeps up with all layers, at most to half as much again as the stream has, since nobody has tried more.
 * The bitrate follows the median of the estimates: half of the viewers or more can take it, and one slow viewer
 * does not spoil the picture of the others. Small changes are not worth a reconfiguration.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_bounds {
    uint64_t min; /* bits per second */
    uint64_t max;
};

struct rate_estimate {
    double bits;    /* per second */
    uint64_t bytes; /* taken until the last update */
    int64_t updated_us;
    bool has_lagged; /* since then */
};

void rate_estimate_init(struct rate_estimate *estimate, uint64_t bitrate, int64_t now_us);

/* Records that the viewer lags. */
void rate_estimate_lag(struct rate_estimate *estimate);

/* What the encoder made in an interval. */
struct rate_stream {
    const struct rate_bounds *bounds;
    uint64_t bitrate; /* that it has */
    double produced;  /* bits per second that it made */
};

/* Ends an interval: the viewer has taken `bytes` in total by now. `has_all`: no layer is left out for it. */
void rate_estimate_update(struct rate_estimate *estimate, uint64_t bytes, bool has_all,
                          const struct rate_stream *stream, int64_t now_us);

/* The lower one of two in the middle. Sorts `values`. 0: there are none. */
double rate_median(double *values, size_t count);

struct rate_control {
    struct rate_bounds bounds;
    uint64_t bitrate; /* that the encoder has */
    int64_t changed_us;
    int64_t lowered_us;
};

void rate_control_init(struct rate_control *control, const struct rate_bounds *bounds, uint64_t bitrate,
                       int64_t now_us);

/* Returns whether the encoder is to have another bitrate, which is then in `bitrate`. */
bool rate_control_update(struct rate_control *control, double median, int64_t now_us);

#endif
