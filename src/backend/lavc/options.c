/* SPDX-License-Identifier: MIT */

/*
 * Options as the table of encoders.c asks for them: values filled in, each set and checked.
 */

#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "cpu.h"
#include "lavc.h"
#include "profiles.h"

uint8_t wcenc__lavc_purposes(const struct encoder_config *config)
{
    const char *hint = config->given.content_hint;
    bool is_screen = hint && (strcmp(hint, "detail") == 0 || strcmp(hint, "text") == 0);

    bool is_capped = config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY && config->given.bitrate;
    int purposes = 0;

    purposes |= config->temporal_layers > 1 ? FOR_LAYERS : 0;
    purposes |= config->given.alpha == WCENC_ALPHA_KEEP ? FOR_ALPHA : 0;
    purposes |= is_screen ? FOR_SCREEN : 0;
    purposes |= is_capped ? FOR_CAP : 0;
    purposes |= config->given.force_screen_content_tools && config->codec.family == CODEC_AV1 ? FOR_TOOLS : 0;
    purposes |= config->given.parallel_groups ? FOR_GROUPS : 0;
    return (uint8_t)purposes;
}

uint8_t wcenc__lavc_mode(const struct encoder_config *config)
{
    if (config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY)
        return WHEN_CONSTANT_QUALITY;
    return (uint8_t)(1 << config->given.bitrate_mode);
}

bool wcenc__lavc_asks_for_keys(const struct encoder_config *config)
{
    return wcenc__lavc_purposes(config) & (FOR_LAYERS | FOR_ALPHA);
}

/* Log2 of the tile columns that give every thread some 256 pixels of width. */
static uint32_t tile_columns_log2(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint32_t log2 = 0;

    if (wcenc__lavc_avoid(encoder->name, config) & AVOID_TILE_COLUMNS)
        return 0;
    while (log2 < 4 && (2u << log2) <= config->threads && (512u << log2) <= config->given.width)
        log2++;
    return log2;
}

/*
 * The level as x264 and x265 take it: ten times the level; 9 is 1b. From level 5 on x265 takes blocks of 32 pixels at
 * least, and crashes where the picture is smaller: there it is set to 4.1, which such a picture keeps in any case.
 */
static uint32_t level_times_ten(const struct encoder_config *config)
{
    enum { HEVC_LEVEL_4_1 = 123, BLOCK = 32 };
    const struct codec_id *codec = &config->codec;
    bool is_small = config->given.width < BLOCK || config->given.height < BLOCK;

    if (codec->family == CODEC_HEVC)
        return (is_small && codec->level > HEVC_LEVEL_4_1 ? HEVC_LEVEL_4_1 : codec->level) / 3u;
    if (codec->level == 11 && (codec->constraints & 0x10) && codec->profile != 100)
        return 9;
    return codec->level;
}

enum { OPTION_VALUE_SIZE = 512 };

/* Names that values may contain, and what stands for them. */
struct variables {
    const struct lavc_encoder *encoder;
    const struct encoder_config *config;
    struct lavc_rate rate;
    enum AVChromaLocation chroma_location; /* that is signalled */
    bool is_uncapped;
    bool has_own_quality;
};

static bool is_named(const char *wanted, const char *name, size_t length)
{
    return strlen(wanted) == length && memcmp(wanted, name, length) == 0;
}

bool wcenc__lavc_may_have_threads(const struct lavc_encoder *encoder)
{
    return wcenc__thread_default_stack() >= encoder->thread_stack_kb * (size_t)1024;
}

/*
 * What the caller set; else as many as there are CPUs, as far as the encoder gains from them. One where more crash, or
 * would have too little stack.
 */
static uint32_t threads_of(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint32_t most = encoder->default_threads_max;

    if (!wcenc__lavc_may_have_threads(encoder) || (wcenc__lavc_avoid(encoder->name, config) & AVOID_THREADS))
        return 1;
    return config->given.threads || most == 0 || config->threads < most ? config->threads : most;
}

/* FFmpeg's number for what a codec string with profile_idc 66 means here. */
enum { CONSTRAINED_BASELINE = 66 | 1 << 9 };

/* The longest that FFmpeg's option takes: two years of 30 frames a second. */
enum { NO_KEY_INTERVAL = INT32_MAX };

static bool write_number(const struct variables *variables, const char *name, size_t length, char *out, size_t size)
{
    const struct encoder_config *config = variables->config;
    const struct codec_id *codec = &config->codec;
    const uint32_t refs_max = wcenc__codec_level_max_refs(codec, config->given.width, config->given.height);
    const uint32_t key_interval = config->key_interval < NO_KEY_INTERVAL ? config->key_interval : NO_KEY_INTERVAL;
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"bitrate", variables->rate.bitrate},
        {"max_rate", variables->rate.max_rate},
        {"buffer_size", variables->rate.buffer_size},
        {"no_cap", variables->encoder->no_cap},
        {"key_interval", key_interval},
        {"key_interval_2", key_interval < 2 ? 2 : key_interval},
        {"no_key_interval", NO_KEY_INTERVAL},
        {"key_percent",
         wcenc__key_frame_percent(wcenc__lavc_framerate(variables->encoder, config), variables->encoder->key_step)},
        {"quantizer_min", wcenc__quantizer_min(config, &variables->encoder->quantizer_min)},
        {"b_frames", config->given.max_b_frames},
        {"threads", threads_of(variables->encoder, config)},
        {"lookahead", wcenc__lavc_lookahead(variables->encoder, config)},
        {"refs", refs_max < 3 ? refs_max : 3},
        {"level", level_times_ten(config)},
        {"level_idc", codec->level},
        {"profile_idc", codec->family == CODEC_H264 && codec->profile == 66 ? CONSTRAINED_BASELINE : codec->profile},
        {"tier", codec->tier},
        {"tile_columns", tile_columns_log2(variables->encoder, config)},
        {"8x8dct", codec->profile >= 100},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (is_named(numbers[i].name, name, length)) {
            (void)snprintf(out, size, "%" PRId64, numbers[i].value);
            return true;
        }
    return false;
}

/* Not every version of FFmpeg passes it to libaom. */
static const char *aom_chroma_location(enum AVChromaLocation location)
{
    return location == AVCHROMA_LOC_LEFT      ? "chroma-sample-position=vertical"
           : location == AVCHROMA_LOC_TOPLEFT ? "chroma-sample-position=colocated"
                                              : "";
}

static bool write_text(const struct variables *variables, const char *name, size_t length, char *out, size_t size)
{
    const struct codec_id *codec = &variables->config->codec;
    enum { NARROW = 64, PYRAMID_REFS = 4 };
    const bool baseline = codec->family == CODEC_H264 && codec->profile == 66;
    const uint32_t refs_max =
        wcenc__codec_level_max_refs(codec, variables->config->given.width, variables->config->given.height);
    char layers[OPTION_VALUE_SIZE] = "", quality[32];
    const struct codec_profile *profile = wcenc__codec_profile(codec, NULL);
    const struct {
        const char *name;
        const char *value; /* empty: the option is left alone */
    } texts[] = {
        {"profile", profile && profile->option ? profile->option : ""},
        {"coder", baseline ? "vlc" : "ac"},
        {"weightp", baseline ? "0" : ""},
        {"b_pyramid", refs_max < PYRAMID_REFS ? "none" : ""},
        {"cutree", variables->config->given.width < NARROW ? "cutree=0" : ""},
        {"x264_instructions", wcenc__cpu_has_avx512() ? "asm=avx2" : ""},
        {"layers", layers},
        {"aom_chroma_location", aom_chroma_location(variables->chroma_location)},
        {"quality", quality},
    };

    (void)snprintf(quality, sizeof quality, "%.6g",
                   wcenc__lavc_quality(variables->encoder, variables->config->quality));
    if (wcenc__lavc_controls_layers(variables->config))
        wcenc__lavc_layer_parameters(variables->config, variables->rate.bitrate, layers, sizeof layers);

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (is_named(texts[i].name, name, length)) {
            (void)snprintf(out, size, "%s", texts[i].value);
            return true;
        }
    return false;
}

static bool expand(const struct variables *variables, const char *value, char *out, size_t size)
{
    size_t used = 0;

    while (*value && used + 1 < size) {
        const char *end = *value == '{' ? strchr(value, '}') : NULL;

        if (!end) {
            out[used++] = *value++;
            continue;
        }
        if (!write_number(variables, value + 1, (size_t)(end - value - 1), out + used, size - used) &&
            !write_text(variables, value + 1, (size_t)(end - value - 1), out + used, size - used))
            return false;
        used += strlen(out + used);
        value = end + 1;
    }
    out[used] = '\0';
    return *value == '\0';
}

int wcenc__lavc_next_pair(const char **text, char **key, char **value)
{
    static const char white[] = " \n\t\r",
                      letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.";
    const char *start = *text + strspn(*text, white);
    const size_t length = strspn(start, letters);
    const char *end = start + length + strspn(start + length, white);

    *key = *value = NULL;
    if (*end != '=')
        return AVERROR(EINVAL);
    *text = end + 1;
    *key = av_strndup(start, length);
    *value = *key ? av_get_token(text, ":") : NULL;
    if (*value) {
        *text += strspn(*text, ":");
        return 0;
    }
    av_freep(key);
    return AVERROR(ENOMEM);
}

static int add_to_list(AVDictionary **list, const char *text)
{
    int error = 0;

    while (error >= 0 && *text) {
        char *key, *value;

        error = wcenc__lavc_next_pair(&text, &key, &value);
        if (error >= 0)
            error = *key && *value ? av_dict_set(list, key, value, AV_DICT_MATCH_CASE) : AVERROR(EINVAL);
        av_free(key);
        av_free(value);
    }
    return error;
}

/* Options that are lists of their own ("x264-params") are added to; the later value of a key wins. */
static int set_list_option(AVCodecContext *context, const char *key, const char *value)
{
    AVDictionary *list = NULL;
    int error = av_opt_get_dict_val(context, key, AV_OPT_SEARCH_CHILDREN, &list);

    if (error >= 0)
        error = add_to_list(&list, value);
    if (error >= 0)
        error = av_opt_set_dict_val(context, key, list, AV_OPT_SEARCH_CHILDREN);
    av_dict_free(&list);
    return error;
}

/* The one place where an option is set. */
bool wcenc__lavc_set_option(AVCodecContext *context, const char *key, const char *value, const char *origin,
                            struct failure *failure)
{
    const AVOption *option = av_opt_find(context, key, NULL, 0, AV_OPT_SEARCH_CHILDREN);
    int error;

    if (!option) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s: %s has no option \"%s\"", origin,
                           context->codec->name, key);
        return false;
    }
    error = option->type == AV_OPT_TYPE_DICT ? set_list_option(context, key, value)
                                             : av_opt_set(context, key, value, AV_OPT_SEARCH_CHILDREN);
    if (error < 0) {
        wcenc__failure_set(failure, lavc_status(error, WCENC_ERROR_NOT_SUPPORTED), error,
                           "%s: %s does not take \"%s\" for option \"%s\"", origin, context->codec->name, value, key);
        return false;
    }
    return true;
}

/* Those that rows may be for. Tuning for screens is a hint, which is left alone where it would crash. */
static uint8_t purposes_of(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint8_t purposes = wcenc__lavc_purposes(config);

    if (config->given.latency_mode == WCENC_LATENCY_REALTIME &&
        (wcenc__lavc_avoid(encoder->name, config) & AVOID_SCREEN_IN_REALTIME))
        purposes &= (uint8_t)~FOR_SCREEN;
    return purposes;
}

static bool is_about_rate(const struct option_row *row)
{
    return strstr(row->value, "{bitrate}") || strstr(row->value, "{max_rate}") || strstr(row->value, "{buffer_size}");
}

/* Rows that leave off where the caller has set a quality. */
static bool is_about_quality(const struct option_row *row)
{
    return strstr(row->value, "{quantizer_min}");
}

static bool apply_row(AVCodecContext *context, const struct variables *variables, const struct option_row *row,
                      struct failure *failure)
{
    const struct encoder_config *config = variables->config;
    const uint8_t purposes = purposes_of(variables->encoder, config);
    const uint8_t latency = config->given.latency_mode == WCENC_LATENCY_REALTIME ? WHEN_REALTIME : WHEN_QUALITY;
    char value[OPTION_VALUE_SIZE];

    if (!(row->latency & latency) || !(row->mode & wcenc__lavc_mode(config)) ||
        (row->purpose && !(row->purpose & purposes)))
        return true;
    if (variables->is_uncapped && !variables->encoder->no_cap && is_about_rate(row))
        return true;
    if (variables->has_own_quality && is_about_quality(row))
        return true;
    if (!expand(variables, row->value, value, sizeof value)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s: option \"%s\" has no value",
                           context->codec->name, row->key);
        return false;
    }
    return !value[0] || wcenc__lavc_set_option(context, row->key, value, "libwcenc", failure);
}

static bool apply_rows(AVCodecContext *context, const struct variables *variables, struct failure *failure)
{
    const int step = variables->config->given.effort - EFFORT_LEAST;
    const struct effort_row *effort;
    bool good = true;

    for (const struct option_row *row = variables->encoder->rows; good && row->key; row++)
        good = apply_row(context, variables, row, failure);
    for (size_t n = 0; good && (effort = wcenc__lavc_effort_row(variables->encoder->name, n)); n++) {
        const struct option_row row = {effort->latency, effort->mode, effort->key, effort->values[step],
                                       effort->purpose};

        good = apply_row(context, variables, &row, failure);
    }
    return good;
}

bool wcenc__lavc_apply_options(AVCodecContext *context, const struct lavc_encoder *encoder,
                               const struct encoder_config *config, struct failure *failure)
{
    const int uncapped = wcenc__lavc_is_uncapped(config);
    struct variables variables = {encoder,
                                  config,
                                  wcenc__lavc_rate(encoder, config, wcenc__lavc_framerate(encoder, config)),
                                  context->chroma_sample_location,
                                  uncapped > 0,
                                  wcenc__lavc_has_own_quality(config) > 0};
    int quantizer_min;

    if (uncapped == AVERROR(ENOMEM)) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, uncapped, "%s: out of memory", context->codec->name);
        return false;
    }
    if (uncapped > 0 && encoder->no_cap)
        variables.rate = (struct lavc_rate){encoder->no_cap, encoder->no_cap, (int)encoder->no_cap, 1};
    /* Text that cannot be read is refused by name below. */
    if (!apply_rows(context, &variables, failure))
        return false;
    if (!config->given.encoder_options)
        return true;
    quantizer_min = context->qmin;
    if (!wcenc__lavc_apply_own_options(context, config, failure))
        return false;
    if (context->qmin >= 0 && context->qmax >= 0)
        context->qmin =
            (int)wcenc__quantizer_min_within((unsigned)context->qmin, (unsigned)quantizer_min, (unsigned)context->qmax);
    return wcenc__lavc_is_safe(context, config, failure);
}
