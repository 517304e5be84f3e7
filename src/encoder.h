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
 *                                           callbacks on the worker thread
 *
 * Rules
 *  - One lock per encoder. It is never held across a call of the codec or of the user.
 *  - Only the worker touches a codec.
 *  - `generation` counts resets and closes. What the worker made for an older one dies before it is told.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "config.h"
#include "delivery.h"
#include "log.h"
#include "queue.h"
#include "thread.h"
#include "worker.h"

struct wcenc_encoder {
    /* immutable after create */
    wcenc_encoder_init init;
    struct log log;
    struct mutex lock;
    struct cond work;    /* signalled to the worker: there is something to do */
    struct cond settled; /* broadcast: a ticket has ended, a callback has returned, a waiter has left */

    /* guarded by lock */
    uint32_t references; /* that users hold, and calls of theirs that run user code */
    bool is_ending;      /* the last one was given up, and who did so closes and frees */
    int32_t state;
    uint64_t generation;
    struct queue queue;
    uint32_t queue_size;           /* ENCODE messages in it */
    struct encoder_config *config; /* of the last configure; NULL unless configured */
    bool has_orientation;          /* of the first frame after configure */
    int32_t rotation;
    int32_t flip;
    struct delivery delivery;
    bool worker_has_started;
    bool worker_is_idle; /* waits for work; nothing of it is under way */
    bool worker_must_exit;
    bool worker_owns_encoder; /* the last reference went inside a callback: the worker frees everything when it exits */
    uint32_t frames_held;     /* by the codec, as of the last time the worker was idle */
    uint32_t waiters;         /* threads inside flush */

    /* worker only */
    struct worker worker;

    struct thread thread; /* set under lock before worker_has_started, joined by the last reference */
};

/* Frees an encoder that nobody can reach any more, and tells on_destroy. On the worker's own thread, or after joining
 * it. */
void wcenc__encoder_free(wcenc_encoder *encoder);

#endif
