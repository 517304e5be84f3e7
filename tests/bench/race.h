/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_RACE_H
#define WCENC_BENCH_RACE_H

/* The competitors, and one run of each: so many frames as fast as they go. */

#include <stdbool.h>

#include "cases.h"
#include "content.h"
#include "tally.h"

struct outcome {
    struct tally tally;
    int64_t wall_ns; /* from the second frame on: opening is not in it */
    int64_t cpu_ns;  /* of all threads */
};

struct competitor {
    const char *who;
    void (*run)(const struct bench_case *bench_case, const struct content *content, int frames,
                struct outcome *outcome);
    bool borrows; /* pictures that the encoder takes as they are */
    bool converts;
};

enum { COMPETITORS = 3, RACERS_MAX = 2 };

/* The plain loop, the plain loop without a copy, libwcenc. */
extern const struct competitor competitors[COMPETITORS];

/* Those that run with this format, the plain one first; both of RACERS_MAX. */
void race_competitors(const struct bench_format *format, const struct competitor *out[RACERS_MAX]);

#endif
