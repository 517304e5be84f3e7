/* SPDX-License-Identifier: MIT */

/*
 * Any bytes through every entry point of the bitstream room, as each codec. Besides the sanitizers, what the functions
 * promise about one another is checked: a broken promise aborts.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bitstream.h"
#include "claims.h"
#include "packetizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool promise)
{
    if (!promise)
        abort();
}

/* In a block of its own, of exactly that size. */
static uint8_t *copy_of(const uint8_t *data, size_t size)
{
    uint8_t *copy = (uint8_t *)malloc(size);

    check(copy || size == 0);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static void walk_nals(enum nal_codec codec, const uint8_t *data, size_t size)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;
    const uint8_t *end = data;

    while (wcenc__nal_next(&iterator, &nal)) {
        int type = wcenc__nal_type(codec, &nal);
        uint8_t *copy = copy_of(nal.data, nal.size);
        const struct nal_unit alone = {copy, nal.size};
        struct set_claims claims;

        if (!wcenc__claims_read(codec, &alone, &claims))
            check(claims.kind != CLAIMS_NONE);
        if (codec == NAL_H264 && wcenc__h264_is_b_slice(&alone))
            check(claims.kind == CLAIMS_NONE);
        free(copy);
        check(nal.size > 0 && nal.data >= end + 3 && nal.size <= size - (size_t)(nal.data - data));
        check(nal.data[nal.size - 1] != 0);
        check(!(wcenc__nal_is_parameter_set(codec, type) && wcenc__nal_is_key(codec, type)));
        end = nal.data + nal.size;
    }
}

static void change_framing(enum nal_codec codec, const uint8_t *data, size_t size)
{
    struct byte_buffer out = {0};
    uint8_t *copy = copy_of(data, size);
    bool done = wcenc__annexb_to_length_prefixed(codec, data, size, &out);
    bool done_in_place = wcenc__annexb_to_length_prefixed_in_place(codec, copy, size);

    check(done == (out.size > 0));
    if (done_in_place)
        check(done && out.size == size && memcmp(out.data, copy, size) == 0);
    else
        check(size == 0 || memcmp(data, copy, size) == 0);
    wcenc__buffer_free(&out);
    free(copy);
}

static void read_nals(enum nal_codec codec, const uint8_t *data, size_t size)
{
    struct byte_buffer out = {0};
    struct sps_info info;
    bool is_readable = wcenc__sps_read(codec, data, size, &info);

    walk_nals(codec, data, size);
    change_framing(codec, data, size);
    wcenc__annexb_is_key(codec, data, size);
    if (is_readable)
        check(info.width > 0 && info.height > 0 && info.chroma_format <= 3 && info.bit_depth >= 8);
    if (codec == NAL_H264 ? wcenc__avcc_write(data, size, &out) : wcenc__hvcc_write(data, size, &out))
        check(is_readable && out.data[0] == 1 && out.data[1] % 32 == info.profile % 32);
    else
        check(out.size == 0);
    wcenc__buffer_free(&out);
}

static void add_constraints(const uint8_t *data, size_t size)
{
    uint8_t *copy = copy_of(data, size);
    struct sps_info before;
    struct sps_info after;

    wcenc__h264_add_constraints(copy, size, 0xfc);
    if (wcenc__sps_read(NAL_H264, data, size, &before) && before.profile > 0 && before.level > 0) {
        check(wcenc__sps_read(NAL_H264, copy, size, &after));
        check(after.constraints == (before.constraints | 0xfc) && after.width == before.width);
        (void)wcenc__h264_unset_matrix(copy, size);
        check(wcenc__sps_read(NAL_H264, copy, size, &after) && after.width == before.width);
    }
    free(copy);
}

static void read_av1(const uint8_t *data, size_t size)
{
    struct av1_sequence sequence;
    struct av1_sequence again;
    struct byte_buffer out = {0};

    if (!wcenc__av1_sequence_read(data, size, &sequence))
        return;
    check(wcenc__av1c_write(&sequence, &out) && out.size == 4 + sequence.obu_size);
    check(wcenc__av1_sequence_read(out.data + 4, out.size - 4, &again));
    check(again.max_width == sequence.max_width && again.level == sequence.level);
    wcenc__buffer_free(&out);
}

static void read_vpx(const uint8_t *data, size_t size)
{
    struct vp9_header header;
    struct byte_buffer out = {0};

    wcenc__vp8_is_key(data, size);
    check(wcenc__vp9_quantizer(data, size) <= 255);
    if (!wcenc__vp9_header_read(data, size, &header))
        return;

    struct vpcc vpcc = {.profile = header.profile, .level = 10, .bit_depth = header.bit_depth};

    check(header.is_key == (header.width > 0));
    check(wcenc__vpcc_write(&vpcc, &out) && out.size == 12);
    wcenc__buffer_free(&out);
}

/* Of the bytes themselves, in values that differ from input to input. */
static wcenc_hdr_metadata metadata_of(const uint8_t *data, size_t size)
{
    wcenc_hdr_metadata metadata = {.has_mastering_display = 1, .has_content_light_level = 1};
    uint32_t *members[] = {&metadata.red_x,   &metadata.green_y,       &metadata.white_x,
                           &metadata.white_y, &metadata.max_luminance, &metadata.max_content_light_level};

    for (size_t i = 0; i < sizeof members / sizeof members[0] && 2 * i + 1 < size; i++)
        *members[i] = (uint32_t)data[2 * i] << 8 | data[2 * i + 1];
    return metadata;
}

static void free_copy(void *owner)
{
    free(owner);
}

static void add_hdr(enum packet_codec codec, bool annexb, const uint8_t *data, size_t size)
{
    const wcenc_hdr_metadata metadata = metadata_of(data, size);
    const struct packetizer_setup setup = {.codec = codec, .annexb = annexb};
    uint8_t *copy = copy_of(data, size);
    struct packet_bytes bytes = {copy, size, true, free_copy, copy};
    struct packetizer packetizer;
    size_t same = 0;

    wcenc__packetizer_init(&packetizer, &setup);
    if (wcenc__packetizer_add_hdr(&packetizer, &metadata, &bytes) == WCENC_OK) {
        check(bytes.size > size);
        while (same < size && bytes.data[same] == data[same])
            same++;
        check(memcmp(bytes.data + same + (bytes.size - size), data + same, size - same) == 0);
    } else {
        check(bytes.data == copy && bytes.size == size);
    }
    wcenc__packet_bytes_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* SEC-001 */
    read_nals(NAL_H264, data, size);
    read_nals(NAL_HEVC, data, size);
    add_constraints(data, size);
    read_av1(data, size);
    read_vpx(data, size);
    for (int annexb = 0; annexb < 2; annexb++) {
        add_hdr(PACKET_H264, annexb, data, size);
        add_hdr(PACKET_HEVC, annexb, data, size);
    }
    add_hdr(PACKET_AV1, false, data, size);
    return 0;
}
