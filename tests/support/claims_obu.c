/* SPDX-License-Identifier: MIT */

#include "claims.h"

#include "bits.h"

enum { SELECT = 2 }; /* each frame says it */

/* timing_info() and decoder_model_info(); the length of buffer delays where operating points have them, else 0. */
static unsigned read_timing(struct bits *bits)
{
    unsigned length;

    if (!bits_get(bits, 1))
        return 0;
    (void)bits_get(bits, 32);
    (void)bits_get(bits, 32);
    if (bits_get(bits, 1)) /* equal_picture_interval */
        (void)bits_get_ue(bits);
    if (!bits_get(bits, 1)) /* decoder_model_info_present_flag */
        return 0;
    length = bits_get(bits, 5) + 1;
    (void)bits_get(bits, 32 + 5 + 5);
    return length;
}

/* The level and tier are those of the first operating point, which is the whole stream. */
static void read_operating_points(struct bits *bits, unsigned delay_length, struct stream_claims *claims)
{
    bool has_display_delay = bits_get(bits, 1);
    unsigned count = bits_get(bits, 5) + 1;

    for (unsigned i = 0; i < count; i++) {
        int level, tier;

        (void)bits_get(bits, 12);
        level = (int)bits_get(bits, 5);
        tier = level > 7 ? (int)bits_get(bits, 1) : 0;
        if (delay_length && bits_get(bits, 1)) {
            (void)bits_get(bits, delay_length);
            (void)bits_get(bits, delay_length);
            (void)bits_get(bits, 1);
        }
        if (has_display_delay && bits_get(bits, 1))
            (void)bits_get(bits, 4);
        if (i == 0) {
            claims->level = level;
            claims->tier = tier;
        }
    }
}

/* From the size to the tools before color_config(). */
static void read_size_and_tools(struct bits *bits, struct stream_claims *claims)
{
    unsigned width_bits = bits_get(bits, 4) + 1, height_bits = bits_get(bits, 4) + 1;
    bool has_order_hint;
    uint32_t screen_content;

    claims->width = bits_get(bits, width_bits) + 1;
    claims->height = bits_get(bits, height_bits) + 1;
    if (bits_get(bits, 1)) /* frame_id_numbers_present_flag */
        (void)bits_get(bits, 4 + 3);
    (void)bits_get(bits, 3); /* use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter */
    (void)bits_get(bits, 4); /* interintra and masked compounds, warped motion, dual filter */
    has_order_hint = bits_get(bits, 1);
    if (has_order_hint)
        (void)bits_get(bits, 2);
    screen_content = bits_get(bits, 1) ? SELECT : bits_get(bits, 1);
    claims->screen_content_tools = (int)screen_content;
    if (screen_content > 0 && !bits_get(bits, 1)) /* seq_choose_integer_mv */
        (void)bits_get(bits, 1);
    if (has_order_hint)
        (void)bits_get(bits, 3);
    (void)bits_get(bits, 3); /* enable_superres, enable_cdef, enable_restoration */
}

/* color_config(); false for pictures without chroma, and for RGB. */
static bool read_color(struct bits *bits, struct stream_claims *claims)
{
    /* chroma_sample_position: CSP_UNKNOWN, CSP_VERTICAL, CSP_COLOCATED */
    static const wcenc_chroma_location locations[4] = {WCENC_CHROMA_LOCATION_UNSPECIFIED, WCENC_CHROMA_LOCATION_LEFT,
                                                       WCENC_CHROMA_LOCATION_TOP_LEFT};
    bool is_high = bits_get(bits, 1);

    claims->depth = !is_high ? 8 : claims->profile == 2 && bits_get(bits, 1) ? 12 : 10;
    if (claims->profile != 1 && bits_get(bits, 1)) /* mono_chrome */
        return false;
    if (bits_get(bits, 1)) { /* color_description_present_flag */
        claims->color.primaries = (wcenc_color_primaries)bits_get(bits, 8);
        claims->color.transfer = (wcenc_color_transfer)bits_get(bits, 8);
        claims->color.matrix = (wcenc_color_matrix)bits_get(bits, 8);
        if (claims->color.matrix == WCENC_COLOR_MATRIX_RGB)
            return false;
    }
    claims->color.range = bits_get(bits, 1) ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
    claims->chroma_x = claims->profile != 1;
    claims->chroma_y = claims->profile == 0;
    if (claims->profile == 2 && claims->depth == 12) {
        claims->chroma_x = (int)bits_get(bits, 1);
        claims->chroma_y = claims->chroma_x && bits_get(bits, 1);
    }
    if (claims->chroma_y)
        claims->chroma_location = locations[bits_get(bits, 2)];
    return true;
}

bool claims_of_av1(const struct unit *sequence_header, struct stream_claims *claims)
{
    struct bits bits = {.data = sequence_header->data, .size = sequence_header->size};

    *claims = (struct stream_claims){0};
    claims->profile = (int)bits_get(&bits, 3);
    if (bits_get(&bits, 2) != 0) /* still_picture, reduced_still_picture_header */
        return false;
    read_operating_points(&bits, read_timing(&bits), claims);
    read_size_and_tools(&bits, claims);
    return read_color(&bits, claims) && !bits.is_beyond;
}

struct frame_claims claims_of_av1_frame(const struct unit *frame, const struct stream_claims *stream)
{
    enum { KEY, INTRA_ONLY = 2, SWITCH = 3, ORDER_HINT_BITS = 7, ALL = 255 };
    struct bits bits = {.data = frame->data, .size = frame->size};
    const int tools = stream ? stream->screen_content_tools : 0;
    struct frame_claims claims = {0};
    bool is_resilient;
    uint32_t type;

    claims.shows_existing = claims.is_shown = bits_get(&bits, 1);
    if (claims.shows_existing)
        return claims;
    type = bits_get(&bits, 2);
    claims.is_key = type == KEY;
    claims.is_shown = bits_get(&bits, 1);
    if (!claims.is_shown)
        (void)bits_get(&bits, 1); /* showable_frame */
    is_resilient = type == SWITCH || (type == KEY && claims.is_shown) || bits_get(&bits, 1);
    (void)bits_get(&bits, 1); /* disable_cdf_update */
    claims.has_screen_content_tools = tools == SELECT ? bits_get(&bits, 1) : (uint32_t)tools;
    claims.refreshes = ALL;
    if (claims.is_key || type == SWITCH)
        return claims;
    (void)bits_get(&bits, claims.has_screen_content_tools + 1u + ORDER_HINT_BITS); /* force_integer_mv, the size */
    (void)bits_get(&bits, type == INTRA_ONLY || is_resilient ? 0 : 3);             /* primary_ref_frame */
    claims.refreshes = (uint8_t)bits_get(&bits, 8);
    return claims;
}
