/* SPDX-License-Identifier: MIT */

#include "pumps.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "calls.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

/* Pumps or receives once; true if there is nothing more to come. */
static bool take(struct subject *subject, uint32_t most, int64_t timeout_us)
{
    if (subject_is(subject, WCENC_DELIVERY_PUMP))
        return call_pump(subject, most, timeout_us) == WCENC_ERROR_ABORTED;
    return call_receive(subject, timeout_us) == WCENC_ERROR_ABORTED;
}

void pump_until_over(struct subject *subject)
{
    while (!take(subject, 0, -1))
        ;
}

/* Waits inside the library. */
static bool wait_inside(struct subject *subject, struct random *random)
{
    return take(subject, random_below(random, 4), -1);
}

/* Looks again and again. */
static bool wait_with_timeout(struct subject *subject, struct random *random)
{
    return take(subject, random_below(random, 4), 2000);
}

/* Waits for the descriptor: an event that it does not tell of lies there for ever. */
static bool wait_for_descriptor(struct subject *subject, struct random *random)
{
    struct pollfd polled[] = {{.fd = call_event_fd(subject), .events = POLLIN},
                              {.fd = subject->stop_pipe[0], .events = POLLIN}};

    while (poll(polled, 2, -1) < 0)
        if (errno != EINTR)
            give_up("poll failed");
    return take(subject, random_below(random, 4), 0);
}

/* Waits for on_wakeup: the same. */
static bool wait_for_wakeup(struct subject *subject, struct random *random)
{
    pthread_mutex_lock(&subject->lock);
    while (!subject->wants_pump && !atomic_load(&subject->must_stop))
        pthread_cond_wait(&subject->changed, &subject->lock);
    subject->wants_pump = false;
    pthread_mutex_unlock(&subject->lock);
    return take(subject, random_below(random, 4), 0);
}

static bool (*const ways[])(struct subject *subject, struct random *random) = {wait_inside, wait_with_timeout,
                                                                               wait_for_descriptor, wait_for_wakeup};

void *pump_main(void *argument)
{
    struct pump *pump = argument;
    struct subject *subject = pump->subject;
    struct random random = random_part(pump->seed, 0);
    bool (*way)(struct subject *, struct random *) = ways[random_below(&random, subject->init.on_wakeup ? 4 : 3)];
    uint32_t left = subject->is_steady ? UINT32_MAX : random_below(&random, 30);
    bool is_over = false;

    scope_thread_begin("pump", pump->number);
    if (!subject->is_steady)
        way = wait_with_timeout;
    for (; left > 0 && !is_over && !atomic_load_explicit(&subject->must_stop, memory_order_relaxed); left--)
        is_over = way(subject, &random);
    if (subject->is_steady && !is_over)
        pump_until_over(subject);
    call_unref(subject);
    scope_thread_end();
    return NULL;
}
