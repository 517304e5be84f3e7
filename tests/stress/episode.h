/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_EPISODE_H
#define WCENC_STRESS_EPISODE_H

/* Encoders, the threads that call, pump and receive, and how all of it ends. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

#include "inputs.h"

/* What threads that share encoders do with them. */

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

/* The thread's function; `caller` is a struct caller. Releases its references at last. */
void *caller_main(void *caller);

/* Threads that pump or receive, in each way in which a program may learn that there is something to take. */

struct pump {
    struct subject *subject; /* with a reference of the thread's own */
    int number;              /* among the threads of the episode */
    uint64_t seed;
    pthread_t thread;
};

/* The thread's function; `pump` is a struct pump. */
void *pump_main(void *pump);

/* Takes everything until the closed encoder says that it was all. */
void pump_until_over(struct subject *subject);

/* How one encoder ends once its callers have left, and what must have become of everything by then. */

struct finish {
    bool has_reference; /* the main thread still has one */
    bool has_stats;     /* of the closed encoder */
    wcenc_stats stats;
    bool is_over; /* everything was pumped or received */
};

/* Lets it come to rest, or not, and closes it in one way or another. */
void finish_close(struct finish *finish, struct subject *subject, struct random *random);

/* Releases the references that are left, and waits for on_destroy. No other thread of the test knows of it any more. */
void finish_destroy(struct finish *finish, struct subject *subject, struct random *random);

void finish_check(const struct finish *finish, struct subject *subject);

/* Some encoders, some threads that share them, from the first call to the last, and what must hold then. */

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
    struct loans loans;
};

/* With so many calling threads; 0: the seed decides. */
void episode_run(uint64_t seed, int threads);

#endif
