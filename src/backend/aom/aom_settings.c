/* SPDX-License-Identifier: MIT */

/* From a configuration to everything that libaom is opened with. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "aom.h"
#include "compiler.h"
#include "native_rate.h"
#include "realtime_bounds.h"
#include "thread.h"

uint8_t wcenc__aom_mode(const struct encoder_config *config)
{
    if (config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY)
        return AOM_CONSTANT_QUALITY;
    return (uint8_t)(1 << config->given.bitrate_mode);
}

/* Tuning for screens is a hint, which is left alone where it would crash. */
uint8_t wcenc__aom_purposes(const struct encoder_config *config)
{
    const char *hint = config->given.content_hint;
    const bool is_screen = hint && (strcmp(hint, "detail") == 0 || strcmp(hint, "text") == 0);
    int purposes = 0;

    purposes |= config->temporal_layers > 1 ? AOM_FOR_LAYERS : 0;
    purposes |= config->is_manual ? AOM_FOR_MANUAL : 0;
    purposes |= is_screen && !wcenc__aom_crashes_on_screens(config) ? AOM_FOR_SCREEN : 0;
    purposes |= config->given.force_screen_content_tools ? AOM_FOR_TOOLS : 0;
    purposes |= wcenc__aom_mode(config) == AOM_CONSTANT_QUALITY && config->bitrate ? AOM_FOR_CAP : 0;
    return (uint8_t)purposes;
}

bool wcenc__aom_asks_for_keys(const struct encoder_config *config)
{
    return config_has_steps(config) || config->given.alpha == WCENC_ALPHA_KEEP;
}

static uint32_t threads_of(const struct encoder_config *config)
{
    if (wcenc__thread_default_stack() < AOM_THREAD_STACK_KB * (size_t)1024)
        return 1;
    return config->threads < AOM_THREADS_MAX ? config->threads : AOM_THREADS_MAX;
}

/* Log2 of the tile columns that give every thread some 256 pixels of width. */
static uint32_t tile_columns_log2(const struct encoder_config *config)
{
    uint32_t log2 = 0;

    while (log2 < 4 && (2u << log2) <= config->threads && (512u << log2) <= config->given.width)
        log2++;
    return log2;
}

/*
 * None where each frame says what it reads, or what it is coded with. Newer versions plan a constant rate over what
 * they see ahead, and come to 0.81 to 0.93 of it.
 */
static uint32_t lookahead_of(const struct encoder_config *config)
{
    const uint32_t bound = config->given.max_delay_frames;

    if (config->given.latency_mode == WCENC_LATENCY_REALTIME || config_has_steps(config) ||
        (wcenc__aom_mode(config) & (AOM_CONSTANT | AOM_QUANTIZER)))
        return 0;
    if (bound == 0 || bound >= AOM_LOOKAHEAD + AOM_HELD_BESIDE)
        return AOM_LOOKAHEAD;
    return bound > AOM_HELD_BESIDE ? bound - AOM_HELD_BESIDE : 0;
}

uint32_t wcenc__aom_frames_held(const struct aom_settings *settings)
{
    return settings->codec.g_lag_in_frames ? settings->codec.g_lag_in_frames + AOM_HELD_BESIDE : 0;
}

/*
 * With a bound the frames behind a large one are not smeared. Noise at less than a twentieth of a bit for a pixel came
 * to six times the bitrate with it.
 */
static uint32_t quantizer_max(const struct encoder_config *config)
{
    enum { BOUND = 52, COARSEST = 63, PIXELS_OF_A_BIT = 20 };
    const double pixels = (double)config->given.width * config->given.height;
    const double frame_bits = (double)config->bitrate * config->framerate.denominator / config->framerate.numerator;

    return frame_bits * PIXELS_OF_A_BIT < pixels ? COARSEST : BOUND;
}

/*
 * On a photograph of 1280x720 that moves, the fastest speed codes a fifth more frames a second than 9, and loses 0.1
 * dB. Small pictures do not need it.
 */
static uint32_t realtime_speed(const struct encoder_config *config)
{
    enum { SMALL = 640 * 360, FASTEST = 10 };

    return (uint64_t)config->given.width * config->given.height > SMALL ? FASTEST : FASTEST - 1;
}

/* The value of {name}. */
static uint32_t variable(const char *name, const struct encoder_config *config)
{
    enum { NEVER = 1000000 };
    /* Quantizer 0 is lossless. */
    static const struct quantizer_min min = {.at_rest = 8, .least = 2, .at_rest_if_variable = 2};
    const bool asks = wcenc__aom_asks_for_keys(config);
    const uint32_t interval = config->key_interval < NEVER ? config->key_interval : NEVER;
    const unsigned kilobits = wcenc__native_kilobits(config, wcenc__native_framerate(config));
    const struct {
        const char *name;
        uint32_t value;
    } variables[] = {
        {"{lookahead}", lookahead_of(config)},
        {"{threads}", threads_of(config)},
        {"{tile_columns}", tile_columns_log2(config)},
        {"{key_distance_min}", asks ? NEVER : 0},
        {"{key_distance_max}", asks ? NEVER : interval},
        {"{kilobits}", kilobits ? kilobits : 1}, /* where there is a quality and no cap, it is no matter */
        {"{quality}", (uint32_t)lround(config->quality)},
        {"{realtime_speed}", realtime_speed(config)},
        {"{quantizer_min}", wcenc__quantizer_min(config, &min)},
        {"{quantizer_max}", quantizer_max(config)},
        {"{key_percent}", wcenc__key_frame_percent(wcenc__native_framerate(config), 15)},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        if (strcmp(variables[i].name, name) == 0)
            return variables[i].value;
    return 0;
}

static bool applies(const struct aom_row *row, const struct encoder_config *config)
{
    const bool is_realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;

    return (row->latencies & (is_realtime ? AOM_IN_REALTIME : AOM_IN_QUALITY)) &&
           (row->modes & wcenc__aom_mode(config)) &&
           (row->purposes == AOM_FOR_ALL || (row->purposes & wcenc__aom_purposes(config)));
}

/* What libaom calls a usage has defaults of its own, so that it comes before all others. */
static bool is_usage(const struct aom_row *row)
{
    return strcmp(row->option, "usage") == 0;
}

static unsigned usage_of(const struct encoder_config *config)
{
    bool is_realtime = false;

    for (const struct aom_row *row = wcenc__aom_rows; row->option; row++)
        if (is_usage(row) && applies(row, config))
            is_realtime = strcmp(row->value, "realtime") == 0;
    return is_realtime ? AOM_USAGE_REALTIME : AOM_USAGE_GOOD_QUALITY;
}

static bool apply_row(struct aom_settings *settings, const struct aom_row *row, const struct encoder_config *config,
                      struct failure *failure)
{
    const bool is_variable = *row->value == '{';
    char value[16];

    if (!applies(row, config) || is_usage(row))
        return true;
    (void)snprintf(value, sizeof value, "%u", is_variable ? (unsigned)variable(row->value, config) : 0);
    return wcenc__aom_set_option(settings, AOM_OF_ROW, row->option, is_variable ? value : row->value, failure);
}

static bool apply_rows(struct aom_settings *settings, const struct encoder_config *config, struct failure *failure)
{
    const int step = config->given.effort + AOM_EFFORTS / 2;
    bool good = true;

    for (const struct aom_row *row = wcenc__aom_rows; good && row->option; row++)
        good = apply_row(settings, row, config, failure);
    for (const struct aom_effort *effort = wcenc__aom_efforts; good && effort->option; effort++) {
        const struct aom_row row = {effort->latencies, effort->modes, effort->purposes, effort->option,
                                    effort->values[step]};

        good = !*row.value || apply_row(settings, &row, config, failure);
    }
    return good;
}

/*
 * Layers are coded at a constant rate: of a variable one libaom spends less than half. Under a cap realtime keeps a
 * constant bitrate, see the rows.
 */
static enum aom_rc_mode rate_control(const struct encoder_config *config)
{
    switch (wcenc__aom_mode(config)) {
    case AOM_CONSTANT:
        return AOM_CBR;
    case AOM_QUANTIZER:
        return AOM_Q;
    case AOM_CONSTANT_QUALITY:
        if (!config->bitrate)
            return AOM_Q;
        return config->given.latency_mode == WCENC_LATENCY_REALTIME ? AOM_CBR : AOM_CQ;
    default:
        return config->temporal_layers > 1 ? AOM_CBR : AOM_VBR;
    }
}

/*
 * Realtime counts the bits of a frame by its duration, in fine ticks. Where libaom plans ahead it takes the inverse of
 * a tick for the framerate, whatever durations are.
 */
static struct aom_rational timebase(const struct encoder_config *config)
{
    const struct rational framerate = wcenc__native_framerate(config);

    if (usage_of(config) == AOM_USAGE_REALTIME)
        return (struct aom_rational){1, NATIVE_TICKS};
    return (struct aom_rational){framerate.denominator, framerate.numerator};
}

static void set_fields(aom_codec_enc_cfg_t *codec, const struct encoder_config *config)
{
    codec->g_w = config->given.width;
    codec->g_h = config->given.height;
    codec->g_profile = config->codec.profile;
    codec->g_bit_depth = (aom_bit_depth_t)config->codec.bit_depth;
    codec->g_input_bit_depth = config->codec.bit_depth;
    codec->g_timebase = timebase(config);
    codec->g_pass = AOM_RC_ONE_PASS;
    codec->rc_dropframe_thresh = 0;
    codec->rc_resize_mode = 0;
    codec->rc_superres_mode = AOM_SUPERRES_NONE;
    codec->rc_end_usage = rate_control(config);
    codec->kf_mode = AOM_KF_AUTO;
}

/* What the caller's options may not ask for here. */
static bool check_promises(const struct aom_settings *settings, const struct encoder_config *config,
                           struct failure *failure)
{
    enum { FASTEST_OF_GOOD = 9 };
    const bool has_steps = config_has_steps(config) || wcenc__aom_mode(config) == AOM_QUANTIZER;
    const aom_codec_enc_cfg_t *codec = &settings->codec;

    if (codec->g_lag_in_frames && config->given.latency_mode == WCENC_LATENCY_REALTIME)
        return wcenc__refuse(failure, "encoder_options: lag-in-frames holds frames back, realtime does not");
    if (codec->g_lag_in_frames && has_steps)
        return wcenc__refuse(failure, "encoder_options: lag-in-frames must be 0 with layers and with bitrate_mode "
                                      "\"quantizer\"");
    if (codec->rc_min_quantizer > codec->rc_max_quantizer)
        return wcenc__refuse(failure, "encoder_options: qmin is %u, which is more than qmax, %u",
                             codec->rc_min_quantizer, codec->rc_max_quantizer);
    if (codec->g_usage == AOM_USAGE_GOOD_QUALITY &&
        wcenc__native_control_value(&settings->controls, AOME_SET_CPUUSED) > FASTEST_OF_GOOD)
        return wcenc__refuse(failure, "encoder_options: cpu-used is 10, in quality it is at most %d", FASTEST_OF_GOOD);
    return wcenc__aom_is_safe(settings, config, failure);
}

/* Quantizers of frames leave nothing to these. */
static bool check_quantizer_options(const struct aom_settings *before, const struct aom_settings *after,
                                    const struct encoder_config *config, struct failure *failure)
{
    if (wcenc__aom_mode(config) != AOM_QUANTIZER)
        return true;
    if (after->codec.rc_min_quantizer != before->codec.rc_min_quantizer ||
        after->codec.rc_max_quantizer != before->codec.rc_max_quantizer ||
        wcenc__native_control_value(&after->controls, AV1E_SET_LOSSLESS) ||
        wcenc__native_control_value(&after->controls, AV1E_SET_AQ_MODE) ||
        wcenc__native_control_value(&after->controls, AV1E_SET_DELTAQ_MODE))
        return wcenc__refuse(failure, "encoder_options: with bitrate_mode \"quantizer\" each frame has its own, which "
                                      "qmin, qmax, lossless, aq-mode and deltaq-mode must not touch");
    return true;
}

bool wcenc__aom_settings_fill(struct aom_settings *settings, const struct encoder_config *config,
                              struct failure *failure)
{
    struct aom_settings of_rows;

    memset(settings, 0, sizeof *settings);
    if (aom_codec_enc_config_default(aom_codec_av1_cx(), &settings->codec, usage_of(config)) != AOM_CODEC_OK)
        return wcenc__refuse(failure, "native-aom: this libaom has no encoder");
    set_fields(&settings->codec, config);
    if (!apply_rows(settings, config, failure))
        return false;
    of_rows = *settings;
    if (!wcenc__aom_set_caller_options(settings, config, failure))
        return false;
    settings->codec.rc_min_quantizer = wcenc__quantizer_min_within(
        settings->codec.rc_min_quantizer, of_rows.codec.rc_min_quantizer, settings->codec.rc_max_quantizer);
    return check_promises(settings, config, failure) && check_quantizer_options(&of_rows, settings, config, failure);
}
