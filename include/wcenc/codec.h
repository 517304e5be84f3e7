/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_H
#define WCENC_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file codec.h
 * Codecs, and the codec string for a size and rates.
 */

/** A codec. */
typedef int32_t wcenc_codec;

/** Values of wcenc_codec. */
enum wcenc_codec_value {
    WCENC_CODEC_H264 = 1,
    WCENC_CODEC_HEVC = 2,
    WCENC_CODEC_VP8 = 3,
    WCENC_CODEC_VP9 = 4,
    WCENC_CODEC_AV1 = 5
};

/** How much chroma there is relative to luma. */
typedef int32_t wcenc_chroma_format;

/** Values of wcenc_chroma_format: chroma_format_idc of H.264 and HEVC. */
enum wcenc_chroma_format_value {
    WCENC_CHROMA_FORMAT_420 = 1,
    WCENC_CHROMA_FORMAT_422 = 2,
    WCENC_CHROMA_FORMAT_444 = 3
};

/** Enough bytes for every string of wcenc_codec_string, including its NUL. */
#define WCENC_CODEC_STRING_SIZE 64

/** What a codec string is made of. `codec`, `width` and `height` are required. A member that is 0 is absent. */
typedef struct wcenc_codec_parameters {
    uint32_t struct_size; /**< set by wcenc_codec_parameters_init */
    uint32_t reserved0;   /**< 0 */
    uint64_t bitrate;     /**< bits per second that the level has to allow; 0: no requirement */
    double framerate;     /**< frames per second that the level has to allow, 0.001 to 10000; 0: 30 */
    wcenc_codec codec;
    /**
     * H.264: profile_idc 66, 77, 100, 110, 122 or 244. HEVC: general_profile_idc 1, 2 or 4. VP9: 0 to 3. AV1:
     * seq_profile 0 to 2. 0: the profile of the bit depth and chroma format; for H.264 of 8-bit 4:2:0 it is High.
     */
    int32_t profile;
    int32_t tier;                      /**< HEVC and AV1: 1 for the high tier */
    int32_t in_band_parameter_sets;    /**< H.264 and HEVC: 1 for avc3 and hev1, 0 for avc1 and hvc1 */
    uint32_t width;                    /**< of the coded picture, in pixels */
    uint32_t height;                   /**< of the coded picture, in pixels */
    uint32_t bit_depth;                /**< 8, 10 or 12; 0: 8 */
    wcenc_chroma_format chroma_format; /**< 0: 4:2:0 */
} wcenc_codec_parameters;

/**
 * Initialises a wcenc_codec_parameters: zeroes `size` bytes and sets struct_size.
 *
 * @param parameters  memory of the caller; NULL is ignored
 * @param size        sizeof(wcenc_codec_parameters)
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API void wcenc_codec_parameters_init(wcenc_codec_parameters *parameters, size_t size);

/**
 * Writes the codec string for a codec, size and rates.
 *
 * Its level is the lowest of the tier that allows the size and rates. wcenc_is_config_supported accepts the string if
 * the installed FFmpeg has an encoder for the profile. A configuration may have a lower level: see wcenc_config.codec.
 * VP8 has no profiles and levels: its string is "vp8".
 *
 * @param parameters  what is to be encoded; not NULL
 * @param buffer      receives the string; after an error it is empty; not NULL
 * @param size        bytes of `buffer`, not 0; WCENC_CODEC_STRING_SIZE is enough for every string
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL; a member is not valid; the string does not fit into `size`
 *         WCENC_ERROR_NOT_SUPPORTED  no level suffices; the codec has no such profile, tier, depth, chroma or size;
 *                                    framerate is out of range; a reserved member, or one that this version does not
 *                                    know, is not 0
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API wcenc_status wcenc_codec_string(const wcenc_codec_parameters *parameters, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_CODEC_H */
