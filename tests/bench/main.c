/* SPDX-License-Identifier: MIT */

/* The command line, of both programs: they differ in the table of what they measure. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/log.h>

#include "bench.h"
#include "json.h"

enum { ROUNDS = 5, SMOKE_ROUNDS = 2 };

struct options {
    struct bench bench;
    const char *measure; /* NULL: all */
    const char *json;
};

static void print_usage(FILE *file)
{
    (void)fputs(
        "usage: [--measure NAME] [--codec NAME] [--size NAME] [--format NAME] [--rounds N] [--frames N] [--json "
        "FILE] [--smoke]\n\n"
        "Measures libwcenc beside a plain loop over libavcodec, and prints median, smallest and largest of the "
        "rounds.\n--frames replaces what each measurement counts by itself, --smoke is a few frames of "
        "everything.\n\nmeasure:",
        file);
    for (const struct measure *measure = bench_measures; measure->name; measure++)
        (void)fprintf(file, "\n  %-11s %s", measure->name, measure->about);
    (void)fputs("\ncodec: ", file);
    for (const struct bench_codec *codec = bench_codecs; codec->name; codec++)
        (void)fprintf(file, " %s", codec->name);
    for (const struct bench_codec *codec = bench_groups_codecs; codec->name; codec++)
        (void)fprintf(file, " %s", codec->name);
    (void)fputs(" (the last two with groups only)\nsize:  ", file);
    for (const struct bench_size *size = bench_sizes; size->name; size++)
        (void)fprintf(file, " %s", size->name);
    (void)fputs("\nformat:", file);
    for (const struct bench_format *format = bench_formats; format->name; format++)
        (void)fprintf(file, " %s", format->name);
    (void)fputc('\n', file);
}

static bool read_number(const char *text, int *out)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    *out = (int)value;
    return errno == 0 && *text && !*end && value > 0 && value <= 10000000;
}

static bool is_measure(const char *name)
{
    for (const struct measure *measure = bench_measures; measure->name; measure++)
        if (strcmp(measure->name, name) == 0)
            return true;
    return false;
}

static bool read_value(struct options *options, const char *name, const char *value)
{
    struct bench *bench = &options->bench;

    if (strcmp(name, "--measure") == 0)
        return is_measure(options->measure = value);
    if (strcmp(name, "--codec") == 0)
        return (bench->codec = bench_codec(value)) != NULL;
    if (strcmp(name, "--size") == 0)
        return (bench->size = bench_size(value)) != NULL;
    if (strcmp(name, "--format") == 0)
        return (bench->format = bench_format(value)) != NULL;
    if (strcmp(name, "--rounds") == 0)
        return read_number(value, &bench->rounds);
    if (strcmp(name, "--frames") == 0)
        return read_number(value, &bench->frames);
    if (strcmp(name, "--json") == 0)
        return (options->json = value) != NULL;
    return false;
}

/* Others have a plain loop beside them, which has options. */
static bool is_for_groups_only(const struct options *options)
{
    const bool has_options = !options->bench.codec || options->bench.codec->options;

    return !has_options && !(options->measure && strcmp(options->measure, "groups") == 0);
}

static bool read_options(struct options *options, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--smoke") == 0)
            options->bench.is_smoke = true;
        else if (i + 1 == argc || !read_value(options, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "wrong, or without a value: %s %s\n", argv[i], i + 1 < argc ? argv[i + 1] : "");
            return false;
        } else
            i++;
    }
    if (is_for_groups_only(options)) {
        (void)fprintf(stderr, "--codec %s is measured with --measure groups only\n", options->bench.codec->name);
        return false;
    }
    if (options->bench.rounds == 0)
        options->bench.rounds = options->bench.is_smoke ? SMOKE_ROUNDS : ROUNDS;
    return true;
}

static bool finish(struct options *options)
{
    struct bench *bench = &options->bench;
    bool is_written = !options->json || json_write(options->json, &bench->report);

    if (!is_written)
        (void)fprintf(stderr, "%s: %s\n", options->json, strerror(errno));
    if (bench->failures)
        (void)fprintf(stderr, "%d counts do not agree\n", bench->failures);
    report_free(&bench->report);
    return is_written && bench->failures == 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};

    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        print_usage(stdout);
        return 0;
    }
    if (!read_options(&options, argc, argv)) {
        print_usage(stderr);
        return 2;
    }
    /* Encoders that the plain loop opens print about themselves. */
    av_log_set_level(AV_LOG_ERROR);
    for (const struct measure *measure = bench_measures; measure->name; measure++)
        if (!options.measure || strcmp(options.measure, measure->name) == 0) {
            measure->run(&options.bench);
            report_print(&options.bench.report);
        }
    return finish(&options) ? 0 : 1;
}
