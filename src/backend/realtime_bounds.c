/* SPDX-License-Identifier: MIT */

#include "realtime_bounds.h"

#include <math.h>

uint32_t wcenc__key_frame_percent(struct rational framerate, uint32_t step)
{
    const double percent = (double)step * framerate.numerator / framerate.denominator;

    return (uint32_t)fmin(fmax(percent, 450), 100000);
}

uint32_t wcenc__quantizer_min(const struct encoder_config *config, const struct quantizer_min *min)
{
    enum { PIXELS_OF_A_BIT = 5 };
    const double pixels = (double)config->given.width * config->given.height;
    const double frame_bits = (double)config->bitrate * config->framerate.denominator / config->framerate.numerator;
    const bool may_vary = config->given.bitrate_mode == WCENC_BITRATE_VARIABLE;

    if (frame_bits * PIXELS_OF_A_BIT >= pixels)
        return min->least;
    return may_vary && min->at_rest_if_variable ? min->at_rest_if_variable : min->at_rest;
}

unsigned wcenc__quantizer_min_within(unsigned min, unsigned of_tables, unsigned max)
{
    return min == of_tables && max < min ? max : min;
}
