/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONFIG_H
#define WCENC_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>
#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file config.h
 * VideoEncoderConfig, and the query whether a configuration is supported.
 */

/** HardwareAcceleration */
typedef int32_t wcenc_hardware_acceleration;

/** Values of wcenc_hardware_acceleration. */
enum wcenc_hardware_acceleration_value {
    WCENC_HARDWARE_NO_PREFERENCE = 0,   /**< software, unless encoder_name names a hardware encoder */
    WCENC_HARDWARE_PREFER_HARDWARE = 1, /**< hardware if a device opens, software otherwise */
    WCENC_HARDWARE_PREFER_SOFTWARE = 2, /**< software */

    /* Beyond WebCodecs. */
    WCENC_HARDWARE_REQUIRED = 64 /**< hardware; not supported if no device opens */
};

/** AlphaOption */
typedef int32_t wcenc_alpha_option;

/** Values of wcenc_alpha_option. */
enum wcenc_alpha_option_value {
    WCENC_ALPHA_DISCARD = 0, /**< alpha is discarded; colours are not blended with it */
    /**
     * A second encoder encodes alpha with a quarter of the bitrate. Each chunk has the result in alpha_side_data. Only
     * 8-bit 4:2:0 supports it.
     */
    WCENC_ALPHA_KEEP = 1
};

/** VideoEncoderBitrateMode */
typedef int32_t wcenc_bitrate_mode;

/** Values of wcenc_bitrate_mode. */
enum wcenc_bitrate_mode_value {
    WCENC_BITRATE_VARIABLE = 0,  /**< `bitrate` is an average; difficult pictures get more bits */
    WCENC_BITRATE_CONSTANT = 1,  /**< `bitrate` holds in every second */
    WCENC_BITRATE_QUANTIZER = 2, /**< `bitrate` is ignored; the encode options of each frame set its quantizer */

    /* Beyond WebCodecs. */
    WCENC_BITRATE_CONSTANT_QUALITY = 64 /**< `quality` holds for all frames; `bitrate`, if set, is a cap */
};

/** LatencyMode */
typedef int32_t wcenc_latency_mode;

/** Values of wcenc_latency_mode. */
enum wcenc_latency_mode_value {
    WCENC_LATENCY_QUALITY = 0, /**< the encoder may delay frames to encode them better */
    WCENC_LATENCY_REALTIME = 1 /**< the chunk of a frame does not wait for later frames */
};

/** AvcBitstreamFormat and HevcBitstreamFormat */
typedef int32_t wcenc_bitstream_format;

/** Values of wcenc_bitstream_format. */
enum wcenc_bitstream_format_value {
    /** "avc", "hevc": NAL units with 4-byte lengths; parameter sets in the decoder config's description. */
    WCENC_BITSTREAM_LENGTH_PREFIXED = 0,
    /** "annexb": start codes; parameter sets in every key chunk; no description. */
    WCENC_BITSTREAM_ANNEXB = 1
};

/**
 * VideoEncoderConfig. `codec`, `width` and `height` are required. A member that is 0 or NULL is absent. Functions that
 * take a configuration copy it, strings included.
 */
typedef struct wcenc_config {
    uint32_t struct_size; /**< set by wcenc_config_init */
    uint32_t reserved0;   /**< 0 */
    /**
     * Bits per second; 0: chosen by size, framerate and codec. With constant quality: a cap; 0: no cap. In realtime
     * most encoders stop refining a picture that no longer changes, unless `bitrate` is a fifth of a bit or more for
     * each pixel. They then spend less than `bitrate`. docs/codecs.md lists the options.
     */
    uint64_t bitrate;
    /**
     * Frames per second, 0.001 to 10000, for rate control, key interval and level. Timestamps may differ. If it is 0,
     * the key interval and the level assume 30. Rate control then follows the timestamps if the encoder has
     * WCENC_CAPABILITY_VARIABLE_FRAMERATE, and assumes 30 otherwise. A step between timestamps that is not positive,
     * under 1 ms or over 10 s counts as the last good step. Before the first good step the frame's duration counts,
     * or 1/30 s.
     */
    double framerate;
    /**
     * For WCENC_BITRATE_CONSTANT_QUALITY only, on the scale of the codec; lower is better. H.264 and HEVC: 0 to 51.
     * VP8, VP9 and AV1: 0 to 63. Default: 23 for H.264, 28 for HEVC, 24 for VP8, 32 for VP9 and AV1. Encoders with
     * whole steps round to the nearest.
     */
    double quality;
    /**
     * Codec string such as "avc1.640028", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08", "av01.0.04M.08". Required. Levels
     * of H.264 and HEVC limit the size. If framerate or bitrate need a higher level of the same tier, the stream and
     * its decoder config have that level; if no level is enough, the configuration is not supported. Levels of VP9 and
     * AV1 limit nothing.
     */
    const char *codec;
    /**
     * "L1T2" or "L1T3" for two or three temporal layers: VP8 and VP9, AV1 if the library was built with libaom, and
     * H.264 if it was built with OpenH264. NULL or "L1T1" for a single layer. "manual": the encode options of each
     * frame name the buffers that it references and updates (VP8, VP9 and AV1, with encoders named "native-").
     */
    const char *scalability_mode;
    /**
     * "motion", "detail" or "text": the content of the pictures. The last two tune VP9 and AV1 for screen content.
     * Other strings have no effect.
     */
    const char *content_hint;
    /**
     * One encoder by name; NULL: the first available one of the codec. FFmpeg's encoders have FFmpeg's names, such as
     * "libx264". Native encoders call a codec's library without FFmpeg, if libwcenc was built with it: "native-vpx"
     * (VP8 and VP9), "native-aom" (AV1) and "native-openh264" (H.264). Without a name, "native-vpx" and "native-aom"
     * come first. FFmpeg's encoders of VP8, VP9 and AV1 run for configurations that these two do not support. For H.264
     * "libx264" comes first. "native-openh264" runs for temporal layers, and where FFmpeg has no libx264.
     */
    const char *encoder_name;
    /**
     * Options of that encoder, which override those of libwcenc: "preset=fast:rc-lookahead=10". Names and values are
     * FFmpeg's; a backslash makes the next character literal. Numbers are decimal: 12, 0.5, 1e6, 500k, 2M. A native
     * encoder has some of them, with whole numbers only. The configuration is unsupported if it has:
     *  - options that the encoder does not have
     *  - options that duplicate a member: profile, level, size, rate, colours, layers
     *  - options that break a promise of the codec string, such as B-frames with constraint_set5_flag
     *  - options that print, use files, or can crash the encoder
     */
    const char *encoder_options;
    /**
     * HDR metadata of the stream, copied; NULL: none. H.264 and HEVC have it in SEI messages of each key chunk, AV1 in
     * metadata OBUs. AV1 rounds max_luminance to 1/256 cd/m2. VP8 and VP9 have no place for it. The decoder config has
     * it for every codec.
     */
    const wcenc_hdr_metadata *hdr_metadata;
    uint32_t width;          /**< of the coded picture, in pixels; frames of another size are scaled */
    uint32_t height;         /**< of the coded picture, in pixels; frames of another size are scaled */
    uint32_t display_width;  /**< size to be shown at; default `width` */
    uint32_t display_height; /**< size to be shown at; default `height` */
    wcenc_hardware_acceleration hardware_acceleration;
    wcenc_alpha_option alpha;
    wcenc_bitrate_mode bitrate_mode;
    wcenc_latency_mode latency_mode;
    wcenc_bitstream_format bitstream_format; /**< for H.264 and HEVC; ignored by other codecs */

    /* Beyond WebCodecs. */

    int32_t has_quality; /**< 1: `quality` is set even if it is 0 */
    /**
     * Maximum number of encoder threads, up to 1024; 0: one per CPU of this process, or fewer if the codec gains
     * nothing. The encoder uses one thread if the default stack size of the process is below 384 kB (AV1) or 128 kB
     * (others).
     */
    uint32_t threads;
    /**
     * Maximum number of frames from one key chunk to the next; 0: the frames of ten seconds, at most 300; UINT32_MAX:
     * no periodic key chunks. Encoders may add key chunks at scene changes.
     */
    uint32_t key_interval;
    /** Maximum number of consecutive B-frames, up to 16; 0: chunks keep the order of frames. Realtime has none. */
    uint32_t max_b_frames;
    /**
     * Maximum encoder delay in frames, lookahead and reordering together; 0: the default of the encoder. A maximum that
     * the encoder cannot keep is not supported.
     */
    uint32_t max_delay_frames;
    /**
     * The colour space of the stream. Members that are 0 follow the first frame. RGB becomes limited-range YCbCr with
     * the matrix of its primaries, in VP8 always that of BT.601. Frames with another matrix or range are converted.
     * What neither this nor the frame specifies stays unspecified, except the range, which becomes limited. The stream,
     * the decoder config and its container_private agree.
     */
    wcenc_color_space color_space;
    /**
     * Place of the chroma samples in a 4:2:0 stream. RGB, 4:2:2 and 4:4:4 are converted to it; UNSPECIFIED: to the
     * left. 4:2:0 frames of the configured size are not converted; if the first frame states a location, the stream has
     * that. H.264 and HEVC signal every location, AV1 left and top left, VP8 and VP9 none.
     */
    wcenc_chroma_location chroma_location;
    /**
     * Time that the encoder may spend, relative to the default of the latency mode: -2 (fastest), -1, 0 (the default),
     * 1 or 2 (best quality). The maximum encoder delay is the same for all. See docs/codecs.md.
     */
    int32_t effort;
    /**
     * AV1: 1 allows the tools for screen content in every frame, which only libaom-av1 and native-aom support; 0: the
     * encoder decides. Other codecs ignore it.
     */
    int32_t force_screen_content_tools;
    /**
     * Maximum number of groups that are encoded at once, up to 1024; 0: one encoder encodes all frames. A group has
     * `key_interval` frames and an encoder of its own with `threads` threads, by default one. A requested key frame
     * starts a group early; a flush and a configure end one. Chunks keep their order, and do not depend on this number.
     * Software encoders only. Not supported with WCENC_LATENCY_REALTIME, WCENC_BITRATE_CONSTANT, key_interval
     * UINT32_MAX, or a scalability_mode with layers or "manual". See docs/scaling.md.
     */
    uint32_t parallel_groups;
} wcenc_config;

/**
 * Initialises a wcenc_config: zeroes `size` bytes and sets struct_size.
 *
 * @param config  memory of the caller; NULL is ignored
 * @param size    sizeof(wcenc_config)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_config_init(wcenc_config *config, size_t size);

/** What a supported configuration can do beyond encoding: WCENC_CAPABILITY_ bits. */
typedef uint32_t wcenc_capabilities;

/** Bits of wcenc_capabilities. */
enum wcenc_capability_bit {
    WCENC_CAPABILITY_FRAME_QUANTIZER = 1,     /**< the quantizer of each frame takes effect */
    WCENC_CAPABILITY_LIVE_BITRATE = 2,        /**< a new bitrate or framerate takes effect without a key chunk */
    WCENC_CAPABILITY_TEMPORAL_LAYERS = 4,     /**< scalability_mode may be L1T2 or L1T3 */
    WCENC_CAPABILITY_ALPHA = 8,               /**< alpha may be WCENC_ALPHA_KEEP */
    WCENC_CAPABILITY_422 = 16,                /**< encodes 4:2:2, with codec strings for it */
    WCENC_CAPABILITY_444 = 32,                /**< encodes 4:4:4, with codec strings for it */
    WCENC_CAPABILITY_10_BIT = 64,             /**< encodes 10 bits, with codec strings for it */
    WCENC_CAPABILITY_REFERENCES = 128,        /**< scalability_mode may be manual */
    WCENC_CAPABILITY_VARIABLE_FRAMERATE = 256 /**< without a framerate, rate control follows the timestamps */
};

/** The answer of wcenc_is_config_supported. Later versions add members at the end; struct_size shows which. */
typedef struct wcenc_config_support {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /**
     * With parallel_groups: the bytes of all their frames in the format of the encoder. If max_queued_bytes is less,
     * fewer groups are encoded at once, down to one after the other. 0 without parallel_groups.
     */
    uint64_t parallel_groups_bytes;
    /** A copy of the configuration, with the members that this version knows; freed with the answer. */
    const wcenc_config *config;
    /** The name of the encoder that would run, as in wcenc_config.encoder_name; NULL if not supported. */
    const char *encoder_name;
    /** Why the configuration is not supported: member, value and limit; NULL if supported. */
    const char *reason;
    /**
     * The codec string of the decoder config: that of the configuration, or for H.264 and HEVC one with a higher level
     * if framerate or bitrate need it. NULL if not supported.
     */
    const char *codec;
    int32_t supported;               /**< 1 if the configuration is supported, else 0 */
    uint32_t delay_frames;           /**< maximum encoder delay in frames; 0: one in, one out */
    wcenc_capabilities capabilities; /**< of the encoder that would run */
    uint32_t reference_buffers;      /**< with scalability_mode "manual": number of buffers for frames; else 0 */
} wcenc_config_support;

/**
 * Returns whether a configuration is supported, and which encoder would run.
 *
 * The library opens the encoder to find out, which takes some milliseconds. Recent answers are cached. An encoder
 * applies the same check after wcenc_encoder_configure, so the two agree unless memory or threads run out. A reserved
 * member, or one that this version does not know, makes a configuration unsupported if it is not 0.
 *
 * @param config  copied; not NULL
 * @param out     receives an answer that the caller owns and frees with wcenc_config_support_free; NULL on error
 * @return WCENC_OK          there is an answer; see its member `supported`
 *         WCENC_ERROR_TYPE  a pointer is NULL, or a member is not valid, such as a width of 0 or an empty codec string
 *         WCENC_ERROR_NO_MEMORY
 *
 * Blocks: until an encoder has opened. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_is_config_supported(const wcenc_config *config, wcenc_config_support **out);

/**
 * Frees an answer of wcenc_is_config_supported.
 *
 * @param support  NULL is ignored
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_config_support_free(wcenc_config_support *support);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_CONFIG_H */
