/* SPDX-License-Identifier: MIT */

/*
 * The options of each encoder at each step of effort. Step 0 is the default of the latency mode. No step may delay more
 * frames than another, so lookahead and B-frames stay in the tables of encoders.
 */

#include "options.h"

#include <string.h>

#define IN_QUALITY  WHEN_QUALITY, WHEN_ANY_MODE, FOR_ALL
#define IN_REALTIME WHEN_REALTIME, WHEN_ANY_MODE, FOR_ALL
#define IN_BOTH     WHEN_ANY_LATENCY, WHEN_ANY_MODE, FOR_ALL

/* The same as for native-aom, whose table says what they save and cost. */
#define CHEAP_AOM_TOOLS                                                                                        \
    "gf-max-pyr-height=1:enable-rect-partitions=0:enable-ab-partitions=0:enable-1to4-partitions=0:"            \
    "enable-global-motion=0:enable-obmc=0:enable-dual-filter=0:enable-interintra-comp=0:enable-masked-comp=0:" \
    "enable-restoration=0:coeff-cost-upd-freq=3:mode-cost-upd-freq=3:mv-cost-upd-freq=3"
#define FEWER_AOM_TOOLS  CHEAP_AOM_TOOLS ":max-reference-frames=3:enable-tpl-model=0:reduced-tx-type-set=1"
#define FEWEST_AOM_TOOLS FEWER_AOM_TOOLS ":enable-warped-motion=0"

static const struct effort_row rows[] = {
    {"libx264", IN_QUALITY, "preset", {"veryfast", "faster", "medium", "slow", "slower"}},
    /* The other way to place B-frames holds back twelve frames, whatever the lookahead. */
    {"libx264", IN_QUALITY, "b_strategy", {"", "", "", "", "1"}},
    {"libx264", IN_REALTIME, "preset", {"ultrafast", "superfast", "superfast", "veryfast", "faster"}},
    /* More of them than one cost a tenth of the rate and gain less than 0.1 dB. */
    {"libx264", IN_REALTIME, "refs", {"1", "1", "1", "", ""}},
    {"libx264", IN_REALTIME, "subq", {"", "0", "", "", ""}},
    {"libx265", IN_QUALITY, "preset", {"superfast", "veryfast", "medium", "slow", "slower"}},
    /* Slow presets have more than small levels allow. */
    {"libx265", IN_QUALITY, "x265-params", {"", "", "", "ref={refs}", "ref={refs}"}},
    {"libx265", IN_REALTIME, "preset", {"ultrafast", "ultrafast", "ultrafast", "superfast", "veryfast"}},
    /* Faster than the fastest preset. */
    {"libx265", IN_REALTIME, "x265-params", {"max-merge=1:rd=1", "max-merge=1", "", "", ""}},
    {"libvpx", IN_QUALITY, "cpu-used", {"5", "3", "1", "0", "0"}},
    /* Slower than 0. */
    {"libvpx", IN_QUALITY, "deadline", {"", "", "", "", "best"}},
    {"libvpx", WHEN_QUALITY, WHEN_RATE, FOR_LAYERS, "deadline", {"", "", "", "", "realtime"}},
    /* In its realtime mode, which layers have in any case; 0 would adapt the speed to the clock. */
    {"libvpx", WHEN_QUALITY, WHEN_RATE, FOR_LAYERS, "cpu-used", {"-5", "-3", "-1", "-1", "-1"}},
    {"libvpx", IN_REALTIME, "cpu-used", {"-12", "-9", "-6", "-4", "-2"}},
    {"libvpx-vp9", IN_QUALITY, "cpu-used", {"5", "4", "2", "1", "0"}},
    {"libvpx-vp9", IN_REALTIME, "cpu-used", {"8", "8", "7", "6", "5"}},
    /* FFmpeg's option ends at 8. */
    {"libvpx-vp9", IN_REALTIME, "aq-mode", {"0", "", "", "", ""}},
    {"libaom-av1", IN_QUALITY, "cpu-used", {"6", "6", "6", "6", "5"}},
    /* 6 is the fastest in quality. */
    {"libaom-av1",
     IN_QUALITY,
     "aom-params",
     {FEWEST_AOM_TOOLS, FEWEST_AOM_TOOLS, FEWER_AOM_TOOLS, CHEAP_AOM_TOOLS, ""}},
    {"libaom-av1", IN_QUALITY, "lag-in-frames", {"0", "", "", "", ""}},
    {"libaom-av1", IN_REALTIME, "cpu-used", {"8", "8", "8", "7", "6"}},
    /* So it does here. */
    {"libaom-av1", IN_REALTIME, "aom-params", {"cpu-used=10", "cpu-used=9", "", "", ""}},
    {"librav1e", IN_BOTH, "speed", {"10", "10", "10", "8", "6"}},
    /* 10 is the fastest. Tiles are coded side by side, and motion is not looked for beyond them. */
    {"librav1e", IN_BOTH, "rav1e-params", {"tune=psnr", "tune=psnr", "", "", ""}},
    {"librav1e", IN_BOTH, "tiles", {"16", "", "", "", ""}},
    {"libsvtav1", IN_BOTH, "preset", {"10", "9", "8", "6", "5"}}, /* 10 is the fastest of newer versions */
    {"h264_nvenc", IN_BOTH, "preset", {"p1", "p2", "", "p6", "p7"}},
    {"hevc_nvenc", IN_BOTH, "preset", {"p1", "p2", "", "p6", "p7"}},
    {"av1_nvenc", IN_BOTH, "preset", {"p1", "p2", "", "p6", "p7"}},
    {"h264_qsv", IN_BOTH, "preset", {"veryfast", "fast", "", "slow", "veryslow"}},
    {"hevc_qsv", IN_BOTH, "preset", {"veryfast", "fast", "", "slow", "veryslow"}},
    {"vp9_qsv", IN_BOTH, "preset", {"veryfast", "fast", "", "slow", "veryslow"}},
    {"av1_qsv", IN_BOTH, "preset", {"veryfast", "fast", "", "slow", "veryslow"}},
    {"h264_vaapi", IN_BOTH, "compression_level", {"7", "6", "", "2", "1"}},
    {"hevc_vaapi", IN_BOTH, "compression_level", {"7", "6", "", "2", "1"}},
    {"vp8_vaapi", IN_BOTH, "compression_level", {"7", "6", "", "2", "1"}},
    {"vp9_vaapi", IN_BOTH, "compression_level", {"7", "6", "", "2", "1"}},
    {"av1_vaapi", IN_BOTH, "compression_level", {"7", "6", "", "2", "1"}},
    {"h264_amf", IN_BOTH, "quality", {"speed", "speed", "", "quality", "quality"}},
    {"hevc_amf", IN_BOTH, "quality", {"speed", "speed", "", "quality", "quality"}},
    {"av1_amf", IN_BOTH, "quality", {"speed", "speed", "", "quality", "quality"}},
};

const struct effort_row *wcenc__lavc_effort_row(const char *encoder, size_t n)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].encoder, encoder) == 0 && n-- == 0)
            return &rows[i];
    return NULL;
}
