/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_PACKETIZER_H
#define WCENC_BITSTREAM_PACKETIZER_H

/*
 * From the bytes that an encoder makes of a frame to those of a chunk: framing of NAL units, whether it is a key chunk,
 * and the header that decoders and containers need. One for each open encoder.
 */

#include <wcenc/status.h>

#include "bitstream.h"

enum packet_codec { PACKET_H264, PACKET_HEVC, PACKET_VP8, PACKET_VP9, PACKET_AV1 };

struct packetizer_setup {
    enum packet_codec codec;
    bool annexb;         /* H.264 and HEVC: chunks keep their start codes, and key chunks their parameter sets */
    bool sets_in_band;   /* H.264 and HEVC: key chunks keep their parameter sets in either form */
    uint8_t constraints; /* H.264 and HEVC: flags to be set in the parameter sets, as for *_add_constraints */
    bool unset_matrix;   /* H.264: the encoder was set to a matrix that is to be removed */
    struct vpcc vpcc;    /* VP8 and VP9: what the frames do not say */
};

/* What a decoder or a container has to know of the stream. Belongs to the packetizer, valid until it is freed. */
struct stream_header {
    const uint8_t *description; /* NULL where the codec or format has none */
    size_t description_size;
    const uint8_t *container_private;
    size_t container_private_size;
};

struct packetizer {
    struct packetizer_setup setup;
    struct byte_buffer parameter_sets; /* Annex B, amended; empty until they are known, and for codecs without */
    struct byte_buffer description;
    struct byte_buffer container_private;
    struct stream_header header;
    bool is_stream_known; /* header is filled */
    bool is_header_out;   /* a packet has carried it */
};

/* Bytes, and what keeps them alive. */
struct packet_bytes {
    uint8_t *data;
    size_t size;
    bool is_writable;
    void (*free_data)(void *owner); /* releases `owner`; NULL for bytes that need none */
    void *owner;
};

void wcenc__packet_bytes_free(struct packet_bytes *bytes);

/* Nothing is allocated yet. */
void wcenc__packetizer_init(struct packetizer *packetizer, const struct packetizer_setup *setup);
void wcenc__packetizer_free(struct packetizer *packetizer);

/* The stream changes: what was known of it holds no more, and the next header is given out again. */
void wcenc__packetizer_restart(struct packetizer *packetizer);

/*
 * Fills the header from parameter sets in Annex B, of H.264 and HEVC. ENCODING if they cannot be read, NO_MEMORY if
 * out of memory.
 */
wcenc_status wcenc__packetizer_read_sets(struct packetizer *packetizer, const uint8_t *sets, size_t size);

/*
 * Gives the bytes of a packet the form of a chunk, in place where that can be done. `*is_key` is what the encoder says,
 * and becomes what the bytes say where they have it. `*header` is set for the first packet whose header is known, NULL
 * for the others. ENCODING if the bytes cannot be read, NO_MEMORY if out of memory; `bytes` stay the caller's to free.
 */
wcenc_status wcenc__packetizer_frame(struct packetizer *packetizer, struct packet_bytes *bytes, bool *is_key,
                                     const struct stream_header **header);

/*
 * Puts HDR metadata, of which there is a part, into the chunk that a key packet has become: SEI messages before its
 * first slice, metadata OBUs behind its sequence header; VP8 and VP9 stay as they are. Results as of
 * wcenc__packetizer_frame.
 */
wcenc_status wcenc__packetizer_add_hdr(const struct packetizer *packetizer, const wcenc_hdr_metadata *metadata,
                                       struct packet_bytes *bytes);

#endif
