/* SPDX-License-Identifier: MIT */

/*
 * Tuning libvpx is changing rows. The same promises as with other encoders: no alternative reference that would make
 * two packets of a frame, no dropping of frames.
 */

#include "vpx_table.h"

#include <stddef.h>

const struct vpx_row wcenc__vpx_rows[] = {
    {VPX_BOTH, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "deadline", "good"},
    {VPX_BOTH, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "deadline", "realtime"},
    /*
     * Slower speeds save little in quality. Of a photograph that moves and of synthetic motion, VP8 at 0 takes 1.3 and
     * 1.1 times as long and saves 3 and 1 % of the bytes, VP9 at 1 takes 1.3 and 1.9 times as long and saves 2 and 4 %.
     * The next faster ones need 5 and 1 % more bytes (VP8), 4 and 8 % (VP9).
     */
    {VPX_VP8, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", "1"},
    {VPX_VP8, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", "-6"},
    {VPX_VP9, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", "2"},
    /*
     * Chromium uses speed 7 and aq-mode 3. With them VP9 at 720p was as good as Chromium's at equal bytes. Speed 8
     * without aq-mode lost 0.4 dB on a photograph and on a desktop, and 3 dB on a still picture.
     */
    {VPX_VP9, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", "7"},
    /* "good" encodes frames that are too large again, and none that are too small: layers came to 0.81. */
    {VPX_VP8, VPX_IN_QUALITY, VPX_RATE, VPX_FOR_STEPS, "deadline", "realtime"},
    {VPX_VP8, VPX_IN_QUALITY, VPX_RATE, VPX_FOR_STEPS, "cpu-used", "-1"},
    {VPX_VP8, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "static-thresh", "1"},

    {VPX_BOTH, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "lag-in-frames", "{lookahead}"},
    {VPX_VP8, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "auto-alt-ref", "0"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "auto-alt-ref", "{alt_ref}"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "threads", "{threads}"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "tile-columns", "{tile_columns}"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "row-mt", "1"},
    /* Probabilities follow the pictures: a tenth of a decibel, at no cost to encoders. */
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "frame-parallel", "0"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "aq-mode", "0"},
    {VPX_VP9, VPX_IN_REALTIME, VPX_RATE, VPX_FOR_ALL, "aq-mode", "3"},
    /* A still picture then takes half of its bits and less, and no difference is seen. */
    {VPX_BOTH, VPX_IN_REALTIME, VPX_RATE, VPX_FOR_ALL, "qmin", "{quantizer_min}"},
    /* Larger key frames gain decibels, but delay a slow link. */
    {VPX_BOTH, VPX_IN_REALTIME, VPX_RATE, VPX_FOR_ALL, "max-intra-rate", "{key_percent}"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "kf-min-dist", "{key_distance_min}"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "kf-max-dist", "{key_distance_max}"},

    {VPX_BOTH, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_ALL, "target-bitrate", "{kilobits}"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_CONSTANT | VPX_CONSTANT_QUALITY, VPX_FOR_ALL, "buf-sz", "1000"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_CONSTANT | VPX_CONSTANT_QUALITY, VPX_FOR_ALL, "buf-optimal-sz", "600"},
    {VPX_VP8, VPX_ANY_LATENCY, VPX_CONSTANT, VPX_FOR_ALL, "buf-initial-sz", "1000"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_CONSTANT, VPX_FOR_ALL, "buf-initial-sz", "700"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_CONSTANT, VPX_FOR_ALL, "undershoot-pct", "100"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_CONSTANT, VPX_FOR_ALL, "overshoot-pct", "15"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_VARIABLE, VPX_FOR_ALL, "buf-sz", "2000"},
    {VPX_BOTH, VPX_ANY_LATENCY, VPX_VARIABLE, VPX_FOR_ALL, "buf-optimal-sz", "1666"},

    {VPX_BOTH, VPX_ANY_LATENCY, VPX_CONSTANT_QUALITY, VPX_FOR_ALL, "crf", "{quality}"},
    /* By itself VP8 codes key frames far better, as the bitrate allows. */
    {VPX_VP8, VPX_ANY_LATENCY, VPX_CONSTANT_QUALITY, VPX_FOR_ALL, "qmin", "{quality}"},
    {VPX_VP8, VPX_ANY_LATENCY, VPX_CONSTANT_QUALITY, VPX_FOR_NO_CAP, "qmax", "{quality}"},

    {VPX_VP8, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_SCREEN, "screen-content-mode", "1"},
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_SCREEN, "tune-content", "screen"},
    /* Frames that are left out take nothing with them that later ones would read. */
    {VPX_VP9, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_STEPS, "error-resilient", "1"},
    /* Otherwise it is kept in the golden buffer every now and then, unasked. */
    {VPX_VP8, VPX_ANY_LATENCY, VPX_ANY_MODE, VPX_FOR_MANUAL, "error-resilient", "1"},
    {0, 0, 0, 0, NULL, NULL},
};

const struct vpx_effort wcenc__vpx_efforts[] = {
    {VPX_VP8, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", {"5", "3", "", "0", "0"}},
    /* Slower than 0. */
    {VPX_VP8, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "deadline", {"", "", "", "", "best"}},
    {VPX_VP8, VPX_IN_QUALITY, VPX_RATE, VPX_FOR_STEPS, "deadline", {"", "", "", "", "realtime"}},
    /* In the realtime mode, which layers have in any case; 0 would adapt the speed to the clock. */
    {VPX_VP8, VPX_IN_QUALITY, VPX_RATE, VPX_FOR_STEPS, "cpu-used", {"-5", "-3", "-1", "-1", "-1"}},
    {VPX_VP8, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", {"-12", "-9", "", "-4", "-2"}},
    {VPX_VP9, VPX_IN_QUALITY, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", {"5", "4", "", "1", "0"}},
    {VPX_VP9, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "cpu-used", {"9", "8", "", "6", "5"}},
    /* 9 is the fastest. So probabilities are not fitted to each picture. */
    {VPX_VP9, VPX_IN_REALTIME, VPX_ANY_MODE, VPX_FOR_ALL, "frame-parallel", {"1", "", "", "", ""}},
    {0, 0, 0, 0, NULL, {NULL}},
};

/* Stacks are those of the same libraries under libavcodec, twice what four threads were seen to need. */
static const struct vpx_encoder vp8 = {
    .codec = VPX_VP8,
    .modes = VPX_RATE | VPX_CONSTANT_QUALITY,
    /* Its threads wait for one another in busy loops: a frame can take seconds where another process has the CPU. */
    .default_threads_max = 1,
    .thread_stack_kb = 96,
    .key_step = 20,
    .quantizer_min = {.at_rest = 8, .least = 4},
};
static const struct vpx_encoder vp9 = {
    .codec = VPX_VP9,
    .modes = VPX_ANY_MODE,
    .thread_stack_kb = 128,
    .lookahead = 16,
    .quantizer_min = {.at_rest = 8, .at_rest_if_variable = 3},
    .key_step = 25,      /* with 20 a still picture lost 0.6 dB */
    .max_height = 65535, /* from 1.15 on it codes no frame of more */
};

const struct vpx_encoder *wcenc__vpx_encoder(enum codec_family family)
{
    return family == CODEC_VP8 ? &vp8 : &vp9;
}
