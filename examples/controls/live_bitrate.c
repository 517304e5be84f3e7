/* SPDX-License-Identifier: MIT */

/*
 * A bitrate that follows the network.
 *
 * Configuring again is all there is to it: frames that were accepted before keep the old bitrate, those after have the
 * new one. With WCENC_CAPABILITY_LIVE_BITRATE the stream goes on as it was; without it the encoder restarts with a
 * key chunk, which a receiver decodes like any other, but which costs many bits where there may be few.
 */

#include <stdlib.h>

#include "control.h"

static const char help[] = "usage: live_bitrate FILE.h264\n"
                           "Writes nine seconds of H.264 whose bitrate changes every three, and prints\n"
                           "for each second the bitrate that was asked for and the one that came out.\n";

enum { RATE_SECONDS = 3, RATES = 3, SECONDS = RATES * RATE_SECONDS };

static const uint64_t rates[RATES] = {800000, 300000, 1200000};

struct app {
    struct video_file file;
    uint64_t bits[SECONDS];
    unsigned key_chunks;
};

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct app *app = user;
    int64_t timestamp_us = wcenc_chunk_get_timestamp_us(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);

    (void)metadata; /* with Annex B the chunks themselves have what a decoder needs */
    video_file_write(&app->file, timestamp_us, wcenc_chunk_get_data(chunk), size);
    app->bits[timestamp_us / 1000000] += 8 * size;
    app->key_chunks += wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
}

static void encode(wcenc_encoder *encoder, unsigned n)
{
    static unsigned char rgba[CONTROL_BYTES];
    wcenc_frame *frame;

    control_draw(rgba, n);
    frame = control_frame(rgba, n);
    check(wcenc_encoder_encode(encoder, frame, NULL), "encode");
    wcenc_frame_unref(frame); /* the encoder has a reference of its own */
}

static void report(const struct app *app)
{
    for (unsigned second = 0; second < SECONDS; second++)
        printf("second %u: %4.0f kb/s asked, %4.0f kb/s measured\n", second,
               (double)rates[second / RATE_SECONDS] / 1000, (double)app->bits[second] / 1000);
    printf("%u key chunks\n", app->key_chunks);
}

int main(int argc, char **argv)
{
    struct app app = {0};
    wcenc_encoder *encoder;
    wcenc_config config;
    int is_live;

    control_arguments(argc, argv, 1, 1, help);
    config = control_config("avc1.42001e", rates[0]);
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    is_live = (control_capabilities(&config) & WCENC_CAPABILITY_LIVE_BITRATE) != 0;
    printf("a new bitrate %s\n", is_live ? "takes effect while the stream runs" : "begins with a key chunk");
    video_file_open(&app.file, argv[1], NULL, CONTROL_WIDTH, CONTROL_HEIGHT);
    encoder = control_start(&config, on_output, &app);
    for (unsigned n = 0; n < SECONDS * CONTROL_RATE; n++) {
        if (n > 0 && n % (RATE_SECONDS * CONTROL_RATE) == 0) {
            config.bitrate = rates[n / (RATE_SECONDS * CONTROL_RATE)];
            check(wcenc_encoder_configure(encoder, &config), "configure");
        }
        encode(encoder, n);
    }
    check(wcenc_encoder_flush(encoder), "flush"); /* every callback has returned: what they counted can be read */
    wcenc_encoder_destroy(encoder);
    video_file_close(&app.file);
    report(&app);
    return EXIT_SUCCESS;
}
