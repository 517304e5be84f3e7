/* SPDX-License-Identifier: MIT */

/* The three flushes: blocking, with a timeout, and asynchronous. Each is a ticket (delivery.h). */

#include "callback.h"
#include "encoder.h"
#include "mem.h"
#include "status.h"

/* With the lock held: everything that was asked for lies ready or has been told. */
static bool is_worked_off(const wcenc_encoder *encoder)
{
    return encoder->queue.count == 0 && encoder->frames_in_flight == 0 && !encoder->worker_has_request &&
           !encoder->delivery.error_is_posted;
}

/* With the lock held: puts a ticket where it belongs in the order of things. */
static wcenc_status ask(wcenc_encoder *encoder, struct ticket *ticket)
{
    struct delivery *delivery = &encoder->delivery;
    const struct message *last = wcenc__queue_last(&encoder->queue);
    struct message message = {.type = MESSAGE_FLUSH, .u.ticket = delivery->last_ticket + 1};
    wcenc_status status = WCENC_OK;

    if (is_worked_off(encoder)) {
        wcenc__delivery_add_ticket(delivery, ticket, ++delivery->last_ticket);
        wcenc__delivery_post_ticket(encoder, ticket);
        return WCENC_OK;
    }
    /* Flushes with nothing between them are one to the worker. */
    if (!last || last->type != MESSAGE_FLUSH)
        status = wcenc__encoder_post(encoder, &message);
    if (status == WCENC_OK) {
        last = wcenc__queue_last(&encoder->queue);
        delivery->last_ticket = last->u.ticket;
        wcenc__delivery_add_ticket(delivery, ticket, last->u.ticket);
    }
    return status;
}

/* A flush that a thread waits for. */
struct waiting {
    wcenc_encoder *encoder;
    struct ticket ticket;
};

/* With the lock held: nobody waits any more, whether the ticket has ended or not. */
static void leave(struct waiting *waiting)
{
    waiting->encoder->waiting_flushes--;
    wcenc__delivery_leave_rest(waiting->encoder);
    if (!waiting->ticket.has_ended)
        wcenc__delivery_withdraw_ticket(waiting->encoder, &waiting->ticket);
}

/* Of a thread that is cancelled: with the lock held and a pin, which are given up. */
static void abandon(void *waiting)
{
    leave(waiting);
    wcenc__encoder_unpin(((struct waiting *)waiting)->encoder);
}

/* With the lock held before and after: what the waiting thread can do for the ticket's end; false if it is too late. */
static bool wait_once(struct waiting *waiting, int64_t deadline_ns)
{
    wcenc_encoder *encoder = waiting->encoder;
    const struct delivery *delivery = &encoder->delivery;

    if (deadline_ns != DEADLINE_NEVER && monotonic_ns() >= deadline_ns)
        return false;
    if (encoder->init.delivery == WCENC_DELIVERY_PUMP && delivery->events.first && !delivery->is_running)
        (void)wcenc__delivery_run_first(encoder);
    else
        (void)cond_wait_cancellable(&encoder->settled, &encoder->lock, deadline_ns, abandon, waiting);
    return true;
}

/* With the lock held before and after, and a pin. */
static wcenc_status wait_for_ticket(struct waiting *waiting, int64_t deadline_ns)
{
    wcenc_encoder *encoder = waiting->encoder;
    const struct ticket *ticket = &waiting->ticket;

    encoder->waiting_flushes++;
    /* The worker may have stopped for max_pending_results. */
    if (encoder->worker_is_idle)
        cond_signal(&encoder->work);
    while (!ticket->has_ended && wait_once(waiting, deadline_ns))
        ;
    leave(waiting);
    if (!ticket->has_ended)
        return wcenc__fail(WCENC_ERROR_TIMED_OUT, "the flush was not done in time");
    if (ticket->status == WCENC_ERROR_ABORTED)
        return wcenc__fail(ticket->status, "a reset or a close came before the flush was done");
    if (ticket->status != WCENC_OK)
        return wcenc__fail(ticket->status, "%s", encoder->delivery.failure.message);
    return WCENC_OK;
}

/* With the lock held before and after, and a pin. */
static wcenc_status flush_pinned(wcenc_encoder *encoder, int64_t deadline_ns)
{
    const struct delivery *delivery = &encoder->delivery;
    struct waiting waiting = {.encoder = encoder, .ticket = {.is_async = false}};
    wcenc_status status = wcenc__encoder_check_configured(encoder);

    if (status != WCENC_OK)
        return status;
    /* The error lies ready, and whoever takes it may be this very thread. */
    if (encoder->init.delivery == WCENC_DELIVERY_PULL && delivery->error_is_posted)
        return wcenc__fail(delivery->failure.status, "%s", delivery->failure.message);
    if (is_worked_off(encoder) && (encoder->init.delivery == WCENC_DELIVERY_PULL || delivery->pending == 0))
        return WCENC_OK;
    status = ask(encoder, &waiting.ticket);
    return status == WCENC_OK ? wait_for_ticket(&waiting, deadline_ns) : status;
}

wcenc_status wcenc_encoder_flush_timeout(wcenc_encoder *encoder, int64_t timeout_us)
{
    int64_t deadline_ns = wcenc__deadline_after_us(timeout_us);
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (wcenc__callback_is_inside(encoder))
        return wcenc__fail(WCENC_ERROR_WOULD_DEADLOCK, "flush from inside a callback of the same encoder");
    mutex_lock(&encoder->lock);
    wcenc__encoder_pin(encoder);
    status = flush_pinned(encoder, deadline_ns);
    wcenc__encoder_unpin(encoder);
    return status;
}

wcenc_status wcenc_encoder_flush(wcenc_encoder *encoder)
{
    return wcenc_encoder_flush_timeout(encoder, -1);
}

/* With the lock held; takes over the ticket on success. */
static wcenc_status flush_async_locked(wcenc_encoder *encoder, struct ticket *ticket)
{
    wcenc_status status = wcenc__encoder_check_configured(encoder);

    if (status != WCENC_OK)
        return status;
    if (encoder->init.delivery == WCENC_DELIVERY_THREAD && !wcenc__delivery_start_deliverer(encoder))
        return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a thread");
    return ask(encoder, ticket);
}

wcenc_status wcenc_encoder_flush_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user)
{
    struct ticket *ticket;
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status == WCENC_OK)
        status = wcenc__encoder_check_done(encoder, done);
    if (status != WCENC_OK)
        return status;
    ticket = mem_alloc(sizeof *ticket);
    if (!ticket)
        return wcenc__fail_no_memory();
    *ticket = (struct ticket){.is_async = true, .done = done, .user = user};
    mutex_lock(&encoder->lock);
    status = flush_async_locked(encoder, ticket);
    if (status != WCENC_OK)
        mem_free(ticket);
    wcenc__encoder_unlock(encoder);
    return status;
}
