/* SPDX-License-Identifier: MIT */

/* What only asks. */

#include "calls.h"

#include <inttypes.h>

#include "report.h"
#include "scope.h"
#include "subject.h"

bool expect_status(const struct subject *subject, const char *call, wcenc_status status, uint64_t allowed)
{
    if (status <= 0 && status > -64 && (allowed & ALLOW(status)))
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
    const wcenc_encoder_init *init = &subject->init;

    if (stats->frames_accepted != sum_of_ends(stats))
        violation(subject, "%" PRIu64 " frames were accepted, and %" PRIu64 " are accounted for",
                  stats->frames_accepted, sum_of_ends(stats));
    if (init->max_queued_frames && stats->frames_queued > init->max_queued_frames)
        violation(subject, "%" PRIu64 " frames are queued where %" PRIu32 " may be", stats->frames_queued,
                  init->max_queued_frames);
    if (init->max_queued_bytes && stats->bytes_queued > init->max_queued_bytes)
        violation(subject, "%" PRIu64 " bytes are queued where %" PRIu64 " may be", stats->bytes_queued,
                  init->max_queued_bytes);
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
    scope_enter(&scope, SCOPE_CALL, "wcenc_encoder_stats", subject, subject->number);
    status = wcenc_encoder_stats(subject->encoder, stats);
    scope_leave(&scope);
    if (expect_status(subject, "wcenc_encoder_stats", status, ALLOW(WCENC_OK)))
        check_stats(subject, stats, was_closed);
    return status;
}

void call_state(struct subject *subject)
{
    bool was_closed = atomic_load_explicit(&subject->is_closed, memory_order_relaxed);
    int32_t state = wcenc_encoder_state(subject->encoder);

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
    uint32_t size = wcenc_encoder_queue_size(subject->encoder);

    if (subject->init.max_queued_frames && size > subject->init.max_queued_frames)
        violation(subject, "the queue size is %" PRIu32 " where it may be %" PRIu32, size,
                  subject->init.max_queued_frames);
    if (was_closed && size > 0)
        violation(subject, "the queue size of a closed encoder is %" PRIu32, size);
    return size;
}

int32_t call_event_fd(struct subject *subject)
{
    int32_t descriptor = wcenc_encoder_event_fd(subject->encoder);
    int known = -1;

    if (subject_is(subject, WCENC_DELIVERY_THREAD)) {
        if (descriptor != WCENC_ERROR_INVALID_STATE)
            violation(subject, "the event descriptor is %d with WCENC_DELIVERY_THREAD", (int)descriptor);
        return descriptor;
    }
    if (descriptor < 0)
        violation(subject, "wcenc_encoder_event_fd returned %s", wcenc_status_name(descriptor));
    else if (!atomic_compare_exchange_strong(&subject->descriptor, &known, descriptor) && known != descriptor)
        violation(subject, "the event descriptor was %d and is %d", known, (int)descriptor);
    return descriptor;
}
