/* SPDX-License-Identifier: MIT */

/*
 * What the library itself costs: frames of 16x16 pixels through an encoder that only counts, beside a loop that makes
 * the same packets and hands them to the same function.
 */

#include <stdlib.h>

#include "../process/check.h"
#include "counting_backend.h"
#include "measures.h"
#include "process.h"
#include "tally.h"
#include "wcenc_loop.h"

static const struct bench_codec counting_codec = {
    .name = "counting", .title = "counting", .encoder = "counting", .codec_string = "avc1.42001e"};
static const struct bench_size tiny = {"16x16", 16, 16, 100000, 1, 1};

static const struct {
    const char *setting;
    uint32_t max_queued_frames;
} queues[] = {{"no limit", 0}, {"16 queued", 16}};

struct cost {
    struct tally tally;
    int64_t wall_ns;
    int64_t cpu_ns;
};

static void run_plain(int frames, struct cost *cost)
{
    tally_start(&cost->tally);
    cost->wall_ns = now_ns();
    cost->cpu_ns = process_cpu_ns();
    for (int i = 0; i < frames; i++) {
        size_t size;
        uint8_t *packet = counting_packet(i, &size);

        CHECK(packet);
        tally_take(&cost->tally, packet, size, i);
        free(packet);
    }
    cost->wall_ns = now_ns() - cost->wall_ns;
    cost->cpu_ns = process_cpu_ns() - cost->cpu_ns;
}

static void run_wcenc(const struct bench_case *bench_case, uint32_t max_queued_frames, int frames, struct cost *cost)
{
    static const uint8_t pixels[16 * 16 * 3 / 2];
    const struct feed_setup setup = {.take = tally_take, .user = &cost->tally, .max_queued_frames = max_queued_frames};
    struct feed feed;

    tally_start(&cost->tally);
    feed_open(&feed, bench_case, &setup);
    /* The worker is there, and has configured. */
    feed_flush(&feed);
    cost->wall_ns = now_ns();
    cost->cpu_ns = process_cpu_ns();
    for (int i = 0; i < frames; i++)
        feed_encode(&feed, pixels, i);
    feed_flush(&feed);
    cost->wall_ns = now_ns() - cost->wall_ns;
    cost->cpu_ns = process_cpu_ns() - cost->cpu_ns;
    feed_close(&feed);
}

static void add(struct bench *bench, struct row_key key, int frames, const struct cost *cost)
{
    key.metric = "time";
    key.unit = "us/frame";
    report_add(&bench->report, key, (double)cost->wall_ns / 1e3 / frames);
    key.metric = "CPU time";
    report_add(&bench->report, key, (double)cost->cpu_ns / 1e3 / frames);
    key.metric = "rate";
    key.unit = "frames/s";
    report_add(&bench->report, key, frames * 1e9 / (double)cost->wall_ns);
}

static void run_round(struct bench *bench, const struct bench_case *bench_case)
{
    const int frames = bench_count(bench, 200000);
    struct row_key key = bench_key("machinery", bench_case, "plain");
    struct cost plain, wcenc;

    run_plain(frames, &plain);
    add(bench, key, frames, &plain);
    key.who = "wcenc";
    for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++) {
        run_wcenc(bench_case, queues[i].max_queued_frames, frames, &wcenc);
        bench_expect(bench, wcenc.tally.frames == (uint64_t)frames && wcenc.tally.hash == plain.tally.hash,
                     "machinery, %s: %ju packets for %d frames, or others", queues[i].setting,
                     (uintmax_t)wcenc.tally.frames, frames);
        key.setting = queues[i].setting;
        add(bench, key, frames, &wcenc);
        key.metric = "over the plain loop";
        key.unit = "us/frame";
        report_add(&bench->report, key, (double)(wcenc.wall_ns - plain.wall_ns) / 1e3 / frames);
    }
}

void measure_machinery(struct bench *bench)
{
    const struct bench_case bench_case = {.codec = &counting_codec, .size = &tiny, .format = bench_format("I420")};

    counting_install();
    for (int round = 0; round < bench->rounds; round++)
        run_round(bench, &bench_case);
}
