/* SPDX-License-Identifier: MIT */

#include "sample.h"

#include <inttypes.h>

void sample_open(struct sample *sample, int argc, char **argv, wcenc_config *config)
{
    wcenc_config_support *support;
    const char *ivf_codec = NULL;

    if (argc != 2)
        fail("usage", "the program takes the name of the file to write");
    wcenc_config_init(config, sizeof(*config));
    config->codec = "avc1.42001e";
    config->bitstream_format = WCENC_BITSTREAM_ANNEXB;
    config->width = SAMPLE_WIDTH;
    config->height = SAMPLE_HEIGHT;
    config->framerate = SAMPLE_RATE;
    config->bitrate = 1000000;
    config->latency_mode = WCENC_LATENCY_REALTIME;
    check(wcenc_is_config_supported(config, &support), "support");
    if (!support->supported) {
        config->codec = "vp8";
        ivf_codec = "VP80";
    }
    wcenc_config_support_free(support);
    video_file_open(&sample->file, argv[1], ivf_codec, SAMPLE_WIDTH, SAMPLE_HEIGHT);
}

wcenc_frame *sample_picture(unsigned n)
{
    static unsigned char rgba[SAMPLE_WIDTH * SAMPLE_HEIGHT * 4];
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    for (unsigned i = 0; i < sizeof(rgba); i++) { /* stripes, wider for each colour, that move to the left */
        unsigned x = i / 4 % SAMPLE_WIDTH, y = i / 4 / SAMPLE_WIDTH, color = i % 4;
        rgba[i] = (unsigned char)(color == 3 ? 255 : (x + y + 4 * n) << 1 >> color);
    }
    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = SAMPLE_WIDTH;
    desc.coded_height = SAMPLE_HEIGHT;
    desc.data = rgba;
    desc.data_size = sizeof(rgba);
    desc.timestamp_us = (int64_t)n * 1000000 / SAMPLE_RATE;
    check(wcenc_frame_create_copy(&desc, &frame), "frame");
    return frame;
}

void sample_write(struct sample *sample, const wcenc_chunk *chunk)
{
    video_file_write(&sample->file, wcenc_chunk_get_timestamp_us(chunk), wcenc_chunk_get_data(chunk),
                     wcenc_chunk_get_byte_length(chunk));
}

void sample_close(struct sample *sample, uint64_t frames, uint64_t chunks, uint64_t drops)
{
    video_file_close(&sample->file);
    printf("%" PRIu64 " frames, %" PRIu64 " chunks, %" PRIu64 " dropped\n", frames, chunks, drops);
}
