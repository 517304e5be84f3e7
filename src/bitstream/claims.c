/* SPDX-License-Identifier: MIT */

/*
 * Parameter sets of H.264 and HEVC, read as far as they claim something: past the size, up to the VUI. Field names
 * follow ITU-T H.264 and H.265, section 7.3 and annex E.
 */

#include "claims.h"

#include <string.h>

#include "h26x.h"

static void skip_ues(struct bit_reader *reader, unsigned count)
{
    for (; count > 0; count--)
        bits_read_ue(reader);
}

void wcenc__vui_skip_picture_description(struct bit_reader *reader)
{
    enum { EXTENDED_SAR = 255 };

    if (bits_read_flag(reader) && bits_read(reader, 8) == EXTENDED_SAR)
        bits_skip(reader, 32);
    if (bits_read_flag(reader)) /* overscan_info_present_flag */
        bits_skip(reader, 1);
    if (bits_read_flag(reader)) { /* video_signal_type_present_flag */
        bits_skip(reader, 3 + 1);
        if (bits_read_flag(reader)) /* colour_description_present_flag */
            bits_skip(reader, 24);
    }
}

/* The beginning of the VUI in both codecs, chroma_loc_info included. */
static void skip_vui_beginning(struct bit_reader *reader)
{
    wcenc__vui_skip_picture_description(reader);
    if (bits_read_flag(reader)) /* chroma_loc_info_present_flag */
        skip_ues(reader, 2);
}

/* hrd_parameters() of H.264 */
static bool skip_hrd(struct bit_reader *reader)
{
    enum { SCHEDULES_MAX = 32 };
    uint32_t count = bits_read_ue(reader) + 1;

    if (count > SCHEDULES_MAX)
        return false;
    bits_skip(reader, 4 + 4); /* bit_rate_scale, cpb_size_scale */
    for (uint32_t i = 0; i < count; i++) {
        skip_ues(reader, 2); /* bit_rate_value_minus1, cpb_size_value_minus1 */
        bits_skip(reader, 1);
    }
    bits_skip(reader, 4 * 5); /* lengths of delays and of time_offset */
    return !reader->failed;
}

static bool read_h264_vui(struct bit_reader *reader, struct set_claims *claims)
{
    bool has_nal_hrd, has_vcl_hrd;

    skip_vui_beginning(reader);
    if (bits_read_flag(reader)) /* timing_info_present_flag */
        bits_skip(reader, 32 + 32 + 1);
    has_nal_hrd = bits_read_flag(reader);
    if (has_nal_hrd && !skip_hrd(reader))
        return false;
    has_vcl_hrd = bits_read_flag(reader);
    if (has_vcl_hrd && !skip_hrd(reader))
        return false;
    if (has_nal_hrd || has_vcl_hrd)
        bits_skip(reader, 1);     /* low_delay_hrd_flag */
    bits_skip(reader, 1);         /* pic_struct_present_flag */
    if (bits_read_flag(reader)) { /* bitstream_restriction_flag */
        uint32_t dpb_frames;

        bits_skip(reader, 1);
        skip_ues(reader, 4); /* sizes of pictures and macroblocks, lengths of motion vectors */
        claims->is_reorder_known = true;
        claims->reorder_frames = bits_read_ue(reader);
        dpb_frames = bits_read_ue(reader); /* max_dec_frame_buffering */
        if (dpb_frames > claims->dpb_frames)
            claims->dpb_frames = dpb_frames;
    }
    return !reader->failed;
}

static void take_samples(struct set_claims *claims, const struct sps *sps)
{
    claims->bit_depth = sps->info.bit_depth;
    claims->chroma_format = sps->info.chroma_format;
    claims->coded_width = sps->coded_width > UINT32_MAX ? UINT32_MAX : (uint32_t)sps->coded_width;
    claims->coded_height = sps->coded_height > UINT32_MAX ? UINT32_MAX : (uint32_t)sps->coded_height;
    claims->profile = sps->info.profile;
    claims->level = sps->info.level;
}

static bool read_h264_sps(const struct nal_unit *nal, struct set_claims *claims)
{
    struct bit_reader reader;
    struct sps sps;

    if (!wcenc__h264_sps_begin(&reader, nal, &sps))
        return false;
    take_samples(claims, &sps);
    claims->constraint_bytes[0] = sps.info.constraints;
    claims->dpb_frames = sps.ref_frames;
    claims->has_fields = sps.has_fields;
    return !bits_read_flag(&reader) || read_h264_vui(&reader, claims);
}

/* more_rbsp_data(): there are bits before the last that is 1. */
static bool has_more_data(const struct bit_reader *reader)
{
    size_t size = reader->size;
    unsigned stop = 0;

    while (size > 0 && reader->data[size - 1] == 0)
        size--;
    if (size == 0)
        return false;
    while (!(reader->data[size - 1] >> stop & 1))
        stop++;
    return reader->position * 8 - reader->bits_left < size * 8 - stop - 1;
}

static bool read_h264_pps(const struct nal_unit *nal, struct set_claims *claims)
{
    struct bit_reader reader = bits_begin(nal->data, nal->size, true);

    bits_skip(&reader, 8);
    skip_ues(&reader, 2); /* pic_parameter_set_id, seq_parameter_set_id */
    claims->has_cabac = bits_read_flag(&reader);
    bits_skip(&reader, 1); /* bottom_field_pic_order_in_frame_present_flag */
    claims->has_slice_groups = bits_read_ue(&reader) > 0;
    if (claims->has_slice_groups)
        return !reader.failed; /* what follows is of no use: no profile here has them */
    skip_ues(&reader, 2);      /* num_ref_idx_l0_default_active_minus1 and that of l1 */
    claims->has_weighted_prediction = bits_read(&reader, 3) != 0;
    skip_ues(&reader, 3);  /* pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset */
    bits_skip(&reader, 2); /* deblocking_filter_control_present_flag, constrained_intra_pred_flag */
    claims->has_slice_groups = bits_read_flag(&reader); /* redundant_pic_cnt_present_flag */
    claims->has_8x8_transform = has_more_data(&reader) && bits_read_flag(&reader);
    return !reader.failed;
}

static void take_profile(struct set_claims *claims, const struct sps *sps)
{
    const uint8_t *bytes = sps->profile_tier_level;

    claims->profile = sps->info.profile;
    claims->level = sps->info.level;
    claims->tier = sps->info.tier;
    for (unsigned i = 0; i < 32; i++)
        claims->compatibility |= (uint32_t)(bytes[1 + i / 8] >> (7 - i % 8) & 1) << i;
    memcpy(claims->constraint_bytes, bytes + 5, sizeof claims->constraint_bytes);
}

/* sub_layer_ordering_info: the largest values, which are those of the last sub-layer. */
static void read_ordering(struct bit_reader *reader, uint8_t temporal_layers, struct set_claims *claims)
{
    bool is_of_each = bits_read_flag(reader);

    for (unsigned i = is_of_each ? 0 : temporal_layers - 1u; i < temporal_layers; i++) {
        claims->dpb_frames = bits_read_ue(reader) + 1;
        claims->reorder_frames = bits_read_ue(reader);
        bits_read_ue(reader); /* max_latency_increase_plus1 */
    }
    claims->is_reorder_known = true;
}

static bool read_hevc_vps(const struct nal_unit *nal, struct set_claims *claims)
{
    struct bit_reader reader = bits_begin(nal->data, nal->size, true);
    struct sps sps = {0};

    bits_skip(&reader, 16 + 4 + 2 + 6); /* NAL unit header, id, flags of the base layer, vps_max_layers_minus1 */
    sps.temporal_layers = (uint8_t)(bits_read(&reader, 3) + 1);
    if (sps.temporal_layers > 7)
        return false;
    bits_skip(&reader, 1 + 16); /* vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits */
    wcenc__hevc_read_profile(&reader, &sps);
    take_profile(claims, &sps);
    read_ordering(&reader, sps.temporal_layers, claims);
    return !reader.failed;
}

static void skip_scaling_lists(struct bit_reader *reader)
{
    for (unsigned size = 0; size < 4; size++)
        for (unsigned matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (bits_read_flag(reader)) /* scaling_list_pred_mode_flag */
                skip_ues(reader, (size > 1 ? 1u : 0u) + (size == 0 ? 16u : 64u));
            else
                bits_read_ue(reader); /* scaling_list_pred_matrix_id_delta */
        }
}

/* st_ref_pic_set(); the number of its pictures, or more than there may be. */
static uint32_t skip_short_term_set(struct bit_reader *reader, bool is_first, uint32_t count_before)
{
    enum { PICTURES_MAX = 16 };
    uint32_t count = 0, negative, positive;

    if (!is_first && bits_read_flag(reader)) { /* inter_ref_pic_set_prediction_flag */
        bits_skip(reader, 1);                  /* delta_rps_sign */
        bits_read_ue(reader);                  /* abs_delta_rps_minus1 */
        for (uint32_t i = 0; i <= count_before; i++)
            count += bits_read_flag(reader) || bits_read_flag(reader); /* used_by_curr_pic_flag, use_delta_flag */
        return count;
    }
    negative = bits_read_ue(reader);
    positive = bits_read_ue(reader);
    if (negative > PICTURES_MAX || positive > PICTURES_MAX)
        return UINT32_MAX;
    for (; count < negative + positive; count++) {
        bits_read_ue(reader);
        bits_skip(reader, 1);
    }
    return count;
}

static bool skip_references(struct bit_reader *reader, unsigned picture_order_bits)
{
    enum { SHORT_TERM_SETS_MAX = 64, LONG_TERM_MAX = 32, PICTURES_MAX = 16 };
    uint32_t sets = bits_read_ue(reader), pictures = 0, long_term = 0;

    if (sets > SHORT_TERM_SETS_MAX)
        return false;
    for (uint32_t i = 0; i < sets && !reader->failed; i++) {
        pictures = skip_short_term_set(reader, i == 0, pictures);
        if (pictures > PICTURES_MAX)
            return false;
    }
    if (bits_read_flag(reader)) /* long_term_ref_pics_present_flag */
        long_term = bits_read_ue(reader);
    if (long_term > LONG_TERM_MAX)
        return false;
    for (; long_term > 0; long_term--)
        bits_skip(reader, picture_order_bits + 1);
    return !reader->failed;
}

/* From behind the sizes of buffers to the VUI. */
static bool skip_hevc_tools(struct bit_reader *reader, unsigned picture_order_bits)
{
    skip_ues(reader, 6); /* sizes of blocks, depths of transforms */
    if (bits_read_flag(reader) && bits_read_flag(reader))
        skip_scaling_lists(reader);
    bits_skip(reader, 2);         /* amp_enabled_flag, sample_adaptive_offset_enabled_flag */
    if (bits_read_flag(reader)) { /* pcm_enabled_flag */
        bits_skip(reader, 4 + 4);
        skip_ues(reader, 2);
        bits_skip(reader, 1);
    }
    if (!skip_references(reader, picture_order_bits))
        return false;
    bits_skip(reader, 2); /* sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag */
    return true;
}

static bool read_hevc_sps(const struct nal_unit *nal, struct set_claims *claims)
{
    enum { PICTURE_ORDER_BITS_MAX = 16 };
    struct bit_reader reader;
    uint32_t picture_order_bits;
    struct sps sps;

    if (!wcenc__hevc_sps_begin(&reader, nal, &sps))
        return false;
    take_samples(claims, &sps);
    take_profile(claims, &sps);
    picture_order_bits = bits_read_ue(&reader) + 4;
    if (picture_order_bits > PICTURE_ORDER_BITS_MAX)
        return false;
    read_ordering(&reader, sps.temporal_layers, claims);
    if (!skip_hevc_tools(&reader, picture_order_bits))
        return false;
    if (bits_read_flag(&reader)) { /* vui_parameters_present_flag */
        skip_vui_beginning(&reader);
        bits_skip(&reader, 1); /* neutral_chroma_indication_flag */
        claims->has_fields = bits_read_flag(&reader);
    }
    return !reader.failed;
}

bool wcenc__claims_read(enum nal_codec codec, const struct nal_unit *nal, struct set_claims *claims)
{
    static const struct {
        enum nal_codec codec;
        int type;
        enum claims_kind kind;
        bool (*read)(const struct nal_unit *nal, struct set_claims *claims);
    } readers[] = {
        {NAL_H264, H264_SPS, CLAIMS_SPS, read_h264_sps},
        {NAL_H264, H264_PPS, CLAIMS_PPS, read_h264_pps},
        {NAL_HEVC, HEVC_VPS, CLAIMS_VPS, read_hevc_vps},
        {NAL_HEVC, HEVC_SPS, CLAIMS_SPS, read_hevc_sps},
    };
    const int type = wcenc__nal_type(codec, nal);

    memset(claims, 0, sizeof *claims);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (readers[i].codec == codec && readers[i].type == type) {
            claims->kind = readers[i].kind;
            return readers[i].read(nal, claims);
        }
    return true;
}

bool wcenc__h264_is_b_slice(const struct nal_unit *nal)
{
    enum { SLICE = 1, PARTITION_A = 2, IDR = 5, B = 1 };
    const int type = wcenc__nal_type(NAL_H264, nal);
    struct bit_reader reader = bits_begin(nal->data, nal->size, true);

    if (type != SLICE && type != PARTITION_A && type != IDR)
        return false;
    bits_skip(&reader, 8);
    bits_read_ue(&reader); /* first_mb_in_slice */
    return bits_read_ue(&reader) % 5 == B && !reader.failed;
}
