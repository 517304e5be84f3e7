/* SPDX-License-Identifier: MIT */

/*
 * The worker's loop and what each message does. Everything here runs on the worker's thread and without the lock, but
 * for the few lines that take a message or post a result.
 */

#include "worker.h"

#include <inttypes.h>
#include <string.h>

#include "callback.h"
#include "codec_registry.h"
#include "color_space.h"
#include "encoder.h"
#include "mem.h"
#include "status.h"
#include "support.h"

void wcenc__worker_init(struct worker *worker)
{
    memset(worker, 0, sizeof *worker);
    wcenc__timeline_init(&worker->timeline);
}

static void close_backend(struct worker *worker)
{
    int64_t began = monotonic_ns();

    if (worker->backend) {
        worker->backend->ops->close(worker->backend);
        worker->encoding_ns += monotonic_ns() - began;
    }
    worker->backend = NULL;
    worker->has_reorder_depth = false;
}

/* Back to what a new worker is; memory that the next generation can use stays. */
static void forget_generation(struct worker *worker)
{
    close_backend(worker);
    wcenc__config_unref(worker->config);
    wcenc__decoder_config_unref(worker->decoder_config);
    worker->config = NULL;
    worker->decoder_config = NULL;
    worker->candidate = NULL;
    worker->has_failed = false;
    worker->has_stream_format = false;
    wcenc__timeline_restart(&worker->timeline);
}

static void free_worker(struct worker *worker)
{
    forget_generation(worker);
    wcenc__pixels_unref(worker->converted.pixels);
    wcenc__converter_destroy(worker->converter);
    wcenc__timeline_free(&worker->timeline);
    wcenc__worker_init(worker);
}

/* True once a reset or close has made what the worker is doing pointless. */
static bool is_stale(wcenc_encoder *encoder)
{
    bool stale;

    mutex_lock(&encoder->lock);
    stale = encoder->worker.generation != encoder->generation;
    mutex_unlock(&encoder->lock);
    return stale;
}

/* With the lock held: what the worker has spent since it was last asked. */
static void count_time(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;

    encoder->stats.converting_ns += (uint64_t)worker->converting_ns;
    encoder->stats.encoding_ns += (uint64_t)worker->encoding_ns;
    worker->converting_ns = worker->encoding_ns = 0;
}

/*
 * With the lock held before and after: tells what was posted, where that is the worker's to do. The encoder is not busy
 * meanwhile.
 */
static void deliver(wcenc_encoder *encoder)
{
    bool was_busy = encoder->busy_since_ns != 0;

    count_time(encoder);
    encoder->busy_since_ns = 0;
    if (encoder->init.delivery == WCENC_DELIVERY_THREAD)
        wcenc__delivery_run(encoder);
    encoder->busy_since_ns = was_busy ? monotonic_ns() : 0;
}

/* Ends the generation with an error. Outputs that were made before have been posted by then. */
static void fail(wcenc_encoder *encoder, const struct failure *failure)
{
    struct worker *worker = &encoder->worker;

    worker->has_failed = true;
    close_backend(worker);
    wcenc__log(&encoder->log, WCENC_LOG_ERROR, "%s", failure->message);
    mutex_lock(&encoder->lock);
    if (worker->generation == encoder->generation) {
        wcenc__delivery_post_error(encoder, failure);
        deliver(encoder);
    }
    wcenc__encoder_unlock(encoder);
}

static void fail_with(wcenc_encoder *encoder, wcenc_status status, const char *what)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;

    wcenc__failure_set(&failure, status, 0, "%s: %s", worker->candidate ? worker->candidate->name : "encoder", what);
    fail(encoder, &failure);
}

/* False if the generation has ended, by an error here or by a reset. */
static bool tell_chunk(wcenc_encoder *encoder, wcenc_chunk *chunk, int32_t quantizer)
{
    bool alive, posted = false;

    mutex_lock(&encoder->lock);
    alive = encoder->worker.generation == encoder->generation;
    if (alive && (posted = wcenc__delivery_post_output(encoder, chunk))) {
        encoder->frames_in_flight--;
        encoder->stats.has_quantizer = quantizer >= 0;
        encoder->stats.quantizer = quantizer >= 0 ? (uint32_t)quantizer : 0;
        deliver(encoder);
        alive = encoder->worker.generation == encoder->generation;
    }
    wcenc__encoder_unlock(encoder);
    if (!posted)
        wcenc_chunk_unref(chunk);
    if (alive && !posted)
        fail_with(encoder, WCENC_ERROR_NO_MEMORY, "memory is short");
    return alive && posted;
}

/* Takes every packet that is ready and tells it. False if the generation has ended. */
static bool receive_packets(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;
    struct backend_packet packet;

    for (;;) {
        int64_t began = monotonic_ns();
        enum backend_result result = worker->backend->ops->receive(worker->backend, &packet, &failure);
        wcenc_chunk *chunk;

        worker->encoding_ns += monotonic_ns() - began;
        if (result == BACKEND_FAILED) {
            fail(encoder, &failure);
            return false;
        }
        if (result != BACKEND_OK)
            return true;
        chunk = wcenc__worker_make_chunk(worker, &packet, &failure);
        if (packet.free_data)
            packet.free_data(packet.owner);
        if (!chunk) {
            fail(encoder, &failure);
            return false;
        }
        if (!tell_chunk(encoder, chunk, packet.quantizer))
            return false;
    }
}

/* Gets out everything that the backend holds, and closes it. False if the generation has ended. */
static bool drain_and_close(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct failure failure;

    if (!worker->backend)
        return true;
    if (wcenc__timeline_open_count(&worker->timeline) > 0) {
        int64_t began = monotonic_ns();
        enum backend_result result = worker->backend->ops->drain(worker->backend, &failure);

        worker->encoding_ns += monotonic_ns() - began;
        if (result == BACKEND_FAILED) {
            fail(encoder, &failure);
            return false;
        }
        if (!receive_packets(encoder))
            return false;
        if (wcenc__timeline_open_count(&worker->timeline) > 0) {
            fail_with(encoder, WCENC_ERROR_ENCODING, "lost a frame");
            return false;
        }
    }
    close_backend(worker);
    return true;
}

static void handle_configure(wcenc_encoder *encoder, struct encoder_config *config)
{
    struct worker *worker = &encoder->worker;
    struct support support;
    enum config_change change = worker->config ? wcenc__config_compare(worker->config, config) : CONFIG_OTHER;

    if (change != CONFIG_SAME && !wcenc__support_find(config, &support)) {
        fail(encoder, &support.why);
        return;
    }
    if (change == CONFIG_RATE && (support.candidate != worker->candidate ||
                                  (worker->backend && !worker->backend->ops->reconfigure(worker->backend, config))))
        change = CONFIG_OTHER;
    if (change == CONFIG_OTHER && !drain_and_close(encoder))
        return;
    if (change != CONFIG_SAME)
        worker->candidate = support.candidate;
    wcenc__config_unref(worker->config);
    worker->config = wcenc__config_ref(config);
    worker->has_stream_format = false;
}

/*
 * The first frame after a configure decides on colour and orientation of the stream. Where an encoder was kept open
 * over the configure, it goes on only if nothing changes for the decoder.
 */
static bool fix_stream_format(wcenc_encoder *encoder, const struct frame_view *frame)
{
    struct worker *worker = &encoder->worker;
    const struct encoder_config *config = worker->config;
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    wcenc_color_space wish = config->given.color_space, color_space;

    if (worker->has_stream_format)
        return true;
    if (!wish.matrix && wcenc__pixel_format(frame->picture.format)->is_rgb)
        wish.matrix = family->rgb_matrix;
    color_space = wcenc__color_space_for_stream(&frame->picture.color_space, &wish);
    wcenc__codec_limit_color(config->codec.family, &color_space);
    if (worker->backend &&
        (worker->rotation != frame->rotation || worker->flip != frame->flip ||
         !wcenc__color_space_equal(&worker->color_space, &color_space)) &&
        !drain_and_close(encoder))
        return false;
    worker->color_space = color_space;
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
        .frame_format = frame->picture.format,
        .log = &encoder->log,
    };

    int64_t began = monotonic_ns();

    worker->backend = worker->candidate->backend->open(&setup, &failure);
    worker->encoding_ns += monotonic_ns() - began;
    if (!worker->backend) {
        fail(encoder, &failure);
        return false;
    }
    worker->backend_start = worker->timeline.next;
    worker->last_key = worker->timeline.next;
    return true;
}

/* Memory for a converted picture that nobody reads any more. */
static bool take_converted(struct worker *worker)
{
    const struct picture *wanted = &worker->backend->input;
    struct picture *converted = &worker->converted;

    if (converted->pixels && converted->format == wanted->format && converted->width == wanted->width &&
        converted->height == wanted->height && !wcenc__pixels_are_shared(converted->pixels)) {
        converted->color_space = wanted->color_space;
        return true;
    }
    wcenc__pixels_unref(converted->pixels);
    memset(converted, 0, sizeof *converted);
    if (!wcenc__pixels_create(wanted->format, wanted->width, wanted->height, converted))
        return false;
    converted->color_space = wanted->color_space;
    return true;
}

/* The frame's pixels in the form that the backend takes; NULL where that fails, which wcenc_last_error explains. */
static const struct picture *fit_picture(struct worker *worker, struct picture *source, wcenc_status *status)
{
    /* What a frame leaves open is read as in the stream's own completion. */
    const wcenc_color_space no_wish = {0, 0, 0, 0};
    int64_t began;

    if (!wcenc__pixel_format(source->format)->is_rgb)
        source->color_space = wcenc__color_space_for_stream(&source->color_space, &no_wish);
    if (wcenc__convert_fits(source, &worker->backend->input))
        return source;
    if (!worker->converter)
        worker->converter = wcenc__converter_create();
    began = monotonic_ns();
    *status = worker->converter && take_converted(worker)
                  ? wcenc__convert(worker->converter, source, &worker->converted)
                  : wcenc__fail_no_memory();
    worker->converting_ns += monotonic_ns() - began;
    return *status == WCENC_OK ? &worker->converted : NULL;
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
        fail_with(encoder, WCENC_ERROR_NO_MEMORY, "memory is short");
        return false;
    }
    frame.index = count - worker->backend_start;
    while ((result = send_timed(worker, &frame, &failure)) == BACKEND_AGAIN)
        if (!receive_packets(encoder))
            return false;
    if (result == BACKEND_FAILED)
        fail(encoder, &failure);
    return result == BACKEND_OK;
}

static void handle_encode(wcenc_encoder *encoder, struct message *message)
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
        worker->timeline.next > worker->backend_start && !drain_and_close(encoder))
        return;
    if (!worker->backend && !open_backend(encoder, view))
        return;
    if (key)
        worker->last_key = worker->timeline.next;
    picture = fit_picture(worker, &view->picture, &status);
    if (!picture) {
        fail_with(encoder, status == WCENC_ERROR_NO_MEMORY ? status : WCENC_ERROR_ENCODING, wcenc_last_error());
        return;
    }
    if (send_frame(encoder, picture, key, message))
        (void)receive_packets(encoder);
}

/* Frames that are held back have to come out, which ends an encoder; where none are, there is nothing to do. */
static void handle_flush(wcenc_encoder *encoder, uint64_t ticket)
{
    if (wcenc__timeline_open_count(&encoder->worker.timeline) > 0 && !drain_and_close(encoder))
        return;
    mutex_lock(&encoder->lock);
    if (encoder->worker.generation == encoder->generation) {
        wcenc__delivery_post_flush_done(encoder, ticket);
        deliver(encoder);
    }
    wcenc__encoder_unlock(encoder);
}

static void handle(wcenc_encoder *encoder, struct message *message)
{
    if (is_stale(encoder))
        return;
    switch (message->type) {
    case MESSAGE_CONFIGURE:
        handle_configure(encoder, message->u.config);
        break;
    case MESSAGE_ENCODE:
        handle_encode(encoder, message);
        break;
    case MESSAGE_FLUSH:
        handle_flush(encoder, message->u.ticket);
        break;
    }
}

/* With the lock held: as many results wait as may, and nobody waits for a flush. */
static bool results_are_full(const wcenc_encoder *encoder)
{
    uint32_t limit = encoder->init.max_pending_results;

    return limit && encoder->delivery.chunks_waiting >= limit && encoder->waiting_flushes == 0;
}

/* With the lock held: what a frame's leaving the queue means. */
static void count_frame(wcenc_encoder *encoder, const struct message *message)
{
    int64_t now = monotonic_ns();

    encoder->queue_size--;
    encoder->queued_bytes -= message->u.encode.frame.bytes;
    encoder->frames_in_flight++;
    encoder->stats.queued_ns += (uint64_t)(now - message->u.encode.queued_ns);
    if (encoder->init.queue_policy == WCENC_QUEUE_WAIT)
        cond_broadcast(&encoder->settled);
}

/* With the lock held: takes the next message, and tells that the queue has become shorter before it is worked on. */
static bool next_message(wcenc_encoder *encoder, struct message *message)
{
    const struct message *first = wcenc__queue_first(&encoder->queue);

    if (!first || encoder->worker.has_failed || (first->type == MESSAGE_ENCODE && results_are_full(encoder)))
        return false;
    (void)wcenc__queue_pop(&encoder->queue, message);
    if (message->type == MESSAGE_ENCODE) {
        count_frame(encoder, message);
        wcenc__delivery_post_dequeue(encoder);
        deliver(encoder);
    }
    encoder->worker_configures = message->type == MESSAGE_CONFIGURE;
    encoder->busy_since_ns = monotonic_ns();
    return true;
}

static void wait_for_work(wcenc_encoder *encoder)
{
    count_time(encoder);
    encoder->worker_is_idle = true;
    cond_wait(&encoder->work, &encoder->lock);
    encoder->worker_is_idle = false;
}

/* With the lock held, until the encoder is closed. */
static void run(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    struct message message;

    for (;;) {
        deliver(encoder);
        if (encoder->state == WCENC_STATE_CLOSED || encoder->must_exit)
            return;
        if (worker->generation != encoder->generation) {
            worker->generation = encoder->generation;
            mutex_unlock(&encoder->lock);
            forget_generation(worker);
            mutex_lock(&encoder->lock);
        } else if (next_message(encoder, &message)) {
            wcenc__encoder_unlock(encoder);
            handle(encoder, &message);
            wcenc__message_release(&message);
            mutex_lock(&encoder->lock);
            encoder->worker_configures = false;
            encoder->busy_since_ns = 0;
        } else {
            wait_for_work(encoder);
        }
    }
}

void *wcenc__worker_main(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct callback_scope scope;

    /* Frames' `release` and messages come from here at any time. */
    wcenc__callback_enter(&scope, encoder);
    mutex_lock(&encoder->lock);
    run(encoder);
    mutex_unlock(&encoder->lock);
    free_worker(&encoder->worker);

    mutex_lock(&encoder->lock);
    wcenc__delivery_post_close_done(encoder);
    deliver(encoder);
    wcenc__encoder_unpin(encoder);
    return NULL;
}
