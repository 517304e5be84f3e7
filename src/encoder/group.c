/* SPDX-License-Identifier: MIT */

#include "group.h"

#include <string.h>

#include "mem.h"

struct group *wcenc__group_create(const struct stream *stream)
{
    struct group *group = mem_zalloc(sizeof *group);

    if (!group)
        return NULL;
    group->config = wcenc__config_ref(stream->config);
    group->candidate = stream->candidate;
    group->format = stream->format;
    group->generation = stream->generation;
    return group;
}

void wcenc__group_free(struct group *group)
{
    struct group_result result;

    while (group->first && wcenc__group_take(group, &result))
        if (result.type == GROUP_CHUNK)
            wcenc_chunk_unref(result.u.chunk);
    wcenc__queue_release_all(&group->frames);
    wcenc__config_unref(group->config);
    mem_free(group);
}

bool wcenc__group_add(struct group *group, struct queued_frame *frame)
{
    const struct message message = {.type = MESSAGE_ENCODE, .u.encode = *frame};

    if (!wcenc__queue_push(&group->frames, &message))
        return false;
    group->frame_count++;
    memset(&frame->frame, 0, sizeof frame->frame);
    return true;
}

bool wcenc__group_put(struct group *group, const struct group_result *result)
{
    struct kept_result *kept = mem_alloc(sizeof *kept);

    if (!kept)
        return false;
    *kept = (struct kept_result){NULL, *result};
    if (group->last)
        group->last->next = kept;
    else
        group->first = kept;
    group->last = kept;
    return true;
}

bool wcenc__group_take(struct group *group, struct group_result *result)
{
    struct kept_result *kept = group->first;

    if (kept) {
        *result = kept->result;
        group->first = kept->next;
        if (!group->first)
            group->last = NULL;
        mem_free(kept);
        return true;
    }
    if (!group->has_failed)
        return false;
    *result = (struct group_result){.type = GROUP_FAILURE, .u.failure = &group->failure};
    return true;
}
