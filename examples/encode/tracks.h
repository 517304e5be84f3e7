/* SPDX-License-Identifier: MIT */
#ifndef TRACKS_H
#define TRACKS_H

/* What of an input is copied beside the video that is encoded: audio, chapters and tags. Used by one thread. */

#include <stdbool.h>
#include <stdint.h>

#include "messages.h"

struct AVFormatContext;
struct AVPacket;
struct sink;
struct tracks;

/* Chooses the streams of an input beside stream `video`; the others are discarded. NULL where memory runs out. */
struct tracks *tracks_create(struct AVFormatContext *input, int video, bool no_audio);

/* Keeps a packet if its stream is copied. */
bool tracks_take(struct tracks *tracks, struct AVPacket *packet, struct fault *fault);

/* Whether every stream that is written was read up to a time of the input, in microseconds. */
bool tracks_reach(const struct tracks *tracks, int64_t time_us);

/*
 * Where the output's time was moved to: what is added to the input's microseconds, at a time of the output. Writes what
 * is not after `until_us`, the frame that is encoded.
 */
bool tracks_move(struct tracks *tracks, int64_t offset_us, int64_t now_us, int64_t until_us, struct fault *fault);

/* Which part of the input is encoded: the time of its first frame, in microseconds of the input, and the most of it. */
struct tracks_span {
    int64_t start_us;
    int64_t length_us;
};

/* Adds the streams to a sink that is open, and tags and chapters; notes what cannot be added. */
void tracks_attach(struct tracks *tracks, struct sink *sink, const struct tracks_span *span, const char *name,
                   struct notes *notes);

/* Writes what is left before a time of the output. */
bool tracks_finish(struct tracks *tracks, int64_t end_us, struct fault *fault);

void tracks_free(struct tracks *tracks);

#endif
