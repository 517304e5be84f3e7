/* SPDX-License-Identifier: MIT */

/* What the table of encoders knows of a configuration, without opening anything. */

#include <inttypes.h>

#include "compiler.h"
#include "lavc.h"
#include "registry.h"

static bool refuse(struct failure *failure, const char *format, const char *encoder, unsigned value, unsigned limit)
{
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, format, encoder, value, limit);
    return false;
}

static bool check_size(const struct lavc_encoder *encoder, const wcenc_config *given, struct failure *failure)
{
    /* FFmpeg's own bound for a context, which it would print about: 8 bytes a pixel, and some more each way. */
    uint64_t row = given->width * UINT64_C(8) + 1024;

    if (row * (given->height + UINT64_C(128)) >= INT32_MAX) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s: height is %u, FFmpeg allows %u at a width of %u",
                           encoder->name, given->height, (unsigned)((INT32_MAX - 1) / row - 128), given->width);
        return false;
    }
    if (encoder->even_size && given->width % 2)
        return refuse(failure, "%s: width %u is odd, 4:2:0 needs an even one", encoder->name, given->width, 0);
    if (encoder->even_size && given->height % 2)
        return refuse(failure, "%s: height %u is odd, 4:2:0 needs an even one", encoder->name, given->height, 0);
    if (encoder->max_height && given->height > encoder->max_height)
        return refuse(failure, "%s: height is %u, the encoder allows %u", encoder->name, given->height,
                      encoder->max_height);
    if (given->width < encoder->min_size)
        return refuse(failure, "%s: width is %u, the encoder needs at least %u", encoder->name, given->width,
                      encoder->min_size);
    if (given->height < encoder->min_size)
        return refuse(failure, "%s: height is %u, the encoder needs at least %u", encoder->name, given->height,
                      encoder->min_size);
    return true;
}

/* What the encoder can code with the codec strings that ask for it. */
static uint32_t sample_capabilities(const struct lavc_encoder *encoder)
{
    static const struct {
        enum AVPixelFormat format;
        uint32_t capability;
    } rows[] = {
        {AV_PIX_FMT_YUV422P, WCENC_CAPABILITY_422},      {AV_PIX_FMT_YUV422P10, WCENC_CAPABILITY_422},
        {AV_PIX_FMT_YUV444P, WCENC_CAPABILITY_444},      {AV_PIX_FMT_YUV420P10, WCENC_CAPABILITY_10_BIT},
        {AV_PIX_FMT_YUV422P10, WCENC_CAPABILITY_10_BIT},
    };
    /* Through hardware, 8 bits of 4:2:0 are encoded. */
    const AVCodec *codec = encoder->device ? NULL : avcodec_find_encoder_by_name(encoder->name);
    uint32_t capabilities = 0;

    for (size_t i = 0; codec && i < sizeof rows / sizeof rows[0]; i++)
        if (wcenc__lavc_takes_format(codec, rows[i].format))
            capabilities |= rows[i].capability;
    return capabilities;
}

/* Devices come and go. */
static bool has_device(const struct lavc_encoder *encoder, struct failure *failure)
{
    const char *missing = wcenc__lavc_device_missing(encoder->device);

    if (missing)
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "%s needs hardware, and there is no %s that it can use", encoder->name, missing);
    return !missing;
}

static bool check_constant_quality(const struct lavc_encoder *encoder, const struct encoder_config *config,
                                   struct failure *failure)
{
    if (config->temporal_layers > 1) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "bitrate_mode \"constant-quality\": layers of %s have parts of a bitrate", encoder->name);
        return false;
    }
    if (config->bitrate && encoder->has_no_cap) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "bitrate_mode \"constant-quality\": %s has no cap, bitrate is %" PRIu64, encoder->name,
                           config->bitrate);
        return false;
    }
    return true;
}

static bool is_without_constant(const struct lavc_encoder *encoder)
{
    return encoder->constant_is_unsafe_in_ffmpeg_7 && !compat_libaom_has_constant_bitrate();
}

static bool check_modes(const struct lavc_encoder *encoder, const struct encoder_config *config,
                        struct failure *failure)
{
    static const char *const mode_names[] = {"variable", "constant", "quantizer"};
    const bool is_quality = wcenc__lavc_mode(config) == WHEN_CONSTANT_QUALITY;
    static const char *const latency_names[] = {"quality", "realtime"};
    const wcenc_config *given = &config->given;

    if (encoder->device && (config->codec.bit_depth != 8 || config->codec.chroma != CHROMA_420))
        return refuse(failure, "%s: %u bits; through hardware 8 bits of 4:2:0 are coded", encoder->name,
                      config->codec.bit_depth, 0);
    if (is_without_constant(encoder) &&
        (given->bitrate_mode == WCENC_BITRATE_CONSTANT || given->latency_mode == WCENC_LATENCY_REALTIME)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "bitrate_mode \"constant\" and latency_mode \"realtime\": FFmpeg 7 writes to freed memory "
                           "where it opens %s with either",
                           encoder->name);
        return false;
    }
    if (!(encoder->modes & wcenc__lavc_mode(config))) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s has no bitrate_mode \"%s\"", encoder->name,
                           is_quality ? "constant-quality" : mode_names[given->bitrate_mode]);
        return false;
    }
    if (is_quality && !check_constant_quality(encoder, config, failure))
        return false;
    if (!(encoder->latencies & (given->latency_mode == WCENC_LATENCY_REALTIME ? WHEN_REALTIME : WHEN_QUALITY))) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s has no latency_mode \"%s\"", encoder->name,
                           latency_names[given->latency_mode]);
        return false;
    }
    return true;
}

static bool check_screen_tools(const struct lavc_encoder *encoder, const struct encoder_config *config,
                               struct failure *failure)
{
    const bool is_realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;
    bool has_tools = false;

    if (!(wcenc__lavc_purposes(config) & FOR_TOOLS))
        return true;
    for (const struct option_row *row = encoder->rows; row->key; row++)
        has_tools = has_tools || (row->purpose & FOR_TOOLS);
    if (!has_tools) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "force_screen_content_tools is 1: %s cannot be made to use them in every frame",
                           encoder->name);
        return false;
    }
    if (!is_realtime || !(wcenc__lavc_avoid(encoder->name, config) & AVOID_SCREEN_IN_REALTIME))
        return true;
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                       "force_screen_content_tools is 1: %s would crash with them in latency_mode \"realtime\" with "
                       "%u bits",
                       encoder->name, config->codec.bit_depth);
    return false;
}

static bool check_table(const struct codec_candidate *candidate, const struct lavc_encoder *encoder,
                        const struct encoder_config *config, struct backend_probe *probe, struct failure *failure)
{
    const wcenc_config *given = &config->given;

    if (!check_modes(encoder, config, failure) || !check_screen_tools(encoder, config, failure))
        return false;
    if (given->effort && !wcenc__lavc_effort_row(encoder->name, 0)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s has no steps of effort, effort is %d",
                           encoder->name, (int)given->effort);
        return false;
    }
    if (given->max_b_frames && !encoder->held_per_b_frame)
        return refuse(failure, "%s has no B-frames, max_b_frames is %u", encoder->name, given->max_b_frames, 0);
    if (!check_size(encoder, given, failure))
        return false;
    probe->delay_frames = wcenc__lavc_frames_held(encoder, config);
    probe->capabilities = sample_capabilities(encoder);
    if ((wcenc__lavc_mode(config) & WHEN_RATE || wcenc__lavc_purposes(config) & FOR_CAP) &&
        wcenc__lavc_changes_rate(candidate->capabilities, config))
        probe->capabilities |= WCENC_CAPABILITY_LIVE_BITRATE;
    if (wcenc__lavc_follows_time(encoder, config))
        probe->capabilities |= WCENC_CAPABILITY_VARIABLE_FRAMERATE;
    return true;
}

static uint32_t latency_modes(const struct lavc_encoder *encoder)
{
    const bool has_realtime = (encoder->latencies & WHEN_REALTIME) && !is_without_constant(encoder);

    return (encoder->latencies & WHEN_QUALITY ? WCENC_HAS_LATENCY_QUALITY : 0u) |
           (has_realtime ? WCENC_HAS_LATENCY_REALTIME : 0u);
}

static uint32_t bitrate_modes(const struct lavc_encoder *encoder)
{
    static const struct {
        uint8_t when;
        uint32_t mode;
    } rows[] = {
        {WHEN_VARIABLE, WCENC_HAS_BITRATE_VARIABLE},
        {WHEN_CONSTANT, WCENC_HAS_BITRATE_CONSTANT},
        {WHEN_QUANTIZER, WCENC_HAS_BITRATE_QUANTIZER},
        {WHEN_CONSTANT_QUALITY, WCENC_HAS_BITRATE_CONSTANT_QUALITY},
    };
    uint32_t modes = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (encoder->modes & rows[i].when)
            modes |= rows[i].mode;
    return is_without_constant(encoder) ? modes & ~(uint32_t)WCENC_HAS_BITRATE_CONSTANT : modes;
}

/* Whether it follows timestamps in a latency mode that it has. */
static bool follows_time_somewhere(const struct lavc_encoder *encoder)
{
    const uint8_t latencies = wcenc__lavc_latencies_with_clock(encoder);
    const uint32_t modes = latency_modes(encoder);

    return ((latencies & WHEN_QUALITY) && (modes & WCENC_HAS_LATENCY_QUALITY)) ||
           ((latencies & WHEN_REALTIME) && (modes & WCENC_HAS_LATENCY_REALTIME));
}

bool wcenc__lavc_describe(const struct codec_candidate *candidate, struct backend_description *description)
{
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(candidate->name);

    if (!encoder || !avcodec_find_encoder_by_name(candidate->name))
        return false;
    *description = (struct backend_description){
        .latency_modes = latency_modes(encoder),
        .bitrate_modes = bitrate_modes(encoder),
        .capabilities =
            sample_capabilities(encoder) | (follows_time_somewhere(encoder) ? WCENC_CAPABILITY_VARIABLE_FRAMERATE : 0u),
    };
    return true;
}

bool wcenc__lavc_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                       struct backend_probe *probe, struct failure *failure)
{
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(candidate->name);

    if (!encoder || !avcodec_find_encoder_by_name(candidate->name)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "FFmpeg has no encoder \"%s\" here", candidate->name);
        return false;
    }
    return has_device(encoder, failure) && check_table(candidate, encoder, config, probe, failure);
}
