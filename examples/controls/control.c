/* SPDX-License-Identifier: MIT */

#include "control.h"

#include <stdlib.h>
#include <string.h>

void control_arguments(int argc, char **argv, int least, int most, const char *help)
{
    int is_asked_for = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);

    if (is_asked_for) {
        fputs(help, stdout);
        exit(EXIT_SUCCESS);
    }
    if (argc - 1 >= least && argc - 1 <= most)
        return;
    fputs(help, stderr);
    exit(EXIT_FAILURE);
}

wcenc_config control_config(const char *codec, uint64_t bitrate)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof(config));
    config.codec = codec;
    config.width = CONTROL_WIDTH;
    config.height = CONTROL_HEIGHT;
    config.framerate = CONTROL_RATE;
    config.bitrate = bitrate;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.threads = 1;                               /* the same bytes on machines with any number of CPUs */
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB; /* so that a file of H.264 needs nothing around the chunks */
    return config;
}

uint32_t control_capabilities(const wcenc_config *config)
{
    wcenc_config_support *support;
    uint32_t capabilities;

    check(wcenc_is_config_supported(config, &support), "support");
    if (!support->supported)
        fail("not supported", support->reason);
    printf("encoder: %s\n", support->encoder_name);
    capabilities = support->capabilities;
    wcenc_config_support_free(support);
    return capabilities;
}

/* The encoder is closed by now: the next encode or flush fails, and ends the program. */
static void on_error(void *user, const wcenc_error *error)
{
    (void)user;
    fprintf(stderr, "encoder: %s\n", error->message);
}

wcenc_encoder *control_start(const wcenc_config *config, wcenc_output_fn on_output, void *user)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;

    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.user = user;
    desc.on_output = on_output;
    desc.on_error = on_error;
    desc.queue_policy = WCENC_QUEUE_WAIT;
    desc.max_queued_frames = 8;
    check(wcenc_encoder_create(&desc, &encoder), "create");
    check(wcenc_encoder_configure(encoder, config), "configure");
    return encoder;
}

void control_draw(unsigned char rgba[CONTROL_BYTES], unsigned n)
{
    uint32_t noise = n;

    for (unsigned i = 0; i < CONTROL_BYTES; i += 4) {
        unsigned place = i / 4 % CONTROL_WIDTH + i / 4 / CONTROL_WIDTH + 2 * n;

        noise = noise * 1664525 + 1013904223;
        for (unsigned color = 0; color < 3; color++) {
            unsigned wave = (place << color) & 511; /* up to 255 and down again */
            rgba[i + color] = (unsigned char)((wave < 256 ? wave : 511 - wave) * 7 / 8 + (noise >> 27));
        }
        rgba[i + 3] = 255;
    }
}

wcenc_frame *control_frame(const unsigned char rgba[CONTROL_BYTES], unsigned n)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = CONTROL_WIDTH;
    desc.coded_height = CONTROL_HEIGHT;
    desc.data = rgba;
    desc.data_size = CONTROL_BYTES;
    desc.timestamp_us = (int64_t)n * 1000000 / CONTROL_RATE;
    check(wcenc_frame_create_copy(&desc, &frame), "frame");
    return frame;
}
