/* SPDX-License-Identifier: MIT */

/*
 * Which options of an encoder the caller may set, and to what. FFmpeg prints about values that it cannot read, and its
 * generic options include many that no encoder reads or that are the config's: what is not known to be safe never gets
 * there.
 */

#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/opt.h>

/* Generic options that encoders read. All others of AVCodecContext are for decoders, for audio, or the config's. */
/* clang-format off */
static const char *const generic_options[] = {
    "b", "bt", "maxrate", "minrate", "bufsize", "rc_init_occupancy", "rc_max_vbv_use", "rc_min_vbv_use", "qmin", "qmax",
    "qdiff", "qcomp", "qblur", "i_qfactor", "i_qoffset", "b_qfactor", "b_qoffset", "global_quality", "g", "keyint_min",
    "bf", "refs", "slices", "trellis", "subq", "me_range", "cmp", "threads", "thread_type", "flags", "strict",
    "compression_level", "chroma_sample_location", NULL,
};
/* clang-format on */

/* Options, and keys of lists, that with some values print, use files, hang, crash or lose frames. */
static const char *const unsafe_options[] = {"denoise-noise-level", "still-picture", "stats", "passlogfile", NULL};

#define X264_UNSAFE "asm", "opencl", "opencl-clbin", "opencl-device", "cqmfile", "dump-yuv", "log", NULL

static const struct {
    const char *option;
    const char *const *keys;
} unsafe_keys[] = {
    {"x264-params", (const char *const[]){X264_UNSAFE}},
    {"x264opts", (const char *const[]){X264_UNSAFE}},
    {"x264-opts", (const char *const[]){X264_UNSAFE}},
    {"x265-params",
     (const char *const[]){"asm",           "log",       "log-level",           "log-file-level", "csv",
                           "csv-log-level", "recon",     "lambda-file",         "scaling-list",   "zonefile",
                           "dhdr10-info",   "nalu-file", "analysis-reuse-file", "copy-pic",       "force-flush",
                           "chunk-start",   "chunk-end", "lookahead-threads",   "ctu-info",       NULL}},
    {"aom-params",
     (const char *const[]){"min-partition-size", "max-partition-size", "num-tile-groups", "denoise-noise-level",
                           "enable-dnl-denoising", "sframe-mode", "sframe-dist", "film-grain-table",
                           "partition-info-path", "vmaf-model-path", "rate-distribution-info", NULL}},
    {"svtav1-params", (const char *const[]){"mastering-display", "hierarchical-levels", "resize-mode", NULL}},
};

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* Decimal, with an exponent or one of FFmpeg's suffixes. Its own reader takes more, such as expressions and "nan". */
static bool read_number(const char *text, double *number)
{
    const char *start = text + (*text == '+' || *text == '-');
    const char *end = skip_digits(start);
    double factor = 1, thousand = 1000;

    if (*end == '.')
        end = skip_digits(end + 1);
    if (end - start == (*start == '.'))
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');

        end = skip_digits(exponent);
        if (end == exponent)
            return false;
    } else if (*end && strchr("kKMG", *end)) {
        static const char powers[] = "kMG";
        const char *power = strchr(powers, *end == 'K' ? 'k' : *end);

        thousand = end[1] == 'i' ? 1024 : 1000;
        factor = pow(thousand, (double)(power - powers + 1));
        end += end[1] == 'i' ? 2 : 1;
    }
    if (*end == 'B') {
        factor *= 8;
        end++;
    }
    *number = strtod(text, NULL) * factor;
    return *end == '\0' && isfinite(*number);
}

/* One of the names that the option has for its values. */
static bool is_constant(void *object, const AVOption *option, const char *name, size_t length)
{
    char constant[64];

    if (!option->unit || length == 0 || length >= sizeof constant)
        return false;
    memcpy(constant, name, length);
    constant[length] = '\0';
    return av_opt_find(object, constant, option->unit, 0, 0) != NULL;
}

static bool is_number_or_name(void *object, const AVOption *option, const char *value)
{
    double number;

    if (read_number(value, &number))
        return number >= option->min && number <= option->max;
    return strcmp(value, "default") == 0 || is_constant(object, option, value, strlen(value));
}

/*
 * Numbers within an encoder's own range that it fails with. Encoders count rates in thousands and cut, so that less
 * would be nothing; librav1e makes as many threads as it is asked for. 0 is the encoder's default.
 */
static bool is_beyond_reason(const AVOption *option, const char *value)
{
    static const struct {
        const char *option;
        double least, most;
    } bounds[] = {
        {"b", 1000, INT32_MAX},       {"maxrate", 1000, INT32_MAX}, {"minrate", 1000, INT32_MAX},
        {"bufsize", 1000, INT32_MAX}, {"threads", 1, 1024},
    };
    double number;

    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        if (strcmp(bounds[i].option, option->name) == 0 && read_number(value, &number) && number != 0)
            return number < bounds[i].least || number > bounds[i].most;
    return false;
}

static bool is_truth_value(const char *value)
{
    static const char *const words[] = {"true", "yes",     "on", "enable", "1",  "false", "no",
                                        "off",  "disable", "0",  "auto",   "-1", NULL};

    return wcenc__lavc_is_among(value, words);
}

/* Names only: a number could set flags that are refused by name. */
static bool are_flags(void *object, const AVOption *option, const char *value)
{
    const char *word = value;

    do {
        size_t length;

        word += strspn(word, "+-");
        length = strcspn(word, "+-");
        if (!is_constant(object, option, word, length))
            return false;
        word += length;
    } while (*word);
    return true;
}

/* "2x4" */
static bool is_size(const char *value)
{
    const char *cross = skip_digits(value), *end = *cross == 'x' ? skip_digits(cross + 1) : cross;

    return cross > value && cross - value < 5 && *cross == 'x' && end > cross + 1 && end - cross < 6 && *end == '\0';
}

/* Control characters would reach a terminal by way of a message, and no option has any. */
static bool is_text(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || (unsigned char)*value == 0x7f)
            return false;
    return true;
}

static bool takes_value(void *object, const AVOption *option, const char *value)
{
    switch (option->type) {
    case AV_OPT_TYPE_INT:
    case AV_OPT_TYPE_INT64:
    case AV_OPT_TYPE_UINT64:
    case AV_OPT_TYPE_FLOAT:
    case AV_OPT_TYPE_DOUBLE:
        return is_number_or_name(object, option, value) && !is_beyond_reason(option, value);
    case AV_OPT_TYPE_BOOL:
        return is_truth_value(value);
    case AV_OPT_TYPE_FLAGS:
        return are_flags(object, option, value);
    case AV_OPT_TYPE_IMAGE_SIZE:
        return is_size(value);
    case AV_OPT_TYPE_STRING:
    case AV_OPT_TYPE_DICT:
        return is_text(value);
    default:
        return false;
    }
}

/* The first of what is unsafe, the option itself or a key in its list; false if there is none. */
static bool is_unsafe(const char *option, const char *list, char found[OPTION_NAME_SIZE])
{
    (void)wcenc__lavc_read_name(option, found);
    if (wcenc__lavc_is_among(found, unsafe_options))
        return true;
    for (size_t i = 0; i < sizeof unsafe_keys / sizeof unsafe_keys[0]; i++)
        if (strcmp(unsafe_keys[i].option, option) == 0)
            while (wcenc__lavc_next_name(&list, found))
                if (wcenc__lavc_is_inner(found, unsafe_keys[i].keys))
                    return true;
    return false;
}

bool wcenc__lavc_allows_option(AVCodecContext *context, const char *key, const char *value, struct failure *failure)
{
    void *object = NULL;
    const AVOption *option = av_opt_find2(context, key, NULL, 0, AV_OPT_SEARCH_CHILDREN, &object);
    char unsafe[OPTION_NAME_SIZE];

    /* One that there is not is refused where it is set. */
    if (!option)
        return true;
    if (object == context && !wcenc__lavc_is_among(key, generic_options)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: \"%s\" is not an option of %s, or a member of the config sets it", key,
                           context->codec->name);
        return false;
    }
    if (!takes_value(object, option, value)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: %s: \"%s\" is not valid for option \"%s\"", context->codec->name, value,
                           key);
        return false;
    }
    if (is_unsafe(key, value, unsafe)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "encoder_options: \"%s\" of %s may print, use files, hang, crash or lose frames", unsafe,
                           wcenc__lavc_is_list(key) ? key : context->codec->name);
        return false;
    }
    return true;
}
