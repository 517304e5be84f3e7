/* SPDX-License-Identifier: MIT */

/* The setters of the command line's options. */

#include "option_setters.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The `valid` texts of the rows in options.c state these. */
enum { SIZE_MOST = 65536, QUANTIZER_MOST = 255, B_FRAMES_MOST = 16, THREADS_MOST = 1024 };

static bool parse_number(const char *text, double low, double high, double *out)
{
    char *end;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(value) || value < low || value > high)
        return false;
    *out = value;
    return true;
}

static bool parse_count(const char *text, uint32_t most, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > most)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* Looks a word up in a NULL-terminated list; -1 if it is not there. */
static int parse_word(const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (!strcmp(text, words[i]))
            return i;
    return -1;
}

bool set_codec(struct options *options, const char *text)
{
    options->codec = text;
    return *text != '\0';
}

bool set_size(struct options *options, const char *text)
{
    int length = 0;

    return sscanf(text, "%5u%*1[xX]%5u%n", &options->width, &options->height, &length) == 2 &&
           (size_t)length == strlen(text) && options->width && options->height && options->width <= SIZE_MOST &&
           options->height <= SIZE_MOST;
}

bool set_bitrate(struct options *options, const char *text)
{
    static const struct {
        char suffix;
        double factor;
    } units[] = {{'k', 1e3}, {'K', 1e3}, {'m', 1e6}, {'M', 1e6}};
    char number[32];
    size_t length = strlen(text);
    double factor = 1;
    double value;

    if (!length || length >= sizeof(number))
        return false;
    memcpy(number, text, length + 1);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (number[length - 1] == units[i].suffix) {
            number[length - 1] = '\0';
            factor = units[i].factor;
            break;
        }
    }
    if (!parse_number(number, 0, 1e12, &value) || value * factor < 1)
        return false;
    options->bitrate = (uint64_t)(value * factor + 0.5);
    return true;
}

bool set_bitrate_mode(struct options *options, const char *text)
{
    static const char *const words[] = {"variable", "constant", "quantizer", NULL};
    int index = parse_word(text, words);

    options->bitrate_mode = (wcenc_bitrate_mode)index;
    options->has_bitrate_mode = true;
    return index >= 0;
}

bool set_quantizer(struct options *options, const char *text)
{
    options->has_quantizer = true;
    return parse_count(text, QUANTIZER_MOST, &options->quantizer);
}

bool set_latency(struct options *options, const char *text)
{
    static const char *const words[] = {"quality", "realtime", NULL};
    int index = parse_word(text, words);

    options->latency = (wcenc_latency_mode)index;
    return index >= 0;
}

bool set_framerate(struct options *options, const char *text)
{
    const char *slash = strchr(text, '/');
    double over = 1;

    if (slash && !parse_number(slash + 1, 1, 1e6, &over))
        return false;
    if (slash) {
        char number[32];

        if (slash - text >= (ptrdiff_t)sizeof(number))
            return false;
        snprintf(number, sizeof(number), "%.*s", (int)(slash - text), text);
        if (!parse_number(number, 1e-3, 1e9, &options->framerate))
            return false;
    } else if (!parse_number(text, 1e-3, 1e6, &options->framerate)) {
        return false;
    }
    options->framerate /= over;
    return true;
}

bool set_key_interval(struct options *options, const char *text)
{
    return parse_count(text, INT32_MAX, &options->key_interval);
}

bool set_max_b_frames(struct options *options, const char *text)
{
    return parse_count(text, B_FRAMES_MOST, &options->max_b_frames);
}

bool set_alpha(struct options *options, const char *text)
{
    static const char *const words[] = {"discard", "keep", NULL};
    int index = parse_word(text, words);

    options->keep_alpha = index == 1;
    return index >= 0;
}

bool set_scalability_mode(struct options *options, const char *text)
{
    options->scalability_mode = text;
    return true;
}

bool set_content_hint(struct options *options, const char *text)
{
    options->content_hint = text;
    return true;
}

bool set_threads(struct options *options, const char *text)
{
    return parse_count(text, THREADS_MOST, &options->threads);
}

bool set_encoder(struct options *options, const char *text)
{
    options->encoder = text;
    return *text != '\0';
}

/* Given several times, the texts are joined; the library takes them apart and knows the escapes. */
bool add_encoder_options(struct options *options, const char *text)
{
    size_t used = strlen(options->encoder_options);
    size_t room = sizeof(options->encoder_options) - used;
    const char *equals = strchr(text, '=');

    if (!equals || equals == text || strlen(text) + 2 > room)
        return false;
    snprintf(options->encoder_options + used, room, "%s%s", used ? ":" : "", text);
    return true;
}

bool set_annexb(struct options *options, const char *text)
{
    (void)text;
    return options->annexb = true;
}

bool set_frames(struct options *options, const char *text)
{
    uint32_t value = 0;
    bool good = parse_count(text, UINT32_MAX, &value) && value > 0;

    options->max_frames = value;
    return good;
}

bool set_duration(struct options *options, const char *text)
{
    return parse_number(text, 1e-3, 1e7, &options->duration);
}

bool set_input(struct options *options, const char *text)
{
    options->input = text;
    return *text != '\0';
}

bool set_test_scene(struct options *options, const char *text)
{
    (void)text;
    return options->test_scene = true;
}

bool set_format(struct options *options, const char *text)
{
    options->format = text;
    return *text != '\0';
}

bool set_output(struct options *options, const char *text)
{
    options->output = text;
    return *text != '\0';
}

bool set_source_y4m(struct options *options, const char *text)
{
    options->source_y4m = text;
    return *text != '\0';
}

bool set_overwrite(struct options *options, const char *text)
{
    (void)text;
    return options->overwrite = true;
}

bool set_quiet(struct options *options, const char *text)
{
    (void)text;
    return options->quiet = true;
}

bool set_json(struct options *options, const char *text)
{
    (void)text;
    return options->json = true;
}

bool set_list(struct options *options, const char *text)
{
    (void)text;
    options->action = ACTION_LIST;
    return true;
}

bool set_version(struct options *options, const char *text)
{
    (void)text;
    options->action = ACTION_VERSION;
    return true;
}

bool set_help(struct options *options, const char *text)
{
    (void)text;
    options->action = ACTION_HELP;
    return true;
}
