/* SPDX-License-Identifier: MIT */

/*
 * Invoking the user's callbacks, on a thread of the library or of the program. Nothing else invokes them (`log` and
 * `release` excepted). The lock is never held while one runs.
 */

#include "delivery.h"

#include "callback_guard.h"

void wcenc__delivery_release_failed(struct delivery *delivery, struct taken *taken)
{
    if (taken->type != WCENC_EVENT_ERROR)
        return;
    wcenc__event_list_free(&taken->discarded);
    delivery->owner.release_failed(delivery->owner.keepalive.owner);
}

/* The failure stays as it is once the encoder is closed. */
static void call_on_error(struct delivery *delivery, struct taken *taken)
{
    const struct failure *failure = &delivery->failure;
    const wcenc_error error = {.struct_size = sizeof error,
                               .message = failure->message,
                               .encoder_name = failure->encoder_name,
                               .status = failure->status,
                               .backend_code = failure->backend_code};
    bool is_detached;

    wcenc__delivery_release_failed(delivery, taken);
    /* A frame's release may have destroyed the encoder: then flushes end as with a close. */
    mutex_lock(delivery->lock);
    is_detached = delivery->is_detached;
    mutex_unlock(delivery->lock);
    if (is_detached)
        taken->status = WCENC_ERROR_ABORTED;
    else
        delivery->callbacks.on_error(delivery->callbacks.user, &error);
}

/* Without the lock. */
static void call_back(struct delivery *delivery, struct taken *taken)
{
    const wcenc_encoder_desc *callbacks = &delivery->callbacks;

    switch (taken->type) {
    case WCENC_EVENT_OUTPUT:
        callbacks->on_output(callbacks->user, taken->chunk, wcenc_chunk_get_metadata(taken->chunk));
        wcenc_chunk_unref(taken->chunk);
        break;
    case WCENC_EVENT_DROP:
        callbacks->on_drop(callbacks->user, &taken->drop);
        break;
    case WCENC_EVENT_DEQUEUE:
        callbacks->on_dequeue(callbacks->user, taken->queue_size);
        break;
    case WCENC_EVENT_ERROR:
        call_on_error(delivery, taken);
        break;
    default:
        taken->done(taken->user, taken->status);
        break;
    }
}

bool wcenc__delivery_is_ready(const struct delivery *delivery)
{
    return delivery->events.first && !delivery->is_dispatching;
}

bool wcenc__delivery_dispatch(struct delivery *delivery)
{
    struct callback_scope scope;
    struct taken taken;
    int64_t began;

    wcenc__delivery_take(delivery, &taken);
    if (taken.is_silent) {
        wcenc__delivery_finish(delivery, &taken);
        return false;
    }
    delivery->is_dispatching = true;
    mutex_unlock(delivery->lock);
    wcenc__callback_enter(&scope, delivery->owner.keepalive.owner);
    began = monotonic_ns();
    call_back(delivery, &taken);
    began = monotonic_ns() - began;
    wcenc__callback_leave(&scope);
    mutex_lock(delivery->lock);
    delivery->is_dispatching = false;
    delivery->stats.callback_ns += (uint64_t)began;
    wcenc__delivery_finish(delivery, &taken);
    return true;
}

void wcenc__delivery_dispatch_all(struct delivery *delivery)
{
    while (delivery->is_dispatching || delivery->events.first) {
        if (delivery->is_dispatching)
            cond_wait(&delivery->changed, delivery->lock);
        else
            (void)wcenc__delivery_dispatch(delivery);
    }
}

static void *aborter_main(void *argument)
{
    struct delivery *delivery = argument;

    mutex_lock(delivery->lock);
    for (;;) {
        if (delivery->aborter_is_wanted) {
            delivery->aborter_is_wanted = false;
            wcenc__delivery_dispatch_all(delivery);
        } else if (delivery->is_closed) {
            break;
        } else {
            cond_wait(&delivery->wanted, delivery->lock);
        }
    }
    delivery->owner.keepalive.release(delivery->owner.keepalive.owner);
    return NULL;
}

bool wcenc__delivery_start_aborter(struct delivery *delivery)
{
    mutex_assert_held(delivery->lock);
    if (delivery->has_aborter || delivery->callbacks.delivery != WCENC_DELIVERY_THREAD)
        return true;
    if (wcenc__thread_start(&delivery->aborter, "wcenc-abort", aborter_main, delivery) != 0)
        return false;
    delivery->has_aborter = true;
    delivery->owner.keepalive.retain(delivery->owner.keepalive.owner);
    return true;
}

bool wcenc__delivery_take_thread(struct delivery *delivery, struct thread *thread)
{
    bool has_thread = delivery->has_aborter;

    delivery->has_aborter = false;
    if (has_thread)
        *thread = delivery->aborter;
    return has_thread;
}

bool wcenc__delivery_wait(struct delivery *delivery, int64_t deadline_ns, void (*undo)(void *), void *argument)
{
    mutex_assert_held(delivery->lock);
    return cond_wait_cancellable(&delivery->changed, delivery->lock, deadline_ns, undo, argument);
}

void wcenc__delivery_wait_until_quiet(struct delivery *delivery, void (*undo)(void *), void *argument)
{
    bool has_thread = delivery->callbacks.delivery == WCENC_DELIVERY_THREAD;

    while (delivery->is_dispatching || (has_thread && delivery->events.first))
        (void)wcenc__delivery_wait(delivery, DEADLINE_NEVER, undo, argument);
}

void wcenc__delivery_leave_rest(struct delivery *delivery)
{
    if (delivery->events.first && delivery->callbacks.on_wakeup)
        delivery->due |= WAKEUP_EVENTS;
}

void wcenc__delivery_note_idle(struct delivery *delivery)
{
    if (delivery->callbacks.on_wakeup)
        delivery->due |= WAKEUP_IDLE;
}

void wcenc__delivery_wake(struct delivery *delivery)
{
    struct callback_scope scope;

    mutex_assert_held(delivery->lock);
    delivery->is_waking = true;
    /* What becomes due meanwhile is reported here too: one at a time, and no deeper on the stack. */
    while ((delivery->due & WAKEUP_IDLE) || ((delivery->due & WAKEUP_EVENTS) && delivery->events.first)) {
        delivery->due = 0;
        mutex_unlock(delivery->lock);
        wcenc__callback_enter(&scope, delivery->owner.keepalive.owner);
        delivery->callbacks.on_wakeup(delivery->callbacks.user);
        wcenc__callback_leave(&scope);
        mutex_lock(delivery->lock);
    }
    delivery->due = 0;
    delivery->is_waking = false;
}
