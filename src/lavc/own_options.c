/* SPDX-License-Identifier: MIT */

/* The caller's own options: what is not theirs to set is refused, and so is what an encoder would print about. */

#include "lavc.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/opt.h>

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

/* Threads that would have too little stack: of the option itself, or of a list that libx264 takes. */
static bool refuse_threads(const AVCodecContext *context, const char *key, const char *value, struct failure *failure)
{
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(context->codec->name);
    const bool sets_threads = strcmp(key, "threads") == 0 || (strncmp(key, "x264", 4) == 0 && strstr(value, "threads"));

    if (!encoder || !sets_threads || wcenc__lavc_may_have_threads(encoder))
        return false;
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                       "encoder_options: threads of %s need stacks of %u kB, the process gives them %zu kB",
                       encoder->name, encoder->thread_stack_kb, wcenc__thread_default_stack() / 1024);
    return true;
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
    if (refuse_reserved(key, value, failure) || refuse_threads(context, key, value, failure) ||
        refuse_for_purpose(config, key, failure))
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
           wcenc__lavc_set_option(context, key, value, "encoder_options", failure);
}

bool wcenc__lavc_apply_own_options(AVCodecContext *context, const struct encoder_config *config,
                                   struct failure *failure)
{
    const char *text = config->given.encoder_options;
    bool done = true;

    while (done && *text) {
        char *key, *value;
        int error = wcenc__lavc_next_pair(&text, &key, &value);

        if (error < 0) {
            wcenc__failure_set(failure, lavc_status(error, WCENC_ERROR_NOT_SUPPORTED), error,
                               "encoder_options: \"%.64s\" is not of the form key=value", text);
            done = false;
        } else {
            done = apply_own_option(context, config, key, value, failure);
        }
        av_free(key);
        av_free(value);
    }
    return done;
}
