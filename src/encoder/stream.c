/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include <string.h>

#include "color_space.h"
#include "profiles.h"
#include "status.h"
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

    if (stream->backend) {
        stream->backend->ops->close(stream->backend);
        stream->encoding_ns += monotonic_ns() - began;
    }
    stream->backend = NULL;
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

/* Passes on every packet that is ready. */
static enum stream_result receive(struct stream *stream, struct failure *failure)
{
    struct backend_packet packet;

    for (;;) {
        int64_t began = monotonic_ns();
        enum backend_result received = stream->backend->ops->receive(stream->backend, &packet, failure);
        enum stream_result result;
        wcenc_chunk *chunk;

        stream->encoding_ns += monotonic_ns() - began;
        if (received == BACKEND_FAILED)
            return fail(stream);
        if (received != BACKEND_OK)
            return STREAM_OK;
        chunk = wcenc__stream_make_chunk(stream, &packet, failure);
        if (packet.free_data)
            packet.free_data(packet.owner);
        if (!chunk)
            return fail(stream);
        result = stream->sink.on_chunk(stream->sink.self, chunk, packet.quantizer, failure);
        if (result == STREAM_FAILED)
            return fail(stream);
        if (result != STREAM_OK)
            return result;
    }
}

/* Gets out everything that the backend delays, and closes it. */
static enum stream_result drain(struct stream *stream, struct failure *failure)
{
    if (!stream->backend)
        return STREAM_OK;
    if (wcenc__timeline_open_count(&stream->timeline) > 0) {
        int64_t began = monotonic_ns();
        enum backend_result drained = stream->backend->ops->drain(stream->backend, failure);
        enum stream_result result;

        stream->encoding_ns += monotonic_ns() - began;
        if (drained == BACKEND_FAILED)
            return fail(stream);
        result = receive(stream, failure);
        if (result != STREAM_OK)
            return result;
        if (wcenc__timeline_open_count(&stream->timeline) > 0)
            return fail_with(stream, WCENC_ERROR_ENCODING, "lost a frame", failure);
    }
    close_backend(stream);
    return STREAM_OK;
}

enum stream_result wcenc__stream_flush(struct stream *stream, struct failure *failure)
{
    /* Frames that are delayed have to come out, which ends an encoder; where none are, there is nothing to do. */
    return wcenc__timeline_open_count(&stream->timeline) > 0 ? drain(stream, failure) : STREAM_OK;
}

enum stream_result wcenc__stream_configure(struct stream *stream, struct encoder_config *config,
                                           struct failure *failure)
{
    struct support support;
    enum config_change change = stream->config ? wcenc__config_compare(stream->config, config) : CONFIG_OTHER;
    enum stream_result result = STREAM_OK;

    if (change != CONFIG_SAME && !wcenc__support_find(config, &support)) {
        *failure = support.why;
        return fail(stream);
    }
    if (change == CONFIG_RATE && (support.candidate != stream->candidate ||
                                  (stream->backend && !stream->backend->ops->reconfigure(stream->backend, config))))
        change = CONFIG_OTHER;
    if (change == CONFIG_OTHER)
        result = drain(stream, failure);
    if (result != STREAM_OK)
        return result;
    if (change != CONFIG_SAME)
        stream->candidate = support.candidate;
    wcenc__config_unref(stream->config);
    stream->config = wcenc__config_ref(config);
    stream->has_format = false;
    return STREAM_OK;
}

/*
 * The first frame after a configure decides on colour and orientation of the stream. Where an encoder was kept open
 * over the configure, it goes on only if nothing changes for the decoder.
 */
static enum stream_result fix_format(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    const struct encoder_config *config = stream->config;
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    wcenc_color_space requested = config->given.color_space, color_space;
    bool is_changed;

    if (stream->has_format)
        return STREAM_OK;
    if (!requested.matrix && wcenc__pixel_format(frame->picture.format)->is_rgb)
        requested.matrix = family->rgb_matrix;
    color_space = wcenc__color_space_for_stream(&frame->picture.color_space, &requested);
    wcenc__codec_limit_color(config->codec.family, &color_space);
    is_changed = stream->rotation != frame->rotation || stream->flip != frame->flip ||
                 !wcenc__color_space_equal(&stream->color_space, &color_space);
    if (stream->backend && is_changed) {
        enum stream_result result = drain(stream, failure);

        if (result != STREAM_OK)
            return result;
    }
    stream->color_space = color_space;
    stream->rotation = frame->rotation;
    stream->flip = frame->flip;
    stream->has_format = true;
    return STREAM_OK;
}

static enum stream_result open_backend(struct stream *stream, const struct frame_view *frame, struct failure *failure)
{
    struct backend_setup setup = {
        .config = stream->config,
        .encoder = stream->candidate->name,
        .color_space = stream->color_space,
        .frame_format = frame->picture.format,
        .log = stream->log,
    };
    int64_t began = monotonic_ns();

    stream->backend = stream->candidate->backend->open(&setup, failure);
    stream->encoding_ns += monotonic_ns() - began;
    if (!stream->backend)
        return STREAM_FAILED;
    stream->backend_start = stream->timeline.next;
    stream->last_key = stream->timeline.next;
    return STREAM_OK;
}

/* NULL if it fails, which wcenc_last_error explains. */
static const struct picture *convert_now(struct stream *stream, const struct picture *source, wcenc_status *status)
{
    int64_t began = monotonic_ns();

    if (!stream->converter)
        stream->converter = wcenc__converter_create();
    *status = stream->converter && wcenc__picture_make_like(&stream->converted, &stream->backend->input)
                  ? wcenc__convert(stream->converter, source, &stream->converted)
                  : wcenc__fail_no_memory();
    stream->converting_ns += monotonic_ns() - began;
    return *status == WCENC_OK ? &stream->converted : NULL;
}

static void set_target(struct stream *stream, const struct picture *target)
{
    stream->is_converting = target != NULL;
    if (stream->prefetcher)
        wcenc__prefetch_set_target(stream->prefetcher, target, stream->generation);
}

/* True if `prefetched` is what the backend takes of the frame. */
static bool take_prefetched(struct stream *stream, uint64_t number)
{
    wcenc__pixels_unref(stream->prefetched.pixels);
    memset(&stream->prefetched, 0, sizeof stream->prefetched);
    return stream->is_converting && stream->prefetcher &&
           wcenc__prefetch_take(stream->prefetcher, number, &stream->prefetched) &&
           wcenc__convert_fits(&stream->prefetched, &stream->backend->input);
}

/* The frame's pixels in the form that the backend takes; NULL if that fails, which wcenc_last_error explains. */
static const struct picture *fit_picture(struct stream *stream, struct queued_frame *frame, wcenc_status *status)
{
    struct picture *source = &frame->frame.picture;

    wcenc__picture_complete_color(source);
    if (wcenc__convert_fits(source, &stream->backend->input)) {
        if (stream->is_converting)
            set_target(stream, NULL);
        return source;
    }
    if (take_prefetched(stream, frame->number))
        return &stream->prefetched;
    set_target(stream, &stream->backend->input);
    return convert_now(stream, source, status);
}

static enum backend_result send_timed(struct stream *stream, const struct backend_frame *frame, struct failure *failure)
{
    int64_t began = monotonic_ns();
    enum backend_result result = stream->backend->ops->send(stream->backend, frame, failure);

    stream->encoding_ns += monotonic_ns() - began;
    return result;
}

static enum stream_result send_frame(struct stream *stream, const struct picture *picture, bool key,
                                     const struct queued_frame *queued, struct failure *failure)
{
    const struct frame_view *view = &queued->frame;
    struct timeline_entry entry = {.timestamp_us = view->timestamp_us,
                                   .duration_us = view->duration_us,
                                   .has_duration = view->has_duration,
                                   .user_tag = queued->user_tag};
    struct backend_frame frame = {.picture = picture, .key = key, .quantizer = queued->quantizer};
    enum backend_result sent;
    int64_t count;

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
    const struct backend *backend = stream->backend;
    uint32_t interval = stream->config->key_interval;

    return backend && (backend->key_interval == 0 || backend->key_interval > interval) &&
           stream->timeline.next - stream->last_key >= interval;
}

enum stream_result wcenc__stream_encode(struct stream *stream, struct queued_frame *frame, struct failure *failure)
{
    enum stream_result result = fix_format(stream, &frame->frame, failure);
    const struct picture *picture;
    wcenc_status status = WCENC_OK;
    bool key;

    if (result != STREAM_OK)
        return result;
    key = frame->key_frame || is_key_due(stream);
    /* An encoder that cannot be asked for a key frame makes one when it is opened. */
    if (key && stream->backend && !stream->backend->forces_key_frames && stream->timeline.next > stream->backend_start)
        result = drain(stream, failure);
    if (result == STREAM_OK && !stream->backend)
        result = open_backend(stream, &frame->frame, failure);
    if (result != STREAM_OK)
        return result;
    if (key)
        stream->last_key = stream->timeline.next;
    picture = fit_picture(stream, frame, &status);
    if (!picture)
        return fail_with(stream, status == WCENC_ERROR_NO_MEMORY ? status : WCENC_ERROR_ENCODING, wcenc_last_error(),
                         failure);
    result = send_frame(stream, picture, key, frame, failure);
    return result == STREAM_OK ? receive(stream, failure) : result;
}
