/* SPDX-License-Identifier: MIT */

/*
 * Pictures that one can see through.
 *
 * With WCENC_ALPHA_KEEP the alpha is coded beside the colours, as a stream of the same codec whose luma is the alpha.
 * Each chunk has its part of it in the metadata, which is key where the chunk is. A player decodes both and blends;
 * WebM has a place for the second stream (BlockAdditions), here each has a file of its own.
 *
 * The colours are coded as they are, not multiplied by the alpha. They should therefore go on where nothing is to be
 * seen: an edge there would cost bits, and its blur would show along the edge of the alpha.
 */

#include <stdlib.h>

#include "control.h"

static const char help[] = "usage: alpha COLORS.ivf ALPHA.ivf\n"
                           "Encodes two seconds of a disc that is half transparent and moves, with VP9:\n"
                           "the colours to one file, the alpha to the other. Prints where the disc was,\n"
                           "and what each frame has cost.\n";

enum { FRAMES = 2 * CONTROL_RATE, RADIUS = 60, DISC_ALPHA = 160 };

struct files {
    struct video_file colors;
    struct video_file alpha;
};

struct point {
    int x, y;
};

/* To the right, and down and up again. */
static struct point disc_center(unsigned n)
{
    int way = (int)n, down = way < FRAMES / 2 ? way : FRAMES - way;

    return (struct point){.x = 80 + way * 160 / FRAMES, .y = 90 + 2 * down};
}

static void draw(unsigned char rgba[CONTROL_BYTES], unsigned n)
{
    struct point center = disc_center(n);

    control_draw(rgba, n);
    for (int i = 0; i < CONTROL_WIDTH * CONTROL_HEIGHT; i++) {
        int x = i % CONTROL_WIDTH - center.x, y = i / CONTROL_WIDTH - center.y;
        rgba[4 * i + 3] = x * x + y * y < RADIUS * RADIUS ? DISC_ALPHA : 0;
    }
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct files *files = user;
    int64_t timestamp_us = wcenc_chunk_get_timestamp_us(chunk);
    struct point center = disc_center((unsigned)wcenc_chunk_get_user_tag(chunk));

    printf("%.6f s: disc at %d,%d, %zu bytes of colours, %zu of alpha\n", (double)timestamp_us / 1e6, center.x,
           center.y, wcenc_chunk_get_byte_length(chunk), metadata->alpha_side_data_size);
    video_file_write(&files->colors, timestamp_us, wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk));
    video_file_write(&files->alpha, timestamp_us, metadata->alpha_side_data, metadata->alpha_side_data_size);
}

static void encode_all(wcenc_encoder *encoder)
{
    static unsigned char rgba[CONTROL_BYTES];
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof(options));
    for (unsigned n = 0; n < FRAMES; n++) {
        wcenc_frame *frame;

        draw(rgba, n);
        frame = control_frame(rgba, n);
        options.user_tag = n;
        check(wcenc_encoder_encode(encoder, frame, &options), "encode");
        wcenc_frame_unref(frame); /* the encoder has a reference of its own */
    }
    check(wcenc_encoder_flush(encoder), "flush");
}

int main(int argc, char **argv)
{
    struct files files;
    wcenc_encoder *encoder;
    wcenc_config config;

    control_arguments(argc, argv, 2, 2, help);
    config = control_config("vp09.00.10.08", 1000000);
    config.alpha = WCENC_ALPHA_KEEP;
    control_capabilities(&config); /* alpha that is kept is supported only where it can be */
    video_file_open(&files.colors, argv[1], "VP90", CONTROL_WIDTH, CONTROL_HEIGHT);
    video_file_open(&files.alpha, argv[2], "VP90", CONTROL_WIDTH, CONTROL_HEIGHT);
    encoder = control_start(&config, on_output, &files);
    encode_all(encoder);
    wcenc_encoder_destroy(encoder);
    video_file_close(&files.colors);
    video_file_close(&files.alpha);
    return EXIT_SUCCESS;
}
