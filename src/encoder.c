/* SPDX-License-Identifier: MIT */

/*
 * The public entry points of wcenc_encoder: checks, the state machine, and posting messages to the worker. Nothing here
 * waits for the codec, and nothing of FFmpeg is known.
 */

#include "encoder.h"

#include <string.h>

#include "abi.h"
#include "codec_registry.h"
#include "mem.h"
#include "status.h"

void wcenc_encoder_init_init(wcenc_encoder_init *init, size_t size)
{
    wcenc__struct_init(init, size);
}

void wcenc_encode_options_init(wcenc_encode_options *options, size_t size)
{
    wcenc__struct_init(options, size);
}

static bool init_synchronisation(wcenc_encoder *encoder)
{
    if (mutex_init(&encoder->lock) != 0)
        return false;
    if (cond_init(&encoder->work) == 0) {
        if (cond_init(&encoder->settled) == 0)
            return true;
        cond_destroy(&encoder->work);
    }
    mutex_destroy(&encoder->lock);
    return false;
}

wcenc_status wcenc_encoder_create(const wcenc_encoder_init *init, wcenc_encoder **out)
{
    wcenc_encoder_init copy;
    wcenc_encoder *encoder;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = wcenc__struct_copy_in(&copy, sizeof copy, init, sizeof copy, "init");
    if (status != WCENC_OK)
        return status;
    if (!copy.on_output || !copy.on_error)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.%s is NULL", copy.on_output ? "on_error" : "on_output");
    if (copy.log_level < WCENC_LOG_NONE || copy.log_level > WCENC_LOG_DEBUG)
        return wcenc__fail(WCENC_ERROR_TYPE, "init.log_level is %d, the largest value is %d", (int)copy.log_level,
                           (int)WCENC_LOG_DEBUG);
    encoder = mem_zalloc(sizeof *encoder);
    if (!encoder)
        return wcenc__fail_no_memory();
    encoder->references = 1;
    encoder->init = copy;
    encoder->log = (struct log){copy.log, copy.user, copy.log_level};
    wcenc__delivery_init(&encoder->delivery);
    wcenc__worker_init(&encoder->worker);
    if (!init_synchronisation(encoder)) {
        mem_free(encoder);
        return wcenc__fail_no_memory();
    }
    *out = encoder;
    return WCENC_OK;
}

wcenc_encoder *wcenc_encoder_ref(wcenc_encoder *encoder)
{
    if (!encoder)
        return NULL;
    mutex_lock(&encoder->lock);
    encoder->references++;
    mutex_unlock(&encoder->lock);
    return encoder;
}

void wcenc__encoder_free(wcenc_encoder *encoder)
{
    wcenc_destroy_fn on_destroy = encoder->init.on_destroy;
    void *user = encoder->init.user;

    wcenc__queue_free(&encoder->queue);
    cond_destroy(&encoder->settled);
    cond_destroy(&encoder->work);
    mutex_destroy(&encoder->lock);
    mem_free(encoder);
    if (on_destroy)
        on_destroy(user);
}

/*
 * With the lock held: what reset and close have in common. Everything of the old generation is taken out of the
 * encoder, to be let go of by release_generation without the lock.
 */
struct old_generation {
    struct queue messages;
    struct event_list events;
    struct encoder_config *config;
};

static void end_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old)
{
    wcenc__queue_take_all(&encoder->queue, &old->messages);
    wcenc__delivery_abort(encoder, &old->events);
    old->config = encoder->config;
    encoder->config = NULL;
    encoder->queue_size = 0;
    encoder->generation++;
    encoder->state = state;
    cond_signal(&encoder->work);
}

static void release_generation(struct old_generation *old)
{
    wcenc__queue_release_all(&old->messages);
    wcenc__delivery_free_events(&old->events);
    wcenc__config_unref(old->config);
}

/* With the lock held on entry and given up on return. */
static void close_locked(wcenc_encoder *encoder)
{
    struct old_generation old;

    end_generation(encoder, WCENC_STATE_CLOSED, &old);
    mutex_unlock(&encoder->lock);
    release_generation(&old);

    mutex_lock(&encoder->lock);
    if (!wcenc__delivery_is_inside(encoder))
        wcenc__delivery_wait_for_callback(encoder);
    mutex_unlock(&encoder->lock);
}

/* With the lock held on entry and given up on return: frees the encoder, now or when its worker exits. */
static void end_locked(wcenc_encoder *encoder)
{
    bool has_worker = encoder->worker_has_started;

    encoder->worker_must_exit = true;
    cond_signal(&encoder->work);
    if (has_worker && thread_is_current(&encoder->thread)) {
        encoder->worker_owns_encoder = true;
        thread_detach(&encoder->thread);
        mutex_unlock(&encoder->lock);
        return;
    }
    while (encoder->waiters > 0)
        cond_wait(&encoder->settled, &encoder->lock);
    mutex_unlock(&encoder->lock);
    if (has_worker)
        thread_join(&encoder->thread);
    wcenc__encoder_free(encoder);
}

void wcenc_encoder_unref(wcenc_encoder *encoder)
{
    if (!encoder)
        return;
    mutex_lock(&encoder->lock);
    /* A callback that runs while the encoder ends may take references and give them up: that ends nothing again. */
    if (--encoder->references > 0 || encoder->is_ending) {
        mutex_unlock(&encoder->lock);
        return;
    }
    encoder->is_ending = true;
    if (encoder->state != WCENC_STATE_CLOSED) {
        close_locked(encoder);
        mutex_lock(&encoder->lock);
    }
    /* One that it keeps puts the end off. */
    encoder->is_ending = encoder->references == 0;
    if (encoder->is_ending)
        end_locked(encoder);
    else
        mutex_unlock(&encoder->lock);
}

void wcenc_encoder_destroy(wcenc_encoder *encoder)
{
    if (!encoder)
        return;
    mutex_lock(&encoder->lock);
    if (encoder->state != WCENC_STATE_CLOSED)
        close_locked(encoder);
    else
        mutex_unlock(&encoder->lock);
    wcenc_encoder_unref(encoder);
}

/* With the lock held. The worker is there from the first configure on. */
static wcenc_status start_worker(wcenc_encoder *encoder)
{
    if (encoder->worker_has_started)
        return WCENC_OK;
    if (wcenc__thread_start(&encoder->thread, "wcenc", wcenc__worker_main, encoder) != 0)
        return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a thread");
    encoder->worker_has_started = true;
    return WCENC_OK;
}

/* With the lock held. */
static wcenc_status post(wcenc_encoder *encoder, const struct message *message)
{
    if (!wcenc__queue_push(&encoder->queue, message))
        return wcenc__fail_no_memory();
    /* A worker that is not idle looks into the queue by itself before it waits. */
    if (encoder->worker_is_idle)
        cond_signal(&encoder->work);
    return WCENC_OK;
}

/* With the lock held; takes over the config on success. */
static wcenc_status configure_locked(wcenc_encoder *encoder, struct encoder_config *config,
                                     struct encoder_config **replaced)
{
    struct message message = {.type = MESSAGE_CONFIGURE, .u.config = config};
    wcenc_status status;

    if (encoder->state == WCENC_STATE_CLOSED)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is closed");
    status = start_worker(encoder);
    if (status != WCENC_OK)
        return status;
    status = post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    *replaced = encoder->config;
    encoder->config = wcenc__config_ref(config);
    encoder->state = WCENC_STATE_CONFIGURED;
    encoder->has_orientation = false;
    return WCENC_OK;
}

wcenc_status wcenc_encoder_configure(wcenc_encoder *encoder, const wcenc_config *config)
{
    struct encoder_config *copy, *replaced = NULL;
    wcenc_status status;

    if (!encoder)
        return wcenc__fail(WCENC_ERROR_TYPE, "encoder is NULL");
    status = wcenc__config_create(config, false, &copy);
    if (status != WCENC_OK)
        return status;
    mutex_lock(&encoder->lock);
    status = configure_locked(encoder, copy, &replaced);
    mutex_unlock(&encoder->lock);
    if (status != WCENC_OK)
        wcenc__config_unref(copy);
    wcenc__config_unref(replaced);
    return status;
}

/* The member of the options that belongs to a codec. */
static int32_t given_quantizer(const wcenc_encode_options *options, enum codec_family family)
{
    static const struct {
        size_t has, value;
    } members[CODEC_FAMILY_COUNT] = {
        [CODEC_H264] = {offsetof(wcenc_encode_options, has_avc_quantizer),
                        offsetof(wcenc_encode_options, avc_quantizer)},
        [CODEC_HEVC] = {offsetof(wcenc_encode_options, has_hevc_quantizer),
                        offsetof(wcenc_encode_options, hevc_quantizer)},
        [CODEC_VP9] = {offsetof(wcenc_encode_options, has_vp9_quantizer),
                       offsetof(wcenc_encode_options, vp9_quantizer)},
        [CODEC_AV1] = {offsetof(wcenc_encode_options, has_av1_quantizer),
                       offsetof(wcenc_encode_options, av1_quantizer)},
    };
    int32_t has;
    uint32_t value;

    if (members[family].value == 0)
        return -1;
    memcpy(&has, (const char *)options + members[family].has, sizeof has);
    memcpy(&value, (const char *)options + members[family].value, sizeof value);
    if (!has && value == 0)
        return -1;
    return value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

/* With the lock held, in the state configured. */
static wcenc_status check_quantizer(const wcenc_encoder *encoder, const wcenc_encode_options *options,
                                    int32_t *quantizer)
{
    const struct encoder_config *config = encoder->config;
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    uint32_t limit;

    *quantizer = -1;
    if (!family || config->given.bitrate_mode != WCENC_BITRATE_QUANTIZER)
        return WCENC_OK;
    *quantizer = given_quantizer(options, config->codec.family);
    limit = family->quantizer_max + family->quantizer_depth_step * (config->codec.bit_depth - 8u);
    if (*quantizer > (int64_t)limit)
        return wcenc__fail(WCENC_ERROR_TYPE, "options: quantizer %u is larger than the %u of %s", (unsigned)*quantizer,
                           limit, family->name);
    return WCENC_OK;
}

/* With the lock held. spec: encode(), in its order of checks; takes over the frame view on success. */
static wcenc_status encode_locked(wcenc_encoder *encoder, const struct frame_view *view,
                                  const wcenc_encode_options *options)
{
    struct message message = {.type = MESSAGE_ENCODE};
    wcenc_status status;

    if (encoder->state != WCENC_STATE_CONFIGURED)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is %s",
                           encoder->state == WCENC_STATE_CLOSED ? "closed" : "not configured");
    if (encoder->has_orientation && (encoder->rotation != view->rotation || encoder->flip != view->flip))
        return wcenc__fail(
            WCENC_ERROR_DATA,
            "frame: rotation %d and flip %d differ from the %d and %d of the first frame after configure",
            (int)view->rotation, (int)view->flip, (int)encoder->rotation, (int)encoder->flip);
    message.u.encode.frame = *view;
    message.u.encode.user_tag = options->user_tag;
    message.u.encode.key_frame = options->key_frame != 0;
    status = check_quantizer(encoder, options, &message.u.encode.quantizer);
    if (status != WCENC_OK)
        return status;
    status = post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    encoder->queue_size++;
    encoder->has_orientation = true;
    encoder->rotation = view->rotation;
    encoder->flip = view->flip;
    return WCENC_OK;
}

wcenc_status wcenc_encoder_encode(wcenc_encoder *encoder, wcenc_frame *frame, const wcenc_encode_options *options)
{
    wcenc_encode_options copy;
    struct frame_view view;
    wcenc_status status;

    if (!encoder || !frame)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", encoder ? "frame" : "encoder");
    wcenc_encode_options_init(&copy, sizeof copy);
    if (options) {
        status = wcenc__struct_copy_in(&copy, sizeof copy, options, sizeof copy, "options");
        if (status != WCENC_OK)
            return status;
    }
    if (!wcenc__frame_view(frame, &view))
        return wcenc__fail(WCENC_ERROR_TYPE, "frame is closed");
    mutex_lock(&encoder->lock);
    status = encode_locked(encoder, &view, &copy);
    mutex_unlock(&encoder->lock);
    if (status != WCENC_OK)
        wcenc__frame_view_release(&view);
    return status;
}

/* With the lock held: all that was asked for is done and told. */
static bool is_settled(const wcenc_encoder *encoder)
{
    return encoder->queue.count == 0 && encoder->worker_is_idle && encoder->frames_held == 0 &&
           wcenc__delivery_is_idle(&encoder->delivery);
}

static wcenc_status flush_locked(wcenc_encoder *encoder)
{
    struct flush_ticket ticket;
    struct message message = {.type = MESSAGE_FLUSH};
    wcenc_status status;

    if (wcenc__delivery_is_inside(encoder))
        return wcenc__fail(WCENC_ERROR_WOULD_DEADLOCK, "flush from inside a callback of the same encoder");
    if (encoder->state != WCENC_STATE_CONFIGURED)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is %s",
                           encoder->state == WCENC_STATE_CLOSED ? "closed" : "not configured");
    if (is_settled(encoder))
        return WCENC_OK;
    message.u.ticket = encoder->delivery.last_ticket + 1;
    status = post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    wcenc__delivery_add_ticket(&encoder->delivery, &ticket);
    encoder->waiters++;
    while (!ticket.has_ended)
        cond_wait(&encoder->settled, &encoder->lock);
    encoder->waiters--;
    /* Whoever ends the encoder waits for this thread to leave. */
    cond_broadcast(&encoder->settled);
    if (ticket.status == WCENC_ERROR_ABORTED)
        return wcenc__fail(ticket.status, "a reset or a close came before the flush was done");
    if (ticket.status != WCENC_OK)
        return wcenc__fail(ticket.status, "%s", encoder->delivery.failure.message);
    return WCENC_OK;
}

wcenc_status wcenc_encoder_flush(wcenc_encoder *encoder)
{
    wcenc_status status;

    if (!encoder)
        return wcenc__fail(WCENC_ERROR_TYPE, "encoder is NULL");
    mutex_lock(&encoder->lock);
    status = flush_locked(encoder);
    mutex_unlock(&encoder->lock);
    return status;
}

wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder)
{
    struct old_generation old;
    bool queue_shrinks;

    if (!encoder)
        return wcenc__fail(WCENC_ERROR_TYPE, "encoder is NULL");
    mutex_lock(&encoder->lock);
    if (encoder->state == WCENC_STATE_CLOSED) {
        mutex_unlock(&encoder->lock);
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is closed");
    }
    if (encoder->state == WCENC_STATE_UNCONFIGURED) {
        mutex_unlock(&encoder->lock);
        return WCENC_OK;
    }
    /* A frame's release may give up the caller's own reference. */
    encoder->references++;
    /* One that an earlier reset owes and that was not told yet is owed still. */
    queue_shrinks = encoder->queue_size > 0 || encoder->delivery.dequeue_is_posted;
    end_generation(encoder, WCENC_STATE_UNCONFIGURED, &old);
    if (queue_shrinks)
        wcenc__delivery_post_dequeue(encoder);
    mutex_unlock(&encoder->lock);
    release_generation(&old);
    wcenc_encoder_unref(encoder);
    return WCENC_OK;
}

wcenc_status wcenc_encoder_close(wcenc_encoder *encoder)
{
    if (!encoder)
        return wcenc__fail(WCENC_ERROR_TYPE, "encoder is NULL");
    mutex_lock(&encoder->lock);
    if (encoder->state == WCENC_STATE_CLOSED) {
        mutex_unlock(&encoder->lock);
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "the encoder is closed");
    }
    encoder->references++;
    close_locked(encoder);
    wcenc_encoder_unref(encoder);
    return WCENC_OK;
}

int32_t wcenc_encoder_state(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    int32_t state;

    if (!encoder)
        return WCENC_STATE_CLOSED;
    mutex_lock(&locked->lock);
    state = encoder->state;
    mutex_unlock(&locked->lock);
    return state;
}

uint32_t wcenc_encoder_queue_size(const wcenc_encoder *encoder)
{
    wcenc_encoder *locked = (wcenc_encoder *)encoder;
    uint32_t size;

    if (!encoder)
        return 0;
    mutex_lock(&locked->lock);
    size = encoder->queue_size;
    mutex_unlock(&locked->lock);
    return size;
}
