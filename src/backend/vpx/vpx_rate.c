/* SPDX-License-Identifier: MIT */

/* Bitrates, framerates and quantizers in the terms of libvpx, and taking on new ones. */

#include "native_rate.h"
#include "vpx.h"

bool wcenc__vpx_follows_time(const struct encoder_config *config)
{
    return (wcenc__vpx_mode(config) & VPX_RATE) || (wcenc__vpx_purposes(config) & VPX_FOR_CAP);
}

unsigned long wcenc__vpx_frame_duration(const struct encoder_config *config)
{
    if (!config_has_framerate(config) && wcenc__vpx_follows_time(config))
        return 0;
    return wcenc__native_frame_duration(config);
}

unsigned wcenc__vpx_kilobits(const struct encoder_config *config)
{
    /* With a quality and no cap the framerate is no matter. */
    return config->bitrate ? wcenc__native_kilobits(config, wcenc__native_framerate(config)) : VPX_NO_CAP / 1000;
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
