/* SPDX-License-Identifier: MIT */

#include "timeline.h"

#include <string.h>

#include "mem.h"

enum { INITIAL_CAPACITY = 64 };

void wcenc__timeline_init(struct timeline *timeline)
{
    memset(timeline, 0, sizeof *timeline);
}

void wcenc__timeline_free(struct timeline *timeline)
{
    mem_free(timeline->ring);
    wcenc__timeline_init(timeline);
}

void wcenc__timeline_restart(struct timeline *timeline)
{
    struct timeline_entry *ring = timeline->ring;
    size_t capacity = timeline->capacity;

    wcenc__timeline_init(timeline);
    timeline->ring = ring;
    timeline->capacity = capacity;
}

static struct timeline_entry *entry_at(const struct timeline *timeline, int64_t count)
{
    return &timeline->ring[(uint64_t)count & (timeline->capacity - 1)];
}

static bool grow(struct timeline *timeline)
{
    size_t capacity = timeline->capacity ? timeline->capacity * 2 : INITIAL_CAPACITY;
    struct timeline_entry *ring = mem_alloc(capacity * sizeof *ring);

    if (!ring)
        return false;
    for (int64_t count = timeline->oldest; count < timeline->next; count++)
        ring[(uint64_t)count & (capacity - 1)] = *entry_at(timeline, count);
    mem_free(timeline->ring);
    timeline->ring = ring;
    timeline->capacity = capacity;
    return true;
}

/* Entries stay while they are open, and beyond that while a decoding time may be made of them. */
static void forget_old(struct timeline *timeline)
{
    while (timeline->oldest < timeline->packets - TIMELINE_REORDER_MAX &&
           !entry_at(timeline, timeline->oldest)->is_open)
        timeline->oldest++;
}

bool wcenc__timeline_push(struct timeline *timeline, const struct timeline_entry *entry, int64_t *count)
{
    if ((uint64_t)(timeline->next - timeline->oldest) == timeline->capacity && !grow(timeline))
        return false;
    *count = timeline->next++;
    *entry_at(timeline, *count) = *entry;
    entry_at(timeline, *count)->is_open = true;
    timeline->open++;
    return true;
}

bool wcenc__timeline_take(struct timeline *timeline, int64_t count, struct timeline_entry *entry)
{
    struct timeline_entry *found;

    if (count < timeline->oldest || count >= timeline->next)
        return false;
    found = entry_at(timeline, count);
    if (!found->is_open)
        return false;
    *entry = *found;
    found->is_open = false;
    timeline->open--;
    return true;
}

void wcenc__timeline_skip(struct timeline *timeline)
{
    timeline->packets++;
    forget_old(timeline);
}

static int64_t subtract_saturating(int64_t value, uint64_t amount)
{
    uint64_t room = (uint64_t)value - (uint64_t)INT64_MIN;

    return amount > room ? INT64_MIN : (int64_t)((uint64_t)value - amount);
}

int64_t wcenc__timeline_continue(struct timeline *timeline, int64_t dts_us, int64_t timestamp_us)
{
    /*
     * Timestamps that do not increase, or a depth that grew when the encoder was reopened, must not take decoding
     * times back; a step of one microsecond keeps them strict as long as they stay before the picture is due.
     */
    if (timeline->has_dts && dts_us <= timeline->last_dts_us)
        dts_us = timeline->last_dts_us < timestamp_us ? timeline->last_dts_us + 1 : timeline->last_dts_us;
    timeline->last_dts_us = dts_us;
    timeline->has_dts = true;
    return dts_us;
}

int64_t wcenc__timeline_next_dts(struct timeline *timeline, uint32_t reorder_depth, int64_t frame_duration_us,
                                 int64_t timestamp_us)
{
    uint32_t depth = reorder_depth < TIMELINE_REORDER_MAX ? reorder_depth : TIMELINE_REORDER_MAX;
    int64_t place = timeline->packets++ - (int64_t)depth;
    int64_t dts;

    if (place >= 0)
        dts = entry_at(timeline, place)->timestamp_us;
    else
        dts = subtract_saturating(entry_at(timeline, 0)->timestamp_us, (uint64_t)-place * (uint64_t)frame_duration_us);
    dts = wcenc__timeline_continue(timeline, dts, timestamp_us);
    forget_old(timeline);
    return dts;
}

size_t wcenc__timeline_open_count(const struct timeline *timeline)
{
    return timeline->open;
}
