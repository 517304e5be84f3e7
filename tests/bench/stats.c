/* SPDX-License-Identifier: MIT */

#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../process/check.h"

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 64;
        samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
        CHECK(samples->values);
    }
    samples->values[samples->count++] = value;
}

void samples_free(struct samples *samples)
{
    free(samples->values);
    *samples = (struct samples){0};
}

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The value of a rank from 0, in rising order. */
static double ranked(const struct samples *samples, size_t rank)
{
    double *sorted, value;

    if (samples->count == 0)
        return 0;
    sorted = malloc(samples->count * sizeof *sorted);
    CHECK(sorted);
    memcpy(sorted, samples->values, samples->count * sizeof *sorted);
    qsort(sorted, samples->count, sizeof *sorted, compare);
    value = sorted[rank < samples->count ? rank : samples->count - 1];
    free(sorted);
    return value;
}

double samples_percentile(const struct samples *samples, double percent)
{
    double rank = ceil(percent / 100 * (double)samples->count);

    return ranked(samples, rank < 1 ? 0 : (size_t)rank - 1);
}

double samples_median(const struct samples *samples)
{
    size_t middle = samples->count / 2;

    if (samples->count % 2 || samples->count == 0)
        return ranked(samples, middle);
    return (ranked(samples, middle - 1) + ranked(samples, middle)) / 2;
}

double samples_min(const struct samples *samples)
{
    return ranked(samples, 0);
}

double samples_max(const struct samples *samples)
{
    return ranked(samples, samples->count ? samples->count - 1 : 0);
}
