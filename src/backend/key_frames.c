/* SPDX-License-Identifier: MIT */

#include "key_frames.h"

#include <math.h>

uint32_t wcenc__key_frame_percent(struct rational framerate, uint32_t step)
{
    const double percent = (double)step * framerate.numerator / framerate.denominator;

    return (uint32_t)fmin(fmax(percent, 300), 100000);
}
