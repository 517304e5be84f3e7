/* SPDX-License-Identifier: MIT */

/*
 * How large a picture may become. OpenH264 has memory for so many bytes of a picture as it has samples, and needs half
 * of the last slice beside that where it has one thread. It writes on beyond that with CABAC and in threads, and ends
 * the encoder otherwise. Noise of full contrast is as large below a quantizer of 20 to 33. Half of the contrast makes
 * as much less of it as six steps of the quantizer. Ordinary pictures are far from that.
 */

#include <math.h>
#include <stdlib.h>

#include "openh264.h"
#include "pixel_format.h"

static uint64_t row_difference(const uint8_t *a, const uint8_t *b, uint32_t count)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += (uint32_t)abs(a[i] - b[i]);
    return sum;
}

double wcenc__openh264_activity(const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    uint64_t sum = 0, samples = 0;

    for (int plane = 0; plane < 3; plane++) {
        const uint32_t width = wcenc__plane_width(format, plane, picture->width);
        const uint32_t height = wcenc__plane_height(format, plane, picture->height);
        const uint8_t *row = picture->planes[plane];

        for (uint32_t y = 0; y < height; y++, row += picture->strides[plane]) {
            sum += row_difference(row, row + 1, width - 1);
            sum += y > 0 ? row_difference(row, row - picture->strides[plane], width) : 0;
        }
        samples += (uint64_t)width * height;
    }
    return (double)sum / (2.0 * (double)samples);
}

int32_t wcenc__openh264_finest_quantizer(const SEncParamExt *parameters, double activity)
{
    enum { FULL_CONTRAST = 128, STEPS_OF_HALF = 6 };
    /* Of noise, so that a part of the memory is left: of CAVLC and CABAC, in one slice, in several, and in threads. */
    static const uint8_t of_noise[2][3] = {{36, 30, 26}, {33, 27, 23}};
    const bool has_slices = parameters->sSpatialLayers[0].sSliceArgument.uiSliceNum > 1;
    const bool has_threads = parameters->iMultipleThreadIdc > 1;
    const double least = of_noise[parameters->iEntropyCodingModeFlag != 0][has_slices + has_threads] +
                         STEPS_OF_HALF * log2(fmax(activity, 1) / FULL_CONTRAST);

    return (int32_t)ceil(fmax(least, 0));
}
