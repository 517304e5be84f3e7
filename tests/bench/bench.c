/* SPDX-License-Identifier: MIT */

#include "bench.h"

#include <stdarg.h>
#include <stdio.h>

#include "wcenc_loop.h"

enum { SMOKE_COUNT = 10 };

int bench_count(const struct bench *bench, int usual)
{
    if (bench->is_smoke)
        return SMOKE_COUNT < usual ? SMOKE_COUNT : usual;
    return bench->frames ? bench->frames : usual;
}

const struct bench_size *bench_size_of(const struct bench *bench, const char *usual)
{
    return bench->is_smoke ? &bench_sizes[0] : bench->size ? bench->size : bench_size(usual);
}

bool bench_wants(const struct bench *bench, const struct bench_case *bench_case)
{
    return (!bench->codec || bench->codec == bench_case->codec) && (!bench->size || bench->size == bench_case->size) &&
           (!bench->format || bench->format == bench_case->format) &&
           (!bench->is_smoke || bench_case->size == &bench_sizes[0]) && feed_is_supported(bench_case);
}

void bench_each_case(struct bench *bench, case_fn run)
{
    for (const struct bench_codec *codec = bench_codecs; codec->name; codec++)
        for (const struct bench_size *size = bench_sizes; size->name; size++)
            for (const struct bench_format *format = bench_formats; format->name; format++) {
                const struct bench_case bench_case = {.codec = codec, .size = size, .format = format};

                if (bench_wants(bench, &bench_case))
                    run(bench, &bench_case);
            }
}

void bench_each_format_of_h264(struct bench *bench, const struct bench_size *size, case_fn run)
{
    const struct bench_codec *codec = bench->codec ? bench->codec : bench_codec("h264");

    for (const struct bench_format *format = bench_formats; format->name; format++)
        if (!bench->format || bench->format == format)
            run(bench, &(const struct bench_case){.codec = codec, .size = size, .format = format});
}

void bench_expect(struct bench *bench, bool agrees, const char *format, ...)
{
    va_list arguments;

    if (agrees)
        return;
    bench->failures++;
    va_start(arguments, format);
    (void)fputs("does not agree: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

struct row_key bench_key(const char *measure, const struct bench_case *bench_case, const char *who)
{
    return (struct row_key){
        .measure = measure,
        .codec = bench_case->codec->title,
        .size = bench_case->size->name,
        .format = bench_case->format->name,
        .who = who,
    };
}

void bench_add_percentiles(struct bench *bench, struct row_key key, const struct percentile_names *names,
                           const struct samples *samples)
{
    key.metric = names->p50;
    report_add(&bench->report, key, samples_percentile(samples, 50));
    key.metric = names->p99;
    report_add(&bench->report, key, samples_percentile(samples, 99));
}
