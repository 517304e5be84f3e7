/* SPDX-License-Identifier: MIT */

/* What an encoder is fed with. */

#include "calls.h"

#include "configs.h"
#include "episode.h"
#include "frames.h"
#include "outcomes.h"
#include "report.h"
#include "scope.h"
#include "subject.h"

void call_configure(struct subject *subject, struct random *random)
{
    static const uint64_t allowed[] = {
        [CONFIG_VALID] = ALLOW(WCENC_OK),
        [CONFIG_UNSUPPORTED] = ALLOW(WCENC_OK),
        [CONFIG_INVALID] = ALLOW(WCENC_ERROR_TYPE),
    };
    enum config_kind kind;
    wcenc_config config = config_make(subject, random, &kind);
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    struct scope scope;
    wcenc_status status;
    uint64_t closed;

    if (kind == CONFIG_UNSUPPORTED)
        atomic_store_explicit(&subject->may_fail, true, memory_order_relaxed);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_configure", subject, subject->number);
    status = wcenc_encoder_configure(subject->encoder, &config);
    scope_leave(&scope);
    closed = subject_may_be_closed(subject) ? ALLOW(WCENC_ERROR_INVALID_STATE) : 0;
    expect_status(subject, "wcenc_encoder_configure", status,
                  was_closed ? closed | (allowed[kind] & ~ALLOW(WCENC_OK)) : closed | allowed[kind]);
    if (status == WCENC_OK)
        atomic_store_explicit(&subject->is_configured, true, memory_order_relaxed);
}

/* What is known before a frame is handed over. */
struct before_encode {
    bool was_closed;
    bool was_configured;
    bool frame_is_closed;
    bool quantizer_is_wrong;
    enum inside inside;
    unsigned closes;
    int closing;
};

static uint64_t allowed_by_limits(const struct subject *subject, bool is_inside)
{
    const wcenc_encoder_init *init = &subject->init;
    bool waits = init->queue_policy == WCENC_QUEUE_WAIT && !is_inside;
    uint64_t allowed = 0;

    if (!subject_has_limit(subject))
        return 0;
    if (init->queue_policy == WCENC_QUEUE_FAIL || (init->queue_policy == WCENC_QUEUE_WAIT && is_inside) ||
        init->max_queued_bytes)
        allowed |= ALLOW(WCENC_ERROR_QUOTA_EXCEEDED);
    if (waits && init->queue_timeout_us >= 0)
        allowed |= ALLOW(WCENC_ERROR_TIMED_OUT);
    if (waits && init->queue_timeout_us != 0)
        allowed |= ALLOW(WCENC_ERROR_ABORTED);
    return allowed;
}

static void check_encode(const struct subject *subject, const struct before_encode *before, wcenc_status status)
{
    uint64_t allowed = 0;

    if (!before->was_configured || subject_may_be_unconfigured(subject))
        allowed |= ALLOW(WCENC_ERROR_INVALID_STATE);
    if (before->frame_is_closed || before->quantizer_is_wrong)
        allowed |= ALLOW(WCENC_ERROR_TYPE);
    if (!before->was_closed && !before->frame_is_closed) {
        allowed |= ALLOW(WCENC_OK) | allowed_by_limits(subject, before->inside != INSIDE_NOTHING);
        if (subject->rotates)
            allowed |= ALLOW(WCENC_ERROR_DATA);
    }
    expect_status(subject, "wcenc_encoder_encode", status, allowed);
}

static void count_encode(struct subject *subject, const struct before_encode *before, wcenc_status status)
{
    static const struct {
        wcenc_status status;
        enum outcome outcome;
    } rows[] = {
        {WCENC_ERROR_QUOTA_EXCEEDED, OUTCOME_QUOTA},
        {WCENC_ERROR_TIMED_OUT, OUTCOME_ROOM_TIMED_OUT},
        {WCENC_ERROR_ABORTED, OUTCOME_ROOM_ABORTED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (status == rows[i].status)
            outcome_count(rows[i].outcome);
    if (before->closing > 0 || before->closes != atomic_load_explicit(&subject->closes_begun, memory_order_relaxed))
        outcome_count(OUTCOME_ENCODE_WHILE_CLOSING);
}

static void decide_options(struct random *random, wcenc_encode_options *options)
{
    wcenc_encode_options_init(options, sizeof *options);
    options->key_frame = random_chance(random, 80);
    if (random_chance(random, 300)) {
        options->has_avc_quantizer = 1;
        options->avc_quantizer = random_chance(random, 30) ? 60 : random_below(random, 52);
    }
}

static struct record *make_record(struct subject *subject, const wcenc_frame *frame,
                                  const wcenc_encode_options *options)
{
    struct record *record = ledger_add(subject);

    if (!record)
        return NULL;
    record->timestamp_us = wcenc_frame_timestamp_us(frame);
    record->has_duration = wcenc_frame_duration_us(frame, &record->duration_us) != 0;
    record->wants_key = options->key_frame != 0;
    atomic_store_explicit(&record->aborts_over, atomic_load_explicit(&subject->aborts_over, memory_order_relaxed),
                          memory_order_relaxed);
    record->begun = moment_now();
    return record;
}

wcenc_status call_encode_frame(struct subject *subject, struct random *random, wcenc_frame *frame)
{
    struct before_encode before = {
        .was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed),
        .was_configured = atomic_load_explicit(&subject->is_configured, memory_order_relaxed),
        .frame_is_closed = wcenc_frame_is_closed(frame) != 0,
        .inside = scope_inside(subject),
        .closes = atomic_load_explicit(&subject->closes_begun, memory_order_relaxed),
        .closing = atomic_load_explicit(&subject->closing, memory_order_relaxed),
    };
    wcenc_encode_options options;
    struct record *record;
    struct scope scope;
    wcenc_status status;

    decide_options(random, &options);
    before.quantizer_is_wrong = options.avc_quantizer > 51;
    record = make_record(subject, frame, &options);
    if (!record)
        return WCENC_OK;
    options.user_tag = ledger_tag(subject, record);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_encode", subject, subject->number);
    status = wcenc_encoder_encode(subject->encoder, frame, &options);
    scope_leave(&scope);
    atomic_fetch_add_explicit(&subject->encodes_over, 1, memory_order_relaxed);
    if (status == WCENC_OK)
        atomic_store_explicit(&record->accepted, moment_now(), memory_order_release);
    check_encode(subject, &before, status);
    count_encode(subject, &before, status);
    return status;
}

void call_encode(struct subject *subject, struct random *random)
{
    wcenc_frame *frame = frame_make(&subject->episode->lendings, subject, random);

    (void)call_encode_frame(subject, random, frame);
    wcenc_frame_unref(frame);
}
