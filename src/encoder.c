/* SPDX-License-Identifier: MIT */

/*
 * The state machine of wcenc_encoder: configure, reset, close, and what can be asked. Nothing here waits for the codec,
 * and nothing of FFmpeg is known.
 */

#include "encoder.h"

#include <stddef.h>
#include <string.h>

#include "abi.h"
#include "callback.h"
#include "status.h"

/* Of the first wcenc_stats, which ended before is_idle. */
#define STATS_SIZE_V1 offsetof(wcenc_stats, is_idle)

wcenc_status wcenc__encoder_check_configured(const wcenc_encoder *encoder)
{
    if (encoder->state == WCENC_STATE_CONFIGURED)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is %s",
                       encoder->state == WCENC_STATE_CLOSED ? "closed" : "not configured");
}

/* With the lock held. */
static wcenc_status check_open(const wcenc_encoder *encoder)
{
    return encoder->state == WCENC_STATE_CLOSED ? wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is closed")
                                                : WCENC_OK;
}

void wcenc__encoder_end_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old)
{
    wcenc__queue_take_all(&encoder->queue, &old->messages);
    old->config = encoder->config;
    encoder->stats.frames_discarded += encoder->queue_size + encoder->frames_in_flight;
    encoder->config = NULL;
    encoder->queue_size = 0;
    encoder->queued_bytes = 0;
    encoder->frames_in_flight = 0;
    encoder->owes_key = false;
    encoder->generation++;
    encoder->state = state;
    wcenc__delivery_check_end(encoder);
    wcenc__preparer_forget(encoder);
    cond_signal(&encoder->work);
    cond_signal(&encoder->delivery.wanted);
    cond_broadcast(&encoder->settled);
}

void wcenc__encoder_release_generation(wcenc_encoder *encoder, struct old_generation *old)
{
    struct callback_scope scope;

    wcenc__callback_enter(&scope, encoder);
    wcenc__queue_release_all(&old->messages);
    wcenc__delivery_free_events(&old->events);
    wcenc__config_unref(old->config);
    wcenc__callback_leave(&scope);
}

/* With the lock held: what reset and close have in common. */
static void abort_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old)
{
    encoder->stats.frames_discarded += wcenc__delivery_abort(encoder, &old->events);
    wcenc__encoder_end_generation(encoder, state, old);
}

void wcenc__encoder_close(wcenc_encoder *encoder, void (*undo)(void *encoder))
{
    struct old_generation old;

    abort_generation(encoder, WCENC_STATE_CLOSED, &old);
    wcenc__encoder_unlock(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    mutex_lock(&encoder->lock);
    if (!wcenc__callback_is_inside(encoder))
        wcenc__delivery_wait(encoder, undo);
}

wcenc_status wcenc__encoder_start_worker(wcenc_encoder *encoder)
{
    if (encoder->worker_has_started)
        return WCENC_OK;
    if (wcenc__thread_start(&encoder->thread, "wcenc", wcenc__worker_main, encoder) != 0)
        return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a thread");
    encoder->worker_has_started = true;
    wcenc__encoder_pin(encoder);
    return WCENC_OK;
}

wcenc_status wcenc__encoder_post(wcenc_encoder *encoder, const struct message *message)
{
    if (!wcenc__queue_push(&encoder->queue, message))
        return wcenc__fail_no_memory();
    /* A worker that is not idle looks into the queue by itself before it waits. */
    if (encoder->worker_is_idle)
        cond_signal(&encoder->work);
    return WCENC_OK;
}

/* With the lock held; takes over the config on success. */
static wcenc_status configure_locked(wcenc_encoder *encoder, struct encoder_config *config,
                                     struct encoder_config **replaced)
{
    struct message message = {.type = MESSAGE_CONFIGURE, .u.config = config};
    wcenc_status status = check_open(encoder);

    if (status == WCENC_OK)
        status = wcenc__encoder_start_worker(encoder);
    if (status == WCENC_OK)
        status = wcenc__encoder_post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    *replaced = encoder->config;
    encoder->config = wcenc__config_ref(config);
    encoder->state = WCENC_STATE_CONFIGURED;
    encoder->has_orientation = false;
    encoder->quantizer = -1;
    return WCENC_OK;
}

wcenc_status wcenc_encoder_configure(wcenc_encoder *encoder, const wcenc_config *config)
{
    struct encoder_config *copy, *replaced = NULL;
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    status = wcenc__config_create(config, false, &copy);
    if (status != WCENC_OK)
        return status;
    mutex_lock(&encoder->lock);
    status = configure_locked(encoder, copy, &replaced);
    mutex_unlock(&encoder->lock);
    if (status != WCENC_OK)
        wcenc__config_unref(copy);
    wcenc__config_unref(replaced);
    return status;
}

wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);
    struct old_generation old;
    bool queue_shrinks;

    if (status != WCENC_OK)
        return status;
    mutex_lock(&encoder->lock);
    status = check_open(encoder);
    if (status != WCENC_OK || encoder->state == WCENC_STATE_UNCONFIGURED) {
        mutex_unlock(&encoder->lock);
        return status;
    }
    /* A frame's release may give up the caller's own reference. */
    wcenc__encoder_pin(encoder);
    /* One that an earlier reset owes and that was not told yet is owed still. */
    queue_shrinks = encoder->queue_size > 0 || encoder->delivery.dequeue_is_posted;
    abort_generation(encoder, WCENC_STATE_UNCONFIGURED, &old);
    if (queue_shrinks)
        wcenc__delivery_post_dequeue(encoder);
    wcenc__encoder_unlock(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    mutex_lock(&encoder->lock);
    wcenc__encoder_unpin(encoder);
    return WCENC_OK;
}

wcenc_status wcenc_encoder_close(wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    mutex_lock(&encoder->lock);
    status = check_open(encoder);
    if (status != WCENC_OK) {
        mutex_unlock(&encoder->lock);
        return status;
    }
    wcenc__encoder_pin(encoder);
    wcenc__encoder_close(encoder, wcenc__encoder_abandon);
    wcenc__encoder_unpin(encoder);
    return WCENC_OK;
}

wcenc_status wcenc__encoder_check_done(const wcenc_encoder *encoder, wcenc_done_fn done)
{
    bool pulls = encoder->init.delivery == WCENC_DELIVERY_PULL;

    if (!done == pulls)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_TYPE, pulls ? "done is given, but with WCENC_DELIVERY_PULL the end comes as an event"
                                               : "done is NULL");
}

/* With the lock held. The worker frees the codec and then tells; without one there is nothing to free. */
static wcenc_status ask_for_closing(wcenc_encoder *encoder, wcenc_done_fn done, void *user)
{
    struct closing *closing = &encoder->delivery.closing;
    wcenc_status status = check_open(encoder);

    if (status == WCENC_OK && encoder->init.delivery == WCENC_DELIVERY_THREAD)
        status = wcenc__encoder_start_worker(encoder);
    if (status != WCENC_OK)
        return status;
    closing->is_owed = true;
    closing->done = done;
    closing->user = user;
    return WCENC_OK;
}

wcenc_status wcenc_encoder_close_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user)
{
    wcenc_status status = wcenc__encoder_check(encoder);
    struct old_generation old;

    if (status == WCENC_OK)
        status = wcenc__encoder_check_done(encoder, done);
    if (status != WCENC_OK)
        return status;
    mutex_lock(&encoder->lock);
    status = ask_for_closing(encoder, done, user);
    if (status != WCENC_OK) {
        mutex_unlock(&encoder->lock);
        return status;
    }
    wcenc__encoder_pin(encoder);
    abort_generation(encoder, WCENC_STATE_CLOSED, &old);
    if (!encoder->worker_has_started)
        wcenc__delivery_post_close_done(encoder);
    wcenc__encoder_unlock(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    mutex_lock(&encoder->lock);
    wcenc__encoder_unpin(encoder);
    return WCENC_OK;
}

int32_t wcenc_encoder_state(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    int32_t state;

    if (wcenc__encoder_check(encoder) != WCENC_OK)
        return WCENC_STATE_CLOSED;
    mutex_lock(&locked->lock);
    state = encoder->state;
    mutex_unlock(&locked->lock);
    return state;
}

uint32_t wcenc_encoder_queue_size(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    uint32_t size;

    if (wcenc__encoder_check(encoder) != WCENC_OK)
        return 0;
    mutex_lock(&locked->lock);
    size = encoder->queue_size;
    if (wcenc__callback_is_within(encoder->delivery.dequeue_scope))
        locked->delivery.dequeue_seen = size;
    mutex_unlock(&locked->lock);
    return size;
}

void wcenc_stats_init(wcenc_stats *stats, size_t size)
{
    wcenc__struct_init(stats, size);
}

/* With the lock held: true if nothing happens before the next call. */
static bool is_idle(const wcenc_encoder *encoder)
{
    bool worker_rests = !encoder->worker_has_started || encoder->worker_is_over ||
                        (encoder->worker_is_idle && encoder->worker.generation == encoder->generation);

    return worker_rests && encoder->queue.count == 0 && encoder->delivery.pending == 0;
}

/* With the lock held: what is of the moment beside the sums. */
static wcenc_stats stats_of(const wcenc_encoder *encoder)
{
    wcenc_stats stats = encoder->stats;

    stats.frames_queued = encoder->queue_size;
    stats.bytes_queued = encoder->queued_bytes;
    stats.frames_in_flight = encoder->frames_in_flight;
    stats.chunks_pending = encoder->delivery.chunks_waiting;
    stats.drops_pending = encoder->delivery.drops_waiting;
    if (encoder->busy_since_ns)
        stats.busy_ns = (uint64_t)(monotonic_ns() - encoder->busy_since_ns);
    stats.is_idle = is_idle(encoder);
    return stats;
}

wcenc_status wcenc_encoder_stats(const wcenc_encoder *encoder, wcenc_stats *stats)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    wcenc_status status = wcenc__encoder_check(encoder);
    wcenc_stats now;

    if (status != WCENC_OK)
        return status;
    mutex_lock(&locked->lock);
    now = stats_of(encoder);
    mutex_unlock(&locked->lock);
    return wcenc__struct_copy_out(stats, &now, sizeof now, STATS_SIZE_V1, "stats");
}
