/* SPDX-License-Identifier: MIT */

/* Settings that libaom ends the process over, by a crash or an assertion, or with which it fails at every frame. */

#include "aom.h"
#include "compiler.h"

/* What a configuration and its settings have: bits. */
enum {
    HAS_DEEP_SAMPLES = 1,
    HAS_LAYERS = 2,
    IS_REALTIME = 4, /* libaom's usage */
    IS_FOR_SCREENS = 8,
    HAS_LOSSLESS = 16,
    HAS_QUANTIZER_0 = 32,
    HAS_AQ = 64,
};

static const struct hazard {
    unsigned together; /* any of them alone does no harm */
    const char *what;
} hazards[] = {
    /* It copies blocks to where there is no memory. */
    {HAS_DEEP_SAMPLES | IS_REALTIME | IS_FOR_SCREENS, "crash with tune-content=screen in realtime with more than 8 "
                                                      "bits; set tune-content=default"},
    {HAS_LAYERS | HAS_LOSSLESS, "abort with lossless layers; set lossless=0"},
    {HAS_LAYERS | HAS_QUANTIZER_0, "abort with layers that may be lossless; set qmin=1"},
    {HAS_LOSSLESS | HAS_AQ, "fail with lossless and aq-mode; set aq-mode=none"},
};

static unsigned traits_of(const struct aom_settings *settings, const struct encoder_config *config)
{
    const struct native_controls *controls = &settings->controls;
    unsigned traits = 0;

    traits |= config->codec.bit_depth > 8 ? HAS_DEEP_SAMPLES : 0u;
    traits |= config->temporal_layers > 1 ? HAS_LAYERS : 0u;
    traits |= settings->codec.g_usage == AOM_USAGE_REALTIME ? IS_REALTIME : 0u;
    traits |= settings->codec.rc_min_quantizer == 0 && wcenc__aom_mode(config) != AOM_QUANTIZER ? HAS_QUANTIZER_0 : 0u;
    traits |= wcenc__native_control_value(controls, AV1E_SET_TUNE_CONTENT) == AOM_CONTENT_SCREEN ? IS_FOR_SCREENS : 0u;
    traits |= wcenc__native_control_value(controls, AV1E_SET_LOSSLESS) ? HAS_LOSSLESS : 0u;
    traits |= wcenc__native_control_value(controls, AV1E_SET_AQ_MODE) ? HAS_AQ : 0u;
    return traits;
}

bool wcenc__aom_crashes_on_screens(const struct encoder_config *config)
{
    return config->codec.bit_depth > 8 &&
           (config->given.latency_mode == WCENC_LATENCY_REALTIME || config->temporal_layers > 1);
}

bool wcenc__aom_is_safe(const struct aom_settings *settings, const struct encoder_config *config,
                        struct failure *failure)
{
    const unsigned traits = traits_of(settings, config);

    for (size_t i = 0; i < ARRAY_LENGTH(hazards); i++)
        if ((traits & hazards[i].together) == hazards[i].together)
            return wcenc__refuse(failure, "encoder_options: native-aom would %s", hazards[i].what);
    return true;
}
