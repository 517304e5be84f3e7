/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_EPISODE_H
#define WCENC_STRESS_EPISODE_H

/* Some encoders, some threads that share them, from the first call to the last, and what must hold then. */

#include <stdint.h>

#include "actions.h"
#include "frames.h"
#include "pumps.h"

struct subject;

/* Threads of the test: the main one is number 0, then come callers, then those that pump. */
enum { CALLERS_MAX = 16, PUMPS_MAX = 2 * SUBJECTS_MAX };

struct episode {
    uint64_t seed;
    uint32_t actions_most;
    int subject_count;
    struct subject *subjects[SUBJECTS_MAX];
    int caller_count;
    struct caller callers[CALLERS_MAX];
    int pump_count;
    struct pump pumps[PUMPS_MAX];
    struct lendings lendings;
};

/* With so many calling threads; 0: the seed decides. */
void episode_run(uint64_t seed, int threads);

#endif
