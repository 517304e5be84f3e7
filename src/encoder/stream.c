/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include <string.h>

#include "profiles.h"
#include "support.h"
#include "thread.h"

void wcenc__stream_init(struct stream *stream, const struct log *log, struct prefetcher *prefetcher,
                        const struct stream_sink *sink)
{
    memset(stream, 0, sizeof *stream);
    stream->log = log;
    stream->prefetcher = prefetcher;
    stream->sink = *sink;
    wcenc__timeline_init(&stream->timeline);
}

static void close_backend(struct stream *stream)
{
    int64_t began = monotonic_ns();

    if (stream->coder.backend) {
        wcenc__coder_close(&stream->coder);
        wcenc__stream_close_alpha(stream);
        wcenc__config_unref(stream->opened);
        stream->opened = NULL;
        stream->encoding_ns += monotonic_ns() - began;
    }
    stream->has_reorder_depth = false;
}

void wcenc__stream_reset(struct stream *stream, uint64_t generation)
{
    close_backend(stream);
    wcenc__config_unref(stream->config);
    wcenc__decoder_config_unref(stream->decoder_config);
    stream->config = NULL;
    stream->decoder_config = NULL;
    stream->candidate = NULL;
    stream->has_format = false;
    stream->owes_key = false;
    stream->is_converting = false;
    stream->generation = generation;
    stream->pace = (struct pace){0};
    wcenc__timeline_restart(&stream->timeline);
}

void wcenc__stream_free(struct stream *stream)
{
    wcenc__stream_reset(stream, stream->generation);
    wcenc__pixels_unref(stream->prefetched.pixels);
    wcenc__pixels_unref(stream->converted.pixels);
    wcenc__converter_destroy(stream->converter);
    wcenc__timeline_free(&stream->timeline);
}

/* With the failure set, or about to be set by the caller. */
static enum stream_result fail(struct stream *stream)
{
    close_backend(stream);
    return STREAM_FAILED;
}

static enum stream_result fail_with(struct stream *stream, wcenc_status status, const char *what,
                                    struct failure *failure)
{
    wcenc__failure_set(failure, status, 0, "%s: %s", stream->candidate ? stream->candidate->name : "encoder", what);
    return fail(stream);
}

static enum stream_result pass_on(struct stream *stream, struct coded_frame *coded, struct failure *failure)
{
    wcenc_chunk *chunk = wcenc__stream_make_chunk(stream, coded, failure);

    if (chunk)
        return stream->sink.on_chunk(stream->sink.self, chunk, failure);
    wcenc__coded_frame_free(coded);
    return STREAM_FAILED;
}

/* The encoder dropped the frame with this index. Its key request moves to the next frame that is sent. */
static enum stream_result drop(struct stream *stream, int64_t index, struct failure *failure)
{
    struct timeline_entry entry;

    if (!wcenc__timeline_take(&stream->timeline, stream->backend_start + index, &entry))
        return fail_with(stream, WCENC_ERROR_ENCODING, "dropped a frame that it does not have", failure);
    wcenc__timeline_skip(&stream->timeline);
    stream->owes_key = stream->owes_key || entry.key;
    return stream->sink.on_drop(stream->sink.self, &entry, failure);
}

/* Passes on every result that is ready. */
static enum stream_result receive(struct stream *stream, struct failure *failure)
{
    enum stream_result result = STREAM_OK;

    while (result == STREAM_OK) {
        struct coded_frame coded = {.next = NULL};
        int64_t began = monotonic_ns();
        enum backend_result received =
            stream->alpha.coder.backend ? wcenc__stream_receive_pair(stream, &coded, failure)
                                        : wcenc__coder_receive(&stream->coder, &coded.packet, &coded.header, failure);

        stream->encoding_ns += monotonic_ns() - began;
        if (received == BACKEND_OK)
            result = pass_on(stream, &coded, failure);
        else if (received == BACKEND_DROPPED)
            result = drop(stream, coded.packet.index, failure);
        else if (received == BACKEND_FAILED)
            result = STREAM_FAILED;
        else
            return STREAM_OK;
    }
    return result == STREAM_FAILED ? fail(stream) : result;
}

/* Gets out everything that the open encoder delays, which may end it. */
static enum stream_result receive_all(struct stream *stream, struct failure *failure)
{
    struct backend *backend = stream->coder.backend, *alpha = stream->alpha.coder.backend;
    int64_t began = monotonic_ns();
    enum backend_result drained = backend->ops->drain(backend, failure);
    enum stream_result result;

    if (drained != BACKEND_FAILED && alpha)
        drained = alpha->ops->drain(alpha, failure);
    stream->encoding_ns += monotonic_ns() - began;
    if (drained == BACKEND_FAILED)
        return fail(stream);
    wcenc__stream_note_drain(stream);
    result = receive(stream, failure);
    if (result != STREAM_OK || wcenc__timeline_open_count(&stream->timeline) == 0)
        return result;
    return stream->candidate->capabilities & ENCODER_LOSES_FRAMES
               ? fail_with(stream, WCENC_ERROR_NO_MEMORY, "lost a frame, out of memory", failure)
               : fail_with(stream, WCENC_ERROR_ENCODING, "lost a frame", failure);
}

/* Gets out everything that the encoder delays, and closes it. */
static enum stream_result drain(struct stream *stream, struct failure *failure)
{
    enum stream_result result = STREAM_OK;

    if (stream->coder.backend && wcenc__timeline_open_count(&stream->timeline) > 0)
        result = receive_all(stream, failure);
    if (result == STREAM_OK)
        close_backend(stream);
    return result;
}

enum stream_result wcenc__stream_flush(struct stream *stream, struct failure *failure)
{
    /* Where no frame is delayed, there is nothing to do. */
    if (wcenc__timeline_open_count(&stream->timeline) == 0)
        return STREAM_OK;
    return stream->candidate->capabilities & ENCODER_CONTINUES ? receive_all(stream, failure) : drain(stream, failure);
}

/*
 * Lets the open encoder take on what changes. AGAIN if that takes another one: also for a new size while frames are
 * delayed, whose chunks would report the new one.
 */
static enum backend_result reconfigure(struct stream *stream, const struct encoder_config *config, uint32_t changes,
                                       struct failure *failure)
{
    struct encoder_config part;
    enum backend_result result;

    if ((changes & CONFIG_OTHER) || ((changes & CONFIG_SIZE) && wcenc__timeline_open_count(&stream->timeline) > 0))
        return BACKEND_AGAIN;
    if (!stream->coder.backend)
        return BACKEND_OK;
    /* It goes on at a level that is higher than necessary, but not at one that is too low. */
    if (wcenc__codec_level_is_above(&config->codec, &stream->opened->codec))
        return BACKEND_AGAIN;
    wcenc__config_split(config, CONFIG_PART_COLORS, &part);
    result = wcenc__coder_reconfigure(&stream->coder, &part, changes, failure);
    if (result == BACKEND_OK && stream->alpha.coder.backend) {
        wcenc__config_split(config, CONFIG_PART_ALPHA, &part);
        result = wcenc__coder_reconfigure(&stream->alpha.coder, &part, changes, failure);
    }
    if (result == BACKEND_OK && (changes & CONFIG_SIZE)) {
        stream->input = stream->coder.backend->input;
        stream->owes_key = true;
    }
    return result;
}

enum stream_result wcenc__stream_configure(struct stream *stream, struct encoder_config *config,
                                           struct failure *failure)
{
    const uint32_t changes = stream->config ? wcenc__config_changes(stream->config, config) : CONFIG_OTHER;
    enum backend_result taken = BACKEND_OK;
    enum stream_result result = STREAM_OK;
    struct support support;

    if (changes && !wcenc__support_find(config, &support)) {
        *failure = support.why;
        return fail(stream);
    }
    if (changes)
        taken = support.candidate == stream->candidate ? reconfigure(stream, config, changes, failure) : BACKEND_AGAIN;
    if (taken == BACKEND_FAILED)
        return fail(stream);
    if (taken == BACKEND_AGAIN)
        result = drain(stream, failure);
    if (result != STREAM_OK)
        return result;
    if (changes)
        stream->candidate = support.candidate;
    wcenc__config_unref(stream->config);
    stream->config = wcenc__config_ref(config);
    stream->has_format = false;
    return STREAM_OK;
}

/*
 * The first frame after a configure decides on colour and orientation of the stream. Where an encoder was kept open
 * over the configure, it goes on only if nothing changes for the decoder. RGB in a stream without a matrix is converted
 * with one, which the stream has to say from there on.
 */
static enum stream_result fix_format(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    struct stream_format format;

    if (wcenc__stream_has_format_for(stream, frame))
        return STREAM_OK;
    format = wcenc__stream_format(stream, frame);
    if (stream->coder.backend && !wcenc__stream_format_equal(&stream->format, &format)) {
        enum stream_result result = drain(stream, failure);

        if (result != STREAM_OK)
            return result;
    }
    stream->format = format;
    stream->has_format = true;
    return STREAM_OK;
}

static bool open_coders(struct stream *stream, const struct backend_setup *setup, struct failure *failure)
{
    if (!wcenc__coder_open(&stream->coder, setup, failure))
        return false;
    stream->input = stream->coder.backend->input;
    if (!wcenc__stream_keeps_alpha(stream))
        return true;
    stream->input.format = WCENC_PIXEL_FORMAT_I420A;
    return wcenc__stream_open_alpha(stream, setup, failure);
}

static enum stream_result open_backend(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    struct encoder_config part;
    struct backend_setup setup = {
        .config = &part,
        .candidate = stream->candidate,
        .color_space = stream->format.color_space,
        .chroma_location = stream->format.chroma_location,
        .frame_format =
            wcenc__stream_keeps_alpha(stream) ? (wcenc_pixel_format)WCENC_PIXEL_FORMAT_I420 : frame->picture.format,
        .log = stream->log,
    };
    int64_t began = monotonic_ns();
    bool is_open;

    wcenc__config_split(stream->config, CONFIG_PART_COLORS, &part);
    is_open = open_coders(stream, &setup, failure);
    stream->encoding_ns += monotonic_ns() - began;
    if (!is_open)
        return fail(stream);
    stream->opened = wcenc__config_ref(stream->config);
    stream->backend_start = stream->timeline.next;
    stream->encoder_time_us = 0;
    stream->last_key = stream->timeline.next;
    return STREAM_OK;
}

static enum stream_result send(struct stream *stream, struct backend *backend, const struct backend_frame *frame,
                               struct failure *failure)
{
    for (;;) {
        int64_t began = monotonic_ns();
        enum backend_result sent = backend->ops->send(backend, frame, failure);
        enum stream_result result;

        stream->encoding_ns += monotonic_ns() - began;
        if (sent != BACKEND_AGAIN)
            return sent == BACKEND_OK ? STREAM_OK : fail(stream);
        result = receive(stream, failure);
        if (result != STREAM_OK)
            return result;
    }
}

/* A picture with alpha goes to two encoders. */
static enum stream_result send_to_all(struct stream *stream, const struct picture *picture, struct backend_frame *frame,
                                      struct failure *failure)
{
    struct picture colors = *picture, alpha;
    enum stream_result result;

    colors.format = stream->coder.backend->input.format;
    frame->picture = &colors;
    result = send(stream, stream->coder.backend, frame, failure);
    if (result != STREAM_OK || !stream->alpha.coder.backend)
        return result;
    alpha = wcenc__stream_alpha_picture(stream, picture);
    frame->picture = &alpha;
    return send(stream, stream->alpha.coder.backend, frame, failure);
}

/* What the frame with this count reads and writes; NULL where that is the encoder's choice. */
static const struct layer_step *next_step(struct stream *stream, int64_t count, bool key,
                                          const struct layer_step *manual)
{
    const struct layer_pattern *pattern = wcenc__layer_pattern(stream->config->temporal_layers);

    if (key || count == stream->backend_start)
        stream->pattern_start = count;
    if (stream->config->is_manual)
        return manual;
    return pattern ? wcenc__layer_step(pattern, count - stream->pattern_start) : NULL;
}

static enum stream_result send_frame(struct stream *stream, const struct picture *picture, bool key,
                                     const struct queued_frame *queued, struct failure *failure)
{
    const struct frame_view *view = &queued->frame;
    struct timeline_entry entry = {.timestamp_us = view->timestamp_us,
                                   .duration_us = view->duration_us,
                                   .has_duration = view->has_duration,
                                   .user_tag = queued->user_tag,
                                   .hdr_metadata = queued->hdr_metadata,
                                   .key = key,
                                   .quantizer = queued->quantizer};
    const struct layer_step manual = {0, queued->references, queued->updates};
    const struct pace_frame paced = {view->timestamp_us, view->duration_us, view->has_duration};
    struct backend_frame frame = {.time_us = stream->encoder_time_us,
                                  .duration_us = wcenc__pace_next(&stream->pace, stream->config, &paced),
                                  .key = key,
                                  .quantizer = queued->quantizer,
                                  .step = next_step(stream, stream->timeline.next, key, &manual)};
    int64_t count;

    entry.layer = frame.step ? frame.step->layer : 0;
    if (!wcenc__timeline_push(&stream->timeline, &entry, &count))
        return fail_with(stream, WCENC_ERROR_NO_MEMORY, "out of memory", failure);
    frame.index = count - stream->backend_start;
    stream->encoder_time_us += frame.duration_us;
    return send_to_all(stream, picture, &frame, failure);
}

/* The frame's pixels in the form that the backend takes; NULL, with `failure` set, if that fails. */
static const struct picture *fit_picture(struct stream *stream, struct queued_frame *frame, struct failure *failure)
{
    struct picture *picture = &frame->frame.picture;
    int64_t began = monotonic_ns();
    bool can_pass;

    wcenc__picture_complete_color(picture, &stream->input);
    can_pass = wcenc__convert_fits(picture, &stream->input) && wcenc__convert_can_pass(picture);
    stream->converting_ns += monotonic_ns() - began;
    if (!can_pass)
        return wcenc__stream_convert(stream, frame, failure);
    wcenc__stream_stop_converting(stream);
    return picture;
}

enum stream_result wcenc__stream_encode(struct stream *stream, struct queued_frame *frame, struct failure *failure)
{
    enum stream_result result = fix_format(stream, &frame->frame, failure);
    const struct picture *picture;
    bool key;

    if (result != STREAM_OK)
        return result;
    key = wcenc__stream_wants_key(stream, frame);
    /* An encoder that cannot be asked for a key frame makes one when it is opened. */
    if (key && stream->coder.backend && !(stream->candidate->capabilities & ENCODER_FORCES_KEYS) &&
        stream->timeline.next > stream->backend_start)
        result = drain(stream, failure);
    if (result == STREAM_OK && !stream->coder.backend)
        result = open_backend(stream, &frame->frame, failure);
    if (result != STREAM_OK)
        return result;
    if (key)
        stream->last_key = stream->timeline.next;
    stream->owes_key = false;
    stream->hdr_metadata = frame->hdr_metadata;
    picture = fit_picture(stream, frame, failure);
    if (!picture)
        return fail(stream);
    result = send_frame(stream, picture, key, frame, failure);
    return result == STREAM_OK ? receive(stream, failure) : result;
}
