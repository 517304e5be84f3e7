/* SPDX-License-Identifier: MIT */

/*
 * Order and completion. Everything that a user is told goes through the one event list here, whoever runs it; nobody
 * else calls a user's callback. Must never hold the lock while one runs.
 */

#include "delivery.h"

#include <string.h>

#include "chunk.h"
#include "encoder.h"
#include "mem.h"

void wcenc__delivery_init(struct delivery *delivery)
{
    memset(delivery, 0, sizeof *delivery);
    delivery->dequeue_event.type = EVENT_DEQUEUE;
    delivery->error_event.type = EVENT_ERROR;
}

static void append(struct event_list *list, struct event *event)
{
    event->next = NULL;
    if (list->last)
        list->last->next = event;
    else
        list->first = event;
    list->last = event;
}

static struct event *take_first(struct event_list *list)
{
    struct event *event = list->first;

    if (event) {
        list->first = event->next;
        if (!list->first)
            list->last = NULL;
    }
    return event;
}

bool wcenc__delivery_is_inside(const wcenc_encoder *encoder)
{
    const struct delivery *delivery = &encoder->delivery;

    if (encoder->worker_has_started && thread_is_current(&encoder->thread))
        return true;
    return delivery->is_running && thread_id_is_current(&delivery->runner);
}

bool wcenc__delivery_is_idle(const struct delivery *delivery)
{
    return !delivery->events.first && !delivery->is_running;
}

bool wcenc__delivery_post_output(wcenc_encoder *encoder, wcenc_chunk *chunk)
{
    struct output_event *output = mem_alloc(sizeof *output);

    if (!output)
        return false;
    output->event.type = EVENT_OUTPUT;
    output->chunk = chunk;
    append(&encoder->delivery.events, &output->event);
    return true;
}

void wcenc__delivery_post_dequeue(wcenc_encoder *encoder)
{
    struct delivery *delivery = &encoder->delivery;

    if (!encoder->init.on_dequeue || delivery->dequeue_is_posted)
        return;
    delivery->dequeue_is_posted = true;
    append(&delivery->events, &delivery->dequeue_event);
}

void wcenc__delivery_post_error(wcenc_encoder *encoder, const struct failure *failure)
{
    encoder->delivery.failure = *failure;
    append(&encoder->delivery.events, &encoder->delivery.error_event);
}

void wcenc__delivery_post_flush_done(wcenc_encoder *encoder, uint64_t number)
{
    struct flush_ticket *ticket = encoder->delivery.tickets;

    while (ticket && ticket->number != number)
        ticket = ticket->next;
    if (!ticket)
        return;
    ticket->is_posted = true;
    append(&encoder->delivery.events, &ticket->event);
}

void wcenc__delivery_add_ticket(struct delivery *delivery, struct flush_ticket *ticket)
{
    struct flush_ticket **end = &delivery->tickets;

    memset(ticket, 0, sizeof *ticket);
    ticket->event.type = EVENT_FLUSH_DONE;
    ticket->number = ++delivery->last_ticket;
    while (*end)
        end = &(*end)->next;
    *end = ticket;
}

/* The waiting thread may be gone with its ticket as soon as the lock is given up. */
static void end_ticket(wcenc_encoder *encoder, struct flush_ticket *ticket, wcenc_status status)
{
    struct flush_ticket **link = &encoder->delivery.tickets;

    while (*link != ticket)
        link = &(*link)->next;
    *link = ticket->next;
    ticket->status = status;
    ticket->has_ended = true;
    cond_broadcast(&encoder->settled);
}

static void end_all_tickets(wcenc_encoder *encoder, wcenc_status status)
{
    while (encoder->delivery.tickets)
        end_ticket(encoder, encoder->delivery.tickets, status);
}

void wcenc__delivery_abort(wcenc_encoder *encoder, struct event_list *dropped)
{
    struct delivery *delivery = &encoder->delivery;
    struct event *event;

    memset(dropped, 0, sizeof *dropped);
    while ((event = take_first(&delivery->events)))
        if (event->type == EVENT_OUTPUT)
            append(dropped, event);
    delivery->dequeue_is_posted = false;
    end_all_tickets(encoder, WCENC_ERROR_ABORTED);
}

void wcenc__delivery_free_events(struct event_list *events)
{
    struct event *event;

    while ((event = take_first(events))) {
        struct output_event *output = (struct output_event *)event;

        wcenc_chunk_unref(output->chunk);
        mem_free(output);
    }
}

/* Gives up the lock for a callback, and takes it again. */
static void enter_callback(wcenc_encoder *encoder)
{
    encoder->delivery.is_running = true;
    encoder->delivery.runner = thread_id_current();
    mutex_unlock(&encoder->lock);
}

static void leave_callback(wcenc_encoder *encoder)
{
    mutex_lock(&encoder->lock);
    encoder->delivery.is_running = false;
    cond_broadcast(&encoder->settled);
}

static void run_output(wcenc_encoder *encoder, struct output_event *output)
{
    wcenc_chunk *chunk = output->chunk;

    mem_free(output);
    enter_callback(encoder);
    encoder->init.on_output(encoder->init.user, chunk, wcenc_chunk_get_metadata(chunk));
    wcenc_chunk_unref(chunk);
    leave_callback(encoder);
}

static void run_dequeue(wcenc_encoder *encoder)
{
    /* Cleared before the call, or a decrease during it would go untold. */
    encoder->delivery.dequeue_is_posted = false;
    enter_callback(encoder);
    encoder->init.on_dequeue(encoder->init.user);
    leave_callback(encoder);
}

/* spec: Close VideoEncoder with an exception: reset, closed, error callback, then the flushes, then dequeue. */
static void run_error(wcenc_encoder *encoder)
{
    struct failure failure = encoder->delivery.failure;
    bool queue_shrinks = encoder->queue_size > 0;
    struct encoder_config *config = encoder->config;
    struct queue discarded;
    wcenc_error error = {sizeof error, failure.message, failure.status, failure.backend_code};

    wcenc__queue_take_all(&encoder->queue, &discarded);
    encoder->queue_size = 0;
    encoder->config = NULL;
    encoder->generation++;
    encoder->state = WCENC_STATE_CLOSED;
    enter_callback(encoder);
    wcenc__queue_release_all(&discarded);
    wcenc__config_unref(config);
    encoder->init.on_error(encoder->init.user, &error);
    leave_callback(encoder);
    end_all_tickets(encoder, failure.status);
    if (queue_shrinks)
        wcenc__delivery_post_dequeue(encoder);
}

void wcenc__delivery_run(wcenc_encoder *encoder)
{
    struct event *event;

    while ((event = take_first(&encoder->delivery.events))) {
        switch (event->type) {
        case EVENT_OUTPUT:
            run_output(encoder, (struct output_event *)event);
            break;
        case EVENT_DEQUEUE:
            run_dequeue(encoder);
            break;
        case EVENT_ERROR:
            run_error(encoder);
            break;
        case EVENT_FLUSH_DONE:
            end_ticket(encoder, (struct flush_ticket *)event, WCENC_OK);
            break;
        }
    }
}

void wcenc__delivery_wait_for_callback(wcenc_encoder *encoder)
{
    while (encoder->delivery.is_running)
        cond_wait(&encoder->settled, &encoder->lock);
}
