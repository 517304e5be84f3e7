/* SPDX-License-Identifier: MIT */

/*
 * H.264 and HEVC sequence parameter sets, as far as a configuration can be held against them. Field names follow ITU-T
 * H.264 and H.265, section 7.3.
 */

#include <string.h>

#include "h26x.h"

#define CHROMA_444 3u

/* In luma samples. */
struct cropping {
    uint64_t horizontal;
    uint64_t vertical;
};

static struct cropping read_cropping(struct bit_reader *reader, uint32_t unit_x, uint32_t unit_y)
{
    uint64_t left = bits_read_ue(reader);
    uint64_t right = bits_read_ue(reader);
    uint64_t top = bits_read_ue(reader);
    uint64_t bottom = bits_read_ue(reader);

    return (struct cropping){.horizontal = (left + right) * unit_x, .vertical = (top + bottom) * unit_y};
}

static bool set_size(struct sps_info *info, uint64_t width, uint64_t height, const struct cropping *cropping)
{
    if (cropping->horizontal >= width || cropping->vertical >= height)
        return false;
    width -= cropping->horizontal;
    height -= cropping->vertical;
    if (width > UINT32_MAX || height > UINT32_MAX)
        return false;
    info->width = (uint32_t)width;
    info->height = (uint32_t)height;
    return true;
}

/* bit_depth_luma_minus8 and its twin of chroma. The records have three bits for each, so HEVC's 16 bits are refused. */
static bool read_bit_depths(struct bit_reader *reader, struct sps *sps)
{
    uint32_t luma = bits_read_ue(reader);
    uint32_t chroma = bits_read_ue(reader);

    if (luma > 7 || chroma > 7)
        return false;
    sps->info.bit_depth = (uint8_t)(luma + 8);
    sps->bit_depth_chroma = (uint8_t)(chroma + 8);
    return true;
}

/* Profiles whose SPS says chroma format and depths; the others are 4:2:0 of 8 bits. */
bool wcenc__h264_has_chroma_format(uint8_t profile)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135, 144};

    return memchr(profiles, profile, sizeof(profiles)) != NULL;
}

static bool skip_scaling_list(struct bit_reader *reader, unsigned size)
{
    int last = 8;
    int next = 8;

    for (unsigned i = 0; i < size; i++) {
        if (next != 0) {
            uint32_t code = bits_read_ue(reader);
            int magnitude = code <= 256 ? (int)(code + 1) / 2 : 129;
            int delta = code & 1 ? magnitude : -magnitude;

            if (delta < -128 || delta > 127)
                return false;
            next = (last + delta + 256) % 256;
        }
        last = next ? next : last;
    }
    return !reader->failed;
}

static bool skip_scaling_matrix(struct bit_reader *reader, uint8_t chroma_format)
{
    unsigned lists = chroma_format == CHROMA_444 ? 12 : 8;

    for (unsigned i = 0; i < lists; i++) {
        if (bits_read_flag(reader) && !skip_scaling_list(reader, i < 6 ? 16 : 64))
            return false;
    }
    return true;
}

static bool read_h264_chroma(struct bit_reader *reader, struct sps *sps, bool *has_separate_planes)
{
    uint32_t chroma_format = bits_read_ue(reader);

    if (chroma_format > CHROMA_444)
        return false;
    sps->info.chroma_format = (uint8_t)chroma_format;
    *has_separate_planes = chroma_format == CHROMA_444 && bits_read_flag(reader);
    if (!read_bit_depths(reader, sps))
        return false;
    bits_skip(reader, 1); /* qpprime_y_zero_transform_bypass_flag */
    return !bits_read_flag(reader) || skip_scaling_matrix(reader, sps->info.chroma_format);
}

static bool skip_picture_order(struct bit_reader *reader)
{
    bits_read_ue(reader); /* log2_max_frame_num_minus4 */

    uint32_t type = bits_read_ue(reader);

    if (type == 0) {
        bits_read_ue(reader); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        bits_skip(reader, 1);
        bits_read_ue(reader); /* se(v) has the length of ue(v) */
        bits_read_ue(reader);

        uint32_t cycle = bits_read_ue(reader);

        if (cycle > 255)
            return false;
        for (uint32_t i = 0; i < cycle; i++)
            bits_read_ue(reader);
    }
    return type <= 2 && !reader->failed;
}

static bool read_h264_size(struct bit_reader *reader, bool has_separate_planes, struct sps *sps)
{
    struct sps_info *info = &sps->info;
    uint64_t width = ((uint64_t)bits_read_ue(reader) + 1) * 16;
    uint64_t height = ((uint64_t)bits_read_ue(reader) + 1) * 16;
    bool is_frames_only = bits_read_flag(reader);
    bool has_chroma = info->chroma_format != 0 && !has_separate_planes;
    uint32_t unit_x = has_chroma && info->chroma_format < CHROMA_444 ? 2 : 1;
    uint32_t unit_y = has_chroma && info->chroma_format == 1 ? 2 : 1;
    struct cropping cropping = {0};

    if (!is_frames_only) {
        height *= 2; /* the height is that of a field */
        unit_y *= 2;
        bits_skip(reader, 1); /* mb_adaptive_frame_field_flag */
    }
    sps->has_fields = !is_frames_only;
    sps->coded_width = width;
    sps->coded_height = height;
    bits_skip(reader, 1); /* direct_8x8_inference_flag */
    if (bits_read_flag(reader))
        cropping = read_cropping(reader, unit_x, unit_y);
    return set_size(info, width, height, &cropping);
}

/* Reads up to vui_parameters_present_flag, where the reader then stands. */
bool wcenc__h264_sps_begin(struct bit_reader *reader, const struct nal_unit *nal, struct sps *sps)
{
    bool has_separate_planes = false;

    *reader = bits_begin(nal->data, nal->size, true);
    *sps = (struct sps){.info = {.bit_depth = 8, .chroma_format = 1}, .bit_depth_chroma = 8};
    bits_skip(reader, 8); /* NAL unit header */
    sps->info.profile = (uint8_t)bits_read(reader, 8);
    sps->info.constraints = (uint8_t)bits_read(reader, 8);
    sps->info.level = (uint8_t)bits_read(reader, 8);
    bits_read_ue(reader); /* seq_parameter_set_id */
    if (wcenc__h264_has_chroma_format(sps->info.profile) && !read_h264_chroma(reader, sps, &has_separate_planes))
        return false;
    if (!skip_picture_order(reader))
        return false;
    sps->ref_frames = bits_read_ue(reader);
    bits_skip(reader, 1); /* gaps_in_frame_num_value_allowed_flag */
    return read_h264_size(reader, has_separate_planes, sps) && !reader->failed;
}

void wcenc__hevc_read_profile(struct bit_reader *reader, struct sps *sps)
{
    bool has_profile[7] = {0};
    bool has_level[7] = {0};
    unsigned sub_layers = sps->temporal_layers - 1u;

    for (size_t i = 0; i < PROFILE_TIER_LEVEL_SIZE; i++)
        sps->profile_tier_level[i] = (uint8_t)bits_read(reader, 8);
    sps->info.profile = sps->profile_tier_level[0] & 31;
    sps->info.tier = sps->profile_tier_level[0] >> 5 & 1;
    sps->info.level = sps->profile_tier_level[PROFILE_TIER_LEVEL_SIZE - 1];
    for (unsigned i = 0; i < sub_layers; i++) {
        has_profile[i] = bits_read_flag(reader);
        has_level[i] = bits_read_flag(reader);
    }
    if (sub_layers > 0)
        bits_skip(reader, 2 * (8 - sub_layers)); /* reserved_zero_2bits up to the eighth */
    for (unsigned i = 0; i < sub_layers; i++)
        bits_skip(reader, (has_profile[i] ? 88u : 0u) + (has_level[i] ? 8u : 0u));
}

static bool read_hevc_size(struct bit_reader *reader, struct sps *sps)
{
    struct sps_info *info = &sps->info;
    uint32_t chroma_format = bits_read_ue(reader);

    if (chroma_format > CHROMA_444)
        return false;
    info->chroma_format = (uint8_t)chroma_format;
    if (chroma_format == CHROMA_444)
        bits_skip(reader, 1); /* separate_colour_plane_flag */

    uint64_t width = bits_read_ue(reader);
    uint64_t height = bits_read_ue(reader);
    struct cropping cropping = {0};

    sps->coded_width = width;
    sps->coded_height = height;
    if (bits_read_flag(reader))
        cropping = read_cropping(reader, chroma_format == 1 || chroma_format == 2 ? 2 : 1, chroma_format == 1 ? 2 : 1);
    return set_size(info, width, height, &cropping);
}

bool wcenc__hevc_sps_begin(struct bit_reader *reader, const struct nal_unit *nal, struct sps *sps)
{
    *reader = bits_begin(nal->data, nal->size, true);
    *sps = (struct sps){0};
    bits_skip(reader, 7); /* forbidden_zero_bit, nal_unit_type */
    if (bits_read(reader, 6) != 0)
        return false;         /* nuh_layer_id: an SPS of another layer has another syntax */
    bits_skip(reader, 3 + 4); /* nuh_temporal_id_plus1, sps_video_parameter_set_id */
    sps->temporal_layers = (uint8_t)(bits_read(reader, 3) + 1);
    if (sps->temporal_layers > 7)
        return false;
    sps->temporal_id_nested = bits_read_flag(reader);
    wcenc__hevc_read_profile(reader, sps);
    bits_read_ue(reader); /* sps_seq_parameter_set_id */
    return read_hevc_size(reader, sps) && read_bit_depths(reader, sps) && !reader->failed;
}

bool wcenc__h26x_sps_read(enum nal_codec codec, const struct nal_unit *nal, struct sps *sps)
{
    struct bit_reader reader;

    return codec == NAL_H264 ? wcenc__h264_sps_begin(&reader, nal, sps) : wcenc__hevc_sps_begin(&reader, nal, sps);
}

bool wcenc__sps_read(enum nal_codec codec, const uint8_t *data, size_t size, struct sps_info *info)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;
    struct sps sps;

    while (wcenc__nal_next(&iterator, &nal)) {
        if (wcenc__nal_type(codec, &nal) != (codec == NAL_H264 ? H264_SPS : HEVC_SPS))
            continue;
        if (!wcenc__h26x_sps_read(codec, &nal, &sps))
            return false;
        *info = sps.info;
        return true;
    }
    return false;
}

void wcenc__h264_add_constraints(uint8_t *data, size_t size, uint8_t flags)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;

    while (wcenc__nal_next(&iterator, &nal)) {
        /* The header byte is not zero, so a changed byte behind it and the profile cannot make a start code. */
        if (wcenc__nal_type(NAL_H264, &nal) == H264_SPS && nal.size >= 4)
            data[(nal.data - data) + 2] |= flags;
    }
}

/* To matrix_coefficients in the VUI; false where it has none. */
static bool find_matrix(struct bit_reader *reader)
{
    enum { EXTENDED_SAR = 255 };

    if (!bits_read_flag(reader)) /* vui_parameters_present_flag */
        return false;
    if (bits_read_flag(reader) && bits_read(reader, 8) == EXTENDED_SAR)
        bits_skip(reader, 32);
    if (bits_read_flag(reader)) /* overscan_info_present_flag */
        bits_skip(reader, 1);
    if (!bits_read_flag(reader)) /* video_signal_type_present_flag */
        return false;
    bits_skip(reader, 3 + 1);    /* video_format, video_full_range_flag */
    if (!bits_read_flag(reader)) /* colour_description_present_flag */
        return false;
    bits_skip(reader, 8 + 8); /* colour_primaries, transfer_characteristics */
    return !reader->failed;
}

/* 1 becomes 2: the last two bits change places. They may lie in two bytes, with an escaping one between. */
static bool unset_matrix(struct bit_reader *reader, uint8_t *nal)
{
    uint8_t *first, *second;
    unsigned first_bit, second_bit;

    if (bits_read(reader, 6) != 0 || bits_read(reader, 1) != 0)
        return false;
    first = nal + reader->position - 1;
    first_bit = reader->bits_left;
    if (bits_read(reader, 1) != 1)
        return false;
    second = nal + reader->position - 1;
    second_bit = reader->bits_left;
    /* A byte that became zero could make a start code. */
    if (first != second && *second == 1u << second_bit)
        return false;
    *first |= (uint8_t)(1u << first_bit);
    *second &= (uint8_t) ~(1u << second_bit);
    return !reader->failed;
}

bool wcenc__h264_unset_matrix(uint8_t *data, size_t size)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;
    bool done = true;

    while (wcenc__nal_next(&iterator, &nal)) {
        struct bit_reader reader;
        struct sps sps;

        if (wcenc__nal_type(NAL_H264, &nal) == H264_SPS)
            done = wcenc__h264_sps_begin(&reader, &nal, &sps) && find_matrix(&reader) &&
                   unset_matrix(&reader, data + (nal.data - data)) && done;
    }
    return done;
}

/* Where a byte of a NAL unit's payload lies, with the bytes that prevent start codes counted in; 0 if it ends before.
 */
static size_t escaped_position(const struct nal_unit *nal, size_t wanted)
{
    size_t zeros = 0, payload = 0;

    for (size_t i = 0; i < nal->size; i++) {
        if (zeros >= 2 && nal->data[i] == 3) {
            zeros = 0;
            continue;
        }
        if (payload++ == wanted)
            return i;
        zeros = nal->data[i] == 0 ? zeros + 1 : 0;
    }
    return 0;
}

void wcenc__hevc_add_constraints(uint8_t *data, size_t size, uint8_t flags)
{
    /* Bytes before the flags: NAL unit header, what stands before profile_tier_level, profile and compatibility. */
    enum { VPS_FLAGS = 2 + 4 + 5, SPS_FLAGS = 2 + 1 + 5 };
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;

    while (wcenc__nal_next(&iterator, &nal)) {
        int type = wcenc__nal_type(NAL_HEVC, &nal);
        size_t at = type == HEVC_VPS   ? escaped_position(&nal, VPS_FLAGS)
                    : type == HEVC_SPS ? escaped_position(&nal, SPS_FLAGS)
                                       : 0;

        /* A byte that was zero may be escaped or escape others: it stays. Encoders here set some flag in any case. */
        if (at && data[(size_t)(nal.data - data) + at] > 3)
            data[(size_t)(nal.data - data) + at] |= flags & 0xf0;
    }
}
