/* SPDX-License-Identifier: MIT */

/*
 * Temporal layers through libvpx, whose flags of a frame say what it reads and writes. FFmpeg has patterns of its own,
 * which a key frame that was asked for puts out of step.
 */

#include <inttypes.h>
#include <stdio.h>

#include <libavutil/dict.h>

#include "compiler.h"
#include "lavc.h"

/* libvpx's flags for a frame, as numbers: its headers are not needed for anything else. */
enum {
    NO_REF_LAST = 1 << 16,
    NO_REF_GOLDEN = 1 << 17,
    NO_WRITE_LAST = 1 << 18,
    NO_WRITE_ENTROPY = 1 << 20,
    NO_REF_ALTREF = 1 << 21,
    NO_WRITE_GOLDEN = 1 << 22,
    NO_WRITE_ALTREF = 1 << 23,
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
    const struct layer_pattern *pattern = wcenc__layer_pattern(config->temporal_layers);
    char rates[64] = "", ids[16] = "", decimators[16] = "";
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
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%u", i ? "," : "", pattern->steps[i].layer);
    used = 0;
    for (uint32_t layer = 0; layer < config->temporal_layers; layer++)
        used += (size_t)snprintf(decimators + used, sizeof decimators - used, "%s%u", layer ? "," : "",
                                 pattern->decimators[layer]);
    (void)snprintf(out, size,
                   "ts_number_layers=%u:ts_target_bitrate=%s:ts_rate_decimator=%s:ts_periodicity=%u:ts_layer_id=%s:"
                   "ts_layering_mode=0",
                   config->temporal_layers, rates, decimators, pattern->period, ids);
}

/* A key frame needs no flags. Probabilities are the base layer's: frames that may be left out must not change them. */
static uint32_t flags_of(const struct layer_step *step)
{
    static const struct {
        uint8_t buffer;
        uint32_t no_ref;
        uint32_t no_write;
    } buffers[] = {
        {LAYER_BUFFER_0, NO_REF_LAST, NO_WRITE_LAST},
        {LAYER_BUFFER_1, NO_REF_GOLDEN, NO_WRITE_GOLDEN},
    };
    uint32_t flags = NO_REF_ALTREF | NO_WRITE_ALTREF | (step->layer ? NO_WRITE_ENTROPY : 0u);

    for (size_t i = 0; i < ARRAY_LENGTH(buffers); i++) {
        flags |= step->references & buffers[i].buffer ? 0 : buffers[i].no_ref;
        flags |= step->updates & buffers[i].buffer ? 0 : buffers[i].no_write;
    }
    return flags;
}

bool wcenc__lavc_set_layer(struct lavc_backend *lavc, const struct backend_frame *frame)
{
    const bool is_key = frame->key || frame->index == 0;
    AVDictionary **metadata = &lavc->frame->metadata;

    if (!frame->step)
        return true;
    if (av_dict_set_int(metadata, "vp8-flags", is_key ? 0 : flags_of(frame->step), 0) < 0)
        return false;
    return !lavc->controls_layers || av_dict_set_int(metadata, "temporal_id", frame->step->layer, 0) >= 0;
}
