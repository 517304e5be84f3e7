/* SPDX-License-Identifier: MIT */

#include "watchdog.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "report.h"
#include "scope.h"

enum { EPISODE_SECONDS = HAS_SANITIZER ? 300 : 60 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t thread;

/* Guarded by lock. */
static bool is_running; /* an episode */
static bool must_end;
static struct timespec deadline;

static void bark(void)
{
    fprintf(stderr, "episode %llu has not ended within %d seconds\n", (unsigned long long)report_seed(),
            EPISODE_SECONDS);
    scope_print_threads();
    report_replay();
    abort();
}

static bool is_late(void)
{
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    return is_running &&
           (now.tv_sec > deadline.tv_sec || (now.tv_sec == deadline.tv_sec && now.tv_nsec >= deadline.tv_nsec));
}

static void *watch(void *argument)
{
    pthread_mutex_lock(&lock);
    while (!must_end) {
        if (is_running)
            (void)pthread_cond_timedwait(&changed, &lock, &deadline);
        else
            pthread_cond_wait(&changed, &lock);
        if (is_late())
            bark();
    }
    pthread_mutex_unlock(&lock);
    return argument;
}

void watchdog_start(void)
{
    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        give_up("a thread cannot be had");
}

void watchdog_begin_episode(void)
{
    pthread_mutex_lock(&lock);
    timespec_get(&deadline, TIME_UTC);
    deadline.tv_sec += EPISODE_SECONDS;
    is_running = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

void watchdog_end_episode(void)
{
    pthread_mutex_lock(&lock);
    is_running = false;
    pthread_mutex_unlock(&lock);
}

void watchdog_stop(void)
{
    pthread_mutex_lock(&lock);
    must_end = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
}
