/* SPDX-License-Identifier: MIT */

#include "runs.h"

#include <errno.h>

#include "../../process/check.h"
#include "../plain_loop.h"
#include "../process.h"
#include "../wcenc_loop.h"

/* The moment of a frame, and the note of when it went in. */
static void go_in(const struct run *run, struct course *course, int64_t start, int number)
{
    if (run->pace)
        wait_until_ns(start + number * INT64_C(1000000000) / run->pace);
    course->in[number] = now_ns();
}

/* What a user writes, and no more. */
static wcenc_config config_of(const struct run *run)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = run->codec.codec_string;
    config.encoder_name = run->encoder;
    config.encoder_options = run->options;
    config.width = run->size.width;
    config.height = run->size.height;
    config.bitrate = (uint64_t)run->size.bitrate;
    config.framerate = FRAMERATE;
    config.latency_mode = run->is_realtime ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY;
    config.bitrate_mode = run->is_variable ? WCENC_BITRATE_VARIABLE : WCENC_BITRATE_CONSTANT;
    /* For the decoder of all competitors, which knows no description. The browser's encoder is asked for it too. */
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    return config;
}

static struct bench_case case_of(const struct run *run)
{
    return (struct bench_case){
        .codec = &run->codec, .size = &run->size, .format = run->format, .is_variable = run->is_variable};
}

/* Only in realtime: in quality the encoder waits for further frames. */
static void wait_for_first(const struct run *run, struct course *course)
{
    int result = -1;

    while (run->is_realtime && (result = sem_wait(&course->first)) != 0 && errno == EINTR)
        ;
    CHECK(!run->is_realtime || result == 0);
}

const char *run_wcenc(const struct run *run, const struct content *content, struct course *course)
{
    const struct bench_case bench_case = case_of(run);
    const wcenc_config config = config_of(run);
    const struct feed_setup setup = {.take = course_take, .user = course, .config = &config};
    const char *encoder;
    struct feed feed;
    int64_t start;

    feed_open(&feed, &bench_case, &setup);
    /* Completes when the encoder is open. */
    feed_flush(&feed);
    course->in[0] = now_ns();
    feed_encode(&feed, content_picture(content, 0), 0);
    wait_for_first(run, course);
    start = now_ns();
    course_start_clocks(course);
    for (int i = 1; i < run->frames; i++) {
        go_in(run, course, start, i);
        feed_encode(&feed, content_picture(content, i), i);
    }
    feed_flush(&feed);
    course_stop_clocks(course);
    encoder = feed_encoder(&feed);
    CHECK(encoder);
    feed_close(&feed);
    return encoder;
}

const char *run_plain(const struct run *run, const struct content *content, struct course *course)
{
    const struct bench_case bench_case = case_of(run);
    struct plain plain;
    int64_t start;

    plain_open(&plain, &bench_case, course_take, course);
    course->in[0] = now_ns();
    plain_encode(&plain, content_picture(content, 0), 0);
    start = now_ns();
    course_start_clocks(course);
    for (int i = 1; i < run->frames; i++) {
        go_in(run, course, start, i);
        plain_encode(&plain, content_picture(content, i), i);
    }
    plain_drain(&plain);
    course_stop_clocks(course);
    plain_close(&plain);
    return run->codec.encoder;
}
