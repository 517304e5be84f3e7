/* SPDX-License-Identifier: MIT */

/*
 * Threads at random that call everything on shared encoders, with callbacks that call back in, in every delivery and
 * with every limit, and a check of what was promised. See the usage below; an hour of it is
 *
 *     wcenc-stress --seconds 3600
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "episode.h"
#include "inputs.h"
#include "report.h"

static const char usage[] =
    "usage: wcenc-stress [--seconds N] [--seed N] [--threads N] [--episodes N] [--quick] [--all-codecs]\n"
    "\n"
    "  --seconds N    how long to go on; 120 by default\n"
    "  --seed N       of the first episode; by default it comes from the clock\n"
    "  --threads N    so many callers in each episode, 1 to 16; by default the seed decides on 2 to 5\n"
    "  --episodes N   so many episodes instead of so many seconds, and outcomes may be as rare as they like\n"
    "  --quick        ten seconds, and outcomes may be as rare as they like\n"
    "  --all-codecs   HEVC and AV1 too, which take long to open\n"
    "\n"
    "Each episode that breaks a promise is printed with its seed; --seed SEED --episodes 1 makes the same decisions\n"
    "again, though threads may interleave differently. The status is 0 if no promise was broken and every outcome at\n"
    "the top of the table that is printed at the end came 100 times at least.\n";

struct options {
    uint64_t seconds;
    uint64_t seed;
    uint64_t threads;
    uint64_t episodes; /* 0: as many as fit into the time */
    bool is_quick;
    bool all_codecs;
    char again[64]; /* what a single episode needs to be run again */
};

static bool parse_number(const char *text, uint64_t most, uint64_t *number)
{
    char *end;

    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    *number = strtoull(text, &end, 0);
    return *end == '\0' && *number <= most;
}

/* False if the arguments are none of the usage. */
static bool parse(int argc, char **argv, struct options *options)
{
    const struct {
        const char *name;
        uint64_t *number;
        uint64_t most;
    } numbers[] = {
        {"--seconds", &options->seconds, 1000000},
        {"--seed", &options->seed, UINT64_MAX},
        {"--threads", &options->threads, CALLERS_MAX},
        {"--episodes", &options->episodes, UINT64_MAX},
    };
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--quick", &options->is_quick}, {"--all-codecs", &options->all_codecs}};

    for (int i = 1; i < argc; i++) {
        bool known = false;

        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
            if (strcmp(argv[i], flags[k].name) == 0)
                known = *flags[k].flag = true;
        for (size_t k = 0; !known && k < sizeof numbers / sizeof numbers[0]; k++)
            if (strcmp(argv[i], numbers[k].name) == 0)
                known = parse_number(argv[++i], numbers[k].most, numbers[k].number);
        if (!known)
            return false;
    }
    return true;
}

static void complete(struct options *options)
{
    if (options->is_quick)
        options->seconds = 10;
    if (options->threads)
        (void)snprintf(options->again, sizeof options->again, " --threads %" PRIu64 "%s", options->threads,
                       options->all_codecs ? " --all-codecs" : "");
    else
        (void)snprintf(options->again, sizeof options->again, "%s", options->all_codecs ? " --all-codecs" : "");
    report_set_arguments(options->again);
}

/* The number of episodes that broke a promise. */
static uint64_t run(const struct options *options)
{
    time_t end = time(NULL) + (time_t)options->seconds;
    struct random seeds = {options->seed};
    uint64_t seed = options->seed, failed = 0, count = 0;

    while (options->episodes ? count < options->episodes : time(NULL) < end) {
        report_begin_episode(seed);
        watchdog_begin_episode();
        episode_run(seed, (int)options->threads);
        watchdog_end_episode();
        failed += !report_end_episode(); /* SEC-001 */
        count++;
        seed = random_next(&seeds);
    }
    printf("%" PRIu64 " episodes, %" PRIu64 " failed\n", count, failed);
    return failed;
}

int main(int argc, char **argv)
{
    struct timespec now;
    struct options options = {.seconds = 120};
    uint64_t failed;
    bool suffices;

    timespec_get(&now, TIME_UTC);
    options.seed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (!parse(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    complete(&options);
    printf("seed %" PRIu64 "\n", options.seed);
    fflush(stdout);
    scope_thread_begin("main", 0);
    configs_find(options.all_codecs);
    watchdog_start();
    failed = run(&options);
    watchdog_stop();
    outcomes_print();
    suffices = options.episodes || options.is_quick || outcomes_suffice();
    return failed == 0 && suffices ? 0 : 1;
}
