/* SPDX-License-Identifier: MIT */
#ifndef SESSION_H
#define SESSION_H

/*
 * One encoder of libwcenc between a thread that feeds it and a sink that its callbacks write to. This is the file to
 * read for how the library is used.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "messages.h"
#include "progress.h"
#include "sink.h"

/* What has come out. */
struct session_stats {
    uint64_t frames_in;
    uint64_t chunks;
    uint64_t key_chunks;
    uint64_t bytes; /* of chunks */
    int64_t first_us;
    int64_t end_us; /* where the last one ends */
};

struct session {
    /* immutable after start */
    wcenc_encoder *encoder;
    const wcenc_encode_options *encode_options;
    struct progress *progress;

    /* callbacks only */
    struct sink *sink;
    bool sink_failed; /* nothing more is written after a write that failed */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* the queue went down, or the session failed */

    /* guarded by lock */
    struct session_stats stats;
    struct fault fault;
};

/* `options` may be NULL and must live as long as the session, as must sink and progress. */
bool session_start(struct session *session, const wcenc_config *config, const wcenc_encode_options *options,
                   struct sink *sink, struct progress *progress, struct fault *fault);

/* Waits until the encoder has room, and hands it the frame, which stays the caller's. */
bool session_feed(struct session *session, wcenc_frame *frame, struct fault *fault);

/* Waits until every frame that was fed has reached the sink. */
bool session_flush(struct session *session, struct fault *fault);

/* Ends the encoder; what was not flushed is dropped. */
void session_end(struct session *session, struct session_stats *stats);

#endif
