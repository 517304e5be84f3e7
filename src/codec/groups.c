/* SPDX-License-Identifier: MIT */

/* Memory that the frames of parallel groups need. */

#include "config.h"

static uint64_t frame_bytes(const struct encoder_config *config)
{
    const uint64_t width = config->given.width, height = config->given.height;
    const uint64_t chroma_width = config->codec.chroma == CHROMA_444 ? width : (width + 1) / 2;
    const uint64_t chroma_height = config->codec.chroma == CHROMA_420 ? (height + 1) / 2 : height;
    uint64_t samples = width * height;

    if (config->codec.chroma != CHROMA_400)
        samples += 2 * chroma_width * chroma_height;
    if (config->given.alpha == WCENC_ALPHA_KEEP)
        samples += width * height;
    return config->codec.bit_depth > 8 ? 2 * samples : samples;
}

static uint64_t multiply_saturating(uint64_t a, uint64_t b)
{
    return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

uint64_t wcenc__config_group_bytes(const struct encoder_config *config)
{
    return multiply_saturating(frame_bytes(config), config->key_interval);
}

uint64_t wcenc__config_groups_bytes(const struct encoder_config *config)
{
    return multiply_saturating(wcenc__config_group_bytes(config), config->given.parallel_groups);
}
