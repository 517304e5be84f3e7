/* SPDX-License-Identifier: MIT */

#include "wcenc_loop.h"

#include <stdio.h>

#include "../process/check.h"

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    const struct feed *feed = user;

    (void)metadata;
    feed->setup.take(feed->setup.user, wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk),
                     (int64_t)wcenc_chunk_get_user_tag(chunk));
}

static void on_error(void *user, const wcenc_error *error)
{
    (void)user;
    check_failed(__FILE__, __LINE__, error->message);
}

static void create(struct feed *feed)
{
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = feed;
    desc.on_output = on_output;
    desc.on_error = on_error;
    desc.max_queued_frames = feed->setup.max_queued_frames;
    desc.queue_policy = WCENC_QUEUE_WAIT;
    CHECK_EQUAL(wcenc_encoder_create(&desc, &feed->encoder), WCENC_OK);
}

/* `options` is what the configuration points to. */
static wcenc_config config_of(const struct bench_case *bench_case, bool own_options, char options[OPTIONS_SIZE])
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = bench_case->codec->codec_string;
    config.encoder_name = bench_case->codec->encoder;
    config.width = bench_case->size->width;
    config.height = bench_case->size->height;
    config.framerate = FRAMERATE;
    config.bitrate = (uint64_t)bench_case->size->bitrate;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.key_interval = 250;
    config.threads = (uint32_t)bench_case->threads;
    /* As libavcodec gives it: lengths in place of start codes are longer than some of those. */
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    case_options(bench_case, options);
    if (!own_options && options[0])
        config.encoder_options = options;
    return config;
}

bool feed_is_supported(const struct bench_case *bench_case)
{
    char options[OPTIONS_SIZE];
    const wcenc_config config = config_of(bench_case, false, options);
    wcenc_config_support *support;
    bool is_supported;

    CHECK_EQUAL(wcenc_is_config_supported(&config, &support), WCENC_OK);
    is_supported = support->supported;
    if (!is_supported)
        (void)fprintf(stderr, "left out: %s at %s: %s\n", bench_case->codec->title, bench_case->size->name,
                      support->reason);
    wcenc_config_support_free(support);
    return is_supported;
}

void feed_open(struct feed *feed, const struct bench_case *bench_case, const struct feed_setup *setup)
{
    char options[OPTIONS_SIZE];
    wcenc_config config;

    *feed = (struct feed){.setup = *setup};
    wcenc_frame_desc_init(&feed->picture, sizeof feed->picture);
    feed->picture.format = bench_case->format->format;
    feed->picture.coded_width = bench_case->size->width;
    feed->picture.coded_height = bench_case->size->height;
    feed->picture.data_size = case_picture_size(bench_case->size, bench_case->format);
    create(feed);
    config = setup->config ? *setup->config : config_of(bench_case, setup->own_options, options);
    CHECK_EQUAL(wcenc_encoder_configure(feed->encoder, &config), WCENC_OK);
}

wcenc_frame *feed_frame(const struct feed *feed, const uint8_t *pixels, int64_t number)
{
    wcenc_frame_desc picture = feed->picture;
    wcenc_frame *frame;

    picture.data = pixels;
    picture.timestamp_us = number * 1000000 / FRAMERATE;
    if (feed->setup.copies)
        CHECK_EQUAL(wcenc_frame_create_copy(&picture, &frame), WCENC_OK);
    else
        CHECK_EQUAL(wcenc_frame_create_wrap(&picture, NULL, NULL, &frame), WCENC_OK);
    return frame;
}

void feed_send(struct feed *feed, wcenc_frame *frame, int64_t number)
{
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.user_tag = (uint64_t)number;
    CHECK_EQUAL(wcenc_encoder_encode(feed->encoder, frame, &options), WCENC_OK);
}

void feed_encode(struct feed *feed, const uint8_t *pixels, int64_t number)
{
    wcenc_frame *frame = feed_frame(feed, pixels, number);

    feed_send(feed, frame, number);
    wcenc_frame_unref(frame);
}

const char *feed_encoder(const struct feed *feed)
{
    return wcenc_encoder_get_name(feed->encoder);
}

void feed_flush(struct feed *feed)
{
    CHECK_EQUAL(wcenc_encoder_flush(feed->encoder), WCENC_OK);
}

wcenc_stats feed_stats(const struct feed *feed)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    CHECK_EQUAL(wcenc_encoder_get_stats(feed->encoder, &stats), WCENC_OK);
    return stats;
}

void feed_close(struct feed *feed)
{
    wcenc_encoder_destroy(feed->encoder);
    feed->encoder = NULL;
}
