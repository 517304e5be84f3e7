/* SPDX-License-Identifier: MIT */
#ifndef STREAM_H
#define STREAM_H

/*
 * One encoder for all viewers: pictures in, messages out. Its callbacks run in stream_pump, on the thread of the loop.
 */

#include "message.h"
#include "options.h"

/* Receives messages, borrowed for the call: a config before the first chunk that needs it, and chunks. */
typedef void (*stream_message_fn)(void *user, struct message *message, bool is_config);

struct stream;

/* Pictures will have that size. Ends the program where it fails. */
struct stream *stream_open(const struct options *options, uint32_t width, uint32_t height, stream_message_fn on_message,
                           void *user);

/* The descriptor that is readable while there is something to pump. */
int stream_descriptor(const struct stream *stream);

/* Returns false once the encoder has failed, which it has reported. */
bool stream_pump(struct stream *stream);

/* Submits a picture and releases it. `now_us`: when it was taken, since 1970. */
void stream_encode(struct stream *stream, wcenc_frame *frame, int64_t now_us);

void stream_request_key(struct stream *stream);
void stream_set_bitrate(struct stream *stream, uint64_t bitrate);

/* The highest temporal layer. */
unsigned stream_top_layer(const struct stream *stream);

/* Returns whether a new bitrate takes no key chunk. */
bool stream_has_live_bitrate(const struct stream *stream);

/* The frames that were dropped because the encoder was too slow. */
uint32_t stream_dropped(const struct stream *stream);

void stream_close(struct stream *stream);

#endif
