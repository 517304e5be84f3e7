/* SPDX-License-Identifier: MIT */

/*
 * Tuning libaom is changing rows. The same promises as with other encoders: packets of one frame that is shown, no
 * dropping of frames.
 */

#include "aom_table.h"

#include <stddef.h>

#define ALWAYS      AOM_ANY_LATENCY, AOM_ANY_MODE, AOM_FOR_ALL
#define IN_QUALITY  AOM_IN_QUALITY, AOM_ANY_MODE, AOM_FOR_ALL
#define IN_REALTIME AOM_IN_REALTIME, AOM_ANY_MODE, AOM_FOR_ALL

const struct aom_row wcenc__aom_rows[] = {
    {IN_QUALITY, "usage", "good"},
    {IN_REALTIME, "usage", "realtime"},
    {IN_QUALITY, "cpu-used", "6"},
    {IN_REALTIME, "cpu-used", "{realtime_speed}"},
    /* Layers and references that frames choose are of the realtime usage. */
    {AOM_IN_QUALITY, AOM_ANY_MODE, AOM_FOR_LAYERS | AOM_FOR_MANUAL, "usage", "realtime"},
    {AOM_IN_QUALITY, AOM_ANY_MODE, AOM_FOR_LAYERS | AOM_FOR_MANUAL, "cpu-used", "7"},

    {ALWAYS, "lag-in-frames", "{lookahead}"},
    {ALWAYS, "threads", "{threads}"},
    {ALWAYS, "tile-columns", "{tile_columns}"},
    {ALWAYS, "row-mt", "1"},
    {ALWAYS, "kf-min-dist", "{key_distance_min}"},
    {ALWAYS, "kf-max-dist", "{key_distance_max}"},
    {IN_REALTIME, "aq-mode", "cyclic"},
    /* A quantizer of each frame is that of all its blocks. */
    {AOM_ANY_LATENCY, AOM_QUANTIZER, AOM_FOR_ALL, "aq-mode", "none"},
    {AOM_ANY_LATENCY, AOM_QUANTIZER, AOM_FOR_ALL, "deltaq-mode", "0"},

    /* Tools and searches that cost realtime more than they gain. */
    {IN_REALTIME, "cdf-update-mode", "1"},
    {IN_REALTIME, "coeff-cost-upd-freq", "3"},
    {IN_REALTIME, "mode-cost-upd-freq", "3"},
    {IN_REALTIME, "mv-cost-upd-freq", "3"},
    {IN_REALTIME, "dv-cost-upd-freq", "3"},
    {IN_REALTIME, "enable-obmc", "0"},
    {IN_REALTIME, "enable-warped-motion", "0"},
    {IN_REALTIME, "enable-global-motion", "0"},
    {IN_REALTIME, "enable-ref-frame-mvs", "0"},
    /* It reads motion of frames that may be left out. */
    {AOM_ANY_LATENCY, AOM_ANY_MODE, AOM_FOR_MANUAL, "enable-ref-frame-mvs", "0"},

    {ALWAYS, "target-bitrate", "{kilobits}"},
    /* A still picture then takes a quarter of its bits of a constant bitrate, and no difference is seen. */
    {AOM_IN_REALTIME, AOM_RATE, AOM_FOR_ALL, "qmin", "{quantizer_min}"},
    {AOM_IN_REALTIME, AOM_RATE, AOM_FOR_ALL, "qmax", "{quantizer_max}"},
    {AOM_IN_REALTIME, AOM_CONSTANT, AOM_FOR_ALL, "max-intra-rate", "{key_percent}"},
    /* Quantizer 0 is lossless, which libaom has not in layers: an assertion ends the process. */
    {AOM_IN_QUALITY, AOM_RATE, AOM_FOR_LAYERS, "qmin", "2"},
    /* Upper layers have few bits. */
    {AOM_ANY_LATENCY, AOM_RATE, AOM_FOR_LAYERS, "qmax", "63"},
    {AOM_ANY_LATENCY, AOM_CONSTANT | AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "buf-sz", "1000"},
    {AOM_ANY_LATENCY, AOM_CONSTANT | AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "buf-initial-sz", "600"},
    {AOM_ANY_LATENCY, AOM_CONSTANT | AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "buf-optimal-sz", "600"},
    {AOM_ANY_LATENCY, AOM_CONSTANT | AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "undershoot-pct", "50"},
    {AOM_ANY_LATENCY, AOM_CONSTANT | AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "overshoot-pct", "50"},
    {AOM_ANY_LATENCY, AOM_RATE, AOM_FOR_LAYERS, "undershoot-pct", "100"},
    {AOM_ANY_LATENCY, AOM_VARIABLE, AOM_FOR_ALL, "buf-sz", "2000"},
    {AOM_ANY_LATENCY, AOM_VARIABLE, AOM_FOR_ALL, "buf-initial-sz", "1333"},
    {AOM_ANY_LATENCY, AOM_VARIABLE, AOM_FOR_ALL, "buf-optimal-sz", "1666"},

    {AOM_ANY_LATENCY, AOM_CONSTANT_QUALITY, AOM_FOR_ALL, "crf", "{quality}"},
    /* In realtime it comes near the quality under a cap as the finest that a constant bitrate may have only. */
    {AOM_IN_REALTIME, AOM_CONSTANT_QUALITY, AOM_FOR_CAP, "qmin", "{quality}"},

    {AOM_ANY_LATENCY, AOM_ANY_MODE, AOM_FOR_SCREEN | AOM_FOR_TOOLS, "tune-content", "screen"},
    {0, 0, 0, NULL, NULL},
};

const struct aom_effort wcenc__aom_efforts[] = {
    {IN_QUALITY, "cpu-used", {"", "", "", "", "5"}},
    {AOM_IN_QUALITY, AOM_ANY_MODE, AOM_FOR_LAYERS | AOM_FOR_MANUAL, "cpu-used", {"9", "8", "7", "6", "5"}},
    /*
     * In quality 6 is the fastest speed. The rows below take step 0 to 0.7 to 0.8 of its CPU time; docs/performance.md
     * has the curves. Figures are bytes at equal PSNR, of a photograph that moves and of synthetic motion.
     */
    /* One layer of hidden frames for four: 0.84 and 0.98 of the bytes, at 0.9 to 1.1 of the CPU time. */
    {IN_QUALITY, "gf-max-pyr-height", {"1", "1", "1", "1", ""}},
    /* These twelve save a tenth of the CPU time, for 3 % more bytes. */
    {IN_QUALITY, "enable-rect-partitions", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-ab-partitions", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-1to4-partitions", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-global-motion", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-obmc", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-dual-filter", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-interintra-comp", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-masked-comp", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "enable-restoration", {"0", "0", "0", "0", ""}},
    {IN_QUALITY, "coeff-cost-upd-freq", {"3", "3", "3", "3", ""}},
    {IN_QUALITY, "mode-cost-upd-freq", {"3", "3", "3", "3", ""}},
    {IN_QUALITY, "mv-cost-upd-freq", {"3", "3", "3", "3", ""}},
    /* With the other two below they save a sixth of the CPU time, and lose 0.2 to 0.4 dB. */
    {IN_QUALITY, "max-reference-frames", {"3", "3", "3", "", ""}},
    /* Where layers or the caller choose the references, all of them stay allowed, as libaom has it. */
    {AOM_IN_QUALITY, AOM_ANY_MODE, AOM_FOR_LAYERS | AOM_FOR_MANUAL, "max-reference-frames", {"7", "7", "7", "7", "7"}},
    {IN_QUALITY, "enable-tpl-model", {"0", "0", "0", "", ""}},
    {IN_QUALITY, "reduced-tx-type-set", {"1", "1", "1", "", ""}},
    /* Warped motion saves a quarter of the bytes where a picture zooms or turns. */
    {IN_QUALITY, "enable-warped-motion", {"0", "0", "", "", ""}},
    {IN_QUALITY, "auto-alt-ref", {"0", "", "", "", ""}},
    {IN_REALTIME, "cpu-used", {"10", "10", "", "8", "7"}},
    {IN_REALTIME, "aq-mode", {"none", "", "", "", ""}},
    {0, 0, 0, NULL, {NULL}},
};
