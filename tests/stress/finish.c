/* SPDX-License-Identifier: MIT */

#include "finish.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#include "calls.h"
#include "outcomes.h"
#include "pumps.h"
#include "report.h"
#include "subject.h"

static bool is_readable(struct subject *subject)
{
    struct pollfd polled = {.fd = call_event_fd(subject), .events = POLLIN};
    int count;

    while ((count = poll(&polled, 1, 0)) < 0)
        if (errno != EINTR)
            give_up("poll failed");
    return count > 0;
}

/* What a flush has got ready is taken without waiting, and the descriptor tells of it. */
static void check_received(struct subject *subject)
{
    wcenc_stats stats;

    call_stats(subject, &stats);
    if (stats.chunks_pending + stats.drops_pending > 0 && !is_readable(subject))
        violation(subject, "events wait to be received, and the descriptor does not tell of them");
    while (call_receive(subject, 0) == WCENC_OK)
        ;
    call_stats(subject, &stats);
    if (stats.chunks_pending + stats.drops_pending > 0)
        violation(subject, "a flush was done and not everything lay ready to be received");
    if (is_readable(subject))
        violation(subject, "nothing waits to be received, and the descriptor is readable");
}

/* Nobody calls anything any more, and a flush has just returned WCENC_OK. */
static void check_rest(struct subject *subject)
{
    wcenc_stats stats;

    call_stats(subject, &stats);
    if (stats.frames_queued + stats.frames_in_flight > 0 || wcenc_encoder_queue_size(subject->encoder) > 0)
        violation(subject, "a flush was done, and %" PRIu64 " frames are queued and %" PRIu64 " in flight",
                  stats.frames_queued, stats.frames_in_flight);
    if (subject_is(subject, WCENC_DELIVERY_PULL)) {
        if (!subject->is_steady)
            check_received(subject);
        return;
    }
    if (stats.chunks_pending + stats.drops_pending > 0)
        violation(subject, "a flush was done, and %" PRIu64 " chunks and %" PRIu64 " drops are pending",
                  stats.chunks_pending, stats.drops_pending);
    if (subject->seen.is_known && subject->seen.size > 0)
        violation(subject, "the last dequeue callback reported %" PRIu32 " frames in the queue", subject->seen.size);
    if (subject_is(subject, WCENC_DELIVERY_PUMP) && is_readable(subject))
        violation(subject, "nothing waits to be pumped, and the descriptor is readable");
}

/* The second flush covers what callbacks had added during the first one. */
static void rest(struct subject *subject, struct random *random)
{
    subject_be_quiet(subject);
    if (subject->is_steady && random_chance(random, 400)) {
        (void)call_flush_async(subject, random);
        requests_wait(subject);
        return;
    }
    (void)call_flush(subject, WITHOUT_TIMEOUT);
    if (call_flush(subject, WITHOUT_TIMEOUT) == WCENC_OK)
        check_rest(subject);
}

static void close_with_completion(struct subject *subject, struct random *random)
{
    (void)call_close_async(subject, random);
    if (subject->is_steady)
        requests_wait(subject);
}

/* Threads that pump until all is over need somebody who closes. */
static void give_up_first(struct subject *subject, struct random *random)
{
    bool must_close = subject->is_steady && !subject_is(subject, WCENC_DELIVERY_THREAD);

    if (must_close || random_chance(random, 500))
        call_destroy(subject);
    else
        call_unref(subject);
}

void finish_close(struct finish *finish, struct subject *subject, struct random *random)
{
    *finish = (struct finish){.has_reference = !subject->is_orphan};
    if (!finish->has_reference)
        return;
    if (random_chance(random, 700))
        rest(subject, random);
    switch (random_below(random, 4)) {
    case 0:
        give_up_first(subject, random);
        finish->has_reference = false;
        break;
    case 1:
        close_with_completion(subject, random);
        break;
    default:
        break;
    }
    /* Also where it is closed already, or `done` was not as it must be. */
    if (finish->has_reference)
        (void)call_close(subject);
}

static void wait_for_destroy(struct subject *subject)
{
    pthread_mutex_lock(&subject->lock);
    while (atomic_load(&subject->destroys) == 0)
        pthread_cond_wait(&subject->changed, &subject->lock);
    pthread_mutex_unlock(&subject->lock);
}

/*
 * The encoder works once more with nobody but callbacks to give up the last reference: on a thread of the library, or
 * inside a pump. From the moment on in which they may, it is not named here any more.
 */
static void live_alone(struct subject *subject, struct random *random)
{
    bool pumps = subject_is(subject, WCENC_DELIVERY_PUMP) && !subject->is_steady;

    if (!pumps && !subject_is(subject, WCENC_DELIVERY_THREAD))
        return;
    subject_be_quiet(subject);
    if (!subject_borrow(subject))
        return;
    call_configure(subject, random);
    for (uint32_t i = random_between(random, 1, 8); i > 0; i--)
        call_encode(subject, random);
    (void)call_flush_async(subject, random);
    call_unref(subject);
    atomic_store(&subject->is_alone, true);
    if (!pumps)
        requests_wait(subject);
    while (pumps && subject->pool > 0 && call_pump(subject, random_below(random, 3), 10000) > 0)
        ;
}

void finish_destroy(struct finish *finish, struct subject *subject, struct random *random)
{
    finish->is_over = subject->is_steady;
    if (subject->is_orphan && random_chance(random, 700))
        live_alone(subject, random);
    if (finish->has_reference && !subject->is_steady && random_chance(random, 500)) {
        pump_until_over(subject);
        finish->is_over = true;
        if (!is_readable(subject))
            violation(subject, "all is told, and the descriptor does not say so");
    }
    while (subject_take_from_pool(subject))
        (random_chance(random, 500) ? call_unref : call_destroy)(subject);
    if (finish->has_reference) {
        finish->has_stats = call_stats(subject, &finish->stats) == WCENC_OK;
        (random_chance(random, 500) ? call_unref : call_destroy)(subject);
    }
    wait_for_destroy(subject);
}

static void check_sum(const struct subject *subject, const char *what, uint64_t told, uint64_t counted)
{
    if (told != counted)
        violation(subject, "the statistics say %" PRIu64 " %s, and there were %" PRIu64, told, what, counted);
}

static void check_stats(struct subject *subject, const wcenc_stats *stats, const struct tally *tally)
{
    struct ledger *ledger = &subject->ledger;
    uint64_t drops = atomic_load(&ledger->drops);
    /* Drops that nobody wanted to be told of. */
    uint64_t untold = subject_tells_drops(subject) ? 0 : stats->frames_dropped;

    check_sum(subject, "frames accepted", stats->frames_accepted, tally->accepted);
    check_sum(subject, "frames out", stats->frames_out, atomic_load(&ledger->chunks));
    check_sum(subject, "key chunks out", stats->key_chunks_out, atomic_load(&ledger->key_chunks));
    check_sum(subject, "bytes out", stats->bytes_out, atomic_load(&ledger->bytes));
    check_sum(subject, "frames dropped", stats->frames_dropped, untold + drops);
    check_sum(subject, "frames discarded", stats->frames_discarded + untold, tally->unended);
    check_sum(subject, "frames queued", stats->frames_queued, 0);
    check_sum(subject, "frames in flight", stats->frames_in_flight, 0);
    check_sum(subject, "chunks pending", stats->chunks_pending, 0);
    check_sum(subject, "drops pending", stats->drops_pending, 0);
    check_sum(subject, "bytes queued", stats->bytes_queued, 0);
}

void finish_check(const struct finish *finish, struct subject *subject)
{
    struct tally tally = ledger_tally(subject);

    if (finish->has_stats)
        check_stats(subject, &finish->stats, &tally);
    /* Where a drop may have come untold, frames without an end are not all discarded. */
    if (subject_tells_drops(subject))
        outcome_add(OUTCOME_DISCARD, tally.unended);
    requests_check_all(subject, subject_is(subject, WCENC_DELIVERY_PULL) && !finish->is_over);
    subject_check_kept(subject);
    if (atomic_load(&subject->references) != 0 || atomic_load(&subject->destroys) != 1)
        violation(subject, "the encoder ended with %d references, and on_destroy came %d times",
                  atomic_load(&subject->references), atomic_load(&subject->destroys));
}
