/* SPDX-License-Identifier: MIT */

/* Timestamps without jumps. */

#include "timeline.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <string.h>

/* Formats that are recorded or joined in pieces do not pause; a picture that stands still may, in others. */
void timeline_init(struct timeline *time, AVRational base, double framerate, bool in_pieces)
{
    enum { PIECES_SECONDS = 10, PAUSE_SECONDS = 600 };

    memset(time, 0, sizeof(*time));
    time->base = base;
    time->frame_ticks = llround(fmax(1, 1 / framerate / av_q2d(base)));
    time->longest_gap = av_rescale_q(in_pieces ? PIECES_SECONDS : PAUSE_SECONDS, (AVRational){1, 1}, base);
}

/* Less than a frame is an error of the file, not another recording. */
static bool is_step_back(const struct timeline *time, int64_t pts, int64_t duration)
{
    return pts <= time->last_pts - duration;
}

/* Closes a jump: this frame begins where the one before ended. */
static void close_jump(struct timeline *time, int64_t pts)
{
    time->offset += time->next_pts - pts;
    time->jumps++;
}

void timeline_place(struct timeline *time, int64_t pts, int64_t duration, int64_t *timestamp_us, uint64_t *duration_us)
{
    /* No container takes two frames at one time; damaged files have them, and times that no arithmetic bears. */
    static const int64_t most = INT64_MAX / 8;
    enum { STEP_LEAST_US = 1000 };
    int64_t start;
    int64_t end;

    if (duration <= 0 || duration > most)
        duration = time->frame_ticks;
    if (pts == AV_NOPTS_VALUE || pts < -most || pts > most)
        pts = time->next_pts;
    if (time->frames == 0)
        time->offset = -pts;
    else if (is_step_back(time, pts, duration) || pts - time->next_pts > time->longest_gap)
        close_jump(time, pts);
    time->last_pts = pts;
    time->next_pts = pts + duration;
    start = av_rescale_q(pts + time->offset, time->base, AV_TIME_BASE_Q);
    end = av_rescale_q(time->next_pts + time->offset, time->base, AV_TIME_BASE_Q);
    *timestamp_us = time->frames && start <= time->last_us ? time->last_us + STEP_LEAST_US : start;
    /* From start to start of the next, so that rounding does not add up. */
    *duration_us = (uint64_t)(end - start);
    time->last_us = *timestamp_us;
    time->frames++;
}

int64_t timeline_offset_us(const struct timeline *time)
{
    return av_rescale_q(time->offset, time->base, AV_TIME_BASE_Q);
}
