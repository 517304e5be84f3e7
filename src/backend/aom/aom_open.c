/* SPDX-License-Identifier: MIT */

/* From a configuration to an open encoder of libaom, and back. */

#include <string.h>

#include "aom.h"
#include "color_space.h"
#include "compiler.h"
#include "mem.h"
#include "process.h"
#include "registry.h"
#include "thread.h"

/* Samples of the codec string, and what libaom calls them. */
struct samples {
    enum chroma chroma;
    uint8_t bit_depth;
    wcenc_pixel_format format;
    aom_img_fmt_t image_format;
};

static const struct samples *samples_of(const struct codec_id *codec)
{
    static const struct samples rows[] = {
        {CHROMA_420, 8, WCENC_PIXEL_FORMAT_I420, AOM_IMG_FMT_I420},
        {CHROMA_420, 10, WCENC_PIXEL_FORMAT_I420P10, AOM_IMG_FMT_I42016},
        {CHROMA_420, 12, WCENC_PIXEL_FORMAT_I420P12, AOM_IMG_FMT_I42016},
        {CHROMA_422, 8, WCENC_PIXEL_FORMAT_I422, AOM_IMG_FMT_I422},
        {CHROMA_422, 10, WCENC_PIXEL_FORMAT_I422P10, AOM_IMG_FMT_I42216},
        {CHROMA_422, 12, WCENC_PIXEL_FORMAT_I422P12, AOM_IMG_FMT_I42216},
        {CHROMA_444, 8, WCENC_PIXEL_FORMAT_I444, AOM_IMG_FMT_I444},
        {CHROMA_444, 10, WCENC_PIXEL_FORMAT_I444P10, AOM_IMG_FMT_I44416},
        {CHROMA_444, 12, WCENC_PIXEL_FORMAT_I444P12, AOM_IMG_FMT_I44416},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].chroma == codec->chroma && rows[i].bit_depth == codec->bit_depth)
            return &rows[i];
    return NULL;
}

bool wcenc__aom_fail(struct aom_backend *aom, aom_codec_err_t error, const char *doing, struct failure *failure)
{
    const char *detail = aom->is_open ? aom_codec_error_detail(&aom->codec) : NULL;

    wcenc__failure_set(failure, error == AOM_CODEC_MEM_ERROR ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING,
                       (int32_t)error, "%s failed %s: %s%s%s", aom->name, doing, aom_codec_err_to_string(error),
                       detail ? ": " : "", detail ? detail : "");
    return false;
}

/* RGB is 4:4:4. */
static int matrix_code(const struct backend_setup *setup)
{
    if (setup->color_space.matrix == WCENC_COLOR_MATRIX_RGB && setup->config->codec.chroma != CHROMA_444)
        return AOM_CICP_MC_UNSPECIFIED;
    return wcenc__color_code_point(setup->color_space.matrix);
}

static int chroma_position(const struct backend_setup *setup)
{
    if (setup->config->codec.chroma != CHROMA_420)
        return AOM_CSP_UNKNOWN;
    switch (setup->chroma_location) {
    case WCENC_CHROMA_LOCATION_LEFT:
        return AOM_CSP_VERTICAL;
    case WCENC_CHROMA_LOCATION_TOP_LEFT:
        return AOM_CSP_COLOCATED;
    default:
        return AOM_CSP_UNKNOWN;
    }
}

static void set_color(struct aom_settings *settings, const struct backend_setup *setup)
{
    const wcenc_color_space *color_space = &setup->color_space;
    const struct native_control controls[] = {
        {AV1E_SET_COLOR_PRIMARIES, wcenc__color_code_point(color_space->primaries)},
        {AV1E_SET_TRANSFER_CHARACTERISTICS, wcenc__color_code_point(color_space->transfer)},
        {AV1E_SET_MATRIX_COEFFICIENTS, matrix_code(setup)},
        {AV1E_SET_CHROMA_SAMPLE_POSITION, chroma_position(setup)},
        {AV1E_SET_COLOR_RANGE, color_space->range == WCENC_COLOR_RANGE_FULL},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(controls); i++)
        wcenc__native_set_control(&settings->controls, controls[i].id, controls[i].value);
}

/* Tables of the whole process are made as an encoder is opened, without a lock of libaom's own. */
static aom_codec_err_t init_codec(struct aom_backend *aom)
{
    const aom_codec_flags_t flags = aom->bit_depth > 8 ? AOM_CODEC_USE_HIGHBITDEPTH : 0;
    aom_codec_err_t error;

    wcenc__process_lock(PROCESS_LOCK_CODECS);
    wcenc__thread_may_make_threads();
    error = aom_codec_enc_init(&aom->codec, aom_codec_av1_cx(), &aom->settings.codec, flags);
    wcenc__process_unlock(PROCESS_LOCK_CODECS);
    aom->is_open = error == AOM_CODEC_OK;
    return error;
}

static bool open_codec(struct aom_backend *aom, const struct backend_setup *setup, struct failure *failure)
{
    const struct encoder_config *config = setup->config;
    aom_codec_err_t error = init_codec(aom);

    if (error == AOM_CODEC_OK)
        error = wcenc__aom_apply_controls(&aom->codec, &aom->settings);
    if (error == AOM_CODEC_OK && aom->layers > 1)
        error = wcenc__aom_set_layers(aom);
    if (error != AOM_CODEC_OK)
        wcenc__failure_set(failure, error == AOM_CODEC_MEM_ERROR ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_NOT_SUPPORTED,
                           (int32_t)error, "%s does not open for codec \"%s\" at %ux%u: %s", aom->name,
                           config->given.codec, config->given.width, config->given.height,
                           aom_codec_err_to_string(error));
    return error == AOM_CODEC_OK;
}

static void fill(struct aom_backend *aom, const struct backend_setup *setup, const struct samples *samples)
{
    const struct encoder_config *config = setup->config;

    aom->base.ops = &wcenc__aom_backend;
    aom->base.input.format = samples->format;
    aom->base.input.width = config->given.width;
    aom->base.input.height = config->given.height;
    aom->base.input.color_space = setup->color_space;
    if (config->codec.chroma == CHROMA_420)
        aom->base.input.chroma_location = setup->chroma_location;
    if (!wcenc__aom_asks_for_keys(config))
        aom->base.key_interval = aom->settings.codec.kf_max_dist;
    set_color(&aom->settings, setup);
    aom->name = setup->candidate->name;
    aom->image_format = samples->image_format;
    aom->bit_depth = samples->bit_depth;
    aom->layers = config->temporal_layers;
    aom->has_frame_quantizer = wcenc__aom_mode(config) == AOM_QUANTIZER;
    aom->is_manual = config->is_manual;
    aom->is_capped = (wcenc__aom_purposes(config) & AOM_FOR_CAP) != 0;
    aom->frame_duration = wcenc__aom_frame_duration(&aom->settings, config);
}

struct backend *wcenc__aom_open(const struct backend_setup *setup, struct failure *failure)
{
    const struct samples *samples = samples_of(&setup->config->codec);
    struct aom_backend *aom;

    if (!samples) {
        wcenc__refuse(failure, "%s does not take the samples of codec \"%s\"", setup->candidate->name,
                      setup->config->given.codec);
        return NULL;
    }
    aom = mem_zalloc(sizeof *aom);
    if (!aom) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return NULL;
    }
    if (wcenc__aom_settings_fill(&aom->settings, setup->config, failure)) {
        fill(aom, setup, samples);
        if (open_codec(aom, setup, failure)) {
            wcenc__log(setup->log, WCENC_LOG_INFO, "%s opened for %s at %ux%u", aom->name, setup->config->given.codec,
                       setup->config->given.width, setup->config->given.height);
            return &aom->base;
        }
    }
    wcenc__aom_close(&aom->base);
    return NULL;
}

void wcenc__aom_close(struct backend *backend)
{
    struct aom_backend *aom = aom_of(backend);

    if (aom->is_open) {
        wcenc__process_lock(PROCESS_LOCK_CODECS);
        (void)aom_codec_destroy(&aom->codec);
        wcenc__process_unlock(PROCESS_LOCK_CODECS);
    }
    mem_free(aom);
}

const struct backend_ops wcenc__aom_backend = {
    .name = "libaom",
    .describe = wcenc__aom_describe,
    .check = wcenc__aom_check,
    .open = wcenc__aom_open,
    .send = wcenc__aom_send,
    .receive = wcenc__aom_receive,
    .drain = wcenc__aom_drain,
    .reconfigure = wcenc__aom_reconfigure,
    .close = wcenc__aom_close,
};
