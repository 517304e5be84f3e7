/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include <string.h>

#include "color_space.h"
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

static enum stream_result pass_on(struct stream *stream, struct backend_packet *packet,
                                  const struct stream_header *header, struct failure *failure)
{
    wcenc_chunk *chunk = wcenc__stream_make_chunk(stream, packet, header, failure);

    wcenc__packet_bytes_free(&packet->bytes);
    if (!chunk)
        return STREAM_FAILED;
    return stream->sink.on_chunk(stream->sink.self, chunk, packet->quantizer, failure);
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
        const struct stream_header *header;
        struct backend_packet packet;
        int64_t began = monotonic_ns();
        enum backend_result received = wcenc__coder_receive(&stream->coder, &packet, &header, failure);

        stream->encoding_ns += monotonic_ns() - began;
        if (received == BACKEND_OK)
            result = pass_on(stream, &packet, header, failure);
        else if (received == BACKEND_DROPPED)
            result = drop(stream, packet.index, failure);
        else if (received == BACKEND_FAILED)
            result = STREAM_FAILED;
        else
            return STREAM_OK;
    }
    return result == STREAM_FAILED ? fail(stream) : result;
}

/* Gets out everything that the backend delays, and closes it. */
static enum stream_result drain(struct stream *stream, struct failure *failure)
{
    if (!stream->coder.backend)
        return STREAM_OK;
    if (wcenc__timeline_open_count(&stream->timeline) > 0) {
        int64_t began = monotonic_ns();
        enum backend_result drained = stream->coder.backend->ops->drain(stream->coder.backend, failure);
        enum stream_result result;

        stream->encoding_ns += monotonic_ns() - began;
        if (drained == BACKEND_FAILED)
            return fail(stream);
        result = receive(stream, failure);
        if (result != STREAM_OK)
            return result;
        if (wcenc__timeline_open_count(&stream->timeline) > 0)
            return (stream->candidate->capabilities & ENCODER_LOSES_FRAMES)
                       ? fail_with(stream, WCENC_ERROR_NO_MEMORY, "lost a frame, out of memory", failure)
                       : fail_with(stream, WCENC_ERROR_ENCODING, "lost a frame", failure);
    }
    close_backend(stream);
    return STREAM_OK;
}

enum stream_result wcenc__stream_flush(struct stream *stream, struct failure *failure)
{
    /* Frames that are delayed have to come out, which ends an encoder; where none are, there is nothing to do. */
    return wcenc__timeline_open_count(&stream->timeline) > 0 ? drain(stream, failure) : STREAM_OK;
}

/*
 * Lets the open encoder take on what changes. AGAIN if that takes another one: also for a new size while frames are
 * delayed, whose chunks would be told the new one.
 */
static enum backend_result reconfigure(struct stream *stream, const struct encoder_config *config, uint32_t changes,
                                       struct failure *failure)
{
    enum backend_result result;

    if ((changes & CONFIG_OTHER) || ((changes & CONFIG_SIZE) && wcenc__timeline_open_count(&stream->timeline) > 0))
        return BACKEND_AGAIN;
    if (!stream->coder.backend)
        return BACKEND_OK;
    result = wcenc__coder_reconfigure(&stream->coder, config, changes, failure);
    if (result == BACKEND_OK && (changes & CONFIG_SIZE))
        stream->owes_key = true;
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

static bool is_rgb(const struct frame_view *frame)
{
    return wcenc__pixel_format(frame->picture.format)->is_rgb;
}

/* What the stream is in as of this frame: the first decides, and a matrix is added where RGB comes to need one. */
static wcenc_color_space stream_colors(const struct stream *stream, const struct frame_view *frame)
{
    const struct encoder_config *config = stream->config;
    const wcenc_color_space *first = stream->has_format ? &stream->color_space : &frame->picture.color_space;
    wcenc_color_space requested = config->given.color_space, colors;

    if (!requested.matrix && is_rgb(frame))
        requested.matrix = wcenc__codec_family(config->codec.family)->rgb_matrix;
    colors = wcenc__color_space_for_stream(first, is_rgb(frame), &requested);
    if (stream->has_format)
        colors.range = stream->color_space.range;
    if (!requested.transfer)
        wcenc__codec_limit_color(config->codec.family, &colors);
    return colors;
}

/* 4:2:0 keeps its chroma where it is, so that what it states holds; what becomes 4:2:0 follows the configuration. */
static wcenc_chroma_location location_for_stream(const struct picture *frame, wcenc_chroma_location requested)
{
    const bool is_420 = wcenc__pixel_format(frame->format)->chroma_shift_y > 0;

    if (is_420 && frame->chroma_location)
        return frame->chroma_location;
    return requested || is_420 ? requested : (wcenc_chroma_location)WCENC_CHROMA_LOCATION_LEFT;
}

/*
 * The first frame after a configure decides on colour and orientation of the stream. Where an encoder was kept open
 * over the configure, it goes on only if nothing changes for the decoder. RGB in a stream without a matrix is converted
 * with one, which the stream has to say from there on.
 */
static enum stream_result fix_format(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    wcenc_chroma_location location = stream->chroma_location;
    wcenc_color_space color_space;
    bool is_changed;

    if (stream->has_format && (stream->color_space.matrix || !is_rgb(frame)))
        return STREAM_OK;
    color_space = stream_colors(stream, frame);
    if (!stream->has_format)
        location = location_for_stream(&frame->picture, stream->config->given.chroma_location);
    is_changed = stream->rotation != frame->rotation || stream->flip != frame->flip ||
                 stream->chroma_location != location || !wcenc__color_space_equal(&stream->color_space, &color_space);
    if (stream->coder.backend && is_changed) {
        enum stream_result result = drain(stream, failure);

        if (result != STREAM_OK)
            return result;
    }
    stream->color_space = color_space;
    stream->chroma_location = location;
    stream->rotation = frame->rotation;
    stream->flip = frame->flip;
    stream->has_format = true;
    return STREAM_OK;
}

static enum stream_result open_backend(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    struct backend_setup setup = {
        .config = stream->config,
        .candidate = stream->candidate,
        .color_space = stream->color_space,
        .chroma_location = stream->chroma_location,
        .frame_format = frame->picture.format,
        .log = stream->log,
    };
    int64_t began = monotonic_ns();
    bool is_open;

    is_open = wcenc__coder_open(&stream->coder, &setup, failure);
    stream->encoding_ns += monotonic_ns() - began;
    if (!is_open)
        return STREAM_FAILED;
    stream->backend_start = stream->timeline.next;
    stream->last_key = stream->timeline.next;
    return STREAM_OK;
}

static enum backend_result send_timed(struct stream *stream, const struct backend_frame *frame, struct failure *failure)
{
    int64_t began = monotonic_ns();
    enum backend_result result = stream->coder.backend->ops->send(stream->coder.backend, frame, failure);

    stream->encoding_ns += monotonic_ns() - began;
    return result;
}

/* What the frame with this count reads and writes; NULL where there is one layer. */
static const struct layer_step *next_step(struct stream *stream, int64_t count, bool key)
{
    const struct layer_pattern *pattern = wcenc__layer_pattern(stream->config->temporal_layers);

    if (key || count == stream->backend_start)
        stream->pattern_start = count;
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
                                   .key = key};
    struct backend_frame frame = {.picture = picture,
                                  .key = key,
                                  .quantizer = queued->quantizer,
                                  .step = next_step(stream, stream->timeline.next, key)};
    enum backend_result sent;
    int64_t count;

    entry.layer = frame.step ? frame.step->layer : 0;
    if (!wcenc__timeline_push(&stream->timeline, &entry, &count))
        return fail_with(stream, WCENC_ERROR_NO_MEMORY, "out of memory", failure);
    frame.index = count - stream->backend_start;
    while ((sent = send_timed(stream, &frame, failure)) == BACKEND_AGAIN) {
        enum stream_result result = receive(stream, failure);

        if (result != STREAM_OK)
            return result;
    }
    return sent == BACKEND_OK ? STREAM_OK : fail(stream);
}

/* Whether the interval of key frames has passed, where the backend does not see to it. */
static bool is_key_due(const struct stream *stream)
{
    const struct backend *backend = stream->coder.backend;
    uint32_t interval = stream->config->key_interval;

    return backend && (backend->key_interval == 0 || backend->key_interval > interval) &&
           stream->timeline.next - stream->last_key >= interval;
}

enum stream_result wcenc__stream_encode(struct stream *stream, struct queued_frame *frame, struct failure *failure)
{
    enum stream_result result = fix_format(stream, &frame->frame, failure);
    const struct picture *picture;
    struct failure why;
    bool key;

    if (result != STREAM_OK)
        return result;
    key = frame->key_frame || stream->owes_key || is_key_due(stream);
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
    picture = wcenc__stream_fit_picture(stream, frame, &why);
    if (!picture)
        return fail_with(stream, why.status == WCENC_ERROR_NO_MEMORY ? why.status : WCENC_ERROR_ENCODING, why.message,
                         failure);
    result = send_frame(stream, picture, key, frame, failure);
    return result == STREAM_OK ? receive(stream, failure) : result;
}
