/* SPDX-License-Identifier: MIT */

/* Cutting a stream into runs of whole groups. */

#include "run.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <math.h>

static const enum AVRounding fps_rounding = AV_ROUND_NEAR_INF | AV_ROUND_PASS_MINMAX;

/* As the library chooses it: ten seconds, at most 300 frames. It is passed on, so that all machines have the same. */
uint32_t run_group_length(const struct options *options, double framerate)
{
    enum { SECONDS = 10, FRAMES_MOST = 300 };
    double frames = ceil(SECONDS * framerate);

    if (options->key_interval)
        return options->key_interval;
    return frames < 1 ? 1 : frames > FRAMES_MOST ? FRAMES_MOST : (uint32_t)frames;
}

/* The number of the fps filter's frame at a time. */
static int64_t output_number(const struct run_frames *frames, int64_t time_us)
{
    return av_rescale_q_rnd(time_us, AV_TIME_BASE_Q, av_inv_q(frames->framerate), fps_rounding);
}

static int64_t output_us(const struct run_frames *frames, int64_t number)
{
    return av_rescale_q(number, av_inv_q(frames->framerate), AV_TIME_BASE_Q);
}

static bool is_wanted(const struct options *options, int64_t timestamp_us)
{
    return options->duration <= 0 || (double)timestamp_us < options->duration * 1e6;
}

/* Frames that the fps filter makes of an input that lasts until `end_us`, and of those the ones that are wanted. */
static uint64_t count_outputs(const struct run_frames *frames, const struct options *options, int64_t end_us,
                              bool *is_limited)
{
    int64_t all = output_number(frames, end_us);
    int64_t count = all;

    if (options->duration > 0) {
        double most = ceil(options->duration * av_q2d(frames->framerate)) + 1;

        count = most < (double)all ? (int64_t)most : all;
        while (count > 0 && !is_wanted(options, output_us(frames, count - 1)))
            count--;
    }
    *is_limited = count < all;
    return count > 0 ? (uint64_t)count : 0;
}

bool run_count_frames(const struct run_frames *frames, const struct options *options, struct run *run,
                      struct fault *fault)
{
    struct timeline time = frames->start;
    uint64_t wanted = 0;
    int64_t start_us = 0;
    uint64_t duration_us = 0;

    for (size_t i = frames->begin; i < frames->index->frame_count; i++) {
        const struct frame_entry *entry = &frames->index->frames[i];

        timeline_place(&time, entry->pts, entry->duration, &start_us, &duration_us);
        wanted += is_wanted(options, start_us);
    }
    if (time.jumps)
        return fault_set(fault, "%s has timestamps that jump, and cannot be cut; join its pieces into one file first",
                         options->input);
    run->total = wanted;
    run->is_limited = wanted < frames->index->frame_count - frames->begin;
    if (frames->framerate.num > 0)
        run->total = count_outputs(frames, options, start_us + (int64_t)duration_us, &run->is_limited);
    if (options->max_frames && options->max_frames < run->total) {
        run->total = options->max_frames;
        run->is_limited = true;
    }
    return true;
}

bool run_cut(struct run *run, const struct options *options, struct fault *fault)
{
    uint64_t groups = (run->total + run->group - 1) / run->group;
    uint64_t first;
    uint64_t end;

    run->part = options->groups[0];
    run->parts = options->groups[1];
    if (run->parts > groups)
        return fault_set(fault,
                         "--groups: %u parts are too many: %llu frame%s in groups of %u (--gop) make %llu group%s",
                         (unsigned)run->parts, (unsigned long long)run->total, run->total == 1 ? "" : "s",
                         (unsigned)run->group, (unsigned long long)groups, groups == 1 ? "" : "s");
    first = groups * (run->part - 1) / run->parts * run->group;
    end = groups * run->part / run->parts * run->group;
    run->first = first;
    run->count = (end < run->total ? end : run->total) - first;
    return true;
}

size_t run_first_entry(const struct run_frames *frames, uint64_t first, struct timeline *time)
{
    const struct frame_index *index = frames->index;
    struct timeline now = frames->start;
    size_t entry = frames->begin;

    *time = now;
    for (size_t i = frames->begin; i < index->frame_count; i++) {
        struct timeline before = now;
        int64_t start_us;
        uint64_t duration_us;

        timeline_place(&now, index->frames[i].pts, index->frames[i].duration, &start_us, &duration_us);
        /* The fps filter shows the last frame that is not later. */
        if (frames->framerate.num > 0 && output_number(frames, start_us) > (int64_t)first)
            break;
        *time = before;
        entry = i;
        if (frames->framerate.num <= 0 && i - frames->begin == first)
            break;
    }
    return entry;
}
