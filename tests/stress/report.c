/* SPDX-License-Identifier: MIT */

#include "report.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "subject.h"

/* More of the same episode say little, and hide the first. */
enum { PRINTED_MOST = 8 };

static atomic_uint_fast64_t current_seed;
static atomic_int found;
static const char *replay_arguments = "";
static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

void report_set_arguments(const char *arguments)
{
    replay_arguments = arguments;
}

void report_begin_episode(uint64_t seed)
{
    atomic_store(&current_seed, seed);
    atomic_store(&found, 0);
}

bool report_end_episode(void)
{
    return atomic_load(&found) == 0;
}

uint64_t report_seed(void)
{
    return atomic_load(&current_seed);
}

void report_replay(void)
{
    fprintf(stderr, "to run it again: wcenc-stress --seed %" PRIu64 " --episodes 1%s\n", report_seed(),
            replay_arguments);
}

void violation(const struct subject *subject, const char *format, ...)
{
    va_list arguments;
    int number = atomic_fetch_add(&found, 1);

    if (number >= PRINTED_MOST)
        return;
    va_start(arguments, format);
    pthread_mutex_lock(&printing);
    fprintf(stderr, "VIOLATION in episode %" PRIu64, report_seed());
    if (subject)
        fprintf(stderr, ", encoder %d (%s)", subject->number, subject->description);
    fprintf(stderr, ": ");
    (void)vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    if (number == 0)
        report_replay();
    pthread_mutex_unlock(&printing);
    va_end(arguments);
}

void give_up(const char *what)
{
    fprintf(stderr, "cannot go on: %s\n", what);
    exit(2);
}
