/* SPDX-License-Identifier: MIT */

/*
 * A program that decides itself how well each frame is coded.
 *
 * With WCENC_BITRATE_QUANTIZER no bitrate is kept: a frame is coded with the quantizer in its encode options, and costs
 * what it costs. This is for programs with a rate control of their own, or that know which frames matter. Here every
 * fourth does: it is coded well, and those in between, which are predicted from it, with few bits.
 */

#include <stdlib.h>

#include "control.h"

static const char help[] = "usage: frame_quantizer FILE.h264\n"
                           "Writes two seconds of H.264, each frame with a quantizer of its own, and\n"
                           "prints what each has cost.\n";

enum { FRAMES = 2 * CONTROL_RATE, PERIOD = 4 };

/* From 0 to 51 for H.264, lower is better. */
static uint32_t quantizer_of(unsigned n)
{
    if (n == 0)
        return 20; /* all that follows rests on it */
    return n % PERIOD == 0 ? 26 : 32;
}

/* The tag comes back with the chunk of its frame, so that nobody has to keep a list of what was asked for. */
static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct video_file *file = user;
    int64_t timestamp_us = wcenc_chunk_get_timestamp_us(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);

    printf("%.6f s: %5zu bytes, quantizer %u\n", (double)timestamp_us / 1e6, size, (unsigned)metadata->quantizer);
    if (metadata->quantizer != wcenc_chunk_get_user_tag(chunk))
        fail("quantizer", "the encoder used another than the frame's");
    video_file_write(file, timestamp_us, wcenc_chunk_get_data(chunk), size);
}

static void encode(wcenc_encoder *encoder, unsigned n)
{
    static unsigned char rgba[CONTROL_BYTES];
    wcenc_encode_options options;
    wcenc_frame *frame;

    control_draw(rgba, n);
    frame = control_frame(rgba, n);
    wcenc_encode_options_init(&options, sizeof(options));
    options.has_quantizer = 1;
    options.quantizer = quantizer_of(n);
    options.user_tag = options.quantizer;
    check(wcenc_encoder_encode(encoder, frame, &options), "encode");
    wcenc_frame_unref(frame); /* the encoder has a reference of its own */
}

int main(int argc, char **argv)
{
    struct video_file file;
    wcenc_encoder *encoder;
    wcenc_config config;

    control_arguments(argc, argv, 1, 1, help);
    config = control_config("avc1.42001e", 0);
    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    if (!(control_capabilities(&config) & WCENC_CAPABILITY_FRAME_QUANTIZER))
        fail("not supported", "the encoder takes no quantizer for each frame");
    video_file_open(&file, argv[1], NULL, CONTROL_WIDTH, CONTROL_HEIGHT);
    encoder = control_start(&config, on_output, &file);
    for (unsigned n = 0; n < FRAMES; n++)
        encode(encoder, n);
    check(wcenc_encoder_flush(encoder), "flush"); /* every chunk is in the file now */
    wcenc_encoder_destroy(encoder);
    video_file_close(&file);
    return EXIT_SUCCESS;
}
