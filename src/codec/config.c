/* SPDX-License-Identifier: MIT */

/*
 * Configurations: copied from the caller, checked against the spec's "valid config", completed with defaults. Whether
 * an encoder can do what a valid one asks for is support.c's question.
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "abi.h"
#include "color_space.h"
#include "cpu.h"
#include "hdr_metadata.h"
#include "mem.h"
#include "profiles.h"
#include "status.h"

enum {
    DEFAULT_KEY_SECONDS = 10,
    DEFAULT_KEY_INTERVAL_MAX = 300,
    RATE_DENOMINATOR_MAX = 1001000,
};

/* Bits per pixel and second that make a decent picture of ordinary content, by codec. */
static const double default_bits_per_pixel[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = 0.1, [CODEC_HEVC] = 0.07, [CODEC_VP8] = 0.1, [CODEC_VP9] = 0.07, [CODEC_AV1] = 0.06,
};

void wcenc_config_init(wcenc_config *config, size_t size)
{
    wcenc__struct_init(config, size);
}

/* Enumerators of a member run from 0 to `last`; one beyond WebCodecs may follow. */
struct enum_check {
    size_t offset;
    const char *name;
    int32_t last;
    int32_t beyond; /* 0: none */
};

#define ENUM_MEMBER(member, ...)                             \
    {                                                        \
        offsetof(wcenc_config, member), #member, __VA_ARGS__ \
    }

static const struct enum_check enum_checks[] = {
    ENUM_MEMBER(has_quality, 1, 0),
    ENUM_MEMBER(force_screen_content_tools, 1, 0),
    ENUM_MEMBER(hardware_acceleration, WCENC_HARDWARE_PREFER_SOFTWARE, WCENC_HARDWARE_REQUIRED),
    ENUM_MEMBER(bitrate_mode, WCENC_BITRATE_QUANTIZER, WCENC_BITRATE_CONSTANT_QUALITY),
    ENUM_MEMBER(alpha, WCENC_ALPHA_KEEP, 0),
    ENUM_MEMBER(latency_mode, WCENC_LATENCY_REALTIME, 0),
    ENUM_MEMBER(bitstream_format, WCENC_BITSTREAM_ANNEXB, 0),
    ENUM_MEMBER(chroma_location, WCENC_CHROMA_LOCATION_TOP_LEFT, 0),
};

static wcenc_status check_enums(const wcenc_config *config)
{
    for (size_t i = 0; i < ARRAY_LENGTH(enum_checks); i++) {
        const struct enum_check *check = &enum_checks[i];
        int32_t value;

        memcpy(&value, (const char *)config + check->offset, sizeof value);
        if ((value >= 0 && value <= check->last) || (check->beyond && value == check->beyond))
            continue;
        if (check->beyond)
            return wcenc__fail(WCENC_ERROR_TYPE, "config.%s is %d; use 0 to %d or %d", check->name, (int)value,
                               (int)check->last, (int)check->beyond);
        return wcenc__fail(WCENC_ERROR_TYPE, "config.%s is %d; use 0 to %d", check->name, (int)value, (int)check->last);
    }
    return WCENC_OK;
}

/* ASCII whitespace only makes a codec string empty; it is not trimmed from one that is not. */
static bool is_blank(const char *text)
{
    return text[strspn(text, "\t\n\f\r ")] == '\0';
}

static wcenc_status check_valid(const wcenc_config *config)
{
    if (!config->codec || is_blank(config->codec))
        return wcenc__fail(WCENC_ERROR_TYPE, "config.codec is missing or empty");
    if (config->width == 0 || config->height == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "config.%s is 0", config->width ? "height" : "width");
    if (!isfinite(config->framerate))
        return wcenc__fail(WCENC_ERROR_TYPE, "config.framerate is not a finite number");
    if (!isfinite(config->quality))
        return wcenc__fail(WCENC_ERROR_TYPE, "config.quality is not a finite number");
    if (!wcenc__color_space_is_valid(&config->color_space))
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "config.color_space {%d, %d, %d, %d} has a value that its enum does not have",
                           (int)config->color_space.primaries, (int)config->color_space.transfer,
                           (int)config->color_space.matrix, (int)config->color_space.range);
    return check_enums(config);
}

/*
 * The nearest fraction with a denominator that rate control can count in: n/1 or n/1001 where that is what was meant,
 * continued fractions else.
 */
static struct rational rate_from_double(double rate)
{
    double rest = rate;
    int64_t numerator = 1, denominator = 0, last_numerator = 0, last_denominator = 1;

    for (int i = 0; i < 32; i++) {
        double whole = floor(rest);
        int64_t next_numerator = (int64_t)whole * numerator + last_numerator;
        int64_t next_denominator = (int64_t)whole * denominator + last_denominator;

        if (next_numerator > INT32_MAX || next_denominator > RATE_DENOMINATOR_MAX)
            break;
        last_numerator = numerator, last_denominator = denominator;
        numerator = next_numerator, denominator = next_denominator;
        if (fabs((double)numerator / (double)denominator - rate) < rate * 1e-9 || rest - whole < 1e-9)
            break;
        rest = 1 / (rest - whole);
    }
    return (struct rational){(int)numerator, (int)denominator};
}

/* Rates outside of these are not supported, which support.c says; the fraction has to be one in any case. */
static struct rational framerate_of(const wcenc_config *given)
{
    double rate = given->framerate;

    if (!(rate > 0))
        rate = CONFIG_FRAMERATE_DEFAULT;
    if (rate < CONFIG_FRAMERATE_MIN)
        rate = CONFIG_FRAMERATE_MIN;
    if (rate > CONFIG_FRAMERATE_MAX)
        rate = CONFIG_FRAMERATE_MAX;
    return rate_from_double(rate);
}

static uint64_t bitrate_of(const struct encoder_config *config)
{
    double rate = (double)config->framerate.numerator / config->framerate.denominator;
    double pixels = (double)config->given.width * config->given.height;

    if (config->given.bitrate)
        return config->given.bitrate;
    if (config->given.bitrate_mode == WCENC_BITRATE_CONSTANT_QUALITY)
        return 0;
    /* Sizes may be anything as yet; a double beyond 64 bits has no integer. */
    return (uint64_t)fmin(pixels * fmin(rate, 120) * default_bits_per_pixel[config->codec.family], 1e18) + 20000;
}

/* A codec that is not known has no scale either. */
static double quality_of(const struct encoder_config *config)
{
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);

    return config->given.has_quality || config->given.quality != 0 ? config->given.quality
           : family                                                ? family->default_quality
                                                                   : 0;
}

static uint32_t key_interval_of(const struct encoder_config *config)
{
    double frames = ceil((double)DEFAULT_KEY_SECONDS * config->framerate.numerator / config->framerate.denominator);

    if (config->given.key_interval)
        return config->given.key_interval;
    return frames < 1 ? 1 : frames > DEFAULT_KEY_INTERVAL_MAX ? DEFAULT_KEY_INTERVAL_MAX : (uint32_t)frames;
}

static uint32_t temporal_layers_of(const char *mode)
{
    static const char *const modes[WCENC_TEMPORAL_LAYERS_MAX] = {"L1T1", "L1T2", "L1T3"};

    if (!mode || !*mode)
        return 1;
    for (uint32_t i = 0; i < ARRAY_LENGTH(modes); i++)
        if (strcmp(modes[i], mode) == 0)
            return i + 1;
    return 0;
}

struct level_demand wcenc__config_level_demand(const struct encoder_config *config)
{
    const wcenc_config *given = &config->given;
    const bool has_bitrate = given->bitrate_mode != WCENC_BITRATE_QUANTIZER;

    return (struct level_demand){given->width, given->height,
                                 given->framerate > 0 ? given->framerate : CONFIG_FRAMERATE_DEFAULT,
                                 has_bitrate ? given->bitrate : 0};
}

/* The level that the stream needs, and a default bitrate that it allows. */
static void fill_level(struct encoder_config *config)
{
    const struct codec_id asked = config->codec;
    const struct level_demand demand = wcenc__config_level_demand(config);
    uint64_t max_bitrate;

    wcenc__codec_level_raise(&config->codec, &demand);
    config->codec_string = config->given.codec;
    if (wcenc__codec_level_is_above(&config->codec, &asked)) {
        wcenc__codec_string_write(&config->codec, config->raised_codec);
        config->codec_string = config->raised_codec;
    }
    max_bitrate = wcenc__codec_level_max_bitrate(&config->codec);
    if (!config->given.bitrate && config->bitrate > max_bitrate)
        config->bitrate = max_bitrate;
}

/* With parallel groups the stream must not depend on the machine: each group has one thread, unless more are set. */
static uint32_t threads_of(const wcenc_config *given)
{
    if (given->threads)
        return given->threads;
    return given->parallel_groups ? 1 : wcenc__cpu_count();
}

static void fill_defaults(struct encoder_config *config)
{
    const wcenc_config *given = &config->given;

    config->framerate = framerate_of(given);
    config->bitrate = bitrate_of(config);
    fill_level(config);
    config->quality = quality_of(config);
    config->key_interval = key_interval_of(config);
    config->threads = threads_of(given);
    config->display_width = given->display_width ? given->display_width : given->width;
    config->display_height = given->display_height ? given->display_height : given->height;
    config->is_manual = given->scalability_mode && strcmp(given->scalability_mode, "manual") == 0;
    config->temporal_layers = config->is_manual ? 1 : temporal_layers_of(given->scalability_mode);
    config->annexb = (config->codec.family == CODEC_H264 || config->codec.family == CODEC_HEVC) &&
                     given->bitstream_format == WCENC_BITSTREAM_ANNEXB;
}

/* Replaces the caller's pointer by a copy. */
static bool own_text(const char **text)
{
    if (!*text)
        return true;
    *text = mem_strdup(*text);
    return *text != NULL;
}

/* The members that are texts, with NULL for those that are not owned yet. */
static bool own_texts(wcenc_config *config)
{
    const char **texts[] = {&config->codec, &config->scalability_mode, &config->content_hint, &config->encoder_name,
                            &config->encoder_options};

    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (own_text(texts[i]))
            continue;
        for (size_t rest = i + 1; rest < ARRAY_LENGTH(texts); rest++)
            *texts[rest] = NULL;
        return false;
    }
    return true;
}

wcenc_status wcenc__config_create(const wcenc_config *from, bool tolerate_unknown, struct encoder_config **out)
{
    wcenc_config given;
    wcenc_hdr_metadata hdr_metadata;
    bool sets_unknown = false, hdr_sets_unknown;
    wcenc_status status = wcenc__struct_copy_known(&given, sizeof given, from, sizeof given, "config", &sets_unknown);
    struct encoder_config *config;

    if (status != WCENC_OK)
        return status;
    /* Validity comes first: a config that is both invalid and unknown is a TypeError. */
    if (check_valid(&given) != WCENC_OK || wcenc__hdr_metadata_copy(given.hdr_metadata, "config.hdr_metadata",
                                                                    &hdr_metadata, &hdr_sets_unknown) != WCENC_OK)
        return WCENC_ERROR_TYPE;
    sets_unknown = sets_unknown || hdr_sets_unknown;
    if (sets_unknown && !tolerate_unknown)
        return wcenc__unknown_check(true, "config");

    config = mem_zalloc(sizeof *config);
    if (!config)
        return wcenc__fail_no_memory();
    ref_init(&config->ref);
    config->given = given;
    config->hdr_metadata = hdr_metadata;
    config->given.hdr_metadata = hdr_metadata_is_set(&hdr_metadata) ? &config->hdr_metadata : NULL;
    if (!own_texts(&config->given)) {
        wcenc__config_unref(config);
        return wcenc__fail_no_memory();
    }
    config->sets_unknown = sets_unknown;
    (void)wcenc__codec_string_parse(config->given.codec, &config->codec, NULL);
    fill_defaults(config);
    *out = config;
    return WCENC_OK;
}

struct encoder_config *wcenc__config_ref(struct encoder_config *config)
{
    if (config)
        ref_take(&config->ref);
    return config;
}

void wcenc__config_unref(struct encoder_config *config)
{
    if (!config || !ref_give(&config->ref))
        return;
    mem_free((char *)config->given.codec);
    mem_free((char *)config->given.scalability_mode);
    mem_free((char *)config->given.content_hint);
    mem_free((char *)config->given.encoder_name);
    mem_free((char *)config->given.encoder_options);
    mem_free(config);
}

void wcenc__config_split(const struct encoder_config *config, enum config_part part, struct encoder_config *out)
{
    const uint64_t alpha = config->bitrate / 100 * CONFIG_ALPHA_PERCENT;

    memcpy(out, config, sizeof *out);
    if (config->given.alpha == WCENC_ALPHA_KEEP)
        out->bitrate = part == CONFIG_PART_ALPHA ? alpha : config->bitrate - alpha;
}

static bool text_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Members of numbers that an open encoder cannot take on. */
static const struct member {
    size_t offset;
    size_t size;
} compared_members[] = {
#define COMPARED(member)                                                             \
    {                                                                                \
        offsetof(wcenc_config, member), sizeof(((const wcenc_config *)NULL)->member) \
    }
    COMPARED(hardware_acceleration),
    COMPARED(alpha),
    COMPARED(bitrate_mode),
    COMPARED(latency_mode),
    COMPARED(threads),
    COMPARED(key_interval),
    COMPARED(max_b_frames),
    COMPARED(max_delay_frames),
    COMPARED(color_space),
    COMPARED(chroma_location),
    COMPARED(effort),
    COMPARED(force_screen_content_tools),
    COMPARED(has_quality),
    COMPARED(quality),
    COMPARED(parallel_groups),
#undef COMPARED
};

/* By member: bytes between members are the caller's, and may be anything. */
static bool members_equal(const wcenc_config *a, const wcenc_config *b)
{
    for (size_t i = 0; i < ARRAY_LENGTH(compared_members); i++) {
        const struct member *member = &compared_members[i];

        if (memcmp((const char *)a + member->offset, (const char *)b + member->offset, member->size) != 0)
            return false;
    }
    return text_equal(a->codec, b->codec) && text_equal(a->scalability_mode, b->scalability_mode) &&
           text_equal(a->content_hint, b->content_hint) && text_equal(a->encoder_name, b->encoder_name) &&
           text_equal(a->encoder_options, b->encoder_options);
}

static bool have_same_size(const struct encoder_config *a, const struct encoder_config *b)
{
    return a->given.width == b->given.width && a->given.height == b->given.height &&
           a->display_width == b->display_width && a->display_height == b->display_height;
}

uint32_t wcenc__config_changes(const struct encoder_config *old, const struct encoder_config *new_config)
{
    /* Options such as crf are capped where a bitrate is set, whatever the default would be. */
    const bool same_cap = !new_config->given.encoder_options || !old->given.bitrate == !new_config->given.bitrate;
    uint32_t changes = 0;

    if (!members_equal(&old->given, &new_config->given) || old->annexb != new_config->annexb)
        changes |= CONFIG_OTHER;
    if (!have_same_size(old, new_config))
        changes |= CONFIG_SIZE;
    if (!same_cap || old->bitrate != new_config->bitrate)
        changes |= CONFIG_BITRATE;
    if (old->framerate.numerator != new_config->framerate.numerator ||
        old->framerate.denominator != new_config->framerate.denominator ||
        config_has_framerate(old) != config_has_framerate(new_config))
        changes |= CONFIG_FRAMERATE;
    return changes;
}
