/* SPDX-License-Identifier: MIT */

/* How a program takes results where the library does not call it by itself: pumping callbacks, or receiving events. */

#include <string.h>

#include "callback_guard.h"
#include "encoder_priv.h"
#include "mem.h"
#include "status.h"

int32_t wcenc_encoder_get_event_fd(const wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (encoder->delivery.notifier.read_fd < 0)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE,
                           "delivery WCENC_DELIVERY_THREAD has no descriptor; use WCENC_DELIVERY_PUMP or _PULL");
    return encoder->delivery.notifier.read_fd;
}

/* What pump and receive begin with. */
static wcenc_status check_taker(const wcenc_encoder *encoder, wcenc_delivery delivery, const char *name)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (wcenc__callback_is_inside(encoder))
        return wcenc__fail(WCENC_ERROR_WOULD_DEADLOCK, "%s from inside a callback of the same encoder", name);
    if (encoder->desc.delivery != delivery)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "%s is not for delivery %d of this encoder", name,
                           (int)encoder->desc.delivery);
    return WCENC_OK;
}

/*
 * With the lock held before and after, released meanwhile: until there is an event and no callback runs. Neither AGAIN
 * nor END is an error, so that a thread that polls formats no message.
 */
static wcenc_status wait_for_event(wcenc_encoder *encoder, int64_t deadline_ns)
{
    struct delivery *delivery = &encoder->delivery;
    bool in_time = deadline_ns != 0;

    for (;;) {
        if (wcenc__delivery_is_ready(delivery))
            return WCENC_OK;
        if (wcenc__delivery_is_over(delivery))
            return WCENC_END;
        if (!in_time)
            return WCENC_AGAIN;
        in_time = wcenc__delivery_wait(delivery, deadline_ns, wcenc__encoder_abandon, encoder);
    }
}

/* With the lock held before and after, released meanwhile: the number of callbacks. */
static uint32_t pump_events(struct delivery *delivery, uint32_t max_events)
{
    /* Without a bound a fast encoder would never let the thread return. */
    uint32_t there = delivery->events.count;
    uint32_t count = 0;

    while (wcenc__delivery_is_ready(delivery) && (max_events ? count < max_events : there-- > 0))
        count += wcenc__delivery_dispatch(delivery);
    return count;
}

/* With the lock held before and after. */
static wcenc_status pump_locked(wcenc_encoder *encoder, uint32_t max_events, int64_t deadline_ns, uint32_t *count)
{
    while (*count == 0) {
        wcenc_status status = wait_for_event(encoder, deadline_ns);

        if (status != WCENC_OK)
            return status;
        *count = pump_events(&encoder->delivery, max_events);
    }
    wcenc__delivery_leave_rest(&encoder->delivery);
    return WCENC_OK;
}

wcenc_status wcenc_encoder_pump(wcenc_encoder *encoder, uint32_t max_events, int64_t timeout_us, uint32_t *count)
{
    int64_t deadline_ns = wcenc__deadline_after_us(timeout_us);
    uint32_t ran = 0;
    wcenc_status status = check_taker(encoder, WCENC_DELIVERY_PUMP, "pump");

    if (status == WCENC_OK) {
        wcenc__encoder_lock(encoder);
        status = pump_locked(encoder, max_events, deadline_ns, &ran);
        wcenc__encoder_unlock(encoder);
    }
    if (count)
        *count = ran;
    return status;
}

/* An event as the user has it, with what its members point to. */
struct public_event {
    wcenc_event public; /* first, so that a pointer to it is one to the whole */
    wcenc_drop drop;
    wcenc_error error;
    char message[]; /* of the error */
};

/* Room for the first event, whatever it is. */
static struct public_event *create_event(const wcenc_encoder *encoder)
{
    bool is_error = encoder->delivery.events.first->type == WCENC_EVENT_ERROR;
    struct public_event *event = mem_zalloc(sizeof *event + (is_error ? FAILURE_TEXT_SIZE : 0));

    return event;
}

static void fill_event(struct public_event *event, const struct taken *taken, const struct failure *failure)
{
    wcenc_event *public = &event->public;

    *public = (wcenc_event){
        .struct_size = sizeof *public,
        .chunk = taken->chunk,
        .metadata = taken->chunk ? wcenc_chunk_get_metadata(taken->chunk) : NULL,
        .user = taken->user,
        .queue_size = taken->queue_size,
        .type = taken->type,
        .status = taken->status,
    };
    if (taken->type == WCENC_EVENT_DROP) {
        event->drop = taken->drop;
        public->drop = &event->drop;
    }
    if (taken->type == WCENC_EVENT_ERROR) {
        memcpy(event->message, failure->message, FAILURE_TEXT_SIZE);
        event->error = (wcenc_error){.struct_size = sizeof event->error,
                                     .message = event->message,
                                     .encoder_name = failure->encoder_name,
                                     .status = failure->status,
                                     .backend_code = failure->backend_code};
        public->error = &event->error;
    }
}

/* With the lock held before and after, released meanwhile. */
static wcenc_status receive_locked(wcenc_encoder *encoder, int64_t deadline_ns, wcenc_event **out)
{
    struct delivery *delivery = &encoder->delivery;
    wcenc_status status = wait_for_event(encoder, deadline_ns);
    struct public_event *event;
    struct taken taken;

    if (status != WCENC_OK)
        return status;
    event = create_event(encoder);
    if (!event)
        return wcenc__fail_no_memory();
    wcenc__delivery_take(delivery, &taken);
    fill_event(event, &taken, &delivery->failure);
    wcenc__delivery_finish(delivery, &taken);
    *out = &event->public;
    if (taken.type == WCENC_EVENT_ERROR) {
        wcenc__encoder_pause(encoder);
        wcenc__delivery_release_failed(delivery, &taken);
        wcenc__encoder_resume(encoder);
    }
    return WCENC_OK;
}

wcenc_status wcenc_encoder_receive(wcenc_encoder *encoder, int64_t timeout_us, wcenc_event **event)
{
    int64_t deadline_ns = wcenc__deadline_after_us(timeout_us);
    wcenc_status status;

    if (!event)
        return wcenc__fail(WCENC_ERROR_TYPE, "event is NULL");
    *event = NULL;
    status = check_taker(encoder, WCENC_DELIVERY_PULL, "receive");
    if (status != WCENC_OK)
        return status;
    wcenc__encoder_lock(encoder);
    status = receive_locked(encoder, deadline_ns, event);
    wcenc__encoder_unlock(encoder);
    return status;
}

void wcenc_event_free(wcenc_event *event)
{
    if (!event)
        return;
    wcenc_chunk_unref(event->chunk);
    mem_free(event);
}
