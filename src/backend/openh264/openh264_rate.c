/* SPDX-License-Identifier: MIT */

/* Bitrates, framerates, levels and quantizers in the terms of OpenH264, and taking on new ones. */

#include <limits.h>
#include <math.h>

#include "openh264.h"
#include "profiles.h"

enum { LEVEL_1B = 9, LEVEL_1_1_CODE = 11, PROFILE_MAIN = 77 };

static double frames_per_second(const struct encoder_config *config)
{
    return (double)config->framerate.numerator / config->framerate.denominator;
}

float wcenc__openh264_framerate(const struct encoder_config *config)
{
    const double framerate = frames_per_second(config);

    return (float)(framerate < OPENH264_MIN_FRAMERATE || framerate > OPENH264_MAX_FRAMERATE ? 30 : framerate);
}

/* It fails for levels that it does not know, and 1b is one. */
uint8_t wcenc__openh264_level(const struct codec_id *codec)
{
    if (codec->level == LEVEL_1B)
        return LEVEL_1_1_CODE;
    return codec->level < OPENH264_MAX_LEVEL ? codec->level : OPENH264_MAX_LEVEL;
}

/* Bits a second that it takes at the level, whatever the profile. */
static double most_at_level(const struct codec_id *codec)
{
    const struct codec_id known = {
        .family = CODEC_H264, .profile = PROFILE_MAIN, .level = wcenc__openh264_level(codec), .bit_depth = 8};

    return fmin((double)wcenc__codec_level_max_bitrate(&known), INT_MAX / 2);
}

int wcenc__openh264_bitrate(const struct encoder_config *config)
{
    enum { LEAST = 1000 };
    const double asked =
        (double)config->bitrate * (double)wcenc__openh264_framerate(config) / frames_per_second(config);

    return (int)lround(fmin(fmax(asked, LEAST), most_at_level(&config->codec)));
}

/* What OpenH264 takes from the quantizer of each layer. */
static int32_t layer_offset(const SEncParamExt *parameters, uint8_t layer)
{
    static const uint8_t offsets[][3] = {{0}, {0}, {3, 0}, {4, 1, 0}};

    return offsets[parameters->iTemporalLayerNum][layer];
}

/* The quantizer of frames without rate control. */
static int set_fixed(struct openh264_backend *openh264, uint8_t layer, int32_t quantizer)
{
    SEncParamExt *parameters = &openh264->parameters;
    int *member = &parameters->sSpatialLayers[0].iDLayerQp;
    const int32_t offset = layer_offset(parameters, layer), most = OPENH264_MAX_QUANTIZER - offset;

    openh264->used_quantizer = quantizer < most ? quantizer : most;
    if (*member == openh264->used_quantizer + offset)
        return cmResultSuccess;
    *member = openh264->used_quantizer + offset;
    return (*openh264->encoder)->SetOption(openh264->encoder, ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, parameters);
}

static int set_rate_control(struct openh264_backend *openh264, RC_MODES mode)
{
    if (openh264->parameters.iRCMode == mode)
        return cmResultSuccess;
    openh264->parameters.iRCMode = mode;
    return (*openh264->encoder)->SetOption(openh264->encoder, ENCODER_OPTION_RC_MODE, &mode);
}

/* Its rate control keeps to the finest quantizer that it began with. */
static int begin_coarsely(struct openh264_backend *openh264, int32_t finest)
{
    openh264->parameters.iMinQp = finest < OPENH264_MAX_QUANTIZER - 1 ? finest : OPENH264_MAX_QUANTIZER - 1;
    (void)(*openh264->encoder)->Uninitialize(openh264->encoder);
    return (*openh264->encoder)->InitializeExt(openh264->encoder, &openh264->parameters);
}

int wcenc__openh264_set_quantizer(struct openh264_backend *openh264, uint8_t layer, int32_t finest)
{
    const bool is_noise = finest > openh264->parameters.iMinQp;
    int error;

    if (openh264->has_quantizer)
        return set_fixed(openh264, layer, openh264->quantizer > finest ? openh264->quantizer : finest);
    if (is_noise && openh264->index == 0)
        return begin_coarsely(openh264, finest);
    error = set_rate_control(openh264, is_noise ? RC_OFF_MODE : RC_BITRATE_MODE);
    if (!is_noise || error != cmResultSuccess)
        return error;
    if (openh264->quantizer < finest)
        openh264->quantizer = finest;
    return set_fixed(openh264, layer, openh264->quantizer);
}

/* As the quantizer grows by six, noise shrinks to a half at most. What was too much is made up for in a second. */
void wcenc__openh264_count_bits(struct openh264_backend *openh264, size_t bytes)
{
    enum { STEPS_OF_HALF = 6, MOST = 6 };
    const SEncParamExt *parameters = &openh264->parameters;
    const double frames = (double)parameters->fMaxFrameRate, budget = parameters->iTargetBitrate / frames;
    const double bits = (double)bytes * 8;
    double steps;

    if (openh264->has_quantizer || parameters->iRCMode == RC_BITRATE_MODE) {
        openh264->excess = 0;
        return;
    }
    openh264->excess = fmin(fmax(openh264->excess + bits - budget, 0), parameters->iTargetBitrate);
    steps = STEPS_OF_HALF * log2(fmax(bits, 1) / fmax(budget - openh264->excess / frames, budget / MOST));
    openh264->quantizer += (int32_t)lround(fmin(fmax(steps, -MOST), MOST));
}

static bool set_rate(struct openh264_backend *openh264, const struct encoder_config *config)
{
    SEncParamExt *parameters = &openh264->parameters;
    SSpatialLayerConfig *layer = &parameters->sSpatialLayers[0];
    SBitrateInfo bitrate = {SPATIAL_LAYER_ALL, wcenc__openh264_bitrate(config)};
    float framerate = wcenc__openh264_framerate(config);

    parameters->iTargetBitrate = layer->iSpatialBitrate = bitrate.iBitrate;
    parameters->fMaxFrameRate = layer->fFrameRate = framerate;
    return (*openh264->encoder)->SetOption(openh264->encoder, ENCODER_OPTION_FRAME_RATE, &framerate) ==
               cmResultSuccess &&
           (*openh264->encoder)->SetOption(openh264->encoder, ENCODER_OPTION_BITRATE, &bitrate) == cmResultSuccess;
}

uint32_t wcenc__openh264_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    const uint32_t possible = changes & (CONFIG_BITRATE | CONFIG_FRAMERATE);

    if (possible != changes)
        return possible;
    if ((wcenc__openh264_mode(config) & OPENH264_RATE) && !set_rate(openh264_of(backend), config))
        return 0;
    return possible;
}
