/* SPDX-License-Identifier: MIT */

/* Options by name: members of libvpx's configuration, and controls of its open encoders. */

#include <limits.h>
#include <string.h>

#include "compiler.h"
#include "option_pairs.h"
#include "vpx.h"

struct named_value {
    const char *name;
    int value;
};

static const struct named_value aq_modes[] = {{"none", 0},   {"variance", 1},   {"complexity", 2},
                                              {"cyclic", 3}, {"equator360", 4}, {NULL, 0}};
static const struct named_value contents[] = {{"default", 0}, {"screen", 1}, {"film", 2}, {NULL, 0}};
static const struct named_value deadlines[] = {
    {"best", VPX_DL_BEST_QUALITY}, {"good", VPX_DL_GOOD_QUALITY}, {"realtime", VPX_DL_REALTIME}, {NULL, 0}};

/* Where a value goes. */
enum place { CONFIG, CONTROL, DEADLINE };

static const struct vpx_option {
    const char *name;
    uint8_t codecs;
    bool is_for_callers; /* FFmpeg has it, and it is the caller's to say */
    enum place place;
    size_t offset; /* of a member of vpx_codec_enc_cfg_t, which is an int or unsigned */
    int control;
    int min, max;
    const struct named_value *names;
} options[] = {
#define MEMBER(member) CONFIG, offsetof(vpx_codec_enc_cfg_t, member), 0
#define CONTROLS(id)   CONTROL, 0, id
    {"deadline", VPX_BOTH, true, DEADLINE, 0, 0, 0, INT_MAX, deadlines},
    {"quality", VPX_BOTH, true, DEADLINE, 0, 0, 0, INT_MAX, deadlines},
    {"cpu-used", VPX_VP8, true, CONTROLS(VP8E_SET_CPUUSED), -16, 16, NULL},
    {"cpu-used", VPX_VP9, true, CONTROLS(VP8E_SET_CPUUSED), -9, 9, NULL},
    {"static-thresh", VPX_BOTH, true, CONTROLS(VP8E_SET_STATIC_THRESHOLD), 0, INT_MAX, NULL},
    {"noise-sensitivity", VPX_VP8, true, CONTROLS(VP8E_SET_NOISE_SENSITIVITY), 0, 4, NULL},
    {"max-intra-rate", VPX_BOTH, true, CONTROLS(VP8E_SET_MAX_INTRA_BITRATE_PCT), 0, INT_MAX, NULL},
    {"arnr-maxframes", VPX_BOTH, true, CONTROLS(VP8E_SET_ARNR_MAXFRAMES), 0, 15, NULL},
    {"arnr-strength", VPX_BOTH, true, CONTROLS(VP8E_SET_ARNR_STRENGTH), 0, 6, NULL},
    {"auto-alt-ref", VPX_VP8, false, CONTROLS(VP8E_SET_ENABLEAUTOALTREF), 0, 0, NULL},
    {"auto-alt-ref", VPX_VP9, true, CONTROLS(VP8E_SET_ENABLEAUTOALTREF), 0, 1, NULL},
    {"crf", VPX_BOTH, false, CONTROLS(VP8E_SET_CQ_LEVEL), 0, 63, NULL},
    {"screen-content-mode", VPX_VP8, false, CONTROLS(VP8E_SET_SCREEN_CONTENT_MODE), 0, 2, NULL},
    {"aq-mode", VPX_VP9, true, CONTROLS(VP9E_SET_AQ_MODE), 0, 4, aq_modes},
    {"row-mt", VPX_VP9, true, CONTROLS(VP9E_SET_ROW_MT), 0, 1, NULL},
    {"tile-columns", VPX_VP9, true, CONTROLS(VP9E_SET_TILE_COLUMNS), 0, 6, NULL},
    {"tile-rows", VPX_VP9, true, CONTROLS(VP9E_SET_TILE_ROWS), 0, 2, NULL},
    {"frame-parallel", VPX_VP9, true, CONTROLS(VP9E_SET_FRAME_PARALLEL_DECODING), 0, 1, NULL},
    {"lossless", VPX_VP9, true, CONTROLS(VP9E_SET_LOSSLESS), 0, 1, NULL},
    {"tune-content", VPX_VP9, true, CONTROLS(VP9E_SET_TUNE_CONTENT), 0, 2, contents},
    {"lag-in-frames", VPX_VP8, false, MEMBER(g_lag_in_frames), 0, 0, NULL},
    {"lag-in-frames", VPX_VP9, true, MEMBER(g_lag_in_frames), 0, VPX_LOOKAHEAD_MAX, NULL},
    {"undershoot-pct", VPX_BOTH, true, MEMBER(rc_undershoot_pct), 0, 100, NULL},
    {"overshoot-pct", VPX_BOTH, true, MEMBER(rc_overshoot_pct), 0, 100, NULL},
    {"qmin", VPX_BOTH, true, MEMBER(rc_min_quantizer), 0, 63, NULL},
    {"qmax", VPX_BOTH, true, MEMBER(rc_max_quantizer), 0, 63, NULL},
    {"threads", VPX_BOTH, false, MEMBER(g_threads), 1, 64, NULL},
    {"kf-min-dist", VPX_BOTH, false, MEMBER(kf_min_dist), 0, INT_MAX, NULL},
    {"kf-max-dist", VPX_BOTH, false, MEMBER(kf_max_dist), 0, INT_MAX, NULL},
    {"target-bitrate", VPX_BOTH, false, MEMBER(rc_target_bitrate), 1, INT_MAX, NULL},
    {"buf-sz", VPX_BOTH, false, MEMBER(rc_buf_sz), 0, INT_MAX, NULL},
    {"buf-initial-sz", VPX_BOTH, false, MEMBER(rc_buf_initial_sz), 0, INT_MAX, NULL},
    {"buf-optimal-sz", VPX_BOTH, false, MEMBER(rc_buf_optimal_sz), 0, INT_MAX, NULL},
    {"error-resilient", VPX_BOTH, false, MEMBER(g_error_resilient), 0, 3, NULL},
};

_Static_assert(ARRAY_LENGTH(options) <= VPX_CONTROLS_MAX, "there is room for every control");

static const struct vpx_option *find(const char *name, uint8_t codec, enum vpx_origin origin)
{
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (strcmp(options[i].name, name) == 0 && (options[i].codecs & codec) &&
            (origin == VPX_OF_ROW || options[i].is_for_callers))
            return &options[i];
    return NULL;
}

static bool read_value(const struct vpx_option *option, const char *text, int *value)
{
    for (const struct named_value *named = option->names; named && named->name; named++)
        if (strcmp(named->name, text) == 0) {
            *value = named->value;
            return true;
        }
    return wcenc__option_number_read(text, option->min, option->max, value);
}

static void store(struct vpx_settings *settings, const struct vpx_option *option, int value)
{
    switch (option->place) {
    case DEADLINE:
        settings->deadline = (unsigned long)value;
        break;
    case CONFIG:
        memcpy((char *)&settings->codec + option->offset, &value, sizeof value);
        break;
    case CONTROL:
        for (size_t i = 0; i < settings->control_count; i++)
            if (settings->controls[i].id == option->control) {
                settings->controls[i].value = value;
                return;
            }
        settings->controls[settings->control_count++] = (struct vpx_control){option->control, value};
        break;
    }
}

bool wcenc__vpx_set_option(struct vpx_settings *settings, uint8_t codec, enum vpx_origin origin, const char *name,
                           const char *value, struct failure *failure)
{
    const struct vpx_option *option = find(name, codec, origin);
    int number;

    if (!option)
        return wcenc__defer(
            failure, "encoder_options: native-vpx has no translation for \"%.64s\"; FFmpeg's libvpx may take it", name);
    if (!read_value(option, value, &number))
        return wcenc__refuse(failure, "encoder_options: %s is \"%.64s\", native-vpx takes %s%d to %d", name, value,
                             option->names ? "a name of FFmpeg's or " : "", option->min, option->max);
    store(settings, option, number);
    return true;
}

bool wcenc__vpx_set_caller_options(struct vpx_settings *settings, const struct encoder_config *config,
                                   struct failure *failure)
{
    const char *at = config->given.encoder_options;
    const uint8_t codec = wcenc__vpx_encoder(config->codec.family)->codec;
    struct option_pair pair;

    while (at && *at)
        if (!wcenc__option_pair_read("native-vpx", &at, &pair, failure) ||
            !wcenc__vpx_set_option(settings, codec, VPX_OF_CALLER, pair.name, pair.value, failure))
            return false;
    return true;
}

int wcenc__vpx_control_value(const struct vpx_settings *settings, int control)
{
    for (size_t i = 0; i < settings->control_count; i++)
        if (settings->controls[i].id == control)
            return settings->controls[i].value;
    return 0;
}

vpx_codec_err_t wcenc__vpx_apply_controls(vpx_codec_ctx_t *codec, const struct vpx_settings *settings)
{
    vpx_codec_err_t error = VPX_CODEC_OK;

    for (size_t i = 0; i < settings->control_count && error == VPX_CODEC_OK; i++)
        error = vpx_codec_control_(codec, settings->controls[i].id, settings->controls[i].value);
    return error;
}
