/* SPDX-License-Identifier: MIT */

#include "claims.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"

/* No parameter set of a test is larger. */
enum { SPS_MAX = 256, SUB_LAYERS_MAX = 7, SHORT_TERM_SETS_MAX = 64, DELTA_POCS_MAX = 16 };

static void pass_over(struct bits *bits, unsigned count)
{
    (void)bits_get(bits, count);
}

static void pass_ues(struct bits *bits, int count)
{
    for (; count > 0; count--)
        (void)bits_get_ue(bits);
}

static bool begin(const struct unit *unit, uint8_t bytes[SPS_MAX], struct bits *bits)
{
    if (unit->size > SPS_MAX)
        return false;
    *bits = (struct bits){.data = bytes, .size = unescape(unit, bytes, SPS_MAX)};
    return true;
}

static void set_chroma(struct stream_claims *claims, uint32_t chroma_format_idc)
{
    claims->chroma_x = chroma_format_idc == 1 || chroma_format_idc == 2;
    claims->chroma_y = chroma_format_idc == 1;
}

static void read_signal_type(struct bits *bits, wcenc_color_space *color)
{
    pass_over(bits, 3);
    color->range = bits_get(bits, 1) ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
    if (!bits_get(bits, 1)) /* colour_description_present_flag */
        return;
    color->primaries = (wcenc_color_primaries)bits_get(bits, 8);
    color->transfer = (wcenc_color_transfer)bits_get(bits, 8);
    color->matrix = (wcenc_color_matrix)bits_get(bits, 8);
}

/* The beginning of vui_parameters(), which H.264 and HEVC have in common. */
static void read_vui(struct bits *bits, struct stream_claims *claims)
{
    enum { EXTENDED_SAR = 255 };
    /* chroma_sample_loc_type 0, which also holds where there is none, 1 and 2 */
    static const wcenc_chroma_location locations[] = {WCENC_CHROMA_LOCATION_LEFT, WCENC_CHROMA_LOCATION_CENTER,
                                                      WCENC_CHROMA_LOCATION_TOP_LEFT};
    uint32_t top = 0;

    if (bits_get(bits, 1) && bits_get(bits, 8) == EXTENDED_SAR)
        pass_over(bits, 32);
    if (bits_get(bits, 1)) /* overscan */
        pass_over(bits, 1);
    if (bits_get(bits, 1)) /* video_signal_type_present_flag */
        read_signal_type(bits, &claims->color);
    if (bits_get(bits, 1)) { /* chroma_loc_info_present_flag */
        top = bits_get_ue(bits);
        (void)bits_get_ue(bits);
    }
    if (claims->chroma_y && top < sizeof locations / sizeof locations[0])
        claims->chroma_location = locations[top];
}

static void crop(struct bits *bits, struct stream_claims *claims, bool has_fields)
{
    uint32_t left = bits_get_ue(bits), right = bits_get_ue(bits), top = bits_get_ue(bits), bottom = bits_get_ue(bits);

    claims->width -= (left + right) << claims->chroma_x;
    claims->height -= (top + bottom) << claims->chroma_y << has_fields;
}

/* What the high profiles have; false for scaling matrices. */
static bool read_h264_chroma(struct bits *bits, struct stream_claims *claims)
{
    uint32_t chroma_format_idc = bits_get_ue(bits);

    set_chroma(claims, chroma_format_idc);
    if (chroma_format_idc == 3 && bits_get(bits, 1)) /* separate_colour_plane_flag */
        return false;
    claims->depth = 8 + (int)bits_get_ue(bits);
    if (8 + (int)bits_get_ue(bits) != claims->depth)
        return false;
    pass_over(bits, 1); /* qpprime_y_zero_transform_bypass_flag */
    return !bits_get(bits, 1);
}

bool claims_of_h264(const struct unit *sps, struct stream_claims *claims)
{
    uint8_t bytes[SPS_MAX];
    bool has_fields;
    struct bits bits;

    *claims = (struct stream_claims){.depth = 8, .chroma_x = 1, .chroma_y = 1};
    if (!begin(sps, bytes, &bits) || (bits_get(&bits, 8) & 0x1f) != H264_SPS)
        return false;
    claims->profile = (int)bits_get(&bits, 8);
    pass_over(&bits, 8);
    claims->level = (int)bits_get(&bits, 8);
    pass_ues(&bits, 1); /* seq_parameter_set_id */
    if (claims->profile >= 100 && !read_h264_chroma(&bits, claims))
        return false;
    pass_ues(&bits, 1); /* log2_max_frame_num_minus4 */
    switch (bits_get_ue(&bits)) {
    case 0:
        pass_ues(&bits, 1); /* log2_max_pic_order_cnt_lsb_minus4 */
        break;
    case 2:
        break;
    default: /* no encoder here orders pictures by cycles */
        return false;
    }
    pass_ues(&bits, 1); /* max_num_ref_frames */
    pass_over(&bits, 1);
    claims->width = 16 * (bits_get_ue(&bits) + 1);
    claims->height = 16 * (bits_get_ue(&bits) + 1);
    has_fields = !bits_get(&bits, 1); /* frame_mbs_only_flag; what was read is the height of a field */
    claims->height <<= has_fields;
    pass_over(&bits, has_fields); /* mb_adaptive_frame_field_flag */
    pass_over(&bits, 1);          /* direct_8x8_inference_flag */
    if (bits_get(&bits, 1))
        crop(&bits, claims, has_fields);
    if (bits_get(&bits, 1))
        read_vui(&bits, claims);
    return !bits.is_beyond;
}

bool is_h264_intra_slice(const struct unit *slice)
{
    uint8_t bytes[16];
    struct bits bits = {.data = bytes};

    bits.size = unescape(slice, bytes, sizeof bytes);
    pass_over(&bits, 8);
    pass_ues(&bits, 1); /* first_mb_in_slice */
    return bits_get_ue(&bits) % 5 == 2 && !bits.is_beyond;
}

/* profile_tier_level(), with those of sub-layers. */
static void read_profile(struct bits *bits, uint32_t sub_layers, struct stream_claims *claims)
{
    uint32_t present[SUB_LAYERS_MAX] = {0};

    pass_over(bits, 2);
    claims->tier = (int)bits_get(bits, 1);
    claims->profile = (int)bits_get(bits, 5);
    pass_over(bits, 32); /* general_profile_compatibility_flag */
    pass_over(bits, 48); /* constraints */
    claims->level = (int)bits_get(bits, 8);
    for (uint32_t i = 0; i < sub_layers; i++)
        present[i] = bits_get(bits, 2);
    if (sub_layers > 0)
        pass_over(bits, 2 * (8 - sub_layers));
    for (uint32_t i = 0; i < sub_layers; i++)
        pass_over(bits, (present[i] & 2 ? 88u : 0u) + (present[i] & 1 ? 8u : 0u));
}

/* st_ref_pic_set(); the number of its pictures. */
static uint32_t read_short_term_set(struct bits *bits, bool is_first, uint32_t count_before)
{
    uint32_t count = 0;

    if (!is_first && bits_get(bits, 1)) { /* inter_ref_pic_set_prediction_flag */
        pass_over(bits, 1);
        pass_ues(bits, 1);
        for (uint32_t i = 0; i <= count_before; i++)
            count += bits_get(bits, 1) || bits_get(bits, 1); /* used_by_curr_pic_flag, use_delta_flag */
        return count;
    }
    count = bits_get_ue(bits);
    count += bits_get_ue(bits);
    for (uint32_t i = 0; i < count && !bits->is_beyond; i++) {
        pass_ues(bits, 1);
        pass_over(bits, 1);
    }
    return count;
}

/* From the sizes of blocks to the flags before the VUI; false for scaling lists and for references of long term. */
static bool pass_hevc_tools(struct bits *bits)
{
    uint32_t sets, count = 0;

    pass_ues(bits, 6);                          /* sizes of blocks and depths of transforms */
    if (bits_get(bits, 1) && bits_get(bits, 1)) /* scaling_list_enabled_flag, sps_scaling_list_data_present_flag */
        return false;
    pass_over(bits, 2);      /* amp_enabled_flag, sample_adaptive_offset_enabled_flag */
    if (bits_get(bits, 1)) { /* pcm_enabled_flag */
        pass_over(bits, 8);
        pass_ues(bits, 2);
        pass_over(bits, 1);
    }
    sets = bits_get_ue(bits);
    if (sets > SHORT_TERM_SETS_MAX)
        return false;
    for (uint32_t i = 0; i < sets; i++) {
        count = read_short_term_set(bits, i == 0, count);
        if (count > DELTA_POCS_MAX)
            return false;
    }
    if (bits_get(bits, 1)) /* long_term_ref_pics_present_flag */
        return false;
    pass_over(bits, 2); /* sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag */
    return true;
}

bool claims_of_hevc(const struct unit *sps, struct stream_claims *claims)
{
    uint8_t bytes[SPS_MAX];
    uint32_t sub_layers, chroma_format_idc;
    struct bits bits;

    *claims = (struct stream_claims){0};
    if (!begin(sps, bytes, &bits) || (bits_get(&bits, 16) >> 9 & 0x3f) != HEVC_SPS)
        return false;
    pass_over(&bits, 4);
    sub_layers = bits_get(&bits, 3);
    pass_over(&bits, 1);
    if (sub_layers >= SUB_LAYERS_MAX)
        return false;
    read_profile(&bits, sub_layers, claims);
    pass_ues(&bits, 1); /* sps_seq_parameter_set_id */
    chroma_format_idc = bits_get_ue(&bits);
    set_chroma(claims, chroma_format_idc);
    if (chroma_format_idc == 3 && bits_get(&bits, 1)) /* separate_colour_plane_flag */
        return false;
    claims->width = bits_get_ue(&bits);
    claims->height = bits_get_ue(&bits);
    if (bits_get(&bits, 1))
        crop(&bits, claims, false);
    claims->depth = 8 + (int)bits_get_ue(&bits);
    if (8 + (int)bits_get_ue(&bits) != claims->depth)
        return false;
    pass_ues(&bits, 1);                                                  /* log2_max_pic_order_cnt_lsb_minus4 */
    pass_ues(&bits, 3 * (bits_get(&bits, 1) ? (int)sub_layers + 1 : 1)); /* sub_layer_ordering_info */
    if (!pass_hevc_tools(&bits))
        return false;
    if (bits_get(&bits, 1))
        read_vui(&bits, claims);
    return !bits.is_beyond;
}

struct sps_claims promised_by(const char *codec)
{
    struct sps_claims claims = {0};
    unsigned profile = 0, flags = 0, level = 0;
    char tier = 'L';

    if (codec[0] == 'h') {
        assert_int_equal(sscanf(codec + 4, ".%2u.%x.%c%u", &profile, &flags, &tier, &level), 4);
        /* The string has the flags in reverse order. */
        for (int i = 0; i < 32; i++)
            claims.compatibility |= (flags >> i & 1) << (31 - i);
        (void)sscanf(strrchr(codec, tier), "%*c%*u.%2hhx.%2hhx", &claims.constraints[0], &claims.constraints[1]);
    } else {
        assert_int_equal(sscanf(codec + 4, ".%2x%2hhx%2x", &profile, &claims.constraints[0], &level), 3);
    }
    claims.profile = (int)profile;
    claims.level = (int)level;
    claims.tier = tier == 'H';
    return claims;
}
