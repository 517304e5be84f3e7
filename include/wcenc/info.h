/* SPDX-License-Identifier: MIT */
#ifndef WCENC_INFO_H
#define WCENC_INFO_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/config.h>
#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file info.h
 * The available encoders, and the versions of the libraries in use.
 */

/** Latency modes of an encoder: WCENC_HAS_LATENCY_ bits. */
typedef uint32_t wcenc_latency_modes;

/** Bits of wcenc_latency_modes. */
enum wcenc_latency_mode_bit {
    WCENC_HAS_LATENCY_QUALITY = 1, /**< WCENC_LATENCY_QUALITY */
    WCENC_HAS_LATENCY_REALTIME = 2 /**< WCENC_LATENCY_REALTIME */
};

/** Bitrate modes of an encoder: WCENC_HAS_BITRATE_ bits. */
typedef uint32_t wcenc_bitrate_modes;

/** Bits of wcenc_bitrate_modes. */
enum wcenc_bitrate_mode_bit {
    WCENC_HAS_BITRATE_VARIABLE = 1,        /**< WCENC_BITRATE_VARIABLE */
    WCENC_HAS_BITRATE_CONSTANT = 2,        /**< WCENC_BITRATE_CONSTANT */
    WCENC_HAS_BITRATE_QUANTIZER = 4,       /**< WCENC_BITRATE_QUANTIZER */
    WCENC_HAS_BITRATE_CONSTANT_QUALITY = 8 /**< WCENC_BITRATE_CONSTANT_QUALITY */
};

/** An available encoder. Filled by wcenc_get_encoder_info. Later versions add members at the end. */
typedef struct wcenc_encoder_info {
    uint32_t struct_size; /**< set by wcenc_encoder_info_init */
    uint32_t reserved0;   /**< 0 */
    const char *name;     /**< for wcenc_config.encoder_name: "libx264"; static */
    const char *codec;    /**< "h264", "hevc", "vp8", "vp9" or "av1"; static */
    int32_t is_native;    /**< 1: libwcenc calls the codec library itself; 0: through libavcodec */
    int32_t is_hardware;  /**< 1: needs a device; wcenc_is_config_supported finds whether there is one */
    int32_t by_name_only; /**< 1: runs only if wcenc_config.encoder_name names it */
    wcenc_latency_modes latency_modes;
    wcenc_bitrate_modes bitrate_modes;
    wcenc_capabilities capabilities; /**< those that it has with at least one configuration */
} wcenc_encoder_info;

/**
 * Initialises a wcenc_encoder_info: zeroes `size` bytes and sets struct_size.
 *
 * @param info  memory of the caller; NULL is ignored
 * @param size  sizeof(wcenc_encoder_info)
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API void wcenc_encoder_info_init(wcenc_encoder_info *info, size_t size);

/**
 * Describes one of the encoders that the installed libraries have.
 *
 * Encoders of a codec are in the order of preference. An encoder that needs a device is listed whether there is one or
 * not. wcenc_is_config_supported returns what holds for a configuration.
 *
 * @param index  counts from 0; WCENC_ERROR_TYPE for one that is too large ends the list
 * @param info   receives the description, as far as its struct_size goes; initialised by wcenc_encoder_info_init
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           there is no encoder of that index; info is NULL; struct_size is less than that of
 *                                    the first version
 *         WCENC_ERROR_NOT_SUPPORTED  FFmpeg has another major version than the one that the library was built with
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API wcenc_status wcenc_get_encoder_info(uint32_t index, wcenc_encoder_info *info);

/**
 * Returns the versions of libwcenc, FFmpeg and the codec libraries in one line, for bug reports.
 *
 * An example: "libwcenc 0.2.0; FFmpeg 5.1.6; libavcodec 59.37.100, ...; libx264 164, ...". It names a codec library
 * that is loaded and has a version to report. The string is static.
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API const char *wcenc_build_info(void);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_INFO_H */
