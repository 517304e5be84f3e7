/* SPDX-License-Identifier: MIT */

#include "packetizer.h"

#include <string.h>

#include "mem.h"

/* How one codec's packets are read. */
struct packet_reader {
    bool (*is_key)(const uint8_t *data, size_t size, bool encoder_says);
    /* Fills the header from a key packet. */
    bool (*read_header)(struct packetizer *packetizer, const uint8_t *data, size_t size);
};

static bool h264_is_key(const uint8_t *data, size_t size, bool encoder_says)
{
    (void)encoder_says;
    return wcenc__annexb_is_key(NAL_H264, data, size);
}

static bool hevc_is_key(const uint8_t *data, size_t size, bool encoder_says)
{
    (void)encoder_says;
    return wcenc__annexb_is_key(NAL_HEVC, data, size);
}

static bool vp8_is_key(const uint8_t *data, size_t size, bool encoder_says)
{
    (void)encoder_says;
    return wcenc__vp8_is_key(data, size);
}

static bool vp9_is_key(const uint8_t *data, size_t size, bool encoder_says)
{
    struct vp9_header header;

    (void)encoder_says;
    return wcenc__vp9_header_read(data, size, &header) && header.is_key;
}

/* The encoder's word: a key frame begins a temporal unit with its sequence header. */
static bool av1_is_key(const uint8_t *data, size_t size, bool encoder_says)
{
    (void)data;
    (void)size;
    return encoder_says;
}

static bool read_sets(struct packetizer *packetizer, const uint8_t *data, size_t size)
{
    bool written = packetizer->setup.codec == PACKET_HEVC
                       ? wcenc__hvcc_write(data, size, &packetizer->container_private)
                       : wcenc__avcc_write(data, size, &packetizer->container_private);

    if (!written || packetizer->setup.annexb)
        return written;
    wcenc__buffer_append(&packetizer->description, packetizer->container_private.data,
                         packetizer->container_private.size);
    return !packetizer->description.failed;
}

/* The frame tag says its version, which is the profile; all else is as it was set up. There are no levels. */
static bool read_vp8_header(struct packetizer *packetizer, const uint8_t *data, size_t size)
{
    struct vpcc vpcc = packetizer->setup.vpcc;

    (void)size; /* of a key packet, which has more than the tag */
    vpcc.profile = data[0] >> 1 & 7;
    return wcenc__vpcc_write(&vpcc, &packetizer->container_private);
}

static bool read_vp9_header(struct packetizer *packetizer, const uint8_t *data, size_t size)
{
    struct vp9_header header;
    struct vpcc vpcc = packetizer->setup.vpcc;

    if (!wcenc__vp9_header_read(data, size, &header))
        return false;
    vpcc.profile = header.profile;
    vpcc.bit_depth = header.bit_depth;
    vpcc.full_range = header.full_range;
    vpcc.chroma_subsampling = header.subsampling_y ? 1 : header.subsampling_x ? 2 : 3;
    return wcenc__vpcc_write(&vpcc, &packetizer->container_private);
}

static bool read_av1_header(struct packetizer *packetizer, const uint8_t *data, size_t size)
{
    struct av1_sequence sequence;

    return wcenc__av1_sequence_read(data, size, &sequence) &&
           wcenc__av1c_write(&sequence, &packetizer->container_private);
}

static const struct packet_reader readers[] = {
    [PACKET_H264] = {h264_is_key, read_sets},     [PACKET_HEVC] = {hevc_is_key, read_sets},
    [PACKET_VP8] = {vp8_is_key, read_vp8_header}, [PACKET_VP9] = {vp9_is_key, read_vp9_header},
    [PACKET_AV1] = {av1_is_key, read_av1_header},
};

static bool has_nal_units(const struct packetizer *packetizer)
{
    return packetizer->setup.codec == PACKET_H264 || packetizer->setup.codec == PACKET_HEVC;
}

static enum nal_codec nal_codec_of(const struct packetizer *packetizer)
{
    return packetizer->setup.codec == PACKET_HEVC ? NAL_HEVC : NAL_H264;
}

static void free_bytes(void *owner)
{
    mem_free(owner);
}

void wcenc__packet_bytes_free(struct packet_bytes *bytes)
{
    if (bytes->free_data)
        bytes->free_data(bytes->owner);
    memset(bytes, 0, sizeof *bytes);
}

/* Takes over `data`, which mem_alloc made. */
static void replace_bytes(struct packet_bytes *bytes, uint8_t *data, size_t size)
{
    wcenc__packet_bytes_free(bytes);
    *bytes = (struct packet_bytes){data, size, true, free_bytes, data};
}

void wcenc__packetizer_init(struct packetizer *packetizer, const struct packetizer_setup *setup)
{
    memset(packetizer, 0, sizeof *packetizer);
    packetizer->setup = *setup;
}

void wcenc__packetizer_free(struct packetizer *packetizer)
{
    wcenc__buffer_free(&packetizer->parameter_sets);
    wcenc__buffer_free(&packetizer->description);
    wcenc__buffer_free(&packetizer->container_private);
}

void wcenc__packetizer_restart(struct packetizer *packetizer)
{
    const struct packetizer_setup setup = packetizer->setup;

    wcenc__packetizer_free(packetizer);
    wcenc__packetizer_init(packetizer, &setup);
}

static bool read_header(struct packetizer *packetizer, const uint8_t *data, size_t size)
{
    if (!readers[packetizer->setup.codec].read_header(packetizer, data, size))
        return false;
    packetizer->header = (struct stream_header){
        .description = packetizer->description.size ? packetizer->description.data : NULL,
        .description_size = packetizer->description.size,
        .container_private = packetizer->container_private.data,
        .container_private_size = packetizer->container_private.size,
    };
    packetizer->is_stream_known = true;
    return true;
}

/*
 * What the codec string promises, and the encoder keeps without saying so; and without the matrix that it was set to.
 * False if that was not there.
 */
static bool amend_sets(const struct packetizer *packetizer, uint8_t *data, size_t size)
{
    if (packetizer->setup.codec == PACKET_H264)
        wcenc__h264_add_constraints(data, size, packetizer->setup.constraints);
    else
        wcenc__hevc_add_constraints(data, size, packetizer->setup.constraints);
    return !packetizer->setup.unset_matrix || wcenc__h264_unset_matrix(data, size);
}

/* What went wrong with bytes that could not be read or written: memory, or what is in them. */
static wcenc_status status_of(const struct packetizer *packetizer)
{
    return packetizer->container_private.failed || packetizer->description.failed || packetizer->parameter_sets.failed
               ? WCENC_ERROR_NO_MEMORY
               : WCENC_ERROR_ENCODING;
}

wcenc_status wcenc__packetizer_read_sets(struct packetizer *packetizer, const uint8_t *sets, size_t size)
{
    struct byte_buffer *own = &packetizer->parameter_sets;

    wcenc__buffer_append(own, sets, size);
    if (own->failed || !amend_sets(packetizer, own->data, own->size) || !read_header(packetizer, own->data, own->size))
        return status_of(packetizer);
    return WCENC_OK;
}

static bool has_sets_in_band(const struct packetizer *packetizer)
{
    return has_nal_units(packetizer) && (packetizer->setup.annexb || packetizer->setup.sets_in_band);
}

/* In band the parameter sets are in the packet, which has to be writable to be changed. */
static wcenc_status amend_in_band(const struct packetizer *packetizer, struct packet_bytes *bytes)
{
    if (!has_sets_in_band(packetizer) || (!packetizer->setup.constraints && !packetizer->setup.unset_matrix))
        return WCENC_OK;
    if (!bytes->is_writable) {
        uint8_t *copy = mem_dup(bytes->data, bytes->size);

        if (!copy)
            return WCENC_ERROR_NO_MEMORY;
        replace_bytes(bytes, copy, bytes->size);
    }
    return amend_sets(packetizer, bytes->data, bytes->size) ? WCENC_OK : WCENC_ERROR_ENCODING;
}

/* Start codes become lengths: in the encoder's own memory where every one has four bytes, else in a copy. */
static wcenc_status frame_with_lengths(const struct packetizer *packetizer, struct packet_bytes *bytes)
{
    enum nal_codec codec = nal_codec_of(packetizer);
    bool (*write)(enum nal_codec, const uint8_t *, size_t, struct byte_buffer *) =
        has_sets_in_band(packetizer) ? wcenc__annexb_to_length_prefixed_with_sets : wcenc__annexb_to_length_prefixed;
    struct byte_buffer out = {0};

    if (bytes->is_writable && wcenc__annexb_to_length_prefixed_in_place(codec, bytes->data, bytes->size))
        return WCENC_OK;
    if (!write(codec, bytes->data, bytes->size, &out)) {
        wcenc_status status = out.failed ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING;

        wcenc__buffer_free(&out);
        return status;
    }
    replace_bytes(bytes, out.data, out.size);
    return WCENC_OK;
}

wcenc_status wcenc__packetizer_frame(struct packetizer *packetizer, struct packet_bytes *bytes, bool *is_key,
                                     const struct stream_header **header)
{
    wcenc_status status = WCENC_OK;

    *header = NULL;
    *is_key = readers[packetizer->setup.codec].is_key(bytes->data, bytes->size, *is_key);
    if (*is_key)
        status = amend_in_band(packetizer, bytes);
    if (status == WCENC_OK && *is_key && !packetizer->is_stream_known &&
        !read_header(packetizer, bytes->data, bytes->size))
        status = status_of(packetizer);
    if (status != WCENC_OK)
        return status;
    if (packetizer->is_stream_known && !packetizer->is_header_out) {
        *header = &packetizer->header;
        packetizer->is_header_out = true;
    }
    return has_nal_units(packetizer) && !packetizer->setup.annexb ? frame_with_lengths(packetizer, bytes) : WCENC_OK;
}

/* What goes into the chunk, and where. False if it cannot be read or memory ran out. */
static bool write_hdr(const struct packetizer *packetizer, const wcenc_hdr_metadata *metadata,
                      const struct packet_bytes *bytes, size_t *offset, struct byte_buffer *out)
{
    static const uint8_t prefix[] = {0, 0, 0, 1}; /* a start code, or room for a length */
    const enum nal_codec codec = nal_codec_of(packetizer);
    const bool annexb = packetizer->setup.annexb;
    struct av1_sequence sequence;

    if (packetizer->setup.codec == PACKET_AV1) {
        if (!wcenc__av1_sequence_read(bytes->data, bytes->size, &sequence))
            return false;
        *offset = (size_t)(sequence.obu - bytes->data) + sequence.obu_size;
        return wcenc__hdr_obus_write(metadata, out);
    }
    if (annexb ? !wcenc__annexb_find_slice(codec, bytes->data, bytes->size, offset)
               : !wcenc__lengths_find_slice(codec, bytes->data, bytes->size, offset))
        return false;
    wcenc__buffer_append(out, prefix, sizeof prefix);
    if (!wcenc__hdr_sei_write(codec, metadata, out))
        return false;
    if (!annexb)
        out->data[3] = (uint8_t)(out->size - sizeof prefix);
    return true;
}

wcenc_status wcenc__packetizer_add_hdr(const struct packetizer *packetizer, const wcenc_hdr_metadata *metadata,
                                       struct packet_bytes *bytes)
{
    struct byte_buffer added = {0}, out = {0};
    size_t offset = 0;
    bool is_done, has_failed;

    if (packetizer->setup.codec == PACKET_VP8 || packetizer->setup.codec == PACKET_VP9)
        return WCENC_OK;
    is_done = write_hdr(packetizer, metadata, bytes, &offset, &added);
    if (is_done) {
        wcenc__buffer_append(&out, bytes->data, offset);
        wcenc__buffer_append(&out, added.data, added.size);
        wcenc__buffer_append(&out, bytes->data + offset, bytes->size - offset);
    }
    has_failed = added.failed || out.failed;
    wcenc__buffer_free(&added);
    if (has_failed || !is_done) {
        wcenc__buffer_free(&out);
        return has_failed ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING;
    }
    replace_bytes(bytes, out.data, out.size);
    return WCENC_OK;
}
