/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_WORKER_H
#define WCENC_ENCODER_WORKER_H

/* The thread that takes messages from the queue and drives the stream with them, one per encoder. */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "lanes.h"
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

    /* says what guards its members; with parallel groups */
    struct lanes lanes;

    /* the worker's thread only */
    bool is_active; /* in the eyes of the pool */

    /* and this too; with parallel groups it is configured, but encodes nothing */
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

/* With the lock held: when the oldest work began that is not over, that of lanes included; 0 if there is none. */
int64_t wcenc__worker_busy_since(const struct worker *worker);

/* With the lock held: works on nothing of this generation, nor do the lanes. */
bool wcenc__worker_is_resting(const struct worker *worker, uint64_t generation);

/* Private to the files of the worker, with the lock held unless said otherwise: */

/* Post what has become of a frame; the lock is released meanwhile. The chunk is taken over. */
enum stream_result wcenc__worker_post_chunk(wcenc_encoder *encoder, wcenc_chunk *chunk, struct failure *failure);
enum stream_result wcenc__worker_post_drop(wcenc_encoder *encoder, const struct timeline_entry *frame,
                                           struct failure *failure);

/* As many results wait as may, and nobody waits for a flush. */
bool wcenc__worker_results_are_full(const wcenc_encoder *encoder);

/* Nothing more is done in this generation. */
void wcenc__worker_fail(wcenc_encoder *encoder, const struct failure *failure);

/* By the worker alone, with the lock or without: whether the lanes encode. */
bool wcenc__worker_has_groups(const wcenc_encoder *encoder);

/* As many frames are in the lanes as may. */
bool wcenc__worker_lanes_are_full(const wcenc_encoder *encoder, const struct queued_frame *frame);

/* Without the lock. Takes over the frame. */
void wcenc__worker_encode_in_lanes(wcenc_encoder *encoder, struct queued_frame *frame);

/* Posts a result of the lanes; the lock is released meanwhile. False if they have none that may be posted now. */
bool wcenc__worker_take_result(wcenc_encoder *encoder);

/* Without the lock, by the worker alone: whether the pool of frames' memory keeps some for it. */
void wcenc__worker_set_active(struct worker *worker, bool is_active);

/* While the worker counts as idle; may end without work. A worker without work for a second becomes inactive. */
void wcenc__worker_wait_for_work(wcenc_encoder *encoder);

#endif
