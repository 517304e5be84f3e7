/* SPDX-License-Identifier: MIT */

/*
 * Finding out whether an encoder does what a configuration asks for: what the table knows, then by opening it and
 * reading what it would write.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "color_space.h"
#include "lavc.h"
#include "probe_cache.h"
#include "profiles.h"
#include "registry.h"
#include "thread.h"

/* False if the key is longer than the cache keeps. */
static bool make_key(const struct encoder_config *config, const char *encoder, char key[PROBE_KEY_SIZE])
{
    const wcenc_config *given = &config->given;
    int length = snprintf(
        key, PROBE_KEY_SIZE, "%s %s %ux%u %ux%u %" PRIu64 " %d/%d %u %u %u %u %d %d %d %d %d %d %d %d %u %u %d %a %s",
        encoder, given->codec, given->width, given->height, config->display_width, config->display_height,
        config->bitrate, config->framerate.numerator, config->framerate.denominator, config->key_interval,
        config->threads, given->max_b_frames, given->max_frames_held, (int)given->bitrate_mode,
        (int)given->latency_mode, (int)config->annexb, (int)given->color_space.primaries,
        (int)given->color_space.transfer, (int)given->color_space.matrix, (int)given->color_space.range,
        (int)given->chroma_location, config->temporal_layers, wcenc__lavc_purposes(config), given->bitrate != 0,
        config->quality, given->encoder_options ? given->encoder_options : "");

    return length > 0 && length < PROBE_KEY_SIZE;
}

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
        return refuse(failure, "%s: height %u is more than the %u that it bears", encoder->name, given->height,
                      encoder->max_height);
    if (given->width < encoder->min_size)
        return refuse(failure, "%s: width %u is less than the %u that it takes", encoder->name, given->width,
                      encoder->min_size);
    if (given->height < encoder->min_size)
        return refuse(failure, "%s: height %u is less than the %u that it takes", encoder->name, given->height,
                      encoder->min_size);
    return true;
}

/* What the encoder can code with the codec strings that ask for it. */
static uint32_t sample_capabilities(const char *encoder)
{
    static const struct {
        enum AVPixelFormat format;
        uint32_t capability;
    } rows[] = {
        {AV_PIX_FMT_YUV422P, WCENC_CAPABILITY_422},      {AV_PIX_FMT_YUV422P10, WCENC_CAPABILITY_422},
        {AV_PIX_FMT_YUV444P, WCENC_CAPABILITY_444},      {AV_PIX_FMT_YUV420P10, WCENC_CAPABILITY_10_BIT},
        {AV_PIX_FMT_YUV422P10, WCENC_CAPABILITY_10_BIT},
    };
    const AVCodec *codec = avcodec_find_encoder_by_name(encoder);
    uint32_t capabilities = 0;

    for (size_t i = 0; codec && i < sizeof rows / sizeof rows[0]; i++)
        if (wcenc__lavc_takes_format(codec, rows[i].format))
            capabilities |= rows[i].capability;
    return capabilities;
}

/* In profiles of other chroma libvpx makes pictures with layers 4:2:0 all the same, which no decoder takes there. */
static bool codes_layers(const struct codec_candidate *candidate, const struct encoder_config *config)
{
    return (candidate->capabilities & ENCODER_HAS_LAYERS) && config->codec.chroma == CHROMA_420;
}

static bool codes_alpha(const struct codec_candidate *candidate, const struct encoder_config *config)
{
    return (candidate->capabilities & ENCODER_HAS_ALPHA) && config->codec.bit_depth == 8 &&
           config->codec.chroma == CHROMA_420;
}

static bool can_keep_alpha(const struct codec_candidate *candidate, const struct encoder_config *config,
                           struct failure *failure)
{
    if (!codes_alpha(candidate, config)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "alpha \"keep\": %s codes none%s", candidate->name,
                           candidate->capabilities & ENCODER_HAS_ALPHA ? " beside other than 8 bits of 4:2:0" : "");
        return false;
    }
    if (config->temporal_layers > 1) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "alpha \"keep\" and scalability_mode \"%s\" cannot be had together",
                           config->given.scalability_mode);
        return false;
    }
    return true;
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
    if (encoder->constant_is_unsafe_in_ffmpeg_7 && !compat_libaom_has_constant_bitrate() &&
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

/* What the table knows without opening anything. */
static bool check_table(const struct codec_candidate *candidate, const struct encoder_config *config,
                        struct backend_probe *probe, struct failure *failure)
{
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(candidate->name);
    const uint32_t does = candidate->capabilities;
    const wcenc_config *given = &config->given;
    uint32_t wish = given->max_frames_held;

    if (!check_modes(encoder, config, failure))
        return false;
    if (config->temporal_layers > 1 && !codes_layers(candidate, config)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s codes no layers%s, scalability_mode is \"%s\"",
                           encoder->name, does & ENCODER_HAS_LAYERS ? " of other than 4:2:0" : "",
                           given->scalability_mode);
        return false;
    }
    if (given->alpha == WCENC_ALPHA_KEEP && !can_keep_alpha(candidate, config, failure))
        return false;
    if (given->max_b_frames && !encoder->held_per_b_frame)
        return refuse(failure, "%s has no B-frames, max_b_frames is %u", encoder->name, given->max_b_frames, 0);
    if (!check_size(encoder, given, failure))
        return false;
    probe->max_frames_held = wcenc__lavc_frames_held(encoder, config);
    if (wish && probe->max_frames_held > wish) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0,
                           "max_frames_held %u: %s with %u threads may hold %u; fewer threads or realtime hold less",
                           wish, encoder->name, config->threads, probe->max_frames_held);
        return false;
    }
    probe->capabilities = sample_capabilities(encoder->name) |
                          (codes_layers(candidate, config) ? WCENC_CAPABILITY_TEMPORAL_LAYERS : 0u) |
                          (codes_alpha(candidate, config) ? WCENC_CAPABILITY_ALPHA : 0u);
    if ((does & ENCODER_HAS_QUANTIZER) && given->bitrate_mode == WCENC_BITRATE_QUANTIZER)
        probe->capabilities |= WCENC_CAPABILITY_FRAME_QUANTIZER;
    if ((does & ENCODER_CHANGES_RATE) &&
        (wcenc__lavc_mode(config) & WHEN_RATE || wcenc__lavc_purposes(config) & FOR_CAP) &&
        !wcenc__lavc_options_touch_rate(config))
        probe->capabilities |= WCENC_CAPABILITY_LIVE_BITRATE;
    return true;
}

/* Half of what a sample can be, everywhere. Encoders refuse samples of more bits than the format has. */
static void make_grey(struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    const uint16_t grey = (uint16_t)(1u << (format->bit_depth - 1));

    for (int plane = 0; plane < format->plane_count; plane++) {
        uint8_t *samples = (uint8_t *)picture->planes[plane];
        size_t size = (size_t)picture->strides[plane] * wcenc__plane_height(format, plane, picture->height);

        if (format->bit_depth == 8)
            memset(samples, grey, size);
        else
            for (size_t i = 0; i + sizeof grey <= size; i += sizeof grey)
                memcpy(samples + i, &grey, sizeof grey);
    }
}

static bool create_grey(const struct backend *backend, struct picture *grey, struct failure *failure)
{
    if (!wcenc__pixels_create(backend->input.format, backend->input.width, backend->input.height, grey)) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "memory is short");
        return false;
    }
    make_grey(grey);
    grey->color_space = backend->input.color_space;
    return true;
}

/* Codes one grey frame. True if its packet comes without another frame. */
static bool codes_at_once(struct backend *backend, const struct picture *grey, struct failure *failure)
{
    struct backend_frame frame = {.picture = grey, .quantizer = -1};
    struct backend_packet packet = {0};
    enum backend_result result = backend->ops->send(backend, &frame, failure);

    if (result == BACKEND_OK)
        result = backend->ops->receive(backend, &packet, failure);
    if (packet.free_data)
        packet.free_data(packet.owner);
    if (result == BACKEND_AGAIN)
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, AVERROR(EAGAIN),
                           "with these encoder_options the encoder holds frames back, which latency_mode \"realtime\" "
                           "does not allow");
    return result == BACKEND_OK;
}

/* What only coding shows: one in, one out, which has no B-frames, or whether there are any. */
static bool check_by_coding(struct backend *backend, const struct encoder_config *config, bool at_once,
                            struct failure *failure)
{
    struct picture grey;
    bool good;

    if (!create_grey(backend, &grey, failure))
        return false;
    good = at_once ? codes_at_once(backend, &grey, failure) : wcenc__lavc_check_slices(backend, config, &grey, failure);
    wcenc__pixels_unref(grey.pixels);
    if (!good && failure->status == WCENC_ERROR_ENCODING)
        failure->status = WCENC_ERROR_NOT_SUPPORTED;
    return good;
}

static bool open_and_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                           struct failure *failure)
{
    const bool realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;
    const bool at_once = realtime && (config->given.encoder_options || wcenc__lavc_encoder(candidate->name)->device);
    struct backend_setup setup = {
        .config = config,
        .candidate = candidate,
        .is_probe = true,
        .color_space = wcenc__color_space_for_stream(&wcenc__color_space_bt709, false, &config->given.color_space),
        .chroma_location = config->given.chroma_location,
        .frame_format = WCENC_PIXEL_FORMAT_I420};
    struct backend *backend;
    bool good, reads_slices = false;

    backend = wcenc__lavc_open(&setup, failure);
    if (backend)
        wcenc__lavc_begin_call(lavc_of(backend));
    good = backend && wcenc__lavc_check_promises(lavc_of(backend), config, &reads_slices, failure);
    if (backend)
        wcenc__lavc_end_call(lavc_of(backend));
    if (good && (at_once || reads_slices))
        good = check_by_coding(backend, config, at_once, failure);
    if (backend)
        wcenc__lavc_close(backend);
    return good;
}

/* What a thread that opens an encoder is given, and gives back. */
struct opening {
    const struct codec_candidate *candidate;
    const struct encoder_config *config;
    struct failure *failure;
    bool good;
};

static void *run_opening(void *argument)
{
    struct opening *opening = argument;

    opening->good = open_and_check(opening->candidate, opening->config, opening->failure);
    return NULL;
}

/* The thread that asks may be the program's, with less stack than encoders take, and with signals that they must not.
 */
static bool check_by_opening(const struct codec_candidate *candidate, const struct encoder_config *config,
                             struct failure *failure)
{
    struct opening opening = {candidate, config, failure, false};
    struct signal_mask before;
    struct thread thread;

    if (wcenc__thread_start(&thread, "wcenc-probe", run_opening, &opening) == 0) {
        thread_join(&thread);
        return opening.good;
    }
    wcenc__signals_block(&before);
    (void)run_opening(&opening);
    wcenc__signals_restore(&before);
    return opening.good;
}

bool wcenc__lavc_probe(const struct codec_candidate *candidate, const struct encoder_config *config,
                       struct backend_probe *probe, struct failure *failure)
{
    const char *name = candidate->name;
    const struct lavc_encoder *encoder = wcenc__lavc_encoder(name);
    struct probe_answer answer;
    bool cacheable;

    memset(probe, 0, sizeof *probe);
    if (!encoder || !avcodec_find_encoder_by_name(name)) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "FFmpeg has no encoder \"%s\" here", name);
        return false;
    }
    if (!has_device(encoder, failure))
        return false;
    memset(&answer, 0, sizeof answer);
    cacheable = make_key(config, name, answer.key);
    if (!cacheable || !wcenc__probe_look_up(answer.key, &answer)) {
        answer.supported = check_table(candidate, config, &answer.probe, &answer.failure) &&
                           check_by_opening(candidate, config, &answer.failure);
        /* A refusal that came of what an encoder did may have come of short memory, whatever its code says. */
        if (cacheable && (answer.supported ||
                          (answer.failure.status == WCENC_ERROR_NOT_SUPPORTED && answer.failure.backend_code == 0)))
            wcenc__probe_remember(&answer);
    }
    *probe = answer.probe;
    *failure = answer.failure;
    return answer.supported;
}
