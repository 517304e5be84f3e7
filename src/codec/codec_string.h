/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_CODEC_STRING_H
#define WCENC_CODEC_CODEC_STRING_H

/*
 * Reads and writes codec strings: "avc1.640028", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08", "av01.0.04M.08". Pure: no
 * allocation, no tables of what encoders can do. Strict: case, digit counts, no space, nothing left over.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/codec.h>

#include "failure.h"

enum codec_family { CODEC_NONE = 0, CODEC_H264, CODEC_HEVC, CODEC_VP8, CODEC_VP9, CODEC_AV1, CODEC_FAMILY_COUNT };

enum chroma { CHROMA_420 = 0, CHROMA_422, CHROMA_444, CHROMA_440, CHROMA_400 };

struct codec_id {
    enum codec_family family;
    uint8_t profile;    /* profile_idc (H.264), general_profile_idc (HEVC), profile (VP9), seq_profile (AV1); VP8: 0 */
    uint8_t level;      /* level_idc (H.264), general_level_idc (HEVC), ten times the level (VP9), seq_level_idx (AV1);
                           VP8: 0. Of H.264 and HEVC it need not be one that exists. */
    uint8_t tier;       /* HEVC and AV1: 1 for the high tier */
    uint8_t bit_depth;  /* as said or implied by the profile: 8, 10, 12 or (HEVC, intra or monochrome) 16 */
    enum chroma chroma; /* as said or implied by the profile; no string says CHROMA_440 */
    bool in_band_parameter_sets; /* avc3, hev1 */
    uint8_t constraints;         /* H.264: the constraint_set flags as in the bitstream, constraint_set0_flag is 0x80 */
    uint8_t profile_space;       /* HEVC: 0, or 1 to 3 for A to C */
    uint32_t
        profile_compatibility; /* HEVC: flags as written in the string (bit i: general_profile_compatibility_flag[i]) */
    uint8_t constraint_bytes[6]; /* HEVC: as far as given, else 0 */
};

/*
 * True if `text` is a complete codec string that does not contradict itself; `failure` is left alone then. Otherwise
 * `failure` is set, and `id` is all zero. Padding of `id` is zero in any case.
 */
bool wcenc__codec_string_parse(const char *text, struct codec_id *id, struct failure *failure);

enum { CODEC_STRING_SIZE = WCENC_CODEC_STRING_SIZE };

/* Writes a codec string that parses to `id`, in the shortest form that is in use. */
void wcenc__codec_string_write(const struct codec_id *id, char out[CODEC_STRING_SIZE]);

/*
 * HEVC, format range extensions: the general constraint flags from max_12bit to lower_bit_rate that say these samples;
 * 0 if none do.
 */
uint32_t wcenc__hevc_range_flags(uint8_t bit_depth, enum chroma chroma);

#endif
