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
    if (!wcenc__vp9_header_read(data, size, &header))
        return;

    struct vpcc vpcc = {.profile = header.profile, .level = 10, .bit_depth = header.bit_depth};

    check(header.is_key == (header.width > 0));
    check(wcenc__vpcc_write(&vpcc, &out) && out.size == 12);
    wcenc__buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* SEC-001 */
    read_nals(NAL_H264, data, size);
    read_nals(NAL_HEVC, data, size);
    add_constraints(data, size);
    read_av1(data, size);
    read_vpx(data, size);
    return 0;
}
