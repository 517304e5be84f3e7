/* SPDX-License-Identifier: MIT */

/* Arguments of options: what is valid for each kind, and how it is stored. */

#include <errno.h>
#include <libavutil/parseutils.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec_choice.h"
#include "option_table.h"

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

static bool parse_count(const char *text, double low, double high, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || (double)value < low || (double)value > high)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* The index of a word; -1 if it is not there. */
static int find_word(const char *const *words, const char *text)
{
    for (int i = 0; i < OPTION_WORDS && words[i]; i++)
        if (!strcmp(text, words[i]))
            return i;
    return -1;
}

/* 1280x720, 1280x-2, -1x720. */
static bool parse_size(const char *text, double most, int32_t *size)
{
    int length = 0;
    bool whole = sscanf(text, "%6d%*1[xX:]%6d%n", &size[0], &size[1], &length) == 2 && (size_t)length == strlen(text);

    for (int i = 0; i < 2; i++)
        whole = whole && size[i] >= -2 && size[i] != 0 && size[i] <= most;
    return whole && (size[0] > 0 || size[1] > 0);
}

/* One side follows from the other, so that pixels become square. */
static uint32_t follow(double exact, int32_t request)
{
    long divisor = -(long)request;
    long side = lround(exact / (double)divisor) * divisor;

    return (uint32_t)(side < divisor ? divisor : side);
}

void options_size(const struct options *options, uint32_t width, uint32_t height, double aspect, uint32_t *out_width,
                  uint32_t *out_height)
{
    const int32_t *size = options->size;

    *out_width = size[0] > 0 ? (uint32_t)size[0] : size[0] < 0 ? follow(size[1] * aspect, size[0]) : width;
    *out_height = size[1] > 0 ? (uint32_t)size[1] : size[1] < 0 ? follow(size[0] / aspect, size[1]) : height;
}

static bool parse_bitrate(const struct option_row *row, const char *text, uint64_t *out)
{
    char number[32];
    size_t length = strlen(text);
    double factor = 1;
    double value;

    if (!length || length >= sizeof(number))
        return false;
    memcpy(number, text, length + 1);
    if (strchr("kKmM", number[length - 1])) {
        factor = strchr("kK", number[length - 1]) ? 1e3 : 1e6;
        number[length - 1] = '\0';
    }
    if (!parse_number(number, 0, row->high, &value) || value * factor < row->low || value * factor > row->high)
        return false;
    *out = (uint64_t)(value * factor + 0.5);
    return true;
}

static bool parse_fraction(const char *text, double *out)
{
    const char *slash = strchr(text, '/');
    char number[32];
    double over = 1;

    if (!slash)
        return parse_number(text, 1e-3, 1e6, out);
    if (slash - text >= (ptrdiff_t)sizeof(number) || !parse_number(slash + 1, 1, 1e6, &over))
        return false;
    snprintf(number, sizeof(number), "%.*s", (int)(slash - text), text);
    if (!parse_number(number, 1e-3, 1e9, out))
        return false;
    *out /= over;
    return *out >= 1e-3 && *out <= 1e6;
}

/* 2/16 */
static bool parse_part(const char *text, double most, uint32_t *part)
{
    const char *slash = strchr(text, '/');
    char number[16];

    if (!slash || slash - text >= (ptrdiff_t)sizeof(number))
        return false;
    snprintf(number, sizeof(number), "%.*s", (int)(slash - text), text);
    return parse_count(number, 1, most, &part[0]) && parse_count(slash + 1, 1, most, &part[1]) && part[0] <= part[1];
}

/* As ffmpeg has them: 90, 90.5, 90s, 1500ms, 01:30, 00:01:30.5. */
static bool parse_time(const struct option_row *row, const char *text, double *out)
{
    int64_t microseconds = 0;

    if (av_parse_time(&microseconds, text, 1) < 0)
        return false;
    *out = (double)microseconds / 1e6;
    return *out >= row->low && *out <= row->high;
}

/* Other names that people know codecs by, and encoders that stand for theirs. */
static bool store_codec(struct options *options, const char *text)
{
    enum codec of_encoder = codec_from_encoder(text);

    options->codec = text;
    if (codec_from_short_name(text) || codec_from_string(text))
        return true;
    if (!of_encoder)
        return false;
    options->codec = codec_short_name(of_encoder);
    if (!options->encoder)
        options->encoder = text;
    return true;
}

/* Several are joined; the library takes them apart and knows the escapes. */
static bool add_pairs(struct options *options, const char *text)
{
    size_t used = strlen(options->encoder_options);
    size_t left = sizeof(options->encoder_options) - used;
    const char *equals = strchr(text, '=');

    if (!equals || equals == text || strlen(text) + 2 > left)
        return false;
    snprintf(options->encoder_options + used, left, "%s%s", used ? ":" : "", text);
    return true;
}

static bool store_word(const struct option_row *row, void *member, const char *text)
{
    int32_t index = find_word(row->words, text);

    memcpy(member, &index, sizeof(index));
    return index >= 0;
}

static bool store_action(const struct option_row *row, struct options *options, const char *text)
{
    int word = text ? find_word(row->words, text) : 0;

    options->action = text ? (enum action)(ACTION_MAN + word) : (enum action)row->low;
    return word >= 0;
}

static bool store_value(const struct option_row *row, struct options *options, void *member, const char *text)
{
    switch (row->kind) {
    case KIND_FLAG:
        *(bool *)member = true;
        return true;
    case KIND_ACTION:
    case KIND_GENERATE:
        return store_action(row, options, text);
    case KIND_TEXT:
    case KIND_FILE:
        *(const char **)member = text;
        return *text != '\0';
    case KIND_CODEC:
        return store_codec(options, text);
    case KIND_WORD:
        return store_word(row, member, text);
    case KIND_COUNT:
        return parse_count(text, row->low, row->high, member);
    case KIND_SIZE:
        return parse_size(text, row->high, member);
    case KIND_BITRATE:
        return parse_bitrate(row, text, member);
    case KIND_NUMBER:
        return parse_number(text, row->low, row->high, member);
    case KIND_FRACTION:
        return parse_fraction(text, member);
    case KIND_TIME:
        return parse_time(row, text, member);
    case KIND_PAIR:
        return add_pairs(options, text);
    case KIND_PART:
        return parse_part(text, row->high, member);
    case KIND_HEADING:
        break;
    }
    return false;
}

bool option_store(const struct option_row *row, struct options *options, const char *text)
{
    if (row->given)
        *((bool *)options + row->given) = true;
    return store_value(row, options, (char *)options + row->member, text);
}

static bool print_number(const struct option_row *row, const void *member, bool given, char *out, size_t size)
{
    int32_t index = *(const int32_t *)member;

    switch (row->kind) {
    case KIND_WORD:
        if (index >= 0 && index < OPTION_WORDS && row->words[index])
            snprintf(out, size, "%s", row->words[index]);
        else
            snprintf(out, size, "%d", (int)index);
        return index != 0 || given;
    case KIND_COUNT:
        snprintf(out, size, "%u", (unsigned)index);
        return index != 0 || given;
    case KIND_SIZE:
        snprintf(out, size, "%dx%d", (int)index, (int)((const int32_t *)member)[1]);
        return index != 0;
    case KIND_BITRATE:
        snprintf(out, size, "%llu", (unsigned long long)*(const uint64_t *)member);
        return *(const uint64_t *)member != 0;
    default:
        snprintf(out, size, "%.17g", *(const double *)member);
        return *(const double *)member != 0 || given;
    }
}

bool option_print(const struct option_row *row, const struct options *options, char *out, size_t size)
{
    const void *member = (const char *)options + row->member;
    bool given = row->given && *((const bool *)options + row->given);

    switch (row->kind) {
    case KIND_FLAG:
        snprintf(out, size, "1");
        return *(const bool *)member;
    case KIND_TEXT:
    case KIND_FILE:
    case KIND_CODEC:
        if (*(const char *const *)member)
            snprintf(out, size, "%s", *(const char *const *)member);
        return *(const char *const *)member != NULL;
    case KIND_PAIR:
        snprintf(out, size, "%s", options->encoder_options);
        return options->encoder_options[0] != '\0';
    case KIND_WORD:
    case KIND_COUNT:
    case KIND_SIZE:
    case KIND_BITRATE:
    case KIND_NUMBER:
    case KIND_FRACTION:
    case KIND_TIME:
        return print_number(row, member, given, out, size);
    default:
        return false;
    }
}

static void list_words(const char *const *words, char *out, size_t size)
{
    size_t used = 0;

    *out = '\0';
    for (int i = 0; i < OPTION_WORDS && words[i] && used < size; i++) {
        bool last = i + 1 == OPTION_WORDS || !words[i + 1];

        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : last ? " or " : ", ", words[i]);
    }
}

void option_valid(const struct option_row *row, char *out, size_t size)
{
    switch (row->kind) {
    case KIND_CODEC:
        snprintf(out, size, "h264, hevc, vp8, vp9 or av1, or a codec string such as avc1.640028");
        break;
    case KIND_WORD:
    case KIND_GENERATE:
        list_words(row->words, out, size);
        break;
    case KIND_COUNT:
    case KIND_NUMBER:
        snprintf(out, size, "%.0f to %.0f", row->low, row->high);
        break;
    case KIND_SIZE:
        snprintf(out, size, "WIDTHxHEIGHT, each from 1 to %.0f, or one of them -2 to keep the shape", row->high);
        break;
    case KIND_BITRATE:
        snprintf(out, size, "bits per second, such as 800k, 2.5M or 2500000, from 1 to 1e12");
        break;
    case KIND_FRACTION:
        snprintf(out, size, "a number such as 30, or a fraction such as 30000/1001");
        break;
    case KIND_TIME:
        snprintf(out, size, "seconds such as 2.5, or HH:MM:SS, from %g to %.0f seconds", row->low, row->high);
        break;
    case KIND_PART:
        snprintf(out, size, "which part of how many, such as 3/16");
        break;
    case KIND_PAIR:
        snprintf(out, size, "K=V, at most 1000 characters in all");
        break;
    default:
        snprintf(out, size, "a text that is not empty");
    }
}
