/* SPDX-License-Identifier: MIT */

/* How a program takes results where the library does not call it by itself: pumping callbacks, or receiving events. */

#include <string.h>

#include "callback.h"
#include "encoder.h"
#include "mem.h"
#include "status.h"

int32_t wcenc_encoder_event_fd(const wcenc_encoder *encoder)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (encoder->notifier.read_fd < 0)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "with WCENC_DELIVERY_THREAD there is no descriptor to poll");
    return encoder->notifier.read_fd;
}

/* What pump and receive begin with. */
static wcenc_status check_taker(const wcenc_encoder *encoder, wcenc_delivery delivery, const char *name)
{
    wcenc_status status = wcenc__encoder_check(encoder);

    if (status != WCENC_OK)
        return status;
    if (wcenc__callback_is_inside(encoder))
        return wcenc__fail(WCENC_ERROR_WOULD_DEADLOCK, "%s from inside a callback of the same encoder", name);
    if (encoder->init.delivery != delivery)
        return wcenc__fail(WCENC_ERROR_INVALID_STATE, "%s is not for delivery %d of this encoder", name,
                           (int)encoder->init.delivery);
    return WCENC_OK;
}

/*
 * With the lock held before and after, given up meanwhile, and a pin: until there is an event and nobody else has the
 * turn.
 */
static wcenc_status wait_for_event(wcenc_encoder *encoder, int64_t deadline_ns)
{
    const struct delivery *delivery = &encoder->delivery;
    bool in_time = deadline_ns != 0;

    for (;;) {
        if (delivery->events.first && !delivery->is_running)
            return WCENC_OK;
        if (wcenc__delivery_is_over(encoder))
            return wcenc__fail(WCENC_ERROR_ABORTED, "the encoder is closed, and all has been told");
        if (!in_time)
            return WCENC_ERROR_TIMED_OUT;
        in_time =
            cond_wait_cancellable(&encoder->settled, &encoder->lock, deadline_ns, wcenc__encoder_abandon, encoder);
    }
}

/* With the lock held before and after, given up meanwhile: the number of callbacks. */
static int32_t pump_events(wcenc_encoder *encoder, uint32_t max_events)
{
    const struct delivery *delivery = &encoder->delivery;
    /* Without a bound a fast encoder would never let go of the thread. */
    uint32_t there = delivery->events.count;
    int32_t count = 0;

    while (delivery->events.first && !delivery->is_running && count < INT32_MAX &&
           (max_events ? (uint32_t)count < max_events : there-- > 0))
        count += wcenc__delivery_run_first(encoder);
    return count;
}

/* With the lock held before and after, and a pin. */
static int32_t pump_pinned(wcenc_encoder *encoder, uint32_t max_events, int64_t deadline_ns)
{
    int32_t count = 0;

    while (count == 0) {
        wcenc_status status = wait_for_event(encoder, deadline_ns);

        if (status != WCENC_OK)
            return status == WCENC_ERROR_TIMED_OUT ? 0 : status;
        count = pump_events(encoder, max_events);
    }
    return count;
}

int32_t wcenc_encoder_pump(wcenc_encoder *encoder, uint32_t max_events, int64_t timeout_us)
{
    int64_t deadline_ns = wcenc__deadline_after_us(timeout_us);
    int32_t result = check_taker(encoder, WCENC_DELIVERY_PUMP, "pump");

    if (result != WCENC_OK)
        return result;
    mutex_lock(&encoder->lock);
    wcenc__encoder_pin(encoder);
    result = pump_pinned(encoder, max_events, deadline_ns);
    if (result > 0)
        wcenc__delivery_leave_rest(encoder);
    wcenc__encoder_unpin(encoder);
    return result;
}

/* An event as the user has it, with what its members point to. */
struct handed_event {
    wcenc_event public; /* first, so that a pointer to it is one to the whole */
    wcenc_drop drop;
    wcenc_error error;
    char message[]; /* of the error */
};

/* Room for the first event, whatever it is. */
static struct handed_event *create_event(const wcenc_encoder *encoder)
{
    bool is_error = encoder->delivery.events.first->type == WCENC_EVENT_ERROR;
    struct handed_event *event = mem_zalloc(sizeof *event + (is_error ? FAILURE_TEXT_SIZE : 0));

    return event;
}

static void fill_event(struct handed_event *event, const struct told *told, const struct failure *failure)
{
    wcenc_event *public = &event->public;

    *public = (wcenc_event){
        .struct_size = sizeof *public,
        .chunk = told->chunk,
        .metadata = told->chunk ? wcenc_chunk_get_metadata(told->chunk) : NULL,
        .user = told->user,
        .type = told->type,
        .status = told->status,
    };
    if (told->type == WCENC_EVENT_DROP) {
        event->drop = told->drop;
        public->drop = &event->drop;
    }
    if (told->type == WCENC_EVENT_ERROR) {
        memcpy(event->message, failure->message, FAILURE_TEXT_SIZE);
        event->error = (wcenc_error){sizeof event->error, event->message, failure->status, failure->backend_code};
        public->error = &event->error;
    }
}

/* With the lock held before and after, and a pin. */
static wcenc_status receive_pinned(wcenc_encoder *encoder, int64_t deadline_ns, wcenc_event **out)
{
    wcenc_status status = wait_for_event(encoder, deadline_ns);
    struct old_generation old;
    struct handed_event *event;
    struct told told;

    if (status == WCENC_ERROR_TIMED_OUT)
        return wcenc__fail(status, "no event came in time");
    if (status != WCENC_OK)
        return status;
    event = create_event(encoder);
    if (!event)
        return wcenc__fail_no_memory();
    wcenc__delivery_take(encoder, &told, &old);
    fill_event(event, &told, &encoder->delivery.failure);
    wcenc__delivery_finish(encoder, &told);
    *out = &event->public;
    if (told.old) {
        wcenc__encoder_unlock(encoder);
        wcenc__encoder_release_generation(encoder, told.old);
        mutex_lock(&encoder->lock);
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
    mutex_lock(&encoder->lock);
    wcenc__encoder_pin(encoder);
    status = receive_pinned(encoder, deadline_ns, event);
    wcenc__encoder_unpin(encoder);
    return status;
}

void wcenc_event_unref(wcenc_event *event)
{
    if (!event)
        return;
    wcenc_chunk_unref(event->chunk);
    mem_free(event);
}
