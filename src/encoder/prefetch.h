/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_PREFETCH_H
#define WCENC_ENCODER_PREFETCH_H

/*
 * Converts frames while they wait in the queue, so that conversion and encoding overlap. Its thread is there from the
 * first frame on that had to be converted while others waited behind it. Nothing depends on it: a frame that it has not
 * taken up when its turn comes is converted by the worker, and what it made in vain is thrown away.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "convert.h"
#include "frame.h"
#include "thread.h"

enum {
    PREPARED_MAX = 2,                    /* that lie ready */
    PREPARER_PICTURES = PREPARED_MAX + 2 /* and one with the encoder, and one being made */
};

struct prepared {
    uint64_t number;        /* of the frame */
    struct picture picture; /* a reference */
};

struct preparer {
    /* guarded by lock */
    bool works; /* there is a thread */
    bool is_idle;
    bool is_aimed;         /* frames are to be converted, to: */
    struct picture target; /* no planes */
    uint64_t last;         /* number of the last frame that was taken up */
    uint64_t busy;         /* number of the one that is being converted; 0: none */
    struct prepared ready[PREPARED_MAX];
    int ready_count;
    struct cond wanted; /* signalled to the thread */
    struct cond done;   /* broadcast when it is through with a frame */

    struct thread thread; /* set under lock before `works` */

    /* of the worker only */
    bool was_weighed; /* is_useless is known */
    bool is_useless;  /* one CPU has nothing to overlap; or the system refuses the thread */

    /* of the thread only */
    struct converter *converter;
    struct picture pictures[PREPARER_PICTURES]; /* references: memory that is used again */
};

/* False where the system refuses. */
bool wcenc__preparer_init(struct preparer *preparer);
void wcenc__preparer_destroy(struct preparer *preparer);

/*
 * By the worker, without the lock: frames are to become pictures like `target`, whose planes do not matter; NULL says
 * that they are taken as they are.
 */
void wcenc__preparer_aim(wcenc_encoder *encoder, const struct picture *target);

/* By the worker, without the lock: a reference to what became of a frame, if it was taken up; waits until it is made.
 */
bool wcenc__preparer_take(wcenc_encoder *encoder, uint64_t number, struct picture *picture);

/* With the lock held: wakes the thread if there is something to do. */
void wcenc__preparer_wake(wcenc_encoder *encoder);

/* With the lock held before and after: waits until no frame is being converted. Once closed, none is after that. */
void wcenc__preparer_wait(wcenc_encoder *encoder);

/* With the lock held, for reset and close: nothing that was made is of use any more. */
void wcenc__preparer_forget(wcenc_encoder *encoder);

#endif
