/* SPDX-License-Identifier: MIT */

/*
 * Parallel groups beside other ways to use two CPUs: the encoder's own threads, and two processes with a thread each
 * that encode half of the groups. Each run is in a process of its own, and all take turns.
 */

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../process/check.h"
#include "child.h"
#include "content.h"
#include "measures.h"
#include "process.h"
#include "wcenc_loop.h"

enum { GROUP = 24, LANES = 2, QUEUE = 16, EFFORT = -2 };

struct group_row {
    const char *codec;
    int groups; /* of a round; even */
};

static const struct group_row rows[] = {{"h264", 20}, {"h265", 8}, {"vp8", 12}, {"vp9", 8}, {"av1", 8}, {"rav1e", 4}};

/* One way to encode: `processes` at the same time, each with its share of the groups. */
struct way {
    const char *who;
    uint32_t threads;
    uint32_t parallel_groups;
    int processes;
};

enum { THREADS, ONE_LANE, TWO_LANES, TWO_PROCESSES, WAYS };

static const struct way ways[WAYS] = {
    [THREADS] = {"threads", 2, 0, 1},
    [ONE_LANE] = {"1 lane", 0, 1, 1},
    [TWO_LANES] = {"2 lanes", 0, LANES, 1},
    [TWO_PROCESSES] = {"2 processes", 1, 0, 2},
};

static wcenc_config config_of(const struct bench_case *bench_case, const struct way *way)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = bench_case->codec->codec_string;
    config.encoder_name = bench_case->codec->encoder;
    config.width = bench_case->size->width;
    config.height = bench_case->size->height;
    config.framerate = FRAMERATE;
    config.bitrate = (uint64_t)bench_case->size->bitrate;
    config.effort = EFFORT;
    config.key_interval = GROUP;
    config.threads = way->threads;
    config.parallel_groups = way->parallel_groups;
    return config;
}

static void count_chunk(void *user, const uint8_t *data, size_t size, int64_t number)
{
    (void)data;
    (void)size;
    (void)number;
    ++*(int *)user;
}

/* Encodes frames `first` to `end` - 1 in this process, and returns the number of chunks. */
static int encode_part(const struct bench_case *bench_case, const struct way *way, const struct content *content,
                       int first, int end)
{
    const wcenc_config config = config_of(bench_case, way);
    int chunks = 0;
    const struct feed_setup setup = {
        .take = count_chunk, .user = &chunks, .max_queued_frames = QUEUE, .config = &config};
    struct feed feed;

    feed_open(&feed, bench_case, &setup);
    for (int i = first; i < end; i++)
        feed_encode(&feed, content_picture(content, i), i);
    feed_flush(&feed);
    feed_close(&feed);
    return chunks;
}

/* Encodes `frames` frames in as many processes as the way has; returns how long that took, in nanoseconds. */
static int64_t run_way(const struct bench_case *bench_case, const struct way *way, const struct content *content,
                       int frames)
{
    const int share = frames / way->processes;
    const int64_t began = now_ns();

    (void)fflush(NULL);
    for (int n = 0; n < way->processes; n++) {
        const pid_t child = fork();

        CHECK(child >= 0);
        if (child == 0)
            _exit(encode_part(bench_case, way, content, n * share, (n + 1) * share) == share ? 0 : 1);
    }
    for (int n = 0; n < way->processes; n++) {
        int status;

        CHECK(wait(&status) > 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    return now_ns() - began;
}

static void add(struct bench *bench, const struct bench_case *bench_case, const char *who, const char *metric,
                const char *unit, double value)
{
    struct row_key key = bench_key("groups", bench_case, who);

    key.metric = metric;
    key.unit = unit;
    report_add(&bench->report, key, value);
}

static void run_round(struct bench *bench, const struct bench_case *bench_case, const struct content *content,
                      int frames, int round)
{
    double rates[WAYS];

    /* Who begins changes from round to round. */
    for (int turn = 0; turn < WAYS; turn++) {
        const int way = (turn + round) % WAYS;

        rates[way] = frames * 1e9 / (double)run_way(bench_case, &ways[way], content, frames);
        add(bench, bench_case, ways[way].who, "rate", "frames/s", rates[way]);
    }
    add(bench, bench_case, "2 lanes", "of 2 processes", "ratio", rates[TWO_LANES] / rates[TWO_PROCESSES]);
    add(bench, bench_case, "2 lanes", "of threads", "ratio", rates[TWO_LANES] / rates[THREADS]);
    add(bench, bench_case, "2 lanes", "of 1 lane", "ratio", rates[TWO_LANES] / rates[ONE_LANE]);
}

static bool is_supported(const struct bench_case *bench_case)
{
    const wcenc_config config = config_of(bench_case, &ways[TWO_LANES]);
    wcenc_config_support *support;
    bool is_supported;

    CHECK_EQUAL(wcenc_is_config_supported(&config, &support), WCENC_OK);
    is_supported = support->supported;
    if (!is_supported)
        (void)fprintf(stderr, "left out: %s: %s\n", bench_case->codec->title, support->reason);
    wcenc_config_support_free(support);
    return is_supported;
}

/* In a child: the encoders that are opened to find out may leave threads behind, and what forks has none. */
static void ask_support(void *results, const void *input)
{
    *(bool *)results = is_supported(input);
}

void measure_groups(struct bench *bench)
{
    const struct bench_size *size = bench_size_of(bench, "1280x720");
    struct content content;

    content_open(&content, size, bench_format("I420"));
    /* For a moment one row will do. */
    for (size_t i = 0; i < (bench->is_smoke ? 1 : sizeof rows / sizeof rows[0]); i++) {
        const struct bench_case bench_case = {
            .codec = bench_codec(rows[i].codec), .size = size, .format = bench_format("I420")};
        const int frames = bench->frames ? bench->frames / 2 * 2 : bench->is_smoke ? LANES * 2 : rows[i].groups * GROUP;
        bool supported = false;

        if (bench->codec && strcmp(bench->codec->name, rows[i].codec) != 0)
            continue;
        run_in_child(ask_support, &bench_case, &supported, sizeof supported);
        for (int round = 0; supported && round < bench->rounds; round++)
            run_round(bench, &bench_case, &content, frames, round);
        report_print(&bench->report);
    }
    content_close(&content);
}
