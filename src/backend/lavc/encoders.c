/* SPDX-License-Identifier: MIT */

/*
 * The encoders as data: one row each, with the options for every latency and bitrate mode; those for speed stand in
 * effort.c. Values that depend on the configuration stand as {name}. Adding an encoder, or tuning one, is changing
 * rows.
 *
 * thread_stack_kb is twice what four threads were seen to need with noise of 640x368, in steps of 32: libaom 192,
 * libx264 72, libvpx 64 (VP9) and 48 (VP8). libx265 has threads in any case, which took less than 48; librav1e and
 * libsvtav1 give theirs a size.
 *
 * All of them: no scene cut or alternative reference that would make two packets of a frame, key frames that are random
 * access points, no dropping of frames.
 */

#include "options.h"

#include <string.h>

static const struct lavc_encoder encoders[] = {
    {
        .name = "libx264",
        .quantizer_report = REPORTS_QUANTIZER,
        .leaves_range_out = true,
        .modes = WHEN_ANY_MODE,
        .latencies = WHEN_ANY_LATENCY,
        .even_size = true,
        .thread_stack_kb = 128,
        /* With times it would hold back a frame for the next one's, which realtime does not allow. */
        .clocks = {{WHEN_QUALITY, WHEN_ANY_MODE, COUNTS_TIME}, {WHEN_REALTIME, WHEN_RATE, COUNTS_BITRATES}},
        .min_size = 2,
        /* Below 1 it codes without loss, in another profile. */
        .qualities = {{0, 1}, {1, 1}, {51, 51}},
        .lookahead = 30,
        .held_beside_lookahead = 2,
        .held_per_thread = 1,
        .held_per_b_frame = 2,
        .lookahead_max = 250,
        .quantizer_min = {.at_rest = 16},
        .live_buffer_ms = 600,
        .rows =
            {
                {WHEN_REALTIME, WHEN_ANY_MODE, "tune", "zerolatency"},
                /* A key frame takes half of what its buffer holds, and the first one was a quarter of a second's bits
                   where that began fuller. */
                {WHEN_REALTIME, WHEN_CONSTANT, "x264-params", "vbv-init=0.4"},
                /* With it text is coarse: at the lowest quantizer of a frame a quarter of the bits was left unspent. */
                {WHEN_REALTIME, WHEN_RATE, "aq-mode", "0"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "rc-lookahead", "{lookahead}"},
                /* The tools make the profile. x264's own option for it prints what it dislikes. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "coder", "{coder}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "8x8dct", "{8x8dct}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "weightp", "{weightp}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "level", "{level}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "refs", "{refs}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bf", "{b_frames}"},
                /* B-frames as references take a buffer of four frames, which small levels do not have. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b-pyramid", "{b_pyramid}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "sc_threshold", "0", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "forced-idr", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                /* With AVX-512 its macroblock tree differs from run to run, if there are B-frames and the width is not
                   a multiple of 128. AVX2 takes 4 % more CPU time. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "x264-params", "{x264_instructions}", FOR_GROUPS},
                /* Always with a buffer: it is what makes x264 take on a new bitrate while running. */
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "maxrate", "{max_rate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_REALTIME, WHEN_RATE, "qmin", "{quantizer_min}"},
                /* It takes on a new average only where that is the maximum too; the buffer is larger all the same. */
                {WHEN_REALTIME, WHEN_VARIABLE, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "maxrate", "{max_rate}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "bufsize", "{buffer_size}", FOR_CAP},
                /* A base of 26 with nothing that moves it, so that a region of interest sets the quantizer exactly. */
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "crf", "26"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "aq-mode", "1"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "aq-strength", "0.01"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "x264-params", "qcomp=1:ipratio=1:pbratio=1:mbtree=0:qpmin=0"},
            },
    },
    {
        .name = "libx265",
        .quantizer_report = REPORTS_QUANTIZER_OF_8_BITS,
        .modes = WHEN_ANY_MODE,
        .latencies = WHEN_ANY_LATENCY,
        .even_size = true,
        .ends_before_libraries = true,
        .key_interval_min = 2, /* 1 would be a profile of still pictures */
        .min_size = 16,
        .lookahead = 20,
        .held_beside_lookahead = 4,
        .held_per_thread = 1,
        .held_per_b_frame = 2,
        .lookahead_max = 250,
        .rows =
            {
                {WHEN_REALTIME, WHEN_ANY_MODE, "tune", "zerolatency"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "profile", "{profile}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "forced-idr", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval_2}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "x265-params", "scenecut=0", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bf", "{b_frames}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "maxrate", "{max_rate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "x265-params",
                 "log-level=none:high-tier={tier}:pools={threads}:open-gop=0:info=0"},
                /* By itself it has the more the more CPUs there are, and another stream with each number. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "x265-params", "frame-threads=1", FOR_GROUPS},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "maxrate", "{max_rate}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "bufsize", "{buffer_size}", FOR_CAP},
                /* With a level it keeps the level's bitrate whatever the quantizers say; without, it writes the lowest.
                 */
                {WHEN_ANY_LATENCY, WHEN_RATE, "x265-params", "level-idc={level}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "x265-params", "level-idc={level}", FOR_CAP},
                {WHEN_QUALITY, WHEN_ANY_MODE, "x265-params", "rc-lookahead={lookahead}"},
                /* It writes beyond its memory where pictures are narrower than a block of its lookahead and more. */
                {WHEN_QUALITY, WHEN_ANY_MODE, "x265-params", "{cutree}"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "crf", "26"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "x265-params",
                 "aq-mode=1:aq-strength=0.01:qcomp=1:ipratio=1:pbratio=1:cutree=0"},
            },
    },
    {
        .name = "libvpx",
        .quantizer_report = REPORTS_QUANTIZER,
        .modes = WHEN_RATE | WHEN_CONSTANT_QUALITY,
        .latencies = WHEN_ANY_LATENCY,
        .lookahead_max = 25,
        /* Its threads wait for one another in busy loops: a frame can take seconds where another process has the CPU.
         */
        .default_threads_max = 1,
        .thread_stack_kb = 96,
        .has_whole_qualities = true,
        /* FFmpeg's own is more than libvpx's buffers can be counted in. */
        .no_cap = 200000000,
        .min_framerate = 5,
        .max_framerate = 120,
        .clocks = {{WHEN_ANY_LATENCY, WHEN_ANY_MODE, COUNTS_TIME}},
        .min_size = 1,
        .key_step = 20,
        .quantizer_min = {.at_rest = 8, .least = 4},
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "deadline", "good"},
                /* "good" encodes frames that are too large again, and none that are too small: layers came to 0.81. */
                {WHEN_QUALITY, WHEN_RATE, "deadline", "realtime", FOR_LAYERS},
                {WHEN_REALTIME, WHEN_ANY_MODE, "deadline", "realtime"},
                /* VP8 cannot hide a frame in another, so that an alternative reference would be a chunk of its own. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "auto-alt-ref", "0"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                /* By itself it codes key frames far better, as the bitrate allows. */
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "qmin", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "qmax", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "qmax", "63", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "b", "{no_cap}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "b", "{bitrate}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_REALTIME, WHEN_RATE, "qmin", "{quantizer_min}"},
                {WHEN_REALTIME, WHEN_RATE, "max-intra-rate", "{key_percent}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "bufsize", "{buffer_size}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_LAYERS | FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "keyint_min", "{no_key_interval}", FOR_LAYERS | FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "ts-parameters", "{layers}", FOR_LAYERS},
            },
    },
    {
        .name = "libvpx-vp9",
        .modes = WHEN_RATE | WHEN_CONSTANT_QUALITY,
        .latencies = WHEN_ANY_LATENCY,
        .thread_stack_kb = 128,
        .has_whole_qualities = true,
        .min_framerate = 5,
        .max_framerate = 120,
        .clocks = {{WHEN_ANY_LATENCY, WHEN_ANY_MODE, COUNTS_TIME}},
        .min_size = 1,
        .max_height = 65535, /* from 1.15 on it codes no frame of more */
        .lookahead = 16,
        .held_beside_lookahead = 1,
        .lookahead_max = 25,
        .key_step = 25,
        .quantizer_min = {.at_rest = 8, .at_rest_if_variable = 3},
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "deadline", "good"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "lag-in-frames", "{lookahead}"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "auto-alt-ref", "1"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "deadline", "realtime"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "aq-mode", "3"},
                /* Probabilities follow the pictures: a tenth of a decibel, at no cost to encoders. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "frame-parallel", "0"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "row-mt", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tile-columns", "{tile_columns}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "b", "{bitrate}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_REALTIME, WHEN_RATE, "qmin", "{quantizer_min}"},
                {WHEN_REALTIME, WHEN_RATE, "max-intra-rate", "{key_percent}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "bufsize", "{buffer_size}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tune-content", "screen", FOR_SCREEN},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_LAYERS | FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "keyint_min", "{no_key_interval}", FOR_LAYERS | FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "ts-parameters", "{layers}", FOR_LAYERS},
                /* Of layers libvpx controls a constant rate only: a variable one comes to many times what was asked. */
                {WHEN_ANY_LATENCY, WHEN_VARIABLE, "minrate", "{bitrate}", FOR_LAYERS},
                {WHEN_ANY_LATENCY, WHEN_VARIABLE, "maxrate", "{bitrate}", FOR_LAYERS},
                /* Frames that are left out take nothing with them that later ones would read. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "error-resilient", "default", FOR_LAYERS},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "lag-in-frames", "0", FOR_LAYERS},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "auto-alt-ref", "0", FOR_LAYERS},
            },
    },
    {
        .name = "libaom-av1",
        .modes = WHEN_RATE | WHEN_CONSTANT_QUALITY,
        .latencies = WHEN_ANY_LATENCY,
        .has_global_state = true,
        .constant_is_unsafe_in_ffmpeg_7 = true,
        .has_no_durations_in_ffmpeg_8 = true,
        .thread_stack_kb = 384,
        .has_whole_qualities = true,
        .min_framerate = 5,
        .max_framerate = 120,
        /* In quality it plans in frames what it sees ahead, and comes to 0.72 of a constant rate at 5 a second. */
        .clocks = {{WHEN_REALTIME, WHEN_ANY_MODE, COUNTS_TIME}},
        .min_size = 1,
        .max_height = 32768, /* it crashes above */
        .lookahead = 19,
        .held_beside_lookahead = 2,
        .lookahead_max = 48,
        .key_step = 15,
        .quantizer_min = {.at_rest = 8, .least = 2},
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "usage", "good"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "lag-in-frames", "{lookahead}"},
                /* Newer versions plan a constant rate over what they see ahead, and come to 0.81 to 0.93 of it. */
                {WHEN_QUALITY, WHEN_CONSTANT, "lag-in-frames", "0"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "usage", "realtime"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "aq-mode", "3"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "row-mt", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tile-columns", "{tile_columns}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "keyint_min", "{no_key_interval}", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "b", "{bitrate}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_REALTIME, WHEN_CONSTANT, "qmin", "{quantizer_min}"},
                {WHEN_REALTIME, WHEN_CONSTANT, "aom-params", "max-intra-rate={key_percent}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "bufsize", "{buffer_size}", FOR_CAP},
                /* In realtime it comes near the quality under a cap as the finest that a constant bitrate may have
                   only. */
                {WHEN_REALTIME, WHEN_CONSTANT_QUALITY, "minrate", "{bitrate}", FOR_CAP},
                {WHEN_REALTIME, WHEN_CONSTANT_QUALITY, "maxrate", "{bitrate}", FOR_CAP},
                {WHEN_REALTIME, WHEN_CONSTANT_QUALITY, "qmin", "{quality}", FOR_CAP},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "aom-params", "tune-content=screen", FOR_SCREEN | FOR_TOOLS},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "aom-params", "{aom_chroma_location}"},
            },
    },
    {
        .name = "librav1e",
        .modes = WHEN_VARIABLE | WHEN_CONSTANT_QUALITY,
        .latencies = WHEN_QUALITY,
        .has_no_cap = true,
        .has_whole_qualities = true,
        /* It counts in the steps of the bitstream, of which the codec's scale is a table. */
        .qualities = {{0, 0}, {61, 244}, {62, 249}, {63, 255}},
        .min_framerate = 5,
        .max_framerate = 120,
        .min_size = 16,
        .lookahead = 40,
        .held_beside_lookahead = 20,
        .lookahead_max = 250,
        .rows =
            {
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "rav1e-params", "low_latency=true:rdo_lookahead_frames={lookahead}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tiles", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                /* The least and the most together may be no more. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "1000000", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "keyint_min", "1000000", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "qp", "{quality}"},
            },
    },
    {
        .name = "libsvtav1",
        .modes = WHEN_RATE | WHEN_CONSTANT_QUALITY,
        .latencies = WHEN_QUALITY,
        .has_global_state = true,
        .raises_priorities = true,
        .rounds_key_interval = true,
        .ends_before_libraries = true,
        .needs_frame_to_close = true,
        .has_whole_qualities = true,
        .qualities = {{0, 1}, {1, 1}, {63, 63}}, /* 0 is none to FFmpeg */
        .min_framerate = 5,
        .max_framerate = 120,
        .min_size = 64,
        .lookahead = 33,
        .held_beside_lookahead = 40,
        .lookahead_max = 120,
        .rows =
            {
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "svtav1-params", "lp={threads}"},
                /* Constant bitrate it has without reordering only, and then it takes no maximum. */
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "svtav1-params", "rc=2:pred-struct=1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "svtav1-params", "scm=1", FOR_SCREEN},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{no_key_interval}", FOR_ALPHA},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "crf", "{quality}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT_QUALITY, "maxrate", "{bitrate}", FOR_CAP},
            },
    },
};

const struct lavc_encoder *wcenc__lavc_encoder(const char *name)
{
    const struct lavc_encoder *encoder;

    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++)
        if (strcmp(encoders[i].name, name) == 0)
            return &encoders[i];
    for (size_t n = 0; (encoder = wcenc__lavc_hardware_encoder(n)); n++)
        if (strcmp(encoder->name, name) == 0)
            return encoder;
    return NULL;
}
