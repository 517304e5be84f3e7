/* SPDX-License-Identifier: MIT */

/* From a packet to a chunk: what its frame travelled with, its decoding time, and the decoder config where it changed.
 */

#include "worker.h"

static int64_t frame_duration_us(const struct encoder_config *config)
{
    return (int64_t)1000000 * config->framerate.denominator / config->framerate.numerator;
}

/*
 * The decoder config that goes with a packet: NULL, with true, where the last one that was told still holds. The worker
 * keeps a reference; the result is borrowed.
 */
static bool update_decoder_config(struct worker *worker, const struct backend_header *header,
                                  struct decoder_config **changed)
{
    const struct encoder_config *config = worker->config;
    struct decoder_config *fresh;
    wcenc_decoder_config fields = {
        .struct_size = sizeof fields,
        .codec = config->given.codec,
        .coded_width = config->given.width,
        .coded_height = config->given.height,
        .display_aspect_width = config->display_width,
        .display_aspect_height = config->display_height,
        .color_space = worker->color_space,
        .rotation = worker->rotation,
        .flip = worker->flip,
        .reorder_depth = worker->reorder_depth,
    };

    *changed = NULL;
    if (!header)
        return true;
    fields.description = header->description;
    fields.description_size = header->description_size;
    fields.container_private = header->container_private;
    fields.container_private_size = header->container_private_size;
    fresh = wcenc__decoder_config_create(&fields);
    if (!fresh)
        return false;
    if (worker->decoder_config && wcenc__decoder_config_equal(worker->decoder_config, fresh)) {
        wcenc__decoder_config_unref(fresh);
        return true;
    }
    wcenc__decoder_config_unref(worker->decoder_config);
    worker->decoder_config = fresh;
    *changed = fresh;
    return true;
}

static wcenc_chunk *no_chunk(const struct worker *worker, struct failure *failure, wcenc_status status, const char *why)
{
    wcenc__failure_set(failure, status, 0, "%s: %s", worker->candidate->name, why);
    return NULL;
}

wcenc_chunk *wcenc__worker_make_chunk(struct worker *worker, struct backend_packet *packet, struct failure *failure)
{
    struct timeline_entry entry;
    struct decoder_config *changed;
    struct chunk_fields fields = {
        .is_key = packet->is_key,
        .data = packet->data,
        .size = packet->size,
        .alpha = packet->alpha,
        .alpha_size = packet->alpha_size,
        .has_layer = packet->has_layer,
        .layer = packet->layer,
    };
    wcenc_chunk *chunk;

    if (!wcenc__timeline_take(&worker->timeline, worker->backend_start + packet->index, &entry))
        return no_chunk(worker, failure, WCENC_ERROR_ENCODING, "made a packet that belongs to no frame");
    if (!worker->has_reorder_depth) {
        int64_t depth = packet->index - packet->dts_index;

        worker->reorder_depth = depth > 0 ? (uint32_t)depth : 0;
        worker->has_reorder_depth = true;
    }
    if (!update_decoder_config(worker, packet->header, &changed))
        return no_chunk(worker, failure, WCENC_ERROR_NO_MEMORY, "memory is short");
    fields.timestamp_us = entry.timestamp_us;
    fields.duration_us = entry.duration_us;
    fields.has_duration = entry.has_duration;
    fields.user_tag = entry.user_tag;
    fields.dts_us = wcenc__timeline_next_dts(&worker->timeline, worker->reorder_depth,
                                             frame_duration_us(worker->config), entry.timestamp_us);
    fields.free_data = packet->free_data;
    fields.owner = packet->owner;
    chunk = wcenc__chunk_create(&fields, changed);
    if (!chunk)
        return no_chunk(worker, failure, WCENC_ERROR_NO_MEMORY, "memory is short");
    packet->free_data = NULL;
    return chunk;
}
