/* SPDX-License-Identifier: MIT */

/* The three flushes: blocking, with a timeout, and asynchronous. Each is a ticket (delivery.h). */

#include "callback_guard.h"
#include "encoder_priv.h"
#include "mem.h"
#include "status.h"

/* A flush that a thread waits for. */
struct waiting {
    wcenc_encoder *encoder;
    struct ticket ticket;
};

/* With the lock held: everything that was asked for is pending delivery or was delivered, and no group goes on. */
static bool is_worked_off(const wcenc_encoder *encoder)
{
    return encoder->queue.count == 0 && encoder->frames_in_flight == 0 && encoder->worker.phase != WORKER_REQUEST &&
           encoder->delivery.error != ERROR_QUEUED && wcenc__lanes_are_empty(&encoder->worker.lanes);
}

/* With the lock held: puts a ticket where it belongs in the order of things. */
static wcenc_status request(wcenc_encoder *encoder, struct ticket *ticket)
{
    struct delivery *delivery = &encoder->delivery;
    const struct message *last = wcenc__queue_last(&encoder->queue);
    struct message message = {.type = MESSAGE_FLUSH, .u.ticket = delivery->last_ticket + 1};
    wcenc_status status = WCENC_OK;

    /* Flushes with nothing between them are one to the worker. */
    if (last && last->type == MESSAGE_FLUSH)
        message.u.ticket = last->u.ticket;
    else if (!is_worked_off(encoder))
        status = wcenc__worker_post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    wcenc__delivery_add_flush(delivery, ticket, message.u.ticket);
    if (is_worked_off(encoder))
        wcenc__delivery_reach_flush(delivery, message.u.ticket);
    return WCENC_OK;
}

/* With the lock held: nobody waits any more, whether the flush is done or not. */
static void leave(struct waiting *waiting)
{
    wcenc_encoder *encoder = waiting->encoder;

    encoder->worker.waiting_flushes--;
    wcenc__delivery_leave_rest(&encoder->delivery);
    wcenc__delivery_withdraw_flush(&encoder->delivery, &waiting->ticket);
}

/* Of a thread that is cancelled. */
static void abandon(void *waiting)
{
    leave(waiting);
    wcenc__encoder_unlock(((struct waiting *)waiting)->encoder);
}

/* With the lock held before and after. With WCENC_DELIVERY_PUMP the waiting thread pumps, unless another does. */
static void wait_for_ticket(struct waiting *waiting, int64_t deadline_ns)
{
    wcenc_encoder *encoder = waiting->encoder;
    struct delivery *delivery = &encoder->delivery;
    const bool pumps = encoder->desc.delivery == WCENC_DELIVERY_PUMP;

    encoder->worker.waiting_flushes++;
    /* The worker may have stopped for max_pending_results. */
    wcenc__worker_wake(&encoder->worker);
    while (waiting->ticket.phase != TICKET_DONE && (deadline_ns == DEADLINE_NEVER || monotonic_ns() < deadline_ns)) {
        if (pumps && wcenc__delivery_is_ready(delivery))
            (void)wcenc__delivery_dispatch(delivery);
        else
            (void)wcenc__delivery_wait(delivery, deadline_ns, abandon, waiting);
    }
    leave(waiting);
}

/* With the lock held: the status of the call, with its message. */
static wcenc_status conclude(const struct waiting *waiting)
{
    const struct ticket *ticket = &waiting->ticket;

    if (ticket->phase != TICKET_DONE)
        return wcenc__fail(WCENC_ERROR_TIMED_OUT, "the flush did not complete within the timeout");
    if (ticket->status == WCENC_ERROR_ABORTED)
        return wcenc__fail(ticket->status, "a reset or close ended the flush");
    if (ticket->status != WCENC_OK)
        return wcenc__fail(ticket->status, "%s", waiting->encoder->delivery.failure.message);
    return WCENC_OK;
}

/* With the lock held before and after. */
static wcenc_status flush_locked(wcenc_encoder *encoder, int64_t deadline_ns)
{
    const struct delivery *delivery = &encoder->delivery;
    const bool pulls = encoder->desc.delivery == WCENC_DELIVERY_PULL;
    struct waiting waiting = {.encoder = encoder};
    wcenc_status status = wcenc__encoder_check_configured(encoder);

    if (status != WCENC_OK)
        return status;
    /* The error is pending, and the thread that receives it may be this one. */
    if (pulls && delivery->error == ERROR_QUEUED)
        return wcenc__fail(delivery->failure.status, "%s", delivery->failure.message);
    if (is_worked_off(encoder) && (pulls || delivery->pending == 0))
        return WCENC_OK;
    status = request(encoder, &waiting.ticket);
    if (status != WCENC_OK)
        return status;
    wait_for_ticket(&waiting, deadline_ns);
    return conclude(&waiting);
}

wcenc_status wcenc_encoder_flush_timeout(wcenc_encoder *encoder, int64_t timeout_us)
{
    int64_t deadline_ns = wcenc__deadline_after_us(timeout_us);
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (wcenc__callback_is_inside(encoder))
        return wcenc__fail(WCENC_ERROR_WOULD_DEADLOCK, "flush from inside a callback of the same encoder");
    wcenc__encoder_lock(encoder);
    status = flush_locked(encoder, deadline_ns);
    wcenc__encoder_unlock(encoder);
    return status;
}

wcenc_status wcenc_encoder_flush(wcenc_encoder *encoder)
{
    return wcenc_encoder_flush_timeout(encoder, -1);
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
    wcenc__encoder_lock(encoder);
    status = wcenc__encoder_check_configured(encoder);
    if (status == WCENC_OK && !wcenc__delivery_start_aborter(&encoder->delivery))
        status = wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a thread");
    if (status == WCENC_OK)
        status = request(encoder, ticket);
    if (status != WCENC_OK)
        mem_free(ticket);
    wcenc__encoder_unlock(encoder);
    return status;
}
