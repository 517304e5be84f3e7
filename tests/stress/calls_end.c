/* SPDX-License-Identifier: MIT */

/* What ends an encoder, or what it was doing. */

#include "calls.h"

#include "callbacks.h"
#include "outcomes.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

static uint64_t allowed_if_closed(const struct subject *subject, bool was_closed)
{
    return (was_closed ? 0 : ALLOW(WCENC_OK)) | (subject_may_be_closed(subject) ? ALLOW(WCENC_ERROR_INVALID_STATE) : 0);
}

void call_reset(struct subject *subject)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    enum inside inside = scope_inside(subject);
    uint64_t begun = moment_now();
    struct scope scope;
    wcenc_status status;

    subject_begin_abort(subject, false);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_reset", subject, subject->number);
    status = wcenc_encoder_reset(subject->encoder);
    scope_leave(&scope);
    if (status == WCENC_OK && inside == INSIDE_CALLBACK) {
        outcome_count(OUTCOME_RESET_INSIDE);
        subject->floor = begun;
    } else if (status == WCENC_OK) {
        subject_raise_floor(subject, begun);
    }
    subject_end_abort(subject, false);
    expect_status(subject, "wcenc_encoder_reset", status, allowed_if_closed(subject, was_closed));
}

/* After a close, in either way. */
static void check_closed(struct subject *subject, wcenc_status status, enum inside inside, bool was_closed)
{
    uint64_t allowed = was_closed ? 0 : ALLOW(WCENC_OK);

    /* This one has begun as well. */
    if (atomic_load_explicit(&subject->closes_begun, memory_order_relaxed) > 1 ||
        atomic_load_explicit(&subject->may_fail, memory_order_relaxed))
        allowed |= ALLOW(WCENC_ERROR_INVALID_STATE);
    expect_status(subject, "wcenc_encoder_close", status, allowed);
    atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
    if (status == WCENC_OK && atomic_fetch_add(&subject->closes_won, 1) > 0)
        violation(subject, "the encoder was closed twice");
    if (status == WCENC_OK && inside == INSIDE_CALLBACK)
        subject->closed_inside = true;
    call_state(subject);
    (void)call_queue_size(subject);
}

wcenc_status call_close(struct subject *subject)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    enum inside inside = scope_inside(subject);
    uint64_t begun = moment_now();
    struct scope scope;
    wcenc_status status;

    subject_begin_abort(subject, true);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_close", subject, subject->number);
    status = wcenc_encoder_close(subject->encoder);
    scope_leave(&scope);
    if (status == WCENC_OK && inside == INSIDE_NOTHING) {
        atomic_store_explicit(&subject->close_is_over, true, memory_order_relaxed);
        if (subject_is(subject, WCENC_DELIVERY_THREAD))
            requests_check_told(subject, begun, "close returned");
    }
    check_closed(subject, status, inside, was_closed);
    subject_end_abort(subject, true);
    return status;
}

wcenc_status call_close_async(struct subject *subject, struct random *random)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    bool wants_done = !subject_is(subject, WCENC_DELIVERY_PULL);
    bool is_wrong = random_chance(random, 30);
    enum inside inside = scope_inside(subject);
    struct request *request = request_add(subject, true);
    struct scope scope;
    wcenc_status status;

    if (!request)
        return WCENC_ERROR_INVALID_STATE;
    if (!is_wrong)
        subject_begin_abort(subject, true);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_close_async", subject, subject->number);
    status = wcenc_encoder_close_async(subject->encoder, wants_done != is_wrong ? callback_done : NULL, request);
    scope_leave(&scope);
    if (status == WCENC_OK)
        atomic_store_explicit(&request->accepted, moment_now(), memory_order_release);
    if (is_wrong) {
        expect_status(subject, "wcenc_encoder_close_async with a wrong `done`", status,
                      ALLOW(WCENC_ERROR_TYPE) |
                          (subject_may_be_closed(subject) ? ALLOW(WCENC_ERROR_INVALID_STATE) : 0));
        return status;
    }
    check_closed(subject, status, inside, was_closed);
    subject_end_abort(subject, true);
    return status;
}

/*
 * The count goes down before the reference does, so that on_destroy, which must not come while somebody has one, never
 * sees one that is none. Where references are given up at the same time, the count may go down in another order than
 * they do: each of those may then be what closes the encoder, and the last by the count is not the last to be over.
 */
static void give_up_reference(struct subject *subject, bool destroys)
{
    bool is_alone = atomic_fetch_add(&subject->unrefs, 1) == 0;
    bool is_last = atomic_fetch_sub(&subject->references, 1) == 1;
    bool may_close = destroys || is_last || !is_alone;
    enum inside inside = scope_inside(subject);
    struct scope scope;

    if (destroys && inside == INSIDE_CALLBACK)
        outcome_count(OUTCOME_DESTROY_INSIDE);
    if (is_last && inside != INSIDE_NOTHING)
        outcome_count(OUTCOME_LAST_INSIDE);
    if (may_close)
        subject_begin_abort(subject, destroys || is_last);
    scope_enter(&scope, SCOPE_ENDING, destroys ? "wcenc_encoder_destroy" : "wcenc_encoder_unref", subject,
                subject->number);
    (destroys ? wcenc_encoder_destroy : wcenc_encoder_unref)(subject->encoder);
    scope_leave(&scope);
    /* A callback may have taken another reference meanwhile, so that the last one was not the last. */
    if (destroys)
        atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
    if (may_close && (is_alone || !is_last))
        subject_end_abort(subject, destroys || is_last);
    if (is_alone && is_last && inside == INSIDE_NOTHING && atomic_load(&subject->destroys) == 0)
        violation(subject, "the last reference was given up and on_destroy was not called");
    atomic_fetch_sub(&subject->unrefs, 1);
}

void call_unref(struct subject *subject)
{
    give_up_reference(subject, false);
}

void call_destroy(struct subject *subject)
{
    give_up_reference(subject, true);
}
