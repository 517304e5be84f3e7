/* SPDX-License-Identifier: MIT */

/*
 * AV1: finding and reading the sequence header OBU in the low-overhead format, and the av1C payload of "AV1 Codec ISO
 * Media File Format Binding". Function and field names follow section 5.5 of the AV1 specification.
 */

#include "bit_reader.h"
#include "bitstream.h"

#define OBU_SEQUENCE_HEADER   1u
#define CP_UNSPECIFIED        2u
#define CP_BT_709             1u
#define TC_SRGB               13u
#define MC_IDENTITY           0u
#define SELECT_SCREEN_TOOLS   2u
#define FIRST_LEVEL_WITH_TIER 8u

/* Lengths of the decoder model's fields, from decoder_model_info(). */
struct decoder_model {
    bool is_present;
    unsigned buffer_delay_length;
};

static void read_timing_info(struct bit_reader *reader, struct decoder_model *model)
{
    bits_skip(reader, 64); /* num_units_in_display_tick, time_scale */
    if (bits_read_flag(reader))
        bits_read_ue(reader); /* num_ticks_per_picture_minus_1 */
    model->is_present = bits_read_flag(reader);
    if (model->is_present) {
        model->buffer_delay_length = bits_read(reader, 5) + 1;
        bits_skip(reader, 32 + 5 + 5);
    }
}

/* One round of the loop over operating points; the first one is the one that describes the stream. */
static void read_operating_point(struct bit_reader *reader, const struct decoder_model *model, bool has_display_delay,
                                 struct av1_sequence *sequence)
{
    bits_skip(reader, 12); /* operating_point_idc */
    sequence->level = (uint8_t)bits_read(reader, 5);
    sequence->tier = sequence->level >= FIRST_LEVEL_WITH_TIER ? (uint8_t)bits_read(reader, 1) : 0;
    if (model->is_present && bits_read_flag(reader))
        bits_skip(reader, 2 * model->buffer_delay_length + 1);
    if (has_display_delay && bits_read_flag(reader))
        bits_skip(reader, 4); /* initial_display_delay_minus_1 */
}

static void read_operating_points(struct bit_reader *reader, struct av1_sequence *sequence)
{
    struct decoder_model model = {0};

    if (bits_read_flag(reader))
        read_timing_info(reader, &model);

    bool has_display_delay = bits_read_flag(reader);
    unsigned count = bits_read(reader, 5) + 1;

    read_operating_point(reader, &model, has_display_delay, sequence);
    for (unsigned i = 1; i < count; i++) {
        struct av1_sequence ignored = {0};

        read_operating_point(reader, &model, has_display_delay, &ignored);
    }
}

static void read_frame_size(struct bit_reader *reader, bool is_reduced, struct av1_sequence *sequence)
{
    unsigned width_bits = bits_read(reader, 4) + 1;
    unsigned height_bits = bits_read(reader, 4) + 1;

    sequence->max_width = bits_read(reader, width_bits) + 1;
    sequence->max_height = bits_read(reader, height_bits) + 1;
    if (!is_reduced && bits_read_flag(reader))
        bits_skip(reader, 4 + 3); /* delta_frame_id_length_minus_2, additional_frame_id_length_minus_1 */
}

/* From enable_interintra_compound to OrderHintBits: nothing that a container wants, but of varying length. */
static void skip_inter_tools(struct bit_reader *reader)
{
    bits_skip(reader, 4); /* interintra, masked compound, warped motion, dual filter */

    bool has_order_hint = bits_read_flag(reader);

    if (has_order_hint)
        bits_skip(reader, 2); /* jnt_comp, ref_frame_mvs */

    uint32_t screen_tools = bits_read_flag(reader) ? SELECT_SCREEN_TOOLS : bits_read(reader, 1);

    if (screen_tools > 0 && !bits_read_flag(reader)) /* seq_choose_integer_mv */
        bits_skip(reader, 1);
    if (has_order_hint)
        bits_skip(reader, 3); /* order_hint_bits_minus_1 */
}

static void read_subsampling(struct bit_reader *reader, struct av1_sequence *sequence)
{
    sequence->chroma_subsampling_x = 1;
    if (sequence->profile == 0) {
        sequence->chroma_subsampling_y = 1;
    } else if (sequence->profile == 1) {
        sequence->chroma_subsampling_x = 0;
    } else if (sequence->bit_depth == 12) {
        sequence->chroma_subsampling_x = (uint8_t)bits_read(reader, 1);
        if (sequence->chroma_subsampling_x)
            sequence->chroma_subsampling_y = (uint8_t)bits_read(reader, 1);
    }
    if (sequence->chroma_subsampling_x && sequence->chroma_subsampling_y)
        sequence->chroma_sample_position = (uint8_t)bits_read(reader, 2);
}

static void read_color_config(struct bit_reader *reader, struct av1_sequence *sequence)
{
    sequence->bit_depth = bits_read_flag(reader) ? 10 : 8;
    if (sequence->profile == 2 && sequence->bit_depth == 10 && bits_read_flag(reader))
        sequence->bit_depth = 12;
    sequence->monochrome = sequence->profile != 1 && bits_read_flag(reader);
    sequence->color_primaries = CP_UNSPECIFIED;
    sequence->transfer_characteristics = CP_UNSPECIFIED;
    sequence->matrix_coefficients = CP_UNSPECIFIED;
    if (bits_read_flag(reader)) {
        sequence->color_primaries = (uint8_t)bits_read(reader, 8);
        sequence->transfer_characteristics = (uint8_t)bits_read(reader, 8);
        sequence->matrix_coefficients = (uint8_t)bits_read(reader, 8);
    }
    if (sequence->monochrome) {
        sequence->full_range = bits_read_flag(reader);
        sequence->chroma_subsampling_x = 1;
        sequence->chroma_subsampling_y = 1;
        return;
    }
    if (sequence->color_primaries == CP_BT_709 && sequence->transfer_characteristics == TC_SRGB &&
        sequence->matrix_coefficients == MC_IDENTITY) {
        sequence->full_range = true; /* RGB, and 4:4:4 by that */
    } else {
        sequence->full_range = bits_read_flag(reader);
        read_subsampling(reader, sequence);
    }
    bits_skip(reader, 1); /* separate_uv_delta_q */
}

static bool read_sequence_header(const uint8_t *payload, size_t size, struct av1_sequence *sequence)
{
    struct bit_reader reader = bits_begin(payload, size, false);

    sequence->profile = (uint8_t)bits_read(&reader, 3);
    if (sequence->profile > 2)
        return false;
    bits_skip(&reader, 1); /* still_picture */

    bool is_reduced = bits_read_flag(&reader);

    if (is_reduced)
        sequence->level = (uint8_t)bits_read(&reader, 5);
    else
        read_operating_points(&reader, sequence);
    read_frame_size(&reader, is_reduced, sequence);
    bits_skip(&reader, 3); /* 128x128 superblocks, filter intra, intra edge filter */
    if (!is_reduced)
        skip_inter_tools(&reader);
    bits_skip(&reader, 3); /* superres, cdef, restoration */
    read_color_config(&reader, sequence);
    bits_skip(&reader, 1); /* film_grain_params_present; the last, so a header cut short is noticed */
    return !reader.failed;
}

/* An OBU at the head of the data. */
struct obu {
    unsigned type;
    size_t header_size; /* header, extension and size field */
    size_t payload_size;
};

static bool read_leb128(const uint8_t *data, size_t size, size_t *position, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (*position >= size)
            return false;

        uint8_t byte = data[(*position)++];

        *value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool read_obu(const uint8_t *data, size_t size, struct obu *obu)
{
    if (size < 1)
        return false;

    bool is_forbidden = (data[0] & 0x80) != 0;
    bool has_extension = (data[0] & 0x04) != 0;
    bool has_size = (data[0] & 0x02) != 0;
    size_t position = has_extension ? 2 : 1;
    uint64_t payload_size;

    /* The low-overhead format, and av1C, have every OBU carry its size. */
    if (is_forbidden || !has_size || !read_leb128(data, size, &position, &payload_size) ||
        payload_size > size - position)
        return false;
    obu->type = data[0] >> 3 & 15;
    obu->header_size = position;
    obu->payload_size = (size_t)payload_size;
    return true;
}

bool wcenc__av1_sequence_read(const uint8_t *data, size_t size, struct av1_sequence *sequence)
{
    struct obu obu;

    while (read_obu(data, size, &obu)) {
        size_t obu_size = obu.header_size + obu.payload_size;

        if (obu.type == OBU_SEQUENCE_HEADER) {
            struct av1_sequence read = {.obu = data, .obu_size = obu_size};

            if (!read_sequence_header(data + obu.header_size, obu.payload_size, &read))
                return false;
            *sequence = read;
            return true;
        }
        data += obu_size;
        size -= obu_size;
    }
    return false;
}

bool wcenc__av1c_write(const struct av1_sequence *sequence, struct byte_buffer *out)
{
    const uint8_t head[] = {
        0x81, /* marker, version 1 */
        (uint8_t)((sequence->profile & 7) << 5 | (sequence->level & 31)),
        (uint8_t)((sequence->tier & 1) << 7 | (sequence->bit_depth > 8) << 6 | (sequence->bit_depth > 10) << 5 |
                  sequence->monochrome << 4 | (sequence->chroma_subsampling_x & 1) << 3 |
                  (sequence->chroma_subsampling_y & 1) << 2 | (sequence->chroma_sample_position & 3)),
        0, /* no initial_presentation_delay: it counts samples, initial_display_delay of the header counts frames */
    };

    wcenc__buffer_append(out, head, sizeof(head));
    wcenc__buffer_append(out, sequence->obu, sequence->obu_size);
    return !out->failed;
}
