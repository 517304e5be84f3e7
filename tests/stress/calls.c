/* SPDX-License-Identifier: MIT */

#include "calls.h"

#include <inttypes.h>

#include "callbacks.h"
#include "episode.h"
#include "inputs.h"
#include "report.h"
#include "subject.h"

/* What only asks. */

bool expect_status(const struct subject *subject, const char *call, wcenc_status status, uint64_t allowed)
{
    if (status <= WCENC_END && status > -62 && (allowed & ALLOW(status)))
        return true;
    violation(subject, "%s returned %s", call, wcenc_status_name(status));
    return false;
}

static uint64_t sum_of_ends(const wcenc_stats *stats)
{
    return stats->frames_out + stats->frames_dropped + stats->frames_discarded + stats->frames_queued +
           stats->frames_in_flight + stats->chunks_pending + stats->drops_pending;
}

static void check_stats(const struct subject *subject, const wcenc_stats *stats, bool was_closed)
{
    const wcenc_encoder_desc *desc = &subject->desc;

    if (stats->frames_accepted != sum_of_ends(stats))
        violation(subject, "%" PRIu64 " frames were accepted, and %" PRIu64 " are accounted for",
                  stats->frames_accepted, sum_of_ends(stats));
    if (desc->max_queued_frames && stats->frames_queued > desc->max_queued_frames)
        violation(subject, "%" PRIu64 " frames are queued where %" PRIu32 " may be", stats->frames_queued,
                  desc->max_queued_frames);
    if (desc->max_queued_bytes && stats->bytes_queued > desc->max_queued_bytes)
        violation(subject, "%" PRIu64 " bytes are queued where %" PRIu64 " may be", stats->bytes_queued,
                  desc->max_queued_bytes);
    if (was_closed && (stats->frames_queued || stats->bytes_queued || stats->chunks_pending || stats->drops_pending))
        violation(subject, "the encoder is closed and something is queued or pending");
    if ((stats->frames_queued == 0) != (stats->bytes_queued == 0))
        violation(subject, "%" PRIu64 " frames of %" PRIu64 " bytes are queued", stats->frames_queued,
                  stats->bytes_queued);
}

wcenc_status call_stats(struct subject *subject, wcenc_stats *stats)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    wcenc_status status;
    struct scope scope;

    wcenc_stats_init(stats, sizeof *stats);
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_get_stats", subject, subject->number);
    status = wcenc_encoder_get_stats(subject->encoder, stats);
    scope_leave(&scope);
    if (expect_status(subject, "wcenc_encoder_get_stats", status, ALLOW(WCENC_OK)))
        check_stats(subject, stats, was_closed);
    return status;
}

void call_state(struct subject *subject)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    int32_t state = wcenc_encoder_get_state(subject->encoder);

    if (state != WCENC_STATE_UNCONFIGURED && state != WCENC_STATE_CONFIGURED && state != WCENC_STATE_CLOSED)
        violation(subject, "the state is %d", (int)state);
    if (was_closed && state != WCENC_STATE_CLOSED)
        violation(subject, "the state is %d after it was closed", (int)state);
    if (state == WCENC_STATE_CLOSED)
        atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
}

/* Encodes that are over are looked at first: no more than that had begun then. */
struct seen look_at_encodes(const struct subject *subject)
{
    unsigned over = atomic_load_explicit(&subject->encodes_over, memory_order_relaxed);
    unsigned begun = atomic_load_explicit(&subject->ledger.count, memory_order_relaxed);

    return (struct seen){.is_known = true, .was_still = over == begun, .encodes = begun};
}

uint32_t call_queue_size(struct subject *subject)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    uint32_t size = wcenc_encoder_get_queue_size(subject->encoder);

    if (subject->desc.max_queued_frames && size > subject->desc.max_queued_frames)
        violation(subject, "the queue size is %" PRIu32 " where it may be %" PRIu32, size,
                  subject->desc.max_queued_frames);
    if (was_closed && size > 0)
        violation(subject, "the queue size of a closed encoder is %" PRIu32, size);
    return size;
}

int32_t call_event_fd(struct subject *subject)
{
    int32_t descriptor = wcenc_encoder_get_event_fd(subject->encoder);
    int known = -1;

    if (subject_is(subject, WCENC_DELIVERY_THREAD)) {
        if (descriptor != WCENC_ERROR_INVALID_STATE)
            violation(subject, "the event descriptor is %d with WCENC_DELIVERY_THREAD", (int)descriptor);
        return descriptor;
    }
    if (descriptor < 0)
        violation(subject, "wcenc_encoder_get_event_fd returned %s", wcenc_status_name(descriptor));
    else if (!atomic_compare_exchange_strong(&subject->descriptor, &known, descriptor) && known != descriptor)
        violation(subject, "the event descriptor was %d and is %d", known, (int)descriptor);
    return descriptor;
}

/* What an encoder is fed with. */

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
    if (status != WCENC_OK)
        return;
    atomic_store_explicit(&subject->is_configured, true, memory_order_relaxed);
    atomic_store_explicit(&subject->is_manual, config.scalability_mode != NULL, memory_order_relaxed);
}

/* What is known before a frame is queued. */
struct before_encode {
    bool was_closed;
    bool was_configured;
    bool frame_is_closed;
    bool quantizer_is_wrong;
    bool has_buffers; /* which other modes than "manual" refuse */
    enum inside inside;
    unsigned closes;
    int closing;
};

static uint64_t allowed_by_limits(const struct subject *subject, bool is_inside)
{
    const wcenc_encoder_desc *desc = &subject->desc;
    bool waits = desc->queue_policy == WCENC_QUEUE_WAIT && !is_inside;
    uint64_t allowed = 0;

    if (!subject_has_limit(subject))
        return 0;
    if (desc->queue_policy == WCENC_QUEUE_FAIL || (desc->queue_policy == WCENC_QUEUE_WAIT && is_inside) ||
        desc->max_queued_bytes)
        allowed |= ALLOW(WCENC_ERROR_QUOTA_EXCEEDED);
    if (waits && desc->queue_timeout_us > 0)
        allowed |= ALLOW(WCENC_ERROR_TIMED_OUT);
    if (waits)
        allowed |= ALLOW(WCENC_ERROR_ABORTED);
    return allowed;
}

static void check_encode(const struct subject *subject, const struct before_encode *before, wcenc_status status)
{
    uint64_t allowed = 0;

    if (!before->was_configured || subject_may_be_unconfigured(subject))
        allowed |= ALLOW(WCENC_ERROR_INVALID_STATE);
    if (before->frame_is_closed || before->quantizer_is_wrong || before->has_buffers)
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

static void decide_options(const struct subject *subject, struct random *random, wcenc_encode_options *options)
{
    enum { BUFFERS = 3 };
    const bool is_manual = atomic_load_explicit(&subject->is_manual, memory_order_relaxed);

    wcenc_encode_options_init(options, sizeof *options);
    options->key_frame = random_chance(random, 80);
    if (random_chance(random, 300)) {
        options->has_quantizer = 1;
        options->quantizer = random_chance(random, 30) ? 60 : random_below(random, 52);
    }
    if (random_chance(random, is_manual ? 900 : 10)) {
        options->references = random_below(random, 1u << BUFFERS);
        options->updates = random_chance(random, 20) ? 1u << BUFFERS : random_below(random, 1u << BUFFERS);
    }
}

static struct record *make_record(struct subject *subject, const wcenc_frame *frame,
                                  const wcenc_encode_options *options)
{
    struct record *record = ledger_add(subject);

    if (!record)
        return NULL;
    record->timestamp_us = wcenc_frame_get_timestamp_us(frame);
    record->has_duration = wcenc_frame_get_duration_us(frame, &record->duration_us) != 0;
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

    decide_options(subject, random, &options);
    before.quantizer_is_wrong = options.quantizer > 51;
    before.has_buffers = options.references || options.updates;
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
    wcenc_frame *frame = frame_make(&subject->episode->loans, subject, random);

    (void)call_encode_frame(subject, random, frame);
    wcenc_frame_unref(frame);
}

/* Flushes, waited for and not. */

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

/* The error that a flush ended with is the one that was reported; with PULL it may lie there still. */
static void check_failed(const struct subject *subject, wcenc_status status)
{
    outcome_count(OUTCOME_FLUSH_FAILED);
    if (subject_is(subject, WCENC_DELIVERY_PULL))
        return;
    if (!atomic_load_explicit(&subject->error_is_reported, memory_order_relaxed))
        violation(subject, "a flush ended with %s before on_error had returned", wcenc_status_name(status));
    else if (status != atomic_load_explicit(&subject->error_status, memory_order_relaxed))
        violation(subject, "a flush ended with %s, and on_error got something else", wcenc_status_name(status));
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

/* What ends an encoder, or what it was doing. */

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
            requests_check_reported(subject, begun, "close returned");
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
 * sees a false one. Where references are given up at the same time, the count may go down in another order than
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

/* What takes results: pumping and receiving. */

/* All that is left of it is the end. */
static void set_over(struct subject *subject)
{
    atomic_store_explicit(&subject->is_closed, true, memory_order_relaxed);
    atomic_store_explicit(&subject->all_is_reported, true, memory_order_relaxed);
    if (!subject_may_be_closed(subject))
        violation(subject, "nothing was said to be left, and nothing had closed the encoder");
    call_state(subject);
}

/* What a call returns that has the wrong delivery or comes from inside a callback; 0 if it is neither. */
static uint64_t refusals(const struct subject *subject, wcenc_delivery delivery)
{
    return (subject_is(subject, delivery) ? 0 : ALLOW(WCENC_ERROR_INVALID_STATE)) |
           (scope_inside(subject) == INSIDE_NOTHING ? 0 : ALLOW(WCENC_ERROR_WOULD_DEADLOCK));
}

/* What pump and receive may return that are not refused. */
static uint64_t outcomes(int64_t timeout_us)
{
    return ALLOW(WCENC_OK) | ALLOW(WCENC_END) | (timeout_us < 0 ? 0 : ALLOW(WCENC_AGAIN));
}

wcenc_status call_pump(struct subject *subject, uint32_t max_events, int64_t timeout_us)
{
    uint64_t refused = refusals(subject, WCENC_DELIVERY_PUMP);
    uint32_t count = UINT32_MAX;
    struct scope scope;
    wcenc_status status;

    scope_enter(&scope, SCOPE_PUMPING, "wcenc_encoder_pump", subject, subject->number);
    status = wcenc_encoder_pump(subject->encoder, max_events, timeout_us, &count);
    scope_leave(&scope);
    outcome_add(OUTCOME_WOULD_DEADLOCK, refused && status == WCENC_ERROR_WOULD_DEADLOCK);
    outcome_add(OUTCOME_PUMPED, status == WCENC_OK);
    expect_status(subject, "wcenc_encoder_pump", status, refused ? refused : outcomes(timeout_us));
    if ((status == WCENC_OK) != (count > 0))
        violation(subject, "a pump returned %s and %u callbacks", wcenc_status_name(status), (unsigned)count);
    if (max_events && count > max_events)
        violation(subject, "a pump of %u callbacks ran %u", (unsigned)max_events, (unsigned)count);
    if (status == WCENC_END)
        set_over(subject);
    /* What is reported beyond that is of the end of an encoder whose last reference went in there. */
    if ((uint32_t)scope.callbacks < count ||
        ((uint32_t)scope.callbacks > count && atomic_load(&subject->references) > 0))
        violation(subject, "a pump returned %u and ran %d callbacks", (unsigned)count, scope.callbacks);
    return status;
}

static wcenc_status receive(struct subject *subject, int64_t timeout_us)
{
    uint64_t refused = refusals(subject, WCENC_DELIVERY_PULL);
    struct before_event before = event_expect(subject);
    wcenc_event *event = NULL;
    struct scope scope;
    wcenc_status status;

    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_receive", subject, subject->number);
    status = wcenc_encoder_receive(subject->encoder, timeout_us, &event);
    scope_leave(&scope);
    outcome_add(OUTCOME_WOULD_DEADLOCK, refused && status == WCENC_ERROR_WOULD_DEADLOCK);
    expect_status(subject, "wcenc_encoder_receive", status, refused ? refused : outcomes(timeout_us));
    if ((status == WCENC_OK) != (event != NULL))
        violation(subject, "wcenc_encoder_receive returned %s and %s event", wcenc_status_name(status),
                  event ? "an" : "no");
    if (status == WCENC_END)
        set_over(subject);
    if (event) {
        outcome_count(OUTCOME_RECEIVED);
        event_take(subject, event, &before);
        /* It lives until the next one, or until after the encoder. */
        wcenc_event_free(atomic_exchange(&subject->last_event, event));
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
        return WCENC_AGAIN;
    status = receive(subject, timeout_us);
    pthread_mutex_unlock(&subject->receiving);
    return status;
}
