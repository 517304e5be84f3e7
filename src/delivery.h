/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_DELIVERY_H
#define WCENC_SRC_DELIVERY_H

/*
 * From results to the user. Results become events in one list, in the order in which they are to be told; running the
 * list calls the user back, one event at a time, with the lock given up for the call. A flush is a ticket whose event
 * stands behind the outputs that it waits for: when its turn comes, every callback before it has returned.
 *
 * Unless said otherwise functions are called with the encoder's lock held.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "failure.h"
#include "thread.h"

enum event_type {
    EVENT_OUTPUT,
    EVENT_ERROR,
    EVENT_DEQUEUE,
    EVENT_FLUSH_DONE,
};

/* Embedded in what it tells of, so that posting one cannot fail for want of memory. */
struct event {
    struct event *next;
    enum event_type type;
};

struct event_list {
    struct event *first;
    struct event *last;
};

struct output_event {
    struct event event; /* first */
    wcenc_chunk *chunk; /* a reference */
};

/* Lives with the thread that waits for it. */
struct flush_ticket {
    struct event event; /* first */
    struct flush_ticket *next;
    uint64_t number;
    bool is_posted; /* its event is in the list */
    bool has_ended;
    wcenc_status status; /* once ended */
};

struct delivery {
    /* guarded by lock */
    struct event_list events;
    struct flush_ticket *tickets; /* that wait, oldest first */
    uint64_t last_ticket;
    struct event dequeue_event;
    bool dequeue_is_posted;
    struct event error_event;
    struct failure failure;  /* what error_event tells */
    bool is_running;         /* a callback */
    struct thread_id runner; /* the thread that runs it */
};

void wcenc__delivery_init(struct delivery *delivery);

/* True on a thread that is inside a callback of this encoder. */
bool wcenc__delivery_is_inside(const wcenc_encoder *encoder);

/* Nothing is waiting to be told, and nothing is being told. */
bool wcenc__delivery_is_idle(const struct delivery *delivery);

/* Takes over the chunk reference; false, with nothing taken, if memory is short. */
bool wcenc__delivery_post_output(wcenc_encoder *encoder, wcenc_chunk *chunk);
void wcenc__delivery_post_dequeue(wcenc_encoder *encoder);
/* The encoder closes when the event's turn comes. Posted once at most in a generation. */
void wcenc__delivery_post_error(wcenc_encoder *encoder, const struct failure *failure);
/* Nothing happens if the ticket has ended meanwhile. */
void wcenc__delivery_post_flush_done(wcenc_encoder *encoder, uint64_t ticket);

/* Gives the ticket its number and its place among those that wait. */
void wcenc__delivery_add_ticket(struct delivery *delivery, struct flush_ticket *ticket);

/*
 * For reset and close: ends every ticket with ABORTED and takes every event out of the list, into `dropped`, to be
 * freed by wcenc__delivery_free_events once the lock is given up.
 */
void wcenc__delivery_abort(wcenc_encoder *encoder, struct event_list *dropped);
void wcenc__delivery_free_events(struct event_list *events);

/* Runs the events that are there, and those that come meanwhile, on the calling thread; gives up the lock for each. */
void wcenc__delivery_run(wcenc_encoder *encoder);

/* Waits until no callback runs. Not from inside one. */
void wcenc__delivery_wait_for_callback(wcenc_encoder *encoder);

#endif
