/* SPDX-License-Identifier: MIT */

/*
 * Options as the table of encoders.c asks for them, and then the caller's own: values filled in, each set and checked.
 */

#include "options.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/dict.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "../codec_registry.h"
#include "lavc.h"
#include "map.h"

struct lavc_rate wcenc__lavc_rate(const struct encoder_config *config)
{
    /* x264 and x265 count in thousands: less would be nothing, which means something else to them. */
    const uint64_t least = 1000, most = INT_MAX / 2;
    bool constant = config->given.bitrate_mode == WCENC_BITRATE_CONSTANT;
    uint64_t bitrate = config->bitrate < least ? least : config->bitrate > most ? most : config->bitrate;

    return (struct lavc_rate){
        .bitrate = (int64_t)bitrate,
        .max_rate = (int64_t)(constant ? bitrate : bitrate * 2),
        .buffer_size = (int)(constant ? bitrate : bitrate * 2),
    };
}

static uint32_t held_beside_lookahead(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    return encoder->held_beside_lookahead + (config->threads - 1) * encoder->held_per_thread +
           config->given.max_b_frames * encoder->held_per_b_frame;
}

/* As far as the caller's bound allows; 0 where even that is too much, which the probe then refuses. */
static uint32_t lookahead_of(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint32_t wish = config->given.max_frames_held;
    uint32_t beside = held_beside_lookahead(encoder, config);

    if (wish == 0 || wish >= encoder->lookahead + beside)
        return encoder->lookahead;
    return wish > beside ? wish - beside : 0;
}

/* True if the caller's options set one of the keys, which are ended by NULL. */
static bool options_name(const char *options, const char *const *keys)
{
    for (const char *option = options; option && *option; option += strspn(option, ":")) {
        size_t length = strcspn(option, "=:");

        for (const char *const *key = keys; *key; key++)
            if (strlen(*key) == length && strncmp(*key, option, length) == 0)
                return true;
        option += strcspn(option, ":");
    }
    return false;
}

/* Whether the caller's options may change how far the encoder looks ahead. */
static bool options_touch_lookahead(const char *options)
{
    static const char *const keys[] = {"rc-lookahead", "lag-in-frames", "x264-params",  "x264opts", "x264-opts",
                                       "x265-params",  "aom-params",    "rav1e-params", "bf",       "svtav1-params",
                                       "threads",      "tune",          "la_depth",     NULL};

    return options_name(options, keys);
}

bool wcenc__lavc_options_touch_rate(const struct encoder_config *config)
{
    static const char *const keys[] = {"b",       "maxrate",     "minrate",  "bufsize",   "crf", "qp",
                                       "nal-hrd", "x264-params", "x264opts", "x264-opts", NULL};

    return options_name(config->given.encoder_options, keys);
}

uint8_t wcenc__lavc_purposes(const struct encoder_config *config)
{
    const char *hint = config->given.content_hint;
    bool is_screen = hint && (strcmp(hint, "detail") == 0 || strcmp(hint, "text") == 0);

    return (uint8_t)((config->temporal_layers > 1 ? FOR_LAYERS : 0) |
                     (config->given.alpha == WCENC_ALPHA_KEEP ? FOR_ALPHA : 0) | (is_screen ? FOR_SCREEN : 0));
}

bool wcenc__lavc_asks_for_keys(const struct encoder_config *config)
{
    return wcenc__lavc_purposes(config) & (FOR_LAYERS | FOR_ALPHA);
}

uint32_t wcenc__lavc_frames_held(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    if (config->given.latency_mode == WCENC_LATENCY_REALTIME || config->temporal_layers > 1)
        return 0;
    if (options_touch_lookahead(config->given.encoder_options))
        return encoder->lookahead_max + held_beside_lookahead(encoder, config) + 32;
    return encoder->lookahead ? lookahead_of(encoder, config) + held_beside_lookahead(encoder, config) : 0;
}

/* Log2 of the tile columns that give every thread some 256 pixels of width. */
static uint32_t tile_columns_log2(const struct encoder_config *config)
{
    uint32_t log2 = 0;

    while (log2 < 4 && (2u << log2) <= config->threads && (512u << log2) <= config->given.width)
        log2++;
    return log2;
}

/*
 * The level as x264 and x265 take it: ten times the level; 9 is 1b. From level 5 on x265 takes blocks of 32 pixels at
 * least, and crashes where the picture is smaller: there it is told 4.1, which such a picture keeps in any case.
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

enum { OPTION_VALUE_SIZE = 256 };

/* Names that values may contain, and what stands for them. */
struct variables {
    const struct lavc_encoder *encoder;
    const struct encoder_config *config;
    struct lavc_rate rate;
};

static bool is_named(const char *wanted, const char *name, size_t length)
{
    return strlen(wanted) == length && memcmp(wanted, name, length) == 0;
}

/* What the caller gave; else as many as there are CPUs, as far as the encoder gains from them. */
static uint32_t threads_of(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    uint32_t most = encoder->default_threads_max;

    return config->given.threads || most == 0 || config->threads < most ? config->threads : most;
}

/* FFmpeg's number for what a codec string with profile_idc 66 means here. */
enum { CONSTRAINED_BASELINE = 66 | 1 << 9 };

static bool write_number(const struct variables *variables, const char *name, size_t length, char *out, size_t size)
{
    const struct encoder_config *config = variables->config;
    const struct codec_id *codec = &config->codec;
    const uint32_t refs_max = wcenc__codec_level_max_refs(codec, config->given.width, config->given.height);
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"bitrate", variables->rate.bitrate},
        {"max_rate", variables->rate.max_rate},
        {"buffer_size", variables->rate.buffer_size},
        {"key_interval", config->key_interval},
        {"key_interval_2", config->key_interval < 2 ? 2 : config->key_interval},
        {"b_frames", config->given.max_b_frames},
        {"threads", threads_of(variables->encoder, config)},
        {"lookahead", lookahead_of(variables->encoder, config)},
        {"refs", refs_max < 3 ? refs_max : 3},
        {"level", level_times_ten(config)},
        {"level_idc", codec->level},
        {"profile_idc", codec->family == CODEC_H264 && codec->profile == 66 ? CONSTRAINED_BASELINE : codec->profile},
        {"tier", codec->tier},
        {"tile_columns", tile_columns_log2(config)},
        {"8x8dct", codec->profile >= 100},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (is_named(numbers[i].name, name, length)) {
            (void)snprintf(out, size, "%" PRId64, numbers[i].value);
            return true;
        }
    return false;
}

static bool write_text(const struct variables *variables, const char *name, size_t length, char *out, size_t size)
{
    const struct codec_id *codec = &variables->config->codec;
    enum { NARROW = 64 };
    const bool baseline = codec->family == CODEC_H264 && codec->profile == 66;
    char why[FAILURE_TEXT_SIZE], layers[OPTION_VALUE_SIZE] = "";
    const struct codec_profile *profile = wcenc__codec_profile(codec, why, sizeof why);
    const struct {
        const char *name;
        const char *value; /* empty: the option is left alone */
    } texts[] = {
        {"profile", profile && profile->option ? profile->option : ""},
        {"coder", baseline ? "vlc" : "ac"},
        {"weightp", baseline ? "0" : ""},
        {"cutree", variables->config->given.width < NARROW ? "cutree=0" : ""},
        {"layers", layers},
    };

    if (variables->config->temporal_layers > 1)
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

/* Options that are lists of their own ("x264-params") are added to; the later value of a key wins. */
static int set_list_option(AVCodecContext *context, const char *key, const char *value)
{
    AVDictionary *list = NULL;
    int error = av_opt_get_dict_val(context, key, AV_OPT_SEARCH_CHILDREN, &list);

    if (error >= 0)
        error = av_dict_parse_string(&list, value, "=", ":", 0);
    if (error >= 0)
        error = av_opt_set_dict_val(context, key, list, AV_OPT_SEARCH_CHILDREN);
    av_dict_free(&list);
    return error;
}

/* The one place where an option is set. */
static bool set_option(AVCodecContext *context, const char *key, const char *value, const char *origin,
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
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, error, "%s: %s does not take \"%s\" for option \"%s\"",
                           origin, context->codec->name, value, key);
        return false;
    }
    return true;
}

static bool apply_rows(AVCodecContext *context, const struct variables *variables, struct failure *failure)
{
    uint8_t latency = variables->config->given.latency_mode == WCENC_LATENCY_REALTIME ? WHEN_REALTIME : WHEN_QUALITY;
    uint8_t mode = (uint8_t)(1 << variables->config->given.bitrate_mode);
    uint8_t purposes = wcenc__lavc_purposes(variables->config);
    char value[OPTION_VALUE_SIZE];

    for (const struct option_row *row = variables->encoder->rows; row->key; row++) {
        if (!(row->latency & latency) || !(row->mode & mode) || (row->purpose && !(row->purpose & purposes)))
            continue;
        if (!expand(variables, row->value, value, sizeof value)) {
            wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s: option \"%s\" has no value",
                               context->codec->name, row->key);
            return false;
        }
        if (value[0] && !set_option(context, row->key, value, "libwcenc", failure))
            return false;
    }
    return true;
}

/* Values that the encoder would print about, were they not one of these. Lists are separated as x264 does. */
static const struct {
    const char *encoder;
    const char *key;
    const char *values;
    const char *separators;
} choices[] = {
    {"libx264", "preset",
     " 0 1 2 3 4 5 6 7 8 9 ultrafast superfast veryfast faster fast medium slow slower veryslow placebo ", ""},
    {"libx264", "tune", " film animation grain stillimage psnr ssim fastdecode zerolatency touhou ", ",./-+"},
};

static bool is_choice(const char *values, const char *word, size_t length)
{
    for (const char *found = values; length && (found = strchr(found, ' ')) && found[1]; found++)
        if (strncmp(found + 1, word, length) == 0 && found[1 + length] == ' ')
            return true;
    return false;
}

static bool check_choice(const char *encoder, const char *key, const char *value, struct failure *failure)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (strcmp(choices[i].encoder, encoder) != 0 || strcmp(choices[i].key, key) != 0)
            continue;
        for (const char *word = value;; word++) {
            size_t length = choices[i].separators[0] ? strcspn(word, choices[i].separators) : strlen(word);

            if (!is_choice(choices[i].values, word, length)) {
                wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                                   "encoder_options: %s has no %s \"%.*s\"; it has%s", encoder, key, (int)length, word,
                                   choices[i].values);
                return false;
            }
            word += length;
            if (!*word)
                break;
        }
    }
    return true;
}

/* A number as FFmpeg reads it, with one of its suffixes. */
static bool is_number(const char *text)
{
    char *end;

    (void)strtod(text, &end);
    if (end == text)
        return false;
    end += strcspn(end, "kKMGiBbm") == 0 && *end ? 1 : 0;
    end += *end == 'i' ? 1 : 0;
    end += *end == 'B' ? 1 : 0;
    return *end == '\0';
}

/* One of the names that the option has for its values. */
static bool is_constant(AVCodecContext *context, const AVOption *option, const char *name, size_t length)
{
    static const char general[] = " default max min none all auto true false yes no on off enable disable ";
    char constant[64];

    if (length == 0 || length >= sizeof constant)
        return false;
    memcpy(constant, name, length);
    constant[length] = '\0';
    return is_choice(general, name, length) || is_number(constant) ||
           (option->unit && av_opt_find(context, constant, option->unit, 0, AV_OPT_SEARCH_CHILDREN));
}

/* FFmpeg prints about numbers that it cannot read: what is neither a number nor a name never gets there. */
static bool is_readable(AVCodecContext *context, const char *key, const char *value)
{
    const AVOption *option = av_opt_find(context, key, NULL, 0, AV_OPT_SEARCH_CHILDREN);
    const char *word = value;

    if (!option)
        return true;
    switch (option->type) {
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT64:
    case AV_OPT_TYPE_FLOAT:
    case AV_OPT_TYPE_DOUBLE:
    case AV_OPT_TYPE_BOOL:
        return is_constant(context, option, value, strlen(value));
    case AV_OPT_TYPE_FLAGS:
        do {
            size_t length;

            word += strspn(word, "+-");
            length = strcspn(word, "+-");
            if (!is_constant(context, option, word, length))
                return false;
            word += length;
        } while (*word);
        return true;
    default:
        return true;
    }
}

/* What is not the caller's to set, and why. */
static const struct {
    const char *key;
    const char *why;
} reserved_options[] = {
    {"profile", "the profile is the codec string's to say"},
    {"level", "the level is the codec string's to say"},
    {"forced-idr", "a key frame that was asked for is one to start from"},
    {"ts-parameters", "layers are scalability_mode's to say"},
    {"drop-threshold", "an encoder that drops frames by itself would lose them; max_queued_frames drops and tells"},
};

/*
 * The same of keys inside options that are lists of their own: what they say of the stream is the config's to say,
 * several passes leave files behind, and some bring encoders down.
 */
static const struct {
    const char *option;
    const char *keys; /* with a space on either side */
} reserved_keys[] = {
    {"x264-params", " pass stats crop-rect colorprim transfer colormatrix fullrange range sar level profile "},
    {"x264opts", " pass stats crop-rect colorprim transfer colormatrix fullrange range sar level profile "},
    {"x264-opts", " pass stats crop-rect colorprim transfer colormatrix fullrange range sar level profile "},
    {"x265-params", " pass stats frame-dup colorprim transfer colormatrix range sar level-idc profile "
                    "analysis-save analysis-load "},
    {"aom-params", " color-primaries transfer-characteristics matrix-coefficients "},
    {"svtav1-params", " color-primaries transfer-characteristics matrix-coefficients color-range pass passes stats "},
    {"rav1e-params", " still_picture primaries transfer matrix range pass "},
};

/* The first key of a list that is not the caller's to set; NULL if there is none. */
static const char *reserved_key(const char *option, const char *list, size_t *length)
{
    for (size_t i = 0; i < sizeof reserved_keys / sizeof reserved_keys[0]; i++) {
        if (strcmp(reserved_keys[i].option, option) != 0)
            continue;
        for (const char *at = list; *at; at += strspn(at, ":")) {
            *length = strcspn(at, "=:");
            if (is_choice(reserved_keys[i].keys, at, *length))
                return at;
            at += strcspn(at, ":");
        }
    }
    return NULL;
}

static bool refuse_reserved(const char *key, const char *value, struct failure *failure)
{
    size_t length = 0;
    const char *inner = reserved_key(key, value, &length);

    if (inner) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: \"%.*s\" of %s is the config's to say, or not to be used", (int)length,
                           inner, key);
        return true;
    }
    if (strcmp(key, "flags") == 0 && strstr(value, "pass")) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "encoder_options: there is one pass only");
        return true;
    }
    return false;
}

/* What layers and alpha rest on. */
static bool refuse_for_purpose(const struct encoder_config *config, const char *key, struct failure *failure)
{
    static const char keys[] = " g keyint_min error-resilient lag-in-frames auto-alt-ref ";

    if (!wcenc__lavc_asks_for_keys(config) || !is_choice(keys, key, strlen(key)))
        return false;
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                       "encoder_options: \"%s\" is not to be set where there are layers or alpha", key);
    return true;
}

static bool apply_own_option(AVCodecContext *context, const struct encoder_config *config, const char *key,
                             const char *value, struct failure *failure)
{
    if (refuse_reserved(key, value, failure) || refuse_for_purpose(config, key, failure))
        return false;
    for (size_t i = 0; i < sizeof reserved_options / sizeof reserved_options[0]; i++)
        if (strcmp(key, reserved_options[i].key) == 0) {
            wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "encoder_options: %s", reserved_options[i].why);
            return false;
        }
    if (!is_readable(context, key, value)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: %s: \"%s\" is no value of option \"%s\"", context->codec->name, value,
                           key);
        return false;
    }
    return check_choice(context->codec->name, key, value, failure) &&
           set_option(context, key, value, "encoder_options", failure);
}

static bool apply_own_options(AVCodecContext *context, const struct encoder_config *config, struct failure *failure)
{
    const char *text = config->given.encoder_options;
    bool done = true;

    while (done && *text) {
        char *key = NULL, *value = NULL;
        int error = av_opt_get_key_value(&text, "=", ":", 0, &key, &value);

        if (error < 0) {
            wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, error,
                               "encoder_options: \"%.64s\" is not of the form key=value", text);
            done = false;
        } else {
            done = apply_own_option(context, config, key, value, failure);
            text += strspn(text, ":");
        }
        av_free(key);
        av_free(value);
    }
    return done;
}

bool wcenc__lavc_apply_options(AVCodecContext *context, const struct lavc_encoder *encoder,
                               const struct encoder_config *config, struct failure *failure)
{
    struct variables variables = {encoder, config, wcenc__lavc_rate(config)};

    if (!apply_rows(context, &variables, failure))
        return false;
    return !config->given.encoder_options || apply_own_options(context, config, failure);
}
