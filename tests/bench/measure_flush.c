/* SPDX-License-Identifier: MIT */

/* How long after the last callback a flush returns, and how long one takes where there is nothing to wait for. */

#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

/* What stands before a flush. Copies are memory of the library's own, which it has to put somewhere when it is done. */
struct flush_case {
    const char *setting;
    const char *size;
    const char *format;
    int frames;
    int flushes; /* usually */
    bool copies;
};

static const struct flush_case flush_cases[] = {
    {"3 borrowed", "320x240", "I420", 3, 200, false}, {"6 borrowed", "1920x1080", "I420", 6, 20, false},
    {"6 copied", "1920x1080", "I420", 6, 20, true},   {"copied", "1920x1080", "RGBA", 6, 20, true},
    {"60 copied", "1920x1080", "I420", 60, 5, true},
};

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

static void run_flushes(struct feed *feed, const struct content *content, const struct last_callback *last, int frames,
                        int count, struct samples *samples)
{
    for (int i = 0; i < count; i++) {
        for (int frame = 0; frame < frames; frame++)
            feed_encode(feed, content_picture(content, frame), i * frames + frame);
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

static void run_round(struct bench *bench, const struct flush_case *flush_case, const struct bench_case *bench_case,
                      const struct content *content)
{
    static const struct percentile_names busy_names = {"after the last callback p50", "after the last callback p99"};
    static const struct percentile_names idle_names = {"idle p50", "idle p99"};
    const int count = bench_count(bench, flush_case->flushes);
    struct last_callback last = {0};
    const struct feed_setup setup = {.take = take, .user = &last, .copies = flush_case->copies};
    struct samples busy = {0}, idle = {0};
    struct row_key key = bench_key("flush", bench_case, "wcenc");
    struct feed feed;

    feed_open(&feed, bench_case, &setup);
    run_flushes(&feed, content, &last, flush_case->frames, count, &busy);
    run_idle_flushes(&feed, 5 * count, &idle);
    feed_close(&feed);
    bench_expect(bench, last.count == count * flush_case->frames, "flush: %d packets for %d frames", last.count,
                 count * flush_case->frames);
    key.setting = flush_case->setting;
    key.unit = "us";
    bench_add_percentiles(bench, key, &busy_names, &busy);
    bench_add_percentiles(bench, key, &idle_names, &idle);
    samples_free(&busy);
    samples_free(&idle);
}

static void run_case(struct bench *bench, const struct flush_case *flush_case)
{
    const struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, flush_case->size),
        .format = bench_format(flush_case->format),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        run_round(bench, flush_case, &bench_case, &content);
    content_close(&content);
}

void measure_flush(struct bench *bench)
{
    for (size_t i = 0; i < sizeof flush_cases / sizeof *flush_cases; i++)
        run_case(bench, &flush_cases[i]);
}
