/* SPDX-License-Identifier: MIT */

/* From a configuration to an open encoder of OpenH264, and back. */

#include <string.h>

#include "mem.h"
#include "openh264.h"
#include "registry.h"
#include "thread.h"

bool wcenc__openh264_fail(const struct openh264_backend *openh264, int error, const char *doing,
                          struct failure *failure)
{
    static const char *const names[] = {
        [cmInitParaError] = "invalid parameters", [cmUnknownReason] = "unknown reason",
        [cmMallocMemeError] = "out of memory",    [cmInitExpected] = "not initialized",
        [cmUnsupportedData] = "unsupported data",
    };
    const bool is_known = error > 0 && (size_t)error < sizeof names / sizeof names[0];

    wcenc__failure_set(failure, error == cmMallocMemeError ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING, error,
                       "%s failed %s: %s", openh264->name, doing, is_known ? names[error] : "unknown error");
    return false;
}

static bool lack_memory(const struct openh264_backend *openh264, struct failure *failure)
{
    wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", openh264->name);
    return false;
}

/*
 * It returns the same error for parameters that it rejects and when it is out of memory. Parameters are checked before,
 * so it was memory if the system refuses as much as the encoder needs.
 */
static bool is_short_of_memory(const struct encoder_config *config)
{
    enum { BYTES_OF_A_PIXEL = 32, BYTES_AT_LEAST = 1 << 22 };
    void *reserve = mem_alloc((size_t)config->given.width * config->given.height * BYTES_OF_A_PIXEL + BYTES_AT_LEAST);

    mem_free(reserve);
    return reserve == NULL;
}

static bool initialize(struct openh264_backend *openh264, const struct backend_setup *setup, struct failure *failure)
{
    const struct encoder_config *config = setup->config;
    ISVCEncoder *encoder = openh264->encoder;
    int quiet = WELS_LOG_QUIET, error;

    (void)(*encoder)->SetOption(encoder, ENCODER_OPTION_TRACE_LEVEL, &quiet);
    (void)(*encoder)->GetDefaultParams(encoder, &openh264->parameters);
    if (!wcenc__openh264_settings_fill(&openh264->parameters, config, failure))
        return false;
    openh264->quantizer = openh264->parameters.sSpatialLayers[0].iDLayerQp;
    wcenc__openh264_describe_pictures(&openh264->parameters.sSpatialLayers[0], setup);
    wcenc__thread_may_make_threads();
    error = (*encoder)->InitializeExt(encoder, &openh264->parameters);
    if (error == cmResultSuccess)
        return true;
    if (error == cmMallocMemeError || is_short_of_memory(config))
        return lack_memory(openh264, failure);
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, error, "%s does not open for codec \"%s\" at %ux%u",
                       openh264->name, config->given.codec, config->given.width, config->given.height);
    return false;
}

/* A stream of a level is one of every higher level too, of which OpenH264 does not know all. */
static void raise_level(struct byte_buffer *sets, uint8_t written, uint8_t level)
{
    enum { SPS = 7, LEVEL_AT = 3 };
    struct nal_iterator iterator = {.data = sets->data, .size = sets->size};
    struct nal_unit nal;

    while (wcenc__nal_next(&iterator, &nal))
        if (wcenc__nal_type(NAL_H264, &nal) == SPS && nal.size > LEVEL_AT && nal.data[LEVEL_AT] == written)
            sets->data[(size_t)(nal.data - sets->data) + LEVEL_AT] = level;
}

/* chroma_sample_loc_type; 0, which is the left, need not be said. */
static uint32_t location_code(wcenc_chroma_location location)
{
    return location == WCENC_CHROMA_LOCATION_CENTER ? 1 : location == WCENC_CHROMA_LOCATION_TOP_LEFT ? 2 : 0;
}

static void append_output(const SFrameBSInfo *output, struct byte_buffer *out)
{
    for (int i = 0; i < output->iLayerNum; i++) {
        const SLayerBSInfo *layer = &output->sLayerInfo[i];
        size_t size = 0;

        for (int k = 0; k < layer->iNalCount; k++)
            size += (size_t)layer->pNalLengthInByte[k];
        wcenc__buffer_append(out, layer->pBsBuf, size);
    }
}

/* The parameter sets as the stream has them, with what OpenH264 does not write. */
static bool read_sets(struct openh264_backend *openh264, const struct backend_setup *setup, struct failure *failure)
{
    const struct codec_id *codec = &setup->config->codec;
    const uint32_t location = location_code(setup->chroma_location);
    int error = (*openh264->encoder)->EncodeParameterSets(openh264->encoder, &openh264->output);
    struct byte_buffer plain = {0};
    bool good = true;

    if (error != cmResultSuccess)
        return wcenc__openh264_fail(openh264, error, "to write parameter sets", failure);
    append_output(&openh264->output, &plain);
    raise_level(&plain, wcenc__openh264_level(codec), codec->level);
    if (location)
        good = wcenc__h264_add_chroma_location(plain.data, plain.size, location, &openh264->sets);
    else
        wcenc__buffer_append(&openh264->sets, plain.data, plain.size);
    good = good && !plain.failed && !openh264->sets.failed;
    wcenc__buffer_free(&plain);
    if (!good)
        return lack_memory(openh264, failure);
    openh264->base.parameter_sets = openh264->sets.data;
    openh264->base.parameter_sets_size = openh264->sets.size;
    return true;
}

static void fill(struct openh264_backend *openh264, const struct backend_setup *setup)
{
    const struct encoder_config *config = setup->config;

    openh264->base.ops = &wcenc__openh264_backend;
    openh264->base.input.format = WCENC_PIXEL_FORMAT_I420;
    openh264->base.input.width = config->given.width;
    openh264->base.input.height = config->given.height;
    openh264->base.input.color_space = setup->color_space;
    openh264->base.input.chroma_location = setup->chroma_location;
    openh264->name = setup->candidate->name;
    openh264->has_quantizer = !(wcenc__openh264_mode(config) & OPENH264_RATE);
    openh264->has_sets_in_band = config->annexb || setup->has_sets_in_band;
}

struct backend *wcenc__openh264_open(const struct backend_setup *setup, struct failure *failure)
{
    struct openh264_backend *openh264 = mem_zalloc(sizeof *openh264);

    if (!openh264) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", setup->candidate->name);
        return NULL;
    }
    fill(openh264, setup);
    if (WelsCreateSVCEncoder(&openh264->encoder) != 0) {
        openh264->encoder = NULL;
        (void)lack_memory(openh264, failure);
    } else if (initialize(openh264, setup, failure) && read_sets(openh264, setup, failure)) {
        wcenc__log(setup->log, WCENC_LOG_INFO, "%s opened for %s at %ux%u", openh264->name, setup->config->given.codec,
                   setup->config->given.width, setup->config->given.height);
        return &openh264->base;
    }
    wcenc__openh264_close(&openh264->base);
    return NULL;
}

void wcenc__openh264_close(struct backend *backend)
{
    struct openh264_backend *openh264 = openh264_of(backend);

    if (openh264->encoder) {
        (void)(*openh264->encoder)->Uninitialize(openh264->encoder);
        WelsDestroySVCEncoder(openh264->encoder);
    }
    wcenc__buffer_free(&openh264->sets);
    mem_free(openh264);
}

const struct backend_ops wcenc__openh264_backend = {
    .name = "OpenH264",
    .describe = wcenc__openh264_describe,
    .check = wcenc__openh264_check,
    .open = wcenc__openh264_open,
    .send = wcenc__openh264_send,
    .receive = wcenc__openh264_receive,
    .drain = wcenc__openh264_drain,
    .reconfigure = wcenc__openh264_reconfigure,
    .close = wcenc__openh264_close,
};
