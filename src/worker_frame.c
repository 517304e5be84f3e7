/* SPDX-License-Identifier: MIT */

/* From a frame to the backend: what the stream is coded in, when an encoder is opened, conversion, and key frames. */

#include "worker.h"

#include <string.h>

#include "codec_registry.h"
#include "color_space.h"
#include "encoder.h"
#include "status.h"

static bool is_rgb(const struct frame_view *frame)
{
    return wcenc__pixel_format(frame->picture.format)->is_rgb;
}

/* What the stream is in as of this frame: the first decides, and a matrix is added where RGB comes to need one. */
static wcenc_color_space stream_colors(const struct worker *worker, const struct frame_view *frame)
{
    const struct encoder_config *config = worker->config;
    const wcenc_color_space *first = worker->has_stream_format ? &worker->color_space : &frame->picture.color_space;
    wcenc_color_space wish = config->given.color_space, colors;

    if (!wish.matrix && is_rgb(frame))
        wish.matrix = wcenc__codec_family(config->codec.family)->rgb_matrix;
    colors = wcenc__color_space_for_stream(first, is_rgb(frame), &wish);
    if (worker->has_stream_format)
        colors.range = worker->color_space.range;
    if (!wish.transfer)
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
static bool fix_stream_format(wcenc_encoder *encoder, const struct frame_view *frame)
{
    struct worker *worker = &encoder->worker;
    wcenc_color_space color_space;
    wcenc_chroma_location location = worker->chroma_location;

    if (worker->has_stream_format && (worker->color_space.matrix || !is_rgb(frame)))
        return true;
    color_space = stream_colors(worker, frame);
    if (!worker->has_stream_format)
        location = location_for_stream(&frame->picture, worker->config->given.chroma_location);
    if (worker->backend &&
        (worker->rotation != frame->rotation || worker->flip != frame->flip || worker->chroma_location != location ||
         !wcenc__color_space_equal(&worker->color_space, &color_space)) &&
        !wcenc__worker_drain(encoder))
        return false;
    worker->color_space = color_space;
    worker->chroma_location = location;
    worker->rotation = frame->rotation;
    worker->flip = frame->flip;
    worker->has_stream_format = true;
    return true;
}

static bool open_backend(wcenc_encoder *encoder, const struct frame_view *frame)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;
    struct backend_setup setup = {
        .config = worker->config,
        .encoder = worker->candidate->name,
        .color_space = worker->color_space,
        .chroma_location = worker->chroma_location,
        .frame_format = frame->picture.format,
        .log = &encoder->log,
    };

    int64_t began = monotonic_ns();

    worker->backend = worker->candidate->backend->open(&setup, &failure);
    worker->encoding_ns += monotonic_ns() - began;
    if (!worker->backend) {
        wcenc__worker_fail(encoder, &failure);
        return false;
    }
    worker->backend_start = worker->timeline.next;
    worker->last_key = worker->timeline.next;
    return true;
}

static bool can_pass(struct worker *worker, const struct picture *source)
{
    const int64_t began = monotonic_ns();
    const bool can = wcenc__convert_can_pass(source);

    worker->converting_ns += monotonic_ns() - began;
    return can;
}

/* Converted here and now. NULL where that fails, which wcenc_last_error explains. */
static const struct picture *convert_now(struct worker *worker, const struct picture *source, wcenc_status *status)
{
    int64_t began = monotonic_ns();

    if (!worker->converter)
        worker->converter = wcenc__converter_create();
    *status = worker->converter && wcenc__picture_make_like(&worker->converted, &worker->backend->input)
                  ? wcenc__convert(worker->converter, source, &worker->converted)
                  : wcenc__fail_no_memory();
    worker->converting_ns += monotonic_ns() - began;
    return *status == WCENC_OK ? &worker->converted : NULL;
}

/* The frame's pixels in the form that the backend takes; NULL where that fails, which wcenc_last_error explains. */
static const struct picture *fit_picture(wcenc_encoder *encoder, struct message *message, wcenc_status *status)
{
    struct worker *worker = &encoder->worker;
    struct picture *source = &message->u.encode.frame.picture;

    wcenc__pixels_unref(worker->prepared.pixels);
    memset(&worker->prepared, 0, sizeof worker->prepared);
    wcenc__picture_complete_color(source, &worker->backend->input);
    if (wcenc__convert_fits(source, &worker->backend->input)) {
        if (worker->is_converting)
            wcenc__preparer_aim(encoder, NULL);
        worker->is_converting = false;
        return can_pass(worker, source) ? source : convert_now(worker, source, status);
    }
    if (worker->is_converting && wcenc__preparer_take(encoder, message->u.encode.number, &worker->prepared) &&
        wcenc__convert_fits(&worker->prepared, &worker->backend->input))
        return &worker->prepared;
    worker->is_converting = true;
    wcenc__preparer_aim(encoder, &worker->backend->input);
    return convert_now(worker, source, status);
}

static enum backend_result send_timed(struct worker *worker, const struct backend_frame *frame, struct failure *failure)
{
    int64_t began = monotonic_ns();
    enum backend_result result = worker->backend->ops->send(worker->backend, frame, failure);

    worker->encoding_ns += monotonic_ns() - began;
    return result;
}

/* Sends one frame; false if the generation has ended. */
static bool send_frame(wcenc_encoder *encoder, const struct picture *picture, bool key, const struct message *message)
{
    struct worker *worker = &encoder->worker;
    const struct frame_view *view = &message->u.encode.frame;
    struct timeline_entry entry = {.timestamp_us = view->timestamp_us,
                                   .duration_us = view->duration_us,
                                   .has_duration = view->has_duration,
                                   .user_tag = message->u.encode.user_tag};
    struct backend_frame frame = {.picture = picture, .key = key, .quantizer = message->u.encode.quantizer};
    enum backend_result result;
    struct failure failure;
    int64_t count;

    if (!wcenc__timeline_push(&worker->timeline, &entry, &count)) {
        wcenc__worker_fail_with(encoder, WCENC_ERROR_NO_MEMORY, "memory is short");
        return false;
    }
    frame.index = count - worker->backend_start;
    while ((result = send_timed(worker, &frame, &failure)) == BACKEND_AGAIN)
        if (!wcenc__worker_receive(encoder))
            return false;
    if (result == BACKEND_FAILED)
        wcenc__worker_fail(encoder, &failure);
    return result == BACKEND_OK;
}

void wcenc__worker_encode(wcenc_encoder *encoder, struct message *message)
{
    struct worker *worker = &encoder->worker;
    struct frame_view *view = &message->u.encode.frame;
    bool key = message->u.encode.key_frame;
    const struct picture *picture;
    wcenc_status status = WCENC_OK;

    if (!fix_stream_format(encoder, view))
        return;
    if (worker->backend &&
        (worker->backend->key_interval == 0 || worker->backend->key_interval > worker->config->key_interval))
        key = key || worker->timeline.next - worker->last_key >= worker->config->key_interval;
    /* An encoder that cannot be asked for a key frame makes one when it is opened. */
    if (key && worker->backend && !worker->backend->forces_key_frames &&
        worker->timeline.next > worker->backend_start && !wcenc__worker_drain(encoder))
        return;
    if (!worker->backend && !open_backend(encoder, view))
        return;
    if (key)
        worker->last_key = worker->timeline.next;
    picture = fit_picture(encoder, message, &status);
    if (!picture) {
        wcenc__worker_fail_with(encoder, status == WCENC_ERROR_NO_MEMORY ? status : WCENC_ERROR_ENCODING,
                                wcenc_last_error());
        return;
    }
    if (send_frame(encoder, picture, key, message))
        (void)wcenc__worker_receive(encoder);
}
