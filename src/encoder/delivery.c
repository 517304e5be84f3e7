/* SPDX-License-Identifier: MIT */

/*
 * Order and completion: what goes into the one list of events, and out of it again where a generation ends. Who tells
 * what is in it is delivery_tell.c.
 */

#include "delivery.h"

#include <string.h>

#include "chunk.h"
#include "encoder_priv.h"
#include "mem.h"

bool wcenc__delivery_init(struct delivery *delivery)
{
    memset(delivery, 0, sizeof *delivery);
    delivery->dequeue_event.type = WCENC_EVENT_DEQUEUE;
    delivery->dequeue_seen = UINT32_MAX;
    delivery->error_event.type = WCENC_EVENT_ERROR;
    delivery->closing.event.type = WCENC_EVENT_CLOSE_DONE;
    return cond_init(&delivery->wanted) == 0;
}

void wcenc__delivery_destroy(struct delivery *delivery)
{
    cond_destroy(&delivery->wanted);
}

static void append(struct event_list *list, struct event *event)
{
    event->next = NULL;
    if (list->last)
        list->last->next = event;
    else
        list->first = event;
    list->last = event;
    list->count++;
}

static struct event *take_first(struct event_list *list)
{
    struct event *event = list->first;

    if (event) {
        list->first = event->next;
        if (!list->first)
            list->last = NULL;
        list->count--;
    }
    return event;
}

/* Appends an event, and tells those who wait for one. */
static void post(wcenc_encoder *encoder, struct event *event)
{
    struct delivery *delivery = &encoder->delivery;

    delivery->pending++;
    append(&delivery->events, event);
    if (encoder->init.delivery == WCENC_DELIVERY_THREAD) {
        /* A worker that is not idle comes by. */
        if (encoder->worker_is_idle)
            cond_signal(&encoder->work);
        return;
    }
    if (delivery->events.count == 1) {
        wcenc__notifier_set(&encoder->notifier);
        delivery->wakeup_is_due = encoder->init.on_wakeup != NULL;
    }
    cond_broadcast(&encoder->settled);
}

/* Of an event that was in the list. */
static void count_taken(wcenc_encoder *encoder, const struct event *event)
{
    struct delivery *delivery = &encoder->delivery;

    if (event->type == WCENC_EVENT_OUTPUT)
        delivery->chunks_waiting--;
    else if (event->type == WCENC_EVENT_DROP)
        delivery->drops_waiting--;
    if (!delivery->events.first)
        wcenc__notifier_clear(&encoder->notifier);
}

struct event *wcenc__delivery_take_event(wcenc_encoder *encoder)
{
    struct event *event = take_first(&encoder->delivery.events);

    count_taken(encoder, event);
    return event;
}

bool wcenc__delivery_post_output(wcenc_encoder *encoder, wcenc_chunk *chunk)
{
    struct output_event *output = mem_alloc(sizeof *output);

    if (!output)
        return false;
    output->event.type = WCENC_EVENT_OUTPUT;
    output->chunk = chunk;
    encoder->delivery.chunks_waiting++;
    post(encoder, &output->event);
    return true;
}

void wcenc__delivery_post_drop(wcenc_encoder *encoder, struct drop_event *drop)
{
    drop->event.type = WCENC_EVENT_DROP;
    encoder->delivery.drops_waiting++;
    post(encoder, &drop->event);
}

void wcenc__delivery_post_dequeue(wcenc_encoder *encoder)
{
    struct delivery *delivery = &encoder->delivery;
    bool is_wanted = encoder->init.on_dequeue || encoder->init.delivery == WCENC_DELIVERY_PULL;

    if (!is_wanted || delivery->dequeue_is_posted)
        return;
    delivery->dequeue_is_posted = true;
    post(encoder, &delivery->dequeue_event);
}

void wcenc__delivery_post_close_done(wcenc_encoder *encoder)
{
    if (encoder->delivery.closing.is_owed)
        post(encoder, &encoder->delivery.closing.event);
}

/* The waiting thread may be gone with its ticket as soon as the lock is given up. */
static void end_waiting(wcenc_encoder *encoder, struct ticket *ticket, wcenc_status status)
{
    ticket->status = status;
    ticket->has_ended = true;
    cond_broadcast(&encoder->settled);
}

/* Out of those that are open. */
static void unlink_ticket(struct delivery *delivery, struct ticket *ticket)
{
    struct ticket **link = &delivery->tickets;

    while (*link != ticket)
        link = &(*link)->next;
    *link = ticket->next;
}

void wcenc__delivery_end_tickets(wcenc_encoder *encoder, wcenc_status status)
{
    struct delivery *delivery = &encoder->delivery;
    struct ticket *ticket;

    while ((ticket = delivery->tickets)) {
        delivery->tickets = ticket->next;
        if (!ticket->is_async) {
            end_waiting(encoder, ticket, status);
            continue;
        }
        ticket->status = status;
        ticket->has_ended = true;
        post(encoder, &ticket->event);
        /* The worker may be inside the codec. */
        delivery->deliverer_is_wanted = delivery->deliverer_works;
        cond_signal(&delivery->wanted);
    }
}

void wcenc__delivery_end_ticket(wcenc_encoder *encoder, struct ticket *ticket)
{
    if (!ticket->has_ended)
        unlink_ticket(&encoder->delivery, ticket);
    if (!ticket->is_async)
        end_waiting(encoder, ticket, WCENC_OK);
}

/* Ends those that wait, where nobody takes events while they do. */
static void end_waiting_tickets(wcenc_encoder *encoder, wcenc_status status)
{
    struct ticket *ticket = encoder->delivery.tickets, *next;

    for (; ticket; ticket = next) {
        next = ticket->next;
        if (ticket->is_async)
            continue;
        unlink_ticket(&encoder->delivery, ticket);
        end_waiting(encoder, ticket, status);
    }
}

void wcenc__delivery_post_error(wcenc_encoder *encoder, const struct failure *failure)
{
    struct delivery *delivery = &encoder->delivery;

    delivery->failure = *failure;
    delivery->error_is_posted = true;
    post(encoder, &delivery->error_event);
    /* A flush that waits for all to lie ready need not wait for the error to be taken. */
    if (encoder->init.delivery == WCENC_DELIVERY_PULL)
        end_waiting_tickets(encoder, failure->status);
    /* So need an encode that waits for room. */
    cond_broadcast(&encoder->settled);
}

void wcenc__delivery_add_ticket(struct delivery *delivery, struct ticket *ticket, uint64_t number)
{
    struct ticket **end = &delivery->tickets;

    ticket->event.type = WCENC_EVENT_FLUSH_DONE;
    ticket->number = number;
    ticket->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = ticket;
}

void wcenc__delivery_post_ticket(wcenc_encoder *encoder, struct ticket *ticket)
{
    if (encoder->init.delivery == WCENC_DELIVERY_PULL && !ticket->is_async) {
        unlink_ticket(&encoder->delivery, ticket);
        end_waiting(encoder, ticket, WCENC_OK);
        return;
    }
    ticket->is_posted = true;
    post(encoder, &ticket->event);
}

void wcenc__delivery_post_flush_done(wcenc_encoder *encoder, uint64_t number)
{
    struct ticket *ticket = encoder->delivery.tickets, *next;

    for (; ticket && ticket->number <= number; ticket = next) {
        next = ticket->next;
        if (!ticket->is_posted)
            wcenc__delivery_post_ticket(encoder, ticket);
    }
}

/* Out of the list, wherever it stands. */
static void unlink_event(wcenc_encoder *encoder, struct event *event)
{
    struct delivery *delivery = &encoder->delivery;
    struct event_list others = {0};
    struct event *each;

    while ((each = take_first(&delivery->events)))
        if (each != event)
            append(&others, each);
    delivery->events = others;
    delivery->pending--;
    count_taken(encoder, event);
}

void wcenc__delivery_withdraw_ticket(wcenc_encoder *encoder, struct ticket *ticket)
{
    unlink_ticket(&encoder->delivery, ticket);
    if (ticket->is_posted)
        unlink_event(encoder, &ticket->event);
}

/* A completion whose outcome stands. */
static bool is_owed(const struct event *event)
{
    return event->type == WCENC_EVENT_CLOSE_DONE ||
           (event->type == WCENC_EVENT_FLUSH_DONE && ((const struct ticket *)event)->has_ended);
}

uint64_t wcenc__delivery_drop_events(wcenc_encoder *encoder, struct event_list *dropped)
{
    struct delivery *delivery = &encoder->delivery;
    uint64_t frames = delivery->chunks_waiting + delivery->drops_waiting;
    struct event_list owed = {0};
    struct event *event;

    memset(dropped, 0, sizeof *dropped);
    while ((event = take_first(&delivery->events))) {
        if (is_owed(event)) {
            append(&owed, event);
            continue;
        }
        delivery->pending--;
        count_taken(encoder, event);
        if (event->type == WCENC_EVENT_OUTPUT || event->type == WCENC_EVENT_DROP)
            append(dropped, event);
    }
    delivery->events = owed;
    if (owed.first)
        wcenc__notifier_set(&encoder->notifier);
    delivery->dequeue_is_posted = false;
    delivery->error_is_posted = false;
    for (struct ticket *ticket = delivery->tickets; ticket; ticket = ticket->next)
        ticket->is_posted = false;
    return frames;
}

uint64_t wcenc__delivery_abort(wcenc_encoder *encoder, struct event_list *dropped)
{
    uint64_t frames = wcenc__delivery_drop_events(encoder, dropped);

    wcenc__delivery_end_tickets(encoder, WCENC_ERROR_ABORTED);
    return frames;
}

void wcenc__delivery_free_events(struct event_list *events)
{
    struct event *event;

    while ((event = take_first(events))) {
        if (event->type == WCENC_EVENT_OUTPUT)
            wcenc_chunk_unref(((struct output_event *)event)->chunk);
        mem_free(event);
    }
}

void wcenc__delivery_forget(wcenc_encoder *encoder)
{
    struct event *event;

    while ((event = take_first(&encoder->delivery.events)))
        if (event->type == WCENC_EVENT_FLUSH_DONE)
            mem_free(event);
    encoder->delivery.pending = 0;
    encoder->delivery.closing.is_owed = false;
    wcenc__notifier_clear(&encoder->notifier);
}
