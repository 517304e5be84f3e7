/* SPDX-License-Identifier: MIT */

/* Whether a frame costs the same after a thousand others as after ten thousand. */

#include "content.h"
#include "measures.h"
#include "race.h"

static const struct {
    const char *setting;
    int frames;
    bool is_long;
} lengths[] = {{"1,000 frames", 1000, false}, {"10,000 frames", 10000, false}, {"100,000 frames", 100000, true}};

static void run_length(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                       size_t length)
{
    const struct competitor *racers[RACERS_MAX];
    const int frames = bench->is_smoke ? lengths[length].frames / 100 : lengths[length].frames;

    race_competitors(bench_case->format, racers);
    for (int i = 0; i < RACERS_MAX; i++) {
        struct row_key key = bench_key("length", bench_case, racers[i]->who);
        struct outcome outcome;

        racers[i]->run(bench_case, content, frames, &outcome);
        bench_expect(bench, outcome.tally.frames == (uint64_t)frames, "length, %s: %ju packets for %d frames",
                     racers[i]->who, (uintmax_t)outcome.tally.frames, frames);
        key.setting = lengths[length].setting;
        key.metric = "time";
        key.unit = "us/frame";
        report_add(&bench->report, key, (double)outcome.wall_ns / 1e3 / (frames - 1));
        key.metric = "CPU time";
        report_add(&bench->report, key, (double)outcome.cpu_ns / 1e3 / (frames - 1));
    }
}

void measure_length(struct bench *bench)
{
    const struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, "320x240"),
        .format = bench_format("I420"),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        for (size_t length = 0; length < sizeof lengths / sizeof lengths[0]; length++)
            if (!lengths[length].is_long || bench->is_long)
                run_length(bench, &bench_case, &content, length);
    content_close(&content);
}
