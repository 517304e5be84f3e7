/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_WORKER_H
#define WCENC_ENCODER_WORKER_H

/* The thread that takes messages from the queue and drives the stream with them, one per encoder. */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "stream.h"
#include "thread.h"

enum worker_phase {
    WORKER_NONE,    /* not started */
    WORKER_IDLE,    /* waits for work */
    WORKER_BUSY,    /* works, on nothing that a call waits for */
    WORKER_REQUEST, /* works on a configure or a flush */
    WORKER_DONE,    /* has left its loop and freed the codec */
};

struct worker {
    /* guarded by lock */
    enum worker_phase phase;
    bool has_thread;
    bool has_failed;          /* an error is posted: nothing more is done in this generation */
    uint64_t generation;      /* that the stream belongs to; written by the worker only */
    int64_t busy_since_ns;    /* 0: it is not at work */
    int64_t converting_ns;    /* of the stream, so far */
    int64_t encoding_ns;      /* of the stream, so far */
    uint32_t waiting_flushes; /* while there are any, max_pending_results does not hold */
    struct cond work;         /* signalled to it: there is something to do */

    struct thread thread; /* set under lock before has_thread */

    /* the worker's thread only */
    struct stream stream;
};

/* False if the system refuses. */
bool wcenc__worker_init(wcenc_encoder *encoder);
void wcenc__worker_destroy(struct worker *worker);

/* With the lock held. It runs from the first configure on. OPERATION, with a message, if the system refuses. */
wcenc_status wcenc__worker_start(wcenc_encoder *encoder);

/* With the lock held: puts a message into the queue. */
wcenc_status wcenc__worker_post(wcenc_encoder *encoder, const struct message *message);

/* With the lock held: there may be something to do. */
void wcenc__worker_wake(struct worker *worker);

/* With the lock held. False if there is no thread that was not taken yet: to be joined without the lock, or detached.
 */
bool wcenc__worker_take_thread(struct worker *worker, struct thread *thread);

/* With the lock held: works on nothing of this generation. */
bool wcenc__worker_is_resting(const struct worker *worker, uint64_t generation);

#endif
