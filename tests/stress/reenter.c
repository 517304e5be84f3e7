/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "reenter.h"

#include <sched.h>

#include "calls.h"
#include "scope.h"
#include "subject.h"

/* Callbacks that call what calls callbacks: not without end. */
enum { DEPTH_MAX = 3 };

struct reentry {
    uint32_t weight;        /* in a callback */
    uint32_t notice_weight; /* in on_wakeup, log and release */
    void (*call)(struct subject *subject, struct random *random);
    bool only_looks; /* may go on where the encoder is to come to rest */
};

static void reset(struct subject *subject, struct random *random)
{
    (void)random;
    call_reset(subject);
}

/* Most callbacks that reset go on at once. */
static void reset_and_configure(struct subject *subject, struct random *random)
{
    call_reset(subject);
    call_configure(subject, random);
}

static void encode_some(struct subject *subject, struct random *random)
{
    for (uint32_t i = random_between(random, 1, 2); i > 0; i--)
        call_encode(subject, random);
}

static void flush(struct subject *subject, struct random *random)
{
    (void)call_flush(subject, random_chance(random, 500) ? WITHOUT_TIMEOUT : (int64_t)random_below(random, 1000));
}

static void flush_async(struct subject *subject, struct random *random)
{
    (void)call_flush_async(subject, random);
}

static void close_it(struct subject *subject, struct random *random)
{
    (void)random;
    (void)call_close(subject);
}

static void close_async(struct subject *subject, struct random *random)
{
    (void)call_close_async(subject, random);
}

/* Gives up one of the references that callbacks have, and names the encoder no more. */
static void destroy(struct subject *subject, struct random *random)
{
    if (!subject_take_from_pool(subject))
        return;
    if (random_chance(random, 700))
        call_destroy(subject);
    else
        call_unref(subject);
}

static void ask(struct subject *subject, struct random *random)
{
    wcenc_stats stats;

    (void)random;
    (void)call_stats(subject, &stats);
    call_state(subject);
    (void)call_queue_size(subject);
    (void)call_event_fd(subject);
}

static void pump(struct subject *subject, struct random *random)
{
    /* It does not wait where it is refused; a frame that the test lets go of may be released outside of all callbacks.
     */
    bool may_wait = random_chance(random, 500) && scope_inside(subject) != INSIDE_NOTHING;

    (void)call_pump(subject, random_below(random, 3), may_wait ? -1 : 0);
}

static void receive(struct subject *subject, struct random *random)
{
    (void)random;
    (void)call_receive(subject, 0);
}

static void ref_and_unref(struct subject *subject, struct random *random)
{
    (void)random;
    subject_ref(subject);
    call_unref(subject);
}

/* A callback that takes its time, so that others come while it runs. */
static void linger(struct subject *subject, struct random *random)
{
    (void)subject;
    for (uint32_t i = random_between(random, 1, 30); i > 0; i--)
        (void)sched_yield();
}

static const struct reentry rows[] = {
    {150, 100, linger, true},        {30, 40, reset, false},         {50, 40, reset_and_configure, false},
    {40, 40, call_configure, false}, {280, 200, encode_some, false}, {60, 60, flush, false},
    {100, 100, flush_async, false},  {6, 10, close_it, false},       {8, 10, close_async, false},
    {160, 60, destroy, false},       {120, 250, ask, true},          {40, 40, pump, false},
    {20, 40, receive, false},        {60, 60, ref_and_unref, false},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* Nobody else has a reference: the last one goes here, and with it the encoder, once the callback has returned. */
static void destroy_all(struct subject *subject)
{
    while (subject_take_from_pool(subject))
        call_destroy(subject);
}

static bool begin(struct subject *subject, const struct reentry *row)
{
    if (scope_depth() > DEPTH_MAX)
        return false;
    return row->only_looks ? subject->may_call_in && !atomic_load(&subject->is_alone) : subject_begin_reentry(subject);
}

static void end(struct subject *subject, const struct reentry *row)
{
    if (!row->only_looks)
        subject_end_reentry(subject);
}

void reenter_from_callback(struct subject *subject, struct random *random)
{
    const struct reentry *row = &rows[random_weighted(random, &rows[0].weight, ROW_COUNT, sizeof rows[0])];

    if (atomic_load(&subject->is_alone)) {
        destroy_all(subject);
    } else if (begin(subject, row)) {
        row->call(subject, random);
        end(subject, row);
    }
}

void reenter_from_notice(struct subject *subject, struct random *random)
{
    const struct reentry *row = &rows[random_weighted(random, &rows[0].notice_weight, ROW_COUNT, sizeof rows[0])];

    if (!begin(subject, row))
        return;
    if (subject_borrow(subject)) {
        row->call(subject, random);
        call_unref(subject);
    }
    end(subject, row);
}
