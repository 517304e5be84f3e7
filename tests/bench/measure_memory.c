/* SPDX-License-Identifier: MIT */

/*
 * What stays resident: with frames in the queue, whose pixels are borrowed, and after them; what each frame of a long
 * stream leaves behind, and each encoder that was configured and closed.
 */

#include "child.h"
#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

enum { QUEUED = 48 };

/* What a child is given, and what it gives back. */
struct work {
    const struct bench_case *bench_case;
    const struct content *content;
    int count;
};

struct results {
    uint64_t packets;
    uint64_t waiting; /* frames in the queue, of those that were put there */
    int64_t first;    /* differences of what is resident, in bytes */
    int64_t second;
};

static void run_queue(void *user, const void *input)
{
    struct results *results = user;
    const struct work *work = input;
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally};
    struct feed feed;
    int64_t before;

    tally_start(&tally);
    feed_open(&feed, work->bench_case, &setup);
    feed_encode(&feed, content_picture(work->content, 0), 0);
    feed_flush(&feed);
    before = process_resident_bytes();
    for (int i = 1; i < work->count; i++)
        feed_encode(&feed, content_picture(work->content, i), i);
    results->first = process_resident_bytes() - before;
    results->waiting = feed_stats(&feed).frames_queued;
    feed_flush(&feed);
    results->second = process_resident_bytes() - before;
    feed_close(&feed);
    results->packets = tally.frames;
}

/* From the first tenth to the end, so that what an encoder allocates once is not in it. */
static void run_stream(void *user, const void *input)
{
    struct results *results = user;
    const struct work *work = input;
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally, .max_queued_frames = 16};
    struct feed feed;

    tally_start(&tally);
    feed_open(&feed, work->bench_case, &setup);
    for (int i = 0; i < work->count; i++) {
        feed_encode(&feed, content_picture(work->content, i), i);
        if (i + 1 == work->count / 10) {
            feed_flush(&feed);
            results->first = process_resident_bytes();
        }
    }
    feed_flush(&feed);
    results->first = process_resident_bytes() - results->first;
    feed_close(&feed);
    results->packets = tally.frames;
}

static uint64_t configure_and_close(const struct work *work, int count)
{
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally};

    tally_start(&tally);
    for (int i = 0; i < count; i++) {
        struct feed feed;

        feed_open(&feed, work->bench_case, &setup);
        feed_encode(&feed, content_picture(work->content, i), i);
        feed_flush(&feed);
        feed_close(&feed);
    }
    return tally.frames;
}

/* After a quarter as many, for what is allocated once. */
static void run_rounds(void *user, const void *input)
{
    struct results *results = user;
    const struct work *work = input;

    (void)configure_and_close(work, work->count / 4 + 1);
    results->first = process_resident_bytes();
    results->packets = configure_and_close(work, work->count);
    results->first = process_resident_bytes() - results->first;
}

static void run(struct bench *bench, child_fn run_work, const struct work *work, const char *setting,
                struct results *results)
{
    run_in_child(run_work, work, results, sizeof *results);
    bench_expect(bench, results->packets == (uint64_t)work->count, "memory, %s: %ju packets for %d frames", setting,
                 (uintmax_t)results->packets, work->count);
}

static void measure_queue(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    const struct work work = {bench_case, content, QUEUED + 1};
    struct row_key key = bench_key("memory", bench_case, "wcenc");
    struct results results;

    key.setting = "48 wrapped frames";
    run(bench, run_queue, &work, key.setting, &results);
    key.metric = "still queued then";
    key.unit = "frames";
    report_add(&bench->report, key, (double)results.waiting);
    key.metric = "more while queued";
    key.unit = "MB";
    report_add(&bench->report, key, (double)results.first / 1e6);
    key.metric = "more after the flush";
    report_add(&bench->report, key, (double)results.second / 1e6);
}

static void measure_growth(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    const struct work stream = {bench_case, content, bench_count(bench, 10000)};
    const struct work rounds = {bench_case, content, bench_count(bench, 200)};
    struct row_key key = bench_key("memory", bench_case, "wcenc");
    struct results results;

    key.metric = "growth";
    key.setting = "long stream";
    key.unit = "bytes/frame";
    run(bench, run_stream, &stream, key.setting, &results);
    report_add(&bench->report, key, (double)results.first / (stream.count - stream.count / 10));
    key.setting = "configure to close";
    key.unit = "bytes/encoder";
    run(bench, run_rounds, &rounds, key.setting, &results);
    report_add(&bench->report, key, (double)results.first / rounds.count);
}

void measure_memory(struct bench *bench)
{
    struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, "1920x1080"),
        .format = bench->format ? bench->format : bench_format("I420"),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        measure_queue(bench, &bench_case, &content);
    content_close(&content);
    bench_case.size = bench_size("320x240");
    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        measure_growth(bench, &bench_case, &content);
    content_close(&content);
}
