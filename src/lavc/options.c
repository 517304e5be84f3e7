/* SPDX-License-Identifier: MIT */

/*
 * The encoders as data: one row each, with the options for every latency and bitrate mode. Values that depend on the
 * configuration stand as {name}. Adding an encoder, or tuning one, is changing rows.
 *
 * All of them: no scene cut or alternative reference that would make two packets of a frame, key frames that are random
 * access points, no dropping of frames.
 */

#include "options.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/dict.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "../codec_registry.h"
#include "map.h"

static const struct lavc_encoder encoders[] = {
    {
        .name = "libx264",
        .modes = WHEN_ANY_MODE,
        .latencies = WHEN_ANY_LATENCY,
        .forces_key_frames = true,
        .takes_nv12 = true,
        .live_bitrate = true,
        .frame_quantizer = true,
        .even_size = true,
        .min_size = 2,
        .lookahead = 30,
        .held_beside_lookahead = 2,
        .held_per_thread = 1,
        .held_per_b_frame = 2,
        .lookahead_max = 250,
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "preset", "medium"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "preset", "superfast"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "tune", "zerolatency"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "rc-lookahead", "{lookahead}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "profile", "{profile}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "level", "{level}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "coder", "{cabac}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "8x8dct", "{8x8dct}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "refs", "{refs}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bf", "{b_frames}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "forced-idr", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                /* Always with a buffer: it is what makes x264 take on a new bitrate while running. */
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "maxrate", "{max_rate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                /* A base of 26 with nothing that moves it, so that a region of interest sets the quantizer exactly. */
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "crf", "26"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "aq-mode", "1"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "aq-strength", "0.01"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "x264-params", "qcomp=1:ipratio=1:pbratio=1:mbtree=0:qpmin=0"},
            },
    },
    {
        .name = "libx265",
        .modes = WHEN_ANY_MODE,
        .latencies = WHEN_ANY_LATENCY,
        .forces_key_frames = true,
        .frame_quantizer = true,
        .even_size = true,
        .min_size = 16,
        .lookahead = 20,
        .held_beside_lookahead = 4,
        .held_per_thread = 1,
        .held_per_b_frame = 2,
        .lookahead_max = 250,
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "preset", "medium"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "preset", "ultrafast"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "tune", "zerolatency"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "profile", "{profile}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "forced-idr", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bf", "{b_frames}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "maxrate", "{max_rate}"},
                {WHEN_ANY_LATENCY, WHEN_RATE, "bufsize", "{buffer_size}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "x265-params",
                 "log-level=none:level-idc={level}:high-tier={tier}:pools={threads}:open-gop=0:info=0"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "x265-params", "rc-lookahead={lookahead}"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "crf", "26"},
                {WHEN_ANY_LATENCY, WHEN_QUANTIZER, "x265-params",
                 "aq-mode=1:aq-strength=0.01:qcomp=1:ipratio=1:pbratio=1:cutree=0"},
            },
    },
    {
        .name = "libvpx",
        .modes = WHEN_RATE,
        .latencies = WHEN_ANY_LATENCY,
        .forces_key_frames = true,
        .lookahead_max = 25,
        .min_size = 1,
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "deadline", "good"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "cpu-used", "2"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "deadline", "realtime"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "cpu-used", "-6"},
                /* VP8 cannot hide a frame in another, so that an alternative reference would be a chunk of its own. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "auto-alt-ref", "0"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bufsize", "{buffer_size}"},
            },
    },
    {
        .name = "libvpx-vp9",
        .modes = WHEN_RATE,
        .latencies = WHEN_ANY_LATENCY,
        .forces_key_frames = true,
        .min_size = 1,
        .lookahead = 16,
        .held_beside_lookahead = 1,
        .lookahead_max = 25,
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "deadline", "good"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "cpu-used", "3"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "lag-in-frames", "{lookahead}"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "auto-alt-ref", "1"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "deadline", "realtime"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "cpu-used", "7"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "aq-mode", "3"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "row-mt", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tile-columns", "{tile_columns}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bufsize", "{buffer_size}"},
            },
    },
    {
        .name = "libaom-av1",
        .modes = WHEN_RATE,
        .latencies = WHEN_ANY_LATENCY,
        .forces_key_frames = true,
        .has_global_state = true,
        .min_size = 1,
        .lookahead = 16,
        .held_beside_lookahead = 2,
        .lookahead_max = 48,
        .rows =
            {
                {WHEN_QUALITY, WHEN_ANY_MODE, "usage", "good"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "cpu-used", "6"},
                {WHEN_QUALITY, WHEN_ANY_MODE, "lag-in-frames", "{lookahead}"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "usage", "realtime"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "cpu-used", "8"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "lag-in-frames", "0"},
                {WHEN_REALTIME, WHEN_ANY_MODE, "aq-mode", "3"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "row-mt", "1"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tile-columns", "{tile_columns}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "minrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_CONSTANT, "maxrate", "{bitrate}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "bufsize", "{buffer_size}"},
            },
    },
    {
        .name = "librav1e",
        .modes = WHEN_VARIABLE,
        .latencies = WHEN_QUALITY,
        .min_size = 16,
        .lookahead = 40,
        .held_beside_lookahead = 20,
        .lookahead_max = 250,
        .rows =
            {
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "speed", "10"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "rav1e-params", "low_latency=true:rdo_lookahead_frames={lookahead}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "tiles", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "threads", "{threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b", "{bitrate}"},
            },
    },
    {
        .name = "libsvtav1",
        .modes = WHEN_VARIABLE,
        .latencies = WHEN_QUALITY,
        .has_global_state = true,
        .needs_frame_to_close = true,
        .min_size = 64,
        .lookahead = 33,
        .held_beside_lookahead = 40,
        .lookahead_max = 120,
        .rows =
            {
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "preset", "8"},
                /* Low delay, so that packets come in the order of the frames. */
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "svtav1-params", "pred-struct=1:lp={threads}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "g", "{key_interval}"},
                {WHEN_ANY_LATENCY, WHEN_ANY_MODE, "b", "{bitrate}"},
            },
    },
};

const struct lavc_encoder *wcenc__lavc_encoder(const char *name)
{
    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++)
        if (strcmp(encoders[i].name, name) == 0)
            return &encoders[i];
    return NULL;
}

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

/* Whether the caller's options may change how far the encoder looks ahead. */
static bool options_touch_lookahead(const char *options)
{
    static const char *const words[] = {"lookahead", "lag",     "params", "opts",    "bf",
                                        "b-frames",  "threads", "tune",   "la_depth"};

    for (size_t i = 0; options && i < sizeof words / sizeof words[0]; i++)
        if (strstr(options, words[i]))
            return true;
    return false;
}

uint32_t wcenc__lavc_frames_held(const struct lavc_encoder *encoder, const struct encoder_config *config)
{
    if (config->given.latency_mode == WCENC_LATENCY_REALTIME)
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

/* The level as x264 and x265 take it: ten times the level; 9 is 1b. */
static uint32_t level_times_ten(const struct codec_id *codec)
{
    if (codec->family == CODEC_HEVC)
        return codec->level / 3u;
    if (codec->level == 11 && (codec->constraints & 0x10) && codec->profile != 100)
        return 9;
    return codec->level;
}

/* Names that values may contain, and what stands for them. */
struct variables {
    const struct lavc_encoder *encoder;
    const struct encoder_config *config;
    struct lavc_rate rate;
};

static int64_t number_named(const struct variables *variables, const char *name, size_t length, bool *known)
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
        {"b_frames", config->given.max_b_frames},
        {"threads", config->threads},
        {"lookahead", lookahead_of(variables->encoder, config)},
        {"refs", refs_max < 3 ? refs_max : 3},
        {"level", level_times_ten(codec)},
        {"tier", codec->tier},
        {"tile_columns", tile_columns_log2(config)},
        {"8x8dct", codec->profile >= 100},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        *known = strlen(numbers[i].name) == length && memcmp(numbers[i].name, name, length) == 0;
        if (*known)
            return numbers[i].value;
    }
    return 0;
}

/* Writes what stands for {name}; false if nothing does. */
static bool write_variable(const struct variables *variables, const char *name, size_t length, char *out, size_t size)
{
    const struct codec_id *codec = &variables->config->codec;
    char why[FAILURE_TEXT_SIZE];
    bool known;
    int64_t number = number_named(variables, name, length, &known);

    if (known) {
        (void)snprintf(out, size, "%" PRId64, number);
    } else if (length == 7 && memcmp(name, "profile", 7) == 0) {
        const struct codec_profile *profile = wcenc__codec_profile(codec, why, sizeof why);

        (void)snprintf(out, size, "%s", profile && profile->option ? profile->option : "");
        known = true;
    } else if (length == 5 && memcmp(name, "cabac", 5) == 0) {
        (void)snprintf(out, size, "%s", codec->profile == 66 ? "vlc" : "ac");
        known = true;
    }
    return known;
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
        if (!write_variable(variables, value + 1, (size_t)(end - value - 1), out + used, size - used))
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
    char value[256];

    for (const struct option_row *row = variables->encoder->rows; row->key; row++) {
        if (!(row->latency & latency) || !(row->mode & mode))
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

static bool apply_own_options(AVCodecContext *context, const char *text, struct failure *failure)
{
    bool done = true;

    while (done && *text) {
        char *key = NULL, *value = NULL;
        int error = av_opt_get_key_value(&text, "=", ":", 0, &key, &value);

        if (error < 0) {
            wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, error,
                               "encoder_options: \"%.64s\" is not of the form key=value", text);
            done = false;
        } else {
            done = set_option(context, key, value, "encoder_options", failure);
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
    return !config->given.encoder_options || apply_own_options(context, config->given.encoder_options, failure);
}
