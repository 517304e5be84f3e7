/* SPDX-License-Identifier: MIT */

#include "race.h"

#include "../process/check.h"
#include "plain_loop.h"
#include "process.h"
#include "wcenc_loop.h"

/* Frames that wait for libwcenc: as many as a program that respects its memory lets wait. */
enum { QUEUE = 16 };

static void start_clocks(struct outcome *outcome)
{
    outcome->wall_ns = now_ns();
    outcome->cpu_ns = process_cpu_ns();
}

static void stop_clocks(struct outcome *outcome)
{
    outcome->wall_ns = now_ns() - outcome->wall_ns;
    outcome->cpu_ns = process_cpu_ns() - outcome->cpu_ns;
}

static void run_plain(const struct bench_case *bench_case, const struct content *content, int frames,
                      struct outcome *outcome)
{
    struct plain plain;

    tally_start(&outcome->tally);
    plain_open(&plain, bench_case, tally_take, &outcome->tally);
    plain_encode(&plain, content_picture(content, 0), 0);
    start_clocks(outcome);
    for (int i = 1; i < frames; i++)
        plain_encode(&plain, content_picture(content, i), i);
    plain_drain(&plain);
    stop_clocks(outcome);
    plain_close(&plain);
}

static void run_wcenc(const struct bench_case *bench_case, const struct content *content, int frames,
                      struct outcome *outcome)
{
    const struct feed_setup setup = {.take = tally_take, .user = &outcome->tally, .max_queued_frames = QUEUE};
    struct feed feed;

    tally_start(&outcome->tally);
    feed_open(&feed, bench_case, &setup);
    feed_encode(&feed, content_picture(content, 0), 0);
    feed_flush(&feed);
    start_clocks(outcome);
    for (int i = 1; i < frames; i++)
        feed_encode(&feed, content_picture(content, i), i);
    feed_flush(&feed);
    stop_clocks(outcome);
    feed_close(&feed);
}

const struct competitor competitors[COMPETITORS] = {
    {"plain", run_plain, .borrows = false, .converts = true},
    {"plain I420", run_plain, .borrows = true, .converts = false},
    {"wcenc", run_wcenc, .borrows = true, .converts = true},
};

void race_competitors(const struct bench_format *format, const struct competitor *out[RACERS_MAX])
{
    const bool is_borrowed = format->format == WCENC_PIXEL_FORMAT_I420;
    int count = 0;

    for (int i = 0; i < COMPETITORS; i++)
        if (is_borrowed ? competitors[i].borrows : competitors[i].converts) {
            CHECK(count < RACERS_MAX);
            out[count++] = &competitors[i];
        }
    CHECK_EQUAL(count, RACERS_MAX);
}
