/* SPDX-License-Identifier: MIT */

/* What takes results: pumping and receiving. */

#include "calls.h"

#include "callbacks.h"
#include "outcomes.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

/* All that is left of it is the end. */
static void set_over(struct subject *subject)
{
    atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
    atomic_store_explicit(&subject->all_is_told, true, memory_order_relaxed);
    if (!subject_may_be_closed(subject))
        violation(subject, "all was said to be told, and nothing had closed the encoder");
    call_state(subject);
}

/* What a call returns that has the wrong delivery or comes from inside a callback; 0 if it is neither. */
static uint64_t refusals(const struct subject *subject, wcenc_delivery delivery)
{
    return (subject_is(subject, delivery) ? 0 : ALLOW(WCENC_ERROR_INVALID_STATE)) |
           (scope_inside(subject) == INSIDE_NOTHING ? 0 : ALLOW(WCENC_ERROR_WOULD_DEADLOCK));
}

int32_t call_pump(struct subject *subject, uint32_t max_events, int64_t timeout_us)
{
    uint64_t refused = refusals(subject, WCENC_DELIVERY_PUMP);
    struct scope scope;
    int32_t result;

    scope_enter(&scope, SCOPE_PUMPING, "wcenc_encoder_pump", subject, subject->number);
    result = wcenc_encoder_pump(subject->encoder, max_events, timeout_us);
    scope_leave(&scope);
    if (refused) {
        outcome_add(OUTCOME_WOULD_DEADLOCK, result == WCENC_ERROR_WOULD_DEADLOCK);
        expect_status(subject, "wcenc_encoder_pump that cannot be", result, refused);
    } else if (result > 0) {
        outcome_count(OUTCOME_PUMPED);
        if (max_events && (uint32_t)result > max_events)
            violation(subject, "a pump of %u callbacks ran %d", (unsigned)max_events, (int)result);
    } else if (expect_status(subject, "wcenc_encoder_pump", result, ALLOW(WCENC_OK) | ALLOW(WCENC_ERROR_ABORTED)) &&
               result == WCENC_ERROR_ABORTED) {
        set_over(subject);
    }
    /* What is told beyond that is of the end of an encoder whose last reference went in there. */
    if (scope.callbacks != (result > 0 ? result : 0) &&
        (scope.callbacks < result || atomic_load(&subject->references) > 0))
        violation(subject, "a pump returned %d and ran %d callbacks", (int)result, scope.callbacks);
    if (!refused && timeout_us < 0 && result == 0)
        violation(subject, "a pump without a timeout returned and had run nothing");
    return result;
}

static wcenc_status receive(struct subject *subject, int64_t timeout_us)
{
    uint64_t refused = refusals(subject, WCENC_DELIVERY_PULL);
    uint64_t allowed = ALLOW(WCENC_OK) | ALLOW(WCENC_ERROR_ABORTED);
    struct before_event before = event_expect(subject);
    wcenc_event *event = NULL;
    struct scope scope;
    wcenc_status status;

    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_receive", subject, subject->number);
    status = wcenc_encoder_receive(subject->encoder, timeout_us, &event);
    scope_leave(&scope);
    if (refused) {
        outcome_add(OUTCOME_WOULD_DEADLOCK, status == WCENC_ERROR_WOULD_DEADLOCK);
        allowed = refused;
    } else if (timeout_us >= 0) {
        allowed |= ALLOW(WCENC_ERROR_TIMED_OUT);
    }
    expect_status(subject, "wcenc_encoder_receive", status, allowed);
    if ((status == WCENC_OK) != (event != NULL))
        violation(subject, "wcenc_encoder_receive returned %s and %s event", wcenc_status_name(status),
                  event ? "an" : "no");
    if (status == WCENC_ERROR_ABORTED)
        set_over(subject);
    if (event) {
        outcome_count(OUTCOME_RECEIVED);
        event_take(subject, event, &before);
        /* It lives until the next one, or until after the encoder. */
        wcenc_event_unref(atomic_exchange(&subject->last_event, event));
    }
    return status;
}

wcenc_status call_receive(struct subject *subject, int64_t timeout_us)
{
    wcenc_status status;

    if (!subject->is_orderly)
        return receive(subject, timeout_us);
    /* One that may wait for ever is only made where nothing is lost by waiting for the others too. */
    if (timeout_us < 0)
        pthread_mutex_lock(&subject->receiving);
    else if (pthread_mutex_trylock(&subject->receiving) != 0)
        return WCENC_ERROR_TIMED_OUT;
    status = receive(subject, timeout_us);
    pthread_mutex_unlock(&subject->receiving);
    return status;
}
