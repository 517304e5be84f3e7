/* SPDX-License-Identifier: MIT */

/* Options by name: members of libaom's configuration, and controls of its open encoder. */

#include <limits.h>
#include <string.h>

#include "aom.h"
#include "compiler.h"
#include "option_pairs.h"

static const struct native_name aq_modes[] = {
    {"none", 0}, {"variance", 1}, {"complexity", 2}, {"cyclic", 3}, {NULL, 0}};
static const struct native_name contents[] = {
    {"default", AOM_CONTENT_DEFAULT}, {"screen", AOM_CONTENT_SCREEN}, {NULL, 0}};
static const struct native_name tunings[] = {{"psnr", AOM_TUNE_PSNR}, {"ssim", AOM_TUNE_SSIM}, {NULL, 0}};

static const struct aom_option {
    const char *name;
    bool is_for_callers; /* FFmpeg has it, some as a part of aom-params, and it is the caller's to say */
    bool is_control;
    size_t offset; /* of a member of aom_codec_enc_cfg_t, which is an int or unsigned */
    int control;
    struct native_values values;
} options[] = {
#define MEMBER(member) false, offsetof(aom_codec_enc_cfg_t, member), 0
#define CONTROL(id)    true, 0, id
#define SWITCH(id)     \
    true, CONTROL(id), \
    {                  \
        0, 1, NULL     \
    }
    {"cpu-used", true, CONTROL(AOME_SET_CPUUSED), {0, 10, NULL}},
    {"static-thresh", true, CONTROL(AOME_SET_STATIC_THRESHOLD), {0, INT_MAX, NULL}},
    {"max-intra-rate", true, CONTROL(AOME_SET_MAX_INTRA_BITRATE_PCT), {0, INT_MAX, NULL}},
    {"arnr-max-frames", true, CONTROL(AOME_SET_ARNR_MAXFRAMES), {0, 15, NULL}},
    {"arnr-strength", true, CONTROL(AOME_SET_ARNR_STRENGTH), {0, 6, NULL}},
    {"auto-alt-ref", SWITCH(AOME_SET_ENABLEAUTOALTREF)},
    {"crf", false, CONTROL(AOME_SET_CQ_LEVEL), {0, 63, NULL}},
    {"tune", true, CONTROL(AOME_SET_TUNING), {0, 0, tunings}},
    {"tune-content", true, CONTROL(AV1E_SET_TUNE_CONTENT), {0, 1, contents}},
    {"aq-mode", true, CONTROL(AV1E_SET_AQ_MODE), {0, 3, aq_modes}},
    {"deltaq-mode", false, CONTROL(AV1E_SET_DELTAQ_MODE), {0, 0, NULL}},
    {"lossless", SWITCH(AV1E_SET_LOSSLESS)},
    {"row-mt", SWITCH(AV1E_SET_ROW_MT)},
    {"tile-columns", true, CONTROL(AV1E_SET_TILE_COLUMNS), {0, 6, NULL}},
    {"tile-rows", true, CONTROL(AV1E_SET_TILE_ROWS), {0, 6, NULL}},
    {"frame-parallel", SWITCH(AV1E_SET_FRAME_PARALLEL_DECODING)},
    {"cdf-update-mode", true, CONTROL(AV1E_SET_CDF_UPDATE_MODE), {0, 2, NULL}},
    {"coeff-cost-upd-freq", true, CONTROL(AV1E_SET_COEFF_COST_UPD_FREQ), {0, 3, NULL}},
    {"mode-cost-upd-freq", true, CONTROL(AV1E_SET_MODE_COST_UPD_FREQ), {0, 3, NULL}},
    {"mv-cost-upd-freq", true, CONTROL(AV1E_SET_MV_COST_UPD_FREQ), {0, 3, NULL}},
    {"dv-cost-upd-freq", true, CONTROL(AV1E_SET_DV_COST_UPD_FREQ), {0, 3, NULL}},
    {"max-reference-frames", true, CONTROL(AV1E_SET_MAX_REFERENCE_FRAMES), {3, 7, NULL}},
    {"reduced-tx-type-set", SWITCH(AV1E_SET_REDUCED_TX_TYPE_SET)},
    {"gf-max-pyr-height", true, CONTROL(AV1E_SET_GF_MAX_PYRAMID_HEIGHT), {0, 5, NULL}},
    {"enable-cdef", SWITCH(AV1E_SET_ENABLE_CDEF)},
    {"enable-restoration", SWITCH(AV1E_SET_ENABLE_RESTORATION)},
    {"enable-obmc", SWITCH(AV1E_SET_ENABLE_OBMC)},
    {"enable-warped-motion", SWITCH(AV1E_SET_ENABLE_WARPED_MOTION)},
    {"enable-global-motion", SWITCH(AV1E_SET_ENABLE_GLOBAL_MOTION)},
    {"enable-ref-frame-mvs", SWITCH(AV1E_SET_ENABLE_REF_FRAME_MVS)},
    {"enable-tpl-model", SWITCH(AV1E_SET_ENABLE_TPL_MODEL)},
    {"enable-palette", SWITCH(AV1E_SET_ENABLE_PALETTE)},
    {"enable-intrabc", SWITCH(AV1E_SET_ENABLE_INTRABC)},
    {"enable-rect-partitions", SWITCH(AV1E_SET_ENABLE_RECT_PARTITIONS)},
    {"enable-ab-partitions", SWITCH(AV1E_SET_ENABLE_AB_PARTITIONS)},
    {"enable-1to4-partitions", SWITCH(AV1E_SET_ENABLE_1TO4_PARTITIONS)},
    {"enable-dual-filter", SWITCH(AV1E_SET_ENABLE_DUAL_FILTER)},
    {"enable-interintra-comp", SWITCH(AV1E_SET_ENABLE_INTERINTRA_COMP)},
    {"enable-masked-comp", SWITCH(AV1E_SET_ENABLE_MASKED_COMP)},
    {"lag-in-frames", true, MEMBER(g_lag_in_frames), {0, AOM_LOOKAHEAD_MAX, NULL}},
    {"undershoot-pct", true, MEMBER(rc_undershoot_pct), {0, 100, NULL}},
    {"overshoot-pct", true, MEMBER(rc_overshoot_pct), {0, 100, NULL}},
    {"qmin", true, MEMBER(rc_min_quantizer), {0, 63, NULL}},
    {"qmax", true, MEMBER(rc_max_quantizer), {0, 63, NULL}},
    {"threads", false, MEMBER(g_threads), {1, AOM_THREADS_MAX, NULL}},
    {"kf-min-dist", false, MEMBER(kf_min_dist), {0, INT_MAX, NULL}},
    {"kf-max-dist", false, MEMBER(kf_max_dist), {0, INT_MAX, NULL}},
    {"target-bitrate", false, MEMBER(rc_target_bitrate), {1, INT_MAX, NULL}},
    {"buf-sz", false, MEMBER(rc_buf_sz), {0, INT_MAX, NULL}},
    {"buf-initial-sz", false, MEMBER(rc_buf_initial_sz), {0, INT_MAX, NULL}},
    {"buf-optimal-sz", false, MEMBER(rc_buf_optimal_sz), {0, INT_MAX, NULL}},
};

_Static_assert(ARRAY_LENGTH(options) <= NATIVE_CONTROLS_MAX, "there is room for every control");

static const struct aom_option *find(const char *name, enum aom_origin origin)
{
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
        if (strcmp(options[i].name, name) == 0 && (origin == AOM_OF_ROW || options[i].is_for_callers))
            return &options[i];
    return NULL;
}

bool wcenc__aom_set_option(struct aom_settings *settings, enum aom_origin origin, const char *name, const char *value,
                           struct failure *failure)
{
    const struct aom_option *option = find(name, origin);
    int number;

    if (!option)
        return wcenc__defer(
            failure, "encoder_options: native-aom has no translation for \"%.64s\"; FFmpeg's libaom-av1 may take it",
            name);
    if (!wcenc__native_read_value(&option->values, value, &number))
        return wcenc__refuse(failure, "encoder_options: %s is \"%.64s\", native-aom takes %s%d to %d", name, value,
                             option->values.names ? "a name of FFmpeg's or " : "", option->values.min,
                             option->values.max);
    if (option->is_control)
        wcenc__native_set_control(&settings->controls, option->control, number);
    else
        memcpy((char *)&settings->codec + option->offset, &number, sizeof number);
    return true;
}

bool wcenc__aom_set_caller_options(struct aom_settings *settings, const struct encoder_config *config,
                                   struct failure *failure)
{
    const char *at = config->given.encoder_options;
    struct option_pair pair;

    while (at && *at)
        if (!wcenc__option_pair_read("native-aom", &at, &pair, failure) ||
            !wcenc__aom_set_option(settings, AOM_OF_CALLER, pair.name, pair.value, failure))
            return false;
    return true;
}

aom_codec_err_t wcenc__aom_apply_controls(aom_codec_ctx_t *codec, const struct aom_settings *settings)
{
    aom_codec_err_t error = AOM_CODEC_OK;

    for (size_t i = 0; i < settings->controls.count && error == AOM_CODEC_OK; i++)
        error = aom_codec_control(codec, settings->controls.items[i].id, settings->controls.items[i].value);
    return error;
}
