/* SPDX-License-Identifier: MIT */

/* Taking on new bitrates, framerates and quantizers. */

#include "aom.h"
#include "native_rate.h"

/* Layers have rates and quantizers of their own: libaom does not take those of the configuration for them. */
static aom_codec_err_t apply(struct aom_backend *aom, const aom_codec_enc_cfg_t *changed)
{
    aom_codec_err_t error = AOM_CODEC_OK;

    if (aom->layers < 2)
        error = aom_codec_enc_config_set(&aom->codec, changed);
    if (error != AOM_CODEC_OK)
        return error;
    aom->settings.codec = *changed;
    return aom->layers < 2 ? AOM_CODEC_OK : wcenc__aom_set_layers(aom);
}

/* Both bounds are the frame's quantizer. */
aom_codec_err_t wcenc__aom_set_quantizer(struct aom_backend *aom, int32_t quantizer)
{
    enum { DEFAULT = 128 };
    aom_codec_enc_cfg_t changed = aom->settings.codec;
    const bool is_set = changed.rc_min_quantizer == changed.rc_max_quantizer;
    const unsigned step = wcenc__native_quantizer_step(quantizer < 0 ? DEFAULT : quantizer);

    if (!aom->has_frame_quantizer || (quantizer < 0 && is_set) || (is_set && changed.rc_min_quantizer == step))
        return AOM_CODEC_OK;
    changed.rc_min_quantizer = changed.rc_max_quantizer = step;
    return apply(aom, &changed);
}

/* A cap of constant quality can be changed, but neither added nor removed. */
static bool can_change_rate(const struct aom_backend *aom, const struct encoder_config *config)
{
    return config->given.bitrate_mode != WCENC_BITRATE_CONSTANT_QUALITY || aom->is_capped == (config->bitrate != 0);
}

/* Whether a tick is a frame, see aom_settings.c: a new framerate is another bitrate then. */
static bool counts_frames(const struct aom_backend *aom)
{
    return aom->settings.codec.g_usage != AOM_USAGE_REALTIME;
}

uint32_t wcenc__aom_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    struct aom_backend *aom = aom_of(backend);
    const uint32_t possible = can_change_rate(aom, config) ? changes & (CONFIG_BITRATE | CONFIG_FRAMERATE) : 0;
    aom_codec_enc_cfg_t changed = aom->settings.codec;
    struct rational counted = {changed.g_timebase.den, changed.g_timebase.num};

    if (possible != changes)
        return possible;
    if (!counts_frames(aom))
        counted = wcenc__native_framerate(config);
    if (config->bitrate)
        changed.rc_target_bitrate = wcenc__native_kilobits(config, counted);
    if (apply(aom, &changed) != AOM_CODEC_OK)
        return 0;
    if (!counts_frames(aom))
        aom->frame_duration = wcenc__native_frame_duration(config);
    return possible;
}
