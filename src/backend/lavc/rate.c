/* SPDX-License-Identifier: MIT */

/* Bitrates, framerates and qualities in the terms of each encoder, and taking on new ones. */

#include "options.h"

#include <limits.h>
#include <math.h>

#include "lavc.h"

static double frames_per_second(struct rational framerate)
{
    return (double)framerate.numerator / framerate.denominator;
}

struct rational wcenc__lavc_framerate(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    const double framerate = frames_per_second(config->framerate);

    if (framerate < encoder->min_framerate || (encoder->max_framerate && framerate > encoder->max_framerate))
        return (struct rational){30, 1};
    return config->framerate;
}

/* Encoders count in thousands and cut: less would be nothing, which means something else to x264 and x265. */
enum { UNIT = 1000, MOST = INT_MAX / 2 / UNIT * UNIT };

static int64_t in_units(double bits)
{
    return (int64_t)(fmin(fmax(bits, UNIT), MOST) + UNIT / 2) / UNIT * UNIT;
}

/* A buffer holds no less than five frames: one that holds none would starve all. */
static int buffer_size(const struct lavc_rate *rate, double frame_seconds)
{
    const double seconds = fmax(rate->buffer_seconds, 5 * frame_seconds);

    return (int)fmin((double)rate->max_rate * seconds, INT_MAX / UNIT * UNIT);
}

struct lavc_rate wcenc__lavc_rate(const struct lavc_encoder *encoder, const struct encoder_config *config,
                                  struct rational framerate)
{
    const bool is_live =
        config->given.latency_mode == WCENC_LATENCY_REALTIME && wcenc__lavc_mode(config) == WHEN_CONSTANT;
    /* A cap of constant quality is one as well. */
    const bool constant = wcenc__lavc_mode(config) & (WHEN_CONSTANT | WHEN_CONSTANT_QUALITY);
    const double asked = (double)config->bitrate * frames_per_second(framerate) / frames_per_second(config->framerate);
    const int64_t bitrate = in_units(asked);
    struct lavc_rate rate = {
        .bitrate = bitrate,
        .max_rate = constant ? bitrate : bitrate * 2,
        .buffer_seconds = is_live && encoder->live_buffer_ms ? encoder->live_buffer_ms / 1e3 : 1,
    };

    rate.buffer_size = buffer_size(&rate, 1 / frames_per_second(framerate));
    return rate;
}

void wcenc__lavc_set_rate(struct lavc_backend *lavc, int64_t duration_us)
{
    const double seconds = (double)duration_us / 1e6;
    const double frames = seconds * frames_per_second(lavc->opened_framerate);

    lavc->context->bit_rate = in_units((double)lavc->rate.bitrate * frames);
    lavc->context->rc_max_rate = in_units((double)lavc->rate.max_rate * frames);
    lavc->context->rc_buffer_size = buffer_size(&lavc->rate, seconds);
}

bool wcenc__lavc_options_touch_rate(const struct encoder_config *config)
{
    static const char *const keys[] = {"b",  "ab",      "maxrate",     "minrate",  "bufsize",   "crf",
                                       "qp", "nal-hrd", "x264-params", "x264opts", "x264-opts", NULL};

    return wcenc__lavc_options_name(config->given.encoder_options, keys);
}

bool wcenc__lavc_changes_rate(uint32_t capabilities, const struct encoder_config *config)
{
    const bool is_quality = config->given.latency_mode == WCENC_LATENCY_QUALITY;

    if (!(capabilities & ENCODER_CHANGES_RATE) || wcenc__lavc_options_touch_rate(config))
        return false;
    /* x264 takes on a new average only where that is the maximum too, as it is in realtime. */
    return wcenc__lavc_mode(config) != WHEN_QUANTIZER && !(is_quality && wcenc__lavc_mode(config) == WHEN_VARIABLE);
}

double wcenc__lavc_quality(const struct lavc_encoder *encoder, double quality)
{
    const struct quality_point *points = encoder->qualities;
    double value = quality;

    for (int i = 0; i + 1 < QUALITY_POINTS_MAX && points[i + 1].quality > points[i].quality; i++)
        if (quality >= points[i].quality) {
            double part = (quality - points[i].quality) / (points[i + 1].quality - points[i].quality);

            value = points[i].value + fmin(part, 1) * (points[i + 1].value - points[i].value);
        }
    return encoder->has_whole_qualities ? round(value) : value;
}

int wcenc__lavc_has_own_quality(const struct encoder_config *config)
{
    static const char *const names[] = {"crf", "qp", "qp-constant", "cq", "quantizer", NULL};
    char found[OPTION_NAME_SIZE];

    return wcenc__lavc_find_option(config->given.encoder_options, names, found);
}

int wcenc__lavc_is_uncapped(const struct encoder_config *config)
{
    if (config->given.bitrate || config->temporal_layers > 1 || !(wcenc__lavc_mode(config) & WHEN_RATE))
        return false;
    return wcenc__lavc_has_own_quality(config);
}

/* A cap of constant quality can be changed, but neither added nor removed. */
static bool can_change_rate(const struct lavc_backend *lavc, const struct encoder_config *config, enum lavc_clock clock)
{
    if (lavc->frame_quantizer || !wcenc__lavc_changes_rate(lavc->capabilities, config))
        return false;
    /* The time base is fixed. */
    if (clock != lavc->clock && (clock == COUNTS_TIME || lavc->clock == COUNTS_TIME))
        return false;
    return wcenc__lavc_mode(config) != WHEN_CONSTANT_QUALITY || !config->bitrate == (lavc->context->rc_max_rate == 0);
}

/* Whether nothing changes for the encoder: the framerate was absent and is the default now, say. */
static bool has_the_same_rate(const struct lavc_backend *lavc, const struct encoder_config *config,
                              enum lavc_clock clock)
{
    const struct rational framerate = wcenc__lavc_framerate(lavc->encoder, config);
    const struct lavc_rate codec_rate = wcenc__lavc_rate(lavc->encoder, config, framerate);

    return clock == lavc->clock && framerate.numerator == lavc->opened_framerate.numerator &&
           framerate.denominator == lavc->opened_framerate.denominator &&
           codec_rate.bitrate == lavc->codec_rate.bitrate;
}

/* The encoder goes on counting at the rate that it was opened with: so many bits a frame, in its terms. */
static void take_on(struct lavc_backend *lavc, const struct encoder_config *config, enum lavc_clock clock)
{
    lavc->clock = clock;
    lavc->rate = wcenc__lavc_rate(lavc->encoder, config, config->framerate);
    lavc->codec_rate = wcenc__lavc_rate(lavc->encoder, config, lavc->opened_framerate);
    /* Without a cap of constant quality there is nothing to change. */
    if (lavc->context->rc_max_rate == 0)
        return;
    lavc->context->bit_rate = lavc->codec_rate.bitrate;
    lavc->context->rc_max_rate = lavc->codec_rate.max_rate;
    lavc->context->rc_buffer_size = lavc->codec_rate.buffer_size;
}

uint32_t wcenc__lavc_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    struct lavc_backend *lavc = lavc_of(backend);
    const enum lavc_clock clock = wcenc__lavc_clock(lavc->encoder, config);
    uint32_t possible = 0;
    bool can_change;

    wcenc__lavc_begin_call(lavc);
    can_change = can_change_rate(lavc, config, clock);
    if (can_change)
        possible = changes & (CONFIG_BITRATE | CONFIG_FRAMERATE);
    else if (has_the_same_rate(lavc, config, clock))
        possible = changes & CONFIG_FRAMERATE;
    if (can_change && possible == changes)
        take_on(lavc, config, clock);
    wcenc__lavc_end_call(lavc);
    return possible;
}
