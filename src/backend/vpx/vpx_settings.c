/* SPDX-License-Identifier: MIT */

/* From a configuration to everything that libvpx is opened with. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compiler.h"
#include "native_rate.h"
#include "thread.h"
#include "vpx.h"

uint8_t wcenc__vpx_mode(const struct encoder_config *config)
{
    if (config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY)
        return VPX_CONSTANT_QUALITY;
    return (uint8_t)(1 << config->given.bitrate_mode);
}

uint8_t wcenc__vpx_purposes(const struct encoder_config *config)
{
    const char *hint = config->given.content_hint;
    const bool is_screen = hint && (strcmp(hint, "detail") == 0 || strcmp(hint, "text") == 0);
    int purposes = 0;

    purposes |= config_has_steps(config) ? VPX_FOR_STEPS : 0;
    purposes |= config->is_manual ? VPX_FOR_MANUAL : 0;
    purposes |= is_screen ? VPX_FOR_SCREEN : 0;
    if (wcenc__vpx_mode(config) == VPX_CONSTANT_QUALITY)
        purposes |= config->bitrate ? VPX_FOR_CAP : VPX_FOR_NO_CAP;
    return (uint8_t)purposes;
}

bool wcenc__vpx_asks_for_keys(const struct encoder_config *config)
{
    return config_has_steps(config) || config->given.alpha == WCENC_ALPHA_KEEP;
}

/* What brings libvpx down: bits. */
enum {
    AVOID_TILE_COLUMNS = 1, /* several of them, where there are several threads */
    AVOID_THREADS = 2,      /* more than one */
};

/*
 * Each thread of VP9 but the first codes its tile column into a buffer of a byte for each pixel of the picture. Half a
 * picture of noise fits into that at any quantizer only with 8 bits of 4:2:0, and not where the picture is so low that
 * the rows up to the next whole block matter. Pictures wider than 4096 have two columns at least.
 */
static unsigned hazards_of(const struct encoder_config *config)
{
    enum { BLOCK = 64, TILE_WIDTH_MAX = 4096 };
    const struct codec_id *codec = &config->codec;
    const bool fits = codec->bit_depth == 8 && codec->chroma == CHROMA_420 && config->given.height >= BLOCK;

    if (codec->family != CODEC_VP9 || fits)
        return 0;
    return config->given.width > TILE_WIDTH_MAX ? AVOID_TILE_COLUMNS | AVOID_THREADS : AVOID_TILE_COLUMNS;
}

static uint32_t threads_of(const struct vpx_encoder *encoder, const struct encoder_config *config)
{
    enum { THREADS_MAX = 64 }; /* of libvpx */
    uint32_t threads = config->threads, most = THREADS_MAX;

    if (wcenc__thread_default_stack() < encoder->thread_stack_kb * (size_t)1024 || (hazards_of(config) & AVOID_THREADS))
        return 1;
    if (!config->given.threads && encoder->default_threads_max)
        most = encoder->default_threads_max;
    return threads < most ? threads : most;
}

/* Log2 of the tile columns that give every thread some 256 pixels of width. */
static uint32_t tile_columns_log2(const struct encoder_config *config)
{
    uint32_t log2 = 0;

    if (hazards_of(config) & AVOID_TILE_COLUMNS)
        return 0;
    while (log2 < 4 && (2u << log2) <= config->threads && (512u << log2) <= config->given.width)
        log2++;
    return log2;
}

/* None where each frame says what it reads, or what it is coded with. */
static uint32_t lookahead_of(const struct vpx_encoder *encoder, const struct encoder_config *config)
{
    const uint32_t bound = config->given.max_delay_frames;

    if (config->given.latency_mode == WCENC_LATENCY_REALTIME || config_has_steps(config) ||
        wcenc__vpx_mode(config) == VPX_QUANTIZER)
        return 0;
    return bound && bound <= encoder->lookahead ? bound - 1 : encoder->lookahead;
}

uint32_t wcenc__vpx_frames_held(const struct vpx_settings *settings)
{
    return settings->codec.g_lag_in_frames ? settings->codec.g_lag_in_frames + 1 : 0;
}

/* The value of {name}. */
static uint32_t variable(const char *name, const struct encoder_config *config)
{
    enum { NEVER = 1000000 };
    const struct vpx_encoder *encoder = wcenc__vpx_encoder(config->codec.family);
    const bool asks = wcenc__vpx_asks_for_keys(config);
    const uint32_t interval = config->key_interval < NEVER ? config->key_interval : NEVER;
    const struct {
        const char *name;
        uint32_t value;
    } variables[] = {
        {"{lookahead}", lookahead_of(encoder, config)},
        {"{alt_ref}", lookahead_of(encoder, config) > 0},
        {"{threads}", threads_of(encoder, config)},
        {"{tile_columns}", tile_columns_log2(config)},
        {"{key_distance_min}", asks ? NEVER : 0},
        {"{key_distance_max}", asks ? NEVER : interval},
        {"{kilobits}", wcenc__vpx_kilobits(config)},
        {"{quality}", (uint32_t)lround(config->quality)},
        {"{quantizer_min}", wcenc__quantizer_min(config, &encoder->quantizer_min)},
        {"{key_percent}", wcenc__key_frame_percent(wcenc__native_framerate(config), encoder->key_step)},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        if (strcmp(variables[i].name, name) == 0)
            return variables[i].value;
    return 0;
}

static bool applies(const struct vpx_row *row, uint8_t codec, const struct encoder_config *config)
{
    const bool is_realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;

    return (row->codecs & codec) && (row->latencies & (is_realtime ? VPX_IN_REALTIME : VPX_IN_QUALITY)) &&
           (row->modes & wcenc__vpx_mode(config)) &&
           (row->purposes == VPX_FOR_ALL || (row->purposes & wcenc__vpx_purposes(config)));
}

static bool apply_row(struct vpx_settings *settings, const struct vpx_row *row, const struct encoder_config *config,
                      struct failure *failure)
{
    const uint8_t codec = wcenc__vpx_encoder(config->codec.family)->codec;
    const bool is_variable = *row->value == '{';
    char value[16];

    if (!applies(row, codec, config))
        return true;
    (void)snprintf(value, sizeof value, "%u", is_variable ? (unsigned)variable(row->value, config) : 0);
    return wcenc__vpx_set_option(settings, codec, VPX_OF_ROW, row->option, is_variable ? value : row->value, failure);
}

static bool apply_rows(struct vpx_settings *settings, const struct encoder_config *config, struct failure *failure)
{
    const int step = config->given.effort + VPX_EFFORTS / 2;
    bool good = true;

    for (const struct vpx_row *row = wcenc__vpx_rows; good && row->option; row++)
        good = apply_row(settings, row, config, failure);
    for (const struct vpx_effort *effort = wcenc__vpx_efforts; good && effort->option; effort++) {
        const struct vpx_row row = {effort->codecs,   effort->latencies, effort->modes,
                                    effort->purposes, effort->option,    effort->values[step]};

        good = !*row.value || apply_row(settings, &row, config, failure);
    }
    return good;
}

/* Layers are coded at a constant rate: a variable one of VP9 is known to come to many times what was asked. */
static enum vpx_rc_mode rate_control(const struct encoder_config *config)
{
    const bool is_vp9 = config->codec.family == CODEC_VP9;

    switch (wcenc__vpx_mode(config)) {
    case VPX_CONSTANT:
        return VPX_CBR;
    case VPX_QUANTIZER:
        return VPX_Q;
    case VPX_CONSTANT_QUALITY:
        return is_vp9 && !config->bitrate ? VPX_Q : VPX_CQ;
    default:
        return is_vp9 && config->temporal_layers > 1 ? VPX_CBR : VPX_VBR;
    }
}

static void set_fields(vpx_codec_enc_cfg_t *codec, const struct encoder_config *config)
{
    codec->g_w = config->given.width;
    codec->g_h = config->given.height;
    codec->g_profile = config->codec.profile;
    codec->g_bit_depth = (vpx_bit_depth_t)config->codec.bit_depth;
    codec->g_input_bit_depth = config->codec.bit_depth;
    codec->g_timebase = (struct vpx_rational){1, NATIVE_TICKS};
    codec->g_pass = VPX_RC_ONE_PASS;
    codec->rc_dropframe_thresh = 0;
    codec->rc_resize_allowed = 0;
    codec->rc_end_usage = rate_control(config);
    codec->kf_mode = VPX_KF_AUTO;
}

/* What the caller's options may not ask for here. */
static bool check_promises(const struct vpx_settings *settings, const struct encoder_config *config,
                           struct failure *failure)
{
    const bool has_steps = config_has_steps(config) || wcenc__vpx_mode(config) == VPX_QUANTIZER;
    const bool has_columns = wcenc__vpx_control_value(settings, VP9E_SET_TILE_COLUMNS) != 0;
    const bool has_threads = settings->codec.g_threads > 1;

    if (settings->codec.g_lag_in_frames && config->given.latency_mode == WCENC_LATENCY_REALTIME)
        return wcenc__refuse(failure, "encoder_options: lag-in-frames holds frames back, realtime does not");
    if (has_steps && (settings->codec.g_lag_in_frames || wcenc__vpx_control_value(settings, VP8E_SET_ENABLEAUTOALTREF)))
        return wcenc__refuse(failure, "encoder_options: lag-in-frames and auto-alt-ref must be 0 with layers and with "
                                      "bitrate_mode \"quantizer\"");
    if (settings->codec.rc_min_quantizer > settings->codec.rc_max_quantizer)
        return wcenc__refuse(failure, "encoder_options: qmin is %u, which is more than qmax, %u",
                             settings->codec.rc_min_quantizer, settings->codec.rc_max_quantizer);
    if (has_columns && has_threads && (hazards_of(config) & AVOID_TILE_COLUMNS))
        return wcenc__refuse(failure, "encoder_options: native-vpx would crash with several tile columns in threads at "
                                      "this size and format; set tile-columns=0");
    return true;
}

/* Quantizers of frames leave nothing to these. */
static bool check_quantizer_options(const struct vpx_settings *before, const struct vpx_settings *after,
                                    const struct encoder_config *config, struct failure *failure)
{
    if (wcenc__vpx_mode(config) != VPX_QUANTIZER)
        return true;
    if (after->codec.rc_min_quantizer != before->codec.rc_min_quantizer ||
        after->codec.rc_max_quantizer != before->codec.rc_max_quantizer ||
        wcenc__vpx_control_value(after, VP9E_SET_LOSSLESS) || wcenc__vpx_control_value(after, VP9E_SET_AQ_MODE))
        return wcenc__refuse(failure, "encoder_options: with bitrate_mode \"quantizer\" each frame has its own, which "
                                      "qmin, qmax, lossless and aq-mode must not touch");
    return true;
}

bool wcenc__vpx_settings_fill(struct vpx_settings *settings, const struct encoder_config *config,
                              struct failure *failure)
{
    vpx_codec_iface_t *codec = wcenc__vpx_interface(config->codec.family);
    struct vpx_settings of_rows;

    memset(settings, 0, sizeof *settings);
    if (vpx_codec_enc_config_default(codec, &settings->codec, 0) != VPX_CODEC_OK)
        return wcenc__refuse(failure, "native-vpx: this libvpx has no encoder for \"%s\"", config->given.codec);
    set_fields(&settings->codec, config);
    if (!apply_rows(settings, config, failure))
        return false;
    of_rows = *settings;
    if (!wcenc__vpx_set_caller_options(settings, config, failure))
        return false;
    settings->codec.rc_min_quantizer = wcenc__quantizer_min_within(
        settings->codec.rc_min_quantizer, of_rows.codec.rc_min_quantizer, settings->codec.rc_max_quantizer);
    return check_promises(settings, config, failure) && check_quantizer_options(&of_rows, settings, config, failure);
}
