/* SPDX-License-Identifier: MIT */

/*
 * Order and completion. Everything that a user is told goes through the one event list here, whoever tells it; nobody
 * else calls a user's callback (on_wakeup, log and release excepted). Must never hold the lock while one runs.
 */

#include "delivery.h"

#include <string.h>

#include "callback.h"
#include "chunk.h"
#include "encoder.h"
#include "mem.h"

bool wcenc__delivery_init(struct delivery *delivery)
{
    memset(delivery, 0, sizeof *delivery);
    delivery->dequeue_event.type = WCENC_EVENT_DEQUEUE;
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

static bool has_thread(const wcenc_encoder *encoder)
{
    return encoder->init.delivery == WCENC_DELIVERY_THREAD;
}

/* Appends an event, and tells those who wait for one. */
static void post(wcenc_encoder *encoder, struct event *event)
{
    struct delivery *delivery = &encoder->delivery;

    delivery->pending++;
    append(&delivery->events, event);
    if (has_thread(encoder)) {
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

/* Ends every ticket that is open and whose event is not in the list. */
static void end_all_tickets(wcenc_encoder *encoder, wcenc_status status)
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

/* Takes everything but completions out of the list; the number of frames in it. */
static uint64_t drop_events(wcenc_encoder *encoder, struct event_list *dropped)
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
    uint64_t frames = drop_events(encoder, dropped);

    end_all_tickets(encoder, WCENC_ERROR_ABORTED);
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
    uint64_t frames = drop_events(encoder, &old->events);

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
    if (!ticket->has_ended)
        unlink_ticket(&encoder->delivery, ticket);
    told->status = ticket->status;
    if (!ticket->is_async) {
        told->is_silent = true;
        end_waiting(encoder, ticket, WCENC_OK);
        return;
    }
    told->done = ticket->done;
    told->user = ticket->user;
    mem_free(ticket);
}

void wcenc__delivery_take(wcenc_encoder *encoder, struct told *told, struct old_generation *old)
{
    struct delivery *delivery = &encoder->delivery;
    struct event *event = take_first(&delivery->events);

    count_taken(encoder, event);
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
    if (told->type == WCENC_EVENT_ERROR) {
        end_all_tickets(encoder, told->status);
        if (told->queue_shrinks)
            wcenc__delivery_post_dequeue(encoder);
    }
    cond_broadcast(&encoder->settled);
}

/* The failure stays as it is once the encoder is closed. */
static void call_on_error(wcenc_encoder *encoder, const struct told *told)
{
    const struct failure *failure = &encoder->delivery.failure;
    const wcenc_error error = {sizeof error, failure->message, failure->status, failure->backend_code};

    wcenc__encoder_release_generation(encoder, told->old);
    encoder->init.on_error(encoder->init.user, &error);
}

/* Without the lock. */
static void call_back(wcenc_encoder *encoder, const struct told *told)
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

void wcenc__delivery_wait(wcenc_encoder *encoder)
{
    const struct delivery *delivery = &encoder->delivery;

    while (delivery->is_running || (has_thread(encoder) && delivery->events.first))
        cond_wait(&encoder->settled, &encoder->lock);
}

bool wcenc__delivery_is_over(const wcenc_encoder *encoder)
{
    return encoder->state == WCENC_STATE_CLOSED && encoder->delivery.pending == 0 && !encoder->delivery.closing.is_owed;
}
