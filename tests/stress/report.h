/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_REPORT_H
#define WCENC_STRESS_REPORT_H

/*
 * How a run is watched: what was found wrong, how often what happened, where each thread is, and whether anything
 * moves.
 */

#include <stdbool.h>
#include <stdint.h>

/* What was found wrong, with the seed that it can be looked for with again. */

struct subject;

#if defined(__has_feature)
#define WCENC_STRESS_HAS_FEATURE(feature) __has_feature(feature)
#else
#define WCENC_STRESS_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || WCENC_STRESS_HAS_FEATURE(thread_sanitizer) || \
    WCENC_STRESS_HAS_FEATURE(address_sanitizer)
enum { HAS_SANITIZER = 1 };
#else
enum { HAS_SANITIZER = 0 };
#endif

/* `arguments` are those that the same episode is run with again, beside its seed. */
void report_set_arguments(const char *arguments);

/* Before the episode's first thread is started. */
void report_begin_episode(uint64_t seed);

/* True if nothing was found since. */
bool report_end_episode(void);

/* Of the episode that runs. */
uint64_t report_seed(void);

/* Prints how to run the episode again. */
void report_replay(void);

/* One break of a promise; the subject may be NULL. The episode goes on. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void violation(const struct subject *subject, const char *format, ...);

/* Something that the test needs and cannot have: ends the program. */
_Noreturn void give_up(const char *what);

/* How often what has happened. A run in which something that it is about hardly happened has shown nothing. */

enum outcome {
    OUTCOME_CHUNK,
    OUTCOME_DROP,
    OUTCOME_DISCARD,
    OUTCOME_ERROR,
    OUTCOME_FLUSH_ABORTED,
    OUTCOME_RESET_INSIDE,
    OUTCOME_DESTROY_INSIDE,
    OUTCOME_ENCODE_WHILE_CLOSING,
    /* The rest is printed only. */
    OUTCOME_ENCODER,
    OUTCOME_FLUSH_OK,
    OUTCOME_FLUSH_TIMED_OUT,
    OUTCOME_FLUSH_FAILED,
    OUTCOME_FLUSH_DONE,
    OUTCOME_CLOSE_DONE,
    OUTCOME_WOULD_DEADLOCK,
    OUTCOME_QUOTA,
    OUTCOME_ROOM_TIMED_OUT,
    OUTCOME_ROOM_ABORTED,
    OUTCOME_DEQUEUE,
    OUTCOME_WAKEUP,
    OUTCOME_LOG,
    OUTCOME_RELEASE,
    OUTCOME_PUMPED,
    OUTCOME_RECEIVED,
    OUTCOME_LAST_INSIDE,
    OUTCOME_COUNT
};

/* How often each of the first must have happened. */
enum { OUTCOME_LEAST = 100 };

void outcome_count(enum outcome outcome);
void outcome_add(enum outcome outcome, uint64_t times);

/* To standard output. */
void outcomes_print(void);

/* Names on standard error what happened less than OUTCOME_LEAST times; true if there is none. */
bool outcomes_suffice(void);

/*
 * What the current thread is inside of: calls of the library, and callbacks of it, each inside the other. By this it is
 * known what a call must return and where a callback may come from; and what every thread does when nothing moves.
 */

enum scope_kind {
    SCOPE_CALL,     /* a call of the library that must not run callbacks itself */
    SCOPE_PUMPING,  /* one that may, with WCENC_DELIVERY_PUMP */
    SCOPE_ENDING,   /* one that may run completions, with WCENC_DELIVERY_PUMP */
    SCOPE_CALLBACK, /* one of the callbacks that run one at a time */
    SCOPE_NOTICE    /* on_wakeup, log or release */
};

struct scope {
    enum scope_kind kind;
    const char *name;
    const struct subject *subject; /* NULL: of none in particular */
    int number;                    /* of the subject */
    int callbacks;                 /* that ran directly inside */
    struct scope *outer;
};

/* Scopes lie on the stack of their thread. */
void scope_enter(struct scope *scope, enum scope_kind kind, const char *name, const struct subject *subject,
                 int number);
void scope_leave(const struct scope *scope);

/* NULL outside of all. */
const struct scope *scope_innermost(void);

/* How many callbacks and notices the thread is inside of. */
int scope_depth(void);

enum inside {
    INSIDE_NOTHING,
    INSIDE_NOTICE,  /* that the library gives on behalf of the subject */
    INSIDE_CALLBACK /* of the subject */
};

enum inside scope_inside(const struct subject *subject);

enum { THREADS_MAX = 40 };

/* Called first by every thread of the test. `number` is its own among those that run, less than THREADS_MAX. */
void scope_thread_begin(const char *what, int number);
void scope_thread_end(void);

/* True on a thread of the test, false on one of the library. */
bool scope_is_own_thread(void);

/* Waits until no thread of the library is inside a callback or notice. */
void scope_wait_for_guests(void);

/* Prints to standard error what each thread of the test is inside of. */
void scope_print_threads(void);

/* Ends the program where an episode does not end, with its seed and what every thread waits for. */

void watchdog_start(void);

/* Around every episode. */
void watchdog_begin_episode(void);
void watchdog_end_episode(void);

void watchdog_stop(void);

#endif
