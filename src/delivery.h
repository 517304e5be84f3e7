/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_DELIVERY_H
#define WCENC_SRC_DELIVERY_H

/*
 * From results to the user. Results become events in one list, in the order in which they are to be told. Whoever has
 * the turn takes the first one and tells it, one at a time, with the lock given up for the call: the worker or the
 * deliverer with WCENC_DELIVERY_THREAD, a pumping thread with _PUMP; with _PULL the event is handed over instead. That
 * is the only difference between the three.
 *
 * `pending` counts the events that were posted and are not over: it goes down after a callback has returned. A flush is
 * a ticket whose event stands behind the outputs that it waits for: when its turn comes, every callback before it has
 * returned.
 *
 * Unless said otherwise functions are called with the encoder's lock held.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "failure.h"
#include "thread.h"

/* Embedded in what it tells of, so that posting one cannot fail for want of memory. */
struct event {
    struct event *next;
    int32_t type; /* WCENC_EVENT_ */
};

struct event_list {
    struct event *first;
    struct event *last;
    uint32_t count;
};

struct output_event {
    struct event event; /* first */
    wcenc_chunk *chunk; /* a reference */
};

struct drop_event {
    struct event event; /* first */
    wcenc_drop drop;
};

/* A flush that was asked for. Lives with the thread that waits for it, or by itself where one is told (is_async). */
struct ticket {
    struct event event; /* first */
    struct ticket *next;
    uint64_t number;
    bool is_async;
    bool is_posted; /* its event is in the list */
    bool has_ended;
    wcenc_status status; /* once ended; until then OK */
    wcenc_done_fn done;
    void *user;
};

/* The completion of a close: there is one at most. */
struct closing {
    struct event event; /* first */
    bool is_owed;       /* it was asked for, and the event was not taken yet */
    wcenc_done_fn done;
    void *user;
};

struct callback_scope;

struct delivery {
    /* guarded by lock */
    struct event_list events;
    uint32_t pending;        /* events posted and not over: in the list, or being told */
    uint32_t chunks_waiting; /* of the events in the list */
    uint32_t drops_waiting;
    struct ticket *tickets; /* whose end is open, oldest first */
    uint64_t last_ticket;
    struct event dequeue_event;
    bool dequeue_is_posted;
    const struct callback_scope *dequeue_scope; /* in which on_dequeue is being called; NULL: it is not */
    uint32_t dequeue_seen; /* the size that it saw last, since a frame was added; UINT32_MAX: none */
    struct event error_event;
    bool error_is_posted;   /* and not told: nothing more comes of this generation */
    bool has_failed;        /* the error was told; it is what closed the encoder */
    struct failure failure; /* what error_event tells */
    struct closing closing;
    bool is_running;      /* somebody has the turn */
    bool wakeup_is_due;   /* on_wakeup has to be called once the lock is given up */
    bool rest_is_due;     /* so it has, to tell that the worker has nothing to do */
    bool is_waking;       /* it is being called */
    bool deliverer_works; /* there is a deliverer */
    bool deliverer_is_wanted;
    struct cond wanted; /* signalled to the deliverer */

    struct thread deliverer; /* set under lock before deliverer_works */
};

/* False where the system refuses. */
bool wcenc__delivery_init(struct delivery *delivery);
void wcenc__delivery_destroy(struct delivery *delivery);

/* Takes over the chunk reference; false, with nothing taken, if memory is short. */
bool wcenc__delivery_post_output(wcenc_encoder *encoder, wcenc_chunk *chunk);
/* Takes over the event, which was allocated by mem_alloc. */
void wcenc__delivery_post_drop(wcenc_encoder *encoder, struct drop_event *drop);
void wcenc__delivery_post_dequeue(wcenc_encoder *encoder);
/* The encoder closes when the event's turn comes. Posted once at most in a generation. */
void wcenc__delivery_post_error(wcenc_encoder *encoder, const struct failure *failure);
/* For every ticket up to the number that is still open. */
void wcenc__delivery_post_flush_done(wcenc_encoder *encoder, uint64_t number);
/* The end of the close that was asked for, if one was. */
void wcenc__delivery_post_close_done(wcenc_encoder *encoder);

/* Puts a ticket among those that are open. */
void wcenc__delivery_add_ticket(struct delivery *delivery, struct ticket *ticket, uint64_t number);
/* Posts the end of a ticket for which there is nothing to be done. */
void wcenc__delivery_post_ticket(wcenc_encoder *encoder, struct ticket *ticket);
/* Takes back a ticket that has not ended: nobody waits for it any more. */
void wcenc__delivery_withdraw_ticket(wcenc_encoder *encoder, struct ticket *ticket);

/* Takes a ticket whose event has its turn out of those that are open, and frees the thread that waits for it. */
void wcenc__delivery_end_ticket(wcenc_encoder *encoder, struct ticket *ticket);
/* Ends every ticket that is open, whose events must not be in the list. */
void wcenc__delivery_end_tickets(wcenc_encoder *encoder, wcenc_status status);

/* The first one, out of the list. */
struct event *wcenc__delivery_take_event(wcenc_encoder *encoder);
/* Takes everything but completions out of the list, into `dropped`; the number of frames in it. */
uint64_t wcenc__delivery_drop_events(wcenc_encoder *encoder, struct event_list *dropped);

/*
 * For reset and close: takes every event of the generation out of the list, into `dropped`, to be freed by
 * wcenc__delivery_free_events without the lock, and ends every ticket with ABORTED. What is left are completions.
 * The number of frames that were discarded so.
 */
uint64_t wcenc__delivery_abort(wcenc_encoder *encoder, struct event_list *dropped);
void wcenc__delivery_free_events(struct event_list *events);

/* Of an encoder that is closed: drops completions that nobody will take any more. */
void wcenc__delivery_forget(wcenc_encoder *encoder);

/* delivery_tell.c */

/* What an event tells, once it was taken out of the list and has had its effect on the encoder. */
struct told {
    int32_t type;
    bool is_silent;     /* nobody is to be told: a blocking flush has ended */
    wcenc_chunk *chunk; /* OUTPUT: a reference */
    wcenc_drop drop;    /* DROP */
    wcenc_status status;
    wcenc_done_fn done; /* completions */
    void *user;
    bool queue_shrinks;         /* ERROR: a dequeue is to follow */
    struct old_generation *old; /* ERROR: to be released without the lock */
};

/* Takes the first event, with its effects: counters, and the state for an error. */
void wcenc__delivery_take(wcenc_encoder *encoder, struct told *told, struct old_generation *old);
/* After it was told: ends what the event ends. */
void wcenc__delivery_finish(wcenc_encoder *encoder, const struct told *told);

/* Takes the first event and tells it, with the lock given up meanwhile. False if there was nobody to tell. */
bool wcenc__delivery_run_first(wcenc_encoder *encoder);

/* Tells everything that is there and comes meanwhile, by turns with others. On threads of the library. */
void wcenc__delivery_run(wcenc_encoder *encoder);

/*
 * For a thread that has pumped and goes: it was not empty in between, so that nothing has become due, and whoever waits
 * for on_wakeup would never hear of what is left behind.
 */
void wcenc__delivery_leave_rest(wcenc_encoder *encoder);

/*
 * A second thread of the library, for WCENC_DELIVERY_THREAD: tells of flushes that were aborted while the worker is
 * inside the codec. Started by the first asynchronous flush; false where the system refuses.
 */
bool wcenc__delivery_start_deliverer(wcenc_encoder *encoder);

/*
 * Waits until no callback runs and, with WCENC_DELIVERY_THREAD, everything is told. Not from inside a callback. A
 * thread that is cancelled meanwhile ends with `undo(encoder)`.
 */
void wcenc__delivery_wait(wcenc_encoder *encoder, void (*undo)(void *encoder));

/* Closed, and nothing is left to be told nor will come. */
bool wcenc__delivery_is_over(const wcenc_encoder *encoder);

/* Wakes those who poll, for good, once that is so. */
void wcenc__delivery_check_end(wcenc_encoder *encoder);

#endif
