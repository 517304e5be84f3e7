/* SPDX-License-Identifier: MIT */

/* Whether anything of an encoder runs that has nothing to do. */

#include "../process/tasks.h"
#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

static uint64_t switches_of(const struct tasks *own)
{
    struct tasks others;
    uint64_t switches = 0;

    tasks_read_others(own, &others);
    for (int i = 0; i < others.count; i++)
        switches += others.task[i].switches;
    return switches;
}

static void run_round(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                      int64_t span_ms)
{
    struct row_key key = bench_key("idle", bench_case, "wcenc");
    struct tally tally;
    const struct feed_setup setup = {.take = tally_take, .user = &tally};
    struct tasks own, others;
    struct feed feed;
    uint64_t switches;

    tally_start(&tally);
    tasks_read_own(&own);
    feed_open(&feed, bench_case, &setup);
    feed_encode(&feed, content_picture(content, 0), 0);
    feed_flush(&feed);
    /* Threads that were woken for the frame go back to sleep. */
    wait_until_ns(now_ns() + span_ms * 100000);
    switches = switches_of(&own);
    wait_until_ns(now_ns() + span_ms * 1000000);
    switches = switches_of(&own) - switches;
    tasks_read_others(&own, &others);
    feed_close(&feed);
    bench_expect(bench, tally.frames == 1, "idle: %ju packets for 1 frame", (uintmax_t)tally.frames);
    key.metric = "threads";
    report_add(&bench->report, key, others.count);
    key.metric = "context switches";
    key.unit = "per second";
    report_add(&bench->report, key, (double)switches * 1e3 / (double)span_ms);
}

void measure_idle(struct bench *bench)
{
    const struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, "1280x720"),
        .format = bench_format("RGBA"),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        run_round(bench, &bench_case, &content, bench->is_smoke ? 100 : 2000);
    content_close(&content);
}
