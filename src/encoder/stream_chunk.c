/* SPDX-License-Identifier: MIT */

/* From a packet to a chunk: what its frame travelled with, its decoding time, and the decoder config where it changed.
 */

#include "stream.h"

#include <string.h>

static int64_t frame_duration_us(const struct encoder_config *config)
{
    return (int64_t)1000000 * config->framerate.denominator / config->framerate.numerator;
}

/* What the stream says with a header, or where only its HDR metadata have changed. NULL if out of memory. */
static struct decoder_config *make_decoder_config(const struct stream *stream, const struct stream_header *header,
                                                  const wcenc_hdr_metadata *hdr_metadata)
{
    const struct encoder_config *config = stream->config;
    wcenc_decoder_config fields = {
        .codec = stream->opened->codec_string,
        .coded_width = config->given.width,
        .coded_height = config->given.height,
        .display_aspect_width = config->display_width,
        .display_aspect_height = config->display_height,
        .color_space = stream->format.color_space,
        .rotation = stream->format.rotation,
        .flip = stream->format.flip,
        .reorder_depth = stream->reorder_depth,
    };

    if (header) {
        fields.description = header->description;
        fields.description_size = header->description_size;
        fields.container_private = header->container_private;
        fields.container_private_size = header->container_private_size;
    } else {
        fields = stream->decoder_config->public;
    }
    fields.hdr_metadata = hdr_metadata;
    return wcenc__decoder_config_create(&fields);
}

/*
 * The decoder config that goes with a packet: NULL, with true, where the last one that was delivered still holds. The
 * stream keeps a reference; the result is borrowed.
 */
static bool update_decoder_config(struct stream *stream, const struct coded_frame *coded,
                                  const wcenc_hdr_metadata *hdr_metadata, struct decoder_config **changed)
{
    struct decoder_config *fresh;

    *changed = NULL;
    if (!hdr_metadata_is_set(hdr_metadata))
        hdr_metadata = NULL;
    if (!coded->header && (!coded->packet.is_key || !stream->decoder_config ||
                           hdr_metadata_same(hdr_metadata, stream->decoder_config->public.hdr_metadata)))
        return true;
    fresh = make_decoder_config(stream, coded->header, hdr_metadata);
    if (!fresh)
        return false;
    if (stream->decoder_config && wcenc__decoder_config_equal(stream->decoder_config, fresh)) {
        wcenc__decoder_config_unref(fresh);
        return true;
    }
    wcenc__decoder_config_unref(stream->decoder_config);
    stream->decoder_config = fresh;
    *changed = fresh;
    return true;
}

static wcenc_chunk *no_chunk(const struct stream *stream, struct failure *failure, wcenc_status status, const char *why)
{
    wcenc__failure_set(failure, status, 0, "%s: %s", stream->candidate->name, why);
    return NULL;
}

void wcenc__coded_frame_free(struct coded_frame *coded)
{
    wcenc__packet_bytes_free(&coded->packet.bytes);
    wcenc__packet_bytes_free(&coded->alpha);
}

static wcenc_status add_hdr(const struct stream *stream, const wcenc_hdr_metadata *hdr_metadata,
                            struct backend_packet *packet)
{
    if (!packet->is_key || !hdr_metadata_is_set(hdr_metadata))
        return WCENC_OK;
    return wcenc__packetizer_add_hdr(&stream->coder.packetizer, hdr_metadata, &packet->bytes);
}

/* libx264 and libx265 report what they move the frame's from, if anything. */
static int32_t quantizer_of(const struct stream *stream, const struct backend_packet *packet,
                            const struct timeline_entry *entry)
{
    const bool is_told = stream->config->given.bitrate_mode == WCENC_BITRATE_QUANTIZER &&
                         (stream->candidate->capabilities & ENCODER_HAS_QUANTIZER) &&
                         !(stream->candidate->capabilities & ENCODER_TELLS_QUANTIZER);

    return is_told && entry->quantizer >= 0 ? entry->quantizer : packet->quantizer;
}

/* Of two frames none is reordered, whatever libx265 says, whose decoding times are not set until there is a third. */
void wcenc__stream_note_drain(struct stream *stream)
{
    if (stream->has_reorder_depth || stream->timeline.next - stream->backend_start > 2)
        return;
    stream->reorder_depth = 0;
    stream->has_reorder_depth = true;
}

wcenc_chunk *wcenc__stream_make_chunk(struct stream *stream, struct coded_frame *coded, struct failure *failure)
{
    struct backend_packet *packet = &coded->packet;
    struct timeline_entry entry;
    struct decoder_config *changed;
    wcenc_status status;
    struct chunk_fields fields = {
        .is_key = packet->is_key,
        .alpha = coded->alpha.data,
        .alpha_size = coded->alpha.size,
        .has_layer = stream->config->temporal_layers > 1,
    };
    wcenc_chunk *chunk;

    if (packet->spatial_layer != 0)
        return no_chunk(stream, failure, WCENC_ERROR_ENCODING, "made a packet of another spatial layer");
    if (!wcenc__timeline_take(&stream->timeline, stream->backend_start + packet->index, &entry))
        return no_chunk(stream, failure, WCENC_ERROR_ENCODING, "made a packet that belongs to no frame");
    if (!stream->has_reorder_depth) {
        int64_t depth = packet->index - packet->dts_index;

        stream->reorder_depth = depth > 0 ? (uint32_t)depth : 0;
        stream->has_reorder_depth = true;
    }
    status = add_hdr(stream, &entry.hdr_metadata, packet);
    if (status == WCENC_ERROR_ENCODING)
        return no_chunk(stream, failure, status, "made a key packet without a place for HDR metadata");
    if (status != WCENC_OK || !update_decoder_config(stream, coded, &entry.hdr_metadata, &changed))
        return no_chunk(stream, failure, WCENC_ERROR_NO_MEMORY, "out of memory");
    fields.data = packet->bytes.data;
    fields.size = packet->bytes.size;
    fields.timestamp_us = entry.timestamp_us;
    fields.duration_us = entry.duration_us;
    fields.has_duration = entry.has_duration;
    fields.user_tag = entry.user_tag;
    fields.layer = entry.layer;
    fields.quantizer = quantizer_of(stream, packet, &entry);
    fields.dts_us = wcenc__timeline_next_dts(&stream->timeline, stream->reorder_depth,
                                             frame_duration_us(stream->config), entry.timestamp_us);
    fields.free_data = packet->bytes.free_data;
    fields.owner = packet->bytes.owner;
    fields.free_alpha = coded->alpha.free_data;
    fields.alpha_owner = coded->alpha.owner;
    chunk = wcenc__chunk_create(&fields, changed);
    if (!chunk)
        return no_chunk(stream, failure, WCENC_ERROR_NO_MEMORY, "out of memory");
    memset(coded, 0, sizeof *coded);
    return chunk;
}

void wcenc__stream_adopt(struct stream *stream, wcenc_chunk *chunk)
{
    struct decoder_config *changed = wcenc__chunk_decoder_config(chunk);

    /* A short group reorders less. */
    if (changed && stream->decoder_config && wcenc__decoder_config_holds_for(stream->decoder_config, changed)) {
        wcenc__chunk_forget_decoder_config(chunk);
    } else if (changed) {
        wcenc__decoder_config_unref(stream->decoder_config);
        stream->decoder_config = wcenc__decoder_config_ref(changed);
    }
    wcenc__chunk_set_dts(chunk, wcenc__timeline_continue(&stream->timeline, wcenc_chunk_get_dts_us(chunk),
                                                         wcenc_chunk_get_timestamp_us(chunk)));
}
