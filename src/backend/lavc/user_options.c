/* SPDX-License-Identifier: MIT */

/* The caller's own options: what is not theirs to set is refused, and so is what an encoder would print about. */

#include "lavc.h"
#include "options.h"

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

/* What is not the caller's to set, and why. */
static const struct {
    const char *key;
    const char *why;
} reserved_options[] = {
    {"profile", "the codec string sets the profile"},
    {"level", "the codec string sets the level"},
    {"tier", "the codec string sets the tier"},
    {"field-order", "frames are progressive"},
    {"forced-idr", "a requested key frame is a random access point"},
    {"ts-parameters", "scalability_mode sets the layers"},
    {"drop-threshold", "an encoder that drops frames does not report them; max_queued_frames does"},
};

/*
 * The same of keys inside options that are lists of their own: what they say of the stream is the config's to say,
 * several passes and dumps leave files behind, and some bring encoders down. Every spelling that the encoder has.
 */
#define X264_KEYS                                                                                                   \
    "pass", "stats", "crop-rect", "colorprim", "transfer", "colormatrix", "chromaloc", "fullrange", "range", "sar", \
        "level", "level-idc", "profile", "fps", "annexb", "dump-yuv", NULL

static const struct {
    const char *option;
    const char *const *keys;
} reserved_keys[] = {
    {"x264-params", (const char *const[]){X264_KEYS}},
    {"x264opts", (const char *const[]){X264_KEYS}},
    {"x264-opts", (const char *const[]){X264_KEYS}},
    {"x265-params", (const char *const[]){"pass",        "stats",     "frame-dup",     "colorprim",     "transfer",
                                          "colormatrix", "chromaloc", "range",         "sar",           "level",
                                          "level-idc",   "high-tier", "profile",       "fps",           "input-res",
                                          "input-csp",   "annexb",    "analysis-save", "analysis-load", NULL}},
    {"aom-params", (const char *const[]){"color-primaries", "transfer-characteristics", "matrix-coefficients",
                                         "chroma-sample-position", NULL}},
    {"svtav1-params",
     (const char *const[]){"color-primaries", "transfer-characteristics", "matrix-coefficients", "color-range",
                           "chroma-sample-position", "profile", "level", "tier", "width", "height", "fps", "fps-num",
                           "fps-denom", "pass", "passes", "stats", NULL}},
    {"rav1e-params", (const char *const[]){"still-picture", "width", "height", "primaries", "transfer", "matrix",
                                           "range", "pass", NULL}},
};

/* The first key of a list that is not the caller's to set; false if there is none. */
static bool has_reserved_key(const char *option, const char *list, char found[OPTION_NAME_SIZE])
{
    for (size_t i = 0; i < sizeof reserved_keys / sizeof reserved_keys[0]; i++) {
        if (strcmp(reserved_keys[i].option, option) != 0)
            continue;
        while (wcenc__lavc_next_name(&list, found))
            if (wcenc__lavc_is_inner(found, reserved_keys[i].keys))
                return true;
    }
    return false;
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

/* Whether two names stand for the same value of the encoder: FFmpeg keeps old names of options beside new ones. */
static bool is_same_option(AVCodecContext *context, const char *one, const char *other)
{
    void *one_target = NULL, *other_target = NULL;
    const AVOption *a, *b;
    char one_name[OPTION_NAME_SIZE], other_name[OPTION_NAME_SIZE];

    (void)wcenc__lavc_read_name(one, one_name);
    (void)wcenc__lavc_read_name(other, other_name);
    if (strcmp(one_name, other_name) == 0)
        return true;
    a = av_opt_find2(context, one, NULL, 0, AV_OPT_SEARCH_CHILDREN, &one_target);
    b = av_opt_find2(context, other, NULL, 0, AV_OPT_SEARCH_CHILDREN, &other_target);
    return a && b && one_target == other_target && a->offset == b->offset && a->type != AV_OPT_TYPE_CONST &&
           b->type != AV_OPT_TYPE_CONST;
}

static bool refuse_reserved(AVCodecContext *context, const char *key, const char *value, struct failure *failure)
{
    char inner[OPTION_NAME_SIZE];

    if (has_reserved_key(key, value, inner)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: \"%s\" of %s is not allowed, or a member of the config sets it", inner,
                           key);
        return true;
    }
    for (size_t i = 0; i < sizeof reserved_options / sizeof reserved_options[0]; i++)
        if (is_same_option(context, key, reserved_options[i].key)) {
            wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "encoder_options: \"%s\": %s", key,
                               reserved_options[i].why);
            return true;
        }
    if (strcmp(key, "flags") == 0 && strstr(value, "pass")) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "encoder_options: there is one pass only");
        return true;
    }
    return false;
}

/* What layers and alpha rest on: where key frames are, and that frames come out in their order. */
static bool refuse_for_purpose(AVCodecContext *context, const struct encoder_config *config, const char *key,
                               const char *value, struct failure *failure)
{
    static const char *const keys[] = {"g",        "keyint_min", "error-resilient", "lag-in-frames", "auto-alt-ref",
                                       "vp8flags", "bf",         "sc_threshold"};
    static const char *const inner_keys[] = {"bframes", "keyint", "min-keyint", "scenecut", NULL};
    const char *list = wcenc__lavc_is_list(key) ? value : "";
    char inner[OPTION_NAME_SIZE];
    const char *found = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (is_same_option(context, key, keys[i]))
            found = key;
    while (!found && wcenc__lavc_next_name(&list, inner))
        if (wcenc__lavc_is_inner(inner, inner_keys))
            found = inner;
    if (!found || !wcenc__lavc_asks_for_keys(config))
        return false;
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                       "encoder_options: \"%s\" is not to be set where there are layers or alpha", found);
    return true;
}

static bool apply_own_option(AVCodecContext *context, const struct encoder_config *config, const char *key,
                             const char *value, struct failure *failure)
{
    if (refuse_reserved(context, key, value, failure) || refuse_threads(context, key, value, failure) ||
        refuse_for_purpose(context, config, key, value, failure))
        return false;
    if (!wcenc__lavc_allows_option(context, key, value, failure))
        return false;
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
