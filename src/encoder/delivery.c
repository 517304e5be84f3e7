/* SPDX-License-Identifier: MIT */

/*
 * Order and completion: what enters the one list of events, and leaves it again where a generation ends. Invoking what
 * is in it is delivery_dispatch.c.
 */

#include "delivery.h"

#include <string.h>

#include "mem.h"
#include "status.h"

wcenc_status wcenc__delivery_init(struct delivery *delivery, const wcenc_encoder_desc *callbacks, struct mutex *lock,
                                  const struct delivery_owner *owner)
{
    memset(delivery, 0, sizeof *delivery);
    delivery->callbacks = *callbacks;
    delivery->owner = *owner;
    delivery->lock = lock;
    delivery->dequeue_event.type = WCENC_EVENT_DEQUEUE;
    delivery->error_event.type = WCENC_EVENT_ERROR;
    delivery->closing_event.type = WCENC_EVENT_CLOSE_DONE;
    delivery->notifier = (struct notifier)NOTIFIER_NONE;
    if (cond_init(&delivery->changed) != 0)
        return wcenc__fail_no_memory();
    if (cond_init(&delivery->wanted) != 0) {
        cond_destroy(&delivery->changed);
        return wcenc__fail_no_memory();
    }
    if (callbacks->delivery == WCENC_DELIVERY_THREAD || wcenc__notifier_open(&delivery->notifier, NOTIFIER_BEST) == 0)
        return WCENC_OK;
    wcenc__delivery_destroy(delivery);
    return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a descriptor");
}

void wcenc__delivery_destroy(struct delivery *delivery)
{
    wcenc__notifier_close(&delivery->notifier);
    cond_destroy(&delivery->wanted);
    cond_destroy(&delivery->changed);
}

static void post(struct delivery *delivery, struct event *event)
{
    mutex_assert_held(delivery->lock);
    delivery->pending++;
    event_append(&delivery->events, event);
    if (delivery->callbacks.delivery == WCENC_DELIVERY_THREAD) {
        cond_signal(delivery->owner.work);
        return;
    }
    if (delivery->events.count == 1) {
        wcenc__notifier_set(&delivery->notifier);
        if (delivery->callbacks.on_wakeup)
            delivery->due |= WAKEUP_EVENTS;
    }
    cond_broadcast(&delivery->changed);
}

/* Out of the list, wherever it stands; it is still pending. */
static void remove_event(struct delivery *delivery, struct event *event)
{
    event_unlink(&delivery->events, event);
    if (event->type == WCENC_EVENT_OUTPUT)
        delivery->chunks_waiting--;
    else if (event->type == WCENC_EVENT_DROP)
        delivery->drops_waiting--;
    if (!delivery->events.first)
        wcenc__notifier_clear(&delivery->notifier);
}

bool wcenc__delivery_post_output(struct delivery *delivery, wcenc_chunk *chunk)
{
    struct output_event *output = mem_alloc(sizeof *output);

    if (!output)
        return false;
    output->event.type = WCENC_EVENT_OUTPUT;
    output->chunk = chunk;
    delivery->chunks_waiting++;
    post(delivery, &output->event);
    return true;
}

void wcenc__delivery_post_drop(struct delivery *delivery, struct drop_event *drop)
{
    drop->event.type = WCENC_EVENT_DROP;
    delivery->drops_waiting++;
    post(delivery, &drop->event);
}

void wcenc__delivery_queue_emptied(struct delivery *delivery)
{
    delivery->queue_size = 0;
}

void wcenc__delivery_queue_grew(struct delivery *delivery, uint32_t size)
{
    delivery->queue_size = size;
    delivery->dequeue_reported = UINT32_MAX;
}

/* Posted only if its size is smaller than the last one, which it still is when it is delivered. */
static void post_dequeue(struct delivery *delivery)
{
    const wcenc_encoder_desc *callbacks = &delivery->callbacks;
    bool is_wanted = callbacks->on_dequeue || callbacks->delivery == WCENC_DELIVERY_PULL;

    if (!is_wanted || delivery->dequeue_is_queued || delivery->queue_size >= delivery->dequeue_reported)
        return;
    delivery->dequeue_is_queued = true;
    post(delivery, &delivery->dequeue_event);
}

void wcenc__delivery_queue_shrank(struct delivery *delivery, uint32_t size)
{
    delivery->queue_size = size;
    post_dequeue(delivery);
}

static void unlink_ticket(struct delivery *delivery, struct ticket *ticket)
{
    struct ticket **link = &delivery->tickets;

    while (*link != ticket)
        link = &(*link)->next;
    *link = ticket->next;
}

/*
 * The one place where a flush completes. A waiting thread may be gone with its ticket as soon as the lock is released.
 */
static void complete(struct delivery *delivery, struct ticket *ticket, wcenc_status status)
{
    bool is_taken = ticket->phase == TICKET_TAKEN;

    unlink_ticket(delivery, ticket);
    ticket->status = status;
    ticket->phase = TICKET_DONE;
    if (!ticket->is_async) {
        cond_broadcast(&delivery->changed);
    } else if (!is_taken) {
        post(delivery, &ticket->event);
        /* The worker may be inside the codec. */
        delivery->aborter_is_wanted = delivery->has_aborter;
        cond_signal(&delivery->wanted);
    }
}

static void complete_all(struct delivery *delivery, wcenc_status status)
{
    while (delivery->tickets)
        complete(delivery, delivery->tickets, status);
}

void wcenc__delivery_post_error(struct delivery *delivery, const struct failure *failure)
{
    struct ticket *ticket = delivery->tickets, *next;

    delivery->failure = *failure;
    delivery->error = ERROR_QUEUED;
    post(delivery, &delivery->error_event);
    /* A blocking flush waits for everything to be pending, which the error is. */
    for (; ticket && delivery->callbacks.delivery == WCENC_DELIVERY_PULL; ticket = next) {
        next = ticket->next;
        if (!ticket->is_async)
            complete(delivery, ticket, failure->status);
    }
}

void wcenc__delivery_add_flush(struct delivery *delivery, struct ticket *ticket, uint64_t number)
{
    struct ticket **end = &delivery->tickets;

    ticket->event.type = WCENC_EVENT_FLUSH_DONE;
    ticket->number = number;
    ticket->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = ticket;
    delivery->last_ticket = number;
}

void wcenc__delivery_reach_flush(struct delivery *delivery, uint64_t number)
{
    struct ticket *ticket = delivery->tickets, *next;

    for (; ticket && ticket->number <= number; ticket = next) {
        next = ticket->next;
        if (ticket->phase != TICKET_OPEN)
            continue;
        if (delivery->callbacks.delivery == WCENC_DELIVERY_PULL && !ticket->is_async) {
            complete(delivery, ticket, WCENC_OK);
            continue;
        }
        ticket->phase = TICKET_QUEUED;
        post(delivery, &ticket->event);
    }
}

void wcenc__delivery_withdraw_flush(struct delivery *delivery, struct ticket *ticket)
{
    if (ticket->phase == TICKET_DONE)
        return;
    unlink_ticket(delivery, ticket);
    if (ticket->phase == TICKET_QUEUED) {
        remove_event(delivery, &ticket->event);
        delivery->pending--;
    }
}

void wcenc__delivery_add_closing(struct delivery *delivery, wcenc_done_fn done, void *user)
{
    delivery->closing = CLOSING_WAITING;
    delivery->closing_done = done;
    delivery->closing_user = user;
}

void wcenc__delivery_reach_closing(struct delivery *delivery)
{
    if (delivery->closing != CLOSING_WAITING)
        return;
    delivery->closing = CLOSING_QUEUED;
    post(delivery, &delivery->closing_event);
}

/* A completion that a reset or close does not change. */
static bool is_final(const struct event *event)
{
    return event->type == WCENC_EVENT_CLOSE_DONE ||
           (event->type == WCENC_EVENT_FLUSH_DONE && ((const struct ticket *)event)->phase == TICKET_DONE);
}

/* Removes every result from the list; the flushes among them are open again. */
static uint64_t remove_results(struct delivery *delivery, struct event_list *discarded)
{
    uint64_t frames = delivery->chunks_waiting + delivery->drops_waiting;
    struct event *event = delivery->events.first, *next;

    memset(discarded, 0, sizeof *discarded);
    for (; event; event = next) {
        next = event->next;
        if (is_final(event))
            continue;
        remove_event(delivery, event);
        delivery->pending--;
        if (event->type == WCENC_EVENT_FLUSH_DONE)
            ((struct ticket *)event)->phase = TICKET_OPEN;
        else if (event->type == WCENC_EVENT_OUTPUT || event->type == WCENC_EVENT_DROP)
            event_append(discarded, event);
    }
    delivery->dequeue_is_queued = false;
    if (delivery->error == ERROR_QUEUED)
        delivery->error = ERROR_NONE;
    return frames;
}

uint64_t wcenc__delivery_abort(struct delivery *delivery, struct event_list *discarded)
{
    uint64_t frames;

    mutex_assert_held(delivery->lock);
    frames = remove_results(delivery, discarded);
    complete_all(delivery, WCENC_ERROR_ABORTED);
    return frames;
}

/* Wakes those who poll or wait, for good, once nothing will come any more. */
static void check_end(struct delivery *delivery)
{
    if (!wcenc__delivery_is_over(delivery))
        return;
    wcenc__notifier_set(&delivery->notifier);
}

void wcenc__delivery_close(struct delivery *delivery)
{
    delivery->is_closed = true;
    check_end(delivery);
    cond_signal(&delivery->wanted);
    cond_broadcast(&delivery->changed);
}

void wcenc__delivery_end(struct delivery *delivery, bool is_detached)
{
    struct event_list nothing;

    /* An error may have left a dequeue event behind, which has nobody to go to; frames there are none. */
    (void)remove_results(delivery, &nothing);
    delivery->is_ending = true;
    delivery->is_detached = is_detached;
    check_end(delivery);
}

void wcenc__delivery_forget(struct delivery *delivery)
{
    struct event *event;

    while ((event = delivery->events.first)) {
        event_unlink(&delivery->events, event);
        if (event->type == WCENC_EVENT_FLUSH_DONE)
            mem_free(event);
    }
    delivery->pending = 0;
    delivery->closing = CLOSING_NONE;
    wcenc__notifier_clear(&delivery->notifier);
}

/* Taking events, for delivery_dispatch.c. */

static void take_output(struct delivery *delivery, struct event *event, struct taken *taken)
{
    struct delivery_stats *stats = &delivery->stats;

    taken->chunk = ((struct output_event *)event)->chunk;
    mem_free(event);
    stats->frames_out++;
    stats->key_chunks_out += wcenc_chunk_get_type(taken->chunk) == WCENC_CHUNK_TYPE_KEY;
    stats->bytes_out += wcenc_chunk_get_byte_length(taken->chunk);
    cond_signal(delivery->owner.work);
}

/* spec: Close VideoEncoder with an exception. What is behind the error in the list dies with its generation. */
static void take_error(struct delivery *delivery, struct taken *taken)
{
    delivery->stats.frames_discarded += remove_results(delivery, &taken->discarded);
    delivery->error = ERROR_DELIVERED;
    delivery->owner.on_failed(delivery->owner.keepalive.owner);
    taken->status = delivery->failure.status;
}

static void take_ticket(struct delivery *delivery, struct ticket *ticket, struct taken *taken)
{
    if (ticket->phase == TICKET_QUEUED) {
        ticket->phase = TICKET_TAKEN;
        complete(delivery, ticket, WCENC_OK);
    }
    taken->is_silent = !ticket->is_async;
    if (taken->is_silent)
        return;
    taken->status = ticket->status;
    taken->done = ticket->done;
    taken->user = ticket->user;
    mem_free(ticket);
}

void wcenc__delivery_take(struct delivery *delivery, struct taken *taken)
{
    struct event *event = delivery->events.first;

    mutex_assert_held(delivery->lock);
    memset(taken, 0, sizeof *taken);
    taken->type = event->type;
    remove_event(delivery, event);
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        take_output(delivery, event, taken);
        break;
    case WCENC_EVENT_DROP:
        taken->drop = ((struct drop_event *)event)->drop;
        mem_free(event);
        delivery->stats.frames_dropped++;
        break;
    case WCENC_EVENT_DEQUEUE:
        delivery->dequeue_is_queued = false;
        delivery->dequeue_reported = taken->queue_size = delivery->queue_size;
        break;
    case WCENC_EVENT_ERROR:
        take_error(delivery, taken);
        break;
    case WCENC_EVENT_FLUSH_DONE:
        take_ticket(delivery, (struct ticket *)event, taken);
        break;
    case WCENC_EVENT_CLOSE_DONE:
        delivery->closing = CLOSING_NONE;
        taken->done = delivery->closing_done;
        taken->user = delivery->closing_user;
        break;
    }
}

void wcenc__delivery_finish(struct delivery *delivery, const struct taken *taken)
{
    mutex_assert_held(delivery->lock);
    delivery->pending--;
    if (taken->type == WCENC_EVENT_ERROR) {
        complete_all(delivery, taken->status);
        if (!delivery->is_ending)
            post_dequeue(delivery);
    }
    check_end(delivery);
    cond_broadcast(&delivery->changed);
}
