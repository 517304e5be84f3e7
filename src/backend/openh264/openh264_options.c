/* SPDX-License-Identifier: MIT */

/* Options by name: members of OpenH264's parameters. */

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "compiler.h"
#include "openh264.h"
#include "option_pairs.h"

struct named_value {
    const char *name;
    int value;
};

static const struct named_value complexities[] = {
    {"low", LOW_COMPLEXITY}, {"medium", MEDIUM_COMPLEXITY}, {"high", HIGH_COMPLEXITY}, {NULL, 0}};
static const struct named_value coders[] = {{"cavlc", 0}, {"vlc", 0}, {"cabac", 1}, {"ac", 1}, {NULL, 0}};
static const struct named_value rate_controls[] = {{"off", RC_OFF_MODE}, {"bitrate", RC_BITRATE_MODE}, {NULL, 0}};
/* OpenH264 asks whether it is off. */
static const struct named_value loop_filters[] = {{"0", 1}, {"1", 0}, {NULL, 0}};

static const struct openh264_option {
    const char *name;
    bool is_for_callers;
    size_t offset; /* of a member of SEncParamExt, an integer or a bool */
    size_t size;
    int min, max;
    const struct named_value *names; /* with these, no numbers are taken */
} options[] = {
#define MEMBER(member) offsetof(SEncParamExt, member), sizeof((const SEncParamExt *)NULL)->member
    {"complexity", false, MEMBER(iComplexityMode), 0, 0, complexities},
    {"coder", true, MEMBER(iEntropyCodingModeFlag), 0, 0, coders},
    {"loopfilter", true, MEMBER(iLoopFilterDisableIdc), 0, 0, loop_filters},
    {"qmin", true, MEMBER(iMinQp), 12, OPENH264_MAX_QUANTIZER - 1, NULL},
    {"qmax", false, MEMBER(iMaxQp), 13, OPENH264_MAX_QUANTIZER, NULL},
    {"rc_mode", false, MEMBER(iRCMode), 0, 0, rate_controls},
    {"b", false, MEMBER(iTargetBitrate), 1, INT_MAX, NULL},
    {"qp", false, MEMBER(sSpatialLayers[0].iDLayerQp), 0, OPENH264_MAX_QUANTIZER, NULL},
    {"temporal-layers", false, MEMBER(iTemporalLayerNum), 1, 4, NULL},
    {"threads", false, MEMBER(iMultipleThreadIdc), 1, OPENH264_MAX_THREADS, NULL},
    {"slice_mode", false, MEMBER(sSpatialLayers[0].sSliceArgument.uiSliceMode), 0, 1, NULL},
    {"slices", false, MEMBER(sSpatialLayers[0].sSliceArgument.uiSliceNum), 1, OPENH264_MAX_THREADS, NULL},
    {"load-balancing", false, MEMBER(bUseLoadBalancing), 0, 1, NULL},
    {"allow_skip_frames", false, MEMBER(bEnableFrameSkip), 0, 1, NULL},
    {"g", false, MEMBER(uiIntraPeriod), 0, INT_MAX, NULL},
    {"scene-change-detection", false, MEMBER(bEnableSceneChangeDetect), 0, 1, NULL},
    {"parameter-set-ids", false, MEMBER(eSpsPpsIdStrategy), 0, 6, NULL},
    {"background-detection", false, MEMBER(bEnableBackgroundDetection), 0, 1, NULL},
    {"adaptive-quantization", false, MEMBER(bEnableAdaptiveQuant), 0, 1, NULL},
    {"denoise", false, MEMBER(bEnableDenoise), 0, 1, NULL},
#undef MEMBER
};

static const struct openh264_option *find(const char *name, enum openh264_origin origin)
{
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (strcmp(options[i].name, name) == 0 && (origin == OPENH264_OF_ROW || options[i].is_for_callers))
            return &options[i];
    return NULL;
}

static bool read_value(const struct openh264_option *option, const char *text, int *value)
{
    if (!option->names)
        return wcenc__option_number_read(text, option->min, option->max, value);
    for (const struct named_value *named = option->names; named->name; named++)
        if (strcmp(named->name, text) == 0) {
            *value = named->value;
            return true;
        }
    return false;
}

static void store(SEncParamExt *parameters, const struct openh264_option *option, int value)
{
    char *place = (char *)parameters + option->offset;
    const bool flag = value != 0;

    if (option->size == sizeof flag)
        memcpy(place, &flag, sizeof flag);
    else if (option->size == sizeof(unsigned short))
        memcpy(place, &(unsigned short){(unsigned short)value}, sizeof(unsigned short));
    else
        memcpy(place, &value, sizeof value);
}

static bool refuse_value(const struct openh264_option *option, const char *value, struct failure *failure)
{
    if (!option->names)
        return wcenc__refuse(failure, "encoder_options: %s is \"%.64s\", native-openh264 takes %d to %d", option->name,
                             value, option->min, option->max);
    return wcenc__refuse(failure, "encoder_options: %s is \"%.64s\", native-openh264 takes names such as \"%s\"",
                         option->name, value, option->names[0].name);
}

bool wcenc__openh264_set_option(SEncParamExt *parameters, enum openh264_origin origin, const char *name,
                                const char *value, struct failure *failure)
{
    const struct openh264_option *option = find(name, origin);
    int number;

    if (!option)
        return wcenc__refuse(failure, "encoder_options: native-openh264 has no translation for \"%.64s\"", name);
    if (!read_value(option, value, &number))
        return refuse_value(option, value, failure);
    store(parameters, option, number);
    return true;
}

bool wcenc__openh264_set_caller_options(SEncParamExt *parameters, const struct encoder_config *config,
                                        struct failure *failure)
{
    const char *at = config->given.encoder_options;
    struct option_pair pair;

    while (at && *at)
        if (!wcenc__option_pair_read("native-openh264", &at, &pair, failure) ||
            !wcenc__openh264_set_option(parameters, OPENH264_OF_CALLER, pair.name, pair.value, failure))
            return false;
    return true;
}
