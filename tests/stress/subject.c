/* SPDX-License-Identifier: MIT */

/* For pipe and its kind. */
#define _POSIX_C_SOURCE 200809L

#include "subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "callbacks.h"
#include "outcomes.h"
#include "report.h"

static void decide_callbacks(wcenc_encoder_init *init, struct random *random)
{
    bool has_callbacks = init->delivery != WCENC_DELIVERY_PULL;
    bool wants_drop = random_chance(random, 750), wants_dequeue = random_chance(random, 750);
    bool wants_wakeup = random_chance(random, 600), wants_log = random_chance(random, 500);

    init->on_output = has_callbacks ? callback_output : NULL;
    init->on_error = has_callbacks ? callback_error : NULL;
    init->on_drop = has_callbacks && wants_drop ? callback_drop : NULL;
    init->on_dequeue = has_callbacks && wants_dequeue ? callback_dequeue : NULL;
    init->on_wakeup = init->delivery == WCENC_DELIVERY_PUMP && wants_wakeup ? callback_wakeup : NULL;
    init->on_destroy = callback_destroy;
    init->log = wants_log ? callback_log : NULL;
    init->log_level = wants_log ? (wcenc_log_level)random_between(random, WCENC_LOG_ERROR, WCENC_LOG_DEBUG) : 0;
}

/* One that waits for room for ever needs somebody who makes it. */
static void decide_limits(wcenc_encoder_init *init, struct random *random, bool is_steady)
{
    static const uint64_t bytes[] = {6000, 64 * 64 * 3 / 2, 20000, 40000};
    static const int64_t timeouts_us[] = {0, 200, 5000, -1};
    bool limits_frames = random_chance(random, 500), limits_bytes = random_chance(random, 150);

    init->queue_policy = (wcenc_queue_policy)random_below(random, 4);
    init->max_queued_frames = limits_frames ? random_between(random, 1, 6) : 0;
    init->max_queued_bytes = limits_bytes ? bytes[random_below(random, 4)] : 0;
    init->queue_timeout_us = timeouts_us[random_below(random, is_steady ? 4 : 3)];
    init->max_pending_results = random_chance(random, 400) ? random_between(random, 1, 5) : 0;
}

static void decide(struct subject *subject)
{
    static const uint32_t delivery_weights[] = {40, 35, 25};
    struct random random = random_part(subject->seed, 0);
    wcenc_encoder_init *init = &subject->init;

    wcenc_encoder_init_init(init, sizeof *init);
    init->user = subject;
    init->delivery = (wcenc_delivery)random_weighted(&random, delivery_weights, 3, sizeof delivery_weights[0]);
    decide_callbacks(init, &random);
    subject->is_steady = random_chance(&random, 800) || init->delivery == WCENC_DELIVERY_THREAD;
    decide_limits(init, &random, subject->is_steady);
    subject->reorders = random_chance(&random, 300);
    subject->rotates = random_chance(&random, 150);
    subject->is_orderly = random_chance(&random, 600) && init->delivery == WCENC_DELIVERY_PULL;
    subject->is_orphan = random_chance(&random, 300);
    subject->may_call_in = random_chance(&random, 850);
    subject->pool = (int)random_below(&random, 4);
}

static void describe(struct subject *subject)
{
    static const char *const deliveries[] = {"THREAD", "PUMP", "PULL"};
    static const char *const policies[] = {"FAIL", "WAIT", "DROP_OLDEST", "DROP_NEWEST"};
    const wcenc_encoder_init *init = &subject->init;

    (void)snprintf(subject->description, sizeof subject->description,
                   "%s, %s, limits %" PRIu32 " %" PRIu64 ", pending %" PRIu32 "%s%s%s", deliveries[init->delivery],
                   policies[init->queue_policy], init->max_queued_frames, init->max_queued_bytes,
                   init->max_pending_results, subject->is_orderly ? ", orderly" : "",
                   subject->is_steady ? ", steady" : "", subject->is_orphan ? ", orphan" : "");
}

struct subject *subject_create(struct episode *episode, int number, uint64_t seed)
{
    struct subject *subject = calloc(1, sizeof *subject);

    if (!subject || pthread_mutex_init(&subject->pool_lock, NULL) != 0 ||
        pthread_mutex_init(&subject->lock, NULL) != 0 || pthread_cond_init(&subject->changed, NULL) != 0 ||
        pthread_mutex_init(&subject->receiving, NULL) != 0 || pipe(subject->stop_pipe) != 0)
        give_up("memory or descriptors are short");
    subject->episode = episode;
    subject->number = number;
    subject->seed = seed;
    subject->random = random_part(seed, 1);
    atomic_init(&subject->descriptor, -1);
    decide(subject);
    describe(subject);
    if (wcenc_encoder_create(&subject->init, &subject->encoder) != WCENC_OK)
        give_up(wcenc_last_error());
    atomic_store(&subject->references, 1);
    for (int i = 0; i < subject->pool; i++)
        subject_ref(subject);
    outcome_count(OUTCOME_ENCODER);
    return subject;
}

void subject_free(struct subject *subject)
{
    wcenc_event_unref(atomic_load(&subject->last_event));
    for (int i = 0; i < atomic_load(&subject->kept_count); i++)
        wcenc_chunk_unref(subject->kept[i].chunk);
    close(subject->stop_pipe[0]);
    close(subject->stop_pipe[1]);
    pthread_mutex_destroy(&subject->receiving);
    pthread_cond_destroy(&subject->changed);
    pthread_mutex_destroy(&subject->lock);
    pthread_mutex_destroy(&subject->pool_lock);
    free(subject);
}

void subject_ref(struct subject *subject)
{
    atomic_fetch_add(&subject->references, 1);
    if (wcenc_encoder_ref(subject->encoder) != subject->encoder)
        violation(subject, "wcenc_encoder_ref returned something else than its argument");
}

bool subject_borrow(struct subject *subject)
{
    bool has_one;

    pthread_mutex_lock(&subject->pool_lock);
    has_one = subject->pool > 0;
    if (has_one)
        subject_ref(subject);
    pthread_mutex_unlock(&subject->pool_lock);
    return has_one;
}

bool subject_take_from_pool(struct subject *subject)
{
    bool has_one;

    pthread_mutex_lock(&subject->pool_lock);
    has_one = subject->pool > 0;
    subject->pool -= has_one;
    pthread_mutex_unlock(&subject->pool_lock);
    return has_one;
}

void subject_end_reentry(struct subject *subject)
{
    if (atomic_fetch_sub(&subject->reentries, 1) > 1 || !atomic_load(&subject->is_quiet))
        return;
    pthread_mutex_lock(&subject->lock);
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
}

bool subject_begin_reentry(struct subject *subject)
{
    if (!subject->may_call_in)
        return false;
    atomic_fetch_add(&subject->reentries, 1);
    if (!atomic_load(&subject->is_quiet))
        return true;
    subject_end_reentry(subject);
    return false;
}

void subject_be_quiet(struct subject *subject)
{
    atomic_store(&subject->is_quiet, true);
    pthread_mutex_lock(&subject->lock);
    while (atomic_load(&subject->reentries) > 0)
        pthread_cond_wait(&subject->changed, &subject->lock);
    pthread_mutex_unlock(&subject->lock);
}

void subject_stop(struct subject *subject)
{
    pthread_mutex_lock(&subject->lock);
    atomic_store(&subject->must_stop, true);
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
    if (write(subject->stop_pipe[1], "", 1) != 1)
        give_up("a pipe cannot be written to");
}

void subject_begin_abort(struct subject *subject, bool closes)
{
    if (closes) {
        atomic_fetch_add_explicit(&subject->closing, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&subject->closes_begun, 1, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&subject->aborts_begun, 1, memory_order_relaxed);
}

void subject_end_abort(struct subject *subject, bool closes)
{
    atomic_fetch_add_explicit(&subject->aborts_over, 1, memory_order_relaxed);
    if (closes)
        atomic_fetch_sub_explicit(&subject->closing, 1, memory_order_relaxed);
}

void subject_raise_floor(struct subject *subject, uint64_t begun)
{
    uint_fast64_t floor = atomic_load_explicit(&subject->resets, memory_order_relaxed);

    /* First, so that the one callback that may come late is not counted with those of the floor before. */
    atomic_store_explicit(&subject->late, 0, memory_order_relaxed);
    while (floor < begun && !atomic_compare_exchange_weak_explicit(&subject->resets, &floor, begun,
                                                                   memory_order_release, memory_order_relaxed))
        ;
}

static uint64_t sum_of(const wcenc_chunk *chunk)
{
    const uint8_t *data = wcenc_chunk_data(chunk);
    size_t size = wcenc_chunk_byte_length(chunk);
    uint64_t sum = size;

    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + data[i];
    return sum;
}

void subject_keep(struct subject *subject, wcenc_chunk *chunk)
{
    int index = atomic_load_explicit(&subject->kept_count, memory_order_relaxed);

    do
        if (index >= KEPT_MAX)
            return;
    while (!atomic_compare_exchange_weak_explicit(&subject->kept_count, &index, index + 1, memory_order_relaxed,
                                                  memory_order_relaxed));
    subject->kept[index] = (struct kept_chunk){wcenc_chunk_ref(chunk), sum_of(chunk)};
}

void subject_check_kept(struct subject *subject)
{
    for (int i = 0; i < atomic_load(&subject->kept_count); i++)
        if (sum_of(subject->kept[i].chunk) != subject->kept[i].sum)
            violation(subject, "a chunk that was kept has changed");
}
