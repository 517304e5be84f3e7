/* SPDX-License-Identifier: MIT */

#include "native_rate.h"

#include <limits.h>
#include <math.h>

static double frames_per_second(struct rational framerate)
{
    return (double)framerate.numerator / framerate.denominator;
}

struct rational wcenc__native_framerate(const struct encoder_config *config)
{
    const double framerate = frames_per_second(config->framerate);

    if (framerate < NATIVE_MIN_FRAMERATE || framerate > NATIVE_MAX_FRAMERATE)
        return (struct rational){30, 1};
    return config->framerate;
}

unsigned long wcenc__native_frame_duration(const struct encoder_config *config)
{
    return (unsigned long)lround(NATIVE_TICKS / frames_per_second(wcenc__native_framerate(config)));
}

unsigned wcenc__native_kilobits(const struct encoder_config *config, struct rational counted)
{
    const double most = INT_MAX / 2000;
    const double kilobits =
        (double)config->bitrate / 1000 * frames_per_second(counted) / frames_per_second(config->framerate);

    return config->bitrate ? (unsigned)lround(fmin(fmax(kilobits, 1), most)) : 0;
}

/* Steps are of 4 up to 244; the last two are 249 and 255. */
unsigned wcenc__native_quantizer_step(int32_t quantizer)
{
    if (quantizer > 251)
        return 63;
    if (quantizer > 246)
        return 62;
    return quantizer > 241 ? 61 : ((unsigned)quantizer + 2) / 4;
}

bool wcenc__native_check_size(const char *encoder, const wcenc_config *given, uint32_t max_height,
                              struct failure *failure)
{
    /* As many samples as FFmpeg lets a picture have: memory is asked for by pixels. */
    const uint64_t row = given->width * UINT64_C(8) + 1024;

    if (row * (given->height + UINT64_C(128)) >= INT32_MAX)
        return wcenc__refuse(failure, "height is %u, %s allows %u at a width of %u", given->height, encoder,
                             (unsigned)((INT32_MAX - 1) / row - 128), given->width);
    if (max_height && given->height > max_height)
        return wcenc__refuse(failure, "%s: height is %u, the encoder allows %u", encoder, given->height,
                             (unsigned)max_height);
    return true;
}
