/* SPDX-License-Identifier: MIT */

#include "configs.h"

#include <stdio.h>

#include "subject.h"

struct config_row {
    const char *codec;
    const char *encoder_name;
    const char *encoder_options;
    uint32_t weight; /* among those that may be chosen */
    uint32_t width;
    uint32_t height;
    wcenc_latency_mode latency_mode;
    wcenc_bitrate_mode bitrate_mode;
    wcenc_bitstream_format avc_format;
    uint32_t max_b_frames;
    bool takes_long;
};

static const struct config_row rows[] = {
    {"avc1.42001e", "libx264", "preset=ultrafast", 30, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"avc1.42001e", "libx264", "preset=ultrafast", 15, 128, 96, WCENC_LATENCY_REALTIME, 0, 1, 0, false},
    {"avc1.42001e", "libx264", "preset=ultrafast:rc-lookahead=3", 25, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 0, false},
    {"avc1.64001e", "libx264", "preset=ultrafast", 10, 64, 64, WCENC_LATENCY_REALTIME, WCENC_BITRATE_QUANTIZER, 0, 0,
     false},
    {"avc1.64001e", "libx264", "preset=ultrafast", 60, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 2, false},
    {"vp8", "libvpx", NULL, 5, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "libvpx-vp9", NULL, 4, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "libvpx-vp9", NULL, 4, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 0, false},
    {"hvc1.1.6.L63.B0", "libx265", "preset=ultrafast", 10, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, true},
    {"av01.0.00M.08", "libaom-av1", NULL, 10, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, true},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static uint32_t weights[ROW_COUNT], weights_in_order[ROW_COUNT]; /* without B-frames */

static wcenc_config config_of(const struct config_row *row)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = row->codec;
    config.encoder_name = row->encoder_name;
    config.encoder_options = row->encoder_options;
    config.width = row->width;
    config.height = row->height;
    config.latency_mode = row->latency_mode;
    config.bitrate_mode = row->bitrate_mode;
    config.avc_format = row->avc_format;
    config.max_b_frames = row->max_b_frames;
    config.threads = 1;
    return config;
}

static bool is_supported(const struct config_row *row)
{
    wcenc_config config = config_of(row);
    const wcenc_config_support *support;
    bool supported;

    if (wcenc_is_config_supported(&config, &support) != WCENC_OK)
        return false;
    supported = support->supported != 0;
    if (!supported)
        printf("left out: %s\n", support->reason);
    wcenc_config_support_unref(support);
    return supported;
}

void configs_find(bool all_codecs)
{
    for (int i = 0; i < ROW_COUNT; i++) {
        weights[i] = (all_codecs || !rows[i].takes_long) && is_supported(&rows[i]) ? rows[i].weight : 0;
        weights_in_order[i] = rows[i].max_b_frames ? 0 : weights[i];
    }
}

wcenc_config config_make(const struct subject *subject, struct random *random, enum config_kind *kind)
{
    const uint32_t *chosen = subject->reorders ? weights : weights_in_order;
    wcenc_config config = config_of(&rows[random_weighted(random, chosen, ROW_COUNT, sizeof chosen[0])]);

    *kind = CONFIG_VALID;
    if (config.bitrate_mode != WCENC_BITRATE_QUANTIZER && random_chance(random, 200))
        config.bitrate = 200000;
    if (random_chance(random, 80)) {
        *kind = CONFIG_UNSUPPORTED;
        config.codec = "bogus";
    } else if (random_chance(random, 30)) {
        *kind = CONFIG_INVALID;
        config.width = 0;
    }
    return config;
}
