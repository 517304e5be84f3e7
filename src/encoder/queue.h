/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_QUEUE_H
#define WCENC_ENCODER_QUEUE_H

/*
 * Control messages on their way to the worker: strictly first in, first out. Not synchronised by itself; the encoder's
 * lock guards it. Memory is kept from one message to the next, so that a steady stream allocates nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "frame.h"

enum message_type {
    MESSAGE_CONFIGURE,
    MESSAGE_ENCODE,
    MESSAGE_FLUSH,
};

struct queued_frame {
    struct frame_view frame;
    uint64_t user_tag;
    uint64_t number;             /* counts the frames of the encoder, from 1 */
    int64_t queued_ns;           /* when it was */
    int32_t quantizer;           /* or -1 */
    uint8_t references, updates; /* buffers, as bits, with the scalability mode "manual" */
    wcenc_hdr_metadata hdr_metadata;
    bool key_frame;
};

struct message {
    enum message_type type;
    union {
        struct encoder_config *config; /* CONFIGURE: a reference */
        struct queued_frame encode;
        uint64_t ticket; /* FLUSH: its number */
    } u;
};

struct queue {
    struct message *ring;
    size_t capacity; /* a power of two, or 0 */
    size_t head;     /* of the oldest, modulo capacity */
    size_t count;
};

/* All zero is an empty queue. Frees the memory, not what messages hold. */
void wcenc__queue_free(struct queue *queue);

/* Takes over what the message holds; false, with nothing taken, if out of memory. */
bool wcenc__queue_push(struct queue *queue, const struct message *message);

/* False if the queue is empty. The caller then owns what the message holds. */
bool wcenc__queue_pop(struct queue *queue, struct message *message);

/* The nth from the oldest, from 0; NULL if there are not so many. Valid until the next call that changes. */
struct message *wcenc__queue_at(const struct queue *queue, size_t n);

/* The first, the last and the first ENCODE message; NULL if there is none. Valid until the next call that changes. */
struct message *wcenc__queue_first(const struct queue *queue);
struct message *wcenc__queue_last(const struct queue *queue);
struct message *wcenc__queue_first_frame(const struct queue *queue);

/* Takes the first ENCODE message out of the order, which the others keep. False if there is none. */
bool wcenc__queue_take_frame(struct queue *queue, struct message *message);

/* Releases what a message holds. May call a user's `release`: no lock may be held. */
void wcenc__message_release(struct message *message);

/* Moves everything out, so that it can be released once no lock is held. `into` must be empty. */
void wcenc__queue_take_all(struct queue *queue, struct queue *into);

/* Releases every message and frees the memory. No lock may be held. */
void wcenc__queue_release_all(struct queue *queue);

#endif
