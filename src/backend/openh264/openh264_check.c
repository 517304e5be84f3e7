/* SPDX-License-Identifier: MIT */

/* What is known of a configuration without opening anything. */

#include <inttypes.h>
#include <string.h>

#include "openh264.h"
#include "registry.h"

enum { PROFILE_BASELINE = 66, PROFILE_MAIN = 77, PROFILE_HIGH = 100 };

static bool check_profile(const struct encoder_config *config, struct failure *failure)
{
    const uint8_t profile = config->codec.profile;

    if (profile == PROFILE_BASELINE || profile == PROFILE_MAIN || profile == PROFILE_HIGH)
        return true;
    return wcenc__refuse(failure, "native-openh264: codec is \"%s\"; it has the profiles Baseline, Main and High",
                         config->given.codec);
}

/* Of an odd size it would leave out the last row or column. */
static bool check_side(const char *name, uint32_t side, struct failure *failure)
{
    if (side % 2)
        return wcenc__refuse(failure, "native-openh264: %s %" PRIu32 " is odd, 4:2:0 needs an even one", name, side);
    if (side < OPENH264_MIN_SIZE)
        return wcenc__refuse(failure, "native-openh264: %s is %" PRIu32 ", the encoder needs at least %d", name, side,
                             OPENH264_MIN_SIZE);
    return true;
}

static bool check_size(const wcenc_config *given, struct failure *failure)
{
    const uint64_t blocks = ((uint64_t)given->width + 15) / 16 * (((uint64_t)given->height + 15) / 16);

    if (!check_side("width", given->width, failure) || !check_side("height", given->height, failure))
        return false;
    if (blocks > OPENH264_MAX_BLOCKS)
        return wcenc__refuse(
            failure, "native-openh264: %" PRIu32 "x%" PRIu32 " is %" PRIu64 " macroblocks, the encoder allows %d",
            given->width, given->height, blocks, OPENH264_MAX_BLOCKS);
    return true;
}

static bool check_modes(const struct encoder_config *config, struct failure *failure)
{
    const bool is_quality = wcenc__openh264_mode(config) == OPENH264_CONSTANT_QUALITY;

    if (is_quality && config->temporal_layers > 1)
        return wcenc__refuse(failure, "bitrate_mode \"constant-quality\": native-openh264 has none for layers");
    if (is_quality && config->bitrate)
        return wcenc__refuse(failure,
                             "bitrate_mode \"constant-quality\": native-openh264 has no cap, bitrate is %" PRIu64,
                             config->bitrate);
    if (config->given.max_b_frames)
        return wcenc__refuse(failure, "native-openh264 has no B-frames, max_b_frames is %" PRIu32,
                             config->given.max_b_frames);
    return true;
}

bool wcenc__openh264_describe(const struct codec_candidate *candidate, struct backend_description *description)
{
    (void)candidate;
    *description = (struct backend_description){
        .is_native = true,
        .latency_modes = WCENC_HAS_LATENCY_QUALITY | WCENC_HAS_LATENCY_REALTIME,
        .bitrate_modes = WCENC_HAS_BITRATE_VARIABLE | WCENC_HAS_BITRATE_CONSTANT | WCENC_HAS_BITRATE_QUANTIZER |
                         WCENC_HAS_BITRATE_CONSTANT_QUALITY,
    };
    return true;
}

bool wcenc__openh264_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                           struct backend_probe *probe, struct failure *failure)
{
    SEncParamExt parameters;

    (void)candidate;
    memset(&parameters, 0, sizeof parameters);
    if (!check_profile(config, failure) || !check_modes(config, failure) || !check_size(&config->given, failure) ||
        !wcenc__openh264_settings_fill(&parameters, config, failure))
        return false;
    if (wcenc__openh264_mode(config) & OPENH264_RATE)
        probe->capabilities |= WCENC_CAPABILITY_LIVE_BITRATE;
    return true;
}
