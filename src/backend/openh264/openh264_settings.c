/* SPDX-License-Identifier: MIT */

/* From a configuration to everything that OpenH264 is opened with. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "color_space.h"
#include "compiler.h"
#include "openh264.h"

enum { PROFILE_BASELINE = 66 };

uint8_t wcenc__openh264_mode(const struct encoder_config *config)
{
    if (config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY)
        return OPENH264_CONSTANT_QUALITY;
    return (uint8_t)(1 << config->given.bitrate_mode);
}

static bool has_cabac(const struct encoder_config *config)
{
    return config->codec.profile != PROFILE_BASELINE;
}

static uint32_t blocks(uint32_t side)
{
    return (side + 15) / 16;
}

/* Slices that it may have: rate control wants two rows of macroblocks in each, or four where rows are long. */
static uint32_t most_slices(const struct encoder_config *config)
{
    const uint32_t across = blocks(config->given.width), down = blocks(config->given.height);

    if (across * down <= OPENH264_BLOCKS_OF_SLICE)
        return 1;
    return down / (across > OPENH264_BLOCKS_OF_SHORT_ROW ? 4 : 2);
}

/* Each codes a slice of its own. */
static uint32_t threads_of(const struct encoder_config *config)
{
    const uint32_t most = config->given.threads ? OPENH264_MAX_THREADS : OPENH264_DEFAULT_THREADS;
    const uint32_t area = blocks(config->given.width) * blocks(config->given.height);
    uint32_t threads = config->threads < most ? config->threads : most;

    while (threads > 1 && (area / threads < OPENH264_BLOCKS_OF_THREAD || threads > most_slices(config)))
        threads--;
    return threads;
}

/* Two where that can be, which leaves more of OpenH264's memory for each. */
static uint32_t slices_of(const struct encoder_config *config)
{
    const uint32_t threads = threads_of(config);

    return most_slices(config) < 2 ? 1 : threads < 2 ? 2 : threads;
}

/* The value of {name}. */
static const char *variable(const char *name, const struct encoder_config *config, char number[16])
{
    const uint32_t slices = slices_of(config);
    const struct {
        const char *name;
        uint32_t value;
    } numbers[] = {
        {"{layers}", config->temporal_layers},
        {"{bitrate}", (uint32_t)wcenc__openh264_bitrate(config)},
        {"{quality}", (uint32_t)lround(config->quality)},
        {"{threads}", threads_of(config)},
        {"{slices}", slices},
        {"{qmin}", slices > 1 ? OPENH264_MIN_QUANTIZER : OPENH264_MIN_QUANTIZER_OF_SLICE},
        {"{slice_mode}", slices > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE},
    };

    if (strcmp(name, "{coder}") == 0)
        return has_cabac(config) ? "cabac" : "cavlc";
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (strcmp(numbers[i].name, name) == 0)
            (void)snprintf(number, 16, "%u", (unsigned)numbers[i].value);
    return number;
}

static bool apply_row(SEncParamExt *parameters, const struct openh264_row *row, const struct encoder_config *config,
                      struct failure *failure)
{
    const bool is_realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;
    char number[16] = "";

    if (!(row->latencies & (is_realtime ? OPENH264_IN_REALTIME : OPENH264_IN_QUALITY)) ||
        !(row->modes & wcenc__openh264_mode(config)))
        return true;
    return wcenc__openh264_set_option(parameters, OPENH264_OF_ROW, row->option,
                                      *row->value == '{' ? variable(row->value, config, number) : row->value, failure);
}

static bool apply_rows(SEncParamExt *parameters, const struct encoder_config *config, struct failure *failure)
{
    const int step = config->given.effort + OPENH264_EFFORTS / 2;
    bool good = true;

    for (const struct openh264_row *row = wcenc__openh264_rows; good && row->option; row++)
        good = apply_row(parameters, row, config, failure);
    for (const struct openh264_effort *effort = wcenc__openh264_efforts; good && effort->option; effort++) {
        const struct openh264_row row = {effort->latencies, OPENH264_ANY_MODE, effort->option, effort->values[step]};

        good = !*row.value || apply_row(parameters, &row, config, failure);
    }
    return good;
}

static void set_fields(SEncParamExt *parameters, const struct encoder_config *config)
{
    SSpatialLayerConfig *layer = &parameters->sSpatialLayers[0];

    parameters->iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters->iPicWidth = layer->iVideoWidth = (int)config->given.width;
    parameters->iPicHeight = layer->iVideoHeight = (int)config->given.height;
    parameters->fMaxFrameRate = layer->fFrameRate = wcenc__openh264_framerate(config);
    parameters->iSpatialLayerNum = 1;
    layer->uiProfileIdc = (EProfileIdc)config->codec.profile;
    layer->uiLevelIdc = (ELevelIdc)wcenc__openh264_level(&config->codec);
}

/* What the caller's options may not ask for here. */
static bool check_promises(const SEncParamExt *parameters, const SEncParamExt *of_rows,
                           const struct encoder_config *config, struct failure *failure)
{
    const bool has_rate = wcenc__openh264_mode(config) & OPENH264_RATE;

    if (parameters->iEntropyCodingModeFlag && !has_cabac(config))
        return wcenc__refuse(failure, "encoder_options: coder is CABAC, which Baseline does not have");
    if (!has_rate && parameters->iMinQp != of_rows->iMinQp)
        return wcenc__refuse(failure, "encoder_options: qmin is for a bitrate, and bitrate_mode asks for none");
    if (parameters->iMinQp < of_rows->iMinQp)
        return wcenc__refuse(failure, "encoder_options: qmin is %d, native-openh264 takes %d to %d at this size",
                             parameters->iMinQp, of_rows->iMinQp, OPENH264_MAX_QUANTIZER - 1);
    return true;
}

bool wcenc__openh264_settings_fill(SEncParamExt *parameters, const struct encoder_config *config,
                                   struct failure *failure)
{
    SEncParamExt of_rows;

    set_fields(parameters, config);
    if (!apply_rows(parameters, config, failure))
        return false;
    of_rows = *parameters;
    if (!wcenc__openh264_set_caller_options(parameters, config, failure) ||
        !check_promises(parameters, &of_rows, config, failure))
        return false;
    parameters->sSpatialLayers[0].iSpatialBitrate = parameters->iTargetBitrate;
    return true;
}

/* FFmpeg's decoder rejects an aspect ratio that leaves less than a pixel of a side, and then restarts at every frame.
 */
static bool is_visible(const struct encoder_config *config, uint64_t across, uint64_t down)
{
    return across < down ? config->given.width * across >= down : config->given.height * down >= across;
}

/* Pixels are as wide as the display size asks for. */
static void set_aspect(SSpatialLayerConfig *layer, const struct encoder_config *config)
{
    uint64_t across = (uint64_t)config->display_width * config->given.height;
    uint64_t down = (uint64_t)config->display_height * config->given.width;
    uint64_t divisor = across, rest = down;

    while (rest) {
        const uint64_t next = divisor % rest;

        divisor = rest;
        rest = next;
    }
    across /= divisor;
    down /= divisor;
    while (across > UINT16_MAX || down > UINT16_MAX) {
        across = (across + 1) / 2;
        down = (down + 1) / 2;
    }
    if (across == down || !is_visible(config, across, down))
        return;
    layer->bAspectRatioPresent = true;
    layer->eAspectRatio = ASP_EXT_SAR;
    layer->sAspectRatioExtWidth = (unsigned short)across;
    layer->sAspectRatioExtHeight = (unsigned short)down;
}

void wcenc__openh264_describe_pictures(SSpatialLayerConfig *layer, const struct backend_setup *setup)
{
    const wcenc_color_space *color_space = &setup->color_space;

    layer->bVideoSignalTypePresent = true;
    layer->uiVideoFormat = VF_UNDEF;
    layer->bFullRange = color_space->range == WCENC_COLOR_RANGE_FULL;
    layer->bColorDescriptionPresent = color_space->primaries || color_space->transfer || color_space->matrix;
    layer->uiColorPrimaries = wcenc__color_code_point(color_space->primaries);
    layer->uiTransferCharacteristics = wcenc__color_code_point(color_space->transfer);
    layer->uiColorMatrix = wcenc__color_code_point(color_space->matrix);
    set_aspect(layer, setup->config);
}
