/* SPDX-License-Identifier: MIT */

/* How long after the last callback a flush returns, and how long one takes where there is nothing to wait for. */

#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

enum { FRAMES_BEFORE = 3 };

/* Written by the callback; the flush's return comes after it. */
struct last_callback {
    int64_t returned;
    int count;
};

static void take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct last_callback *last = user;

    (void)data;
    (void)size;
    (void)number;
    last->count++;
    last->returned = now_ns();
}

static void run_flushes(struct feed *feed, const struct content *content, const struct last_callback *last, int count,
                        struct samples *samples)
{
    for (int i = 0; i < count; i++) {
        for (int frame = 0; frame < FRAMES_BEFORE; frame++)
            feed_encode(feed, content_picture(content, frame), i * FRAMES_BEFORE + frame);
        feed_flush(feed);
        samples_add(samples, (double)(now_ns() - last->returned) / 1e3);
    }
}

static void run_idle_flushes(struct feed *feed, int count, struct samples *samples)
{
    for (int i = 0; i < count; i++) {
        const int64_t start = now_ns();

        feed_flush(feed);
        samples_add(samples, (double)(now_ns() - start) / 1e3);
    }
}

static void run_round(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    static const struct percentile_names busy_names = {"after the last callback p50", "after the last callback p99"};
    static const struct percentile_names idle_names = {"idle p50", "idle p99"};
    const int count = bench_count(bench, 200);
    struct last_callback last = {0};
    const struct feed_setup setup = {.take = take, .user = &last};
    struct samples busy = {0}, idle = {0};
    struct row_key key = bench_key("flush", bench_case, "wcenc");
    struct feed feed;

    feed_open(&feed, bench_case, &setup);
    run_flushes(&feed, content, &last, count, &busy);
    run_idle_flushes(&feed, 5 * count, &idle);
    feed_close(&feed);
    bench_expect(bench, last.count == count * FRAMES_BEFORE, "flush: %d packets for %d frames", last.count,
                 count * FRAMES_BEFORE);
    key.unit = "us";
    bench_add_percentiles(bench, key, &busy_names, &busy);
    bench_add_percentiles(bench, key, &idle_names, &idle);
    samples_free(&busy);
    samples_free(&idle);
}

void measure_flush(struct bench *bench)
{
    const struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, "320x240"),
        .format = bench_format("I420"),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        run_round(bench, &bench_case, &content);
    content_close(&content);
}
