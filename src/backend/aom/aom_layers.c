/* SPDX-License-Identifier: MIT */

/*
 * Temporal layers. libaom takes a step of a pattern as the slot that each of its seven references names, whether the
 * frame reads it, and the slots that it writes.
 */

#include <math.h>

#include "aom.h"

/* Quantizer 0 is lossless, which an assertion of libaom's forbids in layers. */
static int quantizer_of_layers(unsigned quantizer)
{
    return quantizer ? (int)quantizer : 1;
}

aom_codec_err_t wcenc__aom_set_layers(struct aom_backend *aom)
{
    const aom_codec_enc_cfg_t *codec = &aom->settings.codec;
    const struct layer_pattern *pattern = wcenc__layer_pattern(aom->layers);
    aom_svc_params_t parameters = {
        .number_spatial_layers = 1,
        .number_temporal_layers = (int)aom->layers,
        .scaling_factor_num = {1},
        .scaling_factor_den = {1},
    };

    for (uint32_t i = 0; i < aom->layers; i++) {
        parameters.min_quantizers[i] = quantizer_of_layers(codec->rc_min_quantizer);
        parameters.max_quantizers[i] = quantizer_of_layers(codec->rc_max_quantizer);
        parameters.layer_target_bitrate[i] = (int)lround(codec->rc_target_bitrate * pattern->percents[i] / 100.0);
        parameters.framerate_factor[i] = pattern->decimators[i];
    }
    return aom_codec_control(&aom->codec, AV1E_SET_SVC_PARAMS, &parameters);
}

/*
 * Every reference names a slot, whether it is read or not, since only slots that are named can be written. One names
 * scrap: with a constant bitrate libaom writes what it names now and then, unasked.
 */
static aom_svc_ref_frame_config_t references_of(const struct layer_step *step)
{
    enum { LAST = 0, GOLDEN = 3, ALTREF2 = 5, SCRAP = 7 };
    static const struct {
        uint8_t buffer;
        int reference, slot;
    } buffers[] = {{LAYER_BUFFER_0, LAST, 0}, {LAYER_BUFFER_1, GOLDEN, 1}};
    aom_svc_ref_frame_config_t config = {.ref_idx = {[GOLDEN] = 1, [ALTREF2] = SCRAP}};

    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        config.reference[buffers[i].reference] = (step->references & buffers[i].buffer) != 0;
        config.refresh[buffers[i].slot] = (step->updates & buffers[i].buffer) != 0;
    }
    return config;
}

enum { LAST_FRAME_NAME = 0, GOLDEN_FRAME_NAME = 3 };

/* Names of references but golden, those first that realtime searches. */
static const int names[] = {LAST_FRAME_NAME, 6, 1, 2, 4, 5};

static void name_slot(aom_svc_ref_frame_config_t *config, size_t *count, int slot, bool is_read)
{
    const int name = names[(*count)++];

    config->ref_idx[name] = slot;
    config->reference[name] = is_read;
}

/*
 * The same for references that frames choose. With a constant bitrate libaom writes the first and the seventh slot at
 * times, unasked, if a reference names them: none does. The last slot keeps the last key frame, for frames without
 * references, with which libaom crashes.
 */
static aom_svc_ref_frame_config_t manual_references_of(const struct layer_step *step)
{
    enum { FIRST_SLOT = 1, KEY_SLOT = 7 };
    aom_svc_ref_frame_config_t config = {.ref_idx = {0}};
    size_t count = 0;

    if (!step->references)
        name_slot(&config, &count, KEY_SLOT, true);
    for (int buffer = 0; buffer < AOM_BUFFERS; buffer++)
        if (step->references >> buffer & 1)
            name_slot(&config, &count, FIRST_SLOT + buffer, true);
    for (int buffer = 0; buffer < AOM_BUFFERS; buffer++) {
        config.refresh[FIRST_SLOT + buffer] = step->updates >> buffer & 1;
        if (config.refresh[FIRST_SLOT + buffer] && !(step->references >> buffer & 1))
            name_slot(&config, &count, FIRST_SLOT + buffer, false);
    }
    while (count < sizeof names / sizeof names[0])
        name_slot(&config, &count, KEY_SLOT, false);
    config.ref_idx[GOLDEN_FRAME_NAME] = config.ref_idx[LAST_FRAME_NAME];
    return config;
}

aom_codec_err_t wcenc__aom_set_step(struct aom_backend *aom, const struct backend_frame *frame)
{
    aom_svc_layer_id_t layer = {.spatial_layer_id = 0};
    aom_svc_ref_frame_config_t references;
    aom_codec_err_t error;

    if (!frame->step)
        return AOM_CODEC_OK;
    if (aom->is_manual) {
        references = manual_references_of(frame->step);
        return aom_codec_control(&aom->codec, AV1E_SET_SVC_REF_FRAME_CONFIG, &references);
    }
    layer.temporal_layer_id = frame->step->layer;
    error = aom_codec_control(&aom->codec, AV1E_SET_SVC_LAYER_ID, &layer);
    references = references_of(frame->step);
    return error == AOM_CODEC_OK ? aom_codec_control(&aom->codec, AV1E_SET_SVC_REF_FRAME_CONFIG, &references) : error;
}
