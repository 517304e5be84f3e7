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
 * VideoEncoderConfig, and the question whether one is supported.
 */

/** HardwareAcceleration */
typedef int32_t wcenc_hardware_acceleration;

/** Values of wcenc_hardware_acceleration. */
enum wcenc_hardware_acceleration_value {
    WCENC_HARDWARE_NO_PREFERENCE = 0,   /**< software, or what encoder_name names */
    WCENC_HARDWARE_PREFER_HARDWARE = 1, /**< hardware; not supported where no device opens */
    WCENC_HARDWARE_PREFER_SOFTWARE = 2  /**< software */
};

/** AlphaOption */
typedef int32_t wcenc_alpha_option;

/** Values of wcenc_alpha_option. */
enum wcenc_alpha_option_value {
    WCENC_ALPHA_DISCARD = 0, /**< alpha is left out; colours are not blended with it */
    /**
     * A second encoder codes alpha, for 8 bits of 4:2:0: alpha_side_data of each chunk. It gets a quarter of the
     * bitrate.
     */
    WCENC_ALPHA_KEEP = 1
};

/** VideoEncoderBitrateMode */
typedef int32_t wcenc_bitrate_mode;

/** Values of wcenc_bitrate_mode. */
enum wcenc_bitrate_mode_value {
    WCENC_BITRATE_VARIABLE = 0,  /**< the bitrate is an average; bits go where they are needed */
    WCENC_BITRATE_CONSTANT = 1,  /**< the bitrate holds from second to second */
    WCENC_BITRATE_QUANTIZER = 2, /**< the bitrate is ignored: each frame's encode options give its quantizer */

    /* Beyond WebCodecs. */
    WCENC_BITRATE_CONSTANT_QUALITY = 64 /**< `quality` holds throughout; `bitrate`, if set, is a cap */
};

/** LatencyMode */
typedef int32_t wcenc_latency_mode;

/** Values of wcenc_latency_mode. */
enum wcenc_latency_mode_value {
    WCENC_LATENCY_QUALITY = 0, /**< the encoder may hold frames back to code them better */
    WCENC_LATENCY_REALTIME = 1 /**< each frame's chunk comes without waiting for further frames */
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
 * VideoEncoderConfig. Required are `codec`, `width` and `height`; a member that is 0 or NULL is absent. Everything is
 * copied when it is handed over.
 */
typedef struct wcenc_config {
    uint32_t struct_size; /**< set by wcenc_config_init */
    uint32_t reserved0;   /**< 0 */
    /** Average bits per second; 0: chosen by size, rate and codec. With constant quality: a cap; 0: none. */
    uint64_t bitrate;
    /** Frames per second, for rate control and key intervals, 0.001 to 10000; 0: 30. Timestamps are not bound to it. */
    double framerate;
    /**
     * For WCENC_BITRATE_CONSTANT_QUALITY only: lower is better. The scale is that of the codec: 0 to 51 for H.264 and
     * HEVC, 0 to 63 for VP8, VP9 and AV1. Not set: 23 for H.264, 28 for HEVC, 24 for VP8, 32 for VP9 and AV1. Encoders
     * that count in whole steps take the nearest.
     */
    double quality;
    /** Codec string such as "avc1.640028", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08", "av01.0.04M.08". Required. */
    const char *codec;
    /** "L1T2" or "L1T3" for two or three temporal layers (VP8 and VP9); NULL or "L1T1" for a single layer. */
    const char *scalability_mode;
    /**
     * "motion", "detail" or "text": what the pictures show. The latter two tune for screens where the encoder can (VP9,
     * AV1); other texts are accepted and have no effect.
     */
    const char *content_hint;
    /** Name of one encoder of FFmpeg, such as "libx264"; NULL: the best one at hand. */
    const char *encoder_name;
    /**
     * Options of that encoder, which win over libwcenc's own: "preset=fast:rc-lookahead=10". Names and values are
     * FFmpeg's; a backslash takes the next character literally. A name that the encoder does not have is not supported,
     * and neither is what the config says itself: profile, level, size, rate, colours, layers. An option that breaks a
     * promise of the codec string is not supported either, such as B-frames with constraint_set5_flag. Nor is one that
     * prints, uses files, or can crash the encoder. Numbers are decimal: 12, 0.5, 1e6, 500k, 2M.
     */
    const char *encoder_options;
    const void *reserved1;   /**< NULL */
    uint32_t width;          /**< of the coded picture in pixels; frames of another size are scaled. Required. */
    uint32_t height;         /**< of the coded picture in pixels; frames of another size are scaled. Required. */
    uint32_t display_width;  /**< size to be shown at; default `width` */
    uint32_t display_height; /**< size to be shown at; default `height` */
    wcenc_hardware_acceleration hardware_acceleration;
    wcenc_alpha_option alpha;
    wcenc_bitrate_mode bitrate_mode;
    wcenc_latency_mode latency_mode;
    wcenc_bitstream_format bitstream_format; /**< for H.264 and HEVC; ignored by other codecs */

    /* Beyond WebCodecs. */

    int32_t has_quality; /**< 1: `quality` is set even where it is 0 */
    /**
     * Threads that the encoder may use, 1024 at most; 0: as many as this process has CPUs, where the codec gains. It
     * uses one where the process's default stack size is too small for its threads (384 kB for AV1, 128 kB for others).
     */
    uint32_t threads;
    /** A key chunk at least every so many frames; 0: ten seconds' worth of frames, at most 300. */
    uint32_t key_interval;
    /** B-frames in a row; 0: none, so that chunks come in the order of the frames. At most 16. Not with realtime. */
    uint32_t max_b_frames;
    /** Frames that the encoder may hold back; 0: as many as its quality asks for. */
    uint32_t max_delay_frames;
    /**
     * The colour space to code in. Members that are 0 follow the first frame, with RGB becoming the YCbCr of its
     * primaries (for VP8 that of BT.601, which is all that VP8 knows) in limited range. Frames in another matrix or
     * range are converted. What neither this nor the frame specifies stays unspecified, but for the range, which is
     * limited then. The stream, the decoder config and its container_private say the same.
     */
    wcenc_color_space color_space;
    /**
     * Where chroma of a 4:2:0 stream lies. RGB, 4:2:2 and 4:4:4 are converted to it; UNSPECIFIED: to the left. 4:2:0
     * frames of the configured size keep their chroma where it is; if the first frame states a location, that is the
     * stream's. H.264 and HEVC signal the location, AV1 the left and the top left; VP8 and VP9 cannot.
     */
    wcenc_chroma_location chroma_location;
    uint32_t reserved2; /**< 0 */
} wcenc_config;

/**
 * Zeroes `size` bytes at `config` and stores `size` as its struct_size; call it with sizeof(wcenc_config). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_config_init(wcenc_config *config, size_t size);

/** What a supported configuration can do beyond encoding: WCENC_CAPABILITY_ bits. */
typedef uint32_t wcenc_capabilities;

/** Bits of wcenc_capabilities. */
enum wcenc_capability_bit {
    WCENC_CAPABILITY_FRAME_QUANTIZER = 1, /**< the quantizer of each frame has its effect */
    WCENC_CAPABILITY_LIVE_BITRATE = 2,    /**< a new bitrate or framerate takes effect without a key chunk */
    WCENC_CAPABILITY_TEMPORAL_LAYERS = 4,
    WCENC_CAPABILITY_ALPHA = 8,
    WCENC_CAPABILITY_422 = 16,   /**< codes 4:2:2 with codec strings that ask for it */
    WCENC_CAPABILITY_444 = 32,   /**< codes 4:4:4 with codec strings that ask for it */
    WCENC_CAPABILITY_10_BIT = 64 /**< codes 10 bits with codec strings that ask for it */
};

/** The answer of wcenc_is_config_supported. Later versions add members at the end; struct_size says how many there are.
 */
typedef struct wcenc_config_support {
    uint32_t struct_size;
    uint32_t reserved0; /**< 0 */
    /** The configuration as it was recognised; texts belong to this answer. */
    const wcenc_config *config;
    /** The encoder that would run, as FFmpeg names it; NULL where not supported. */
    const char *encoder_name;
    /** Why not, naming member, value and limit; NULL where supported. */
    const char *reason;
    const void *reserved1;           /**< NULL */
    int32_t supported;               /**< 1 if configure with the same config will work, else 0 */
    uint32_t delay_frames;           /**< upper bound of frames that the encoder holds back; 0: one in, one out */
    wcenc_capabilities capabilities; /**< of the encoder that would run */
    uint32_t reserved2;              /**< 0 */
} wcenc_config_support;

/**
 * Tells whether configure would work, and what would run. The encoder is opened to find out (answers are remembered, as
 * many as a small table holds), so this may take some milliseconds. The answer and wcenc_encoder_configure never
 * disagree, short of the machine running out of memory or threads in between.
 *
 * @param out  receives the answer, which the caller owns, for a supported and for an unsupported config; NULL on error.
 * @return WCENC_OK          there is an answer; look at `supported`
 *         WCENC_ERROR_TYPE  the config is not valid in itself, such as a width of 0 or an empty codec string
 *         WCENC_ERROR_NO_MEMORY
 *
 * A struct longer than this version's with anything in its unknown tail gives an answer of "not supported".
 *
 * Thread: any; other encoders are not disturbed. Since: 0.1
 */
WCENC_API wcenc_status wcenc_is_config_supported(const wcenc_config *config, wcenc_config_support **out);

/** Frees an answer of wcenc_is_config_supported. NULL is ignored. Thread: any. Since: 0.1 */
WCENC_API void wcenc_config_support_free(wcenc_config_support *support);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_CONFIG_H */
