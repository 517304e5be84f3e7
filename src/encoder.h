/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_ENCODER_H
#define WCENC_SRC_ENCODER_H

/*
 * The encoder, and how its parts hang together:
 *
 *  caller's thread                           worker thread, one per encoder
 *  ---------------                           ------------------------------
 *  encoder.c   checks, state machine
 *     | control message: configure / encode / flush
 *     v
 *  queue.c   --------- pop --------------->  worker.c --> convert.c --> backend (lavc/)
 *                                               | packets                  |
 *                                               v                          v
 *                                           delivery.c <-- chunk.c <-- lavc/packet.c
 *                                               |  order, flush tickets
 *                                               v
 *                callbacks on the library's thread | callbacks when pumped | events when received
 *
 * Rules
 *  - One lock per encoder. It is never held across a call of the codec or of the user.
 *  - Only the worker touches a codec. The preparer converts frames that still wait in the queue.
 *  - `generation` counts resets and closes. What the worker made for an older one dies before it is told.
 *  - The memory lives as long as there are `references`, which users hold, and `pins`: one for each thread of the
 *    library, and one for each call that waits or runs user code and looks at the encoder afterwards.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "config.h"
#include "delivery.h"
#include "log.h"
#include "notifier.h"
#include "preparer.h"
#include "queue.h"
#include "thread.h"
#include "worker.h"

struct wcenc_encoder {
    /* immutable after create */
    wcenc_encoder_init init;
    struct log log;
    uint32_t process; /* wcenc__process_number() of the one that it belongs to */
    struct mutex lock;
    struct cond work;    /* signalled to the worker: there is something to do */
    struct cond settled; /* broadcast: something has ended, come, or left that calls may wait for */

    /* guarded by lock */
    uint32_t references;
    uint32_t pins;
    bool is_ending; /* the last reference was given up, and who did so ends the encoder */
    bool is_orphan; /* and did so inside a callback: who takes out the last pin frees it */
    int32_t state;
    uint64_t generation;
    struct queue queue;
    uint32_t queue_size;           /* ENCODE messages in it */
    uint64_t queued_bytes;         /* of their frames */
    bool owes_key;                 /* a frame with a key request was dropped, and none came after it */
    struct encoder_config *config; /* of the last configure; NULL unless configured */
    bool has_orientation;          /* of the first frame after configure */
    int32_t rotation;
    int32_t flip;
    int32_t quantizer; /* of the last frame that had one, or -1 */
    struct delivery delivery;
    struct notifier notifier;
    struct preparer preparer;
    uint64_t last_frame;       /* number of the last frame that was queued */
    struct wcenc_stats stats;  /* sums only; what is of the moment is filled in when asked for */
    uint32_t frames_in_flight; /* taken by the worker in this generation, neither posted nor discarded */
    int64_t busy_since_ns;     /* 0: the encoder is not at work */
    bool worker_has_started;
    bool worker_is_idle;      /* waits for work */
    bool worker_is_over;      /* has left its loop and freed the codec: it does nothing more */
    bool worker_has_request;  /* is about a CONFIGURE or a FLUSH that is not done */
    bool must_exit;           /* to the threads of the library */
    uint32_t waiting_flushes; /* while there are any, max_pending_results does not hold */

    /* worker only */
    struct worker worker;

    struct thread thread; /* set under lock before worker_has_started */
};

/*
 * What every entry point begins with: TYPE with words for NULL, INVALID_STATE in a forked child, where nothing of the
 * encoder may be touched, its lock included.
 */
wcenc_status wcenc__encoder_check(const wcenc_encoder *encoder);

/* INVALID_STATE, with words, unless the encoder is configured. With the lock held. */
wcenc_status wcenc__encoder_check_configured(const wcenc_encoder *encoder);

/* Gives up the lock, and calls on_wakeup where that is due. Without a pin the encoder may be gone afterwards. */
void wcenc__encoder_unlock(wcenc_encoder *encoder);

/*
 * Both with the lock held; unpin gives it up as unlock does. Without another pin the encoder may be gone afterwards.
 */
void wcenc__encoder_pin(wcenc_encoder *encoder);
void wcenc__encoder_unpin(wcenc_encoder *encoder);

/* wcenc__encoder_unpin as the end of a wait that is cancelled. */
void wcenc__encoder_abandon(void *encoder);

/* With the lock held. The worker is there from the first configure on. */
wcenc_status wcenc__encoder_start_worker(wcenc_encoder *encoder);

/* TYPE, with words, unless `done` is given just where it would be called. */
wcenc_status wcenc__encoder_check_done(const wcenc_encoder *encoder, wcenc_done_fn done);

/* With the lock held: puts a message into the queue. */
wcenc_status wcenc__encoder_post(wcenc_encoder *encoder, const struct message *message);

/*
 * What belongs to a generation that has ended, taken out of the encoder with the lock held, and let go of without it:
 * frames' `release` is user code.
 */
struct old_generation {
    struct queue messages;
    struct event_list events;
    struct encoder_config *config;
};

/* With the lock held, for a close by error too, whose events and tickets are the delivery's to end. */
void wcenc__encoder_end_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old);

/* Without the lock. */
void wcenc__encoder_release_generation(wcenc_encoder *encoder, struct old_generation *old);

/*
 * With the lock held before and after, a pin too; gives it up meanwhile. The close of close and destroy. Where the
 * thread is cancelled while it waits, `undo(encoder)` gives up the lock and the pin.
 */
void wcenc__encoder_close(wcenc_encoder *encoder, void (*undo)(void *encoder));

#endif
