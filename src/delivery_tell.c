/* SPDX-License-Identifier: MIT */

/*
 * Taking events out of the list, with their effects, and telling them. Nobody else calls a user's callback (on_wakeup,
 * log and release excepted). Must never hold the lock while one runs.
 */

#include "delivery.h"

#include <string.h>

#include "callback.h"
#include "encoder.h"
#include "mem.h"

static void take_output(wcenc_encoder *encoder, struct event *event, struct told *told)
{
    wcenc_stats *stats = &encoder->stats;

    told->chunk = ((struct output_event *)event)->chunk;
    mem_free(event);
    stats->frames_out++;
    stats->key_chunks_out += wcenc_chunk_type(told->chunk) == WCENC_CHUNK_TYPE_KEY;
    stats->bytes_out += wcenc_chunk_byte_length(told->chunk);
    /* The worker may have waited for that. */
    if (encoder->init.max_pending_results && encoder->worker_is_idle)
        cond_signal(&encoder->work);
}

/* spec: Close VideoEncoder with an exception. What is behind the error in the list dies with its generation. */
static void take_error(wcenc_encoder *encoder, struct told *told, struct old_generation *old)
{
    struct delivery *delivery = &encoder->delivery;
    uint32_t queue_size = encoder->queue_size;
    uint64_t frames = wcenc__delivery_drop_events(encoder, &old->events);

    wcenc__encoder_end_generation(encoder, WCENC_STATE_CLOSED, old);
    encoder->stats.frames_discarded += frames;
    delivery->has_failed = true;
    told->status = delivery->failure.status;
    told->old = old;
    /* Told behind the flushes. */
    told->queue_shrinks = queue_size > 0;
}

static void take_ticket(wcenc_encoder *encoder, struct ticket *ticket, struct told *told)
{
    told->status = ticket->status;
    told->is_silent = !ticket->is_async;
    wcenc__delivery_end_ticket(encoder, ticket);
    if (told->is_silent)
        return;
    told->done = ticket->done;
    told->user = ticket->user;
    mem_free(ticket);
}

void wcenc__delivery_take(wcenc_encoder *encoder, struct told *told, struct old_generation *old)
{
    struct delivery *delivery = &encoder->delivery;
    struct event *event = wcenc__delivery_take_event(encoder);

    memset(told, 0, sizeof *told);
    told->type = event->type;
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        take_output(encoder, event, told);
        break;
    case WCENC_EVENT_DROP:
        told->drop = ((struct drop_event *)event)->drop;
        mem_free(event);
        encoder->stats.frames_dropped++;
        break;
    case WCENC_EVENT_DEQUEUE:
        /* Cleared before it is told, or a decrease meanwhile would go untold. */
        delivery->dequeue_is_posted = false;
        /* A decrease during the last one was told by it, if it looked at the size afterwards. */
        told->is_silent = encoder->queue_size >= delivery->dequeue_seen;
        break;
    case WCENC_EVENT_ERROR:
        take_error(encoder, told, old);
        break;
    case WCENC_EVENT_FLUSH_DONE:
        take_ticket(encoder, (struct ticket *)event, told);
        break;
    case WCENC_EVENT_CLOSE_DONE:
        delivery->closing.is_owed = false;
        told->done = delivery->closing.done;
        told->user = delivery->closing.user;
        break;
    }
}

void wcenc__delivery_finish(wcenc_encoder *encoder, const struct told *told)
{
    encoder->delivery.pending--;
    if (told->type == WCENC_EVENT_DEQUEUE)
        encoder->delivery.dequeue_scope = NULL;
    if (told->type == WCENC_EVENT_ERROR) {
        wcenc__delivery_end_tickets(encoder, told->status);
        if (told->queue_shrinks && !encoder->must_exit)
            wcenc__delivery_post_dequeue(encoder);
    }
    wcenc__delivery_check_end(encoder);
    cond_broadcast(&encoder->settled);
}

/* The failure stays as it is once the encoder is closed. */
static void call_on_error(wcenc_encoder *encoder, struct told *told)
{
    const struct failure *failure = &encoder->delivery.failure;
    const wcenc_error error = {sizeof error, failure->message, failure->status, failure->backend_code};
    bool is_orphan;

    wcenc__encoder_release_generation(encoder, told->old);
    /* A frame's release may have destroyed the encoder: nobody hears of the error, and flushes end as with a close. */
    mutex_lock(&encoder->lock);
    is_orphan = encoder->is_orphan;
    mutex_unlock(&encoder->lock);
    if (is_orphan)
        told->status = WCENC_ERROR_ABORTED;
    else
        encoder->init.on_error(encoder->init.user, &error);
}

/* Without the lock. */
static void call_back(wcenc_encoder *encoder, struct told *told)
{
    const wcenc_encoder_init *init = &encoder->init;

    switch (told->type) {
    case WCENC_EVENT_OUTPUT:
        init->on_output(init->user, told->chunk, wcenc_chunk_get_metadata(told->chunk));
        wcenc_chunk_unref(told->chunk);
        break;
    case WCENC_EVENT_DROP:
        init->on_drop(init->user, &told->drop);
        break;
    case WCENC_EVENT_DEQUEUE:
        init->on_dequeue(init->user);
        break;
    case WCENC_EVENT_ERROR:
        call_on_error(encoder, told);
        break;
    default:
        told->done(told->user, told->status);
        break;
    }
}

bool wcenc__delivery_run_first(wcenc_encoder *encoder)
{
    struct old_generation old;
    struct callback_scope scope;
    struct told told;
    int64_t began;

    wcenc__delivery_take(encoder, &told, &old);
    if (told.is_silent) {
        wcenc__delivery_finish(encoder, &told);
        return false;
    }
    encoder->delivery.is_running = true;
    if (told.type == WCENC_EVENT_DEQUEUE)
        encoder->delivery.dequeue_scope = &scope;
    mutex_unlock(&encoder->lock);
    wcenc__callback_enter(&scope, encoder);
    began = monotonic_ns();
    call_back(encoder, &told);
    began = monotonic_ns() - began;
    wcenc__callback_leave(&scope);
    mutex_lock(&encoder->lock);
    encoder->delivery.is_running = false;
    encoder->stats.callback_ns += (uint64_t)began;
    wcenc__delivery_finish(encoder, &told);
    return true;
}

void wcenc__delivery_run(wcenc_encoder *encoder)
{
    while (encoder->delivery.is_running || encoder->delivery.events.first) {
        if (encoder->delivery.is_running)
            cond_wait(&encoder->settled, &encoder->lock);
        else
            (void)wcenc__delivery_run_first(encoder);
    }
}

void wcenc__delivery_leave_rest(wcenc_encoder *encoder)
{
    struct delivery *delivery = &encoder->delivery;

    delivery->wakeup_is_due = delivery->wakeup_is_due || (delivery->events.first && encoder->init.on_wakeup);
}

static void *deliverer_main(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct delivery *delivery = &encoder->delivery;

    mutex_lock(&encoder->lock);
    for (;;) {
        if (delivery->deliverer_is_wanted) {
            delivery->deliverer_is_wanted = false;
            wcenc__delivery_run(encoder);
        } else if (encoder->must_exit || encoder->state == WCENC_STATE_CLOSED) {
            break;
        } else {
            cond_wait(&delivery->wanted, &encoder->lock);
        }
    }
    wcenc__encoder_unpin(encoder);
    return NULL;
}

bool wcenc__delivery_start_deliverer(wcenc_encoder *encoder)
{
    struct delivery *delivery = &encoder->delivery;

    if (delivery->deliverer_works)
        return true;
    if (wcenc__thread_start(&delivery->deliverer, "wcenc-deliver", deliverer_main, encoder) != 0)
        return false;
    delivery->deliverer_works = true;
    wcenc__encoder_pin(encoder);
    return true;
}

void wcenc__delivery_wait(wcenc_encoder *encoder, void (*undo)(void *encoder))
{
    const struct delivery *delivery = &encoder->delivery;
    bool has_thread = encoder->init.delivery == WCENC_DELIVERY_THREAD;

    while (delivery->is_running || (has_thread && delivery->events.first))
        (void)cond_wait_cancellable(&encoder->settled, &encoder->lock, DEADLINE_NEVER, undo, encoder);
}

void wcenc__delivery_check_end(wcenc_encoder *encoder)
{
    if (wcenc__delivery_is_over(encoder))
        wcenc__notifier_set(&encoder->notifier);
}

bool wcenc__delivery_is_over(const wcenc_encoder *encoder)
{
    return encoder->state == WCENC_STATE_CLOSED && encoder->delivery.pending == 0 && !encoder->delivery.closing.is_owed;
}
