/* SPDX-License-Identifier: MIT */
#ifndef OUTBOX_H
#define OUTBOX_H

/*
 * What waits to be sent to one viewer, and what is left out where the viewer falls behind.
 *
 * The lag of a viewer is the age of the oldest chunk that waits, or what the viewer itself reports, if that is more.
 * Above OUTBOX_LAYER_LAG_US the highest temporal layer is left out, then the next one; what waits of it is removed.
 * Nothing of the other layers depends on it. Layers come back one by one, each at a chunk of layer 0, which makes the
 * decoder independent of what was left out. Above OUTBOX_SKIP_LAG_US everything is left out up to the next key chunk.
 *
 * There is no clock in here: the caller passes the time, in microseconds.
 */

#include "message.h"

enum {
    OUTBOX_CAPACITY = 128,
    OUTBOX_MAX_BYTES = 8 * 1024 * 1024,
    OUTBOX_LAYER_LAG_US = 100 * 1000,
    OUTBOX_SKIP_LAG_US = 500 * 1000,
    OUTBOX_CALM_LAG_US = 50 * 1000,           /* below it a layer may come back */
    OUTBOX_STEP_US = 150 * 1000,              /* between one layer left out and the next */
    OUTBOX_PATIENCE_US = 2 * 1000 * 1000,     /* of calm before a layer comes back, at first */
    OUTBOX_PATIENCE_MAX_US = 32 * 1000 * 1000 /* each layer that came back in vain doubles it, up to this */
};

struct outbox {
    struct message *items[OUTBOX_CAPACITY]; /* a ring */
    unsigned first;
    unsigned count;
    size_t bytes;
    unsigned top_layer;
    unsigned limit;     /* the highest layer that is sent */
    bool waits_for_key; /* nothing before a key chunk is of use; so at first */
    int64_t remote_lag_us;
    int64_t calm_since_us;
    int64_t changed_us; /* the limit, last */
    int64_t patience_us;
    bool was_raised;   /* the last change of the limit */
    uint32_t left_out; /* chunks of layers above the limit, in total */
    uint32_t skipped;  /* chunks before a key chunk, in total, from the first chunk sent on */
    uint32_t skips;    /* how often it began to wait for a key chunk */
    bool has_begun;    /* a chunk was sent */
};

void outbox_init(struct outbox *outbox, unsigned top_layer, int64_t now_us);

/* Removes everything that waits. */
void outbox_clear(struct outbox *outbox);

/* Takes a reference of a message, or leaves it out. */
void outbox_push(struct outbox *outbox, struct message *message, int64_t now_us);

/* The next message to send, whose reference the caller owns; NULL: none. */
struct message *outbox_pop(struct outbox *outbox);

/* Sets how far behind the viewer is by its own account. */
void outbox_report_lag(struct outbox *outbox, int64_t lag_us);

/* The age of the oldest chunk that waits; 0: none does. */
int64_t outbox_age_us(const struct outbox *outbox, int64_t now_us);

/* That age, or what the viewer has reported, if that is more. */
int64_t outbox_lag_us(const struct outbox *outbox, int64_t now_us);

/* Leaves out everything up to the next key chunk: the viewer cannot decode what comes before it. */
void outbox_skip(struct outbox *outbox);

#endif
