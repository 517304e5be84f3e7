/* SPDX-License-Identifier: MIT */

#include "ledger.h"

#include <inttypes.h>
#include <stddef.h>

#include "outcomes.h"
#include "report.h"
#include "subject.h"

static atomic_uint_fast64_t moments = 1;

/*
 * Relaxed, so that calls are not put in order by the test: one of two moments is the earlier all the same, and where a
 * call returned before another one began, on whichever thread, its moment is.
 */
uint64_t moment_now(void)
{
    return atomic_fetch_add_explicit(&moments, 1, memory_order_relaxed);
}

struct record *ledger_add(struct subject *subject)
{
    struct ledger *ledger = &subject->ledger;
    unsigned index = atomic_fetch_add_explicit(&ledger->count, 1, memory_order_relaxed);

    return index < RECORDS_MAX ? &ledger->records[index] : NULL;
}

static unsigned record_count(const struct ledger *ledger)
{
    unsigned count = atomic_load_explicit(&ledger->count, memory_order_relaxed);

    return count < RECORDS_MAX ? count : RECORDS_MAX;
}

uint64_t ledger_tag(const struct subject *subject, const struct record *record)
{
    return (uint64_t)subject->number << 32 | (uint64_t)(record - subject->ledger.records);
}

static struct record *record_of(struct subject *subject, uint64_t tag, const char *what)
{
    uint64_t index = tag & UINT32_MAX;

    if (tag >> 32 != (uint64_t)subject->number || index >= record_count(&subject->ledger)) {
        violation(subject, "%s with the tag %" PRIx64 ", which no frame had", what, tag);
        return NULL;
    }
    return &subject->ledger.records[index];
}

static void check_late(struct subject *subject, const struct record *record, const char *what, uint64_t floor,
                       enum lateness lateness)
{
    uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_relaxed);

    if (!accepted || accepted >= floor)
        return;
    if (lateness == LATE_ONCE && atomic_fetch_add_explicit(&subject->late, 1, memory_order_relaxed) == 0)
        return;
    violation(subject, "%s of frame %" PRIu64 " came after a reset that ended it had returned", what,
              ledger_tag(subject, record) & UINT32_MAX);
}

static void check_order(struct subject *subject, const struct record *record, const char *what, uint64_t *newest)
{
    uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_relaxed);

    if (!subject_is_serial(subject))
        return;
    if (accepted && accepted < *newest) /* THR-002 */
        violation(subject, "%s of frame %" PRIu64 " came behind that of a later frame", what,
                  ledger_tag(subject, record) & UINT32_MAX);
    if (record->begun > *newest)
        *newest = record->begun;
}

static void check_once(struct subject *subject, struct record *record, atomic_int *times, const char *what)
{
    atomic_fetch_add_explicit(times, 1, memory_order_relaxed);
    if (atomic_load_explicit(&record->chunks, memory_order_relaxed) +
            atomic_load_explicit(&record->drops, memory_order_relaxed) !=
        1)
        violation(subject, "%s of frame %" PRIu64 ", which has ended before", what,
                  ledger_tag(subject, record) & UINT32_MAX);
    if (atomic_load_explicit(&record->is_over, memory_order_relaxed))
        violation(subject, "%s of frame %" PRIu64 " came after a flush that covered it was done", what,
                  ledger_tag(subject, record) & UINT32_MAX);
}

static void check_time(struct subject *subject, const struct record *record, const char *what, int64_t timestamp_us,
                       bool has_duration, uint64_t duration_us)
{
    if (timestamp_us != record->timestamp_us || has_duration != record->has_duration ||
        duration_us != record->duration_us)
        violation(subject, "%s of frame %" PRIu64 " has another timestamp or duration", what,
                  ledger_tag(subject, record) & UINT32_MAX);
}

static void count_chunk(struct ledger *ledger, const wcenc_chunk *chunk)
{
    atomic_fetch_add_explicit(&ledger->chunks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&ledger->bytes, wcenc_chunk_byte_length(chunk), memory_order_relaxed);
    if (wcenc_chunk_type(chunk) == WCENC_CHUNK_TYPE_KEY)
        atomic_fetch_add_explicit(&ledger->key_chunks, 1, memory_order_relaxed);
    outcome_count(OUTCOME_CHUNK);
}

static void check_first(struct subject *subject, const wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    if (!subject_is_serial(subject) || subject->ledger.has_chunk)
        return;
    subject->ledger.has_chunk = true;
    if (wcenc_chunk_type(chunk) != WCENC_CHUNK_TYPE_KEY || !metadata->decoder_config)
        violation(subject, "the first chunk is no key chunk with a decoder config");
}

struct record *ledger_take_chunk(struct subject *subject, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata,
                                 uint64_t floor, enum lateness lateness)
{
    struct record *record = record_of(subject, wcenc_chunk_user_tag(chunk), "chunk");
    uint64_t duration_us;
    bool has_duration = wcenc_chunk_duration_us(chunk, &duration_us) != 0;

    count_chunk(&subject->ledger, chunk);
    if (!metadata || metadata != wcenc_chunk_get_metadata(chunk)) {
        violation(subject, "a chunk came with metadata that are not its own");
        return record;
    }
    check_first(subject, chunk, metadata);
    if (!record)
        return NULL;
    check_once(subject, record, &record->chunks, "chunk");
    check_late(subject, record, "chunk", floor, lateness);
    check_time(subject, record, "chunk", wcenc_chunk_timestamp_us(chunk), has_duration, duration_us);
    if (!subject->reorders)
        check_order(subject, record, "chunk", &subject->ledger.newest_chunk);
    if (record->wants_key && wcenc_chunk_type(chunk) != WCENC_CHUNK_TYPE_KEY)
        violation(subject, "the chunk of a frame that was to become a key chunk is none");
    if (wcenc_chunk_byte_length(chunk) == 0)
        violation(subject, "a chunk is empty");
    return record;
}

struct record *ledger_take_drop(struct subject *subject, const wcenc_drop *drop, uint64_t floor, enum lateness lateness)
{
    struct record *record = record_of(subject, drop->user_tag, "drop");

    atomic_fetch_add_explicit(&subject->ledger.drops, 1, memory_order_relaxed);
    outcome_count(OUTCOME_DROP);
    if (drop->reason == WCENC_DROP_QUEUED_FRAMES ? subject->init.max_queued_frames == 0
                                                 : subject->init.max_queued_bytes == 0)
        violation(subject, "a frame was dropped for a limit that there is not");
    if (!record)
        return NULL;
    check_once(subject, record, &record->drops, "drop");
    check_late(subject, record, "drop", floor, lateness);
    check_time(subject, record, "drop", drop->timestamp_us, drop->has_duration != 0, drop->duration_us);
    check_order(subject, record, "drop", &subject->ledger.newest_drop);
    return record;
}

/* False if something may have ended the frame without a word since it was handed over. */
static bool must_be_told(struct subject *subject, const struct record *record)
{
    return subject_tells_drops(subject) && atomic_load_explicit(&subject->errors, memory_order_relaxed) == 0 &&
           atomic_load_explicit(&subject->aborts_begun, memory_order_relaxed) ==
               atomic_load_explicit(&record->aborts_over, memory_order_relaxed);
}

void ledger_check_flushed(struct subject *subject, uint64_t begun)
{
    unsigned count = record_count(&subject->ledger);

    for (unsigned i = 0; i < count; i++) {
        struct record *record = &subject->ledger.records[i];
        uint64_t accepted = atomic_load_explicit(&record->accepted, memory_order_acquire);

        if (!accepted || accepted >= begun || atomic_load_explicit(&record->is_told, memory_order_relaxed))
            continue;
        if (atomic_load_explicit(&record->chunks, memory_order_relaxed) +
                atomic_load_explicit(&record->drops, memory_order_relaxed) >
            0)
            violation(subject, "a flush was done while the callback for frame %u, which it covers, still ran", i);
        else if (must_be_told(subject, record))
            violation(subject, "a flush was done and frame %u, which it covers, had neither chunk nor drop", i);
        atomic_store_explicit(&record->is_over, true, memory_order_relaxed);
    }
}

struct tally ledger_tally(struct subject *subject)
{
    unsigned count = record_count(&subject->ledger);
    struct tally tally = {0, 0};

    for (unsigned i = 0; i < count; i++) {
        const struct record *record = &subject->ledger.records[i];
        int ends = atomic_load(&record->chunks) + atomic_load(&record->drops);

        if (atomic_load(&record->accepted)) {
            tally.accepted++;
            tally.unended += ends == 0;
        } else if (ends > 0) {
            violation(subject, "frame %u was refused and came out", i);
        }
    }
    return tally;
}
