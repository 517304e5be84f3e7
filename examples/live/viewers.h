/* SPDX-License-Identifier: MIT */
#ifndef VIEWERS_H
#define VIEWERS_H

/*
 * Those who watch, and what they need of the encoder: key chunks and a bitrate. Knows nothing of sockets.
 */

#include "outbox.h"
#include "protocol.h"
#include "rate.h"

enum { VIEWERS_SENT = 256 }; /* chunks of the past whose times are known */

struct viewer {
    struct viewer *next;
    void *connection; /* for the owner of the sockets, as the two below */
    unsigned char said[LIVE_INPUT_SIZE];
    size_t said_size;
    struct outbox outbox;
    struct rate_estimate rate;
    uint64_t sent_bytes;    /* passed to the system */
    uint32_t last_sequence; /* of the last chunk among them */
    bool has_sent;
    int64_t joined_us;
    bool may_control;
    bool needs_key;           /* soon: it is new, or cannot decode */
    int64_t base_lag_us;      /* the least that it has reported: the way there and back */
    int64_t skip_request_us;  /* when a key chunk was last requested since it had skipped */
    int64_t skip_patience_us; /* until the next one */
    int64_t allowance_us;     /* of messages from it; see viewer_may_speak */
};

struct viewers {
    struct viewer *first;
    unsigned count;
    unsigned top_layer;
    double framerate;
    struct rate_control control;
    bool follows_rate;
    uint64_t produced_bytes; /* since the last interval of the estimates */
    int64_t rated_us;
    int64_t key_requested_us;
    int64_t made_us[VIEWERS_SENT]; /* by sequence */
    struct message *config;        /* the one that new viewers need; NULL: none yet */
};

void viewers_init(struct viewers *viewers, unsigned top_layer, double framerate, const struct rate_control *control);
void viewers_clear(struct viewers *viewers);

void viewers_add(struct viewers *viewers, struct viewer *viewer, int64_t now_us);
void viewers_remove(struct viewers *viewers, struct viewer *viewer);

/* Puts a chunk or a config into every outbox. */
void viewers_push(struct viewers *viewers, struct message *message, bool is_config, int64_t now_us);

/* Takes the next message for a viewer, whose reference the caller owns; NULL: none. */
struct message *viewer_take(struct viewer *viewer);

/* Records what a viewer has received and decoded. */
void viewer_feedback(const struct viewers *viewers, struct viewer *viewer, const struct live_input *input,
                     int64_t now_us);

/* Returns whether a viewer may send another message now, or sends more than anybody needs. */
bool viewer_may_speak(struct viewer *viewer, int64_t now_us);

/* Returns whether the next picture is to be a key chunk; `unsent`: bytes that the system still holds for a viewer. */
bool viewers_want_key(struct viewers *viewers, int64_t (*unsent)(const struct viewer *), int64_t now_us);

/* Ends an interval of the estimates; returns whether the encoder is to have the bitrate in `control`. */
bool viewers_update_rate(struct viewers *viewers, int64_t (*unsent)(const struct viewer *), int64_t now_us);

/* What a viewer is shown of all this. */
struct live_state viewer_state(const struct viewers *viewers, const struct viewer *viewer, uint32_t frames_dropped);

#endif
