/* SPDX-License-Identifier: MIT */

/* What is known of a configuration without opening anything. */

#include <inttypes.h>

#include "aom.h"
#include "native_rate.h"
#include "registry.h"

static bool has_deep_samples(void)
{
    return (aom_codec_get_caps(aom_codec_av1_cx()) & AOM_CODEC_CAP_HIGHBITDEPTH) != 0;
}

static bool check_modes(const struct encoder_config *config, struct failure *failure)
{
    if (wcenc__aom_mode(config) == AOM_CONSTANT_QUALITY && config->temporal_layers > 1)
        return wcenc__refuse(failure,
                             "bitrate_mode \"constant-quality\": layers of native-aom have parts of a bitrate");
    if (config->given.max_b_frames)
        return wcenc__refuse(failure, "native-aom has no B-frames, max_b_frames is %" PRIu32,
                             config->given.max_b_frames);
    if (config->codec.bit_depth > 8 && !has_deep_samples())
        return wcenc__refuse(failure, "native-aom: this libaom codes 8 bits only, codec is \"%s\"",
                             config->given.codec);
    if (config->given.force_screen_content_tools && wcenc__aom_crashes_on_screens(config))
        return wcenc__refuse(failure,
                             "force_screen_content_tools is 1: native-aom would crash with them in latency_mode "
                             "\"realtime\" with %u bits",
                             config->codec.bit_depth);
    return true;
}

/* WCENC_CAPABILITY_ bits of the samples that codec strings may ask for. */
static uint32_t sample_capabilities(void)
{
    return WCENC_CAPABILITY_422 | WCENC_CAPABILITY_444 | (has_deep_samples() ? WCENC_CAPABILITY_10_BIT : 0u);
}

bool wcenc__aom_describe(const struct codec_candidate *candidate, struct backend_description *description)
{
    (void)candidate;
    *description = (struct backend_description){
        .is_native = true,
        .latency_modes = WCENC_HAS_LATENCY_QUALITY | WCENC_HAS_LATENCY_REALTIME,
        .bitrate_modes = WCENC_HAS_BITRATE_VARIABLE | WCENC_HAS_BITRATE_CONSTANT | WCENC_HAS_BITRATE_QUANTIZER |
                         WCENC_HAS_BITRATE_CONSTANT_QUALITY,
        .capabilities = sample_capabilities() | WCENC_CAPABILITY_VARIABLE_FRAMERATE,
        .reference_buffers = AOM_BUFFERS,
    };
    return true;
}

bool wcenc__aom_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                      struct backend_probe *probe, struct failure *failure)
{
    struct aom_settings settings;

    if (!check_modes(config, failure) ||
        !wcenc__native_check_size(candidate->name, &config->given, AOM_HEIGHT_MAX, failure) ||
        !wcenc__aom_settings_fill(&settings, config, failure))
        return false;
    probe->delay_frames = wcenc__aom_frames_held(&settings);
    probe->capabilities |= sample_capabilities();
    if ((wcenc__aom_mode(config) & AOM_RATE) || (wcenc__aom_purposes(config) & AOM_FOR_CAP))
        probe->capabilities |= WCENC_CAPABILITY_LIVE_BITRATE;
    if (wcenc__aom_follows_time(&settings, config))
        probe->capabilities |= WCENC_CAPABILITY_VARIABLE_FRAMERATE;
    return true;
}
