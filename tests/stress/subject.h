/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_SUBJECT_H
#define WCENC_STRESS_SUBJECT_H

/* One encoder under test, and all that is known of it: its frames, its requests, its state. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

#include "inputs.h"

/*
 * What became of every frame that was handed to one encoder: promise 7. A frame's user_tag leads to its record.
 *
 * What the library has to order by itself is not ordered here: members that it carries from a call to a callback are
 * plain, so that ThreadSanitizer sees where it does not, and the others are relaxed.
 */

struct subject;

enum { RECORDS_MAX = 1500 };

struct record {
    /* Written before the frame is queued. */
    int64_t timestamp_us;
    uint64_t duration_us;
    bool has_duration;
    bool wants_key;
    uint64_t begun; /* when encode was called */

    atomic_uint_fast64_t accepted; /* when encode had returned WCENC_OK; 0: it has not */
    atomic_uint aborts_over;       /* resets and closes that had returned before encode was called */
    atomic_int chunks;
    atomic_int drops;
    atomic_bool is_reported; /* the callback for it has returned, or the event was handled */
    atomic_bool is_over;     /* a flush that covered it was done: what comes now comes too late */
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
 * A chunk or drop was reported. The record, whose `is_reported` is to be set when the callback is through; NULL if
 * there is none.
 */
struct record *ledger_take_chunk(struct subject *subject, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata,
                                 uint64_t floor, enum lateness lateness);
struct record *ledger_take_drop(struct subject *subject, const wcenc_drop *drop, uint64_t floor,
                                enum lateness lateness);

/* A flush that was asked for at `begun` is done: every frame accepted before has ended. */
void ledger_check_flushed(struct subject *subject, uint64_t begun);

struct tally ledger_tally(struct subject *subject);

/* What was asked of one encoder to be reported later: asynchronous flushes, and a close. */

enum { REQUESTS_MAX = 600 };

struct request {
    /* Written before it is made. */
    struct subject *subject;
    bool is_close;
    uint64_t begun;
    unsigned aborts_over; /* resets and closes that had returned by then */

    atomic_uint_fast64_t accepted; /* when the call had returned WCENC_OK; 0: it has not */
    atomic_int reported;
};

struct requests {
    struct request rows[REQUESTS_MAX];
    atomic_uint count;
};

/* NULL: there are too many. */
struct request *request_add(struct subject *subject, bool is_close);

/* How it ended, from inside the callback or of an event. */
void request_take(struct request *request, wcenc_status status);

/* Waits until every request that was accepted so far has been reported. */
void requests_wait(struct subject *subject);

/* Every flush that was accepted before `begun` must have been reported by now. */
void requests_check_reported(struct subject *subject, uint64_t begun, const char *when);

/* At the end: each accepted was reported once, or at most once where events were left untaken; no other was. */
void requests_check_all(struct subject *subject, bool may_be_unreported);

/* The encoder under test itself. It is the `user` of the encoder's callbacks. */

struct episode;

enum { KEPT_MAX = 4 };

/* A chunk that is held on to beyond the encoder's life. */
struct kept_chunk {
    wcenc_chunk *chunk;
    uint64_t sum;
};

struct subject {
    /* Decided before it is made. */
    struct episode *episode;
    int number; /* in the episode, from 1 */
    uint64_t seed;
    char description[96];
    wcenc_encoder_desc desc;
    bool reorders;    /* configurations with B-frames too */
    bool rotates;     /* frames that are turned too */
    bool is_orderly;  /* PULL: events are taken and handled one at a time */
    bool is_steady;   /* THREAD, or a thread pumps or receives until all is over */
    bool is_detached; /* the episode keeps no reference: the last one goes anywhere */
    bool may_call_in; /* its callbacks call back in */

    wcenc_encoder *encoder;

    /* Guarded by `pool_lock`, under which nothing is called that may call back. */
    pthread_mutex_t pool_lock;
    int pool; /* references that callbacks may release */

    /* Guarded by `lock`. */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something of what follows, or of what is waited for with it */
    bool wants_pump;        /* on_wakeup came */

    atomic_bool must_stop;  /* pumping and receiving threads shall go on until all is over, and end; set under `lock` */
    int stop_pipe[2];       /* readable once it is */
    atomic_bool is_awaited; /* somebody waits for requests to be reported */

    pthread_mutex_t receiving; /* where is_orderly */

    /* Of the callbacks, which run one at a time, or under `receiving`. */
    struct random random;
    uint64_t floor;     /* when a reset inside a callback began: no frame from before comes after that callback */
    bool closed_inside; /* a callback closed it: no callback but completions comes after that */
    struct seen {
        bool is_known;
        bool was_still;   /* nobody was adding a frame just before */
        unsigned encodes; /* that had begun by then */
        uint32_t size;    /* of the queue */
    } seen, at_end;       /* as on_dequeue reported the queue's size last; at the end of the last callback */
    int dequeues_after_error;

    struct ledger ledger;
    struct requests requests;
    struct kept_chunk kept[KEPT_MAX];
    atomic_int kept_count;

    atomic_bool is_inside; /* a callback of those that run one at a time runs */
    atomic_bool is_quiet;  /* callbacks no longer call in */
    atomic_bool is_alone;  /* nobody else does either: one of them releases every reference that there is */
    atomic_int reentries;  /* that do so now */
    atomic_uint notices;   /* on_wakeup, log and release so far */

    atomic_uint aborts_begun; /* resets, closes and destroys that were called, and those of them that have returned */
    atomic_uint aborts_over;
    atomic_uint closes_begun; /* of those, what closes */
    atomic_int closing;       /* that are under way now */
    atomic_int closes_won;    /* that returned WCENC_OK */

    atomic_bool is_closed;       /* known from what a call returned */
    atomic_bool close_is_over;   /* wcenc_encoder_close has returned, from outside */
    atomic_bool all_is_reported; /* pump or receive has said so */
    atomic_bool is_configured;   /* was, at least once */
    atomic_bool is_manual;       /* of the last configure, as far as can be seen */
    atomic_bool may_fail;        /* was configured to something unsupported, or is just about to be */
    atomic_uint_fast64_t resets; /* when the last reset from outside began that has returned */
    atomic_int late;             /* callbacks for frames from before it */

    atomic_int errors;
    atomic_int error_status;
    atomic_bool error_is_reported; /* on_error has returned, or the event was handled */

    atomic_int references; /* less those that are just being given up */
    atomic_int unrefs;     /* that are under way */
    atomic_int destroys;   /* calls of on_destroy */
    atomic_int users;      /* callers that still hold a reference */

    atomic_int descriptor; /* as first reported; -1 */
    _Atomic(wcenc_event *) last_event;
    atomic_uint encodes_over; /* that have returned, of those in the ledger */
};

/* Decides everything by `seed` and makes the encoder, with one reference that is the caller's. */
struct subject *subject_create(struct episode *episode, int number, uint64_t seed);

/* After on_destroy and when no thread knows of it any more. */
void subject_free(struct subject *subject);

/* References, counted on this side too. */
void subject_ref(struct subject *subject);

/* A reference for as long as a notice calls in, where callbacks have one to give; false: they have none. */
bool subject_borrow(struct subject *subject);

/* Takes a reference that callbacks may release; false if there is none left. */
bool subject_take_from_pool(struct subject *subject);

/* Around everything that a callback calls. False: the subject is quiet, nothing is to be called. */
bool subject_begin_reentry(struct subject *subject);
void subject_end_reentry(struct subject *subject);

/* From now on callbacks and notices call nothing that changes anything; waits for those that do. */
void subject_be_quiet(struct subject *subject);

/* Has pumping and receiving threads take what is left and end. */
void subject_stop(struct subject *subject);

/* A reset or anything that closes, around the call. */
void subject_begin_abort(struct subject *subject, bool closes);
void subject_end_abort(struct subject *subject, bool closes);

/* A reset that began then has returned, outside of all callbacks. */
void subject_raise_floor(struct subject *subject, uint64_t begun);

/* Keeps some of the chunks. */
void subject_keep(struct subject *subject, wcenc_chunk *chunk);

/* The bytes of those that were kept are what they were. */
void subject_check_kept(struct subject *subject);

static inline bool subject_is(const struct subject *subject, wcenc_delivery delivery)
{
    return subject->desc.delivery == delivery;
}

/* True if what is reported is handled one after the other, in the order in which it comes. */
static inline bool subject_is_serial(const struct subject *subject)
{
    return subject->desc.delivery != WCENC_DELIVERY_PULL || subject->is_orderly;
}

/* True if every drop is reported. */
static inline bool subject_reports_drops(const struct subject *subject)
{
    return subject->desc.on_drop || subject_is(subject, WCENC_DELIVERY_PULL);
}

/* Neither is true before something has begun that may have made it so. */
static inline bool subject_may_be_closed(const struct subject *subject)
{
    return atomic_load_explicit(&subject->closes_begun, memory_order_relaxed) > 0 ||
           atomic_load_explicit(&subject->may_fail, memory_order_relaxed);
}

static inline bool subject_may_be_unconfigured(const struct subject *subject)
{
    return atomic_load_explicit(&subject->aborts_begun, memory_order_relaxed) > 0 ||
           atomic_load_explicit(&subject->may_fail, memory_order_relaxed);
}

static inline bool subject_has_limit(const struct subject *subject)
{
    return subject->desc.max_queued_frames || subject->desc.max_queued_bytes;
}

#endif
