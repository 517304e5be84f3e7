/* SPDX-License-Identifier: MIT */

/* The worker's loop, and what each message does. */

#include "worker.h"

#include "callback_guard.h"
#include "encoder_priv.h"
#include "status.h"

/* With the lock held: a reset or close has made what the worker is doing pointless. */
static bool is_stale(const wcenc_encoder *encoder)
{
    return encoder->worker.generation != encoder->generation;
}

/* With the lock held: what the stream has spent since it was last asked. */
static void count_time(struct worker *worker)
{
    worker->converting_ns += worker->stream.converting_ns;
    worker->encoding_ns += worker->stream.encoding_ns;
    worker->stream.converting_ns = worker->stream.encoding_ns = 0;
}

/*
 * With the lock held before and after: with WCENC_DELIVERY_THREAD the worker dispatches what was posted. It is not busy
 * meanwhile.
 */
static void deliver(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    const bool was_busy = worker->busy_since_ns != 0;

    count_time(worker);
    if (encoder->desc.delivery != WCENC_DELIVERY_THREAD)
        return;
    worker->busy_since_ns = 0;
    wcenc__delivery_dispatch_all(&encoder->delivery);
    worker->busy_since_ns = was_busy ? monotonic_ns() : 0;
}

/* With the lock held: FAILED, with the failure set. */
static enum stream_result lack_memory(const wcenc_encoder *encoder, struct failure *failure)
{
    wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", encoder->worker.stream.candidate->name);
    return STREAM_FAILED;
}

/* With the lock held before and after: a frame has become a result, which is posted. */
static enum stream_result deliver_result(wcenc_encoder *encoder)
{
    encoder->frames_in_flight--;
    deliver(encoder);
    return is_stale(encoder) ? STREAM_STOPPED : STREAM_OK;
}

enum stream_result wcenc__worker_post_chunk(wcenc_encoder *encoder, wcenc_chunk *chunk, struct failure *failure)
{
    /* The chunk is gone once it is delivered. */
    const wcenc_chunk_metadata metadata = *wcenc_chunk_get_metadata(chunk);

    if (!wcenc__delivery_post_output(&encoder->delivery, chunk)) {
        wcenc_chunk_unref(chunk);
        return lack_memory(encoder, failure);
    }
    encoder->backend_name = encoder->worker.stream.candidate->name;
    encoder->stats.has_quantizer = metadata.has_quantizer;
    encoder->stats.quantizer = metadata.quantizer;
    return deliver_result(encoder);
}

/* Of the stream's sink. */
static enum stream_result take_chunk(void *self, wcenc_chunk *chunk, struct failure *failure)
{
    wcenc_encoder *encoder = self;
    enum stream_result result = STREAM_STOPPED;

    wcenc__encoder_lock(encoder);
    if (is_stale(encoder))
        wcenc_chunk_unref(chunk);
    else
        result = wcenc__worker_post_chunk(encoder, chunk, failure);
    wcenc__encoder_unlock(encoder);
    return result;
}

enum stream_result wcenc__worker_post_drop(wcenc_encoder *encoder, const struct timeline_entry *frame,
                                           struct failure *failure)
{
    const wcenc_drop drop = {.timestamp_us = frame->timestamp_us,
                             .duration_us = frame->duration_us,
                             .user_tag = frame->user_tag,
                             .has_duration = frame->has_duration,
                             .reason = WCENC_DROP_ENCODER};

    return wcenc__encoder_report_drop(encoder, &drop) ? deliver_result(encoder) : lack_memory(encoder, failure);
}

/* Of the stream's sink. */
static enum stream_result take_drop(void *self, const struct timeline_entry *frame, struct failure *failure)
{
    wcenc_encoder *encoder = self;
    enum stream_result result = STREAM_STOPPED;

    wcenc__encoder_lock(encoder);
    /* Of an older generation it is discarded with all others. */
    if (!is_stale(encoder))
        result = wcenc__worker_post_drop(encoder, frame, failure);
    wcenc__encoder_unlock(encoder);
    return result;
}

bool wcenc__worker_init(wcenc_encoder *encoder)
{
    const struct stream_sink sink = {encoder, take_chunk, take_drop};

    wcenc__stream_init(&encoder->worker.stream, &encoder->log, &encoder->prefetcher, &sink);
    wcenc__lanes_init(&encoder->worker.lanes, encoder, &encoder->log, &encoder->lock, &encoder->generation,
                      &encoder->worker.work);
    return cond_init(&encoder->worker.work) == 0;
}

void wcenc__worker_destroy(struct worker *worker)
{
    cond_destroy(&worker->work);
}

void wcenc__worker_wake(struct worker *worker)
{
    /* A worker that is not idle looks for work by itself before it waits. */
    if (worker->phase == WORKER_IDLE)
        cond_signal(&worker->work);
}

wcenc_status wcenc__worker_post(wcenc_encoder *encoder, const struct message *message)
{
    mutex_assert_held(&encoder->lock);
    if (!wcenc__queue_push(&encoder->queue, message))
        return wcenc__fail_no_memory();
    wcenc__worker_wake(&encoder->worker);
    return WCENC_OK;
}

bool wcenc__worker_is_resting(const struct worker *worker, uint64_t generation)
{
    return worker->phase == WORKER_NONE || worker->phase == WORKER_DONE ||
           (worker->phase == WORKER_IDLE && worker->generation == generation &&
            wcenc__lanes_are_resting(&worker->lanes));
}

int64_t wcenc__worker_busy_since(const struct worker *worker)
{
    const int64_t lanes = wcenc__lanes_busy_since(&worker->lanes);

    return worker->busy_since_ns && (!lanes || worker->busy_since_ns < lanes) ? worker->busy_since_ns : lanes;
}

bool wcenc__worker_results_are_full(const wcenc_encoder *encoder)
{
    uint32_t limit = encoder->desc.max_pending_results;

    return limit && encoder->delivery.chunks_waiting >= limit && encoder->worker.waiting_flushes == 0;
}

/* With the lock held: a frame has left the queue. */
static void count_frame(wcenc_encoder *encoder, const struct queued_frame *frame)
{
    encoder->queue_size--;
    encoder->queued_bytes -= frame->frame.bytes;
    encoder->frames_in_flight++;
    encoder->stats.queued_ns += (uint64_t)(monotonic_ns() - frame->queued_ns);
    wcenc__delivery_queue_shrank(&encoder->delivery, encoder->queue_size);
    if (encoder->desc.queue_policy == WCENC_QUEUE_WAIT)
        cond_broadcast(&encoder->room);
}

/* With the lock held: whether a message can be worked on now. All but frames wait for the groups, the last included. */
static bool can_take(wcenc_encoder *encoder, const struct message *message)
{
    if (encoder->worker.has_failed)
        return false;
    if (message->type == MESSAGE_ENCODE)
        return !wcenc__worker_results_are_full(encoder) && !wcenc__worker_lanes_are_full(encoder, &message->u.encode);
    return wcenc__lanes_finish(&encoder->worker.lanes);
}

/* With the lock held. */
static bool take_message(wcenc_encoder *encoder, struct message *message)
{
    struct worker *worker = &encoder->worker;
    const struct message *first = wcenc__queue_first(&encoder->queue);

    if (!first || !can_take(encoder, first))
        return false;
    (void)wcenc__queue_pop(&encoder->queue, message);
    if (message->type == MESSAGE_ENCODE)
        count_frame(encoder, &message->u.encode);
    worker->phase = message->type == MESSAGE_ENCODE ? WORKER_BUSY : WORKER_REQUEST;
    return true;
}

/* Without the lock. */
static enum stream_result handle(wcenc_encoder *encoder, struct message *message, struct failure *failure)
{
    struct stream *stream = &encoder->worker.stream;

    switch (message->type) {
    case MESSAGE_CONFIGURE:
        return wcenc__stream_configure(stream, message->u.config, failure);
    case MESSAGE_ENCODE:
        if (!wcenc__worker_has_groups(encoder))
            return wcenc__stream_encode(stream, &message->u.encode, failure);
        wcenc__worker_encode_in_lanes(encoder, &message->u.encode);
        return STREAM_OK;
    default:
        return wcenc__stream_flush(stream, failure);
    }
}

void wcenc__worker_fail(wcenc_encoder *encoder, const struct failure *failure)
{
    encoder->worker.has_failed = true;
    if (is_stale(encoder))
        return;
    wcenc__delivery_post_error(&encoder->delivery, failure);
    /* A failed encoder takes no frame: an encode that waits for room need not wait on. */
    cond_broadcast(&encoder->room);
}

/* With the lock held: what has become of a message. */
static void conclude(wcenc_encoder *encoder, const struct message *message, enum stream_result result)
{
    struct worker *worker = &encoder->worker;

    /* Before the completion is posted: a flush that follows it finds nothing to do. */
    worker->phase = WORKER_BUSY;
    if (is_stale(encoder))
        return;
    if (message->type == MESSAGE_ENCODE)
        encoder->backend_name = worker->stream.candidate->name;
    if (result == STREAM_OK && message->type == MESSAGE_FLUSH)
        wcenc__delivery_reach_flush(&encoder->delivery, message->u.ticket);
}

/* With the lock held before and after. */
static void work(wcenc_encoder *encoder, struct message *message)
{
    struct worker *worker = &encoder->worker;
    enum stream_result result = STREAM_STOPPED;
    struct failure failure;
    bool must_work;

    /* That the queue has become shorter is reported before the frame is encoded. */
    deliver(encoder);
    worker->busy_since_ns = monotonic_ns();
    must_work = !is_stale(encoder);
    wcenc__encoder_unlock(encoder);
    if (!worker->is_active)
        wcenc__worker_set_active(worker, true);
    if (must_work)
        result = handle(encoder, message, &failure);
    if (result == STREAM_FAILED && message->type != MESSAGE_CONFIGURE)
        failure.encoder_name = worker->stream.candidate->name;
    if (result == STREAM_FAILED)
        wcenc__log(&encoder->log, WCENC_LOG_ERROR, "%s", failure.message);
    wcenc__encoder_lock(encoder);
    conclude(encoder, message, result);
    if (result == STREAM_FAILED)
        wcenc__worker_fail(encoder, &failure);
    deliver(encoder);
    wcenc__encoder_unlock(encoder);
    wcenc__message_release(message);
    wcenc__encoder_lock(encoder);
    worker->busy_since_ns = 0;
}

/* With the lock held before and after. */
static void begin_generation(wcenc_encoder *encoder)
{
    uint64_t generation = encoder->generation;

    encoder->worker.phase = WORKER_BUSY;
    encoder->worker.has_failed = false;
    encoder->worker.generation = generation;
    wcenc__encoder_unlock(encoder);
    wcenc__lanes_discard(&encoder->worker.lanes);
    wcenc__stream_reset(&encoder->worker.stream, generation);
    wcenc__encoder_lock(encoder);
}

/*
 * With the lock held before and after. Once after work, that of lanes included, a program that pumps is woken, since
 * there is no more, and the worker has to look again before it waits: calls may have come meanwhile.
 */
static void rest(wcenc_encoder *encoder, bool *has_worked)
{
    const bool must_wait = !wcenc__lanes_are_resting(&encoder->worker.lanes);

    encoder->worker.phase = WORKER_IDLE;
    count_time(&encoder->worker);
    if (*has_worked && encoder->desc.on_wakeup && !must_wait) {
        wcenc__delivery_note_idle(&encoder->delivery);
        wcenc__encoder_unlock(encoder);
        wcenc__encoder_lock(encoder);
    } else {
        wcenc__worker_wait_for_work(encoder);
    }
    *has_worked = *has_worked && must_wait;
    encoder->worker.phase = WORKER_BUSY;
}

/* With the lock held, until the encoder is closed. */
static void run(wcenc_encoder *encoder)
{
    struct message message;
    bool has_worked = false;

    for (;;) {
        deliver(encoder);
        if (encoder->state == WCENC_STATE_CLOSED)
            return;
        if (is_stale(encoder)) {
            has_worked = true;
            begin_generation(encoder);
        } else if (wcenc__worker_has_groups(encoder) && wcenc__worker_take_result(encoder)) {
            has_worked = true;
        } else if (take_message(encoder, &message)) {
            has_worked = true;
            work(encoder, &message);
        } else {
            rest(encoder, &has_worked);
        }
    }
}

static void *thread_main(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct worker *worker = &encoder->worker;
    struct callback_scope scope;

    /* Frames' `release` and messages come from here at any time. */
    wcenc__callback_enter(&scope, encoder);
    wcenc__encoder_lock(encoder);
    run(encoder);
    wcenc__encoder_unlock(encoder);
    wcenc__lanes_end(&worker->lanes);
    wcenc__stream_free(&worker->stream);
    wcenc__worker_set_active(worker, false);

    wcenc__encoder_lock(encoder);
    wcenc__prefetch_wait(&encoder->prefetcher);
    worker->phase = WORKER_DONE;
    worker->busy_since_ns = 0;
    wcenc__delivery_note_idle(&encoder->delivery);
    wcenc__delivery_reach_closing(&encoder->delivery);
    deliver(encoder);
    /* What is still delivered has a scope of its own, and the encoder may be gone before this thread. */
    wcenc__callback_leave(&scope);
    encoder->keepalives--;
    wcenc__encoder_unlock(encoder);
    return NULL;
}

wcenc_status wcenc__worker_start(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;

    if (worker->phase != WORKER_NONE)
        return WCENC_OK;
    if (wcenc__thread_start(&worker->thread, "wcenc", thread_main, encoder) != 0)
        return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a thread");
    worker->phase = WORKER_BUSY;
    worker->has_thread = true;
    encoder->keepalives++;
    return WCENC_OK;
}

bool wcenc__worker_take_thread(struct worker *worker, struct thread *thread)
{
    bool has_thread = worker->has_thread;

    worker->has_thread = false;
    if (has_thread)
        *thread = worker->thread;
    return has_thread;
}
