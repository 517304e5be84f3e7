/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_SCOPE_H
#define WCENC_STRESS_SCOPE_H

/*
 * What the current thread is inside of: calls of the library, and callbacks of it, each inside the other. By this it is
 * known what a call must return and where a callback may come from; and what every thread does when nothing moves.
 */

#include <stdbool.h>

struct subject;

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

#endif
