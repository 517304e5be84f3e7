/* SPDX-License-Identifier: MIT */

/*
 * The state machine of wcenc_encoder: configure, reset, close, and what can be asked. Nothing here waits for the codec,
 * and nothing of FFmpeg is known.
 */

#include "encoder_priv.h"

#include <stddef.h>
#include <string.h>

#include "abi.h"
#include "callback_guard.h"
#include "status.h"
#include "support.h"

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
    mutex_assert_held(&encoder->lock);
    wcenc__queue_take_all(&encoder->queue, &old->messages);
    old->config = encoder->config;
    encoder->stats.frames_discarded += encoder->queue_size + encoder->frames_in_flight;
    encoder->config = NULL;
    encoder->queue_size = 0;
    encoder->queued_bytes = 0;
    encoder->frames_in_flight = 0;
    encoder->owes_key = false;
    encoder->backend_name = NULL;
    encoder->generation++;
    encoder->state = state;
    wcenc__delivery_queue_emptied(&encoder->delivery);
    if (state == WCENC_STATE_CLOSED) {
        wcenc__delivery_close(&encoder->delivery);
        wcenc__prefetch_stop(&encoder->prefetcher);
    } else {
        wcenc__prefetch_discard(&encoder->prefetcher);
    }
    wcenc__worker_wake(&encoder->worker);
    cond_broadcast(&encoder->room);
}

void wcenc__encoder_release_generation(wcenc_encoder *encoder, struct old_generation *old)
{
    struct callback_scope scope;

    wcenc__callback_enter(&scope, encoder);
    wcenc__queue_release_all(&old->messages);
    wcenc__event_list_free(&old->events);
    wcenc__config_unref(old->config);
    wcenc__callback_leave(&scope);
}

/* With the lock held: what reset and close have in common. */
static void abort_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old)
{
    encoder->stats.frames_discarded += wcenc__delivery_abort(&encoder->delivery, &old->events);
    wcenc__encoder_end_generation(encoder, state, old);
}

static void fail(void *owner)
{
    wcenc_encoder *encoder = owner;

    wcenc__encoder_end_generation(encoder, WCENC_STATE_CLOSED, &encoder->failed);
}

static void release_failed(void *owner)
{
    wcenc_encoder *encoder = owner;

    /* Nobody else looks at it: an encoder fails once. */
    wcenc__encoder_release_generation(encoder, &encoder->failed);
}

static void retain(void *owner)
{
    ((wcenc_encoder *)owner)->keepalives++;
}

struct delivery_owner wcenc__encoder_owner(wcenc_encoder *encoder)
{
    return (struct delivery_owner){
        .keepalive = {encoder, retain, wcenc__encoder_abandon},
        .on_failed = fail,
        .release_failed = release_failed,
        .work = &encoder->worker.work,
    };
}

void wcenc__encoder_close(wcenc_encoder *encoder, void (*undo)(void *encoder))
{
    struct old_generation old;

    abort_generation(encoder, WCENC_STATE_CLOSED, &old);
    wcenc__encoder_pause(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    wcenc__encoder_resume(encoder);
    if (!wcenc__callback_is_inside(encoder))
        wcenc__delivery_wait_until_quiet(&encoder->delivery, undo, encoder);
}

/* With the lock held; takes over the config on success. */
static wcenc_status configure_locked(wcenc_encoder *encoder, struct encoder_config *config,
                                     struct encoder_config **replaced)
{
    struct message message = {.type = MESSAGE_CONFIGURE, .u.config = config};
    wcenc_status status = check_open(encoder);

    if (status == WCENC_OK)
        status = wcenc__worker_start(encoder);
    if (status == WCENC_OK)
        status = wcenc__worker_post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    *replaced = encoder->config;
    encoder->config = wcenc__config_ref(config);
    encoder->state = WCENC_STATE_CONFIGURED;
    encoder->has_orientation = false;
    encoder->reference_buffers = config->is_manual ? wcenc__support_reference_buffers(config) : 0;
    encoder->quantizer = -1;
    encoder->hdr_metadata = config->hdr_metadata;
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
    wcenc__encoder_lock(encoder);
    status = configure_locked(encoder, copy, &replaced);
    wcenc__encoder_unlock(encoder);
    if (status != WCENC_OK)
        wcenc__config_unref(copy);
    wcenc__config_unref(replaced);
    return status;
}

wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);
    struct old_generation old;

    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(encoder);
    status = check_open(encoder);
    if (status != WCENC_OK || encoder->state == WCENC_STATE_UNCONFIGURED) {
        wcenc__encoder_unlock(encoder);
        return status;
    }
    abort_generation(encoder, WCENC_STATE_UNCONFIGURED, &old);
    wcenc__delivery_queue_shrank(&encoder->delivery, 0);
    wcenc__encoder_pause(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    wcenc__encoder_resume(encoder);
    wcenc__encoder_unlock(encoder);
    return WCENC_OK;
}

wcenc_status wcenc_encoder_close(wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(encoder);
    status = check_open(encoder);
    if (status == WCENC_OK)
        wcenc__encoder_close(encoder, wcenc__encoder_abandon);
    wcenc__encoder_unlock(encoder);
    return status;
}

wcenc_status wcenc__encoder_check_done(const wcenc_encoder *encoder, wcenc_done_fn done)
{
    bool pulls = encoder->desc.delivery == WCENC_DELIVERY_PULL;

    if (!done == pulls)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_TYPE,
                       pulls ? "done is set, but WCENC_DELIVERY_PULL delivers an event instead; it must be NULL"
                             : "done is NULL");
}

wcenc_status wcenc_encoder_close_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user)
{
    wcenc_status status = wcenc__encoder_check(encoder);
    struct old_generation old;

    if (status == WCENC_OK)
        status = wcenc__encoder_check_done(encoder, done);
    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(encoder);
    status = check_open(encoder);
    if (status == WCENC_OK && encoder->desc.delivery == WCENC_DELIVERY_THREAD)
        status = wcenc__worker_start(encoder);
    if (status != WCENC_OK) {
        wcenc__encoder_unlock(encoder);
        return status;
    }
    wcenc__delivery_add_closing(&encoder->delivery, done, user);
    abort_generation(encoder, WCENC_STATE_CLOSED, &old);
    /* The worker frees the codec before it completes the close; without one there is nothing to free. */
    if (encoder->worker.phase == WORKER_NONE)
        wcenc__delivery_reach_closing(&encoder->delivery);
    wcenc__encoder_pause(encoder);
    wcenc__encoder_release_generation(encoder, &old);
    wcenc__encoder_resume(encoder);
    wcenc__encoder_unlock(encoder);
    return WCENC_OK;
}

wcenc_state wcenc_encoder_get_state(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    int32_t state;

    if (wcenc__encoder_check(encoder) != WCENC_OK)
        return WCENC_STATE_CLOSED;
    wcenc__encoder_lock(locked);
    state = encoder->state;
    wcenc__encoder_unlock(locked);
    return state;
}

uint32_t wcenc_encoder_get_queue_size(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    uint32_t size;

    if (wcenc__encoder_check(encoder) != WCENC_OK)
        return 0;
    wcenc__encoder_lock(locked);
    size = encoder->queue_size;
    wcenc__encoder_unlock(locked);
    return size;
}

const char *wcenc_encoder_get_name(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    const char *name;

    if (wcenc__encoder_check(encoder) != WCENC_OK)
        return NULL;
    wcenc__encoder_lock(locked);
    name = encoder->backend_name;
    wcenc__encoder_unlock(locked);
    return name;
}

wcenc_status wcenc_encoder_request_key_frame(wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);
    struct message *next;

    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(encoder);
    status = wcenc__encoder_check_configured(encoder);
    if (status == WCENC_OK) {
        next = wcenc__queue_first_frame(&encoder->queue);
        if (next)
            next->u.encode.key_frame = true;
        else
            encoder->owes_key = true;
    }
    wcenc__encoder_unlock(encoder);
    return status;
}

void wcenc_error_init(wcenc_error *error, size_t size)
{
    wcenc__struct_init(error, size);
}

/* With the lock held, of a closed encoder. */
static wcenc_error why_closed(const wcenc_encoder *encoder)
{
    const struct failure *failure = &encoder->delivery.failure;

    if (encoder->delivery.error != ERROR_DELIVERED)
        return (wcenc_error){.message = "", .status = WCENC_OK};
    return (wcenc_error){.message = failure->message,
                         .encoder_name = failure->encoder_name,
                         .status = failure->status,
                         .backend_code = failure->backend_code};
}

wcenc_status wcenc_encoder_get_error(const wcenc_encoder *encoder, wcenc_error *error)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    wcenc_status status = wcenc__encoder_check(encoder);
    wcenc_error why;

    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(locked);
    if (encoder->state == WCENC_STATE_CLOSED)
        why = why_closed(encoder);
    else
        status = wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is not closed");
    wcenc__encoder_unlock(locked);
    return status == WCENC_OK ? wcenc__struct_copy_out(error, &why, sizeof why, sizeof why, "error") : status;
}

void wcenc_stats_init(wcenc_stats *stats, size_t size)
{
    wcenc__struct_init(stats, size);
}

/* With the lock held. */
static wcenc_stats collect_stats(const wcenc_encoder *encoder)
{
    const struct delivery *delivery = &encoder->delivery;
    const struct worker *worker = &encoder->worker;
    const struct lanes *lanes = &worker->lanes;
    const int64_t converting_ns = worker->converting_ns + encoder->prefetcher.converting_ns + lanes->converting_ns;
    const int64_t busy_since_ns = wcenc__worker_busy_since(worker);

    return (wcenc_stats){
        .frames_accepted = encoder->stats.frames_accepted,
        .frames_out = delivery->stats.frames_out,
        .frames_dropped = encoder->stats.frames_dropped + delivery->stats.frames_dropped,
        .frames_discarded = encoder->stats.frames_discarded + delivery->stats.frames_discarded,
        .frames_queued = encoder->queue_size,
        .frames_in_flight = encoder->frames_in_flight,
        .chunks_pending = delivery->chunks_waiting,
        .drops_pending = delivery->drops_waiting,
        .key_chunks_out = delivery->stats.key_chunks_out,
        .bytes_out = delivery->stats.bytes_out,
        .bytes_queued = encoder->queued_bytes,
        .queued_ns = encoder->stats.queued_ns,
        .converting_ns = (uint64_t)converting_ns,
        .encoding_ns = (uint64_t)(worker->encoding_ns + lanes->encoding_ns),
        .callback_ns = delivery->stats.callback_ns,
        .busy_ns = busy_since_ns ? (uint64_t)(monotonic_ns() - busy_since_ns) : 0,
        .quantizer = encoder->stats.quantizer,
        .has_quantizer = encoder->stats.has_quantizer,
        .is_idle = wcenc__worker_is_resting(worker, encoder->generation) && encoder->queue.count == 0 &&
                   delivery->pending == 0,
    };
}

wcenc_status wcenc_encoder_get_stats(const wcenc_encoder *encoder, wcenc_stats *stats)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    wcenc_status status = wcenc__encoder_check(encoder);
    wcenc_stats now;

    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(locked);
    now = collect_stats(encoder);
    wcenc__encoder_unlock(locked);
    return wcenc__struct_copy_out(stats, &now, sizeof now, sizeof now, "stats");
}
