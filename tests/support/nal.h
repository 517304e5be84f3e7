/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_NAL_H
#define WCENC_TESTS_NAL_H

/* NAL units and OBUs as far as tests look into streams; the tests' own reading, apart from the library's. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_MAX = 64 };

/* Types of NAL units. */
enum {
    H264_SLICE = 1,
    H264_IDR = 5,
    H264_SEI = 6,
    H264_SPS = 7,
    H264_PPS = 8,
    H264_AUD = 9,
    H264_LAST = 19,
    HEVC_IRAP_FIRST = 16,
    HEVC_IRAP_LAST = 23,
    HEVC_VCL_LAST = 31,
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    HEVC_PPS = 34,
    HEVC_AUD = 35,
    HEVC_SEI = 39,
    HEVC_SUFFIX_SEI = 40
};

/* Types of OBUs. */
enum { OBU_SEQUENCE_HEADER = 1, OBU_TEMPORAL_DELIMITER = 2, OBU_FRAME_HEADER = 3, OBU_FRAME = 6 };

struct unit {
    const uint8_t *data; /* a NAL unit with its header, or an OBU's payload */
    size_t size;
    const uint8_t *whole; /* an OBU with its header */
    size_t whole_size;
    int type;
};

/* Split a chunk; the number of units, or -1 where bytes belong to none. */
int split_annexb(const uint8_t *data, size_t size, bool hevc, struct unit units[UNITS_MAX]);
int split_lengths(const uint8_t *data, size_t size, bool hevc, struct unit units[UNITS_MAX]);
int split_obus(const uint8_t *data, size_t size, struct unit units[UNITS_MAX]);

/* The parameter sets of an AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord, likewise. */
int split_avcc(const uint8_t *record, size_t size, struct unit units[UNITS_MAX]);
int split_hvcc(const uint8_t *record, size_t size, struct unit units[UNITS_MAX]);

/* The first bytes of a NAL unit without those that keep start codes from appearing, and zeros; their number. */
size_t unescape(const struct unit *unit, uint8_t *out, size_t size);

/* The first unit of a type, NULL if there is none. */
const struct unit *find_unit(const struct unit *units, int count, int type);

/* True if a unit holds a part of the picture. */
bool is_slice(const struct unit *unit, bool hevc);

/* True for the slices that only key chunks have. */
bool is_key_slice(const struct unit *unit, bool hevc);

bool is_parameter_set(const struct unit *unit, bool hevc);

/* What an SPS says of itself. */
struct sps_claims {
    int profile;
    int level;
    int tier;               /* HEVC */
    uint32_t compatibility; /* HEVC */
    uint8_t constraints[6]; /* H.264: the first */
};

struct sps_claims read_sps(const struct unit *sps, bool hevc);

/*
 * True if the record, AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord, is for 8-bit 4:2:0 with lengths
 * of four bytes and made of the parameter sets among the units, and of all of them.
 */
bool is_avcc_of(const uint8_t *record, size_t size, const struct unit *units, int count);
bool is_hvcc_of(const uint8_t *record, size_t size, const struct unit *units, int count);

#endif
