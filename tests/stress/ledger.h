/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_LEDGER_H
#define WCENC_STRESS_LEDGER_H

/*
 * What became of every frame that was handed to one encoder: promise 7. A frame's user_tag leads to its record.
 *
 * What the library has to order by itself is not ordered here: members that it carries from a call to a callback are
 * plain, so that ThreadSanitizer sees where it does not, and the others are relaxed.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

struct subject;

enum { RECORDS_MAX = 1500 };

struct record {
    /* Written before the frame is handed over. */
    int64_t timestamp_us;
    uint64_t duration_us;
    bool has_duration;
    bool wants_key;
    uint64_t begun; /* when encode was called */

    atomic_uint_fast64_t accepted; /* when encode had returned WCENC_OK; 0: it has not */
    atomic_uint aborts_over;       /* resets and closes that had returned before encode was called */
    atomic_int chunks;
    atomic_int drops;
    atomic_bool is_told; /* the callback for it has returned, or the event was handled */
    atomic_bool is_over; /* a flush that covered it was done: what comes now comes too late */
};

struct ledger {
    struct record records[RECORDS_MAX];
    atomic_uint count;

    /* Of the callbacks, which run one at a time. */
    uint64_t newest_chunk; /* `begun` of the chunks so far, the greatest */
    uint64_t newest_drop;
    bool has_chunk;

    atomic_uint_fast64_t chunks;
    atomic_uint_fast64_t key_chunks;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t drops;
};

/* What became of all frames, once nothing can change any more. */
struct tally {
    uint64_t accepted;
    uint64_t unended; /* of those: neither chunk nor drop */
};

/* The moments that records and requests are compared by; each later than all before. */
uint64_t moment_now(void);

/* NULL: the ledger is full. */
struct record *ledger_add(struct subject *subject);
uint64_t ledger_tag(const struct subject *subject, const struct record *record);

/* How strictly a frame that came before a reset is held to come no more. */
enum lateness {
    LATE_NEVER, /* `floor` is of a reset that had returned before this was asked for */
    LATE_ONCE   /* the one callback that ran may finish */
};

/*
 * A chunk or drop was told. The record, whose `is_told` is to be set when the callback is through; NULL if there is
 * none.
 */
struct record *ledger_take_chunk(struct subject *subject, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata,
                                 uint64_t floor, enum lateness lateness);
struct record *ledger_take_drop(struct subject *subject, const wcenc_drop *drop, uint64_t floor,
                                enum lateness lateness);

/* A flush that was asked for at `begun` is done: every frame accepted before has ended. */
void ledger_check_flushed(struct subject *subject, uint64_t begun);

struct tally ledger_tally(struct subject *subject);

#endif
