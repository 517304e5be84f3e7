/* SPDX-License-Identifier: MIT */

/* Bitrates, framerates and quantizers in the terms of libvpx, and taking on new ones. */

#include <limits.h>
#include <math.h>

#include "vpx.h"

static double frames_per_second(const struct encoder_config *config)
{
    return (double)config->framerate.numerator / config->framerate.denominator;
}

/* The framerate that libvpx is set to. */
static double told_framerate(const struct encoder_config *config)
{
    const double framerate = frames_per_second(config);

    return framerate < VPX_MIN_FRAMERATE || framerate > VPX_MAX_FRAMERATE ? 30 : framerate;
}

bool wcenc__vpx_follows_time(const struct encoder_config *config)
{
    return (wcenc__vpx_mode(config) & VPX_RATE) || (wcenc__vpx_purposes(config) & VPX_FOR_CAP);
}

unsigned long wcenc__vpx_frame_duration(const struct encoder_config *config)
{
    if (!config_has_framerate(config) && wcenc__vpx_follows_time(config))
        return 0;
    return (unsigned long)lround(VPX_TICKS / told_framerate(config));
}

unsigned wcenc__vpx_kilobits(const struct encoder_config *config)
{
    const double most = INT_MAX / 2000, bitrate = config->bitrate ? (double)config->bitrate : VPX_NO_CAP;
    const double kilobits = bitrate / 1000 * told_framerate(config) / frames_per_second(config);

    /* With a quality and no cap the framerate is no matter. */
    if (!config->bitrate)
        return VPX_NO_CAP / 1000;
    return (unsigned)lround(fmin(fmax(kilobits, 1), most));
}

/* Steps are of 4 up to 244; the last two are 249 and 255. */
unsigned wcenc__vpx_quantizer_step(int32_t quantizer)
{
    if (quantizer > 251)
        return 63;
    if (quantizer > 246)
        return 62;
    return quantizer > 241 ? 61 : ((unsigned)quantizer + 2) / 4;
}

/* A cap of constant quality can be changed, but neither added nor removed. */
static bool can_change_rate(const struct vpx_backend *vpx, const struct encoder_config *config)
{
    return config->given.bitrate_mode != WCENC_BITRATE_CONSTANT_QUALITY || vpx->is_capped == (config->bitrate != 0);
}

uint32_t wcenc__vpx_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    struct vpx_backend *vpx = vpx_of(backend);
    const uint32_t possible = can_change_rate(vpx, config) ? changes & (CONFIG_BITRATE | CONFIG_FRAMERATE) : 0;
    vpx_codec_enc_cfg_t changed = vpx->settings.codec;

    if (possible != changes)
        return possible;
    changed.rc_target_bitrate = wcenc__vpx_kilobits(config);
    if (vpx_codec_enc_config_set(&vpx->codec, &changed) != VPX_CODEC_OK)
        return 0;
    vpx->settings.codec = changed;
    vpx->frame_duration = wcenc__vpx_frame_duration(config);
    return possible;
}
