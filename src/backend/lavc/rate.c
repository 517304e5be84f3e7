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

struct lavc_rate wcenc__lavc_rate(const struct encoder_config *config, struct rational framerate)
{
    /* Encoders count in thousands and cut: less would be nothing, which means something else to x264 and x265. */
    const uint64_t unit = 1000, least = unit, most = INT_MAX / 2 / unit * unit;
    /* A cap of constant quality is one as well. */
    bool constant = wcenc__lavc_mode(config) & (WHEN_CONSTANT | WHEN_CONSTANT_QUALITY);
    /* The buffer is of a second, but no less than five frames: one that holds none would starve all. */
    const double seconds = fmax(1, 5 / frames_per_second(framerate));
    double asked = (double)config->bitrate * frames_per_second(framerate) / frames_per_second(config->framerate);
    uint64_t bitrate = ((uint64_t)fmin(fmax(asked, (double)least), (double)most) + unit / 2) / unit * unit;

    return (struct lavc_rate){
        .bitrate = (int64_t)bitrate,
        .max_rate = (int64_t)(constant ? bitrate : bitrate * 2),
        .buffer_size = (int)fmin((double)(constant ? bitrate : bitrate * 2) * seconds, INT_MAX / unit * unit),
    };
}

bool wcenc__lavc_options_touch_rate(const struct encoder_config *config)
{
    static const char *const keys[] = {"b",  "ab",      "maxrate",     "minrate",  "bufsize",   "crf",
                                       "qp", "nal-hrd", "x264-params", "x264opts", "x264-opts", NULL};

    return wcenc__lavc_options_name(config->given.encoder_options, keys);
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

int wcenc__lavc_is_uncapped(const struct encoder_config *config)
{
    static const char *const names[] = {"crf", "qp", "qp-constant", "cq", "quantizer", NULL};
    char found[OPTION_NAME_SIZE];

    if (config->given.bitrate || config->temporal_layers > 1 || !(wcenc__lavc_mode(config) & WHEN_RATE))
        return false;
    return wcenc__lavc_find_option(config->given.encoder_options, names, found);
}

/* A cap of constant quality can be changed, but neither added nor removed. */
static bool can_change_rate(const struct lavc_backend *lavc, const struct encoder_config *config)
{
    if (!(lavc->capabilities & ENCODER_CHANGES_RATE) || lavc->frame_quantizer || wcenc__lavc_options_touch_rate(config))
        return false;
    return wcenc__lavc_mode(config) != WHEN_CONSTANT_QUALITY || !config->bitrate == (lavc->context->rc_max_rate == 0);
}

uint32_t wcenc__lavc_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    struct lavc_backend *lavc = lavc_of(backend);
    /* The encoder goes on counting at the rate that it was opened with: so many bits a frame, in its terms. */
    struct lavc_rate rate = wcenc__lavc_rate(config, lavc->opened_framerate);
    uint32_t possible = 0;

    wcenc__lavc_begin_call(lavc);
    if (can_change_rate(lavc, config))
        possible = changes & (CONFIG_BITRATE | CONFIG_FRAMERATE);
    /* Without a cap of constant quality there is nothing to change. */
    if (possible == changes && lavc->context->rc_max_rate != 0) {
        lavc->context->bit_rate = rate.bitrate;
        lavc->context->rc_max_rate = rate.max_rate;
        lavc->context->rc_buffer_size = rate.buffer_size;
    }
    wcenc__lavc_end_call(lavc);
    return possible;
}
