/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_GROUP_H
#define WCENC_ENCODER_GROUP_H

/*
 * A closed group: frames that an encoder of their own encodes, and what has become of them. The encoder's lock guards
 * it, unless said otherwise. It has no thread and no encoder.
 */

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "queue.h"
#include "stream.h"

enum group_result_type { GROUP_CHUNK, GROUP_DROP, GROUP_FAILURE };

struct group_result {
    enum group_result_type type;
    union {
        wcenc_chunk *chunk; /* CHUNK: a reference */
        struct timeline_entry drop;
        const struct failure *failure; /* lives until the groups are discarded */
    } u;
};

/* In a group's list. */
struct kept_result {
    struct kept_result *next;
    struct group_result result;
};

struct lane;

struct group {
    struct group *next;

    /* immutable */
    struct encoder_config *config; /* a reference */
    const struct codec_candidate *candidate;
    struct stream_format format;
    uint64_t generation;

    uint32_t frame_count; /* of all that were added; the worker only */

    /* guarded by lock */
    struct queue frames;    /* that its lane has not taken */
    struct lane *lane;      /* that encodes it; NULL: none yet */
    bool is_complete;       /* no frame is added any more */
    bool is_done;           /* the lane has left it */
    bool is_discarded;      /* nobody wants its results: the lane frees it, if it has one */
    bool has_failed;        /* `failure` is its last result */
    struct failure failure; /* with has_failed */
    struct kept_result *first, *last;
};

/* What frames are encoded as now. NULL if out of memory. */
struct group *wcenc__group_create(const struct stream *stream);

/* Releases everything. No lock may be held, since frames may be among it. */
void wcenc__group_free(struct group *group);

/* Takes over the frame, which is empty afterwards. False, with nothing taken, if out of memory. */
bool wcenc__group_add(struct group *group, struct queued_frame *frame);

/* Takes over what the result holds. False, with nothing taken, if out of memory. */
bool wcenc__group_put(struct group *group, const struct group_result *result);

/* The next result; a failure stays the last one. False if there is none yet. */
bool wcenc__group_take(struct group *group, struct group_result *result);

#endif
