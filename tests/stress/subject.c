/* SPDX-License-Identifier: MIT */

/* For pipe and its kind. */
#define _POSIX_C_SOURCE 200809L

#include "subject.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "callbacks.h"
#include "report.h"

/* The ledger of frames. */

static atomic_uint_fast64_t moments = 1;

/*
 * Relaxed, so that calls are not put in order by the test: one of two moments is the earlier all the same, and where a
 * call returned before another one began, on any thread, its moment is.
 */
uint64_t moment_now(void)
{
    return atomic_fetch_add_explicit(&moments, 1, memory_order_relaxed);
}

struct record *ledger_add(struct subject *subject)
{
    struct ledger *ledger = &subject->ledger;
    unsigned index = atomic_fetch_add_explicit(&ledger->count, 1, memory_order_relaxed);

    return index < RECORDS_MAX ? &ledger->records[index] : NULL;
}

static unsigned record_count(const struct ledger *ledger)
{
    unsigned count = atomic_load_explicit(&ledger->count, memory_order_relaxed);

    return count < RECORDS_MAX ? count : RECORDS_MAX;
}

uint64_t ledger_tag(const struct subject *subject, const struct record *record)
{
    return (uint64_t)subject->number << 32 | (uint64_t)(record - subject->ledger.records);
}

static struct record *record_of(struct subject *subject, uint64_t tag, const char *what)
{
    uint64_t index = tag & UINT32_MAX;

    if (tag >> 32 != (uint64_t)subject->number || index >= record_count(&subject->ledger)) {
        violation(subject, "%s with the tag %" PRIx64 ", which no frame had", what, tag);
        return NULL;
    }
    return &subject->ledger.records[index];
}

static void check_late(struct subject *subject, const struct record *record, const char *what, uint64_t floor,
                       enum lateness lateness)
{
    uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_relaxed);

    if (!accepted || accepted >= floor)
        return;
    if (lateness == LATE_ONCE && atomic_fetch_add_explicit(&subject->late, 1, memory_order_relaxed) == 0)
        return;
    violation(subject, "%s of frame %" PRIu64 " came after a reset that ended it had returned", what,
              ledger_tag(subject, record) & UINT32_MAX);
}

static void check_order(struct subject *subject, const struct record *record, const char *what, uint64_t *newest)
{
    uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_relaxed);

    if (!subject_is_serial(subject))
        return;
    if (accepted && accepted < *newest) /* THR-002 */
        violation(subject, "%s of frame %" PRIu64 " came behind that of a later frame", what,
                  ledger_tag(subject, record) & UINT32_MAX);
    if (record->begun > *newest)
        *newest = record->begun;
}

static void check_once(struct subject *subject, struct record *record, atomic_int *times, const char *what)
{
    atomic_fetch_add_explicit(times, 1, memory_order_relaxed);
    if (atomic_load_explicit(&record->chunks, memory_order_relaxed) +
            atomic_load_explicit(&record->drops, memory_order_relaxed) !=
        1)
        violation(subject, "%s of frame %" PRIu64 ", which has ended before", what,
                  ledger_tag(subject, record) & UINT32_MAX);
    if (atomic_load_explicit(&record->is_over, memory_order_relaxed))
        violation(subject, "%s of frame %" PRIu64 " came after a flush that covered it was done", what,
                  ledger_tag(subject, record) & UINT32_MAX);
}

static void check_time(struct subject *subject, const struct record *record, const char *what, int64_t timestamp_us,
                       bool has_duration, uint64_t duration_us)
{
    if (timestamp_us != record->timestamp_us || has_duration != record->has_duration ||
        duration_us != record->duration_us)
        violation(subject, "%s of frame %" PRIu64 " has another timestamp or duration", what,
                  ledger_tag(subject, record) & UINT32_MAX);
}

static void count_chunk(struct ledger *ledger, const wcenc_chunk *chunk)
{
    atomic_fetch_add_explicit(&ledger->chunks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&ledger->bytes, wcenc_chunk_get_byte_length(chunk), memory_order_relaxed);
    if (wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY)
        atomic_fetch_add_explicit(&ledger->key_chunks, 1, memory_order_relaxed);
    outcome_count(OUTCOME_CHUNK);
}

static void check_first(struct subject *subject, const wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    if (!subject_is_serial(subject) || subject->ledger.has_chunk)
        return;
    subject->ledger.has_chunk = true;
    if (wcenc_chunk_get_type(chunk) != WCENC_CHUNK_TYPE_KEY || !metadata->decoder_config)
        violation(subject, "the first chunk is no key chunk with a decoder config");
}

struct record *ledger_take_chunk(struct subject *subject, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata,
                                 uint64_t floor, enum lateness lateness)
{
    struct record *record = record_of(subject, wcenc_chunk_get_user_tag(chunk), "chunk");
    uint64_t duration_us;
    bool has_duration = wcenc_chunk_get_duration_us(chunk, &duration_us) != 0;

    count_chunk(&subject->ledger, chunk);
    if (!metadata || metadata != wcenc_chunk_get_metadata(chunk)) {
        violation(subject, "a chunk came with metadata that are not its own");
        return record;
    }
    check_first(subject, chunk, metadata);
    if (!record)
        return NULL;
    check_once(subject, record, &record->chunks, "chunk");
    check_late(subject, record, "chunk", floor, lateness);
    check_time(subject, record, "chunk", wcenc_chunk_get_timestamp_us(chunk), has_duration, duration_us);
    if (!subject->reorders)
        check_order(subject, record, "chunk", &subject->ledger.newest_chunk);
    if (record->wants_key && wcenc_chunk_get_type(chunk) != WCENC_CHUNK_TYPE_KEY)
        violation(subject, "the chunk of a frame that was to become a key chunk is none");
    if (wcenc_chunk_get_byte_length(chunk) == 0)
        violation(subject, "a chunk is empty");
    return record;
}

struct record *ledger_take_drop(struct subject *subject, const wcenc_drop *drop, uint64_t floor, enum lateness lateness)
{
    struct record *record = record_of(subject, drop->user_tag, "drop");

    atomic_fetch_add_explicit(&subject->ledger.drops, 1, memory_order_relaxed);
    outcome_count(OUTCOME_DROP);
    if (drop->reason == WCENC_DROP_QUEUED_FRAMES ? subject->desc.max_queued_frames == 0
                                                 : subject->desc.max_queued_bytes == 0)
        violation(subject, "a frame was dropped for a limit that there is not");
    if (!record)
        return NULL;
    check_once(subject, record, &record->drops, "drop");
    check_late(subject, record, "drop", floor, lateness);
    check_time(subject, record, "drop", drop->timestamp_us, drop->has_duration != 0, drop->duration_us);
    check_order(subject, record, "drop", &subject->ledger.newest_drop);
    return record;
}

/* False if something may have ended the frame without a report since it was queued. */
static bool must_be_told(struct subject *subject, const struct record *record)
{
    return subject_reports_drops(subject) && atomic_load_explicit(&subject->errors, memory_order_relaxed) == 0 &&
           atomic_load_explicit(&subject->aborts_begun, memory_order_relaxed) ==
               atomic_load_explicit(&record->aborts_over, memory_order_relaxed);
}

void ledger_check_flushed(struct subject *subject, uint64_t begun)
{
    unsigned count = record_count(&subject->ledger);

    for (unsigned i = 0; i < count; i++) {
        struct record *record = &subject->ledger.records[i];
        uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_acquire);

        if (!accepted || accepted >= begun || atomic_load_explicit(&record->is_reported, memory_order_relaxed))
            continue;
        if (atomic_load_explicit(&record->chunks, memory_order_relaxed) +
                atomic_load_explicit(&record->drops, memory_order_relaxed) >
            0)
            violation(subject, "a flush was done while the callback for frame %u, which it covers, still ran", i);
        else if (must_be_told(subject, record))
            violation(subject, "a flush was done and frame %u, which it covers, had neither chunk nor drop", i);
        atomic_store_explicit(&record->is_over, true, memory_order_relaxed);
    }
}

struct tally ledger_tally(struct subject *subject)
{
    unsigned count = record_count(&subject->ledger);
    struct tally tally = {0, 0};

    for (unsigned i = 0; i < count; i++) {
        const struct record *record = &subject->ledger.records[i];
        int ends = atomic_load(&record->chunks) + atomic_load(&record->drops);

        if (atomic_load(&record->accepted)) {
            tally.accepted++;
            tally.unended += ends == 0;
        } else if (ends > 0) {
            violation(subject, "frame %u was refused and came out", i);
        }
    }
    return tally;
}

/* Requests. */

struct request *request_add(struct subject *subject, bool is_close)
{
    unsigned index = atomic_fetch_add_explicit(&subject->requests.count, 1, memory_order_relaxed);
    struct request *request;

    if (index >= REQUESTS_MAX)
        return NULL;
    request = &subject->requests.rows[index];
    request->subject = subject;
    request->is_close = is_close;
    request->aborts_over = atomic_load_explicit(&subject->aborts_over, memory_order_relaxed);
    request->begun = moment_now();
    return request;
}

static unsigned request_count(const struct requests *requests)
{
    unsigned count = atomic_load_explicit(&requests->count, memory_order_relaxed);

    return count < REQUESTS_MAX ? count : REQUESTS_MAX;
}

static void take_close(const struct request *request, wcenc_status status)
{
    outcome_count(OUTCOME_CLOSE_DONE);
    if (status != WCENC_OK)
        violation(request->subject, "a close ended with %s", wcenc_status_name(status));
    if (subject_is_serial(request->subject))
        requests_check_reported(request->subject, request->begun, "the end of the close was reported");
}

/* True if a reset or a close may have come since the request. */
static bool may_be_aborted(const struct request *request)
{
    return atomic_load_explicit(&request->subject->aborts_begun, memory_order_relaxed) != request->aborts_over;
}

static void take_flush(const struct request *request, wcenc_status status)
{
    struct subject *subject = request->subject;

    outcome_count(OUTCOME_FLUSH_DONE);
    switch (status) {
    case WCENC_OK:
        outcome_count(OUTCOME_FLUSH_OK);
        if (subject_is_serial(subject))
            ledger_check_flushed(subject, request->begun);
        break;
    case WCENC_ERROR_ABORTED:
        outcome_count(OUTCOME_FLUSH_ABORTED);
        if (!may_be_aborted(request))
            violation(subject, "an asynchronous flush was aborted by nothing");
        break;
    default:
        outcome_count(OUTCOME_FLUSH_FAILED);
        if (subject_is_serial(subject) && status != atomic_load_explicit(&subject->error_status, memory_order_relaxed))
            violation(subject, "an asynchronous flush ended with %s, which no error callback reported",
                      wcenc_status_name(status));
        break;
    }
}

void request_take(struct request *request, wcenc_status status)
{
    struct subject *subject = request->subject;

    if (atomic_fetch_add(&request->reported, 1) != 0)
        violation(subject, "the end of %s was reported twice", request->is_close ? "a close" : "a flush");
    if (request->is_close)
        take_close(request, status);
    else
        take_flush(request, status);
    /* A thread that waits has said so before it looks at what was reported. */
    if (!atomic_load(&subject->is_awaited))
        return;
    pthread_mutex_lock(&subject->lock);
    pthread_cond_broadcast(&subject->changed);
    pthread_mutex_unlock(&subject->lock);
}

static bool all_are_told(const struct subject *subject)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load(&subject->requests.rows[i].accepted) && atomic_load(&subject->requests.rows[i].reported) == 0)
            return false;
    return true;
}

void requests_wait(struct subject *subject)
{
    atomic_store(&subject->is_awaited, true);
    pthread_mutex_lock(&subject->lock);
    while (!all_are_told(subject))
        pthread_cond_wait(&subject->changed, &subject->lock);
    pthread_mutex_unlock(&subject->lock);
}

void requests_check_reported(struct subject *subject, uint64_t begun, const char *when)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++) {
        const struct request *request = &subject->requests.rows[i];
        uint64_t accepted = atomic_load_explicit(&request->accepted, memory_order_acquire);

        if (accepted && accepted < begun && !request->is_close &&
            atomic_load_explicit(&request->reported, memory_order_relaxed) == 0)
            violation(subject, "flush %u had not been reported when %s", i, when);
    }
}

void requests_check_all(struct subject *subject, bool may_be_unreported)
{
    unsigned count = request_count(&subject->requests);

    for (unsigned i = 0; i < count; i++) {
        const struct request *request = &subject->requests.rows[i];
        const char *what = request->is_close ? "a close" : "a flush";
        int reported = atomic_load(&request->reported);

        if (!atomic_load(&request->accepted) && reported > 0)
            violation(subject, "%s that was refused ended", what);
        if (atomic_load(&request->accepted) && reported == 0 && !may_be_unreported)
            violation(subject, "the end of %s was never reported", what);
    }
}

/* The encoder under test. */

static void decide_callbacks(wcenc_encoder_desc *desc, struct random *random)
{
    bool has_callbacks = desc->delivery != WCENC_DELIVERY_PULL;
    bool wants_drop = random_chance(random, 750), wants_dequeue = random_chance(random, 750);
    bool wants_wakeup = random_chance(random, 600), wants_log = random_chance(random, 500);

    desc->on_output = has_callbacks ? callback_output : NULL;
    desc->on_error = has_callbacks ? callback_error : NULL;
    desc->on_drop = has_callbacks && wants_drop ? callback_drop : NULL;
    desc->on_dequeue = has_callbacks && wants_dequeue ? callback_dequeue : NULL;
    desc->on_wakeup = desc->delivery == WCENC_DELIVERY_PUMP && wants_wakeup ? callback_wakeup : NULL;
    desc->on_destroy = callback_destroy;
    desc->log = wants_log ? callback_log : NULL;
    desc->log_level = wants_log ? (wcenc_log_level)random_between(random, WCENC_LOG_ERROR, WCENC_LOG_DEBUG) : 0;
}

/* One that waits for room for ever needs somebody who makes it. */
static void decide_limits(wcenc_encoder_desc *desc, struct random *random, bool is_steady)
{
    static const uint64_t bytes[] = {6000, 64 * 64 * 3 / 2, 20000, 40000};
    static const int64_t timeouts_us[] = {1, 200, 5000, 0};
    bool limits_frames = random_chance(random, 500), limits_bytes = random_chance(random, 150);

    desc->queue_policy = (wcenc_queue_policy)random_below(random, 4);
    desc->max_queued_frames = limits_frames ? random_between(random, 1, 6) : 0;
    desc->max_queued_bytes = limits_bytes ? bytes[random_below(random, 4)] : 0;
    desc->queue_timeout_us = timeouts_us[random_below(random, is_steady ? 4 : 3)];
    desc->max_pending_results = random_chance(random, 400) ? random_between(random, 1, 5) : 0;
}

static void decide(struct subject *subject)
{
    static const uint32_t delivery_weights[] = {40, 35, 25};
    struct random random = random_part(subject->seed, 0);
    wcenc_encoder_desc *desc = &subject->desc;

    wcenc_encoder_desc_init(desc, sizeof *desc);
    desc->user = subject;
    desc->delivery = (wcenc_delivery)random_weighted(&random, delivery_weights, 3, sizeof delivery_weights[0]);
    decide_callbacks(desc, &random);
    subject->is_steady = random_chance(&random, 800) || desc->delivery == WCENC_DELIVERY_THREAD;
    decide_limits(desc, &random, subject->is_steady);
    subject->reorders = random_chance(&random, 300);
    subject->rotates = random_chance(&random, 150);
    subject->is_orderly = random_chance(&random, 600) && desc->delivery == WCENC_DELIVERY_PULL;
    subject->is_detached = random_chance(&random, 300);
    subject->may_call_in = random_chance(&random, 850);
    subject->pool = (int)random_below(&random, 4);
}

static void describe(struct subject *subject)
{
    static const char *const deliveries[] = {"THREAD", "PUMP", "PULL"};
    static const char *const policies[] = {"FAIL", "WAIT", "DROP_OLDEST", "DROP_NEWEST"};
    const wcenc_encoder_desc *desc = &subject->desc;

    (void)snprintf(subject->description, sizeof subject->description,
                   "%s, %s, limits %" PRIu32 " %" PRIu64 ", pending %" PRIu32 "%s%s%s", deliveries[desc->delivery],
                   policies[desc->queue_policy], desc->max_queued_frames, desc->max_queued_bytes,
                   desc->max_pending_results, subject->is_orderly ? ", orderly" : "",
                   subject->is_steady ? ", steady" : "", subject->is_detached ? ", detached" : "");
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
    if (wcenc_encoder_create(&subject->desc, &subject->encoder) != WCENC_OK)
        give_up(wcenc_last_error());
    atomic_store(&subject->references, 1);
    for (int i = 0; i < subject->pool; i++)
        subject_ref(subject);
    outcome_count(OUTCOME_ENCODER);
    return subject;
}

void subject_free(struct subject *subject)
{
    wcenc_event_free(atomic_load(&subject->last_event));
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
    const uint8_t *data = wcenc_chunk_get_data(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);
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
