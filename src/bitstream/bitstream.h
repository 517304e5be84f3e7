/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BITSTREAM_BITSTREAM_H
#define WCENC_BITSTREAM_BITSTREAM_H

/*
 * Bytes of coded video, without a codec: Annex B and length-prefixed NAL units, and the configuration records that
 * decoders and containers want (ISO 14496-15 avcC and hvcC, AV1's av1C, VP9's vpcC). Pure functions over bytes;
 * anything may be thrown at them. Results of the readers are written only on success.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>

/* A growing byte string. All zero is an empty one. */
struct byte_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed; /* memory ran out: size is of no use any more */
};

void wcenc__buffer_free(struct byte_buffer *buffer);
void wcenc__buffer_append(struct byte_buffer *buffer, const void *bytes, size_t size);

/*
 * NAL unit by NAL unit through Annex B, with start codes of three or four bytes. Start with position 0. What stands
 * before the first start code is skipped (all of it, if there is none), and so are NAL units without a byte.
 */
struct nal_iterator {
    const uint8_t *data;
    size_t size;
    size_t position;
};

struct nal_unit {
    const uint8_t *data; /* the first byte of its header; start code and trailing zeros are not part of it */
    size_t size;         /* at least 1 */
};

bool wcenc__nal_next(struct nal_iterator *iterator, struct nal_unit *nal);

enum nal_codec { NAL_H264, NAL_HEVC };

/* nal_unit_type */
int wcenc__nal_type(enum nal_codec codec, const struct nal_unit *nal);
/* SPS and PPS; for HEVC also VPS. */
bool wcenc__nal_is_parameter_set(enum nal_codec codec, int type);
/* A slice of an IDR picture (H.264), of an IRAP picture (HEVC). */
bool wcenc__nal_is_key(enum nal_codec codec, int type);

/* True if the access unit is a random access picture. Its first slice decides, what follows is not read. */
bool wcenc__annexb_is_key(enum nal_codec codec, const uint8_t *data, size_t size);

/*
 * Where the first slice of an access unit begins, with its start code or its length, in Annex B and in NAL units with
 * 4-byte lengths. False if there is none.
 */
bool wcenc__annexb_find_slice(enum nal_codec codec, const uint8_t *data, size_t size, size_t *offset);
bool wcenc__lengths_find_slice(enum nal_codec codec, const uint8_t *data, size_t size, size_t *offset);

/*
 * Annex B to NAL units with 4-byte lengths. Parameter sets and access unit delimiters are left out. Appends to `out`;
 * false, with the size of `out` as before, if there is no NAL unit to write or memory ran out.
 */
bool wcenc__annexb_to_length_prefixed(enum nal_codec codec, const uint8_t *data, size_t size, struct byte_buffer *out);

/* The same with the parameter sets left in. */
bool wcenc__annexb_to_length_prefixed_with_sets(enum nal_codec codec, const uint8_t *data, size_t size,
                                                struct byte_buffer *out);

/*
 * wcenc__annexb_to_length_prefixed in place. True if that could be done: the data begins with a start code, every start
 * code has four bytes, no zero bytes pad a NAL unit or the end, no NAL unit is empty, and nothing is to be left out.
 * Otherwise false, and the data is as before. `data` has to be writable in either case.
 */
bool wcenc__annexb_to_length_prefixed_in_place(enum nal_codec codec, uint8_t *data, size_t size);

/*
 * Appends the record for the parameter sets found in `parameter_sets` (Annex B, other NAL units are skipped; later
 * sets with the same content are dropped). Profile and level are those of the first SPS. False if a kind of set is
 * missing, there are more than the record can hold, the first SPS cannot be read, or memory ran out.
 */
bool wcenc__avcc_write(const uint8_t *parameter_sets, size_t size, struct byte_buffer *out);
bool wcenc__hvcc_write(const uint8_t *parameter_sets, size_t size, struct byte_buffer *out);

/* What an SPS says; enough to hold it against a configuration. */
struct sps_info {
    uint8_t profile;       /* profile_idc, general_profile_idc */
    uint8_t constraints;   /* H.264: the constraint_set flags byte */
    uint8_t level;         /* level_idc, general_level_idc */
    uint8_t tier;          /* HEVC: general_tier_flag */
    uint8_t bit_depth;     /* of luma: 8 to 15 */
    uint8_t chroma_format; /* chroma_format_idc: 0 to 3 */
    uint32_t width;        /* after cropping */
    uint32_t height;       /* after cropping */
};

/* Reads the first SPS found in Annex B data; false if there is none or it cannot be read. */
bool wcenc__sps_read(enum nal_codec codec, const uint8_t *data, size_t size, struct sps_info *info);

/*
 * Sets constraint flags in every H.264 SPS of Annex B data, in place: `flags` are those of the profile_compatibility
 * byte, and are added to what is there.
 */
void wcenc__h264_add_constraints(uint8_t *data, size_t size, uint8_t flags);

/*
 * Makes matrix_coefficients unspecified in every H.264 SPS of Annex B data, in place, where it was BT.709's: so an
 * encoder that writes no range without a colour description can be made to write it. False if an SPS has none to
 * change.
 */
bool wcenc__h264_unset_matrix(uint8_t *data, size_t size);

/*
 * Appends parameter sets with chroma_sample_loc_type in every H.264 SPS, which has a VUI without one. False if it has
 * not, or memory ran out.
 */
bool wcenc__h264_add_chroma_location(const uint8_t *sets, size_t size, uint32_t location, struct byte_buffer *out);

/*
 * The same as wcenc__h264_add_constraints for every HEVC VPS and SPS: `flags` are those of the first constraint byte,
 * from general_progressive_source_flag to general_frame_only_constraint_flag in its upper half.
 */
void wcenc__hevc_add_constraints(uint8_t *data, size_t size, uint8_t flags);

/* What an AV1 sequence header says. */
struct av1_sequence {
    uint8_t profile; /* seq_profile */
    uint8_t level;   /* seq_level_idx[0] */
    uint8_t tier;    /* seq_tier[0]; level and tier are those of the first operating point */
    uint8_t bit_depth;
    bool monochrome;
    uint8_t chroma_subsampling_x;
    uint8_t chroma_subsampling_y;
    uint8_t chroma_sample_position;
    uint32_t max_width;
    uint32_t max_height;
    uint8_t color_primaries; /* H.273; 2 where not given */
    uint8_t transfer_characteristics;
    uint8_t matrix_coefficients;
    bool full_range;
    const uint8_t *obu; /* the whole sequence header OBU, header and size field included; points into the data read */
    size_t obu_size;
};

/* Reads the first sequence header OBU of a temporal unit in the low-overhead format. */
bool wcenc__av1_sequence_read(const uint8_t *data, size_t size, struct av1_sequence *sequence);
/* Appends the av1C payload, the sequence header OBU included. */
bool wcenc__av1c_write(const struct av1_sequence *sequence, struct byte_buffer *out);

/*
 * Appends HDR metadata, of which there is a part, within the limits of their members: as one SEI NAL unit without start
 * code or length, and as metadata OBUs. False if memory ran out.
 */
bool wcenc__hdr_sei_write(enum nal_codec codec, const wcenc_hdr_metadata *metadata, struct byte_buffer *out);
bool wcenc__hdr_obus_write(const wcenc_hdr_metadata *metadata, struct byte_buffer *out);

/* What the uncompressed header of a VP9 frame says. */
struct vp9_header {
    uint8_t profile;
    bool is_key;
    bool show_frame;
    bool show_existing_frame;
    /* of key frames, else 0 */
    uint8_t bit_depth;
    uint8_t color_space; /* as coded: 1 BT.601, 2 BT.709, 5 BT.2020, 7 RGB */
    bool full_range;
    uint8_t subsampling_x;
    uint8_t subsampling_y;
    uint32_t width;
    uint32_t height;
};

/*
 * Reads the header of the first frame of a chunk (a superframe begins with its first frame). A shown existing frame is
 * no key frame here, whatever it shows.
 */
bool wcenc__vp9_header_read(const uint8_t *data, size_t size, struct vp9_header *header);

/*
 * The quantizer index of the first frame of a chunk, 0 to 255, from which parts of the picture may differ; -1 if it
 * cannot be read.
 */
int32_t wcenc__vp9_quantizer(const uint8_t *data, size_t size);

struct vpcc {
    uint8_t profile;
    uint8_t level; /* ten times the level */
    uint8_t bit_depth;
    uint8_t chroma_subsampling; /* 0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4 */
    bool full_range;
    uint8_t color_primaries; /* H.273 */
    uint8_t transfer_characteristics;
    uint8_t matrix_coefficients;
};

/* Appends the vpcC payload (version 1, with its FullBox header of four bytes, as muxers store it). */
bool wcenc__vpcc_write(const struct vpcc *vpcc, struct byte_buffer *out);

/* Reads the frame tag of VP8. */
bool wcenc__vp8_is_key(const uint8_t *data, size_t size);

#endif
