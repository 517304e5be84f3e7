/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_LANES_H
#define WCENC_ENCODER_LANES_H

/*
 * Closed groups that are encoded at once. The worker cuts the stream into groups and adds each frame to the last one. A
 * lane is a thread with a stream of its own: it takes the oldest group that no other has, and encodes its frames as
 * they come. The worker takes the results of the groups in their order. Where the cuts are does not depend on the
 * lanes, and nothing passes from one group to the next, so that the chunks do not depend on them either.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "group.h"
#include "log.h"
#include "stream.h"
#include "thread.h"

struct lanes;

struct lane {
    struct lane *next;
    struct lanes *lanes;
    struct thread thread;
    struct stream stream; /* its own thread only */

    /* guarded by lock */
    struct group *group;   /* that it encodes; NULL: it waits for one */
    bool is_waiting;       /* for a frame of the group */
    int64_t busy_since_ns; /* 0: it waits */
    struct cond wake;      /* signalled to it: a group or a frame may be there, or the end */
};

struct lanes {
    /* immutable after init */
    const wcenc_encoder *encoder; /* whose frames they release; not looked into */
    const struct log *log;
    struct mutex *lock;
    const uint64_t *generation; /* guarded by lock */
    struct cond *work;          /* signalled to the worker */

    /* guarded by lock */
    struct group *first, *last; /* whose results have not all been taken; all but the last are complete */
    struct lane *all;
    uint32_t count;         /* of lanes */
    uint32_t limit;         /* groups that may be encoded at once */
    uint32_t running;       /* groups that are */
    uint32_t discarded;     /* of these */
    uint64_t waiting_bytes; /* of frames that no lane has taken */
    bool is_ending;         /* to the lanes: end */
    bool has_failed;        /* no group can be added: `failure` follows the last one */
    struct failure failure; /* with has_failed */
    int64_t converting_ns;  /* so far */
    int64_t encoding_ns;
};

void wcenc__lanes_init(struct lanes *lanes, const wcenc_encoder *encoder, const struct log *log, struct mutex *lock,
                       const uint64_t *generation, struct cond *work);

/* Without the lock, by the worker: */

/*
 * Adds a frame, which is taken over, to the last group, or to a new one if that is to end. `stream` says what frames
 * are encoded as. A failure becomes a result behind those of the frames before.
 */
void wcenc__lanes_encode(struct lanes *lanes, struct stream *stream, uint32_t limit, struct queued_frame *frame);

/* Releases every group. The lanes leave theirs after the frame that they are at. */
void wcenc__lanes_discard(struct lanes *lanes);

/* Discards, waits until the lanes have closed their encoders, and ends them. */
void wcenc__lanes_end(struct lanes *lanes);

/* With the lock held: */

/* Whether a frame of so many bytes has to wait; `max_bytes` is 0 where there is no limit. */
bool wcenc__lanes_are_full(const struct lanes *lanes, uint64_t bytes, uint64_t max_bytes);

/* The last group ends. True if no group is left whose results were not taken. */
bool wcenc__lanes_finish(struct lanes *lanes);

/* The next result in the order of the groups. False if there is none yet. */
bool wcenc__lanes_take(struct lanes *lanes, struct group_result *result);

/* No group is left, so that the next frame begins one. */
bool wcenc__lanes_are_empty(const struct lanes *lanes);

/* Nothing follows before the next frame or message. */
bool wcenc__lanes_are_resting(const struct lanes *lanes);

/* When the oldest work of a lane that is not over began; 0 if there is none. */
int64_t wcenc__lanes_busy_since(const struct lanes *lanes);

/* Private to the files of the lanes: */

/* With the lock held: nobody wants the results of a group. */
static inline bool wcenc__group_is_stale(const struct lanes *lanes, const struct group *group)
{
    return group->is_discarded || group->generation != *lanes->generation;
}

/* NULL if out of memory. */
struct lane *wcenc__lane_create(struct lanes *lanes);
void wcenc__lane_free(struct lane *lane);

/* Of its thread; the argument is the lane. */
void *wcenc__lane_main(void *lane);

#endif
