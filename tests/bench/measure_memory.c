/* SPDX-License-Identifier: MIT */

/*
 * What stays resident: with frames in the queue, whose pixels are lent, and after them; what each frame of a long
 * stream leaves behind, and each encoder that was configured and closed.
 */

#include "../process/check.h"
#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

enum { QUEUED = 48 };

static double megabytes(int64_t bytes)
{
    return (double)bytes / 1e6;
}

static void run_queue(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    struct row_key key = bench_key("memory", bench_case, "wcenc");
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally};
    int64_t before, queued, after;
    uint64_t waiting;
    struct feed feed;

    tally_start(&tally);
    feed_open(&feed, bench_case, &setup);
    feed_encode(&feed, content_picture(content, 0), 0);
    feed_flush(&feed);
    before = process_resident_bytes();
    for (int i = 1; i <= QUEUED; i++)
        feed_encode(&feed, content_picture(content, i), i);
    queued = process_resident_bytes();
    waiting = feed_stats(&feed).frames_queued;
    feed_flush(&feed);
    after = process_resident_bytes();
    feed_close(&feed);
    bench_expect(bench, tally.frames == QUEUED + 1, "memory: %ju packets for %d frames", (uintmax_t)tally.frames,
                 QUEUED + 1);
    key.setting = "48 lent frames";
    key.metric = "still queued then";
    key.unit = "frames";
    report_add(&bench->report, key, (double)waiting);
    key.unit = "MB";
    key.metric = "more while queued";
    report_add(&bench->report, key, megabytes(queued - before));
    key.metric = "more after the flush";
    report_add(&bench->report, key, megabytes(after - before));
}

/* From the first tenth to the end, so that what an encoder allocates once is not in it. */
static void run_stream(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    const int frames = bench_count(bench, 10000), first = frames / 10;
    struct row_key key = bench_key("memory", bench_case, "wcenc");
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally, .max_queued_frames = 16};
    int64_t resident = 0;
    struct feed feed;

    tally_start(&tally);
    feed_open(&feed, bench_case, &setup);
    for (int i = 0; i < frames; i++) {
        feed_encode(&feed, content_picture(content, i), i);
        if (i + 1 == first) {
            feed_flush(&feed);
            resident = process_resident_bytes();
        }
    }
    feed_flush(&feed);
    resident = process_resident_bytes() - resident;
    feed_close(&feed);
    bench_expect(bench, tally.frames == (uint64_t)frames, "memory: %ju packets for %d frames", (uintmax_t)tally.frames,
                 frames);
    key.setting = "long stream";
    key.metric = "growth";
    key.unit = "bytes/frame";
    report_add(&bench->report, key, (double)resident / (frames - first));
}

static void configure_and_close(const struct bench_case *bench_case, const struct content *content, int count)
{
    for (int i = 0; i < count; i++) {
        struct tally tally;
        const struct feed_setup setup = {.take = tally_take, .user = &tally};
        struct feed feed;

        tally_start(&tally);
        feed_open(&feed, bench_case, &setup);
        feed_encode(&feed, content_picture(content, i), i);
        feed_flush(&feed);
        CHECK_EQUAL((long long)tally.frames, 1);
        feed_close(&feed);
    }
}

static void run_rounds(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    const int count = bench_count(bench, 200);
    struct row_key key = bench_key("memory", bench_case, "wcenc");
    int64_t resident;

    configure_and_close(bench_case, content, count / 4 + 1);
    resident = process_resident_bytes();
    configure_and_close(bench_case, content, count);
    resident = process_resident_bytes() - resident;
    key.setting = "configure to close";
    key.metric = "growth";
    key.unit = "kB/encoder";
    report_add(&bench->report, key, (double)resident / 1e3 / count);
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
        run_queue(bench, &bench_case, &content);
    content_close(&content);
    bench_case.size = bench_size("320x240");
    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++) {
        run_stream(bench, &bench_case, &content);
        run_rounds(bench, &bench_case, &content);
    }
    content_close(&content);
}
