/* SPDX-License-Identifier: MIT */

/* The worker's side of the lanes: where groups are cut, and their results in order. */

#include "lanes.h"

#include <string.h>

#include "hdr_metadata.h"

void wcenc__lanes_init(struct lanes *lanes, const wcenc_encoder *encoder, const struct log *log, struct mutex *lock,
                       const uint64_t *generation, struct cond *work)
{
    memset(lanes, 0, sizeof *lanes);
    lanes->encoder = encoder;
    lanes->log = log;
    lanes->lock = lock;
    lanes->generation = generation;
    lanes->work = work;
}

static void fail(struct lanes *lanes, wcenc_status status, const struct stream *stream)
{
    mutex_lock(lanes->lock);
    (void)wcenc__lanes_finish(lanes);
    wcenc__failure_set(&lanes->failure, status, 0, "%s: %s", stream->candidate->name,
                       status == WCENC_ERROR_NO_MEMORY ? "out of memory" : "the system refused a thread");
    lanes->has_failed = true;
    mutex_unlock(lanes->lock);
}

/* With the lock held: for one group more, beside those that no lane has taken as yet. */
static bool needs_lane(const struct lanes *lanes)
{
    uint32_t idle = 0, waiting = 0;

    for (const struct lane *lane = lanes->all; lane; lane = lane->next)
        idle += !lane->group;
    for (const struct group *group = lanes->first; group; group = group->next)
        waiting += !group->lane;
    return idle <= waiting && lanes->count < lanes->limit;
}

/* There is one more, if that gains something. With fewer lanes the stream is the same; without any there is none. */
static wcenc_status start_lane(struct lanes *lanes)
{
    struct lane *lane;
    bool is_needed, is_started;

    mutex_lock(lanes->lock);
    is_needed = needs_lane(lanes);
    mutex_unlock(lanes->lock);
    if (!is_needed)
        return WCENC_OK;
    lane = wcenc__lane_create(lanes);
    if (!lane)
        return lanes->count > 0 ? WCENC_OK : WCENC_ERROR_NO_MEMORY;
    mutex_lock(lanes->lock);
    is_started = wcenc__thread_start(&lane->thread, "wcenc-lane", wcenc__lane_main, lane) == 0;
    if (is_started) {
        lane->next = lanes->all;
        lanes->all = lane;
        lanes->count++;
    }
    mutex_unlock(lanes->lock);
    if (!is_started)
        wcenc__lane_free(lane);
    return lanes->count > 0 ? WCENC_OK : WCENC_ERROR_OPERATION;
}

/* With the lock held: the lanes that have no group. */
static void wake_idle_lanes(struct lanes *lanes)
{
    for (struct lane *lane = lanes->all; lane; lane = lane->next)
        if (!lane->group)
            cond_signal(&lane->wake);
}

/* NULL, with the lanes failed, if that fails. */
static struct group *open_group(struct lanes *lanes, const struct stream *stream, uint32_t limit)
{
    struct group *group = NULL;
    wcenc_status status;

    mutex_lock(lanes->lock);
    lanes->limit = limit;
    mutex_unlock(lanes->lock);
    status = start_lane(lanes);
    if (status == WCENC_OK)
        group = wcenc__group_create(stream);
    if (!group)
        fail(lanes, status == WCENC_OK ? WCENC_ERROR_NO_MEMORY : status, stream);
    return group;
}

/* The first frame after a configure decides what the stream is in, and RGB where there was no matrix. */
static bool fix_format(struct stream *stream, const struct frame_view *frame)
{
    const struct stream_format before = stream->format;
    const bool had_format = stream->has_format;

    if (wcenc__stream_has_format_for(stream, frame))
        return false;
    stream->format = wcenc__stream_format(stream, frame);
    stream->has_format = true;
    return had_format && !wcenc__stream_format_equal(&before, &stream->format);
}

/* Whether a frame begins a group. Nothing but frames and messages decides, so that it is the same everywhere. */
static bool begins_group(const struct lanes *lanes, struct stream *stream, const struct queued_frame *frame)
{
    const struct group *last = lanes->last;
    const bool is_new_format = fix_format(stream, &frame->frame);
    const bool is_new_hdr = !hdr_metadata_equal(&stream->hdr_metadata, &frame->hdr_metadata);

    stream->hdr_metadata = frame->hdr_metadata;
    return !last || last->is_complete || frame->key_frame || is_new_format || is_new_hdr;
}

/* With the lock held. */
static void append_group(struct lanes *lanes, struct group *group)
{
    (void)wcenc__lanes_finish(lanes);
    if (lanes->last)
        lanes->last->next = group;
    else
        lanes->first = group;
    lanes->last = group;
    wake_idle_lanes(lanes);
}

/* With the lock held. False if out of memory. */
static bool add_frame(struct lanes *lanes, struct queued_frame *frame)
{
    struct group *last = lanes->last;
    const uint64_t bytes = frame->frame.bytes;

    /* What has failed discards the frame. */
    if (last->has_failed || wcenc__group_is_stale(lanes, last))
        return true;
    if (!wcenc__group_add(last, frame))
        return false;
    lanes->waiting_bytes += bytes;
    if (last->lane)
        cond_signal(&last->lane->wake);
    /* It does not wait for a frame to come that would begin another. */
    if (last->frame_count == last->config->key_interval)
        (void)wcenc__lanes_finish(lanes);
    return true;
}

void wcenc__lanes_encode(struct lanes *lanes, struct stream *stream, uint32_t limit, struct queued_frame *frame)
{
    struct group *group = NULL;
    bool is_added;

    wcenc__stream_stop_converting(stream);
    if (begins_group(lanes, stream, frame)) {
        group = open_group(lanes, stream, limit);
        if (!group)
            return;
    }
    mutex_lock(lanes->lock);
    if (group)
        append_group(lanes, group);
    is_added = add_frame(lanes, frame);
    mutex_unlock(lanes->lock);
    if (!is_added)
        fail(lanes, WCENC_ERROR_NO_MEMORY, stream);
}

void wcenc__lanes_discard(struct lanes *lanes)
{
    struct group *unused = NULL, *group, *next;

    mutex_lock(lanes->lock);
    for (group = lanes->first; group; group = next) {
        next = group->next;
        group->is_discarded = true;
        if (group->lane && !group->is_done) {
            lanes->discarded++;
            cond_signal(&group->lane->wake);
            continue;
        }
        for (size_t n = 0; n < group->frames.count; n++)
            lanes->waiting_bytes -= wcenc__queue_at(&group->frames, n)->u.encode.frame.bytes;
        group->next = unused;
        unused = group;
    }
    lanes->first = lanes->last = NULL;
    lanes->has_failed = false;
    mutex_unlock(lanes->lock);
    for (; unused; unused = next) {
        next = unused->next;
        wcenc__group_free(unused);
    }
}

void wcenc__lanes_end(struct lanes *lanes)
{
    wcenc__lanes_discard(lanes);
    mutex_lock(lanes->lock);
    lanes->is_ending = true;
    for (struct lane *lane = lanes->all; lane; lane = lane->next)
        cond_signal(&lane->wake);
    mutex_unlock(lanes->lock);
    while (lanes->all) {
        struct lane *lane = lanes->all;

        thread_join(&lane->thread);
        mutex_lock(lanes->lock);
        lanes->all = lane->next;
        mutex_unlock(lanes->lock);
        wcenc__lane_free(lane);
    }
}

bool wcenc__lanes_are_full(const struct lanes *lanes, uint64_t bytes, uint64_t max_bytes)
{
    return lanes->has_failed || (max_bytes && lanes->waiting_bytes > 0 && lanes->waiting_bytes + bytes > max_bytes);
}

bool wcenc__lanes_finish(struct lanes *lanes)
{
    struct group *last = lanes->last;

    mutex_assert_held(lanes->lock);
    if (last && !last->is_complete) {
        last->is_complete = true;
        if (last->lane)
            cond_signal(&last->lane->wake);
    }
    return !last && !lanes->has_failed;
}

bool wcenc__lanes_take(struct lanes *lanes, struct group_result *result)
{
    struct group *group;

    mutex_assert_held(lanes->lock);
    while ((group = lanes->first)) {
        if (wcenc__group_take(group, result))
            return true;
        if (!group->is_done)
            return false;
        lanes->first = group->next;
        if (!lanes->first)
            lanes->last = NULL;
        wcenc__group_free(group);
    }
    if (lanes->has_failed)
        *result = (struct group_result){.type = GROUP_FAILURE, .u.failure = &lanes->failure};
    return lanes->has_failed;
}

bool wcenc__lanes_are_empty(const struct lanes *lanes)
{
    return !lanes->first && !lanes->has_failed;
}

bool wcenc__lanes_are_resting(const struct lanes *lanes)
{
    const struct group *open = lanes->first;

    if (lanes->discarded > 0 || lanes->has_failed)
        return false;
    return !open || (!open->is_complete && open->lane && open->lane->is_waiting && open->frames.count == 0 &&
                     !open->first && !open->has_failed);
}

int64_t wcenc__lanes_busy_since(const struct lanes *lanes)
{
    int64_t oldest = 0;

    for (const struct lane *lane = lanes->all; lane; lane = lane->next)
        if (lane->busy_since_ns && (!oldest || lane->busy_since_ns < oldest))
            oldest = lane->busy_since_ns;
    return oldest;
}
