/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_H
#define PROTOCOL_H

/*
 * The messages between server and viewer, as docs/live.md describes them: binary, little-endian, each with its version
 * and type in front.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "message.h"

#define LIVE_SUBPROTOCOL "wcenc-live-1"

enum { LIVE_VERSION = 1, LIVE_NO_LAYER = 255, LIVE_INPUT_SIZE = 8 };

enum live_type {
    LIVE_CONFIG = 1, /* from the server */
    LIVE_CHUNK = 2,
    LIVE_STATE = 3,
    LIVE_PONG = 4,
    LIVE_FEEDBACK = 16, /* from a viewer */
    LIVE_PING = 17,
    LIVE_RESYNC = 18,
    LIVE_POINTER = 19, /* from a viewer that may control */
    LIVE_BUTTON = 20,
    LIVE_KEY = 21
};

struct live_chunk {
    int64_t captured_us;  /* since 1970 */
    uint32_t sequence;    /* of all chunks of the stream, whether a viewer gets them or not */
    uint32_t generation;  /* of the decoder config that it needs */
    uint32_t encoding_us; /* from the capture to now */
};

struct live_state {
    uint8_t layer; /* the highest that the viewer gets; LIVE_NO_LAYER: it waits for a key chunk */
    bool may_control;
    uint32_t bitrate;  /* bits per second, of the encoder */
    uint32_t estimate; /* bits per second, of the viewer */
    uint32_t viewers;
    uint32_t left_out; /* chunks, as of struct outbox */
    uint32_t skipped;
    uint32_t frames_dropped; /* for which the encoder was too slow */
};

/* One message of a viewer. */
struct live_input {
    enum live_type type;
    uint32_t sequence;   /* FEEDBACK: of the last chunk that arrived. PING: any number */
    unsigned queue_size; /* FEEDBACK: chunks that wait for the decoder */
    double x, y;         /* POINTER, BUTTON: 0 to 1, from the top left */
    unsigned button;     /* BUTTON: as X11 counts them, 1 to 7 */
    uint32_t keysym;     /* KEY: as X11 has them */
    bool is_down;        /* BUTTON, KEY */
};

/* Each returns a message with one reference; NULL: out of memory. */
struct message *live_make_chunk(const wcenc_chunk *chunk, const struct live_chunk *info);
struct message *live_make_config(const wcenc_decoder_config *config, const char *encoder, unsigned layers,
                                 uint32_t generation);
struct message *live_make_state(const struct live_state *state);
struct message *live_make_pong(uint32_t number, int64_t server_us);

/* Returns whether the bytes are one message of a viewer. */
bool live_parse_input(const unsigned char *bytes, size_t size, struct live_input *out);

#endif
