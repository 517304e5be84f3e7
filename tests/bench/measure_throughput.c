/* SPDX-License-Identifier: MIT */

/* As fast as it goes. Competitors take turns, so that what changes in the machine meanwhile meets all of them. */

#include <math.h>

#include "measures.h"
#include "race.h"

static void add(struct bench *bench, const struct bench_case *bench_case, const char *who, int frames,
                const struct outcome *outcome)
{
    struct row_key key = bench_key("throughput", bench_case, who);
    const double timed = frames - 1;

    key.metric = "rate";
    key.unit = "frames/s";
    report_add(&bench->report, key, timed * 1e9 / (double)outcome->wall_ns);
    key.metric = "CPU time";
    key.unit = "ms/frame";
    report_add(&bench->report, key, (double)outcome->cpu_ns / 1e6 / timed);
    key.metric = "stream";
    key.unit = "bytes/frame";
    report_add(&bench->report, key, (double)outcome->tally.bytes / frames);
}

static void expect_frames(struct bench *bench, const struct bench_case *bench_case, const char *who, int frames,
                          const struct outcome *outcome)
{
    bench_expect(bench, outcome->tally.frames == (uint64_t)frames, "%s %s %s, %s: %ju packets for %d frames",
                 bench_case->codec->title, bench_case->size->name, bench_case->format->name, who,
                 (uintmax_t)outcome->tally.frames, frames);
}

/*
 * The same frames, borrowed by the same encoder make the same bits. Of converted frames the streams are a per cent
 * apart at most, once rate control has settled: the conversions differ in their rounding.
 *
 * Compared with one thread: x264's slices of a picture share a budget of bits, and how much of it each takes depends on
 * which is faster, so that no two runs make the same stream.
 */
static void compare_streams(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                            const struct competitor *const racers[RACERS_MAX])
{
    enum { SETTLED = 120 };
    const int frames = bench_count(bench, SETTLED);
    const double limit = frames < SETTLED ? 0.05 : 0.01;
    struct bench_case alone = *bench_case;
    struct outcome plain, wcenc;
    double more;

    alone.threads = 1;
    racers[0]->run(&alone, content, frames, &plain);
    racers[1]->run(&alone, content, frames, &wcenc);
    expect_frames(bench, bench_case, racers[0]->who, frames, &plain);
    expect_frames(bench, bench_case, racers[1]->who, frames, &wcenc);
    more = (double)wcenc.tally.bytes / (double)plain.tally.bytes - 1;
    if (bench_case->format->format == WCENC_PIXEL_FORMAT_I420)
        bench_expect(bench, plain.tally.bytes == wcenc.tally.bytes && plain.tally.hash == wcenc.tally.hash,
                     "%s %s: the streams, of %ju and %ju bytes", bench_case->codec->title, bench_case->size->name,
                     (uintmax_t)plain.tally.bytes, (uintmax_t)wcenc.tally.bytes);
    else
        bench_expect(bench, fabs(more) <= limit, "%s %s %s: bytes, by %+.2f %%", bench_case->codec->title,
                     bench_case->size->name, bench_case->format->name, more * 100);
}

static void run_case(struct bench *bench, const struct bench_case *bench_case)
{
    const int frames = bench_count(bench, bench_case->size->frames);
    const struct competitor *racers[RACERS_MAX];
    struct outcome outcome;
    struct content content;

    race_competitors(bench_case->format, racers);
    content_open(&content, bench_case->size, bench_case->format);
    compare_streams(bench, bench_case, &content, racers);
    for (int round = 0; round < bench->rounds; round++)
        /* Who begins changes from round to round. */
        for (int turn = 0; turn < RACERS_MAX; turn++) {
            const struct competitor *racer = racers[(turn + round) % RACERS_MAX];

            racer->run(bench_case, &content, frames, &outcome);
            expect_frames(bench, bench_case, racer->who, frames, &outcome);
            add(bench, bench_case, racer->who, frames, &outcome);
        }
    content_close(&content);
    report_print(&bench->report);
}

void measure_throughput(struct bench *bench)
{
    bench_each_case(bench, run_case);
}
