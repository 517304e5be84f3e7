/* SPDX-License-Identifier: MIT */

/*
 * VP8's frame tag; VP9's uncompressed header as far as a key frame describes the stream, its levels, and the vpcC
 * payload of "VP Codec ISO Media File Format Binding".
 */

#include <string.h>

#include "bit_reader.h"
#include "bitstream.h"

#define VP9_SYNC_CODE 0x498342u
#define VP9_CS_RGB    7u

bool wcenc__vp8_is_key(const uint8_t *data, size_t size)
{
    static const uint8_t start_code[] = {0x9d, 0x01, 0x2a};

    /* Tag, start code and dimensions. */
    return size >= 10 && (data[0] & 1) == 0 && memcmp(data + 3, start_code, sizeof(start_code)) == 0;
}

/* color_config() and frame_size(); false if the combination is none of the profile's. */
static bool read_key_frame(struct bit_reader *reader, struct vp9_header *header)
{
    bool has_subsampling = header->profile == 1 || header->profile == 3;

    if (bits_read(reader, 24) != VP9_SYNC_CODE)
        return false;
    header->bit_depth = 8;
    if (header->profile >= 2)
        header->bit_depth = bits_read_flag(reader) ? 12 : 10;
    header->color_space = (uint8_t)bits_read(reader, 3);
    if (header->color_space == VP9_CS_RGB) {
        header->full_range = true;
        if (!has_subsampling || bits_read_flag(reader))
            return false;
    } else {
        header->full_range = bits_read_flag(reader);
        header->subsampling_x = has_subsampling ? bits_read_flag(reader) : 1;
        header->subsampling_y = has_subsampling ? bits_read_flag(reader) : 1;
        /* 4:2:0 belongs to profiles 0 and 2 alone. */
        if (has_subsampling && (bits_read_flag(reader) || (header->subsampling_x && header->subsampling_y)))
            return false;
    }
    header->width = bits_read(reader, 16) + 1;
    header->height = bits_read(reader, 16) + 1;
    return true;
}

bool wcenc__vp9_header_read(const uint8_t *data, size_t size, struct vp9_header *header)
{
    struct bit_reader reader = bits_begin(data, size, false);
    struct vp9_header read = {0};

    if (bits_read(&reader, 2) != 2)
        return false;
    read.profile = (uint8_t)bits_read(&reader, 1);
    read.profile = (uint8_t)(read.profile | bits_read(&reader, 1) << 1);
    if (read.profile == 3 && bits_read_flag(&reader))
        return false;
    read.show_existing_frame = bits_read_flag(&reader);
    if (read.show_existing_frame) {
        bits_skip(&reader, 3);
    } else {
        read.is_key = !bits_read_flag(&reader);
        read.show_frame = bits_read_flag(&reader);
        bits_skip(&reader, 1); /* error_resilient_mode */
        if (read.is_key && !reader.failed && !read_key_frame(&reader, &read))
            return false;
    }
    if (reader.failed)
        return false;
    *header = read;
    return true;
}

bool wcenc__vpcc_write(const struct vpcc *vpcc, struct byte_buffer *out)
{
    const uint8_t payload[] = {
        1, /* version */
        0,
        0,
        0, /* flags */
        vpcc->profile,
        vpcc->level,
        (uint8_t)((vpcc->bit_depth & 15) << 4 | (vpcc->chroma_subsampling & 7) << 1 | (vpcc->full_range ? 1 : 0)),
        vpcc->color_primaries,
        vpcc->transfer_characteristics,
        vpcc->matrix_coefficients,
        0,
        0, /* codec initialization data: VP8 and VP9 have none */
    };

    wcenc__buffer_append(out, payload, sizeof(payload));
    return !out->failed;
}
