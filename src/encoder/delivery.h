/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_DELIVERY_H
#define WCENC_ENCODER_DELIVERY_H

/*
 * From results to the user. Results become events in one list, in the order of delivery. A thread that dispatches takes
 * the first one and invokes its callback, one at a time, with the lock released for the call: the worker or the aborter
 * with WCENC_DELIVERY_THREAD, a pumping thread with _PUMP. With _PULL the event is passed on instead. That is the only
 * difference between the three.
 *
 * `pending` counts the events that were posted and are not over: it goes down after a callback has returned. A flush is
 * a ticket whose event stands behind the outputs that it covers: when it is first, every callback before it has
 * returned.
 *
 * Knows callbacks, the lock and the descriptor that programs poll; no queue, no codec and no encoder. Unless said
 * otherwise, functions are called with the lock held, which a sanitizer or debug build asserts.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "event.h"
#include "failure.h"
#include "keepalive.h"
#include "notifier.h"
#include "thread.h"

enum ticket_phase {
    TICKET_OPEN,
    TICKET_QUEUED, /* its event is in the list */
    TICKET_TAKEN,  /* its event was taken, and its callback follows */
    TICKET_DONE,   /* `status` holds; if is_async, its event is in the list */
};

/* A flush. Lives with the thread that waits for it or, if is_async, on its own. */
struct ticket {
    struct event event; /* first */
    struct ticket *next;
    uint64_t number;
    enum ticket_phase phase;
    bool is_async;
    wcenc_status status;
    wcenc_done_fn done;
    void *user;
};

enum error_phase { ERROR_NONE, ERROR_QUEUED, ERROR_DELIVERED };

enum closing_phase {
    CLOSING_NONE,    /* nobody asked for a completion, or it was delivered */
    CLOSING_WAITING, /* until the worker is over */
    CLOSING_QUEUED,
};

/* What delivery asks of the encoder. */
struct delivery_owner {
    struct keepalive keepalive;
    /* With the lock held: an error is first. Ends the generation, and puts aside what it held. */
    void (*on_failed)(void *owner);
    /* Without the lock: releases what on_failed put aside, which may run user code. */
    void (*release_failed)(void *owner);
    /* Signalled for the worker: an event was posted that it is to dispatch, or a chunk has left the list. */
    struct cond *work;
};

/* Counted here; the rest of wcenc_stats is the encoder's. */
struct delivery_stats {
    uint64_t frames_out;
    uint64_t frames_dropped;
    uint64_t frames_discarded; /* by an error */
    uint64_t key_chunks_out;
    uint64_t bytes_out;
    uint64_t callback_ns;
};

struct delivery {
    /* immutable after init */
    wcenc_encoder_desc callbacks; /* and `delivery` and `user` */
    struct delivery_owner owner;
    struct mutex *lock;

    /* guarded by lock */
    struct event_list events;
    uint32_t pending;        /* events posted and not over: in the list, or being delivered */
    uint32_t chunks_waiting; /* of the events in the list */
    uint32_t drops_waiting;
    struct ticket *tickets; /* that are not done, oldest first */
    uint64_t last_ticket;
    uint32_t queue_size;       /* of the encoder, now */
    uint32_t dequeue_reported; /* the size in the last dequeue event; UINT32_MAX once a frame was added since */
    struct event dequeue_event;
    bool dequeue_is_queued;
    struct event error_event;
    enum error_phase error;
    struct failure failure; /* of the error */
    struct event closing_event;
    enum closing_phase closing;
    wcenc_done_fn closing_done;
    void *closing_user;
    bool is_closed;      /* no result comes any more; completions may */
    bool is_ending;      /* nor is anything to be delivered but completions */
    bool is_detached;    /* the encoder was destroyed inside a callback */
    bool is_dispatching; /* a callback runs */
    unsigned due;        /* WAKEUP_ bits: on_wakeup is to be invoked once the lock is released */
    bool is_waking;      /* it is being invoked */
    bool has_aborter;
    bool aborter_is_wanted;
    struct delivery_stats stats;
    struct notifier notifier;
    struct cond changed; /* broadcast to threads of the program that wait in flush, pump, receive or close */
    struct cond wanted;  /* signalled to the aborter */

    struct thread aborter; /* set under lock before has_aborter */
};

enum { WAKEUP_EVENTS = 1, WAKEUP_IDLE = 2 };

/* OPERATION if the system refuses a descriptor, NO_MEMORY if it refuses anything else. */
wcenc_status wcenc__delivery_init(struct delivery *delivery, const wcenc_encoder_desc *callbacks, struct mutex *lock,
                                  const struct delivery_owner *owner);
void wcenc__delivery_destroy(struct delivery *delivery);

/*
 * A second thread of the library for WCENC_DELIVERY_THREAD: dispatches the completions of flushes that are aborted
 * while the worker is inside the codec. Started by the first asynchronous flush; once is enough. False if the system
 * refuses.
 */
bool wcenc__delivery_start_aborter(struct delivery *delivery);
/* False if there is no thread that was not taken yet: to be joined without the lock, or detached. */
bool wcenc__delivery_take_thread(struct delivery *delivery, struct thread *thread);

/* Results. */

/* Takes over the chunk reference; false, with nothing taken, if out of memory. */
bool wcenc__delivery_post_output(struct delivery *delivery, wcenc_chunk *chunk);
/* True if drops are reported to somebody. */
static inline bool wcenc__delivery_wants_drops(const struct delivery *delivery)
{
    return delivery->callbacks.on_drop || delivery->callbacks.delivery == WCENC_DELIVERY_PULL;
}

/* Takes over the event, which was allocated by mem_alloc. */
void wcenc__delivery_post_drop(struct delivery *delivery, struct drop_event *drop);
/* The encoder closes when the error is first. Once at most in a generation. */
void wcenc__delivery_post_error(struct delivery *delivery, const struct failure *failure);

/* The queue was emptied, which is reported later. */
void wcenc__delivery_queue_emptied(struct delivery *delivery);
/* A frame was added to the encoder's queue. */
void wcenc__delivery_queue_grew(struct delivery *delivery, uint32_t size);
/* The queue has become shorter: posts a dequeue event, unless one is queued or would not report a smaller size. */
void wcenc__delivery_queue_shrank(struct delivery *delivery, uint32_t size);

/* Flushes and the close. */

void wcenc__delivery_add_flush(struct delivery *delivery, struct ticket *ticket, uint64_t number);
/* Everything up to flush `number` is done: those up to it complete when what was posted before is delivered. */
void wcenc__delivery_reach_flush(struct delivery *delivery, uint64_t number);
/* Nobody waits for a blocking flush any more, done or not. */
void wcenc__delivery_withdraw_flush(struct delivery *delivery, struct ticket *ticket);

void wcenc__delivery_add_closing(struct delivery *delivery, wcenc_done_fn done, void *user);
/* The worker is over, or there is none: the completion of the close can be delivered, if one was asked for. */
void wcenc__delivery_reach_closing(struct delivery *delivery);

/*
 * For reset and close: removes every result from the list into `discarded`, to be freed by event_list_free without
 * the lock, and completes every flush with ABORTED. Returns the number of frames among them.
 */
uint64_t wcenc__delivery_abort(struct delivery *delivery, struct event_list *discarded);

/* No result comes any more. */
void wcenc__delivery_close(struct delivery *delivery);
/* The encoder is about to be freed, inside a callback if is_detached. */
void wcenc__delivery_end(struct delivery *delivery, bool is_detached);
/* Drops completions that nobody will receive any more. */
void wcenc__delivery_forget(struct delivery *delivery);

/* Closed, and nothing is left to be delivered nor will come. */
static inline bool wcenc__delivery_is_over(const struct delivery *delivery)
{
    return delivery->is_closed && delivery->pending == 0 && delivery->closing == CLOSING_NONE;
}

/* Dispatching (delivery_dispatch.c) */

/* What an event delivers, once it was taken from the list and has had its effect. */
struct taken {
    int32_t type;
    bool is_silent;      /* a blocking flush: nobody is invoked */
    wcenc_chunk *chunk;  /* OUTPUT: a reference */
    wcenc_drop drop;     /* DROP */
    uint32_t queue_size; /* DEQUEUE */
    wcenc_status status;
    wcenc_done_fn done; /* completions */
    void *user;
    struct event_list discarded; /* ERROR: to be freed without the lock */
};

/* Removes the first event, with its effects: counters, and the close for an error. */
void wcenc__delivery_take(struct delivery *delivery, struct taken *taken);
/* After it was delivered: ends what the event ends. */
void wcenc__delivery_finish(struct delivery *delivery, const struct taken *taken);
/* Without the lock: what an error left behind. */
void wcenc__delivery_release_failed(struct delivery *delivery, struct taken *taken);

/* True if an event can be dispatched or taken now. */
bool wcenc__delivery_is_ready(const struct delivery *delivery);

/* Takes the first event and invokes its callback, without the lock meanwhile. False if there was none to invoke. */
bool wcenc__delivery_dispatch(struct delivery *delivery);

/* Dispatches until nothing is left and no callback runs. */
void wcenc__delivery_dispatch_all(struct delivery *delivery);

/*
 * Waits until something has changed. False if the deadline has passed. `undo(argument)` is called, with the lock held,
 * in a thread that is cancelled meanwhile; it has to release the lock.
 */
bool wcenc__delivery_wait(struct delivery *delivery, int64_t deadline_ns, void (*undo)(void *), void *argument);

/* Waits until no callback runs and, with WCENC_DELIVERY_THREAD, everything is delivered. Not from inside a callback. */
void wcenc__delivery_wait_until_quiet(struct delivery *delivery, void (*undo)(void *), void *argument);

/* For a thread that has pumped and leaves something behind: nothing would make a wakeup due for that otherwise. */
void wcenc__delivery_leave_rest(struct delivery *delivery);

/* The worker has run out of work, which on_wakeup reports too. */
void wcenc__delivery_note_idle(struct delivery *delivery);

static inline bool wcenc__delivery_has_wakeup(const struct delivery *delivery)
{
    return delivery->due != 0 && !delivery->is_waking;
}

/* Invokes on_wakeup for what is due, without the lock meanwhile. The caller has a keepalive. */
void wcenc__delivery_wake(struct delivery *delivery);

#endif
