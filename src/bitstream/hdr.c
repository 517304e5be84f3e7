/* SPDX-License-Identifier: MIT */

/*
 * HDR metadata: SEI messages of H.264 and HEVC (mastering_display_colour_volume, content_light_level_info), and
 * metadata OBUs of AV1. Both have the same members, in other orders and units.
 */

#include "nal_writer.h"

enum {
    H264_SEI = 6,
    HEVC_PREFIX_SEI = 39,
    SEI_MASTERING_DISPLAY = 137,
    SEI_CONTENT_LIGHT_LEVEL = 144,
    SEI_TRAILING_BITS = 0x80,
    OBU_METADATA_WITH_SIZE = 5 << 3 | 2,
    METADATA_HDR_CLL = 1,
    METADATA_HDR_MDCV = 2,
    OBU_TRAILING_BITS = 0x80,
    CHROMATICITY_UNITS = 50000, /* to 1.0 */
    LUMINANCE_UNITS = 10000,    /* to 1 cd/m2 */
    MESSAGE_MAX = 32,           /* bytes of a message's payload */
};

struct message {
    uint8_t bytes[MESSAGE_MAX];
    size_t size;
};

static void put16(struct message *message, uint32_t value)
{
    message->bytes[message->size++] = (uint8_t)(value >> 8);
    message->bytes[message->size++] = (uint8_t)value;
}

static void put32(struct message *message, uint32_t value)
{
    put16(message, value >> 16);
    put16(message, value & 0xffff);
}

static struct message light_levels(const wcenc_hdr_metadata *metadata)
{
    struct message message = {.size = 0};

    put16(&message, metadata->max_content_light_level);
    put16(&message, metadata->max_frame_average_light_level);
    return message;
}

/* Green, blue and red, which is the order that the standards suggest. */
static struct message sei_display(const wcenc_hdr_metadata *metadata)
{
    struct message message = {.size = 0};

    put16(&message, metadata->green_x);
    put16(&message, metadata->green_y);
    put16(&message, metadata->blue_x);
    put16(&message, metadata->blue_y);
    put16(&message, metadata->red_x);
    put16(&message, metadata->red_y);
    put16(&message, metadata->white_x);
    put16(&message, metadata->white_y);
    put32(&message, metadata->max_luminance);
    put32(&message, metadata->min_luminance);
    return message;
}

/* Nearest in another unit; 1.0 itself, which has 17 bits there, becomes the largest value below. */
static uint32_t fixed_point(uint32_t value, uint32_t units, unsigned fraction_bits, uint32_t most)
{
    const uint64_t scaled = (((uint64_t)value << fraction_bits) + units / 2) / units;

    return scaled > most ? most : (uint32_t)scaled;
}

static void put_chromaticity(struct message *message, uint32_t x, uint32_t y)
{
    put16(message, fixed_point(x, CHROMATICITY_UNITS, 16, UINT16_MAX));
    put16(message, fixed_point(y, CHROMATICITY_UNITS, 16, UINT16_MAX));
}

static struct message obu_display(const wcenc_hdr_metadata *metadata)
{
    struct message message = {.size = 0};

    put_chromaticity(&message, metadata->red_x, metadata->red_y);
    put_chromaticity(&message, metadata->green_x, metadata->green_y);
    put_chromaticity(&message, metadata->blue_x, metadata->blue_y);
    put_chromaticity(&message, metadata->white_x, metadata->white_y);
    put32(&message, fixed_point(metadata->max_luminance, LUMINANCE_UNITS, 8, UINT32_MAX));
    put32(&message, fixed_point(metadata->min_luminance, LUMINANCE_UNITS, 14, UINT32_MAX));
    return message;
}

static void put_sei(struct nal_writer *writer, uint8_t type, struct message message)
{
    nal_put_byte(writer, type);
    nal_put_byte(writer, (uint8_t)message.size);
    for (size_t i = 0; i < message.size; i++)
        nal_put_byte(writer, message.bytes[i]);
}

bool wcenc__hdr_sei_write(enum nal_codec codec, const wcenc_hdr_metadata *metadata, struct byte_buffer *out)
{
    static const uint8_t h264_header[] = {H264_SEI}, hevc_header[] = {HEVC_PREFIX_SEI << 1, 1};
    struct nal_writer writer = {.out = out};

    if (codec == NAL_H264)
        wcenc__buffer_append(out, h264_header, sizeof h264_header);
    else
        wcenc__buffer_append(out, hevc_header, sizeof hevc_header);
    if (metadata->has_mastering_display)
        put_sei(&writer, SEI_MASTERING_DISPLAY, sei_display(metadata));
    if (metadata->has_content_light_level)
        put_sei(&writer, SEI_CONTENT_LIGHT_LEVEL, light_levels(metadata));
    nal_put_byte(&writer, SEI_TRAILING_BITS);
    return !out->failed;
}

static void put_obu(struct byte_buffer *out, uint8_t type, struct message message)
{
    static const uint8_t end = OBU_TRAILING_BITS;
    const uint8_t head[] = {OBU_METADATA_WITH_SIZE, (uint8_t)(message.size + 2), type};

    wcenc__buffer_append(out, head, sizeof head);
    wcenc__buffer_append(out, message.bytes, message.size);
    wcenc__buffer_append(out, &end, 1);
}

bool wcenc__hdr_obus_write(const wcenc_hdr_metadata *metadata, struct byte_buffer *out)
{
    if (metadata->has_content_light_level)
        put_obu(out, METADATA_HDR_CLL, light_levels(metadata));
    if (metadata->has_mastering_display)
        put_obu(out, METADATA_HDR_MDCV, obu_display(metadata));
    return !out->failed;
}
