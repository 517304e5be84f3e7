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
static bool counts_frames(const struct aom_settings *settings)
{
    return settings->codec.g_usage != AOM_USAGE_REALTIME;
}

bool wcenc__aom_follows_time(const struct aom_settings *settings, const struct encoder_config *config)
{
    return !counts_frames(settings) &&
           ((wcenc__aom_mode(config) & AOM_RATE) || (wcenc__aom_purposes(config) & AOM_FOR_CAP));
}

unsigned long wcenc__aom_frame_duration(const struct aom_settings *settings, const struct encoder_config *config)
{
    if (counts_frames(settings))
        return 1;
    return !config_has_framerate(config) && wcenc__aom_follows_time(settings, config)
               ? 0
               : wcenc__native_frame_duration(config);
}

uint32_t wcenc__aom_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    struct aom_backend *aom = aom_of(backend);
    const uint32_t possible = can_change_rate(aom, config) ? changes & (CONFIG_BITRATE | CONFIG_FRAMERATE) : 0;
    struct aom_settings fresh;
    struct failure ignored;
    aom_codec_enc_cfg_t changed = aom->settings.codec;
    struct rational counted = {changed.g_timebase.den, changed.g_timebase.num};

    if (possible != changes)
        return possible;
    if (!wcenc__aom_settings_fill(&fresh, config, &ignored))
        return 0;
    if (!counts_frames(&aom->settings))
        counted = wcenc__native_framerate(config);
    if (config->bitrate)
        changed.rc_target_bitrate = wcenc__native_kilobits(config, counted);
    if (!aom->has_frame_quantizer)
        changed.rc_max_quantizer = fresh.codec.rc_max_quantizer;
    if (apply(aom, &changed) != AOM_CODEC_OK)
        return 0;
    if (!counts_frames(&aom->settings))
        aom->frame_duration = wcenc__aom_frame_duration(&aom->settings, config);
    return possible;
}
