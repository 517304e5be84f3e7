/* SPDX-License-Identifier: MIT */

/*
 * VP8's frame tag; VP9's uncompressed header, for what a key frame says of the stream and for the quantizer; and the
 * vpcC payload of "VP Codec ISO Media File Format Binding".
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

/* color_config() and frame_size(); false if the profile does not have the combination. */
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

/* The uncompressed header up to the quantizer. Names are those of the specification. */

/* color_config() of a frame that was not looked at yet. */
static void skip_color_config(struct bit_reader *reader, uint8_t profile)
{
    const bool has_subsampling = profile == 1 || profile == 3;

    bits_skip(reader, profile >= 2 ? 1 : 0);
    if (bits_read(reader, 3) == VP9_CS_RGB)
        bits_skip(reader, has_subsampling ? 1 : 0);
    else
        bits_skip(reader, has_subsampling ? 4 : 1);
}

static void skip_render_size(struct bit_reader *reader)
{
    if (bits_read_flag(reader))
        bits_skip(reader, 32);
}

static void skip_frame_size_with_refs(struct bit_reader *reader)
{
    bool is_found = false;

    for (int i = 0; i < 3 && !is_found; i++)
        is_found = bits_read_flag(reader);
    if (!is_found)
        bits_skip(reader, 32);
    skip_render_size(reader);
}

static void skip_interpolation_filter(struct bit_reader *reader)
{
    if (!bits_read_flag(reader))
        bits_skip(reader, 2);
}

/* Of a frame that is no key frame. */
static void skip_references(struct bit_reader *reader, uint8_t profile, bool is_intra_only)
{
    enum { REFERENCES = 3, REFERENCE_BITS = 4 };

    if (is_intra_only) {
        bits_skip(reader, 24); /* frame_sync_code */
        if (profile > 0)
            skip_color_config(reader, profile);
        bits_skip(reader, 8 + 32); /* refresh_frame_flags, frame_size() */
        skip_render_size(reader);
        return;
    }
    bits_skip(reader, 8 + REFERENCES * REFERENCE_BITS);
    skip_frame_size_with_refs(reader);
    bits_skip(reader, 1); /* allow_high_precision_mv */
    skip_interpolation_filter(reader);
}

static void skip_loop_filter(struct bit_reader *reader)
{
    enum { DELTAS = 4 + 2, DELTA_BITS = 7 };

    bits_skip(reader, 6 + 3); /* level, sharpness */
    if (!bits_read_flag(reader) || !bits_read_flag(reader))
        return;
    for (int i = 0; i < DELTAS; i++)
        if (bits_read_flag(reader))
            bits_skip(reader, DELTA_BITS);
}

int32_t wcenc__vp9_quantizer(const uint8_t *data, size_t size)
{
    struct bit_reader reader = bits_begin(data, size, false);
    struct vp9_header header;
    bool is_resilient, is_intra_only = false;
    int32_t quantizer;

    if (!wcenc__vp9_header_read(data, size, &header) || header.show_existing_frame)
        return -1;
    bits_skip(&reader, header.profile == 3 ? 8 : 7); /* up to show_frame */
    is_resilient = bits_read_flag(&reader);
    if (header.is_key) {
        bits_skip(&reader, 24);
        skip_color_config(&reader, header.profile);
        bits_skip(&reader, 32);
        skip_render_size(&reader);
    } else {
        is_intra_only = !header.show_frame && bits_read_flag(&reader);
        bits_skip(&reader, is_resilient ? 0 : 2); /* reset_frame_context */
        skip_references(&reader, header.profile, is_intra_only);
    }
    bits_skip(&reader, (is_resilient ? 0 : 2) + 2); /* refresh_frame_context and the like, frame_context_idx */
    skip_loop_filter(&reader);
    quantizer = (int32_t)bits_read(&reader, 8);
    return reader.failed ? -1 : quantizer;
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
