/* SPDX-License-Identifier: MIT */

#include "sample.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

int check(int result, const char *what)
{
    if (result < 0)
        fail(what, wcenc_last_error());
    return result;
}

int check_system(int result, const char *what)
{
    if (result < 0)
        fail(what, strerror(errno));
    return result;
}

/* Little-endian, as IVF has it. The file remembers an error until it is closed. */
static void put(FILE *file, uint64_t value, int bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        fputc((int)(value & 0xff), file);
}

void sample_open(struct sample *sample, int argc, char **argv, wcenc_config *config)
{
    const wcenc_config_support *support;

    if (argc != 2)
        fail("usage", "the program takes the name of the file to write");
    sample->file = fopen(argv[1], "wb");
    check_system(sample->file ? 0 : -1, argv[1]);

    wcenc_config_init(config, sizeof(*config));
    config->codec = "avc1.42001e";
    config->avc_format = WCENC_BITSTREAM_ANNEXB;
    config->width = SAMPLE_WIDTH;
    config->height = SAMPLE_HEIGHT;
    config->framerate = SAMPLE_RATE;
    config->bitrate = 1000000;
    config->latency_mode = WCENC_LATENCY_REALTIME;
    check(wcenc_is_config_supported(config, &support), "support");
    sample->is_ivf = !support->supported;
    wcenc_config_support_unref(support);
    if (!sample->is_ivf)
        return;
    config->codec = "vp8";
    fwrite("DKIF\0\0\40\0VP80", 1, 12, sample->file);
    put(sample->file, SAMPLE_WIDTH, 2);
    put(sample->file, SAMPLE_HEIGHT, 2);
    put(sample->file, 1000000, 4); /* times are in microseconds */
    put(sample->file, 1, 4);
    put(sample->file, 0, 8); /* how many frames will come is not known */
}

wcenc_frame *sample_picture(unsigned n)
{
    static unsigned char rgba[SAMPLE_WIDTH * SAMPLE_HEIGHT * 4];
    wcenc_frame_init init;
    wcenc_frame *frame;

    for (unsigned i = 0; i < sizeof(rgba); i++) { /* stripes, wider for each colour, that move to the left */
        unsigned x = i / 4 % SAMPLE_WIDTH, y = i / 4 / SAMPLE_WIDTH, color = i % 4;
        rgba[i] = (unsigned char)(color == 3 ? 255 : (x + y + 4 * n) << 1 >> color);
    }
    wcenc_frame_init_init(&init, sizeof(init));
    init.format = WCENC_PIXEL_FORMAT_RGBA;
    init.coded_width = SAMPLE_WIDTH;
    init.coded_height = SAMPLE_HEIGHT;
    init.data = rgba;
    init.data_size = sizeof(rgba);
    init.timestamp_us = (int64_t)n * 1000000 / SAMPLE_RATE;
    check(wcenc_frame_create_copy(&init, &frame), "frame");
    return frame;
}

void sample_write(struct sample *sample, const wcenc_chunk *chunk)
{
    if (sample->is_ivf) {
        put(sample->file, wcenc_chunk_byte_length(chunk), 4);
        put(sample->file, (uint64_t)wcenc_chunk_timestamp_us(chunk), 8);
    }
    fwrite(wcenc_chunk_data(chunk), 1, wcenc_chunk_byte_length(chunk), sample->file);
}

void sample_close(struct sample *sample, uint64_t frames, uint64_t chunks, uint64_t drops)
{
    int has_failed = ferror(sample->file);

    if (fclose(sample->file) || has_failed)
        fail("file", "could not be written");
    printf("%" PRIu64 " frames, %" PRIu64 " chunks, %" PRIu64 " dropped\n", frames, chunks, drops);
}
