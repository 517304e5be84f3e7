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

bool claims_of_vp8_frame(const uint8_t *data, size_t size, struct frame_claims *claims)
{
    enum { TAG = 3, KEY_HEADER = 10 };

    *claims = (struct frame_claims){0};
    if (size < TAG)
        return false;
    claims->is_key = !(data[0] & 1);
    claims->is_shown = data[0] >> 4 & 1;
    claims->stream.profile = data[0] >> 1 & 7;
    if (!claims->is_key)
        return true;
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
    struct bits bits = {.data = data, .size = size};
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
    (void)bits_get(&bits, 1); /* error_resilient_mode */
    return (!claims->is_key || read_vp9_key_frame(&bits, &claims->stream)) && !bits.is_beyond;
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
