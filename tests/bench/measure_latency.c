/* SPDX-License-Identifier: MIT */

/*
 * How long a frame of a camera takes: from the call of encode to the callback, and beside it the plain loop, whose call
 * converts, encodes and gives out the packet before it returns.
 */

#include <stdlib.h>

#include "../process/check.h"
#include "content.h"
#include "measures.h"
#include "plain_loop.h"
#include "process.h"
#include "wcenc_loop.h"

/* When each frame went in and came out. A packet comes out once, which orders the two. */
struct course {
    int frames;
    int taken;
    int64_t *in;
    int64_t *out;
};

static void course_open(struct course *course, int frames)
{
    course->frames = frames;
    course->taken = 0;
    CHECK(course->in = calloc((size_t)frames, sizeof *course->in));
    CHECK(course->out = calloc((size_t)frames, sizeof *course->out));
}

static void take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct course *course = user;

    (void)data;
    (void)size;
    CHECK(number >= 0 && number < course->frames);
    course->out[number] = now_ns();
    course->taken++;
}

/* Without the first, which opens the encoder. */
static void course_finish(struct bench *bench, struct course *course, struct row_key key)
{
    static const struct percentile_names names = {"latency p50", "latency p99"};
    struct samples latencies = {0};

    bench_expect(bench, course->taken == course->frames, "latency, %s: %d packets for %d frames", key.who,
                 course->taken, course->frames);
    for (int i = 1; i < course->frames; i++)
        samples_add(&latencies, (double)(course->out[i] - course->in[i]) / 1e6);
    key.unit = "ms";
    bench_add_percentiles(bench, key, &names, &latencies);
    samples_free(&latencies);
    free(course->in);
    free(course->out);
}

static void run_plain(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                      int frames)
{
    const int64_t start = now_ns();
    struct course course;
    struct plain plain;

    course_open(&course, frames);
    plain_open(&plain, bench_case, take, &course);
    for (int i = 0; i < frames; i++) {
        wait_until_ns(start + i * INT64_C(1000000000) / FRAMERATE);
        course.in[i] = now_ns();
        plain_encode(&plain, content_picture(content, i), i);
    }
    plain_drain(&plain);
    plain_close(&plain);
    course_finish(bench, &course, bench_key("latency", bench_case, "plain"));
}

/* What of the time was spent on converting and on encoding, as the library counts it. */
static void add_parts(struct bench *bench, const struct bench_case *bench_case, const wcenc_stats *first,
                      const wcenc_stats *last)
{
    const double frames = (double)(last->frames_out - first->frames_out);
    struct row_key key = bench_key("latency", bench_case, "wcenc");

    key.unit = "ms";
    key.metric = "converting";
    report_add(&bench->report, key, (double)(last->converting_ns - first->converting_ns) / 1e6 / frames);
    key.metric = "encoding";
    report_add(&bench->report, key, (double)(last->encoding_ns - first->encoding_ns) / 1e6 / frames);
}

static void run_wcenc(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                      int frames)
{
    struct course course;
    const struct feed_setup setup = {.take = take, .user = &course};
    wcenc_stats first, last;
    struct feed feed;
    int64_t start;

    course_open(&course, frames);
    feed_open(&feed, bench_case, &setup);
    feed_encode(&feed, content_picture(content, 0), 0);
    feed_flush(&feed);
    first = feed_stats(&feed);
    start = now_ns();
    for (int i = 1; i < frames; i++) {
        wait_until_ns(start + i * INT64_C(1000000000) / FRAMERATE);
        course.in[i] = now_ns();
        feed_encode(&feed, content_picture(content, i), i);
    }
    feed_flush(&feed);
    last = feed_stats(&feed);
    feed_close(&feed);
    course_finish(bench, &course, bench_key("latency", bench_case, "wcenc"));
    add_parts(bench, bench_case, &first, &last);
}

static void run_case(struct bench *bench, const struct bench_case *bench_case)
{
    const int frames = bench_count(bench, 90);
    struct content content;

    if (bench_case->format->format == WCENC_PIXEL_FORMAT_BGRA)
        return;
    content_open(&content, bench_case->size, bench_case->format);
    for (int round = 0; round < bench->rounds; round++) {
        run_plain(bench, bench_case, &content, frames);
        run_wcenc(bench, bench_case, &content, frames);
    }
    content_close(&content);
}

void measure_latency(struct bench *bench)
{
    bench_each_format_of_h264(bench, bench_size_of(bench, "1280x720"), run_case);
}
