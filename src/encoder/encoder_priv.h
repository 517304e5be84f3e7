/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_ENCODER_PRIV_H
#define WCENC_ENCODER_ENCODER_PRIV_H

/*
 * The encoder: what its public functions and its worker share.
 *
 *  caller's thread                        worker thread
 *  ---------------                        -------------
 *  encoder.c, admission.c, flush.c        worker.c  the loop
 *     | message                              |
 *     v                                      v
 *  queue  ----------- pop ---------->     stream --> convert, backend
 *                                            | chunk
 *                                            v
 *                                         delivery --> callbacks: on the library's thread | in pump; events: in receive
 *
 * Rules
 *  - One lock per encoder. It is never held across a call of the codec or of the user.
 *  - Only the worker touches a codec. The prefetcher converts frames that still wait in the queue.
 *  - `generation` counts resets and closes. What the worker makes of an older one is discarded before delivery.
 *  - The memory lives as long as there are `references`, which users hold, and `keepalives`: one for each thread of the
 *    library, and one for each call that is inside.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "config.h"
#include "delivery.h"
#include "log.h"
#include "prefetch.h"
#include "process.h"
#include "queue.h"
#include "thread.h"
#include "worker.h"

enum life {
    LIFE_OPEN,
    LIFE_ENDING,   /* the last reference was released, and the thread that did so frees the encoder */
    LIFE_DETACHED, /* so it was, and the release of the last keepalive frees it */
};

/* What ends with a generation: taken out of the encoder with the lock held, released without it. */
struct old_generation {
    struct queue messages;
    struct event_list events;
    struct encoder_config *config;
};

/* Counted by the encoder and the worker; the rest of wcenc_stats comes from delivery, worker and prefetcher. */
struct encoder_stats {
    uint64_t frames_accepted;
    uint64_t frames_dropped; /* that are not to be reported */
    uint64_t frames_discarded;
    uint64_t queued_ns;
    uint32_t quantizer;
    bool has_quantizer;
};

struct wcenc_encoder {
    /* immutable after create */
    wcenc_encoder_desc desc;
    struct log log;
    uint32_t process; /* wcenc__process_number() of the one that it belongs to */
    struct mutex lock;
    struct cond room;     /* broadcast to calls of encode that wait for room in the queue */
    struct cond released; /* broadcast to the thread that ends the encoder: a keepalive was released */

    /* guarded by lock */
    uint32_t references;
    uint32_t keepalives;
    enum life life;
    int32_t state;
    uint64_t generation;
    struct queue queue;
    uint32_t queue_size;           /* ENCODE messages in it */
    uint64_t queued_bytes;         /* of their frames */
    uint64_t last_frame;           /* number of the last frame that was queued */
    uint32_t frames_in_flight;     /* taken by the worker in this generation, neither posted nor discarded */
    struct encoder_config *config; /* of the last configure; NULL unless configured */
    bool owes_key;                 /* the next frame is to be a key chunk: asked for, or passed on by a dropped one */
    const char *backend_name;      /* of the encoder that is open, or was last in this generation; static */
    bool has_orientation;          /* of the first frame after configure */
    int32_t rotation;
    int32_t flip;
    uint32_t reference_buffers;      /* of the configuration, with the scalability mode "manual"; 0: not known */
    int32_t quantizer;               /* of the last frame that had one, or -1 */
    wcenc_hdr_metadata hdr_metadata; /* of the configuration, or of the last frame that had some */
    struct encoder_stats stats;
    struct old_generation failed; /* what an error put aside, until it is released */

    /* each says what guards its members */
    struct delivery delivery;
    struct prefetcher prefetcher;
    struct worker worker;
};

/*
 * What every entry point begins with: TYPE with a message for NULL, INVALID_STATE in a forked child, where nothing of
 * the encoder may be touched, its lock included.
 */
wcenc_status wcenc__encoder_check(const wcenc_encoder *encoder);

/* The only way to lock an encoder outside of delivery and prefetch. Takes a keepalive, so that unlock may run user
 * code. */
void wcenc__encoder_lock(wcenc_encoder *encoder);

/*
 * Invokes on_wakeup if that is due, and releases lock and keepalive. Unless the caller has another keepalive or a
 * reference, the encoder may be gone afterwards.
 */
void wcenc__encoder_unlock(wcenc_encoder *encoder);

/* Release the lock for user code, and take it again; the keepalive stays in between. */
void wcenc__encoder_pause(wcenc_encoder *encoder);
void wcenc__encoder_resume(wcenc_encoder *encoder);

/* wcenc__encoder_unlock as what a cancelled wait has to do. */
void wcenc__encoder_abandon(void *encoder);

/* With the lock held. INVALID_STATE, with a message, unless the encoder is configured. */
wcenc_status wcenc__encoder_check_configured(const wcenc_encoder *encoder);

/* TYPE, with a message, unless `done` is set just where it would be invoked. */
wcenc_status wcenc__encoder_check_done(const wcenc_encoder *encoder, wcenc_done_fn done);

/* With the lock held, for a close by error: the error's own events are the delivery's to end. */
void wcenc__encoder_end_generation(wcenc_encoder *encoder, int32_t state, struct old_generation *old);

/* Without the lock. */
void wcenc__encoder_release_generation(wcenc_encoder *encoder, struct old_generation *old);

/*
 * The close of close and destroy. With the lock held before and after, released meanwhile. If the thread is cancelled
 * while it waits, `undo(encoder)` has to release the lock.
 */
void wcenc__encoder_close(wcenc_encoder *encoder, void (*undo)(void *encoder));

/* What delivery asks of the encoder; `encoder` is a wcenc_encoder. */
struct delivery_owner wcenc__encoder_owner(wcenc_encoder *encoder);

/* With the lock held: reports that a frame was dropped, or only counts it. False if out of memory. (admission.c) */
bool wcenc__encoder_report_drop(wcenc_encoder *encoder, const wcenc_drop *drop);

#endif
