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
 * One encoded picture: an access unit of H.264 or HEVC, a frame of VP8 or VP9 (a superframe where the encoder hides
 * pictures), a temporal unit of AV1. Immutable and reference-counted.
 *
 * Thread-safety: every function on any thread at any time.
 */
typedef struct wcenc_chunk wcenc_chunk;

/** EncodedVideoChunkType */
typedef int32_t wcenc_chunk_type;

/** Values of wcenc_chunk_type. */
enum wcenc_chunk_type_value {
    WCENC_CHUNK_TYPE_KEY = 1,  /**< decodable without any chunk before it */
    WCENC_CHUNK_TYPE_DELTA = 2 /**< needs chunks before it */
};

/** What wcenc_chunk_create makes a chunk of. */
typedef struct wcenc_chunk_desc {
    uint32_t struct_size;  /**< set by wcenc_chunk_desc_init */
    uint32_t reserved0;    /**< 0 */
    int64_t timestamp_us;  /**< presentation time; any value */
    uint64_t duration_us;  /**< 0 is absent unless has_duration */
    uint64_t user_tag;     /**< given back by wcenc_chunk_get_user_tag */
    const void *data;      /**< may be NULL where data_size is 0; copied */
    size_t data_size;      /**< in bytes */
    wcenc_chunk_type type; /**< required */
    int32_t has_duration;  /**< 1: duration_us is given even where it is 0 */
} wcenc_chunk_desc;

/**
 * Zeroes `size` bytes at `desc` and stores `size` as its struct_size; call it with sizeof(wcenc_chunk_desc). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_chunk_desc_init(wcenc_chunk_desc *desc, size_t size);

/**
 * Makes a chunk of bytes from elsewhere, which are copied.
 *
 * @param out  receives a reference that the caller owns; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL that must not be, `type` is none, the struct is too short
 *         WCENC_ERROR_NOT_SUPPORTED  the struct has members that this version does not know
 *         WCENC_ERROR_NO_MEMORY
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_chunk_create(const wcenc_chunk_desc *desc, wcenc_chunk **out);

/**
 * Takes another reference, and returns its argument. NULL is passed through.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_chunk *wcenc_chunk_ref(wcenc_chunk *chunk);

/**
 * Gives up a reference; the last one frees the chunk, its data and its metadata. NULL is ignored. A chunk may outlive
 * the encoder that it came from.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_chunk_unref(wcenc_chunk *chunk);

/** WCENC_CHUNK_TYPE_KEY or WCENC_CHUNK_TYPE_DELTA. Thread: any. Since: 0.1 */
WCENC_API wcenc_chunk_type wcenc_chunk_get_type(const wcenc_chunk *chunk);

/** The timestamp of the frame that the chunk shows, in microseconds, exactly as given. Thread: any. Since: 0.1 */
WCENC_API int64_t wcenc_chunk_get_timestamp_us(const wcenc_chunk *chunk);

/**
 * The decoding time in microseconds, for containers that store one. For frames whose timestamps increase it increases
 * strictly and never exceeds the timestamp, and without B-frames it is the timestamp. For other frames it never
 * decreases, and may repeat or exceed the timestamp. For chunks made by wcenc_chunk_create it is the timestamp.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API int64_t wcenc_chunk_get_dts_us(const wcenc_chunk *chunk);

/**
 * The duration that the frame was given, in microseconds.
 *
 * @param duration_us  receives it, or 0 where there is none; may be NULL.
 * @return 1 if there is a duration (0 is one), 0 if there is none.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_chunk_get_duration_us(const wcenc_chunk *chunk, uint64_t *duration_us);

/** The user_tag of the encode options that the frame came with, 0 without. Thread: any. Since: 0.1 */
WCENC_API uint64_t wcenc_chunk_get_user_tag(const wcenc_chunk *chunk);

/**
 * The encoded bytes, valid and unchanged while a reference to the chunk is held. NULL only where the length is 0.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const void *wcenc_chunk_get_data(const wcenc_chunk *chunk);

/** Number of bytes at wcenc_chunk_get_data. Thread: any. Since: 0.1 */
WCENC_API size_t wcenc_chunk_get_byte_length(const wcenc_chunk *chunk);

/**
 * Copies all bytes to `destination`; what lies beyond them there is left alone.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  the destination is NULL, or smaller than the chunk; nothing was written
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_chunk_copy_to(const wcenc_chunk *chunk, void *destination, size_t destination_size);

/**
 * VideoDecoderConfig: what a decoder has to know before the chunk that it comes with. Filled by the library; later
 * versions add members at the end, and struct_size says how many there are.
 */
typedef struct wcenc_decoder_config {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /** The codec string of the configuration, verbatim. */
    const char *codec;
    /** AVCDecoderConfigurationRecord or HEVCDecoderConfigurationRecord; NULL for annexb, VP8, VP9 and AV1. */
    const void *description;
    size_t description_size;
    /** What a container's sample entry wants: the payload of avcC, hvcC, vpcC or av1C, whatever the format. */
    const void *container_private;
    size_t container_private_size;
    const void *reserved1;          /**< NULL */
    uint32_t coded_width;           /**< of the configuration, in pixels */
    uint32_t coded_height;          /**< of the configuration, in pixels */
    uint32_t display_aspect_width;  /**< of the configuration; coded_width where it gave none */
    uint32_t display_aspect_height; /**< of the configuration; coded_height where it gave none */
    wcenc_color_space color_space;  /**< of the stream; range is never 0, the others may be */
    int32_t rotation;               /**< of the frames: 0, 90, 180 or 270 degrees clockwise, applied before flip */
    int32_t flip;                   /**< of the frames: 1 for mirrored horizontally */
    uint32_t reorder_depth;         /**< how many frames decoding order may run ahead; 0 without B-frames */
    uint32_t reserved2;             /**< 0 */
} wcenc_decoder_config;

/**
 * EncodedVideoChunkMetadata. Filled by the library and part of the chunk: valid while a reference to the chunk is
 * held. Later versions add members at the end, and struct_size says how many there are.
 */
typedef struct wcenc_chunk_metadata {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /**
     * Given with the first chunk and whenever it changes; NULL says that the last one holds. A change of its
     * container_private alone is not told: a container keeps one for the whole stream.
     */
    const wcenc_decoder_config *decoder_config;
    const void *reserved1; /**< NULL */
    /**
     * With WCENC_ALPHA_KEEP the alpha, coded as the luma of a picture of its own that is key where the chunk is; else
     * NULL. It decodes with the chunk's decoder config. Of H.264 and HEVC, key ones contain their parameter sets.
     */
    const void *alpha_side_data;
    size_t alpha_side_data_size; /**< in bytes */
    int32_t has_svc;             /**< 1: the scalability mode has layers, and temporal_layer_id is given */
    /** Chunks of a layer need none of a higher one, nor any of layers above 0 before the last chunk of layer 0. */
    uint32_t temporal_layer_id;
} wcenc_chunk_metadata;

/**
 * The metadata of a chunk that an encoder made, the same that on_output was given. NULL for a chunk made by
 * wcenc_chunk_create. Valid while a reference to the chunk is held.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const wcenc_chunk_metadata *wcenc_chunk_get_metadata(const wcenc_chunk *chunk);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_CHUNK_H */
