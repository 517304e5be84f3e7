/* SPDX-License-Identifier: MIT */

#include "rate.h"

#include <stdlib.h>

static const double safety = 0.85;    /* of what a viewer has taken while it lagged */
static const double worst_drop = 0.7; /* in one interval: one that has lagged in part of it */
static const double growth = 0.15;    /* per second, while it keeps up */
static const double untested = 1.5;   /* times the stream's bitrate, which no estimate exceeds */
static const double lower_at = 0.92;  /* times the bitrate, below which it is lowered */
static const double raise_at = 1.12;

enum {
    LOWER_INTERVAL_US = 1000 * 1000,     /* from the last change */
    RAISE_INTERVAL_US = 2 * 1000 * 1000, /* the same */
    RECOVERY_US = 5 * 1000 * 1000        /* from the last time that it was lowered until it is raised */
};

static double clamp(double value, const struct rate_bounds *bounds)
{
    if (value < (double)bounds->min)
        return (double)bounds->min;
    return value > (double)bounds->max ? (double)bounds->max : value;
}

void rate_estimate_init(struct rate_estimate *estimate, uint64_t bitrate, int64_t now_us)
{
    *estimate = (struct rate_estimate){.bits = (double)bitrate, .updated_us = now_us};
}

void rate_estimate_lag(struct rate_estimate *estimate)
{
    estimate->has_lagged = true;
}

void rate_estimate_update(struct rate_estimate *estimate, uint64_t bytes, bool has_all,
                          const struct rate_stream *stream, int64_t now_us)
{
    double seconds = (double)(now_us - estimate->updated_us) / 1e6, taken, ceiling;

    if (seconds <= 0)
        return;
    taken = (double)(bytes - estimate->bytes) * 8 / seconds;
    if (estimate->has_lagged) {
        /* A stream that has less than its bitrate has shown nothing of what lies above. */
        double tried = stream->produced < estimate->bits ? stream->produced : estimate->bits;

        estimate->bits = taken * safety > tried * worst_drop ? taken * safety : tried * worst_drop;
        if (estimate->bits > tried)
            estimate->bits = tried;
    } else if (has_all) {
        ceiling = untested * (double)stream->bitrate;
        if (estimate->bits < ceiling)
            estimate->bits += estimate->bits * growth * seconds;
        if (estimate->bits > ceiling)
            estimate->bits = ceiling;
    }
    estimate->bits = clamp(estimate->bits, stream->bounds);
    estimate->bytes = bytes;
    estimate->updated_us = now_us;
    estimate->has_lagged = false;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double rate_median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), compare);
    return values[(count - 1) / 2];
}

void rate_control_init(struct rate_control *control, const struct rate_bounds *bounds, uint64_t bitrate, int64_t now_us)
{
    struct rate_bounds kept = *bounds; /* which may be those in `control` */

    *control = (struct rate_control){kept, bitrate, now_us, now_us - RECOVERY_US};
}

bool rate_control_update(struct rate_control *control, double median, int64_t now_us)
{
    double wanted = clamp(median, &control->bounds), current = (double)control->bitrate;
    bool lowers = wanted < current * lower_at && now_us - control->changed_us >= LOWER_INTERVAL_US;
    bool raises = (wanted > current * raise_at || (wanted > current && wanted == (double)control->bounds.max)) &&
                  now_us - control->changed_us >= RAISE_INTERVAL_US && now_us - control->lowered_us >= RECOVERY_US;

    if (!lowers && !raises)
        return false;
    control->bitrate = (uint64_t)wanted;
    control->changed_us = now_us;
    if (lowers)
        control->lowered_us = now_us;
    return true;
}
