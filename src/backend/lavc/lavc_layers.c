/* SPDX-License-Identifier: MIT */

/*
 * Temporal layers through libvpx: which buffers of the decoder each frame of the pattern reads and writes. FFmpeg has
 * patterns of its own, which a key frame that was asked for puts out of step; these are told frame by frame.
 *
 * A frame of the base layer reads and writes LAST. Above it nothing is written that a lower layer reads, probabilities
 * included, so that a receiver may leave out all frames of a layer and those above it. Of three layers the middle one
 * writes GOLDEN, for the top layer's frame after it.
 */

#include <inttypes.h>
#include <stdio.h>

#include <libavutil/dict.h>

#include "compiler.h"
#include "lavc.h"

/* libvpx's flags for a frame, as numbers: its headers are not needed for anything else. */
enum {
    NO_REF_GOLDEN = 1 << 17,
    NO_WRITE_LAST = 1 << 18,
    NO_WRITE_ENTROPY = 1 << 20,
    NO_REF_ALTREF = 1 << 21,
    NO_WRITE_GOLDEN = 1 << 22,
    NO_WRITE_ALTREF = 1 << 23,

    BASE = NO_REF_GOLDEN | NO_REF_ALTREF | NO_WRITE_GOLDEN | NO_WRITE_ALTREF,
    MIDDLE = NO_REF_GOLDEN | NO_REF_ALTREF | NO_WRITE_LAST | NO_WRITE_ALTREF | NO_WRITE_ENTROPY,
    TOP = NO_REF_GOLDEN | NO_REF_ALTREF | NO_WRITE_LAST | NO_WRITE_GOLDEN | NO_WRITE_ALTREF | NO_WRITE_ENTROPY,
    TOP_AFTER_MIDDLE = TOP & ~NO_REF_GOLDEN,
};

enum { PERIOD_MAX = 4 };

struct pattern {
    uint32_t period;
    struct {
        uint8_t layer;
        uint32_t flags;
    } frames[PERIOD_MAX];
    const char *decimators;                      /* of the frame rate, by layer */
    uint8_t percents[WCENC_TEMPORAL_LAYERS_MAX]; /* of the bitrate, for a layer and all below it */
};

/* By the number of layers. */
static const struct pattern patterns[WCENC_TEMPORAL_LAYERS_MAX + 1] = {
    [2] = {2, {{0, BASE}, {1, TOP}}, "2,1", {60, 100}},
    [3] = {4, {{0, BASE}, {2, TOP}, {1, MIDDLE}, {2, TOP_AFTER_MIDDLE}}, "4,2,1", {40, 60, 100}},
};

/*
 * For VP9 that is libvpx's SVC mode, which rounds odd sizes up, finds the result too large and prints that for each
 * frame. There the flags of frames make the layers, and the bitrate is that of all of them.
 */
bool wcenc__lavc_controls_layers(const struct encoder_config *config)
{
    bool is_even = config->given.width % 2 == 0 && config->given.height % 2 == 0;

    return config->temporal_layers > 1 && (config->codec.family != CODEC_VP9 || is_even);
}

void wcenc__lavc_layer_parameters(const struct encoder_config *config, int64_t bitrate, char *out, size_t size)
{
    const struct pattern *pattern = &patterns[config->temporal_layers];
    char rates[64] = "", ids[16] = "";
    int64_t last = 0;
    size_t used = 0;

    /* In thousands, and each more than the one below. */
    for (uint32_t layer = 0; layer < config->temporal_layers; layer++) {
        int64_t rate = bitrate * pattern->percents[layer] / 100 / 1000;

        last = rate > last ? rate : last + 1;
        used += (size_t)snprintf(rates + used, sizeof rates - used, "%s%" PRId64, layer ? "," : "", last);
    }
    used = 0;
    for (uint32_t i = 0; i < pattern->period; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%u", i ? "," : "", pattern->frames[i].layer);
    (void)snprintf(out, size,
                   "ts_number_layers=%u:ts_target_bitrate=%s:ts_rate_decimator=%s:ts_periodicity=%u:ts_layer_id=%s:"
                   "ts_layering_mode=0",
                   config->temporal_layers, rates, pattern->decimators, pattern->period, ids);
}

bool wcenc__lavc_set_layer(struct lavc_backend *lavc, const struct backend_frame *frame)
{
    const struct pattern *pattern = &patterns[lavc->temporal_layers];
    const bool is_key = frame->key || frame->index == 0;
    AVDictionary **metadata = &lavc->frame->metadata;
    uint32_t place;

    if (lavc->temporal_layers < 2)
        return true;
    if (is_key)
        lavc->pattern_start = frame->index;
    place = (uint32_t)((frame->index - lavc->pattern_start) % pattern->period);
    lavc->layers[frame->index % (int64_t)ARRAY_LENGTH(lavc->layers)] = pattern->frames[place].layer;
    if (av_dict_set_int(metadata, "vp8-flags", is_key ? 0 : pattern->frames[place].flags, 0) < 0)
        return false;
    return !lavc->controls_layers || av_dict_set_int(metadata, "temporal_id", pattern->frames[place].layer, 0) >= 0;
}

uint32_t wcenc__lavc_layer(const struct lavc_backend *lavc, int64_t index)
{
    return lavc->layers[index % (int64_t)ARRAY_LENGTH(lavc->layers)];
}
