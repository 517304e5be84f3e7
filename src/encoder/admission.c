/* SPDX-License-Identifier: MIT */

/* encode(): its checks in the order of the spec, and what happens where a limit of the queue is reached. */

#include <inttypes.h>
#include <string.h>

#include "abi.h"
#include "callback_guard.h"
#include "compiler.h"
#include "encoder_priv.h"
#include "hdr_metadata.h"
#include "mem.h"
#include "profiles.h"
#include "status.h"

void wcenc_encode_options_init(wcenc_encode_options *options, size_t size)
{
    wcenc__struct_init(options, size);
}

/* With the lock held, in the state configured. */
static wcenc_status check_quantizer(const wcenc_encoder *encoder, const wcenc_encode_options *options,
                                    int32_t *quantizer)
{
    const struct encoder_config *config = encoder->config;
    const struct codec_family_info *family = wcenc__codec_family(config->codec.family);
    uint32_t limit;

    *quantizer = -1;
    if (!family || config->given.bitrate_mode != WCENC_BITRATE_QUANTIZER ||
        (!options->has_quantizer && options->quantizer == 0))
        return WCENC_OK;
    limit = family->quantizer_max + family->quantizer_depth_step * (config->codec.bit_depth - 8u);
    if (options->quantizer > limit)
        return wcenc__fail(WCENC_ERROR_TYPE, "options.quantizer is %" PRIu32 ", larger than the %" PRIu32 " of %s",
                           options->quantizer, limit, family->name);
    *quantizer = (int32_t)options->quantizer;
    return WCENC_OK;
}

/*
 * With the lock held, in the state configured. Where no encoder offers buffers the configuration is not supported,
 * which the worker reports.
 */
static wcenc_status check_buffers(const wcenc_encoder *encoder, const wcenc_encode_options *options)
{
    const struct {
        const char *name;
        uint32_t buffers;
    } members[] = {{"references", options->references}, {"updates", options->updates}};
    const uint32_t count = encoder->reference_buffers;

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        if (members[i].buffers && !encoder->config->is_manual)
            return wcenc__fail(WCENC_ERROR_TYPE, "options.%s is 0x%" PRIx32 ", but scalability_mode is not \"manual\"",
                               members[i].name, members[i].buffers);
        if (count && members[i].buffers >> count)
            return wcenc__fail(WCENC_ERROR_TYPE,
                               "options.%s is 0x%" PRIx32 ", the encoder has %" PRIu32 " buffers; use bits up to 0x%x",
                               members[i].name, members[i].buffers, count, (1u << count) - 1);
    }
    return WCENC_OK;
}

/* One frame on its way into the queue. */
struct attempt {
    wcenc_encoder *encoder;
    struct frame_view view;
    wcenc_encode_options options;
    wcenc_hdr_metadata hdr_metadata; /* what the options point to */
    uint64_t generation;             /* of the last try */
    int64_t deadline_ns;             /* for room; 0 until it waits */
    bool has_waited;
};

enum admission {
    ADMITTED, /* there is room */
    DROPPED,  /* accepted, but not to be queued; counted already */
    REFUSED,  /* the status says why */
    WAITED,   /* something has changed: try again */
    REMOVED,  /* a frame was taken out of the queue, and is to be released: try again */
};

/* Without the lock: of a frame that makes no chunk. */
static void release_frame(wcenc_encoder *encoder, struct frame_view *view)
{
    struct callback_scope scope;

    wcenc__callback_enter(&scope, encoder);
    wcenc__frame_view_release(view);
    wcenc__callback_leave(&scope);
}

/* Of a thread that is cancelled. */
static void abandon(void *argument)
{
    struct attempt *attempt = argument;

    wcenc__encoder_pause(attempt->encoder);
    release_frame(attempt->encoder, &attempt->view);
    wcenc__encoder_resume(attempt->encoder);
    wcenc__encoder_unlock(attempt->encoder);
}

/* With the lock held. spec: encode(), in its order of checks. */
static wcenc_status check_attempt(const wcenc_encoder *encoder, struct attempt *attempt, int32_t *quantizer)
{
    const struct frame_view *view = &attempt->view;
    wcenc_status status;

    if (attempt->has_waited && attempt->generation != encoder->generation && encoder->delivery.error != ERROR_DELIVERED)
        return wcenc__fail(WCENC_ERROR_ABORTED, "a reset or close ended the wait for room in the queue");
    status = wcenc__encoder_check_configured(encoder);
    if (status != WCENC_OK)
        return status;
    attempt->generation = encoder->generation;
    if (encoder->has_orientation && (encoder->rotation != view->rotation || encoder->flip != view->flip))
        return wcenc__fail(
            WCENC_ERROR_DATA,
            "frame: rotation %d and flip %d differ from the %d and %d of the first frame after configure",
            (int)view->rotation, (int)view->flip, (int)encoder->rotation, (int)encoder->flip);
    status = check_buffers(encoder, &attempt->options);
    return status == WCENC_OK ? check_quantizer(encoder, &attempt->options, quantizer) : status;
}

/* With the lock held: which limit a frame would break; 0 if none. */
static int32_t broken_limit(const wcenc_encoder *encoder, const struct frame_view *view)
{
    const wcenc_encoder_desc *desc = &encoder->desc;

    if (desc->max_queued_frames && encoder->queue_size >= desc->max_queued_frames)
        return WCENC_DROP_QUEUED_FRAMES;
    if (desc->max_queued_bytes && encoder->queued_bytes + view->bytes > desc->max_queued_bytes)
        return WCENC_DROP_QUEUED_BYTES;
    return 0;
}

static enum admission refuse(const wcenc_encoder *encoder, int32_t limit, const struct frame_view *view,
                             wcenc_status *status)
{
    if (limit == WCENC_DROP_QUEUED_FRAMES)
        *status = wcenc__fail(WCENC_ERROR_QUOTA_EXCEEDED, "%u frames are queued, max_queued_frames is %u",
                              encoder->queue_size, encoder->desc.max_queued_frames);
    else
        *status =
            wcenc__fail(WCENC_ERROR_QUOTA_EXCEEDED,
                        "%" PRIu64 " bytes are queued and the frame has %" PRIu64 ", max_queued_bytes is %" PRIu64,
                        encoder->queued_bytes, view->bytes, encoder->desc.max_queued_bytes);
    return REFUSED;
}

/* With the lock held, released meanwhile. */
static enum admission wait_for_room(wcenc_encoder *encoder, int32_t limit, struct attempt *attempt,
                                    wcenc_status *status)
{
    bool in_time;

    if (wcenc__callback_is_inside(encoder))
        return refuse(encoder, limit, &attempt->view, status);
    /* The encoder has stopped, and closes when the error is delivered: the frame is accepted and discarded. */
    if (encoder->delivery.error == ERROR_QUEUED) {
        encoder->stats.frames_discarded++;
        return DROPPED;
    }
    if (attempt->deadline_ns == 0)
        attempt->deadline_ns =
            encoder->desc.queue_timeout_us ? wcenc__deadline_after_us(encoder->desc.queue_timeout_us) : DEADLINE_NEVER;
    in_time = cond_wait_cancellable(&encoder->room, &encoder->lock, attempt->deadline_ns, abandon, attempt);
    if (!in_time && broken_limit(encoder, &attempt->view) && attempt->generation == encoder->generation) {
        *status = wcenc__fail(WCENC_ERROR_TIMED_OUT, "there was no room in the queue within %" PRId64 " us",
                              encoder->desc.queue_timeout_us);
        return REFUSED;
    }
    attempt->has_waited = true;
    return WAITED;
}

bool wcenc__encoder_report_drop(wcenc_encoder *encoder, const wcenc_drop *drop)
{
    struct drop_event *event;

    if (!wcenc__delivery_wants_drops(&encoder->delivery)) {
        encoder->stats.frames_dropped++;
        return true;
    }
    event = mem_alloc(sizeof *event);
    if (!event)
        return false;
    event->drop = *drop;
    event->drop.struct_size = sizeof event->drop;
    wcenc__delivery_post_drop(&encoder->delivery, event);
    return true;
}

/* With the lock held. False if out of memory. */
static bool report_drop(wcenc_encoder *encoder, const struct frame_view *view, uint64_t user_tag, int32_t limit)
{
    const wcenc_drop drop = {.timestamp_us = view->timestamp_us,
                             .duration_us = view->duration_us,
                             .user_tag = user_tag,
                             .has_duration = view->has_duration,
                             .reason = limit};

    return wcenc__encoder_report_drop(encoder, &drop);
}

/* With the lock held. The frame that is dropped passes its key request on to the next one kept. */
static enum admission drop_oldest(wcenc_encoder *encoder, int32_t limit, struct message *removed, wcenc_status *status)
{
    struct message *oldest = wcenc__queue_first_frame(&encoder->queue), *next;

    if (!report_drop(encoder, &oldest->u.encode.frame, oldest->u.encode.user_tag, limit)) {
        *status = wcenc__fail_no_memory();
        return REFUSED;
    }
    (void)wcenc__queue_take_frame(&encoder->queue, removed);
    encoder->queue_size--;
    encoder->queued_bytes -= removed->u.encode.frame.bytes;
    next = wcenc__queue_first_frame(&encoder->queue);
    if (next)
        next->u.encode.key_frame = next->u.encode.key_frame || removed->u.encode.key_frame;
    else
        encoder->owes_key = encoder->owes_key || removed->u.encode.key_frame;
    return REMOVED;
}

/* With the lock held. */
static enum admission drop_newest(wcenc_encoder *encoder, int32_t limit, const struct attempt *attempt,
                                  wcenc_status *status)
{
    if (!report_drop(encoder, &attempt->view, attempt->options.user_tag, limit)) {
        *status = wcenc__fail_no_memory();
        return REFUSED;
    }
    encoder->owes_key = encoder->owes_key || attempt->options.key_frame;
    return DROPPED;
}

/* With the lock held: room for one frame more, according to the policy. */
static enum admission make_room(wcenc_encoder *encoder, struct attempt *attempt, struct message *removed,
                                wcenc_status *status)
{
    int32_t limit = broken_limit(encoder, &attempt->view);

    if (limit == 0)
        return ADMITTED;
    /* Alone it is larger than all that may wait. */
    if (encoder->desc.max_queued_bytes && attempt->view.bytes > encoder->desc.max_queued_bytes)
        return refuse(encoder, WCENC_DROP_QUEUED_BYTES, &attempt->view, status);
    switch (encoder->desc.queue_policy) {
    case WCENC_QUEUE_WAIT:
        return wait_for_room(encoder, limit, attempt, status);
    case WCENC_QUEUE_DROP_OLDEST:
        return drop_oldest(encoder, limit, removed, status);
    case WCENC_QUEUE_DROP_NEWEST:
        return drop_newest(encoder, limit, attempt, status);
    default:
        return refuse(encoder, limit, &attempt->view, status);
    }
}

/* With the lock held: the frame into the queue, which takes over its view. */
static wcenc_status enqueue(wcenc_encoder *encoder, const struct attempt *attempt, int32_t quantizer)
{
    struct message message = {.type = MESSAGE_ENCODE};
    wcenc_status status;

    message.u.encode.frame = attempt->view;
    message.u.encode.user_tag = attempt->options.user_tag;
    message.u.encode.number = encoder->last_frame + 1;
    message.u.encode.queued_ns = monotonic_ns();
    message.u.encode.quantizer = quantizer;
    message.u.encode.references = (uint8_t)attempt->options.references;
    message.u.encode.updates = (uint8_t)attempt->options.updates;
    message.u.encode.hdr_metadata = attempt->options.hdr_metadata ? attempt->hdr_metadata : encoder->hdr_metadata;
    message.u.encode.key_frame = attempt->options.key_frame || encoder->owes_key;
    status = wcenc__worker_post(encoder, &message);
    if (status != WCENC_OK)
        return status;
    encoder->last_frame++;
    wcenc__prefetch_wake(&encoder->prefetcher);
    encoder->owes_key = false;
    encoder->queue_size++;
    encoder->queued_bytes += attempt->view.bytes;
    wcenc__delivery_queue_grew(&encoder->delivery, encoder->queue_size);
    return WCENC_OK;
}

/* With the lock held: one try. A frame that is admitted is in the queue afterwards. */
static enum admission admit(wcenc_encoder *encoder, struct attempt *attempt, struct message *removed,
                            wcenc_status *status)
{
    enum admission admission;
    int32_t quantizer = -1;

    *status = check_attempt(encoder, attempt, &quantizer);
    if (*status != WCENC_OK)
        return REFUSED;
    admission = make_room(encoder, attempt, removed, status);
    if (admission != ADMITTED && admission != DROPPED)
        return admission;
    if (quantizer < 0)
        quantizer = encoder->quantizer;
    if (admission == ADMITTED)
        *status = enqueue(encoder, attempt, quantizer);
    if (*status != WCENC_OK)
        return REFUSED;
    encoder->quantizer = quantizer;
    if (attempt->options.hdr_metadata)
        encoder->hdr_metadata = attempt->hdr_metadata;
    encoder->stats.frames_accepted++;
    encoder->has_orientation = true;
    encoder->rotation = attempt->view.rotation;
    encoder->flip = attempt->view.flip;
    return admission;
}

/* Tries until the frame is in the queue, dropped or refused. With the lock held before and after. */
static wcenc_status encode_locked(wcenc_encoder *encoder, struct attempt *attempt)
{
    const uint32_t size = encoder->queue_size;
    const uint64_t generation = encoder->generation;
    enum admission admission;
    struct message removed;
    wcenc_status status;

    while ((admission = admit(encoder, attempt, &removed, &status)) == WAITED || admission == REMOVED) {
        if (admission == WAITED)
            continue;
        wcenc__encoder_pause(encoder);
        release_frame(encoder, &removed.u.encode.frame);
        wcenc__encoder_resume(encoder);
    }
    /* A reset or close that came meanwhile has reported what there is to report of the queue. */
    if (encoder->queue_size < size && encoder->generation == generation)
        wcenc__delivery_queue_shrank(&encoder->delivery, encoder->queue_size);
    if (admission == ADMITTED)
        return status;
    wcenc__encoder_pause(encoder);
    release_frame(encoder, &attempt->view);
    wcenc__encoder_resume(encoder);
    return status;
}

static wcenc_status copy_options(const wcenc_encode_options *options, struct attempt *attempt)
{
    wcenc_encode_options *given = &attempt->options;
    bool sets_unknown = false;
    wcenc_status status;

    wcenc_encode_options_init(given, sizeof *given);
    if (!options)
        return WCENC_OK;
    status = wcenc__struct_copy_in(given, sizeof *given, options, sizeof *given, "options");
    if (status == WCENC_OK)
        status = wcenc__unknown_check(given->reserved1 || given->reserved2 != 0, "options");
    if (status == WCENC_OK && given->hdr_metadata)
        status = wcenc__hdr_metadata_copy(given->hdr_metadata, "options.hdr_metadata", &attempt->hdr_metadata,
                                          &sets_unknown);
    return status == WCENC_OK ? wcenc__unknown_check(sets_unknown, "options.hdr_metadata") : status;
}

wcenc_status wcenc_encoder_encode(wcenc_encoder *encoder, wcenc_frame *frame, const wcenc_encode_options *options)
{
    struct attempt attempt = {.encoder = encoder};
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status == WCENC_OK && !frame)
        status = wcenc__fail(WCENC_ERROR_TYPE, "frame is NULL");
    if (status == WCENC_OK)
        status = copy_options(options, &attempt);
    if (status != WCENC_OK)
        return status;
    if (!wcenc__frame_view(frame, &attempt.view))
        return wcenc__fail(WCENC_ERROR_TYPE, "frame is closed");
    wcenc__encoder_lock(encoder);
    status = encode_locked(encoder, &attempt);
    wcenc__encoder_unlock(encoder);
    return status;
}
