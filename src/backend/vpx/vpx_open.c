/* SPDX-License-Identifier: MIT */

/* From a configuration to an open encoder of libvpx, and back. */

#include <string.h>

#include "compiler.h"
#include "mem.h"
#include "registry.h"
#include "thread.h"
#include "vpx.h"

/* Samples of the codec string, and what libvpx calls them. */
struct samples {
    enum chroma chroma;
    uint8_t bit_depth;
    wcenc_pixel_format format;
    vpx_img_fmt_t image_format;
};

static const struct samples *samples_of(const struct codec_id *codec)
{
    static const struct samples rows[] = {
        {CHROMA_420, 8, WCENC_PIXEL_FORMAT_I420, VPX_IMG_FMT_I420},
        {CHROMA_420, 10, WCENC_PIXEL_FORMAT_I420P10, VPX_IMG_FMT_I42016},
        {CHROMA_420, 12, WCENC_PIXEL_FORMAT_I420P12, VPX_IMG_FMT_I42016},
        {CHROMA_422, 8, WCENC_PIXEL_FORMAT_I422, VPX_IMG_FMT_I422},
        {CHROMA_422, 10, WCENC_PIXEL_FORMAT_I422P10, VPX_IMG_FMT_I42216},
        {CHROMA_422, 12, WCENC_PIXEL_FORMAT_I422P12, VPX_IMG_FMT_I42216},
        {CHROMA_444, 8, WCENC_PIXEL_FORMAT_I444, VPX_IMG_FMT_I444},
        {CHROMA_444, 10, WCENC_PIXEL_FORMAT_I444P10, VPX_IMG_FMT_I44416},
        {CHROMA_444, 12, WCENC_PIXEL_FORMAT_I444P12, VPX_IMG_FMT_I44416},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].chroma == codec->chroma && rows[i].bit_depth == codec->bit_depth)
            return &rows[i];
    return NULL;
}

bool wcenc__vpx_fail(struct vpx_backend *vpx, vpx_codec_err_t error, const char *doing, struct failure *failure)
{
    const char *detail = vpx->is_open ? vpx_codec_error_detail(&vpx->codec) : NULL;

    wcenc__failure_set(failure, error == VPX_CODEC_MEM_ERROR ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING,
                       (int32_t)error, "%s failed %s: %s%s%s", vpx->name, doing, vpx_codec_err_to_string(error),
                       detail ? ": " : "", detail ? detail : "");
    return false;
}

/* VP9's code for a matrix. RGB is 4:4:4. */
static int color_space_code(const wcenc_color_space *color_space, enum chroma chroma)
{
    switch (color_space->matrix) {
    case WCENC_COLOR_MATRIX_BT709:
        return VPX_CS_BT_709;
    case WCENC_COLOR_MATRIX_BT470BG:
        return VPX_CS_BT_601;
    case WCENC_COLOR_MATRIX_SMPTE170M:
        return VPX_CS_SMPTE_170;
    case WCENC_COLOR_MATRIX_BT2020_NCL:
        return VPX_CS_BT_2020;
    case WCENC_COLOR_MATRIX_RGB:
        return chroma == CHROMA_444 ? VPX_CS_SRGB : VPX_CS_UNKNOWN;
    default:
        return VPX_CS_UNKNOWN;
    }
}

static vpx_codec_err_t set_color(struct vpx_backend *vpx, const struct backend_setup *setup)
{
    vpx_codec_err_t error;

    if (setup->config->codec.family == CODEC_VP8)
        return VPX_CODEC_OK;
    error = vpx_codec_control_(&vpx->codec, VP9E_SET_COLOR_SPACE,
                               color_space_code(&setup->color_space, setup->config->codec.chroma));
    if (error == VPX_CODEC_OK)
        error = vpx_codec_control_(&vpx->codec, VP9E_SET_COLOR_RANGE,
                                   setup->color_space.range == WCENC_COLOR_RANGE_FULL ? VPX_CR_FULL_RANGE
                                                                                      : VPX_CR_STUDIO_RANGE);
    return error;
}

static bool open_codec(struct vpx_backend *vpx, const struct backend_setup *setup, struct failure *failure)
{
    const struct encoder_config *config = setup->config;
    vpx_codec_flags_t flags = config->codec.bit_depth > 8 ? VPX_CODEC_USE_HIGHBITDEPTH : 0;
    vpx_codec_err_t error;

    wcenc__thread_may_make_threads();
    error = vpx_codec_enc_init(&vpx->codec, wcenc__vpx_interface(config->codec.family), &vpx->settings.codec, flags);
    vpx->is_open = error == VPX_CODEC_OK;
    if (error == VPX_CODEC_OK)
        error = wcenc__vpx_apply_controls(&vpx->codec, &vpx->settings);
    if (error == VPX_CODEC_OK)
        error = set_color(vpx, setup);
    if (error != VPX_CODEC_OK)
        wcenc__failure_set(failure, error == VPX_CODEC_MEM_ERROR ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_NOT_SUPPORTED,
                           (int32_t)error, "%s does not open for codec \"%s\" at %ux%u: %s", vpx->name,
                           config->given.codec, config->given.width, config->given.height,
                           vpx_codec_err_to_string(error));
    return error == VPX_CODEC_OK;
}

static void fill(struct vpx_backend *vpx, const struct backend_setup *setup, const struct samples *samples)
{
    const struct encoder_config *config = setup->config;

    vpx->base.ops = &wcenc__vpx_backend;
    vpx->base.input.format = samples->format;
    vpx->base.input.width = config->given.width;
    vpx->base.input.height = config->given.height;
    vpx->base.input.color_space = setup->color_space;
    if (config->codec.chroma == CHROMA_420)
        vpx->base.input.chroma_location = setup->chroma_location;
    if (!wcenc__vpx_asks_for_keys(config))
        vpx->base.key_interval = vpx->settings.codec.kf_max_dist;
    vpx->encoder = wcenc__vpx_encoder(config->codec.family);
    vpx->name = setup->candidate->name;
    vpx->image_format = samples->image_format;
    vpx->bit_depth = samples->bit_depth;
    vpx->has_frame_quantizer = wcenc__vpx_mode(config) == VPX_QUANTIZER;
    vpx->is_manual = config->is_manual;
    vpx->is_capped = (wcenc__vpx_purposes(config) & VPX_FOR_CAP) != 0;
    vpx->frame_duration = wcenc__vpx_frame_duration(config);
}

struct backend *wcenc__vpx_open(const struct backend_setup *setup, struct failure *failure)
{
    const struct samples *samples = samples_of(&setup->config->codec);
    struct vpx_backend *vpx;

    if (!samples) {
        wcenc__refuse(failure, "%s does not take the samples of codec \"%s\"", setup->candidate->name,
                      setup->config->given.codec);
        return NULL;
    }
    vpx = mem_zalloc(sizeof *vpx);
    if (!vpx) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return NULL;
    }
    if (wcenc__vpx_settings_fill(&vpx->settings, setup->config, failure)) {
        fill(vpx, setup, samples);
        if (open_codec(vpx, setup, failure)) {
            wcenc__log(setup->log, WCENC_LOG_INFO, "%s opened for %s at %ux%u", vpx->name, setup->config->given.codec,
                       setup->config->given.width, setup->config->given.height);
            return &vpx->base;
        }
    }
    wcenc__vpx_close(&vpx->base);
    return NULL;
}

void wcenc__vpx_close(struct backend *backend)
{
    struct vpx_backend *vpx = vpx_of(backend);

    if (vpx->is_open)
        (void)vpx_codec_destroy(&vpx->codec);
    mem_free(vpx);
}

const struct backend_ops wcenc__vpx_backend = {
    .name = "libvpx",
    .describe = wcenc__vpx_describe,
    .check = wcenc__vpx_check,
    .open = wcenc__vpx_open,
    .send = wcenc__vpx_send,
    .receive = wcenc__vpx_receive,
    .drain = wcenc__vpx_drain,
    .reconfigure = wcenc__vpx_reconfigure,
    .close = wcenc__vpx_close,
};
