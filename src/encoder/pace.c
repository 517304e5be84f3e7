/* SPDX-License-Identifier: MIT */

#include "pace.h"

static bool is_good(uint64_t step_us)
{
    return step_us >= PACE_STEP_MIN_US && step_us <= PACE_STEP_MAX_US;
}

/* The time since the last frame; 0 where there was none, or it was not earlier. The whole range fits without a sign. */
static uint64_t step_to(const struct pace *pace, int64_t timestamp_us)
{
    return pace->has_last && timestamp_us > pace->last_us ? (uint64_t)timestamp_us - (uint64_t)pace->last_us : 0;
}

static int64_t framerate_duration(const struct rational *framerate)
{
    const int64_t second = 1000000;

    return (second * framerate->denominator + framerate->numerator / 2) / framerate->numerator;
}

/* What counts of a step: a pause gives the frames behind it the bits of a second, or of four frames, and no more. */
static int64_t limit_step(int64_t step_us, int64_t duration_us)
{
    enum { PAUSE_US = 1000000, PAUSE_FRAMES = 4 };
    const int64_t most = duration_us * PAUSE_FRAMES > PAUSE_US ? duration_us * PAUSE_FRAMES : PAUSE_US;

    return step_us < most ? step_us : most;
}

/* Rate control of libvpx comes to a third of a variable bitrate where durations jump: they are means of 16 steps. */
static void follow(struct pace *pace, int64_t step_us)
{
    enum { STEPS = 16 };

    if (pace->count < STEPS)
        pace->count++;
    if (pace->count == 1)
        pace->duration_us = step_us;
    else
        pace->duration_us += (limit_step(step_us, pace->duration_us) - pace->duration_us) / pace->count;
    pace->step_us = step_us;
}

int64_t wcenc__pace_next(struct pace *pace, const struct encoder_config *config, const struct pace_frame *frame)
{
    const uint64_t step = step_to(pace, frame->timestamp_us);

    pace->last_us = frame->timestamp_us;
    pace->has_last = true;
    if (is_good(step))
        follow(pace, (int64_t)step);
    else if (pace->count > 0)
        follow(pace, pace->step_us);
    if (config_has_framerate(config))
        return framerate_duration(&config->framerate);
    if (pace->count > 0)
        return pace->duration_us;
    return frame->has_duration && is_good(frame->duration_us) ? (int64_t)frame->duration_us : PACE_STEP_DEFAULT_US;
}
