/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_PUMPS_H
#define WCENC_STRESS_PUMPS_H

/* Threads that pump or receive, in each way in which a program may learn that there is something to take. */

#include <pthread.h>
#include <stdint.h>

struct subject;

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

#endif
