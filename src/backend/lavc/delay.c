/* SPDX-License-Identifier: MIT */

/* How many frames an encoder holds back, and how far it looks ahead. */

#include "options.h"

static uint32_t held_beside_lookahead(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    return encoder->held_beside_lookahead + (config->threads - 1) * encoder->held_per_thread +
           config->given.max_b_frames * encoder->held_per_b_frame;
}

uint32_t wcenc__lavc_lookahead(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint32_t requested = config->given.max_delay_frames;
    uint32_t beside = held_beside_lookahead(encoder, config);

    if (requested == 0 || requested >= encoder->lookahead + beside)
        return encoder->lookahead;
    return requested > beside ? requested - beside : 0;
}

/* Whether the caller's options may change how far the encoder looks ahead. */
static bool options_touch_lookahead(const char *options)
{
    static const char *const keys[] = {"rc-lookahead", "lag-in-frames", "x264-params",  "x264opts", "x264-opts",
                                       "x265-params",  "aom-params",    "rav1e-params", "bf",       "svtav1-params",
                                       "threads",      "tune",          "la-depth",     NULL};

    return wcenc__lavc_options_name(options, keys);
}

uint32_t wcenc__lavc_frames_held(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    if (config->given.latency_mode == WCENC_LATENCY_REALTIME || config->temporal_layers > 1)
        return 0;
    if (options_touch_lookahead(config->given.encoder_options))
        return encoder->lookahead_max + held_beside_lookahead(encoder, config) + 32;
    return encoder->lookahead ? wcenc__lavc_lookahead(encoder, config) + held_beside_lookahead(encoder, config) : 0;
}
