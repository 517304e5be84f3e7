/* SPDX-License-Identifier: MIT */

#include "outbox.h"

#include <string.h>

static struct message **item(struct outbox *outbox, unsigned index)
{
    return &outbox->items[(outbox->first + index) % OUTBOX_CAPACITY];
}

/* Removes the chunks above a layer that wait, and returns how many those were. */
static uint32_t remove_chunks(struct outbox *outbox, int highest_kept)
{
    unsigned kept = 0, count = outbox->count;

    for (unsigned i = 0; i < count; i++) {
        struct message *message = *item(outbox, i);

        if (!message->is_chunk || (int)message->layer <= highest_kept) {
            *item(outbox, kept++) = message;
        } else {
            outbox->bytes -= message->size;
            message_unref(message);
        }
    }
    outbox->count = kept;
    return count - kept;
}

static void append(struct outbox *outbox, struct message *message)
{
    *item(outbox, outbox->count++) = message_ref(message);
    outbox->bytes += message->size;
}

void outbox_init(struct outbox *outbox, unsigned top_layer, int64_t now_us)
{
    memset(outbox, 0, sizeof(*outbox));
    outbox->top_layer = outbox->limit = top_layer;
    outbox->waits_for_key = true;
    outbox->calm_since_us = outbox->changed_us = now_us;
    outbox->patience_us = OUTBOX_PATIENCE_US;
}

void outbox_clear(struct outbox *outbox)
{
    while (outbox->count > 0)
        message_unref(outbox_pop(outbox));
}

struct message *outbox_pop(struct outbox *outbox)
{
    struct message *message;

    if (outbox->count == 0)
        return NULL;
    message = *item(outbox, 0);
    outbox->first = (outbox->first + 1) % OUTBOX_CAPACITY;
    outbox->count--;
    outbox->bytes -= message->size;
    return message;
}

void outbox_report_lag(struct outbox *outbox, int64_t lag_us)
{
    outbox->remote_lag_us = lag_us;
}

int64_t outbox_age_us(const struct outbox *outbox, int64_t now_us)
{
    for (unsigned i = 0; i < outbox->count; i++) {
        const struct message *message = outbox->items[(outbox->first + i) % OUTBOX_CAPACITY];

        if (message->is_chunk)
            return now_us - message->made_us;
    }
    return 0;
}

int64_t outbox_lag_us(const struct outbox *outbox, int64_t now_us)
{
    int64_t age_us = outbox_age_us(outbox, now_us);

    return age_us > outbox->remote_lag_us ? age_us : outbox->remote_lag_us;
}

void outbox_skip(struct outbox *outbox)
{
    if (outbox->waits_for_key)
        return;
    outbox->skipped += remove_chunks(outbox, -1);
    outbox->waits_for_key = true;
    outbox->skips++;
}

static void set_limit(struct outbox *outbox, unsigned limit, int64_t now_us)
{
    /* A layer that came back in vain waits longer the next time; one that lasts is forgiven. */
    if (limit < outbox->limit && outbox->was_raised) {
        bool is_soon = now_us - outbox->changed_us < 2 * outbox->patience_us;

        outbox->patience_us = is_soon ? outbox->patience_us * 2 : OUTBOX_PATIENCE_US;
        if (outbox->patience_us > OUTBOX_PATIENCE_MAX_US)
            outbox->patience_us = OUTBOX_PATIENCE_MAX_US;
    }
    outbox->was_raised = limit > outbox->limit;
    outbox->limit = limit;
    outbox->changed_us = outbox->calm_since_us = now_us;
}

static void adapt_layers(struct outbox *outbox, const struct message *chunk, int64_t lag_us, int64_t now_us)
{
    if (lag_us > OUTBOX_CALM_LAG_US)
        outbox->calm_since_us = now_us;
    if (lag_us > OUTBOX_LAYER_LAG_US && outbox->limit > 0) {
        if (outbox->limit < outbox->top_layer && now_us - outbox->changed_us < OUTBOX_STEP_US)
            return;
        set_limit(outbox, outbox->limit - 1, now_us);
        outbox->left_out += remove_chunks(outbox, (int)outbox->limit);
    } else if (outbox->limit < outbox->top_layer && chunk->layer == 0 &&
               now_us - outbox->calm_since_us >= outbox->patience_us) {
        set_limit(outbox, outbox->limit + 1, now_us);
    }
}

/* A key chunk replaces all that waits, unless the viewer is in time. */
static void push_key(struct outbox *outbox, struct message *key, int64_t now_us)
{
    if (outbox_lag_us(outbox, now_us) > OUTBOX_LAYER_LAG_US || outbox->count == OUTBOX_CAPACITY)
        outbox->skipped += remove_chunks(outbox, -1);
    if (outbox->remote_lag_us > OUTBOX_SKIP_LAG_US) {
        outbox_skip(outbox);
        outbox->skipped += outbox->has_begun;
        return;
    }
    outbox->waits_for_key = false;
    outbox->has_begun = true;
    append(outbox, key);
}

static void push_delta(struct outbox *outbox, struct message *chunk, int64_t now_us)
{
    int64_t lag_us = outbox_lag_us(outbox, now_us);

    if (lag_us > OUTBOX_SKIP_LAG_US || outbox->count == OUTBOX_CAPACITY || outbox->bytes > OUTBOX_MAX_BYTES)
        outbox_skip(outbox);
    if (outbox->waits_for_key) {
        outbox->skipped += outbox->has_begun;
        return;
    }
    adapt_layers(outbox, chunk, lag_us, now_us);
    if (chunk->layer > outbox->limit)
        outbox->left_out++;
    else
        append(outbox, chunk);
}

void outbox_push(struct outbox *outbox, struct message *message, int64_t now_us)
{
    if (message->is_chunk && message->is_key) {
        push_key(outbox, message, now_us);
    } else if (message->is_chunk) {
        push_delta(outbox, message, now_us);
    } else {
        if (outbox->count == OUTBOX_CAPACITY)
            outbox_skip(outbox);
        if (outbox->count < OUTBOX_CAPACITY)
            append(outbox, message);
    }
}
