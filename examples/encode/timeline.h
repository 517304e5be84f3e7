/* SPDX-License-Identifier: MIT */
#ifndef TIMELINE_H
#define TIMELINE_H

/* Timestamps of a stream, in its time base, on their way to microseconds from 0 on that only go up. */

#include <libavutil/rational.h>
#include <stdbool.h>
#include <stdint.h>

struct timeline {
    AVRational base;
    int64_t frame_ticks; /* how long a frame lasts that does not say it */
    int64_t longest_gap; /* a longer one is closed */
    int64_t offset;      /* added to pts */
    int64_t last_pts;
    int64_t next_pts; /* where the frame before ended; both before the offset */
    int64_t last_us;
    uint64_t frames;
    uint64_t jumps; /* that were closed */
};

/* `in_pieces`: the format is recorded or joined in pieces, and its timestamps may jump. */
void timeline_init(struct timeline *time, AVRational base, double framerate, bool in_pieces);

/* Places the next frame; pts may be AV_NOPTS_VALUE, and duration 0. */
void timeline_place(struct timeline *time, int64_t pts, int64_t duration, int64_t *timestamp_us, uint64_t *duration_us);

/* What is added to an input's microseconds at the last frame. */
int64_t timeline_offset_us(const struct timeline *time);

#endif
