/* SPDX-License-Identifier: MIT */

#include "viewers.h"

#include <string.h>

enum {
    KEY_INTERVAL_US = 250 * 1000,            /* from one requested key chunk to the next */
    SKIP_INTERVAL_US = 2 * 1000 * 1000,      /* the same for one viewer that skips, at first */
    SKIP_INTERVAL_MAX_US = 30 * 1000 * 1000, /* it doubles with every skip, up to this */
    START_US = 2 * 1000 * 1000,   /* in which a browser starts its decoder, and what it reports is not yet its pace */
    DRAINED_BYTES = 16 * 1024,    /* a viewer with less on the way is ready for a key chunk */
    INPUT_INTERVAL_US = 2 * 1000, /* 500 messages a second */
    INPUT_BURST_US = 1000 * 1000
};

void viewers_init(struct viewers *viewers, unsigned top_layer, double framerate, const struct rate_control *control)
{
    memset(viewers, 0, sizeof(*viewers));
    viewers->top_layer = top_layer;
    viewers->framerate = framerate;
    viewers->control = *control;
}

void viewers_clear(struct viewers *viewers)
{
    message_unref(viewers->config);
    viewers->config = NULL;
}

void viewers_add(struct viewers *viewers, struct viewer *viewer, int64_t now_us)
{
    outbox_init(&viewer->outbox, viewers->top_layer, now_us);
    rate_estimate_init(&viewer->rate, viewers->control.bitrate, now_us);
    viewer->joined_us = now_us;
    viewer->needs_key = true;
    viewer->base_lag_us = INT64_MAX;
    viewer->skip_patience_us = SKIP_INTERVAL_US;
    viewer->allowance_us = now_us - INPUT_BURST_US;
    viewer->next = viewers->first;
    viewers->first = viewer;
    viewers->count++;
    if (viewers->config)
        outbox_push(&viewer->outbox, viewers->config, now_us);
}

void viewers_remove(struct viewers *viewers, struct viewer *viewer)
{
    for (struct viewer **at = &viewers->first; *at; at = &(*at)->next) {
        if (*at == viewer) {
            *at = viewer->next;
            viewers->count--;
            break;
        }
    }
    outbox_clear(&viewer->outbox);
}

static void keep_config(struct viewers *viewers, struct message *config)
{
    message_unref(viewers->config);
    viewers->config = message_ref(config);
}

void viewers_push(struct viewers *viewers, struct message *message, bool is_config, int64_t now_us)
{
    if (is_config)
        keep_config(viewers, message);
    else
        viewers->made_us[message->sequence % VIEWERS_SENT] = message->made_us;
    viewers->produced_bytes += message->size;
    for (struct viewer *viewer = viewers->first; viewer; viewer = viewer->next) {
        /* A decoder that is too slow is no slow link: only what waits here counts. */
        if (outbox_age_us(&viewer->outbox, now_us) > OUTBOX_LAYER_LAG_US)
            rate_estimate_lag(&viewer->rate);
        outbox_push(&viewer->outbox, message, now_us);
        if (message->is_key && !viewer->outbox.waits_for_key)
            viewer->needs_key = false;
    }
}

struct message *viewer_take(struct viewer *viewer)
{
    struct message *message = outbox_pop(&viewer->outbox);

    if (message && message->is_chunk) {
        viewer->last_sequence = message->sequence;
        viewer->has_sent = true;
    }
    if (message)
        viewer->sent_bytes += message->size;
    return message;
}

/*
 * A viewer is behind by what waits for its decoder, and by the time from the chunk that it has received to the one that
 * was sent last. The way there and back is part of the latter at any time, so only what exceeds the least counts.
 */
void viewer_feedback(const struct viewers *viewers, struct viewer *viewer, const struct live_input *input,
                     int64_t now_us)
{
    uint32_t behind = viewer->last_sequence - input->sequence;
    int64_t received_us, lag_us, decoding_us;

    if (!viewer->has_sent || behind >= VIEWERS_SENT)
        return; /* before the first chunk, or nonsense */
    received_us = viewers->made_us[input->sequence % VIEWERS_SENT];
    lag_us = behind == 0 ? 0 : viewers->made_us[viewer->last_sequence % VIEWERS_SENT] - received_us;
    if (lag_us < viewer->base_lag_us)
        viewer->base_lag_us = lag_us;
    decoding_us = (int64_t)((double)input->queue_size * 1e6 / viewers->framerate);
    if (now_us - viewer->joined_us >= START_US)
        outbox_report_lag(&viewer->outbox, lag_us - viewer->base_lag_us + decoding_us);
}

bool viewer_may_speak(struct viewer *viewer, int64_t now_us)
{
    if (viewer->allowance_us < now_us - INPUT_BURST_US)
        viewer->allowance_us = now_us - INPUT_BURST_US;
    viewer->allowance_us += INPUT_INTERVAL_US;
    return viewer->allowance_us <= now_us;
}

/* A viewer that has skipped is ready for a key chunk once it has taken what was on the way, and not too often. */
static bool wants_key_again(struct viewer *viewer, int64_t unsent, int64_t now_us)
{
    if (!viewer->outbox.waits_for_key || unsent > DRAINED_BYTES || viewer->outbox.remote_lag_us > OUTBOX_LAYER_LAG_US ||
        now_us - viewer->skip_request_us < viewer->skip_patience_us)
        return false;
    if (now_us - viewer->skip_request_us < 4 * viewer->skip_patience_us)
        viewer->skip_patience_us *= 2;
    else
        viewer->skip_patience_us = SKIP_INTERVAL_US;
    if (viewer->skip_patience_us > SKIP_INTERVAL_MAX_US)
        viewer->skip_patience_us = SKIP_INTERVAL_MAX_US;
    viewer->skip_request_us = now_us;
    return true;
}

bool viewers_want_key(struct viewers *viewers, int64_t (*unsent)(const struct viewer *), int64_t now_us)
{
    bool is_wanted = false;

    if (now_us - viewers->key_requested_us < KEY_INTERVAL_US)
        return false;
    for (struct viewer *viewer = viewers->first; viewer; viewer = viewer->next)
        if (viewer->needs_key || wants_key_again(viewer, unsent(viewer), now_us))
            is_wanted = true;
    if (is_wanted)
        viewers->key_requested_us = now_us;
    return is_wanted;
}

bool viewers_update_rate(struct viewers *viewers, int64_t (*unsent)(const struct viewer *), int64_t now_us)
{
    double estimates[1024], seconds = (double)(now_us - viewers->rated_us) / 1e6;
    struct rate_stream stream = {&viewers->control.bounds, viewers->control.bitrate,
                                 (double)viewers->produced_bytes * 8 / seconds};
    size_t count = 0;

    if (seconds <= 0)
        return false;
    viewers->produced_bytes = 0;
    viewers->rated_us = now_us;

    for (struct viewer *viewer = viewers->first; viewer; viewer = viewer->next) {
        int64_t on_the_way = unsent(viewer);
        uint64_t taken = viewer->sent_bytes - (uint64_t)(on_the_way > 0 ? on_the_way : 0);
        bool has_all = !viewer->outbox.waits_for_key && viewer->outbox.limit == viewers->top_layer;

        if (taken < viewer->rate.bytes)
            taken = viewer->rate.bytes; /* headers count on the way only */
        rate_estimate_update(&viewer->rate, taken, has_all, &stream, now_us);
        if (count < sizeof(estimates) / sizeof(*estimates))
            estimates[count++] = viewer->rate.bits;
    }
    return count > 0 && viewers->follows_rate &&
           rate_control_update(&viewers->control, rate_median(estimates, count), now_us);
}

struct live_state viewer_state(const struct viewers *viewers, const struct viewer *viewer, uint32_t frames_dropped)
{
    const struct outbox *outbox = &viewer->outbox;

    return (struct live_state){.layer = outbox->waits_for_key ? LIVE_NO_LAYER : (uint8_t)outbox->limit,
                               .may_control = viewer->may_control,
                               .bitrate = (uint32_t)viewers->control.bitrate,
                               .estimate = (uint32_t)viewer->rate.bits,
                               .viewers = viewers->count,
                               .left_out = outbox->left_out,
                               .skipped = outbox->skipped,
                               .frames_dropped = frames_dropped};
}
