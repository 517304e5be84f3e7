/* SPDX-License-Identifier: MIT */

/* H.264 sequence parameter sets, written again with what their encoder left out. */

#include <string.h>

#include "h26x.h"
#include "nal_writer.h"

enum { SPS_BYTES_MAX = 256 };

/* A payload without what prevents start codes. */
struct payload {
    uint8_t bytes[SPS_BYTES_MAX];
    size_t bits;
    bool failed;
};

static void put_bit(struct payload *payload, uint32_t bit)
{
    if (payload->bits == sizeof payload->bytes * 8) {
        payload->failed = true;
        return;
    }
    if (bit)
        payload->bytes[payload->bits / 8] |= (uint8_t)(0x80u >> payload->bits % 8);
    payload->bits++;
}

/* Of values below 255. */
static void put_ue(struct payload *payload, uint32_t value)
{
    unsigned length = 0;

    while ((value + 1) >> (length + 1))
        length++;
    for (unsigned i = 0; i < length; i++)
        put_bit(payload, 0);
    for (unsigned i = 0; i <= length; i++)
        put_bit(payload, (value + 1) >> (length - i) & 1);
}

/* To chroma_loc_info_present_flag; false where there is no VUI. */
static bool find_chroma_location(struct bit_reader *reader, const struct nal_unit *nal)
{
    struct sps sps;

    if (!wcenc__h264_sps_begin(reader, nal, &sps) || !bits_read_flag(reader))
        return false;
    wcenc__vui_skip_picture_description(reader);
    return !reader->failed;
}

/* All bits that are left, and the end of the payload as it was. */
static void put_rest(struct payload *payload, struct bit_reader *reader)
{
    for (;;) {
        const uint32_t bit = bits_read(reader, 1);

        if (reader->failed)
            break;
        put_bit(payload, bit);
    }
    while (payload->bits > 0 && !(payload->bytes[(payload->bits - 1) / 8] & 0x80u >> (payload->bits - 1) % 8))
        payload->bits--; /* zeros behind rbsp_stop_one_bit */
}

static bool write_sps(const struct nal_unit *nal, uint32_t location, struct byte_buffer *out)
{
    struct bit_reader reader, from = bits_begin(nal->data, nal->size, true);
    struct payload payload = {.bits = 0};
    struct nal_writer writer = {.out = out};

    if (!find_chroma_location(&reader, nal))
        return false;
    while (from.position != reader.position || from.bits_left != reader.bits_left)
        put_bit(&payload, bits_read(&from, 1));
    if (bits_read_flag(&from))
        return false; /* it says one already */
    put_bit(&payload, 1);
    put_ue(&payload, location);
    put_ue(&payload, location);
    put_rest(&payload, &from);
    for (size_t i = 0; i < (payload.bits + 7) / 8; i++)
        nal_put_byte(&writer, payload.bytes[i]);
    return !payload.failed;
}

bool wcenc__h264_add_chroma_location(const uint8_t *sets, size_t size, uint32_t location, struct byte_buffer *out)
{
    static const uint8_t start_code[] = {0, 0, 0, 1};
    struct nal_iterator iterator = {.data = sets, .size = size};
    struct nal_unit nal;
    bool good = true;

    while (good && wcenc__nal_next(&iterator, &nal)) {
        wcenc__buffer_append(out, start_code, sizeof start_code);
        if (wcenc__nal_type(NAL_H264, &nal) == H264_SPS)
            good = write_sps(&nal, location, out);
        else
            wcenc__buffer_append(out, nal.data, nal.size);
    }
    return good && !out->failed;
}
