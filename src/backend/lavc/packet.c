/* SPDX-License-Identifier: MIT */

/*
 * From AVPacket to what WebCodecs calls a chunk: framing of NAL units, whether it is a key chunk (read from the stream
 * itself), and the header that decoders and containers want.
 */

#include <string.h>

#include <libavutil/intreadwrite.h>

#include "lavc.h"
#include "mem.h"

/* How one codec's packets are read. NULL members: nothing to do. */
struct packet_reader {
    bool (*is_key)(const struct lavc_backend *lavc, const AVPacket *packet);
    /* Fills the header from a key packet. */
    bool (*read_header)(struct lavc_backend *lavc, const uint8_t *data, size_t size);
};

static enum nal_codec nal_codec_of(const struct lavc_backend *lavc)
{
    return lavc->family == CODEC_HEVC ? NAL_HEVC : NAL_H264;
}

static bool nal_is_key(const struct lavc_backend *lavc, const AVPacket *packet)
{
    return wcenc__annexb_is_key(nal_codec_of(lavc), packet->data, (size_t)packet->size);
}

static bool vp8_is_key(const struct lavc_backend *lavc, const AVPacket *packet)
{
    (void)lavc;
    return wcenc__vp8_is_key(packet->data, (size_t)packet->size);
}

static bool vp9_is_key(const struct lavc_backend *lavc, const AVPacket *packet)
{
    struct vp9_header header;

    (void)lavc;
    return wcenc__vp9_header_read(packet->data, (size_t)packet->size, &header) && header.is_key;
}

/* libavcodec's flag: a key frame begins a temporal unit with its sequence header. */
static bool av1_is_key(const struct lavc_backend *lavc, const AVPacket *packet)
{
    (void)lavc;
    return (packet->flags & AV_PKT_FLAG_KEY) != 0;
}

/* Parameter sets, from extradata or from a key packet, to avcC or hvcC. */
static bool read_parameter_sets(struct lavc_backend *lavc, const uint8_t *data, size_t size)
{
    bool written = lavc->family == CODEC_HEVC ? wcenc__hvcc_write(data, size, &lavc->container_private)
                                              : wcenc__avcc_write(data, size, &lavc->container_private);

    if (!written || lavc->annexb)
        return written;
    wcenc__buffer_append(&lavc->description, lavc->container_private.data, lavc->container_private.size);
    return !lavc->description.failed;
}

/* The frame tag says its version, which is the profile; all else is as the config has it. Levels there are none. */
static bool read_vp8_header(struct lavc_backend *lavc, const uint8_t *data, size_t size)
{
    struct vpcc vpcc = lavc->vpcc;

    (void)size; /* of a key packet, which has more than the tag */
    vpcc.profile = data[0] >> 1 & 7;
    return wcenc__vpcc_write(&vpcc, &lavc->container_private);
}

static bool read_vp9_header(struct lavc_backend *lavc, const uint8_t *data, size_t size)
{
    struct vp9_header header;
    struct vpcc vpcc = lavc->vpcc;

    if (!wcenc__vp9_header_read(data, size, &header))
        return false;
    vpcc.profile = header.profile;
    vpcc.bit_depth = header.bit_depth;
    vpcc.full_range = header.full_range;
    vpcc.chroma_subsampling = header.subsampling_y ? 1 : header.subsampling_x ? 2 : 3;
    return wcenc__vpcc_write(&vpcc, &lavc->container_private);
}

static bool read_av1_header(struct lavc_backend *lavc, const uint8_t *data, size_t size)
{
    struct av1_sequence sequence;

    return wcenc__av1_sequence_read(data, size, &sequence) && wcenc__av1c_write(&sequence, &lavc->container_private);
}

static const struct packet_reader readers[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = {nal_is_key, read_parameter_sets}, [CODEC_HEVC] = {nal_is_key, read_parameter_sets},
    [CODEC_VP8] = {vp8_is_key, read_vp8_header},      [CODEC_VP9] = {vp9_is_key, read_vp9_header},
    [CODEC_AV1] = {av1_is_key, read_av1_header},
};

static bool has_nal_units(const struct lavc_backend *lavc)
{
    return lavc->family == CODEC_H264 || lavc->family == CODEC_HEVC;
}

static bool read_header(struct lavc_backend *lavc, const uint8_t *data, size_t size)
{
    if (!readers[lavc->family].read_header(lavc, data, size))
        return false;
    lavc->header.container_private = lavc->container_private.data;
    lavc->header.container_private_size = lavc->container_private.size;
    lavc->header.description = lavc->description.size ? lavc->description.data : NULL;
    lavc->header.description_size = lavc->description.size;
    lavc->is_stream_known = true;
    return true;
}

/*
 * What the codec string promises, and the encoder keeps without saying so; and without the matrix that it was lent.
 * False if that was not there.
 */
static bool amend_parameter_sets(const struct lavc_backend *lavc, uint8_t *data, size_t size)
{
    if (lavc->family == CODEC_H264)
        wcenc__h264_add_constraints(data, size, lavc->constraints);
    else
        wcenc__hevc_add_constraints(data, size, lavc->constraints);
    return !lavc->lends_matrix || wcenc__h264_unset_matrix(data, size);
}

/* What went wrong with bytes that could not be read or written: memory, or what is in them. */
static wcenc_status status_of(const struct lavc_backend *lavc, wcenc_status otherwise)
{
    return lavc->container_private.failed || lavc->description.failed ? WCENC_ERROR_NO_MEMORY : otherwise;
}

bool wcenc__lavc_read_extradata(struct lavc_backend *lavc, struct failure *failure)
{
    AVCodecContext *context = lavc->context;

    if (!has_nal_units(lavc) || lavc->annexb)
        return true;
    if (!amend_parameter_sets(lavc, context->extradata, (size_t)context->extradata_size) ||
        !read_header(lavc, context->extradata, (size_t)context->extradata_size)) {
        wcenc__failure_set(failure, status_of(lavc, WCENC_ERROR_NOT_SUPPORTED), AVERROR_INVALIDDATA,
                           "%s gave parameter sets that cannot be read", lavc->encoder->name);
        return false;
    }
    return true;
}

static void free_packet(void *owner)
{
    AVPacket *packet = owner;

    av_packet_free(&packet);
}

static void free_bytes(void *owner)
{
    mem_free(owner);
}

/* As libvpx's wrapper gives it: a number that says what it is, in eight bytes, and then the coded alpha. */
static const uint8_t *alpha_of(const AVPacket *packet, size_t *alpha_size)
{
    enum { NUMBER_SIZE = 8 };
    size_t size = 0;
    const uint8_t *block = av_packet_get_side_data(packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, &size);

    if (!block || size < NUMBER_SIZE)
        return NULL;
    *alpha_size = size - NUMBER_SIZE;
    return block + NUMBER_SIZE;
}

/* Passes the packet on as it is, by reference. */
static bool pass_on(struct lavc_backend *lavc, struct backend_packet *packet)
{
    AVPacket *kept = av_packet_alloc();

    if (!kept)
        return false;
    av_packet_move_ref(kept, lavc->packet);
    packet->data = kept->data;
    packet->size = (size_t)kept->size;
    if (lavc->keeps_alpha)
        packet->alpha = alpha_of(kept, &packet->alpha_size);
    packet->free_data = free_packet;
    packet->owner = kept;
    return true;
}

/* Start codes become lengths: in the encoder's own memory where every one has four bytes, else in a copy. */
static wcenc_status frame_with_lengths(struct lavc_backend *lavc, struct backend_packet *packet)
{
    enum nal_codec codec = nal_codec_of(lavc);
    AVPacket *from = lavc->packet;
    struct byte_buffer out = {0};

    /* What libavcodec's encoders give is always counted by reference. */
    if (av_buffer_is_writable(from->buf) &&
        wcenc__annexb_to_length_prefixed_in_place(codec, from->data, (size_t)from->size))
        return pass_on(lavc, packet) ? WCENC_OK : WCENC_ERROR_NO_MEMORY;
    if (!wcenc__annexb_to_length_prefixed(codec, from->data, (size_t)from->size, &out)) {
        wcenc_status status = out.failed ? WCENC_ERROR_NO_MEMORY : WCENC_ERROR_ENCODING;

        wcenc__buffer_free(&out);
        return status;
    }
    packet->data = out.data;
    packet->size = out.size;
    packet->free_data = free_bytes;
    packet->owner = out.data;
    return WCENC_OK;
}

/* In annexb the parameter sets are in the packet, which has to be one's own to be changed. */
static wcenc_status amend_in_band(struct lavc_backend *lavc)
{
    if (!has_nal_units(lavc) || !lavc->annexb || (!lavc->constraints && !lavc->lends_matrix))
        return WCENC_OK;
    if (av_packet_make_writable(lavc->packet) < 0)
        return WCENC_ERROR_NO_MEMORY;
    return amend_parameter_sets(lavc, lavc->packet->data, (size_t)lavc->packet->size) ? WCENC_OK : WCENC_ERROR_ENCODING;
}

/* libx264 and libx265 say which one they took, times FF_QP2LAMBDA, as four little-endian bytes. */
static int32_t quantizer_of(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *stats = av_packet_get_side_data(packet, AV_PKT_DATA_QUALITY_STATS, &size);

    return stats && size >= 4 ? (int32_t)(AV_RL32(stats) / FF_QP2LAMBDA) : -1;
}

static wcenc_status make_packet(struct lavc_backend *lavc, struct backend_packet *packet)
{
    AVPacket *from = lavc->packet;
    wcenc_status status;

    packet->index = from->pts;
    packet->dts_index = from->dts == AV_NOPTS_VALUE ? from->pts : from->dts;
    packet->quantizer = quantizer_of(from);
    packet->has_layer = lavc->temporal_layers > 1;
    packet->layer = packet->has_layer ? wcenc__lavc_layer(lavc, packet->index) : 0;
    packet->is_key = readers[lavc->family].is_key(lavc, from);
    status = packet->is_key ? amend_in_band(lavc) : WCENC_OK;
    if (status != WCENC_OK)
        return status;
    if (packet->is_key && !lavc->is_stream_known && !read_header(lavc, from->data, (size_t)from->size))
        return status_of(lavc, WCENC_ERROR_ENCODING);
    if (lavc->is_stream_known && !lavc->is_header_told) {
        packet->header = &lavc->header;
        lavc->is_header_told = true;
    }
    if (has_nal_units(lavc) && !lavc->annexb)
        return frame_with_lengths(lavc, packet);
    return pass_on(lavc, packet) ? WCENC_OK : WCENC_ERROR_NO_MEMORY;
}

bool wcenc__lavc_make_packet(struct lavc_backend *lavc, struct backend_packet *packet, struct failure *failure)
{
    wcenc_status status;

    memset(packet, 0, sizeof *packet);
    status = make_packet(lavc, packet);
    av_packet_unref(lavc->packet);
    if (status != WCENC_OK)
        wcenc__failure_set(failure, status, 0, "%s: %s", lavc->encoder->name,
                           status == WCENC_ERROR_NO_MEMORY ? "memory is short" : "a packet that cannot be read");
    return status == WCENC_OK;
}
