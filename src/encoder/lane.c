/* SPDX-License-Identifier: MIT */

/* The thread of a lane: takes groups, and encodes their frames as they come. */

#include "lanes.h"

#include "callback_guard.h"
#include "mem.h"

/* Of its stream's sink. */
static enum stream_result put_result(struct lane *lane, const struct group_result *result, struct failure *failure)
{
    struct lanes *lanes = lane->lanes;
    struct group *group = lane->group;
    enum stream_result outcome = STREAM_OK;

    mutex_lock(lanes->lock);
    if (wcenc__group_is_stale(lanes, group)) {
        outcome = STREAM_STOPPED;
    } else if (!wcenc__group_put(group, result)) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", group->candidate->name);
        outcome = STREAM_FAILED;
    } else if (group == lanes->first) {
        cond_signal(lanes->work);
    }
    mutex_unlock(lanes->lock);
    return outcome;
}

static enum stream_result take_chunk(void *self, wcenc_chunk *chunk, struct failure *failure)
{
    const struct group_result result = {.type = GROUP_CHUNK, .u.chunk = chunk};
    enum stream_result outcome = put_result(self, &result, failure);

    if (outcome != STREAM_OK)
        wcenc_chunk_unref(chunk);
    return outcome;
}

static enum stream_result take_drop(void *self, const struct timeline_entry *frame, struct failure *failure)
{
    const struct group_result result = {.type = GROUP_DROP, .u.drop = *frame};

    return put_result(self, &result, failure);
}

/* With the lock held: the oldest group that no lane has; NULL if there is none, or enough are encoded. */
static struct group *find_group(const struct lanes *lanes)
{
    struct group *group = lanes->first;

    if (lanes->running >= lanes->limit)
        return NULL;
    while (group && group->lane)
        group = group->next;
    return group;
}

/* With the lock held: what the stream has spent since it was last asked. */
static void count_time(struct lane *lane)
{
    lane->lanes->converting_ns += lane->stream.converting_ns;
    lane->lanes->encoding_ns += lane->stream.encoding_ns;
    lane->stream.converting_ns = lane->stream.encoding_ns = 0;
}

/* With the lock held before and after: encodes the next frame, or what is left at the end. */
static enum stream_result encode_next(struct lane *lane, bool *is_over, struct failure *failure)
{
    struct lanes *lanes = lane->lanes;
    struct message message;
    enum stream_result result;

    *is_over = !wcenc__queue_pop(&lane->group->frames, &message);
    if (!*is_over) {
        lanes->waiting_bytes -= message.u.encode.frame.bytes;
        cond_signal(lanes->work);
    }
    mutex_unlock(lanes->lock);
    if (*is_over) {
        result = wcenc__stream_flush(&lane->stream, failure);
    } else {
        result = wcenc__stream_encode(&lane->stream, &message.u.encode, failure);
        wcenc__message_release(&message);
    }
    mutex_lock(lanes->lock);
    count_time(lane);
    return result;
}

/* With the lock held before and after: until there is a frame of the group, or will be none. */
static void wait_for_frame(struct lane *lane)
{
    struct lanes *lanes = lane->lanes;

    while (lane->group->frames.count == 0 && !lane->group->is_complete && !wcenc__group_is_stale(lanes, lane->group)) {
        lane->is_waiting = true;
        lane->busy_since_ns = 0;
        /* The encoder may have come to rest. */
        cond_signal(lanes->work);
        (void)cond_wait_for_work(&lane->wake, lanes->lock, DEADLINE_NEVER);
    }
    lane->is_waiting = false;
    lane->busy_since_ns = monotonic_ns();
}

/* With the lock held before and after. */
static void encode_frames(struct lane *lane)
{
    struct lanes *lanes = lane->lanes;
    struct group *group = lane->group;
    enum stream_result result = STREAM_OK;
    bool is_over = false;

    mutex_unlock(lanes->lock);
    wcenc__stream_reset(&lane->stream, group->generation);
    wcenc__stream_set_up(&lane->stream, group->config, group->candidate, &group->format);
    mutex_lock(lanes->lock);
    while (result == STREAM_OK && !is_over) {
        wait_for_frame(lane);
        if (wcenc__group_is_stale(lanes, group))
            return;
        result = encode_next(lane, &is_over, &group->failure);
    }
    group->has_failed = result == STREAM_FAILED;
}

/* With the lock held before and after. */
static void leave_group(struct lane *lane)
{
    struct lanes *lanes = lane->lanes;
    struct group *group = lane->group;
    struct queue rest;

    /* The worker adds nothing to a group that has failed or is stale. */
    wcenc__queue_take_all(&group->frames, &rest);
    for (size_t n = 0; n < rest.count; n++)
        lanes->waiting_bytes -= wcenc__queue_at(&rest, n)->u.encode.frame.bytes;
    mutex_unlock(lanes->lock);
    wcenc__queue_release_all(&rest);
    wcenc__stream_reset(&lane->stream, group->generation);
    mutex_lock(lanes->lock);
    count_time(lane);
    lanes->running--;
    group->is_done = true;
    lane->group = NULL;
    lane->busy_since_ns = 0;
    cond_signal(lanes->work);
    if (!group->is_discarded)
        return;
    lanes->discarded--;
    mutex_unlock(lanes->lock);
    wcenc__group_free(group);
    mutex_lock(lanes->lock);
}

void *wcenc__lane_main(void *argument)
{
    struct lane *lane = argument;
    struct lanes *lanes = lane->lanes;
    struct callback_scope scope;

    /* Frames' `release` and messages come from here at any time. */
    wcenc__callback_enter(&scope, lanes->encoder);
    mutex_lock(lanes->lock);
    for (;;) {
        struct group *group = find_group(lanes);

        if (group) {
            group->lane = lane;
            lane->group = group;
            lanes->running++;
            encode_frames(lane);
            leave_group(lane);
        } else if (lanes->is_ending) {
            break;
        } else {
            (void)cond_wait_for_work(&lane->wake, lanes->lock, DEADLINE_NEVER);
        }
    }
    mutex_unlock(lanes->lock);
    wcenc__stream_free(&lane->stream);
    wcenc__callback_leave(&scope);
    return NULL;
}

struct lane *wcenc__lane_create(struct lanes *lanes)
{
    struct lane *lane = mem_zalloc(sizeof *lane);
    const struct stream_sink sink = {lane, take_chunk, take_drop};

    if (!lane || cond_init(&lane->wake) != 0) {
        mem_free(lane);
        return NULL;
    }
    lane->lanes = lanes;
    wcenc__stream_init(&lane->stream, lanes->log, NULL, &sink);
    return lane;
}

void wcenc__lane_free(struct lane *lane)
{
    cond_destroy(&lane->wake);
    mem_free(lane);
}
