/* SPDX-License-Identifier: MIT */

/* What becomes of results: those of the worker's stream, and those of the lanes in the order of their groups. */

#include "worker.h"

#include "encoder_priv.h"

bool wcenc__worker_is_stale(const wcenc_encoder *encoder)
{
    return encoder->worker.generation != encoder->generation;
}

void wcenc__worker_count_time(struct worker *worker)
{
    worker->converting_ns += worker->stream.converting_ns;
    worker->encoding_ns += worker->stream.encoding_ns;
    worker->stream.converting_ns = worker->stream.encoding_ns = 0;
}

void wcenc__worker_deliver(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    const bool was_busy = worker->busy_since_ns != 0;

    wcenc__worker_count_time(worker);
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
    wcenc__worker_deliver(encoder);
    return wcenc__worker_is_stale(encoder) ? STREAM_STOPPED : STREAM_OK;
}

/* With the lock held before and after. Takes over the chunk. */
static enum stream_result post_chunk(wcenc_encoder *encoder, wcenc_chunk *chunk, struct failure *failure)
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

enum stream_result wcenc__worker_take_chunk(void *self, wcenc_chunk *chunk, struct failure *failure)
{
    wcenc_encoder *encoder = self;
    enum stream_result result = STREAM_STOPPED;

    wcenc__encoder_lock(encoder);
    if (wcenc__worker_is_stale(encoder))
        wcenc_chunk_unref(chunk);
    else
        result = post_chunk(encoder, chunk, failure);
    wcenc__encoder_unlock(encoder);
    return result;
}

/* With the lock held before and after. */
static enum stream_result post_drop(wcenc_encoder *encoder, const struct timeline_entry *frame, struct failure *failure)
{
    const wcenc_drop drop = {.timestamp_us = frame->timestamp_us,
                             .duration_us = frame->duration_us,
                             .user_tag = frame->user_tag,
                             .has_duration = frame->has_duration,
                             .reason = WCENC_DROP_ENCODER};

    return wcenc__encoder_report_drop(encoder, &drop) ? deliver_result(encoder) : lack_memory(encoder, failure);
}

enum stream_result wcenc__worker_take_drop(void *self, const struct timeline_entry *frame, struct failure *failure)
{
    wcenc_encoder *encoder = self;
    enum stream_result result = STREAM_STOPPED;

    wcenc__encoder_lock(encoder);
    /* Of an older generation it is discarded with all others. */
    if (!wcenc__worker_is_stale(encoder))
        result = post_drop(encoder, frame, failure);
    wcenc__encoder_unlock(encoder);
    return result;
}

bool wcenc__worker_results_are_full(const wcenc_encoder *encoder)
{
    uint32_t limit = encoder->desc.max_pending_results;

    return limit && encoder->delivery.chunks_waiting >= limit && encoder->worker.waiting_flushes == 0;
}

void wcenc__worker_fail(wcenc_encoder *encoder, const struct failure *failure)
{
    encoder->worker.has_failed = true;
    if (wcenc__worker_is_stale(encoder))
        return;
    wcenc__delivery_post_error(&encoder->delivery, failure);
    /* A failed encoder takes no frame: an encode that waits for room need not wait on. */
    cond_broadcast(&encoder->room);
}

bool wcenc__worker_take_result(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    enum stream_result outcome = STREAM_FAILED;
    struct group_result result;
    struct failure failure;

    if (worker->has_failed || wcenc__worker_results_are_full(encoder) || !wcenc__lanes_take(&worker->lanes, &result))
        return false;
    if (result.type == GROUP_CHUNK) {
        wcenc__stream_adopt(&worker->stream, result.u.chunk);
        outcome = post_chunk(encoder, result.u.chunk, &failure);
    } else if (result.type == GROUP_DROP) {
        outcome = post_drop(encoder, &result.u.drop, &failure);
    } else {
        failure = *result.u.failure;
    }
    if (outcome == STREAM_FAILED) {
        failure.encoder_name = worker->stream.candidate->name;
        wcenc__encoder_unlock(encoder);
        wcenc__log(&encoder->log, WCENC_LOG_ERROR, "%s", failure.message);
        wcenc__encoder_lock(encoder);
        wcenc__worker_fail(encoder, &failure);
    }
    return true;
}
