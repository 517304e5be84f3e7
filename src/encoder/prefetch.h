/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_PREFETCH_H
#define WCENC_ENCODER_PREFETCH_H

/*
 * Converts frames while they wait in the queue, so that conversion and encoding overlap. Its thread starts with the
 * first frame that had to be converted while others waited behind it. Nothing depends on it: a frame that it has not
 * begun with when the stream needs it is converted by the stream, and what it converted in vain is discarded.
 */

#include <stdbool.h>
#include <stdint.h>

#include "convert.h"
#include "frame.h"
#include "keepalive.h"
#include "queue.h"
#include "thread.h"

enum {
    PREFETCHED_MAX = 2,                    /* pictures that wait for the stream */
    PREFETCH_PICTURES = PREFETCHED_MAX + 2 /* and one with the backend, and one being converted */
};

struct prefetched {
    uint64_t number;        /* of the frame */
    struct picture picture; /* a reference */
};

enum prefetch_phase {
    PREFETCH_UNTRIED,     /* no thread yet */
    PREFETCH_UNAVAILABLE, /* one CPU has nothing to overlap, or the system refused a thread */
    PREFETCH_IDLE,
    PREFETCH_BUSY,
    PREFETCH_DONE, /* the thread has left its loop */
};

struct prefetcher {
    /* immutable after init */
    struct mutex *lock;
    const struct queue *queue;  /* guarded by lock */
    const uint64_t *generation; /* guarded by lock */
    struct keepalive keepalive;

    /* guarded by lock */
    enum prefetch_phase phase;
    bool has_thread;
    bool is_stopped;       /* to the thread: end */
    bool has_target;       /* frames are to be converted, to: */
    struct picture target; /* no planes */
    uint64_t last;         /* number of the last frame that it began with */
    uint64_t current;      /* number of the one that is being converted; 0: none */
    struct prefetched ready[PREFETCHED_MAX];
    int ready_count;
    int64_t converting_ns;
    struct cond wanted; /* signalled to the thread */
    struct cond done;   /* broadcast when it is through with a frame */

    struct thread thread; /* set under lock before has_thread */

    /* the stream's thread only */
    bool has_counted_cpus;
    bool has_one_cpu;

    /* its own thread only */
    struct converter *converter;
    struct picture pictures[PREFETCH_PICTURES]; /* references: memory that is used again */
};

/* False if the system refuses. */
bool wcenc__prefetch_init(struct prefetcher *prefetcher, struct mutex *lock, const struct queue *queue,
                          const uint64_t *generation, const struct keepalive *keepalive);
void wcenc__prefetch_destroy(struct prefetcher *prefetcher);

/* Without the lock, by the stream's thread: */

/*
 * Frames of this generation become pictures like `target`, whose planes do not matter. NULL: they are taken as they
 * are.
 */
void wcenc__prefetch_set_target(struct prefetcher *prefetcher, const struct picture *target, uint64_t generation);

/* A reference to what became of a frame, if it was begun with; waits until it is converted. */
bool wcenc__prefetch_take(struct prefetcher *prefetcher, uint64_t number, struct picture *picture);

/* With the lock held: */

/* Wakes the thread if there is something to do. */
void wcenc__prefetch_wake(struct prefetcher *prefetcher);
/* Waits until no frame is being converted. After a stop none is from then on. */
void wcenc__prefetch_wait(struct prefetcher *prefetcher);
/* For a reset: what was converted is of no use any more. */
void wcenc__prefetch_discard(struct prefetcher *prefetcher);
/* For a close: discards, and ends the thread. */
void wcenc__prefetch_stop(struct prefetcher *prefetcher);
/* False if there is no thread that was not taken yet: to be joined without the lock, or detached. */
bool wcenc__prefetch_take_thread(struct prefetcher *prefetcher, struct thread *thread);

#endif
