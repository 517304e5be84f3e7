/* SPDX-License-Identifier: MIT */

/*
 * One cell of the frontier: codes a content with one competitor and prints sizes and times, or decodes a stream and
 * prints how far it is from the content. frontier.py calls it.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/log.h>

#include "../../process/check.h"
#include "../judge.h"
#include "runs.h"

struct options {
    struct run run;
    bool is_plain;
    const char *codec_string; /* NULL: that of the codec's table */
    const char *content;
    const char *stream;
    const char *decoded;
};

static const char usage[] =
    "usage: wcenc-bench-frontier run --who wcenc|plain --codec NAME [--codec-string S] [--encoder NAME] [--options O]\n"
    "                            --latency realtime|quality --mode constant|variable --bitrate N --size WxH\n"
    "                            --format I420|RGBA --content FILE --frames N [--pace FPS] [--stream FILE]\n"
    "       wcenc-bench-frontier judge --codec NAME --size WxH --content FILE --frames N --stream FILE\n"
    "                            [--decoded FILE]\n"
    "       wcenc-bench-frontier version\n\n"
    "run codes the pictures of a raw file, as wcenc as a user of libwcenc begins (--options are encoder_options) or "
    "as\n"
    "a plain loop over libavcodec (--options are the encoder's), and prints JSON. judge decodes a stream and prints "
    "PSNR\n"
    "and SSIM as FFmpeg's filters define them.\n";

static bool read_number(const char *text, int *out)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    *out = (int)value;
    return errno == 0 && *text && !*end && value > 0 && value <= 1000000000;
}

static bool read_size(const char *text, struct bench_size *size)
{
    int length = 0;

    size->name = text;
    return sscanf(text, "%5ux%5u%n", &size->width, &size->height, &length) == 2 && !text[length] && size->width &&
           size->height;
}

static bool read_codec(const char *text, struct bench_codec *out)
{
    const struct bench_codec *codec = bench_codec(text);

    if (!codec)
        return false;
    *out = *codec;
    out->options = out->implied = NULL;
    return true;
}

/* One of two words. */
static bool read_choice(const char *text, const char *no, const char *yes, bool *out)
{
    *out = strcmp(text, yes) == 0;
    return *out || strcmp(text, no) == 0;
}

static bool read_text(const char *text, const char **out)
{
    *out = text;
    return true;
}

static bool read_value(struct options *options, const char *name, const char *value)
{
    struct run *run = &options->run;

    if (strcmp(name, "--who") == 0)
        return read_choice(value, "wcenc", "plain", &options->is_plain);
    if (strcmp(name, "--codec") == 0)
        return read_codec(value, &run->codec);
    if (strcmp(name, "--codec-string") == 0)
        return read_text(value, &options->codec_string);
    if (strcmp(name, "--encoder") == 0)
        return read_text(value, &run->encoder);
    if (strcmp(name, "--options") == 0)
        return read_text(value, &run->options);
    if (strcmp(name, "--latency") == 0)
        return read_choice(value, "quality", "realtime", &run->is_realtime);
    if (strcmp(name, "--mode") == 0)
        return read_choice(value, "constant", "variable", &run->is_variable);
    if (strcmp(name, "--bitrate") == 0)
        return read_number(value, &run->size.bitrate);
    if (strcmp(name, "--size") == 0)
        return read_size(value, &run->size);
    if (strcmp(name, "--format") == 0)
        return (run->format = bench_format(value)) != NULL;
    if (strcmp(name, "--frames") == 0)
        return read_number(value, &run->frames);
    if (strcmp(name, "--pace") == 0)
        return read_number(value, &run->pace);
    if (strcmp(name, "--content") == 0)
        return read_text(value, &options->content);
    if (strcmp(name, "--stream") == 0)
        return read_text(value, &options->stream);
    if (strcmp(name, "--decoded") == 0)
        return read_text(value, &options->decoded);
    return false;
}

static bool read_options(struct options *options, int argc, char **argv)
{
    for (int i = 2; i < argc; i += 2)
        if (i + 1 == argc || !read_value(options, argv[i], argv[i + 1])) {
            (void)fprintf(stderr, "%s: \"%s\" is not valid\n", argv[i], i + 1 < argc ? argv[i + 1] : "");
            return false;
        }
    return options->run.codec.name && options->run.size.width && options->content && options->run.frames;
}

static int run_command(struct options *options)
{
    struct run *run = &options->run;
    struct content content;
    struct course course;
    const char *encoder;

    if (!run->format || !run->size.bitrate)
        return 2;
    if (options->codec_string)
        run->codec.codec_string = options->codec_string;
    if (options->is_plain) {
        run->codec.encoder = run->encoder ? run->encoder : run->codec.encoder;
        run->codec.options = run->options ? run->options : "";
    }
    content_read(&content, options->content, &run->size, run->format, run->frames);
    course_open(&course, run->frames, options->stream);
    encoder = options->is_plain ? run_plain(run, &content, &course) : run_wcenc(run, &content, &course);
    course_finish(&course, encoder);
    content_close(&content);
    return 0;
}

static int judge_command(const struct options *options)
{
    struct content content;
    struct judge judge;

    if (!options->stream)
        return 2;
    content_read(&content, options->content, &options->run.size, bench_format("I420"), options->run.frames);
    judge_open(&judge, &options->run.codec, &content);
    if (options->decoded)
        CHECK(judge.decoded = fopen(options->decoded, "we"));
    stream_read(options->stream, judge_take, &judge);
    judge_finish(&judge);
    if (judge.decoded)
        CHECK_EQUAL(fclose(judge.decoded), 0);
    CHECK_EQUAL(judge.distortion.frames, options->run.frames);
    printf("{\"frames\": %d, \"psnr\": %.6f, \"ssim\": %.8f}\n", judge.distortion.frames,
           distortion_psnr(&judge.distortion), distortion_ssim(&judge.distortion));
    content_close(&content);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int status = 2;

    av_log_set_level(AV_LOG_ERROR);
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("{\"ffmpeg\": \"%s\", \"wcenc\": \"%s\"}\n", av_version_info(), wcenc_version_string());
        return 0;
    }
    if (argc > 2 && read_options(&options, argc, argv)) {
        if (strcmp(argv[1], "run") == 0)
            status = run_command(&options);
        else if (strcmp(argv[1], "judge") == 0)
            status = judge_command(&options);
    }
    if (status == 2)
        (void)fputs(usage, stderr);
    return status;
}
