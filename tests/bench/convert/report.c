/* SPDX-License-Identifier: MIT */

/* The results as a table and as JSON. */

#include "bench.h"

#include <stdlib.h>

static const char *const way_names[WAY_COUNT] = {"swscale-bilinear", "swscale-accurate", "c", "neon", "sse4.1", "avx2",
                                                 "memcpy-of-source"};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts the times; the median. */
static double median(struct times *times)
{
    qsort(times->ms, times->rounds, sizeof times->ms[0], compare);
    return (times->ms[(times->rounds - 1) / 2] + times->ms[times->rounds / 2]) / 2;
}

void bench_print_head(const struct options *options)
{
    printf("milliseconds a frame, one thread; %u rounds of %u frames\n", options->rounds, options->repeats);
    printf("%-24s %-18s %9s %9s %9s %8s\n", "conversion", "by", "median", "min", "max", "times");
}

void bench_print(struct result *result)
{
    const double base = median(&result->ways[WAY_SWSCALE]);

    for (enum way way = 0; way < WAY_COUNT; way++) {
        struct times *times = &result->ways[way];

        if (times->rounds == 0)
            continue;
        const double middle = median(times);

        printf("%-24s %-18s %9.3f %9.3f %9.3f %7.1fx\n", way == 0 ? result->bench_case->name : "", way_names[way],
               middle, times->ms[0], times->ms[times->rounds - 1], base / middle);
    }
    fflush(stdout);
}

static void write_result(FILE *file, struct result *result)
{
    const char *separator = "";

    fprintf(file, "  {\"name\": \"%s\", \"from\": \"%ux%u\", \"to\": \"%ux%u\", \"ways\": {", result->bench_case->name,
            result->from_width, result->from_height, result->to_width, result->to_height);
    for (enum way way = 0; way < WAY_COUNT; way++) {
        struct times *times = &result->ways[way];

        if (times->rounds == 0)
            continue;
        const double middle = median(times);

        fprintf(file, "%s\n    \"%s\": {\"median_ms\": %.6f, \"min_ms\": %.6f, \"max_ms\": %.6f}", separator,
                way_names[way], middle, times->ms[0], times->ms[times->rounds - 1]);
        separator = ",";
    }
    fprintf(file, "}}");
}

void bench_write_json(FILE *file, const struct options *options, struct result *results, unsigned count)
{
    fprintf(file, "{\"rounds\": %u, \"repeats\": %u, \"conversions\": [", options->rounds, options->repeats);
    for (unsigned i = 0; i < count; i++) {
        fputs(i ? ",\n" : "\n", file);
        write_result(file, &results[i]);
    }
    fputs("\n]}\n", file);
}
