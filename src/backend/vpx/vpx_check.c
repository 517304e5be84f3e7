/* SPDX-License-Identifier: MIT */

/* What is known of a configuration without opening anything. */

#include <inttypes.h>

#include "compiler.h"
#include "native_rate.h"
#include "registry.h"
#include "vpx.h"

vpx_codec_iface_t *wcenc__vpx_interface(enum codec_family family)
{
    return family == CODEC_VP8 ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx();
}

static bool has_deep_samples(enum codec_family family)
{
    return (vpx_codec_get_caps(wcenc__vpx_interface(family)) & VPX_CODEC_CAP_HIGHBITDEPTH) != 0;
}

static bool check_modes(const struct vpx_encoder *encoder, const struct encoder_config *config, struct failure *failure)
{
    const uint8_t mode = wcenc__vpx_mode(config);

    if (!(encoder->modes & mode))
        return wcenc__refuse(failure, "native-vpx: VP8 has no bitrate_mode \"quantizer\"");
    if (mode == VPX_CONSTANT_QUALITY && config->temporal_layers > 1)
        return wcenc__refuse(failure,
                             "bitrate_mode \"constant-quality\": layers of native-vpx have parts of a bitrate");
    if (config->given.max_b_frames)
        return wcenc__refuse(failure, "native-vpx has no B-frames, max_b_frames is %" PRIu32,
                             config->given.max_b_frames);
    if (config->codec.bit_depth > 8 && !has_deep_samples(config->codec.family))
        return wcenc__refuse(failure, "native-vpx: this libvpx codes 8 bits only, codec is \"%s\"",
                             config->given.codec);
    return true;
}

/* WCENC_CAPABILITY_ bits of the samples that codec strings may ask for. */
static uint32_t sample_capabilities(enum codec_family family)
{
    if (family != CODEC_VP9)
        return 0;
    return WCENC_CAPABILITY_422 | WCENC_CAPABILITY_444 | (has_deep_samples(family) ? WCENC_CAPABILITY_10_BIT : 0u);
}

bool wcenc__vpx_describe(const struct codec_candidate *candidate, struct backend_description *description)
{
    static const struct {
        uint8_t mode;
        wcenc_bitrate_modes bit;
    } modes[] = {
        {VPX_VARIABLE, WCENC_HAS_BITRATE_VARIABLE},
        {VPX_CONSTANT, WCENC_HAS_BITRATE_CONSTANT},
        {VPX_QUANTIZER, WCENC_HAS_BITRATE_QUANTIZER},
        {VPX_CONSTANT_QUALITY, WCENC_HAS_BITRATE_CONSTANT_QUALITY},
    };

    *description = (struct backend_description){
        .is_native = true,
        .latency_modes = WCENC_HAS_LATENCY_QUALITY | WCENC_HAS_LATENCY_REALTIME,
        .capabilities = sample_capabilities(candidate->family) | WCENC_CAPABILITY_VARIABLE_FRAMERATE,
        .reference_buffers = VPX_BUFFERS,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++)
        if (wcenc__vpx_encoder(candidate->family)->modes & modes[i].mode)
            description->bitrate_modes |= modes[i].bit;
    return true;
}

bool wcenc__vpx_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                      struct backend_probe *probe, struct failure *failure)
{
    const struct vpx_encoder *encoder = wcenc__vpx_encoder(config->codec.family);
    struct vpx_settings settings;

    (void)candidate;
    if (!check_modes(encoder, config, failure) ||
        !wcenc__native_check_size("native-vpx", &config->given, encoder->max_height, failure) ||
        !wcenc__vpx_settings_fill(&settings, config, failure))
        return false;
    probe->delay_frames = wcenc__vpx_frames_held(&settings);
    probe->capabilities |= sample_capabilities(config->codec.family);
    if (wcenc__vpx_follows_time(config))
        probe->capabilities |= WCENC_CAPABILITY_LIVE_BITRATE | WCENC_CAPABILITY_VARIABLE_FRAMERATE;
    return true;
}
