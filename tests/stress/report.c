/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "report.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "subject.h"

/* What was found wrong. */

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

/* How often what happened. */

struct outcome_row {
    const char *name;
    uint64_t least;
};

static const struct outcome_row outcome_rows[OUTCOME_COUNT] = {
    [OUTCOME_CHUNK] = {"chunk", OUTCOME_LEAST},
    [OUTCOME_DROP] = {"drop", OUTCOME_LEAST},
    [OUTCOME_DISCARD] = {"discard", OUTCOME_LEAST},
    [OUTCOME_ERROR] = {"error", OUTCOME_LEAST},
    [OUTCOME_FLUSH_ABORTED] = {"aborted flush", OUTCOME_LEAST},
    [OUTCOME_RESET_INSIDE] = {"reset inside a callback", OUTCOME_LEAST},
    [OUTCOME_DESTROY_INSIDE] = {"destroy inside a callback", OUTCOME_LEAST},
    [OUTCOME_ENCODE_WHILE_CLOSING] = {"encode while closing", OUTCOME_LEAST},
    [OUTCOME_ENCODER] = {"encoder made", 0},
    [OUTCOME_FLUSH_OK] = {"flush done", 0},
    [OUTCOME_FLUSH_TIMED_OUT] = {"flush timed out", 0},
    [OUTCOME_FLUSH_FAILED] = {"flush ended by an error", 0},
    [OUTCOME_FLUSH_DONE] = {"end of an asynchronous flush reported", 0},
    [OUTCOME_CLOSE_DONE] = {"end of an asynchronous close reported", 0},
    [OUTCOME_WOULD_DEADLOCK] = {"call that would deadlock refused", 0},
    [OUTCOME_QUOTA] = {"frame refused by a limit", 0},
    [OUTCOME_ROOM_TIMED_OUT] = {"wait for room timed out", 0},
    [OUTCOME_ROOM_ABORTED] = {"wait for room aborted", 0},
    [OUTCOME_DEQUEUE] = {"dequeue", 0},
    [OUTCOME_WAKEUP] = {"wakeup", 0},
    [OUTCOME_LOG] = {"message logged", 0},
    [OUTCOME_RELEASE] = {"release", 0},
    [OUTCOME_PUMPED] = {"pump that ran callbacks", 0},
    [OUTCOME_RECEIVED] = {"event received", 0},
    [OUTCOME_LAST_INSIDE] = {"last reference gone inside a callback", 0},
};

static atomic_uint_fast64_t counts[OUTCOME_COUNT];

void outcome_add(enum outcome outcome, uint64_t times)
{
    atomic_fetch_add_explicit(&counts[outcome], times, memory_order_relaxed);
}

void outcome_count(enum outcome outcome)
{
    outcome_add(outcome, 1);
}

void outcomes_print(void)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        printf("%12" PRIuFAST64 "  %s\n", atomic_load(&counts[i]), outcome_rows[i].name);
}

bool outcomes_suffice(void)
{
    bool enough = true;

    for (int i = 0; i < OUTCOME_COUNT; i++) {
        uint64_t count = atomic_load(&counts[i]);

        if (count < outcome_rows[i].least) {
            fprintf(stderr, "%s: %" PRIu64 " times, wanted are %" PRIu64 "\n", outcome_rows[i].name, count,
                    outcome_rows[i].least);
            enough = false;
        }
    }
    return enough;
}

/* Where each thread is. */

/* Read by the watchdog while the thread goes on. */
struct place {
    _Atomic(const char *) what; /* NULL: no such thread */
    _Atomic(const char *) inside;
    atomic_int subject;
};

static struct place places[THREADS_MAX];
static _Thread_local struct place *own_place;
static _Thread_local struct scope *innermost;

/* Threads of the library inside callbacks. */
static atomic_int guests;

void scope_wait_for_guests(void)
{
    /* There hardly ever are any: an encoder's last callback is over before on_destroy is called. */
    while (atomic_load_explicit(&guests, memory_order_acquire) > 0)
        (void)sched_yield();
}

static void show(const struct scope *scope)
{
    if (!own_place)
        return;
    atomic_store_explicit(&own_place->subject, scope ? scope->number : 0, memory_order_relaxed);
    atomic_store_explicit(&own_place->inside, scope ? scope->name : NULL, memory_order_relaxed);
}

void scope_enter(struct scope *scope, enum scope_kind kind, const char *name, const struct subject *subject, int number)
{
    if (kind == SCOPE_CALLBACK && innermost)
        innermost->callbacks++;
    if (!innermost && !own_place)
        atomic_fetch_add_explicit(&guests, 1, memory_order_relaxed);
    *scope = (struct scope){kind, name, subject, number, 0, innermost};
    innermost = scope;
    show(scope);
}

void scope_leave(const struct scope *scope)
{
    innermost = scope->outer;
    show(innermost);
    /* Known to the one that waits, and not to other guests: callbacks are not put in order here. */
    if (!innermost && !own_place)
        atomic_fetch_sub_explicit(&guests, 1, memory_order_release);
}

const struct scope *scope_innermost(void)
{
    return innermost;
}

int scope_depth(void)
{
    int depth = 0;

    for (const struct scope *scope = innermost; scope; scope = scope->outer)
        depth += scope->kind == SCOPE_CALLBACK || scope->kind == SCOPE_NOTICE;
    return depth;
}

static bool is_call(enum scope_kind kind)
{
    return kind == SCOPE_CALL || kind == SCOPE_PUMPING || kind == SCOPE_ENDING;
}

/*
 * A release that comes of a frame that the test itself releases is nothing of the encoder's: it has to be found
 * inside a call of the encoder, or on a thread of the library.
 */
static bool is_on_behalf(const struct scope *notice)
{
    const struct scope *scope = notice->outer;

    while (scope && !(is_call(scope->kind) && scope->subject == notice->subject))
        scope = scope->outer;
    return scope || !own_place;
}

enum inside scope_inside(const struct subject *subject)
{
    enum inside inside = INSIDE_NOTHING;

    for (const struct scope *scope = innermost; scope; scope = scope->outer) {
        if (scope->subject != subject)
            continue;
        if (scope->kind == SCOPE_CALLBACK)
            return INSIDE_CALLBACK;
        if (scope->kind == SCOPE_NOTICE && is_on_behalf(scope))
            inside = INSIDE_NOTICE;
    }
    return inside;
}

void scope_thread_begin(const char *what, int number)
{
    own_place = &places[number];
    atomic_store(&own_place->what, what);
}

void scope_thread_end(void)
{
    atomic_store(&own_place->what, NULL);
    own_place = NULL;
}

bool scope_is_own_thread(void)
{
    return own_place != NULL;
}

void scope_print_threads(void)
{
    for (int i = 0; i < THREADS_MAX; i++) {
        const char *what = atomic_load(&places[i].what);
        const char *inside = atomic_load(&places[i].inside);

        if (!what)
            continue;
        if (inside)
            fprintf(stderr, "thread %d, %s: in %s of encoder %d\n", i, what, inside, atomic_load(&places[i].subject));
        else
            fprintf(stderr, "thread %d, %s: in the test itself\n", i, what);
    }
}

/* Whether anything moves. */

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
        give_up("the system refused a thread");
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
