/* SPDX-License-Identifier: MIT */

/*
 * What rate control counts in: frames of a framerate or, where the config sets none and the encoder can, the times of
 * frames. Packets come back with the times, of which each stands for a frame's index.
 */

#include "lavc.h"

/* A second, as H.264's timing information usually has it. */
enum { TICKS = 90000, MICROSECONDS = 1000000 };

uint8_t wcenc__lavc_latencies_with_clock(const struct lavc_encoder *encoder)
{
    int latencies = 0;

    if (encoder->has_no_durations_in_ffmpeg_8 && !compat_libaom_has_durations())
        return 0;
    for (size_t i = 0; i < CLOCK_ROWS_MAX; i++)
        if (encoder->clocks[i].clock != COUNTS_FRAMES)
            latencies |= encoder->clocks[i].latency;
    return (uint8_t)latencies;
}

static enum lavc_clock clock_of(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    const uint8_t latency = config->given.latency_mode == WCENC_LATENCY_REALTIME ? WHEN_REALTIME : WHEN_QUALITY;

    if (!(wcenc__lavc_latencies_with_clock(encoder) & latency))
        return COUNTS_FRAMES;
    for (size_t i = 0; i < CLOCK_ROWS_MAX; i++)
        if ((encoder->clocks[i].latency & latency) && (encoder->clocks[i].mode & wcenc__lavc_mode(config)))
            return encoder->clocks[i].clock;
    return COUNTS_FRAMES;
}

bool wcenc__lavc_follows_time(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    static const char *const names[] = {"tune", "force-cfr", NULL};
    const enum lavc_clock clock = clock_of(encoder, config);
    const bool has_bitrate = (wcenc__lavc_mode(config) & WHEN_RATE) || (wcenc__lavc_purposes(config) & FOR_CAP);
    char found[OPTION_NAME_SIZE];

    if (clock == COUNTS_FRAMES || !has_bitrate || wcenc__lavc_find_option(config->given.encoder_options, names, found))
        return false;
    return clock != COUNTS_BITRATES || !wcenc__lavc_options_touch_rate(config);
}

enum lavc_clock wcenc__lavc_clock(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    if (config_has_framerate(config) || !wcenc__lavc_follows_time(encoder, config))
        return COUNTS_FRAMES;
    return clock_of(encoder, config);
}

AVRational wcenc__lavc_time_base(enum lavc_clock clock, struct rational framerate)
{
    return clock == COUNTS_TIME ? (AVRational){1, TICKS} : (AVRational){framerate.denominator, framerate.numerator};
}

static int64_t ticks_of(int64_t time_us)
{
    return av_rescale(time_us, TICKS, MICROSECONDS);
}

void wcenc__lavc_set_time(struct lavc_backend *lavc, const struct backend_frame *frame)
{
    const int64_t start = ticks_of(frame->time_us), end = ticks_of(frame->time_us + frame->duration_us);

    if (lavc->clock != COUNTS_TIME) {
        lavc->frame->pts = frame->index;
        compat_set_duration(lavc->context, lavc->frame, 1);
        return;
    }
    lavc->times[frame->index % LAVC_TIMES] = start;
    lavc->time_count = frame->index + 1;
    lavc->frame->pts = start;
    compat_set_duration(lavc->context, lavc->frame, end - start);
}

/* Of the first frame that does not begin before. */
static int64_t index_at(const struct lavc_backend *lavc, int64_t ticks)
{
    int64_t low = lavc->time_count > LAVC_TIMES ? lavc->time_count - LAVC_TIMES : 0, high = lavc->time_count;

    while (low < high) {
        const int64_t middle = low + (high - low) / 2;

        if (lavc->times[middle % LAVC_TIMES] < ticks)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t wcenc__lavc_index(const struct lavc_backend *lavc, int64_t ticks)
{
    if (lavc->clock != COUNTS_TIME)
        return ticks;
    /* Decoding times before the first frame mirror those of the frames behind it. */
    return ticks < 0 ? -index_at(lavc, -ticks) : index_at(lavc, ticks);
}
