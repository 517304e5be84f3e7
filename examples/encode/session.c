/* SPDX-License-Identifier: MIT */

/*
 * Feeding an encoder and writing what it gives.
 *
 * The library's queue takes as many frames as it is given. So that memory stays bounded when reading is faster than
 * encoding, the feeding thread waits on a condition variable while max_queued frames wait, and on_dequeue wakes it.
 */

#include "session.h"

#include <string.h>

enum { max_queued = 8 };

/* On the library's thread, as are all callbacks: one at a time. */
static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct session *session = user;
    struct session_stats stats;
    struct fault fault = {""};
    struct sink_chunk coded = sink_chunk_from(chunk);
    int64_t end = coded.timestamp_us + (int64_t)coded.duration_us;

    (void)metadata; /* the chunk has it as well */
    /* Writing happens without the lock: only callbacks use the sink, and a slow disk must not hold up feeding. */
    if (!session->sink_failed)
        session->sink_failed = !sink_write(session->sink, &coded, &fault);

    pthread_mutex_lock(&session->lock);
    if (fault_is_set(&fault)) {
        fault_copy(&session->fault, &fault);
        pthread_cond_signal(&session->changed);
    }
    if (session->stats.chunks == 0 || coded.timestamp_us < session->stats.first_us)
        session->stats.first_us = coded.timestamp_us;
    if (session->stats.chunks == 0 || end > session->stats.end_us)
        session->stats.end_us = end;
    session->stats.chunks++;
    session->stats.key_chunks += coded.is_key;
    session->stats.bytes += coded.size;
    stats = session->stats;
    pthread_mutex_unlock(&session->lock);

    progress_update(session->progress, stats.chunks, stats.bytes, (double)(stats.end_us - stats.first_us) / 1e6);
}

static void on_error(void *user, const wcenc_error *error)
{
    struct session *session = user;

    pthread_mutex_lock(&session->lock);
    fault_set(&session->fault, "encoding failed (%s): %s", wcenc_status_name(error->status), error->message);
    pthread_cond_signal(&session->changed);
    pthread_mutex_unlock(&session->lock);
}

static void on_dequeue(void *user, uint32_t queue_size)
{
    struct session *session = user;

    (void)queue_size;

    pthread_mutex_lock(&session->lock);
    pthread_cond_signal(&session->changed);
    pthread_mutex_unlock(&session->lock);
}

bool session_start(struct session *session, const wcenc_config *config, const wcenc_encode_options *options,
                   struct sink *sink, struct progress *progress, struct fault *fault)
{
    wcenc_encoder_desc desc;

    memset(session, 0, sizeof(*session));
    pthread_mutex_init(&session->lock, NULL);
    pthread_cond_init(&session->changed, NULL);
    session->encode_options = options;
    session->sink = sink;
    session->progress = progress;

    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.user = session;
    desc.on_output = on_output;
    desc.on_error = on_error;
    desc.on_dequeue = on_dequeue;
    if (wcenc_encoder_create(&desc, &session->encoder) != WCENC_OK ||
        wcenc_encoder_configure(session->encoder, config) != WCENC_OK)
        return fault_set(fault, "cannot start the encoder: %s", wcenc_last_error());
    return true;
}

bool session_feed(struct session *session, wcenc_frame *frame, struct fault *fault)
{
    struct session_stats stats;
    wcenc_status status;

    pthread_mutex_lock(&session->lock);
    /* A dequeue that comes between asking and waiting cannot be missed: on_dequeue needs the lock. */
    while (!fault_is_set(&session->fault) && wcenc_encoder_get_queue_size(session->encoder) >= max_queued)
        pthread_cond_wait(&session->changed, &session->lock);
    fault_copy(fault, &session->fault);
    pthread_mutex_unlock(&session->lock);
    if (fault_is_set(fault))
        return false;
    status = wcenc_encoder_encode(session->encoder, frame, session->encode_options);

    pthread_mutex_lock(&session->lock);
    session->stats.frames_in += status == WCENC_OK;
    stats = session->stats;
    /* An encoder that failed in between refuses frames; why it failed is what counts. */
    if (status != WCENC_OK)
        fault_copy(fault, &session->fault);
    pthread_mutex_unlock(&session->lock);
    if (status != WCENC_OK)
        return fault_set(fault, "cannot encode a frame: %s", wcenc_last_error());
    progress_update(session->progress, stats.chunks, stats.bytes, (double)(stats.end_us - stats.first_us) / 1e6);
    return true;
}

bool session_flush(struct session *session, struct fault *fault)
{
    wcenc_status status = wcenc_encoder_flush(session->encoder);

    pthread_mutex_lock(&session->lock);
    fault_copy(fault, &session->fault);
    pthread_mutex_unlock(&session->lock);
    if (status != WCENC_OK)
        fault_set(fault, "encoding did not finish: %s", wcenc_status_message(status));
    return !fault_is_set(fault);
}

void session_end(struct session *session, struct session_stats *stats)
{
    /* After this no callback runs, and the session is this thread's alone. */
    wcenc_encoder_destroy(session->encoder);
    *stats = session->stats;
    pthread_cond_destroy(&session->changed);
    pthread_mutex_destroy(&session->lock);
}
