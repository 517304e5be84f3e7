/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_WORKER_H
#define WCENC_SRC_WORKER_H

/* The thread that encodes, one per encoder: takes messages from the queue, drives the backend, posts what comes of it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/encoder.h>

#include "backend.h"
#include "chunk.h"
#include "codec_registry.h"
#include "convert.h"
#include "timeline.h"

/* What the worker keeps from one message to the next. Nobody else looks at it. */
struct worker {
    uint64_t generation;           /* that the rest belongs to */
    bool has_failed;               /* an error is posted: nothing more is done in this generation */
    struct encoder_config *config; /* applied; NULL before the first configure */
    const struct codec_candidate *candidate;
    struct backend *backend; /* NULL: opened at the next frame */
    int64_t backend_start;   /* count of the first frame that it was sent */
    int64_t last_key;        /* count of the last frame that it was opened with or asked for as a key frame */
    bool has_stream_format;  /* colour and orientation are fixed, by the first frame after configure */
    wcenc_color_space color_space;
    wcenc_chroma_location chroma_location;
    int32_t rotation;
    int32_t flip;
    uint32_t reorder_depth; /* of the open backend, from its first packet */
    bool has_reorder_depth;
    struct timeline timeline;
    struct converter *converter;
    bool is_converting;                    /* the last frame had to be converted, and the preparer knows to what */
    struct picture prepared;               /* what the preparer made of the last frame; a reference */
    struct picture converted;              /* target of conversions, taken again where the backend has let go of it */
    struct decoder_config *decoder_config; /* as last told; NULL: tell it with the next chunk */
    int64_t converting_ns;                 /* spent since the statistics were last brought up to date */
    int64_t encoding_ns;
};

void wcenc__worker_init(struct worker *worker);

/*
 * A packet to a chunk, with what its frame travelled with; takes over what keeps the packet's bytes alive. NULL with
 * words where that cannot be. (worker_chunk.c)
 */
wcenc_chunk *wcenc__worker_make_chunk(struct worker *worker, struct backend_packet *packet, struct failure *failure);

/* Ends the generation with an error. Outputs that were made before have been posted by then. */
void wcenc__worker_fail(wcenc_encoder *encoder, const struct failure *failure);
void wcenc__worker_fail_with(wcenc_encoder *encoder, wcenc_status status, const char *what);

/* Takes every packet that is ready and tells it. False if the generation has ended, by an error or by a reset. */
bool wcenc__worker_receive(wcenc_encoder *encoder);

/* Gets out everything that the backend holds, and closes it. False if the generation has ended. */
bool wcenc__worker_drain(wcenc_encoder *encoder);

/* Encodes one frame. (worker_frame.c) */
struct message;
void wcenc__worker_encode(wcenc_encoder *encoder, struct message *message);

/* The thread's function; `encoder` is a wcenc_encoder. */
void *wcenc__worker_main(void *encoder);

#endif
