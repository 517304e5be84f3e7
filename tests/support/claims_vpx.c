/* SPDX-License-Identifier: MIT */

#include "claims.h"

#include "bits.h"

static const struct {
    uint32_t color_space;
    wcenc_color_matrix matrix;
} vp9_matrices[] = {
    {1, WCENC_COLOR_MATRIX_BT470BG},    {2, WCENC_COLOR_MATRIX_BT709}, {3, WCENC_COLOR_MATRIX_SMPTE170M},
    {5, WCENC_COLOR_MATRIX_BT2020_NCL}, {7, WCENC_COLOR_MATRIX_RGB},
};

/* The arithmetic decoder of VP8, for bits at even odds. Names are those of RFC 6386. */
struct bool_decoder {
    const uint8_t *data, *end;
    uint32_t value; /* two bytes */
    int bit_count;  /* shifts of them */
    bool is_beyond;
};

static uint8_t next_byte(struct bool_decoder *decoder)
{
    decoder->is_beyond = decoder->is_beyond || decoder->data == decoder->end;
    return decoder->is_beyond ? 0 : *decoder->data++;
}

static uint32_t read_literal(struct bool_decoder *decoder, uint32_t *range, int count)
{
    uint32_t literal = 0;

    for (; count > 0; count--) {
        const uint32_t split = 1 + ((*range - 1) >> 1);
        const bool bit = decoder->value >= split << 8;

        decoder->value -= bit ? split << 8 : 0;
        *range = bit ? *range - split : split;
        for (; *range < 128; *range <<= 1) {
            decoder->value <<= 1;
            if (++decoder->bit_count % 8 == 0)
                decoder->value |= next_byte(decoder);
        }
        literal = literal << 1 | bit;
    }
    return literal;
}

/* Reads `count` values that are there if a flag says so. */
static void skip_optional(struct bool_decoder *decoder, uint32_t *range, int count, int bits)
{
    for (; count > 0; count--)
        if (read_literal(decoder, range, 1))
            (void)read_literal(decoder, range, bits);
}

static void skip_segments(struct bool_decoder *decoder, uint32_t *range)
{
    bool updates_map, updates_data;

    if (!read_literal(decoder, range, 1))
        return;
    updates_map = read_literal(decoder, range, 1);
    updates_data = read_literal(decoder, range, 1);
    if (updates_data) {
        (void)read_literal(decoder, range, 1);
        skip_optional(decoder, range, 4, 7 + 1);
        skip_optional(decoder, range, 4, 6 + 1);
    }
    if (updates_map)
        skip_optional(decoder, range, 3, 8);
}

/* A buffer that a frame is kept in, or that becomes a copy of another one. */
static uint8_t change_of(bool is_refreshed, uint32_t copy, uint8_t buffer)
{
    return is_refreshed || copy ? buffer : 0;
}

/* The header of a frame that is no key frame, up to the buffers that it changes. */
static bool read_vp8_refreshes(struct bool_decoder *decoder, uint8_t *refreshes)
{
    enum { LAST = 1, GOLDEN = 2, ALTERNATIVE = 4 };
    uint32_t range = 255, golden_copy, alternative_copy;
    bool golden, alternative;

    decoder->value = (uint32_t)next_byte(decoder) << 8;
    decoder->value |= next_byte(decoder);
    skip_segments(decoder, &range);
    (void)read_literal(decoder, &range, 1 + 6 + 3); /* the loop filter */
    if (read_literal(decoder, &range, 1) && read_literal(decoder, &range, 1))
        skip_optional(decoder, &range, 8, 6 + 1);
    (void)read_literal(decoder, &range, 2 + 7); /* partitions, y_ac_qi */
    skip_optional(decoder, &range, 5, 4 + 1);
    golden = read_literal(decoder, &range, 1);
    alternative = read_literal(decoder, &range, 1);
    golden_copy = golden ? 0 : read_literal(decoder, &range, 2);
    alternative_copy = alternative ? 0 : read_literal(decoder, &range, 2);
    (void)read_literal(decoder, &range, 2 + 1); /* sign biases, refresh_entropy_probs */
    *refreshes = change_of(read_literal(decoder, &range, 1), 0, LAST);
    *refreshes |= change_of(golden, golden_copy, GOLDEN);
    *refreshes |= change_of(alternative, alternative_copy, ALTERNATIVE);
    return !decoder->is_beyond;
}

bool claims_of_vp8_frame(const uint8_t *data, size_t size, struct frame_claims *claims)
{
    enum { TAG = 3, KEY_HEADER = 10, ALL = 7 };

    *claims = (struct frame_claims){0};
    if (size < TAG)
        return false;
    claims->is_key = !(data[0] & 1);
    claims->is_shown = data[0] >> 4 & 1;
    claims->stream.profile = data[0] >> 1 & 7;
    if (!claims->is_key)
        return read_vp8_refreshes(&(struct bool_decoder){.data = data + TAG, .end = data + size}, &claims->refreshes);
    claims->refreshes = ALL;
    if (size <= KEY_HEADER || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a)
        return false;
    /* Fourteen bits of size below two of scaling. */
    claims->stream.width = (uint32_t)(data[6] | (data[7] & 0x3f) << 8);
    claims->stream.height = (uint32_t)(data[8] | (data[9] & 0x3f) << 8);
    claims->stream.depth = 8;
    claims->stream.chroma_x = claims->stream.chroma_y = 1;
    /* The first of the arithmetic decoder's bits, at even odds, is color_space: 0 is BT.601, 1 is nothing yet. */
    return data[KEY_HEADER] < 128;
}

/* color_config() and frame_size(). */
static bool read_vp9_key_frame(struct bits *bits, struct stream_claims *claims)
{
    uint32_t color_space;

    if (bits_get(bits, 24) != 0x498342)
        return false;
    claims->depth = claims->profile < 2 ? 8 : bits_get(bits, 1) ? 12 : 10;
    color_space = bits_get(bits, 3);
    for (size_t i = 0; i < sizeof vp9_matrices / sizeof vp9_matrices[0]; i++)
        if (vp9_matrices[i].color_space == color_space)
            claims->color.matrix = vp9_matrices[i].matrix;
    if (claims->color.matrix == WCENC_COLOR_MATRIX_RGB)
        return false;
    claims->color.range = bits_get(bits, 1) ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
    claims->chroma_x = claims->chroma_y = 1;
    if (claims->profile & 1) {
        claims->chroma_x = (int)bits_get(bits, 1);
        claims->chroma_y = (int)bits_get(bits, 1);
        if (bits_get(bits, 1))
            return false;
    }
    claims->width = bits_get(bits, 16) + 1;
    claims->height = bits_get(bits, 16) + 1;
    return true;
}

bool claims_of_vp9_frame(const uint8_t *data, size_t size, struct frame_claims *claims)
{
    enum { ALL = 255 };
    struct bits bits = {.data = data, .size = size};
    bool is_resilient, is_intra_only;
    uint32_t low;

    *claims = (struct frame_claims){0};
    if (bits_get(&bits, 2) != 2) /* frame_marker */
        return false;
    low = bits_get(&bits, 1);
    claims->stream.profile = (int)(bits_get(&bits, 1) << 1 | low);
    if (claims->stream.profile == 3 && bits_get(&bits, 1))
        return false;
    claims->shows_existing = bits_get(&bits, 1);
    if (claims->shows_existing) {
        claims->is_shown = true;
        return true;
    }
    claims->is_key = !bits_get(&bits, 1);
    claims->is_shown = bits_get(&bits, 1);
    is_resilient = bits_get(&bits, 1);
    claims->refreshes = ALL;
    if (claims->is_key)
        return read_vp9_key_frame(&bits, &claims->stream) && !bits.is_beyond;
    is_intra_only = !claims->is_shown && bits_get(&bits, 1);
    (void)bits_get(&bits, is_resilient ? 0 : 2); /* reset_frame_context */
    /* After color_config(), which frames of intra only have too, and not to be read here. */
    claims->refreshes = is_intra_only ? 0 : (uint8_t)bits_get(&bits, 8);
    return !bits.is_beyond;
}

int split_superframe(const uint8_t *data, size_t size, struct unit units[UNITS_MAX])
{
    uint8_t marker = size > 0 ? data[size - 1] : 0;
    unsigned count = (marker & 7u) + 1, length = (marker >> 3 & 3u) + 1;
    size_t index_size = 2 + (size_t)count * length, at = 0;

    if (size == 0)
        return -1;
    if ((marker & 0xe0) != 0xc0 || size < index_size || data[size - index_size] != marker) {
        units[0] = (struct unit){.data = data, .size = size, .whole = data, .whole_size = size};
        return 1;
    }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *entry = data + size - index_size + 1 + (size_t)i * length;
        size_t frame_size = 0;

        for (unsigned byte = 0; byte < length; byte++)
            frame_size |= (size_t)entry[byte] << 8 * byte;
        if (frame_size == 0 || frame_size > size - index_size - at)
            return -1;
        units[i] = (struct unit){.data = data + at, .size = frame_size, .whole = data + at, .whole_size = frame_size};
        at += frame_size;
    }
    return at == size - index_size ? (int)count : -1;
}
