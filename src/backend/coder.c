/* SPDX-License-Identifier: MIT */

#include "coder.h"

#include <string.h>

#include "color_space.h"
#include "profiles.h"
#include "registry.h"

static const enum packet_codec packet_codecs[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = PACKET_H264, [CODEC_HEVC] = PACKET_HEVC, [CODEC_VP8] = PACKET_VP8,
    [CODEC_VP9] = PACKET_VP9,   [CODEC_AV1] = PACKET_AV1,
};

/* Of VP9, estimated by size and rates; VP8 has none. */
static uint8_t level_of(const struct encoder_config *config)
{
    const struct level_demand demand = {config->given.width, config->given.height,
                                        (double)config->framerate.numerator / config->framerate.denominator,
                                        config->bitrate};
    struct codec_id id = {.family = config->codec.family};

    (void)wcenc__codec_level_find(&id, &demand, NULL);
    return id.level;
}

/* What a container has to know of VP8 and VP9, apart from what the stream says. */
static struct vpcc vpcc_of(const struct backend_setup *setup)
{
    const struct encoder_config *config = setup->config;

    return (struct vpcc){
        .bit_depth = 8,
        .chroma_subsampling = 1,
        .full_range = setup->color_space.range == WCENC_COLOR_RANGE_FULL,
        .level = level_of(config),
        .color_primaries = wcenc__color_code_point(setup->color_space.primaries),
        .transfer_characteristics = wcenc__color_code_point(setup->color_space.transfer),
        .matrix_coefficients = wcenc__color_code_point(setup->color_space.matrix),
    };
}

static uint8_t constraints_of(const struct codec_id *codec)
{
    /* HEVC: only that pictures are progressive frames and not packed; interlaced ones there are none. */
    return codec->family == CODEC_HEVC ? codec->constraint_bytes[0] & 0xb0 : codec->constraints;
}

/* Reads the parameter sets that the backend has before a frame is coded. */
static bool read_sets(struct coder *coder, struct failure *failure)
{
    const struct packetizer_setup *form = &coder->packetizer.setup;
    const struct backend *backend = coder->backend;
    wcenc_status status = WCENC_OK;

    if (backend->parameter_sets && !form->annexb && !form->sets_in_band)
        status = wcenc__packetizer_read_sets(&coder->packetizer, backend->parameter_sets, backend->parameter_sets_size);
    if (status == WCENC_ERROR_NO_MEMORY)
        wcenc__failure_set(failure, status, 0, "%s: out of memory", coder->candidate->name);
    else if (status != WCENC_OK)
        wcenc__failure_set(failure, status, 0, "%s returned parameter sets that are not valid", coder->candidate->name);
    return status == WCENC_OK;
}

bool wcenc__coder_open(struct coder *coder, const struct backend_setup *setup, struct failure *failure)
{
    const struct encoder_config *config = setup->config;
    struct packetizer_setup form = {
        .codec = packet_codecs[config->codec.family],
        .annexb = config->annexb && !setup->is_probe,
        .sets_in_band = setup->has_sets_in_band,
        .constraints = constraints_of(&config->codec),
        .vpcc = vpcc_of(setup),
    };

    memset(coder, 0, sizeof *coder);
    coder->candidate = setup->candidate;
    coder->backend = setup->candidate->backend->open(setup, failure);
    if (!coder->backend)
        return false;
    form.unset_matrix = coder->backend->must_unset_matrix;
    wcenc__packetizer_init(&coder->packetizer, &form);
    if (read_sets(coder, failure))
        return true;
    wcenc__coder_close(coder);
    return false;
}

enum backend_result wcenc__coder_reconfigure(struct coder *coder, const struct encoder_config *config, uint32_t changes,
                                             struct failure *failure)
{
    if (coder->backend->ops->reconfigure(coder->backend, config, changes) != changes)
        return BACKEND_AGAIN;
    if (!(changes & CONFIG_SIZE))
        return BACKEND_OK;
    wcenc__packetizer_restart(&coder->packetizer);
    return read_sets(coder, failure) ? BACKEND_OK : BACKEND_FAILED;
}

enum backend_result wcenc__coder_receive(struct coder *coder, struct backend_packet *packet,
                                         const struct stream_header **header, struct failure *failure)
{
    enum backend_result result;
    wcenc_status status;

    memset(packet, 0, sizeof *packet);
    result = coder->backend->ops->receive(coder->backend, packet, failure);
    if (result != BACKEND_OK)
        return result;
    status = wcenc__packetizer_frame(&coder->packetizer, &packet->bytes, &packet->is_key, header);
    if (status == WCENC_OK && packet->quantizer < 0 && coder->packetizer.setup.codec == PACKET_VP9)
        packet->quantizer = wcenc__vp9_quantizer(packet->bytes.data, packet->bytes.size);
    if (status == WCENC_OK)
        return BACKEND_OK;
    wcenc__packet_bytes_free(&packet->bytes);
    wcenc__failure_set(failure, status, 0, "%s: %s", coder->candidate->name,
                       status == WCENC_ERROR_NO_MEMORY ? "out of memory" : "a packet that cannot be read");
    return BACKEND_FAILED;
}

void wcenc__coder_close(struct coder *coder)
{
    if (!coder->backend)
        return;
    coder->backend->ops->close(coder->backend);
    coder->backend = NULL;
    wcenc__packetizer_free(&coder->packetizer);
}
