/* SPDX-License-Identifier: MIT */
#ifndef MESSAGE_H
#define MESSAGE_H

/*
 * What is sent to viewers: bytes that are made once, and shared by all of them. A WebSocket library writes the header
 * of its frame in front of the bytes that it is to send, so a message has free space there. A chunk of the encoder has
 * none and may not be written to: it is copied into its message once, however many viewers there are.
 *
 * Only the loop's thread uses messages.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_HEADROOM = 16 };

struct message {
    unsigned references;
    bool is_chunk; /* else it is small, and none is left out for being late */
    bool is_key;   /* of a chunk */
    unsigned layer;
    uint32_t sequence;
    int64_t made_us; /* on the clock of the loop */
    size_t size;
    unsigned char bytes[]; /* MESSAGE_HEADROOM free ones, then `size` to send */
};

/* A message of zeroes with one reference; NULL: out of memory. */
struct message *message_create(size_t size);

struct message *message_ref(struct message *message);

/* NULL is ignored. */
void message_unref(struct message *message);

static inline unsigned char *message_data(struct message *message)
{
    return message->bytes + MESSAGE_HEADROOM;
}

#endif
