/* SPDX-License-Identifier: MIT */

#include "content.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

#include "../process/check.h"

enum { ALIGNMENT = 64, PADDING = 64 /* libswscale reads whole vectors, beyond the last row */ };

static uint8_t *allocate(size_t size)
{
    void *block = NULL;

    CHECK_EQUAL(posix_memalign(&block, ALIGNMENT, size + PADDING), 0);
    return block;
}

static FILE *start_ffmpeg(const struct bench_size *size)
{
    char command[512];
    FILE *pipe;

    (void)snprintf(command, sizeof command,
                   "ffmpeg -v error -f lavfi -i testsrc2=size=%ux%u:rate=%d,noise=c0s=6:c0f=t -frames:v %d "
                   "-pix_fmt rgba -f rawvideo - </dev/null",
                   size->width, size->height, FRAMERATE, size->pictures);
    pipe = popen(command, "r");
    CHECK(pipe);
    return pipe;
}

/* All formats come from the same RGBA, I420 as the ffmpeg program makes it by itself: other figures are had with that.
 */
static struct SwsContext *create_scaler(const struct bench_size *size, const struct bench_format *format)
{
    const int width = (int)size->width, height = (int)size->height;
    struct SwsContext *scaler =
        sws_getContext(width, height, AV_PIX_FMT_RGBA, width, height, format->av_format, SWS_BICUBIC, NULL, NULL, NULL);

    CHECK(scaler);
    return scaler;
}

static void convert(struct SwsContext *scaler, const struct bench_size *size, const struct bench_format *format,
                    const uint8_t *rgba, uint8_t *out)
{
    const int width = (int)size->width, height = (int)size->height;
    const uint8_t *from[4] = {rgba};
    const int from_strides[4] = {width * 4};
    uint8_t *to[4];
    int to_strides[4];

    CHECK(av_image_fill_arrays(to, to_strides, out, format->av_format, width, height, 1) >= 0);
    CHECK_EQUAL(sws_scale(scaler, from, from_strides, 0, height, to, to_strides), height);
}

void content_open(struct content *content, const struct bench_size *size, const struct bench_format *format)
{
    const size_t rgba_size = case_picture_size(size, bench_format("RGBA"));
    FILE *ffmpeg = start_ffmpeg(size);
    struct SwsContext *scaler = create_scaler(size, format);
    uint8_t *rgba = allocate(rgba_size);

    content->count = size->pictures;
    content->picture_size = case_picture_size(size, format);
    content->pixels = allocate(content->picture_size * (size_t)content->count);
    for (int i = 0; i < content->count; i++) {
        CHECK_EQUAL((long long)fread(rgba, 1, rgba_size, ffmpeg), (long long)rgba_size);
        convert(scaler, size, format, rgba, content->pixels + (size_t)i * content->picture_size);
    }
    CHECK_EQUAL(pclose(ffmpeg), 0);
    sws_freeContext(scaler);
    free(rgba);
}

void content_read(struct content *content, const char *path, const struct bench_size *size,
                  const struct bench_format *format, int count)
{
    FILE *file = fopen(path, "re");
    size_t pictures;

    if (!file)
        check_failed(__FILE__, __LINE__, path);
    content->picture_size = case_picture_size(size, format);
    content->pixels = allocate(content->picture_size * (size_t)count);
    pictures = fread(content->pixels, content->picture_size, (size_t)count, file);
    content->count = (int)pictures;
    CHECK(content->count > 0);
    CHECK_EQUAL(fclose(file), 0);
}

void content_close(struct content *content)
{
    free(content->pixels);
    *content = (struct content){0};
}

const uint8_t *content_picture(const struct content *content, int64_t number)
{
    int64_t period = content->count > 1 ? 2 * (int64_t)content->count - 2 : 1;
    int64_t place = number % period;

    if (place >= content->count)
        place = period - place;
    return content->pixels + (size_t)place * content->picture_size;
}
