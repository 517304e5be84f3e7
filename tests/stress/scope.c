/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "scope.h"

#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

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
 * A release that comes of a frame that the test itself lets go of is nothing of the encoder's: it has to be found
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
