/* SPDX-License-Identifier: MIT */

/* wcenc-bench-convert: the library's conversions beside libswscale's and beside a plain copy. */

#include "bench.h"

#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fputs("usage: wcenc-bench-convert [--rounds N] [--repeats N] [--size WxH] [--only PART-OF-NAME] [--json FILE]\n",
          stderr);
    return 2;
}

/* A number from 1 to `max`. */
static bool read_number(const char *text, unsigned max, unsigned *number)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 10);

    *number = (unsigned)value;
    return *text && !*end && value >= 1 && value <= max;
}

static bool read_size(const char *text, struct options *options)
{
    char rest;

    return sscanf(text, "%ux%u%c", &options->width, &options->height, &rest) == 2 && options->width >= 8 &&
           options->height >= 8 && options->width <= 16384 && options->height <= 16384;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool good = true;

        if (strcmp(name, "--rounds") == 0)
            good = read_number(value, ROUNDS_MAX, &options->rounds);
        else if (strcmp(name, "--repeats") == 0)
            good = read_number(value, 100000, &options->repeats);
        else if (strcmp(name, "--size") == 0)
            good = read_size(value, options);
        else if (strcmp(name, "--only") == 0)
            options->only = value;
        else if (strcmp(name, "--json") == 0)
            options->json = value;
        else
            good = false;
        if (!good)
            return false;
    }
    return argc % 2 == 1;
}

static bool write_file(const struct options *options, struct result *results, unsigned count)
{
    FILE *file = fopen(options->json, "w");
    bool good;

    if (!file) {
        perror(options->json);
        return false;
    }
    bench_write_json(file, options, results, count);
    good = !ferror(file);
    if (fclose(file) != 0 || !good) {
        perror(options->json);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.rounds = 9, .repeats = 10, .width = 1920, .height = 1080};
    struct result *results;
    unsigned count = 0;
    bool done = true;

    if (!read_options(argc, argv, &options))
        return usage();
    results = calloc(bench_case_count, sizeof *results);
    if (!results)
        return 1;
    bench_print_head(&options);
    for (unsigned i = 0; i < bench_case_count && done; i++) {
        if (options.only && !strstr(bench_cases[i].name, options.only))
            continue;
        done = bench_run(&bench_cases[i], &options, &results[count]);
        if (done)
            bench_print(&results[count++]);
    }
    if (done && options.json)
        done = write_file(&options, results, count);
    free(results);
    return done ? 0 : 1;
}
