/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_H26X_H
#define WCENC_BITSTREAM_H26X_H

/* What the readers of H.264 and HEVC parameter sets share. */

#include "bit_reader.h"
#include "bitstream.h"

enum {
    H264_SPS = 7,
    H264_PPS = 8,
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    HEVC_PPS = 34,
};

/* profile_space to level, byte by byte as hvcC repeats it */
#define PROFILE_TIER_LEVEL_SIZE 12

/* An SPS, with what only decoder configuration records and codec strings ask for. */
struct sps {
    struct sps_info info;
    uint8_t bit_depth_chroma;
    uint64_t coded_width; /* before cropping */
    uint64_t coded_height;
    /* H.264 */
    uint32_t ref_frames;
    bool has_fields; /* frame_mbs_only_flag is 0 */
    /* HEVC */
    uint8_t profile_tier_level[PROFILE_TIER_LEVEL_SIZE];
    uint8_t temporal_layers;
    bool temporal_id_nested;
};

/* Read an SPS up to and including the cropping (H.264) or the bit depths (HEVC), where the reader is left. */
bool wcenc__h264_sps_begin(struct bit_reader *reader, const struct nal_unit *nal, struct sps *sps);
bool wcenc__hevc_sps_begin(struct bit_reader *reader, const struct nal_unit *nal, struct sps *sps);

/* The same without the reader. */
bool wcenc__h26x_sps_read(enum nal_codec codec, const struct nal_unit *nal, struct sps *sps);

/* True if an SPS of this H.264 profile has chroma_format_idc. */
bool wcenc__h264_has_chroma_format(uint8_t profile);

/* Skips the VUI of either codec from its beginning to chroma_loc_info_present_flag, which is read next. */
void wcenc__vui_skip_picture_description(struct bit_reader *reader);

/* profile_tier_level() of a VPS or SPS with sps->temporal_layers sub-layers. */
void wcenc__hevc_read_profile(struct bit_reader *reader, struct sps *sps);

#endif
