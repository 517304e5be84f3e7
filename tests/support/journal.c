/* SPDX-License-Identifier: MIT */

#include "journal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECOND_US = 1000000 };

static void begin(struct journal *journal, char what)
{
    pthread_mutex_lock(&journal->lock);
    assert_true(journal->length < JOURNAL_MAX);
    journal->trace[journal->length++] = what;
}

static void finish(struct journal *journal, char what)
{
    journal_hook hook = journal->hook;

    journal->counts[(int)what]++;
    pthread_cond_broadcast(&journal->changed);
    pthread_mutex_unlock(&journal->lock);
    /* With TOLD_DESTROY the journal may be gone by now. */
    if (hook && what != TOLD_DESTROY)
        hook(journal, what);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct journal *journal = user;
    int n = journal->counts[TOLD_OUTPUT];

    assert_non_null(metadata);
    begin(journal, TOLD_OUTPUT);
    journal->timestamps[n] = wcenc_chunk_get_timestamp_us(chunk);
    journal->keys[n] = wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
    finish(journal, TOLD_OUTPUT);
}

static void on_error(void *user, const wcenc_error *error)
{
    struct journal *journal = user;
    int32_t state = wcenc_encoder_get_state(journal->encoder);

    begin(journal, TOLD_ERROR);
    journal->error = error->status;
    journal->error_code = error->backend_code;
    journal->state_in_error = state;
    (void)snprintf(journal->error_message, sizeof journal->error_message, "%s", error->message);
    finish(journal, TOLD_ERROR);
}

static void on_drop(void *user, const wcenc_drop *drop)
{
    struct journal *journal = user;

    begin(journal, TOLD_DROP);
    journal->drops[journal->counts[TOLD_DROP]] = *drop;
    finish(journal, TOLD_DROP);
}

static void on_dequeue(void *user, uint32_t queue_size)
{
    struct journal *journal = user;

    begin(journal, TOLD_DEQUEUE);
    journal->last_size = queue_size;
    finish(journal, TOLD_DEQUEUE);
}

static void on_wakeup(void *user)
{
    struct journal *journal = user;

    pthread_mutex_lock(&journal->lock);
    journal->wakeups++;
    pthread_cond_broadcast(&journal->changed);
    pthread_mutex_unlock(&journal->lock);
}

static void on_destroy(void *user)
{
    struct journal *journal = user;

    begin(journal, TOLD_DESTROY);
    finish(journal, TOLD_DESTROY);
}

/* What a completion is given: the journal, and what the test gave with it. */
struct request {
    struct journal *journal;
    void *user;
};

/* As many at once as a test has under way. */
static struct request requests[JOURNAL_MAX];
static int request_count;
static pthread_mutex_t requests_lock = PTHREAD_MUTEX_INITIALIZER;

static struct request *new_request(struct journal *journal, void *user)
{
    struct request *request;

    pthread_mutex_lock(&requests_lock);
    request = &requests[request_count++ % JOURNAL_MAX];
    pthread_mutex_unlock(&requests_lock);
    *request = (struct request){journal, user};
    return request;
}

static void on_flushed(void *user, wcenc_status status)
{
    struct request *request = user;
    struct journal *journal = request->journal;
    int n = journal->counts[TOLD_FLUSH];

    begin(journal, TOLD_FLUSH);
    journal->flushes[n] = status;
    journal->flush_users[n] = request->user;
    finish(journal, TOLD_FLUSH);
}

static void on_closed(void *user, wcenc_status status)
{
    struct request *request = user;

    assert_int_equal(status, WCENC_OK);
    begin(request->journal, TOLD_CLOSE);
    finish(request->journal, TOLD_CLOSE);
}

void journal_open(struct journal *journal, wcenc_delivery delivery, const wcenc_encoder_desc *desc)
{
    wcenc_encoder_desc copy;
    bool pulls = delivery == WCENC_DELIVERY_PULL;

    memset(journal, 0, sizeof *journal);
    assert_int_equal(pthread_mutex_init(&journal->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&journal->changed, NULL), 0);
    journal->delivery = delivery;
    wcenc_encoder_desc_init(&copy, sizeof copy);
    if (desc)
        copy = *desc;
    copy.user = journal;
    copy.delivery = delivery;
    copy.on_destroy = on_destroy;
    copy.on_output = pulls ? NULL : on_output;
    copy.on_error = pulls ? NULL : on_error;
    copy.on_drop = pulls ? NULL : on_drop;
    copy.on_dequeue = pulls ? NULL : on_dequeue;
    copy.on_wakeup = delivery == WCENC_DELIVERY_PUMP ? on_wakeup : NULL;
    if (wcenc_encoder_create(&copy, &journal->encoder) != WCENC_OK)
        fail_msg("create: %s", wcenc_last_error());
}

/* As a callback of the same kind would. */
static void report(struct journal *journal, const wcenc_event *event)
{
    assert_true(event->struct_size >= sizeof *event);
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        on_output(journal, event->chunk, event->metadata);
        break;
    case WCENC_EVENT_ERROR:
        on_error(journal, event->error);
        break;
    case WCENC_EVENT_DROP:
        on_drop(journal, event->drop);
        break;
    case WCENC_EVENT_DEQUEUE:
        on_dequeue(journal, event->queue_size);
        break;
    case WCENC_EVENT_FLUSH_DONE:
        on_flushed(event->user, event->status);
        break;
    case WCENC_EVENT_CLOSE_DONE:
        on_closed(event->user, event->status);
        break;
    default:
        fail_msg("an event of type %d", (int)event->type);
    }
}

/* Takes one result. */
static wcenc_status take(struct journal *journal, int64_t timeout_us)
{
    wcenc_event *event;
    wcenc_status status;

    if (journal->delivery == WCENC_DELIVERY_PUMP)
        return wcenc_encoder_pump(journal->encoder, 1, timeout_us, NULL);
    status = wcenc_encoder_receive(journal->encoder, timeout_us, &event);
    if (status == WCENC_OK) {
        report(journal, event);
        wcenc_event_free(event);
    }
    return status;
}

static int await(struct journal *journal, char what, int least)
{
    struct timespec deadline;
    int error = 0;
    int count;

    timespec_get(&deadline, TIME_UTC);
    deadline.tv_sec += JOURNAL_DEADLINE_SECONDS;
    pthread_mutex_lock(&journal->lock);
    while (journal->counts[(int)what] < least && error == 0)
        error = pthread_cond_timedwait(&journal->changed, &journal->lock, &deadline);
    count = journal->counts[(int)what];
    pthread_mutex_unlock(&journal->lock);
    return count;
}

void journal_wait(struct journal *journal, char what, int least)
{
    if (journal->delivery == WCENC_DELIVERY_THREAD || what == TOLD_DESTROY) {
        assert_true(await(journal, what, least) >= least);
        return;
    }
    while (journal_count(journal, what) < least) {
        wcenc_status status = take(journal, (int64_t)JOURNAL_DEADLINE_SECONDS * SECOND_US);

        if (status != WCENC_OK)
            fail_msg("'%c' came %d times, not %d: %s; trace %s", what, journal_count(journal, what), least,
                     wcenc_status_name(status), journal->trace);
    }
}

void journal_take(struct journal *journal)
{
    if (journal->delivery != WCENC_DELIVERY_THREAD)
        while (take(journal, 0) == WCENC_OK)
            ;
}

int journal_count(struct journal *journal, char what)
{
    int count;

    pthread_mutex_lock(&journal->lock);
    count = journal->counts[(int)what];
    pthread_mutex_unlock(&journal->lock);
    return count;
}

wcenc_status journal_flush(struct journal *journal, void *user)
{
    wcenc_done_fn done = journal->delivery == WCENC_DELIVERY_PULL ? NULL : on_flushed;

    return wcenc_encoder_flush_async(journal->encoder, done, new_request(journal, user));
}

wcenc_status journal_close_encoder(struct journal *journal)
{
    wcenc_done_fn done = journal->delivery == WCENC_DELIVERY_PULL ? NULL : on_closed;

    return wcenc_encoder_close_async(journal->encoder, done, new_request(journal, NULL));
}

void journal_end(struct journal *journal)
{
    wcenc_encoder_destroy(journal->encoder);
    assert_int_equal(await(journal, TOLD_DESTROY, 1), 1);
    assert_int_equal(journal->trace[journal->length - 1], TOLD_DESTROY);
    pthread_cond_destroy(&journal->changed);
    pthread_mutex_destroy(&journal->lock);
}

void journal_check_stats(struct journal *journal)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
    assert_int_equal(stats.frames_queued, 0);
    assert_int_equal(stats.bytes_queued, 0);
    assert_int_equal(stats.frames_in_flight, 0);
    assert_int_equal(stats.chunks_pending, 0);
    assert_int_equal(stats.drops_pending, 0);
    assert_int_equal(stats.frames_out, journal_count(journal, TOLD_OUTPUT));
    assert_int_equal(stats.frames_dropped, journal_count(journal, TOLD_DROP));
    assert_int_equal(stats.frames_accepted, stats.frames_out + stats.frames_dropped + stats.frames_discarded);
}
