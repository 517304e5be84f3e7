/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_CLAIMS_H
#define WCENC_BITSTREAM_CLAIMS_H

/* Everything that H.264 and HEVC parameter sets say that a codec string may promise. Pure functions over bytes. */

#include "bitstream.h"

enum claims_kind { CLAIMS_NONE, CLAIMS_SPS, CLAIMS_PPS, CLAIMS_VPS };

struct set_claims {
    enum claims_kind kind;
    /* SPS and VPS */
    uint8_t profile;
    uint8_t level;
    uint8_t tier;
    uint32_t compatibility;      /* HEVC: bit i is general_profile_compatibility_flag[i], as in codec strings */
    uint8_t constraint_bytes[6]; /* H.264: the first is that of the constraint_set flags */
    uint32_t dpb_frames;         /* the decoded picture buffer that is needed; HEVC counts the current picture */
    bool is_reorder_known;
    uint32_t reorder_frames; /* that may precede a frame in decoding and follow it in output; 0 if not known */
    /* SPS */
    uint8_t bit_depth;
    uint8_t chroma_format; /* chroma_format_idc */
    uint32_t coded_width;
    uint32_t coded_height;
    bool has_fields; /* H.264: frame_mbs_only_flag is 0; HEVC: field_seq_flag is 1 */
    /* PPS of H.264 */
    bool has_cabac;
    bool has_weighted_prediction;
    bool has_8x8_transform;
    bool has_slice_groups; /* or redundant pictures */
};

/*
 * Reads a NAL unit. False if it is a parameter set that cannot be read to where its claims end; `kind` is CLAIMS_NONE
 * for all that is no parameter set, and for the PPS of HEVC, which claims nothing.
 */
bool wcenc__claims_read(enum nal_codec codec, const struct nal_unit *nal, struct set_claims *claims);

/* True for a B slice of H.264. */
bool wcenc__h264_is_b_slice(const struct nal_unit *nal);

#endif
