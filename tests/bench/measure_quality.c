/* SPDX-License-Identifier: MIT */

/*
 * Bytes and PSNR at one bitrate: the plain loop with the benchmark's options, and libwcenc with those and with its own
 * for constant bitrate in realtime.
 */

#include "content.h"
#include "judge.h"
#include "measures.h"
#include "plain_loop.h"
#include "wcenc_loop.h"

static void run_plain(const struct bench_case *bench_case, const struct content *content, int frames,
                      struct judge *judge)
{
    struct plain plain;

    plain_open(&plain, bench_case, judge_take, judge);
    for (int i = 0; i < frames; i++)
        plain_encode(&plain, content_picture(content, i), i);
    plain_drain(&plain);
    plain_close(&plain);
}

static void run_feed(const struct bench_case *bench_case, const struct content *content, int frames,
                     const struct feed_setup *setup)
{
    struct feed feed;

    feed_open(&feed, bench_case, setup);
    for (int i = 0; i < frames; i++)
        feed_encode(&feed, content_picture(content, i), i);
    feed_flush(&feed);
    feed_close(&feed);
}

static void run_wcenc(const struct bench_case *bench_case, const struct content *content, int frames,
                      struct judge *judge)
{
    run_feed(bench_case, content, frames, &(const struct feed_setup){.take = judge_take, .user = judge});
}

static void run_wcenc_itself(const struct bench_case *bench_case, const struct content *content, int frames,
                             struct judge *judge)
{
    run_feed(bench_case, content, frames,
             &(const struct feed_setup){.take = judge_take, .user = judge, .own_options = true});
}

static const struct {
    const char *who;
    const char *setting;
    void (*run)(const struct bench_case *bench_case, const struct content *content, int frames, struct judge *judge);
} runs[] = {
    {"plain I420", "same options", run_plain},
    {"wcenc", "same options", run_wcenc},
    {"wcenc", "its own options", run_wcenc_itself},
};

static void run_codec(struct bench *bench, const struct bench_case *bench_case, const struct content *content)
{
    const int frames = bench_count(bench, 60);

    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        struct row_key key = bench_key("quality", bench_case, runs[i].who);
        struct judge judge;

        judge_open(&judge, bench_case->codec, content);
        runs[i].run(bench_case, content, frames, &judge);
        judge_finish(&judge);
        bench_expect(bench, judge.tally.frames == (uint64_t)frames && judge.distortion.frames == frames,
                     "quality, %s, %s: %ju packets and %d pictures for %d frames", bench_case->codec->title,
                     runs[i].who, (uintmax_t)judge.tally.frames, judge.distortion.frames, frames);
        key.setting = runs[i].setting;
        key.metric = "bitrate";
        key.unit = "kbit/s";
        report_add(&bench->report, key, (double)judge.tally.bytes * 8 * FRAMERATE / frames / 1e3);
        key.metric = "PSNR";
        key.unit = "dB";
        report_add(&bench->report, key, distortion_psnr(&judge.distortion));
    }
}

void measure_quality(struct bench *bench)
{
    struct bench_case bench_case = {
        .size = bench_size_of(bench, "1280x720"),
        .format = bench_format("I420"),
    };
    struct content content;

    content_open(&content, bench_case.size, bench_case.format);
    for (int round = 0; round < bench->rounds; round++)
        for (bench_case.codec = bench_codecs; bench_case.codec->name; bench_case.codec++)
            if ((!bench->codec || bench->codec == bench_case.codec) && feed_is_supported(&bench_case))
                run_codec(bench, &bench_case, &content);
    content_close(&content);
}
