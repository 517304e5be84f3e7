/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_ACTIONS_H
#define WCENC_STRESS_ACTIONS_H

/* What threads that share encoders do with them. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct episode;
struct subject;

enum { SUBJECTS_MAX = 3 };

struct caller {
    struct episode *episode;
    int number; /* in the episode, from 1 */
    uint64_t seed;
    bool holds[SUBJECTS_MAX]; /* a reference to the subject of that number less one */
    pthread_t thread;
};

/* The thread's function; `caller` is a struct caller. Gives up its references at last. */
void *caller_main(void *caller);

#endif
