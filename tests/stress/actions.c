/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "actions.h"

#include <sched.h>
#include <stddef.h>

#include "calls.h"
#include "episode.h"
#include "frames.h"
#include "scope.h"
#include "subject.h"

struct action {
    uint32_t weight;
    /* True if the caller has given up its reference. */
    bool (*act)(struct caller *caller, struct subject *subject, struct random *random);
};

static bool configure(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    call_configure(subject, random);
    return false;
}

/* On and on while somebody closes, until it is refused. */
static bool encode_burst(struct caller *caller, struct subject *subject, struct random *random)
{
    uint32_t left = random_between(random, 1, 6), extra = 40;

    (void)caller;
    while (left > 0) {
        wcenc_frame *frame = frame_make(&subject->episode->lendings, subject, random);
        wcenc_status status = call_encode_frame(subject, random, frame);

        wcenc_frame_unref(frame);
        if (status == WCENC_OK && extra > 0 && atomic_load_explicit(&subject->closing, memory_order_relaxed) > 0)
            extra--;
        else
            left--;
    }
    return false;
}

/* One frame for all encoders that the caller holds. */
static bool encode_shared(struct caller *caller, struct subject *subject, struct random *random)
{
    struct episode *episode = caller->episode;
    wcenc_frame *frame = frame_make(&episode->lendings, NULL, random);

    (void)subject;
    for (int i = 0; i < episode->subject_count; i++)
        if (caller->holds[i])
            (void)call_encode_frame(episode->subjects[i], random, frame);
    if (random_chance(random, 500))
        wcenc_frame_close(frame);
    wcenc_frame_unref(frame);
    return false;
}

static bool flush(struct caller *caller, struct subject *subject, struct random *random)
{
    static const int64_t timeouts_us[] = {WITHOUT_TIMEOUT, WITHOUT_TIMEOUT, -1, 0, 0, 300, 3000, 10000000};

    (void)caller;
    (void)call_flush(subject, timeouts_us[random_below(random, sizeof timeouts_us / sizeof timeouts_us[0])]);
    return false;
}

static bool flush_async(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    for (uint32_t i = random_between(random, 1, 3); i > 0; i--)
        (void)call_flush_async(subject, random);
    return false;
}

static bool reset(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    call_reset(subject);
    if (random_chance(random, 700))
        call_configure(subject, random);
    return false;
}

/* The others are busy with it still. */
static bool close_it(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)random;
    (void)call_close(subject);
    return false;
}

static bool close_async(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)call_close_async(subject, random);
    return false;
}

static bool destroy(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)random;
    atomic_fetch_sub(&subject->users, 1);
    call_destroy(subject);
    return true;
}

static bool ask(struct caller *caller, struct subject *subject, struct random *random)
{
    wcenc_stats stats;

    (void)caller;
    (void)random;
    (void)call_stats(subject, &stats);
    call_state(subject);
    (void)call_queue_size(subject);
    (void)call_event_fd(subject);
    return false;
}

static bool pump(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)call_pump(subject, random_below(random, 4), random_below(random, 2) * 500);
    return false;
}

static bool receive(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)call_receive(subject, random_below(random, 2) * 500);
    return false;
}

static bool ref_and_unref(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)random;
    subject_ref(subject);
    (void)call_queue_size(subject);
    call_unref(subject);
    return false;
}

/* Lets the others, the library's threads among them, come so far that there is something to disturb. */
static bool linger(struct caller *caller, struct subject *subject, struct random *random)
{
    (void)caller;
    (void)subject;
    for (uint32_t i = random_between(random, 1, 100); i > 0; i--)
        (void)sched_yield();
    return false;
}

static const struct action actions[] = {
    {60, linger},      {60, configure}, {330, encode_burst}, {40, encode_shared}, {160, flush},
    {80, flush_async}, {25, reset},     {5, close_it},       {5, close_async},    {5, destroy},
    {60, ask},         {50, pump},      {50, receive},       {30, ref_and_unref},
};

enum { ACTION_COUNT = sizeof actions / sizeof actions[0] };

/* Each action has a generator of its own: how much the one before it drew does not matter to it. */
static void act(struct caller *caller, uint64_t number)
{
    struct random random = random_part(caller->seed, number);
    int index = (int)random_below(&random, (uint32_t)caller->episode->subject_count);
    const struct action *action =
        &actions[random_weighted(&random, &actions[0].weight, ACTION_COUNT, sizeof actions[0])];

    if (caller->holds[index] && action->act(caller, caller->episode->subjects[index], &random))
        caller->holds[index] = false;
}

/* An encoder that threads pump until it is over is closed by the last caller, where nobody else will do so. */
static void let_go(struct subject *subject, struct random *random)
{
    bool is_last = atomic_fetch_sub(&subject->users, 1) == 1;
    bool is_pumped = subject->is_steady && !subject_is(subject, WCENC_DELIVERY_THREAD);

    if ((is_last && is_pumped && subject->is_orphan) || random_chance(random, 60))
        call_destroy(subject);
    else
        call_unref(subject);
}

void *caller_main(void *argument)
{
    struct caller *caller = argument;
    struct episode *episode = caller->episode;
    struct random random = random_part(caller->seed, 0);
    uint32_t count = random_between(&random, 10, episode->actions_most);

    scope_thread_begin("caller", caller->number);
    /* Mostly somebody has configured first. */
    for (int i = 0; i < episode->subject_count; i++)
        if (random_chance(&random, 500) && caller->holds[i])
            call_configure(episode->subjects[i], &random);
    for (uint32_t number = 1; number <= count; number++)
        act(caller, number);
    for (int i = 0; i < episode->subject_count; i++)
        if (caller->holds[i])
            let_go(episode->subjects[i], &random);
    scope_thread_end();
    return NULL;
}
