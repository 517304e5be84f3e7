/* SPDX-License-Identifier: MIT */

/*
 * The worker's loop and what each message does. Everything here runs on the worker's thread and without the lock, but
 * for the few lines that take a message or post a result.
 */

#include "worker.h"

#include <string.h>

#include "callback.h"
#include "encoder.h"
#include "support.h"

void wcenc__worker_init(struct worker *worker)
{
    memset(worker, 0, sizeof *worker);
    wcenc__timeline_init(&worker->timeline);
}

static void close_backend(struct worker *worker)
{
    int64_t began = monotonic_ns();

    if (worker->backend) {
        worker->backend->ops->close(worker->backend);
        worker->encoding_ns += monotonic_ns() - began;
    }
    worker->backend = NULL;
    worker->has_reorder_depth = false;
}

/* Back to what a new worker is; memory that the next generation can use stays. */
static void forget_generation(struct worker *worker)
{
    close_backend(worker);
    wcenc__config_unref(worker->config);
    wcenc__decoder_config_unref(worker->decoder_config);
    worker->config = NULL;
    worker->decoder_config = NULL;
    worker->candidate = NULL;
    worker->has_failed = false;
    worker->has_stream_format = false;
    worker->is_converting = false;
    wcenc__timeline_restart(&worker->timeline);
}

static void free_worker(struct worker *worker)
{
    forget_generation(worker);
    wcenc__pixels_unref(worker->prepared.pixels);
    wcenc__pixels_unref(worker->converted.pixels);
    wcenc__converter_destroy(worker->converter);
    wcenc__timeline_free(&worker->timeline);
    wcenc__worker_init(worker);
}

/* True once a reset or close has made what the worker is doing pointless. */
static bool is_stale(wcenc_encoder *encoder)
{
    bool stale;

    mutex_lock(&encoder->lock);
    stale = encoder->worker.generation != encoder->generation;
    mutex_unlock(&encoder->lock);
    return stale;
}

/* With the lock held: what the worker has spent since it was last asked. */
static void count_time(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;

    encoder->stats.converting_ns += (uint64_t)worker->converting_ns;
    encoder->stats.encoding_ns += (uint64_t)worker->encoding_ns;
    worker->converting_ns = worker->encoding_ns = 0;
}

/*
 * With the lock held before and after: tells what was posted, where that is the worker's to do. The encoder is not busy
 * meanwhile.
 */
static void deliver(wcenc_encoder *encoder)
{
    bool was_busy = encoder->busy_since_ns != 0;

    count_time(encoder);
    encoder->busy_since_ns = 0;
    if (encoder->init.delivery == WCENC_DELIVERY_THREAD)
        wcenc__delivery_run(encoder);
    encoder->busy_since_ns = was_busy ? monotonic_ns() : 0;
}

void wcenc__worker_fail(wcenc_encoder *encoder, const struct failure *failure)
{
    struct worker *worker = &encoder->worker;

    worker->has_failed = true;
    close_backend(worker);
    wcenc__log(&encoder->log, WCENC_LOG_ERROR, "%s", failure->message);
    mutex_lock(&encoder->lock);
    if (worker->generation == encoder->generation) {
        wcenc__delivery_post_error(encoder, failure);
        deliver(encoder);
    }
    wcenc__encoder_unlock(encoder);
}

void wcenc__worker_fail_with(wcenc_encoder *encoder, wcenc_status status, const char *what)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;

    wcenc__failure_set(&failure, status, 0, "%s: %s", worker->candidate ? worker->candidate->name : "encoder", what);
    wcenc__worker_fail(encoder, &failure);
}

/* False if the generation has ended, by an error here or by a reset. */
static bool tell_chunk(wcenc_encoder *encoder, wcenc_chunk *chunk, int32_t quantizer)
{
    bool alive, posted = false;

    mutex_lock(&encoder->lock);
    alive = encoder->worker.generation == encoder->generation;
    if (alive && (posted = wcenc__delivery_post_output(encoder, chunk))) {
        encoder->frames_in_flight--;
        encoder->stats.has_quantizer = quantizer >= 0;
        encoder->stats.quantizer = quantizer >= 0 ? (uint32_t)quantizer : 0;
        deliver(encoder);
        alive = encoder->worker.generation == encoder->generation;
    }
    wcenc__encoder_unlock(encoder);
    if (!posted)
        wcenc_chunk_unref(chunk);
    if (alive && !posted)
        wcenc__worker_fail_with(encoder, WCENC_ERROR_NO_MEMORY, "memory is short");
    return alive && posted;
}

bool wcenc__worker_receive(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;
    struct backend_packet packet;

    for (;;) {
        int64_t began = monotonic_ns();
        enum backend_result result = worker->backend->ops->receive(worker->backend, &packet, &failure);
        wcenc_chunk *chunk;

        worker->encoding_ns += monotonic_ns() - began;
        if (result == BACKEND_FAILED) {
            wcenc__worker_fail(encoder, &failure);
            return false;
        }
        if (result != BACKEND_OK)
            return true;
        chunk = wcenc__worker_make_chunk(worker, &packet, &failure);
        if (packet.free_data)
            packet.free_data(packet.owner);
        if (!chunk) {
            wcenc__worker_fail(encoder, &failure);
            return false;
        }
        if (!tell_chunk(encoder, chunk, packet.quantizer))
            return false;
    }
}

bool wcenc__worker_drain(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;

    if (!worker->backend)
        return true;
    if (wcenc__timeline_open_count(&worker->timeline) > 0) {
        int64_t began = monotonic_ns();
        enum backend_result result = worker->backend->ops->drain(worker->backend, &failure);

        worker->encoding_ns += monotonic_ns() - began;
        if (result == BACKEND_FAILED) {
            wcenc__worker_fail(encoder, &failure);
            return false;
        }
        if (!wcenc__worker_receive(encoder))
            return false;
        if (wcenc__timeline_open_count(&worker->timeline) > 0) {
            const bool is_memory = worker->backend->loses_frames_if_short;

            wcenc__worker_fail_with(encoder, is_memory ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING,
                                    is_memory ? "lost a frame, for want of memory" : "lost a frame");
            return false;
        }
    }
    close_backend(worker);
    return true;
}

static void handle_configure(wcenc_encoder *encoder, struct encoder_config *config)
{
    struct worker *worker = &encoder->worker;
    struct support support;
    enum config_change change = worker->config ? wcenc__config_compare(worker->config, config) : CONFIG_OTHER;

    if (change != CONFIG_SAME && !wcenc__support_find(config, &support)) {
        wcenc__worker_fail(encoder, &support.why);
        return;
    }
    if (change == CONFIG_RATE && (support.candidate != worker->candidate ||
                                  (worker->backend && !worker->backend->ops->reconfigure(worker->backend, config))))
        change = CONFIG_OTHER;
    if (change == CONFIG_OTHER && !wcenc__worker_drain(encoder))
        return;
    if (change != CONFIG_SAME)
        worker->candidate = support.candidate;
    wcenc__config_unref(worker->config);
    worker->config = wcenc__config_ref(config);
    worker->has_stream_format = false;
}

/* Frames that are held back have to come out, which ends an encoder; where none are, there is nothing to do. */
static void handle_flush(wcenc_encoder *encoder, uint64_t ticket)
{
    if (wcenc__timeline_open_count(&encoder->worker.timeline) > 0 && !wcenc__worker_drain(encoder))
        return;
    mutex_lock(&encoder->lock);
    encoder->worker_has_request = false;
    if (encoder->worker.generation == encoder->generation) {
        wcenc__delivery_post_flush_done(encoder, ticket);
        deliver(encoder);
    }
    wcenc__encoder_unlock(encoder);
}

static void handle(wcenc_encoder *encoder, struct message *message)
{
    if (is_stale(encoder))
        return;
    switch (message->type) {
    case MESSAGE_CONFIGURE:
        handle_configure(encoder, message->u.config);
        break;
    case MESSAGE_ENCODE:
        wcenc__worker_encode(encoder, message);
        break;
    case MESSAGE_FLUSH:
        handle_flush(encoder, message->u.ticket);
        break;
    }
}

/* With the lock held: as many results wait as may, and nobody waits for a flush. */
static bool results_are_full(const wcenc_encoder *encoder)
{
    uint32_t limit = encoder->init.max_pending_results;

    return limit && encoder->delivery.chunks_waiting >= limit && encoder->waiting_flushes == 0;
}

/* With the lock held: what a frame's leaving the queue means. */
static void count_frame(wcenc_encoder *encoder, const struct message *message)
{
    int64_t now = monotonic_ns();

    encoder->queue_size--;
    encoder->queued_bytes -= message->u.encode.frame.bytes;
    encoder->frames_in_flight++;
    encoder->stats.queued_ns += (uint64_t)(now - message->u.encode.queued_ns);
    if (encoder->init.queue_policy == WCENC_QUEUE_WAIT)
        cond_broadcast(&encoder->settled);
}

/* With the lock held: takes the next message, and tells that the queue has become shorter before it is worked on. */
static bool next_message(wcenc_encoder *encoder, struct message *message)
{
    const struct message *first = wcenc__queue_first(&encoder->queue);

    if (!first || encoder->worker.has_failed || (first->type == MESSAGE_ENCODE && results_are_full(encoder)))
        return false;
    (void)wcenc__queue_pop(&encoder->queue, message);
    if (message->type == MESSAGE_ENCODE) {
        count_frame(encoder, message);
        wcenc__delivery_post_dequeue(encoder);
        deliver(encoder);
    }
    encoder->worker_has_request = message->type != MESSAGE_ENCODE;
    encoder->busy_since_ns = monotonic_ns();
    return true;
}

/*
 * With the lock held before and after, given up meanwhile. Once after work, who pumps is told that there is no more,
 * and the worker has to look again before it waits: calls may have come meanwhile.
 */
static void rest(wcenc_encoder *encoder, bool *has_worked)
{
    count_time(encoder);
    encoder->worker_is_idle = true;
    if (*has_worked && encoder->init.on_wakeup) {
        encoder->delivery.rest_is_due = true;
        wcenc__encoder_unlock(encoder);
        mutex_lock(&encoder->lock);
    } else {
        cond_wait_for_work(&encoder->work, &encoder->lock);
    }
    *has_worked = false;
    encoder->worker_is_idle = false;
}

/* With the lock held, until the encoder is closed. */
static void run(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct message message;
    bool has_worked = false;

    for (;;) {
        deliver(encoder);
        if (encoder->state == WCENC_STATE_CLOSED || encoder->must_exit)
            return;
        if (worker->generation != encoder->generation) {
            has_worked = true;
            worker->generation = encoder->generation;
            mutex_unlock(&encoder->lock);
            forget_generation(worker);
            mutex_lock(&encoder->lock);
        } else if (next_message(encoder, &message)) {
            has_worked = true;
            wcenc__encoder_unlock(encoder);
            handle(encoder, &message);
            wcenc__message_release(&message);
            mutex_lock(&encoder->lock);
            encoder->worker_has_request = false;
            encoder->busy_since_ns = 0;
        } else {
            rest(encoder, &has_worked);
        }
    }
}

void *wcenc__worker_main(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct callback_scope scope;

    /* Frames' `release` and messages come from here at any time. */
    wcenc__callback_enter(&scope, encoder);
    mutex_lock(&encoder->lock);
    run(encoder);
    mutex_unlock(&encoder->lock);
    free_worker(&encoder->worker);

    mutex_lock(&encoder->lock);
    wcenc__preparer_wait(encoder);
    encoder->worker_is_over = true;
    encoder->delivery.rest_is_due = encoder->init.on_wakeup != NULL;
    wcenc__delivery_post_close_done(encoder);
    deliver(encoder);
    /* What is still told has a scope of its own, and the encoder may be gone before this thread. */
    wcenc__callback_leave(&scope);
    wcenc__encoder_unpin(encoder);
    return NULL;
}
