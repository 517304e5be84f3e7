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

int64_t wcenc__pace_next(struct pace *pace, const struct encoder_config *config, const struct pace_frame *frame)
{
    const uint64_t step = step_to(pace, frame->timestamp_us);

    pace->last_us = frame->timestamp_us;
    pace->has_last = true;
    if (is_good(step))
        pace->step_us = (int64_t)step;
    if (config_has_framerate(config))
        return framerate_duration(&config->framerate);
    if (pace->step_us)
        return pace->step_us;
    return frame->has_duration && is_good(frame->duration_us) ? (int64_t)frame->duration_us : PACE_STEP_DEFAULT_US;
}
