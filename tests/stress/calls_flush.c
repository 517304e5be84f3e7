/* SPDX-License-Identifier: MIT */

/* Flushes, waited for and not. */

#include "calls.h"

#include "callbacks.h"
#include "outcomes.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

struct before_flush {
    uint64_t begun;
    unsigned aborts_over;
    bool was_configured;
    bool was_closed;
};

static struct before_flush look(const struct subject *subject)
{
    return (struct before_flush){
        .aborts_over = atomic_load_explicit(&subject->aborts_over, memory_order_relaxed),
        .was_configured = atomic_load_explicit(&subject->is_configured, memory_order_relaxed),
        .was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed),
        .begun = moment_now(),
    };
}

/* The error that a flush ended with is the one that was told; with PULL it may lie there still. */
static void check_failed(const struct subject *subject, wcenc_status status)
{
    outcome_count(OUTCOME_FLUSH_FAILED);
    if (subject_is(subject, WCENC_DELIVERY_PULL))
        return;
    if (!atomic_load_explicit(&subject->error_is_told, memory_order_relaxed))
        violation(subject, "a flush ended with %s before on_error had returned", wcenc_status_name(status));
    else if (status != atomic_load_explicit(&subject->error_status, memory_order_relaxed))
        violation(subject, "a flush ended with %s, and on_error was told something else", wcenc_status_name(status));
}

static void check_ended(struct subject *subject, const struct before_flush *before, wcenc_status status)
{
    switch (status) {
    case WCENC_OK:
        outcome_count(OUTCOME_FLUSH_OK);
        if (!subject_is(subject, WCENC_DELIVERY_PULL))
            ledger_check_flushed(subject, before->begun);
        break;
    case WCENC_ERROR_TIMED_OUT:
        outcome_count(OUTCOME_FLUSH_TIMED_OUT);
        break;
    case WCENC_ERROR_ABORTED:
        outcome_count(OUTCOME_FLUSH_ABORTED);
        if (atomic_load_explicit(&subject->aborts_begun, memory_order_relaxed) == before->aborts_over)
            violation(subject, "a flush was aborted by nothing");
        break;
    case WCENC_ERROR_INVALID_STATE:
        if (before->was_configured && !subject_may_be_unconfigured(subject))
            violation(subject, "a flush of a configured encoder was refused");
        break;
    default:
        check_failed(subject, status);
        break;
    }
}

static void check_flush(struct subject *subject, const struct before_flush *before, int64_t timeout_us,
                        wcenc_status status)
{
    uint64_t allowed = ALLOW(WCENC_ERROR_INVALID_STATE);

    if (!before->was_closed)
        allowed |= ALLOW(WCENC_OK) | ALLOW(WCENC_ERROR_ABORTED);
    if (!before->was_closed && atomic_load_explicit(&subject->may_fail, memory_order_relaxed))
        allowed |= ALLOW(WCENC_ERROR_NOT_SUPPORTED);
    if (!before->was_closed && timeout_us >= 0)
        allowed |= ALLOW(WCENC_ERROR_TIMED_OUT);
    if (expect_status(subject, "wcenc_encoder_flush", status, allowed))
        check_ended(subject, before, status);
}

wcenc_status call_flush(struct subject *subject, int64_t timeout_us)
{
    enum inside inside = scope_inside(subject);
    struct before_flush before = look(subject);
    struct scope scope;
    wcenc_status status;

    scope_enter(&scope, SCOPE_PUMPING, "wcenc_encoder_flush", subject, subject->number);
    status = timeout_us == WITHOUT_TIMEOUT ? wcenc_encoder_flush(subject->encoder)
                                           : wcenc_encoder_flush_timeout(subject->encoder, timeout_us);
    scope_leave(&scope);
    if (inside == INSIDE_NOTHING) {
        check_flush(subject, &before, timeout_us, status);
        return status;
    }
    outcome_count(OUTCOME_WOULD_DEADLOCK);
    expect_status(subject, "wcenc_encoder_flush inside a callback", status, ALLOW(WCENC_ERROR_WOULD_DEADLOCK));
    return status;
}

wcenc_status call_flush_async(struct subject *subject, struct random *random)
{
    bool wants_done = !subject_is(subject, WCENC_DELIVERY_PULL);
    bool is_wrong = random_chance(random, 30);
    struct before_flush before = look(subject);
    struct request *request = request_add(subject, false);
    uint64_t allowed = is_wrong ? ALLOW(WCENC_ERROR_TYPE) : 0;
    struct scope scope;
    wcenc_status status;

    if (!request)
        return WCENC_OK;
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_flush_async", subject, subject->number);
    status = wcenc_encoder_flush_async(subject->encoder, wants_done != is_wrong ? callback_done : NULL, request);
    scope_leave(&scope);
    if (status == WCENC_OK)
        atomic_store_explicit(&request->accepted, moment_now(), memory_order_release);
    if (!before.was_configured || subject_may_be_unconfigured(subject))
        allowed |= ALLOW(WCENC_ERROR_INVALID_STATE);
    if (!before.was_closed && !is_wrong)
        allowed |= ALLOW(WCENC_OK);
    expect_status(subject, "wcenc_encoder_flush_async", status, allowed);
    return status;
}
