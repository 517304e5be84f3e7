/* SPDX-License-Identifier: MIT */

/*
 * One encoder, ten and a hundred that share the same frames per second: what a frame costs, and an encoder beside it.
 * Each has one thread for its codec, as a server of many streams gives it.
 */

#include <stdlib.h>

#include "../process/check.h"
#include "child.h"
#include "content.h"
#include "measures.h"
#include "plain_loop.h"
#include "process.h"
#include "wcenc_loop.h"

enum { TOTAL_RATE = 300 /* frames per second, of all together */ };

static const struct {
    const char *setting;
    int count;
} crowds[] = {{"1 encoder", 1}, {"10 encoders", 10}, {"100 encoders", 100}};

/* One of them, by either way. */
struct member {
    struct tally tally;
    struct plain plain;
    struct feed feed;
};

static void open_plain(struct member *member, const struct bench_case *bench_case)
{
    plain_open(&member->plain, bench_case, tally_take, &member->tally);
}

static void encode_plain(struct member *member, const uint8_t *pixels, int64_t number)
{
    plain_encode(&member->plain, pixels, number);
}

static void finish_plain(struct member *member)
{
    plain_drain(&member->plain);
}

static void close_plain(struct member *member)
{
    plain_close(&member->plain);
}

static void open_feed(struct member *member, const struct bench_case *bench_case)
{
    const struct feed_setup setup = {.take = tally_take, .user = &member->tally};

    feed_open(&member->feed, bench_case, &setup);
}

static void encode_feed(struct member *member, const uint8_t *pixels, int64_t number)
{
    feed_encode(&member->feed, pixels, number);
}

static void finish_feed(struct member *member)
{
    feed_flush(&member->feed);
}

static void close_feed(struct member *member)
{
    feed_close(&member->feed);
}

static const struct way {
    const char *who;
    void (*open)(struct member *member, const struct bench_case *bench_case);
    void (*encode)(struct member *member, const uint8_t *pixels, int64_t number);
    void (*finish)(struct member *member);
    void (*close)(struct member *member);
    bool needs_no_drain; /* may go on after `finish` */
} ways[] = {
    {"plain I420", open_plain, encode_plain, finish_plain, close_plain, false},
    {"wcenc", open_feed, encode_feed, finish_feed, close_feed, true},
};

/* All of them, each with its first frame coded. */
static struct member *open_all(const struct way *way, const struct bench_case *bench_case,
                               const struct content *content, int count)
{
    struct member *members = calloc((size_t)count, sizeof *members);

    CHECK(members);
    for (int i = 0; i < count; i++) {
        tally_start(&members[i].tally);
        way->open(&members[i], bench_case);
        way->encode(&members[i], content_picture(content, 0), 0);
        if (way->needs_no_drain)
            way->finish(&members[i]);
    }
    return members;
}

static void run_paced(const struct way *way, struct member *members, const struct content *content, int count,
                      int frames)
{
    const int64_t start = now_ns();

    for (int i = 0; i < frames; i++) {
        const int number = i / count + 1;

        wait_until_ns(start + i * INT64_C(1000000000) / TOTAL_RATE);
        way->encode(&members[i % count], content_picture(content, number), number);
    }
    for (int i = 0; i < count; i++)
        way->finish(&members[i]);
}

struct crowd {
    const struct bench_case *bench_case;
    const struct content *content;
    const struct way *way;
    int count;
    int frames; /* after the first of each */
};

struct crowd_results {
    int64_t cpu_ns;
    int64_t resident; /* bytes of all together */
    int threads;
    uint64_t packets;
    uint64_t packets_least; /* of one encoder */
};

static void run_crowd(void *user, const void *input)
{
    struct crowd_results *results = user;
    const struct crowd *crowd = input;
    const int64_t resident = process_resident_bytes();
    const int threads = process_thread_count();
    struct member *members = open_all(crowd->way, crowd->bench_case, crowd->content, crowd->count);

    results->threads = process_thread_count() - threads;
    results->cpu_ns = process_cpu_ns();
    run_paced(crowd->way, members, crowd->content, crowd->count, crowd->frames);
    results->cpu_ns = process_cpu_ns() - results->cpu_ns;
    results->resident = process_resident_bytes() - resident;
    results->packets_least = UINT64_MAX;
    for (int i = 0; i < crowd->count; i++) {
        crowd->way->close(&members[i]);
        results->packets += members[i].tally.frames;
        if (members[i].tally.frames < results->packets_least)
            results->packets_least = members[i].tally.frames;
    }
    free(members);
}

static void add(struct bench *bench, const struct crowd *crowd, const char *setting,
                const struct crowd_results *results)
{
    struct row_key key = bench_key("many", crowd->bench_case, crowd->way->who);

    key.setting = setting;
    key.metric = "threads";
    key.unit = "per encoder";
    report_add(&bench->report, key, (double)results->threads / crowd->count);
    key.metric = "resident";
    key.unit = "kB/encoder";
    report_add(&bench->report, key, (double)results->resident / 1e3 / crowd->count);
    key.metric = "CPU time";
    key.unit = "ms/frame";
    report_add(&bench->report, key, (double)results->cpu_ns / 1e6 / crowd->frames);
    bench_expect(bench,
                 results->packets == (uint64_t)(crowd->frames + crowd->count) &&
                     results->packets_least == (uint64_t)(crowd->frames / crowd->count + 1),
                 "many, %s, %s: %ju packets for %d frames, %ju of one encoder", crowd->way->who, setting,
                 (uintmax_t)results->packets, crowd->frames + crowd->count, (uintmax_t)results->packets_least);
}

static void run_round(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    for (size_t i = 0; i < sizeof crowds / sizeof crowds[0]; i++)
        for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
            const int count = crowds[i].count;
            const struct crowd crowd = {
                .bench_case = bench_case,
                .content = content,
                .way = &ways[way],
                .count = count,
                .frames = (bench_count(bench, 900) + count - 1) / count * count,
            };
            struct crowd_results results;

            run_in_child(run_crowd, &crowd, &results, sizeof results);
            add(bench, &crowd, crowds[i].setting, &results);
        }
}

void measure_many(struct bench *bench)
{
    const struct bench_case bench_case = {
        .codec = bench->codec ? bench->codec : bench_codec("h264"),
        .size = bench_size_of(bench, "320x240"),
        .format = bench_format("I420"),
        .threads = 1,
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        run_round(bench, &bench_case, &content);
    content_close(&content);
}
