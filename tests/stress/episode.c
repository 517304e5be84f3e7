/* SPDX-License-Identifier: MIT */

/* For sched_yield. */
#define _POSIX_C_SOURCE 200809L

#include "episode.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "calls.h"
#include "inputs.h"
#include "report.h"
#include "subject.h"

/* Threads that call. */

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
        wcenc_frame *frame = frame_make(&subject->episode->loans, subject, random);
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
    wcenc_frame *frame = frame_make(&episode->loans, NULL, random);

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

    if ((is_last && is_pumped && subject->is_detached) || random_chance(random, 60))
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

/* Threads that pump or receive. */

/* Pumps or receives once; true if there is nothing more to come. */
static bool take(struct subject *subject, uint32_t most, int64_t timeout_us)
{
    if (subject_is(subject, WCENC_DELIVERY_PUMP))
        return call_pump(subject, most, timeout_us) == WCENC_END;
    return call_receive(subject, timeout_us) == WCENC_END;
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

/* Waits for the descriptor: an event that it does not report stays there for ever. */
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
    bool (*way)(struct subject *, struct random *) = ways[random_below(&random, subject->desc.on_wakeup ? 4 : 3)];
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

/* The end of one encoder. */

static bool is_readable(struct subject *subject)
{
    struct pollfd polled = {.fd = call_event_fd(subject), .events = POLLIN};
    int count;

    while ((count = poll(&polled, 1, 0)) < 0)
        if (errno != EINTR)
            give_up("poll failed");
    return count > 0;
}

/* What a flush has got ready is taken without waiting, and the descriptor reports it. */
static void check_received(struct subject *subject)
{
    wcenc_stats stats;

    call_stats(subject, &stats);
    if (stats.chunks_pending + stats.drops_pending > 0 && !is_readable(subject))
        violation(subject, "events wait to be received, and the descriptor does not report them");
    while (call_receive(subject, 0) == WCENC_OK)
        ;
    call_stats(subject, &stats);
    if (stats.chunks_pending + stats.drops_pending > 0)
        violation(subject, "a flush was done and not everything was pending");
    if (is_readable(subject))
        violation(subject, "nothing waits to be received, and the descriptor is readable");
}

/* Nobody calls anything any more, and a flush has just returned WCENC_OK. */
static void check_rest(struct subject *subject)
{
    wcenc_stats stats;

    call_stats(subject, &stats);
    if (stats.frames_queued + stats.frames_in_flight > 0 || wcenc_encoder_get_queue_size(subject->encoder) > 0)
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
    *finish = (struct finish){.has_reference = !subject->is_detached};
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
 * The encoder works once more with nobody but callbacks to release the last reference: on a thread of the library, or
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
    while (pumps && subject->pool > 0 && call_pump(subject, random_below(random, 3), 10000) == WCENC_OK)
        ;
}

void finish_destroy(struct finish *finish, struct subject *subject, struct random *random)
{
    finish->is_over = subject->is_steady;
    if (subject->is_detached && random_chance(random, 700))
        live_alone(subject, random);
    if (finish->has_reference && !subject->is_steady && random_chance(random, 500)) {
        pump_until_over(subject);
        finish->is_over = true;
        if (!is_readable(subject))
            violation(subject, "nothing is left, and the descriptor does not say so");
    }
    while (subject_take_from_pool(subject))
        (random_chance(random, 500) ? call_unref : call_destroy)(subject);
    if (finish->has_reference) {
        finish->has_stats = call_stats(subject, &finish->stats) == WCENC_OK;
        (random_chance(random, 500) ? call_unref : call_destroy)(subject);
    }
    wait_for_destroy(subject);
}

static void check_sum(const struct subject *subject, const char *what, uint64_t reported, uint64_t counted)
{
    if (reported != counted)
        violation(subject, "the statistics say %" PRIu64 " %s, and there were %" PRIu64, reported, what, counted);
}

static void check_stats(struct subject *subject, const wcenc_stats *stats, const struct tally *tally)
{
    struct ledger *ledger = &subject->ledger;
    uint64_t drops = atomic_load(&ledger->drops);
    /* Drops that nobody wanted to have reported. */
    uint64_t unreported = subject_reports_drops(subject) ? 0 : stats->frames_dropped;

    check_sum(subject, "frames accepted", stats->frames_accepted, tally->accepted);
    check_sum(subject, "frames out", stats->frames_out, atomic_load(&ledger->chunks));
    check_sum(subject, "key chunks out", stats->key_chunks_out, atomic_load(&ledger->key_chunks));
    check_sum(subject, "bytes out", stats->bytes_out, atomic_load(&ledger->bytes));
    check_sum(subject, "frames dropped", stats->frames_dropped, unreported + drops);
    check_sum(subject, "frames discarded", stats->frames_discarded + unreported, tally->unended);
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
    /* Where a drop may have come unreported, frames without an end are not all discarded. */
    if (subject_reports_drops(subject))
        outcome_add(OUTCOME_DISCARD, tally.unended);
    requests_check_all(subject, subject_is(subject, WCENC_DELIVERY_PULL) && !finish->is_over);
    subject_check_kept(subject);
    if (atomic_load(&subject->references) != 0 || atomic_load(&subject->destroys) != 1)
        violation(subject, "the encoder ended with %d references, and on_destroy came %d times",
                  atomic_load(&subject->references), atomic_load(&subject->destroys));
}

/* The whole episode. */

/* Parts of the episode's seed. */
enum { PART_EPISODE, PART_FINISH, PART_SUBJECT = 100, PART_CALLER = 200, PART_PUMP = 300 };

static uint64_t part_seed(const struct episode *episode, uint64_t part)
{
    return random_part(episode->seed, part).state;
}

static void add_pumps(struct episode *episode, struct subject *subject, struct random *random)
{
    uint32_t count = random_between(random, subject->is_steady ? 1 : 0, subject->is_orderly ? 1 : 2);

    if (subject_is(subject, WCENC_DELIVERY_THREAD))
        return;
    for (; count > 0; count--) {
        int index = episode->pump_count++;

        subject_ref(subject);
        episode->pumps[index] = (struct pump){.subject = subject,
                                              .number = 1 + CALLERS_MAX + index,
                                              .seed = part_seed(episode, PART_PUMP + (uint64_t)index)};
    }
}

/* The first caller has a reference to every encoder, the others to most. */
static void add_caller(struct episode *episode, struct random *random)
{
    int index = episode->caller_count++;
    struct caller *caller = &episode->callers[index];

    caller->episode = episode;
    caller->number = 1 + index;
    caller->seed = part_seed(episode, PART_CALLER + (uint64_t)index);
    for (int i = 0; i < episode->subject_count; i++) {
        caller->holds[i] = random_chance(random, 850) || index == 0;
        if (!caller->holds[i])
            continue;
        subject_ref(episode->subjects[i]);
        atomic_fetch_add(&episode->subjects[i]->users, 1);
    }
}

static struct episode *make(uint64_t seed, int threads)
{
    struct episode *episode = calloc(1, sizeof *episode);
    struct random random;
    int subjects, callers;

    if (!episode)
        give_up("out of memory");
    episode->seed = seed;
    random = random_part(seed, PART_EPISODE);
    episode->actions_most = random_between(&random, 20, 60);
    subjects = (int)random_between(&random, 1, SUBJECTS_MAX);
    callers = (int)random_between(&random, 2, 5);
    while (episode->subject_count < subjects) {
        int index = episode->subject_count;

        episode->subjects[index] =
            subject_create(episode, index + 1, part_seed(episode, PART_SUBJECT + (uint64_t)index));
        add_pumps(episode, episode->subjects[index], &random);
        episode->subject_count++;
    }
    while (episode->caller_count < (threads ? threads : callers))
        add_caller(episode, &random);
    return episode;
}

static void start(struct episode *episode)
{
    for (int i = 0; i < episode->pump_count; i++)
        if (pthread_create(&episode->pumps[i].thread, NULL, pump_main, &episode->pumps[i]) != 0)
            give_up("the system refused a thread");
    for (int i = 0; i < episode->caller_count; i++)
        if (pthread_create(&episode->callers[i].thread, NULL, caller_main, &episode->callers[i]) != 0)
            give_up("the system refused a thread");
}

static void join_pumps(const struct episode *episode, const struct subject *subject)
{
    for (int i = 0; i < episode->pump_count; i++)
        if (episode->pumps[i].subject == subject)
            pthread_join(episode->pumps[i].thread, NULL);
}

/* Those that pump for as long as they like end by themselves, the others once they are asked to. */
static void end_subject(struct episode *episode, struct subject *subject, struct random *random)
{
    struct finish finish;

    if (!subject->is_steady)
        join_pumps(episode, subject);
    finish_close(&finish, subject, random);
    subject_stop(subject);
    if (subject->is_steady)
        join_pumps(episode, subject);
    finish_destroy(&finish, subject, random);
    finish_check(&finish, subject);
}

void episode_run(uint64_t seed, int threads)
{
    struct episode *episode = make(seed, threads);
    struct random random = random_part(seed, PART_FINISH);

    start(episode);
    /* Of those the last reference goes wherever it happens to be. */
    for (int i = 0; i < episode->subject_count; i++)
        if (episode->subjects[i]->is_detached)
            call_unref(episode->subjects[i]);
    for (int i = 0; i < episode->caller_count; i++)
        pthread_join(episode->callers[i].thread, NULL);
    for (int i = 0; i < episode->subject_count; i++)
        end_subject(episode, episode->subjects[i], &random);
    scope_wait_for_guests();
    loans_check(&episode->loans);
    for (int i = 0; i < episode->subject_count; i++)
        subject_free(episode->subjects[i]);
    free(episode);
}
