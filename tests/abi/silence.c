/* SPDX-License-Identifier: MIT */

/*
 * Opens, uses and ends every available encoder in every way that might make one print: supported configurations, those
 * that are not, options that are wrong, with each delivery and with frames dropped. It prints nothing itself; what was
 * done is written to the file that it is given.
 *
 * libsvtav1 is left out: it prints by itself at every open, which is why it is chosen by name only.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <wcenc/wcenc.h>

enum { WIDTH = 128, HEIGHT = 96, FRAMES = 8 };

static uint8_t pixels[WIDTH * HEIGHT * 4];
static int chunks, supported, refused, dropped, completed;
static FILE *report;

struct codec {
    const char *encoder_name;
    const char *codec;
};

static const struct codec codecs[] = {
    {"libx264", "avc1.64001f"},
    {"libx265", "hvc1.1.6.L93.B0"},
    {"libvpx", "vp8"},
    {"libvpx-vp9", "vp09.00.31.08"},
    {"libaom-av1", "av01.0.04M.08"},
    {"librav1e", "av01.0.04M.08"},
    {NULL, "avc1.42001e"},
    {NULL, "hev1.1.6.L93.B0"},
    {NULL, "av01.0.04M.08"},
    {"libvpx-vp9", "vp09.02.31.10"},
    {"native-vpx", "vp8"}, /* of a build with libvpx */
    {"native-vpx", "vp09.00.31.08"},
    {"native-vpx", "vp09.02.31.10"},
    {"native-aom", "av01.0.04M.08"}, /* of a build with libaom */
    {"native-aom", "av01.0.04M.10"},
    {"native-openh264", "avc1.42001f"}, /* of a build with OpenH264 */
    {"native-openh264", "avc1.64001f"},
    {"libx264", "avc1.f4001f"},
    {"libx265", "hvc1.2.4.L93.B0"},
    {"no such encoder", "avc1.42001e"},
    {"libx264", "vp8"},
    {NULL, "bogus"},
};

/* What one run has that a plain one has not. */
struct variant {
    const char *options; /* of the encoder */
    void (*change)(wcenc_config *config);
    wcenc_pixel_format format; /* NONE: RGBA */
};

static void realtime(wcenc_config *config)
{
    config->latency_mode = WCENC_LATENCY_REALTIME;
    config->bitrate = 300000;
    config->bitrate_mode = WCENC_BITRATE_CONSTANT;
}

static void quantizer(wcenc_config *config)
{
    config->bitrate_mode = WCENC_BITRATE_QUANTIZER;
    config->bitstream_format = WCENC_BITSTREAM_ANNEXB;
}

static void b_frames(wcenc_config *config)
{
    config->max_b_frames = 2;
    config->key_interval = 3;
    config->threads = 2;
    config->display_width = WIDTH * 2;
    config->display_height = HEIGHT;
}

static void alpha(wcenc_config *config)
{
    config->alpha = WCENC_ALPHA_KEEP;
}

static void layers(wcenc_config *config)
{
    config->scalability_mode = "L1T2";
}

static void odd(wcenc_config *config)
{
    config->width = 97;
    config->height = 51;
}

static void odd_layers(wcenc_config *config)
{
    odd(config);
    config->scalability_mode = "L1T3";
}

static void tiny(wcenc_config *config)
{
    config->width = 1;
    config->height = 1;
}

static void huge(wcenc_config *config)
{
    config->width = 16384;
    config->height = 16384;
}

static void fast(wcenc_config *config)
{
    config->framerate = 1000;
    config->bitrate = UINT64_MAX / 2;
}

static void starved(wcenc_config *config)
{
    config->bitrate = 1;
    config->framerate = 0.01;
}

static void wide_color(wcenc_config *config)
{
    config->color_space.primaries = WCENC_COLOR_PRIMARIES_BT2020;
    config->color_space.transfer = WCENC_COLOR_TRANSFER_PQ;
    config->color_space.matrix = WCENC_COLOR_MATRIX_BT2020_NCL;
    config->color_space.range = WCENC_COLOR_RANGE_FULL;
}

static void hardware(wcenc_config *config)
{
    config->hardware_acceleration = WCENC_HARDWARE_PREFER_HARDWARE;
}

static const struct variant variants[] = {
    {NULL, NULL, 0},
    {NULL, realtime, WCENC_PIXEL_FORMAT_I420},
    {NULL, quantizer, WCENC_PIXEL_FORMAT_NV12},
    {NULL, b_frames, 0},
    {NULL, alpha, 0},
    {NULL, layers, 0},
    {NULL, odd, 0},
    {NULL, odd_layers, 0},
    {NULL, tiny, 0},
    {NULL, huge, 0},
    {NULL, fast, 0},
    {NULL, starved, 0},
    {NULL, wide_color, WCENC_PIXEL_FORMAT_I444},
    {NULL, hardware, 0},
    {"preset=nonsense", NULL, 0},
    {"tune=nonsense", NULL, 0},
    {"profile=nonsense", NULL, 0},
    {"crf=nonsense", NULL, 0},
    {"crf=1000:b=-5", NULL, 0},
    {"cpu-used=99:speed=99", NULL, 0},
    {"deadline=nonsense", NULL, 0},
    {"nonsense=1", NULL, 0},
    {"preset", NULL, 0},
    {"=:=", NULL, 0},
    {"x264-params=nonsense=1", NULL, 0},
    {"x265-params=nonsense=1", NULL, 0},
    {"aom-params=nonsense=1", NULL, 0},
    {"rav1e-params=nonsense=1", NULL, 0},
};

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)user;
    (void)chunk;
    (void)metadata;
    chunks++;
}

static void on_error(void *user, const wcenc_error *error)
{
    (void)user;
    (void)error;
    refused++;
}

static void on_log(void *user, wcenc_log_level level, const char *message)
{
    (void)user;
    (void)level;
    (void)message;
}

static void on_drop(void *user, const wcenc_drop *drop)
{
    (void)user;
    (void)drop;
    dropped++;
}

static void on_done(void *user, wcenc_status status)
{
    (void)user;
    (void)status;
    completed++;
}

static void pump(wcenc_encoder *encoder)
{
    while (wcenc_encoder_pump(encoder, 0, 0, NULL) == WCENC_OK)
        ;
}

static void receive(wcenc_encoder *encoder)
{
    wcenc_event *event = NULL;

    while (wcenc_encoder_receive(encoder, 0, &event) == WCENC_OK) {
        switch (event->type) {
        case WCENC_EVENT_OUTPUT:
            chunks++;
            break;
        case WCENC_EVENT_ERROR:
            refused++;
            break;
        case WCENC_EVENT_DROP:
            dropped++;
            break;
        default:
            completed += event->type != WCENC_EVENT_DEQUEUE;
            break;
        }
        wcenc_event_free(event);
    }
}

static void take_nothing(wcenc_encoder *encoder)
{
    (void)encoder;
}

/* How results are had, by the values of wcenc_delivery. */
static const struct {
    wcenc_output_fn on_output;
    wcenc_error_fn on_error;
    wcenc_drop_fn on_drop;
    wcenc_done_fn on_done;
    void (*take)(wcenc_encoder *encoder);
} deliveries[] = {
    {on_output, on_error, on_drop, on_done, take_nothing},
    {on_output, on_error, on_drop, on_done, pump},
    {NULL, NULL, NULL, NULL, receive},
};

enum { DELIVERIES = sizeof deliveries / sizeof deliveries[0] };

static wcenc_encoder *create(wcenc_delivery delivery, int logs)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder = NULL;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.delivery = delivery;
    desc.on_output = deliveries[delivery].on_output;
    desc.on_error = deliveries[delivery].on_error;
    desc.on_drop = deliveries[delivery].on_drop;
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST;
    desc.max_queued_frames = FRAMES;
    if (logs) {
        desc.log = on_log;
        desc.log_level = WCENC_LOG_DEBUG;
    }
    return wcenc_encoder_create(&desc, &encoder) == WCENC_OK ? encoder : NULL;
}

static void encode(wcenc_encoder *encoder, wcenc_pixel_format format, int number)
{
    wcenc_frame_desc desc;
    wcenc_encode_options options;
    wcenc_frame *frame = NULL;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format ? format : WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = number * 33333;
    if (wcenc_frame_create_copy(&desc, &frame) != WCENC_OK)
        return;
    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = number == 5;
    (void)wcenc_encoder_encode(encoder, frame, &options);
    wcenc_frame_unref(frame);
}

/* Everything that waits for nothing, more frames than the queue takes, and away in the middle of it. */
static void leave(wcenc_encoder *encoder, const wcenc_config *config, wcenc_delivery delivery,
                  wcenc_pixel_format format)
{
    wcenc_stats stats;

    (void)wcenc_encoder_reset(encoder);
    (void)wcenc_encoder_configure(encoder, config);
    for (int i = 0; i < FRAMES * 3 / 2; i++)
        encode(encoder, format, i);
    (void)wcenc_encoder_flush_async(encoder, deliveries[delivery].on_done, NULL);
    (void)wcenc_encoder_flush_timeout(encoder, 1000);
    deliveries[delivery].take(encoder);
    wcenc_stats_init(&stats, sizeof stats);
    (void)wcenc_encoder_get_stats(encoder, &stats);
    (void)wcenc_encoder_get_event_fd(encoder);
    (void)wcenc_encoder_close_async(encoder, deliveries[delivery].on_done, NULL);
    deliveries[delivery].take(encoder);
    wcenc_encoder_destroy(encoder);
}

/* The whole life of an encoder; returns 0 if a call did what it never may. */
static int run(const wcenc_config *config, wcenc_delivery delivery, wcenc_pixel_format format, int logs)
{
    wcenc_encoder *encoder = create(delivery, logs);

    if (!encoder)
        return 0;

    wcenc_status status = wcenc_encoder_configure(encoder, config);

    for (int i = 0; i < FRAMES; i++)
        encode(encoder, format, i);
    if (status == WCENC_OK)
        status = wcenc_encoder_flush(encoder);
    deliveries[delivery].take(encoder);
    leave(encoder, config, delivery, format);
    return status == WCENC_OK || status < 0;
}

/* Asks, and encodes whatever the answer was. */
static int try_config(const struct codec *codec, const struct variant *variant, int number)
{
    wcenc_config_support *support = NULL;
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = codec->codec;
    config.encoder_name = codec->encoder_name;
    config.encoder_options = variant->options;
    config.width = WIDTH;
    config.height = HEIGHT;
    if (variant->change)
        variant->change(&config);
    if (wcenc_is_config_supported(&config, &support) == WCENC_OK && support->supported)
        supported++;
    wcenc_config_support_free(support);

    return run(&config, number % DELIVERIES, variant->format, number % 2);
}

/* All variants of one codec; a line of the report. */
static int try_codec(const struct codec *codec)
{
    int ok = 1;

    chunks = supported = 0;
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        ok = try_config(codec, &variants[i], (int)i) && ok;
    fprintf(report, "%s with %s: %d of %zu configurations supported, %d chunks\n", codec->codec,
            codec->encoder_name ? codec->encoder_name : "the best encoder", supported,
            sizeof variants / sizeof variants[0], chunks);
    return ok;
}

int main(int argc, char **argv)
{
    int ok = 1;

    report = fopen(argc > 1 ? argv[1] : "/dev/null", "w");
    if (!report)
        return 1;
    memset(pixels, 0x80, sizeof pixels);
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        ok = try_codec(&codecs[i]) && ok;
    fprintf(report, "%d refused, %d frames dropped, %d requests completed\n", refused, dropped, completed);
    return fclose(report) == 0 && ok && refused > 0 && dropped > 0 && completed > 0 ? 0 : 1;
}
