/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CHUNK_H
#define WCENC_CHUNK_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>
#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file chunk.h
 * EncodedVideoChunk, and the metadata that comes with one.
 */

/**
 * One encoded picture, immutable and reference-counted. It is an access unit of H.264 or HEVC, a frame or superframe of
 * VP8 or VP9, or a temporal unit of AV1. Every function may be called on any thread at any time.
 */
typedef struct wcenc_chunk wcenc_chunk;

/** EncodedVideoChunkType */
typedef int32_t wcenc_chunk_type;

/** Values of wcenc_chunk_type. */
enum wcenc_chunk_type_value {
    WCENC_CHUNK_TYPE_KEY = 1,  /**< decodable without any chunk before it */
    WCENC_CHUNK_TYPE_DELTA = 2 /**< needs chunks before it */
};

/** EncodedVideoChunkInit */
typedef struct wcenc_chunk_desc {
    uint32_t struct_size;  /**< set by wcenc_chunk_desc_init */
    uint32_t reserved0;    /**< 0 */
    int64_t timestamp_us;  /**< presentation time; any value */
    uint64_t duration_us;  /**< absent if 0, unless has_duration */
    uint64_t user_tag;     /**< returned by wcenc_chunk_get_user_tag */
    const void *data;      /**< copied; may be NULL if data_size is 0 */
    size_t data_size;      /**< in bytes */
    wcenc_chunk_type type; /**< required */
    int32_t has_duration;  /**< 1: duration_us is set even if it is 0 */
} wcenc_chunk_desc;

/**
 * Initialises a wcenc_chunk_desc: zeroes `size` bytes and sets struct_size.
 *
 * @param desc  memory of the caller; NULL is ignored
 * @param size  sizeof(wcenc_chunk_desc)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_chunk_desc_init(wcenc_chunk_desc *desc, size_t size);

/**
 * Creates a chunk from bytes of another source.
 *
 * @param desc  copied, with the bytes; not NULL
 * @param out   receives a reference that the caller owns and releases with wcenc_chunk_unref; NULL on failure
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a required pointer is NULL; `type` is not valid; the struct is too short
 *         WCENC_ERROR_NOT_SUPPORTED  a reserved member, or one that this version does not know, is not 0
 *         WCENC_ERROR_NO_MEMORY
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_chunk_create(const wcenc_chunk_desc *desc, wcenc_chunk **out);

/**
 * Adds a reference and returns its argument.
 *
 * @param chunk  NULL is returned as NULL
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_chunk *wcenc_chunk_ref(wcenc_chunk *chunk);

/**
 * Releases a reference; releasing the last one frees the chunk, its data and its metadata.
 *
 * A chunk may outlive its encoder.
 *
 * @param chunk  NULL is ignored
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_chunk_unref(wcenc_chunk *chunk);

/**
 * Returns whether the chunk is a key or a delta chunk.
 *
 * @param chunk  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_chunk_type wcenc_chunk_get_type(const wcenc_chunk *chunk);

/**
 * Returns the timestamp of the chunk's frame in microseconds, unchanged.
 *
 * @param chunk  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int64_t wcenc_chunk_get_timestamp_us(const wcenc_chunk *chunk);

/**
 * Returns the decoding time in microseconds, for containers that store one.
 *
 * Without B-frames it is the timestamp. If the timestamps of the frames increase, the decoding times increase strictly,
 * and none exceeds the timestamp of its chunk. Otherwise they never decrease, but may repeat or exceed it. For a chunk
 * of wcenc_chunk_create it is the timestamp.
 *
 * @param chunk  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int64_t wcenc_chunk_get_dts_us(const wcenc_chunk *chunk);

/**
 * Returns the duration of the chunk's frame in microseconds.
 *
 * @param chunk        NULL has no duration
 * @param duration_us  receives the duration, or 0; may be NULL
 * @return 1 if the frame had a duration, which may be 0; else 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_chunk_get_duration_us(const wcenc_chunk *chunk, uint64_t *duration_us);

/**
 * Returns the user_tag of the frame's encode options or of wcenc_chunk_desc; 0 if it was not set.
 *
 * @param chunk  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint64_t wcenc_chunk_get_user_tag(const wcenc_chunk *chunk);

/**
 * Returns the encoded bytes.
 *
 * They are valid and unchanged while the caller holds a reference to the chunk. If the length is 0 the pointer may be
 * NULL.
 *
 * @param chunk  NULL: NULL
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const void *wcenc_chunk_get_data(const wcenc_chunk *chunk);

/**
 * Returns the number of encoded bytes.
 *
 * @param chunk  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API size_t wcenc_chunk_get_byte_length(const wcenc_chunk *chunk);

/**
 * Copies the encoded bytes.
 *
 * @param chunk             not NULL
 * @param destination       receives the bytes; what follows them is not changed; may be NULL if there are none
 * @param destination_size  in bytes; at least wcenc_chunk_get_byte_length
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  a required pointer is NULL, or the destination is too small; nothing was written
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_chunk_copy_to(const wcenc_chunk *chunk, void *destination, size_t destination_size);

/**
 * VideoDecoderConfig: what a decoder needs before it decodes the chunk. Filled by the library, and valid as long as the
 * chunk. Later versions add members at the end; struct_size shows which.
 */
typedef struct wcenc_decoder_config {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /** The codec string of the configuration. For H.264 and HEVC its level may be higher, if the stream needs it. */
    const char *codec;
    /** AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord; NULL for annexb, VP8, VP9 and AV1. */
    const void *description;
    size_t description_size;
    /** The payload of avcC, hvcC, vpcC or av1C, for the sample entry of a container; set for every bitstream format. */
    const void *container_private;
    size_t container_private_size;
    const wcenc_hdr_metadata *hdr_metadata; /**< of the stream; NULL: none */
    uint32_t coded_width;                   /**< of the configuration, in pixels */
    uint32_t coded_height;                  /**< of the configuration, in pixels */
    uint32_t display_aspect_width;          /**< of the configuration, or coded_width */
    uint32_t display_aspect_height;         /**< of the configuration, or coded_height */
    wcenc_color_space color_space;          /**< of the stream; range is never 0, the others may be */
    int32_t rotation;       /**< of the frames: 0, 90, 180 or 270 degrees clockwise, applied before flip */
    int32_t flip;           /**< of the frames: 1 for mirrored horizontally */
    uint32_t reorder_depth; /**< maximum number of frames decoded before one shown earlier; 0 without B-frames */
    uint32_t reserved2;     /**< 0 */
} wcenc_decoder_config;

/**
 * EncodedVideoChunkMetadata. Filled by the library, and valid as long as the chunk. Later versions add members at the
 * end; struct_size shows which.
 */
typedef struct wcenc_chunk_metadata {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /**
     * Set for the first chunk and whenever it changes; NULL: unchanged. A change of container_private alone does not
     * set it, since a container stores one for the whole stream.
     */
    const wcenc_decoder_config *decoder_config;
    const void *reserved1; /**< NULL */
    /**
     * With WCENC_ALPHA_KEEP: alpha, encoded as the luma of a second picture, which is key if the chunk is; else NULL.
     * It decodes with the chunk's decoder config. For H.264 and HEVC a key one contains its parameter sets.
     */
    const void *alpha_side_data;
    size_t alpha_side_data_size; /**< in bytes */
    int32_t has_svc;             /**< 1: the scalability mode has layers, and temporal_layer_id is set */
    /**
     * The temporal layer, from 0. A chunk depends on no chunk of a higher layer. Nor does it depend on a chunk above
     * layer 0 that precedes the latest chunk of layer 0.
     */
    uint32_t temporal_layer_id;
    int32_t has_quantizer; /**< 1: `quantizer` is set */
    /**
     * The quantizer that the encoder used, on the codec's scale: that of wcenc_encode_options.quantizer, for VP8 that
     * of wcenc_config.quality. With WCENC_BITRATE_QUANTIZER it is that of the frame, or the nearest that the encoder
     * has. Otherwise it is the encoder's average, around which parts of the picture may vary. H.264, HEVC, VP8 and VP9
     * have it; the AV1 encoders report none.
     */
    uint32_t quantizer;
} wcenc_chunk_metadata;

/**
 * Returns the metadata of the chunk, which on_output received too.
 *
 * It is valid as long as the chunk.
 *
 * @param chunk  NULL is returned for NULL and for a chunk of wcenc_chunk_create
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const wcenc_chunk_metadata *wcenc_chunk_get_metadata(const wcenc_chunk *chunk);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_CHUNK_H */
