/* SPDX-License-Identifier: MIT */

/*
 * What the row of the encoder and its backend know; then by opening it, reading the parameter sets that it would write
 * and, where only that shows something, coding grey frames.
 */

#include "probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "coder.h"
#include "color_space.h"
#include "probe_cache.h"
#include "promises.h"
#include "registry.h"
#include "thread.h"

/* False if the key is longer than the cache keeps. */
static bool make_key(const struct encoder_config *config, const char *encoder, char key[PROBE_KEY_SIZE])
{
    const wcenc_config *given = &config->given;
    const char *hint = given->content_hint ? given->content_hint : "";
    int length = snprintf(
        key, PROBE_KEY_SIZE,
        "%s %s %ux%u %ux%u %" PRIu64 " %d/%d %d %u %u %d %u %u %d %d %d %d %d %d %d %d %u %d %d %d %d %d %a %zu:%s %s",
        encoder, given->codec, given->width, given->height, config->display_width, config->display_height,
        config->bitrate, config->framerate.numerator, config->framerate.denominator, config_has_framerate(config),
        config->key_interval, config->threads, given->parallel_groups > 0, given->max_b_frames, given->max_delay_frames,
        (int)given->bitrate_mode, (int)given->latency_mode, (int)config->annexb, (int)given->color_space.primaries,
        (int)given->color_space.transfer, (int)given->color_space.matrix, (int)given->color_space.range,
        (int)given->chroma_location, config->temporal_layers, (int)config->is_manual, (int)given->alpha,
        given->bitrate != 0, (int)given->effort, (int)given->force_screen_content_tools, config->quality, strlen(hint),
        hint, given->encoder_options ? given->encoder_options : "");

    return length > 0 && length < PROBE_KEY_SIZE;
}

/*
 * Those of the capabilities that the configuration leaves. In profiles of other chroma libvpx makes pictures with
 * layers 4:2:0 all the same, which no decoder takes there. A second encoder codes alpha, of the same profile.
 */
static uint32_t capabilities_of(const struct codec_candidate *candidate, const struct encoder_config *config)
{
    const bool is_420 = config->codec.chroma == CHROMA_420;
    uint32_t left = 0;

    if (is_420)
        left |= WCENC_CAPABILITY_TEMPORAL_LAYERS;
    if (is_420 && config->codec.bit_depth == 8)
        left |= WCENC_CAPABILITY_ALPHA;
    if (config->given.bitrate_mode == WCENC_BITRATE_QUANTIZER)
        left |= WCENC_CAPABILITY_FRAME_QUANTIZER;
    left |= WCENC_CAPABILITY_REFERENCES;
    return wcenc__candidate_capabilities(candidate) & left;
}

static bool check_layers(const struct codec_candidate *candidate, const struct encoder_config *config,
                         struct failure *failure)
{
    if (config->temporal_layers < 2 || (capabilities_of(candidate, config) & WCENC_CAPABILITY_TEMPORAL_LAYERS))
        return true;
    return wcenc__refuse(failure, "%s codes no layers%s, scalability_mode is \"%s\"", candidate->name,
                         candidate->capabilities & ENCODER_HAS_LAYERS ? " of other than 4:2:0" : "",
                         config->given.scalability_mode);
}

static bool check_references(const struct codec_candidate *candidate, const struct encoder_config *config,
                             struct failure *failure)
{
    if (!config->is_manual || (candidate->capabilities & ENCODER_HAS_REFERENCES))
        return true;
    return wcenc__refuse(failure, "%s chooses the references of frames itself, scalability_mode is \"%s\"",
                         candidate->name, config->given.scalability_mode);
}

static bool check_alpha(const struct codec_candidate *candidate, const struct encoder_config *config,
                        struct failure *failure)
{
    const wcenc_config *given = &config->given;

    if (given->alpha != WCENC_ALPHA_KEEP)
        return true;
    if (candidate->is_hardware)
        return wcenc__refuse(failure, "alpha \"keep\": %s is hardware, software encoders keep alpha", candidate->name);
    if (!(capabilities_of(candidate, config) & WCENC_CAPABILITY_ALPHA))
        return wcenc__refuse(failure, "alpha \"keep\": %s codes alpha beside 8 bits of 4:2:0 only", candidate->name);
    if (config_has_steps(config))
        return wcenc__refuse(failure, "alpha \"keep\" excludes scalability_mode \"%s\"; use L1T1",
                             given->scalability_mode);
    if (given->max_b_frames)
        return wcenc__refuse(
            failure, "alpha \"keep\" and max_b_frames %" PRIu32 ": alpha is decoded in the order of the colours",
            given->max_b_frames);
    return true;
}

static bool check_groups(const struct codec_candidate *candidate, const struct encoder_config *config,
                         struct failure *failure)
{
    if (!config->given.parallel_groups || !candidate->is_hardware)
        return true;
    return wcenc__refuse(failure, "parallel_groups: %s is hardware, software encoders run side by side",
                         candidate->name);
}

static bool check_delay(const struct codec_candidate *candidate, const struct encoder_config *config,
                        const struct backend_probe *probe, struct failure *failure)
{
    const uint32_t requested = config->given.max_delay_frames;

    if (!requested || probe->delay_frames <= requested)
        return true;
    return wcenc__refuse(failure,
                         "max_delay_frames is %u, but %s with %u threads may delay %u; use fewer threads or realtime",
                         requested, candidate->name, config->threads, probe->delay_frames);
}

/* What is known without opening anything. */
static bool check(const struct codec_candidate *candidate, const struct encoder_config *config,
                  struct backend_probe *probe, struct failure *failure)
{
    memset(probe, 0, sizeof *probe);
    if (!candidate->backend->check(candidate, config, probe, failure) || !check_layers(candidate, config, failure) ||
        !check_references(candidate, config, failure) || !check_alpha(candidate, config, failure) ||
        !check_groups(candidate, config, failure) || !check_delay(candidate, config, probe, failure))
        return false;
    probe->capabilities |= capabilities_of(candidate, config);
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
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "out of memory");
        return false;
    }
    make_grey(grey);
    grey->color_space = backend->input.color_space;
    return true;
}

/* Codes one grey frame. True if its packet comes without another frame. */
static bool codes_at_once(struct backend *backend, const struct picture *grey, struct failure *failure)
{
    const struct backend_frame frame = {.picture = grey, .duration_us = BACKEND_PROBE_DURATION_US, .quantizer = -1};
    struct backend_packet packet = {0};
    enum backend_result result = backend->ops->send(backend, &frame, failure);

    if (result == BACKEND_OK)
        result = backend->ops->receive(backend, &packet, failure);
    wcenc__packet_bytes_free(&packet.bytes);
    if (result == BACKEND_AGAIN)
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0,
                           "with these encoder_options the encoder delays frames, which latency_mode \"realtime\" "
                           "does not allow");
    return result == BACKEND_OK;
}

/* What only coding shows: one in, one out, which has no B-frames, or whether there are any. */
static bool check_by_coding(const struct coder *coder, const struct encoder_config *config, bool at_once,
                            struct failure *failure)
{
    struct picture grey;
    bool good;

    if (!create_grey(coder->backend, &grey, failure))
        return false;
    good = at_once ? codes_at_once(coder->backend, &grey, failure)
                   : wcenc__promises_check_slices(coder, config, &grey, failure);
    wcenc__pixels_unref(grey.pixels);
    return good;
}

/* Codes one grey frame, which need not come at once. */
static bool codes_a_frame(struct backend *backend, const struct picture *grey, struct failure *failure)
{
    const struct backend_frame frame = {.picture = grey, .duration_us = BACKEND_PROBE_DURATION_US, .quantizer = -1};
    struct backend_packet packet = {0};
    enum backend_result result = backend->ops->send(backend, &frame, failure);

    if (result == BACKEND_OK)
        result = backend->ops->drain(backend, failure);
    if (result == BACKEND_OK)
        result = backend->ops->receive(backend, &packet, failure);
    wcenc__packet_bytes_free(&packet.bytes);
    return result == BACKEND_OK;
}

static bool codes_size(const struct backend_setup *setup, uint32_t width, uint32_t height, struct failure *failure)
{
    struct encoder_config part = *setup->config;
    struct backend_setup sized = *setup;
    struct coder coder;
    struct picture grey;
    bool good = false;

    part.given.width = part.display_width = width;
    part.given.height = part.display_height = height;
    sized.config = &part;
    if (!wcenc__coder_open(&coder, &sized, failure))
        return false;
    if (create_grey(coder.backend, &grey, failure)) {
        good = codes_a_frame(coder.backend, &grey, failure);
        wcenc__pixels_unref(grey.pixels);
    }
    wcenc__coder_close(&coder);
    return good;
}

/*
 * Libraries may be built with a limit to each side, which they report with the first frame (libvpx, by --size-limit). A
 * narrow picture shows it as well as a large one.
 */
static bool codes_long_sides(const struct backend_setup *setup, struct failure *failure)
{
    enum { USUAL_LIMIT = 16384, NARROW = 64 };
    const uint32_t width = setup->config->given.width, height = setup->config->given.height;

    if (width > USUAL_LIMIT && !codes_size(setup, width, height < NARROW ? height : NARROW, failure))
        return false;
    return height <= USUAL_LIMIT || codes_size(setup, width < NARROW ? width : NARROW, height, failure);
}

static bool open_and_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                           struct failure *failure)
{
    const bool realtime = config->given.latency_mode == WCENC_LATENCY_REALTIME;
    const bool at_once = realtime && (config->given.encoder_options || candidate->is_hardware);
    struct encoder_config part;
    struct backend_setup setup = {
        .config = &part,
        .candidate = candidate,
        .is_probe = true,
        .color_space = wcenc__color_space_for_stream(&wcenc__color_space_bt709, false, &config->given.color_space),
        .chroma_location = config->given.chroma_location,
        .frame_format = WCENC_PIXEL_FORMAT_I420};
    struct coder coder;
    bool good, reads_slices;

    wcenc__config_split(config, CONFIG_PART_COLORS, &part);
    if (!wcenc__coder_open(&coder, &setup, failure))
        return false;
    good = wcenc__promises_check_sets(&coder, config, &reads_slices, failure);
    if (good && (at_once || reads_slices))
        good = check_by_coding(&coder, config, at_once, failure);
    wcenc__coder_close(&coder);
    return good && codes_long_sides(&setup, failure);
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

/* A refusal that came of what an encoder did may have come of short memory, whatever its code says. */
static bool may_be_remembered(const struct probe_answer *answer)
{
    return answer->supported ||
           (answer->failure.status == WCENC_ERROR_NOT_SUPPORTED && answer->failure.backend_code == 0);
}

bool wcenc__probe(const struct codec_candidate *candidate, const struct encoder_config *config,
                  struct backend_probe *probe, struct failure *failure)
{
    struct probe_answer answer;
    bool cacheable;

    if (!check(candidate, config, probe, failure))
        return false;
    memset(&answer, 0, sizeof answer);
    cacheable = make_key(config, candidate->name, answer.key);
    if (!cacheable || !wcenc__probe_look_up(answer.key, &answer)) {
        answer.supported = check_by_opening(candidate, config, &answer.failure);
        if (cacheable && may_be_remembered(&answer))
            wcenc__probe_remember(&answer);
    }
    *failure = answer.failure;
    if (!answer.supported && failure->status == WCENC_ERROR_ENCODING)
        failure->status = WCENC_ERROR_NOT_SUPPORTED;
    return answer.supported;
}
