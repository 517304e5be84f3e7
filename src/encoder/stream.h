/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_STREAM_H
#define WCENC_ENCODER_STREAM_H

/*
 * From frames to chunks: when an encoder is opened, what the stream is coded in, conversion, key frames, timestamps and
 * the decoder config. Belongs to one thread; has no lock and knows no encoder. Chunks go to a sink.
 */

#include <stdbool.h>
#include <stdint.h>

#include "chunk.h"
#include "coder.h"
#include "convert.h"
#include "log.h"
#include "prefetch.h"
#include "queue.h"
#include "registry.h"
#include "timeline.h"

enum stream_result {
    STREAM_OK,
    STREAM_STOPPED, /* the sink wants no more of this generation */
    STREAM_FAILED,  /* `failure` says why; the backend is closed */
};

/* What becomes of frames. */
struct stream_sink {
    void *self;
    /* Takes over the reference in any case. */
    enum stream_result (*on_chunk)(void *self, wcenc_chunk *chunk, int32_t quantizer, struct failure *failure);
    /* The encoder dropped the frame. */
    enum stream_result (*on_drop)(void *self, const struct timeline_entry *frame, struct failure *failure);
};

struct stream {
    /* immutable after init */
    const struct log *log;
    struct prefetcher *prefetcher; /* may be NULL */
    struct stream_sink sink;

    uint64_t generation;           /* that the rest belongs to */
    struct encoder_config *config; /* applied; NULL before the first configure */
    const struct codec_candidate *candidate;
    struct coder coder;    /* not open: opened at the next frame */
    int64_t backend_start; /* count of the first frame that it was sent */
    int64_t last_key;      /* count of the last frame that it was opened with or asked for as a key frame */
    int64_t pattern_start; /* count of the last key frame, where the pattern of layers begins */
    bool owes_key;         /* the next frame is to become a key frame, whatever it asks for */
    bool has_format;       /* colour and orientation are fixed, by the first frame after configure */
    wcenc_color_space color_space;
    wcenc_chroma_location chroma_location;
    int32_t rotation;
    int32_t flip;
    uint32_t reorder_depth; /* of the open backend, from its first packet */
    bool has_reorder_depth;
    struct timeline timeline;
    struct converter *converter;
    bool is_converting;                    /* the last frame had to be converted, and the prefetcher knows to what */
    struct picture prefetched;             /* what the prefetcher made of the last frame; a reference */
    struct picture converted;              /* target of conversions, used again once the backend has released it */
    struct decoder_config *decoder_config; /* as last delivered; NULL: deliver it with the next chunk */
    int64_t converting_ns;                 /* spent since they were last taken */
    int64_t encoding_ns;
};

void wcenc__stream_init(struct stream *stream, const struct log *log, struct prefetcher *prefetcher,
                        const struct stream_sink *sink);
void wcenc__stream_free(struct stream *stream);

/* Forgets everything but memory that the next generation can use. */
void wcenc__stream_reset(struct stream *stream, uint64_t generation);

/* Frames that follow are encoded to `config`. Chunks of those before come out first, where the encoder has to change.
 */
enum stream_result wcenc__stream_configure(struct stream *stream, struct encoder_config *config,
                                           struct failure *failure);

/* Encodes one frame, whose view stays the caller's. */
enum stream_result wcenc__stream_encode(struct stream *stream, struct queued_frame *frame, struct failure *failure);

/* Gets out every frame that the encoder delays. */
enum stream_result wcenc__stream_flush(struct stream *stream, struct failure *failure);

/* Private to the files of the stream: */

/* The frame's pixels in the form that the backend takes; NULL, with `failure` set, if that fails. */
const struct picture *wcenc__stream_fit_picture(struct stream *stream, struct queued_frame *frame,
                                                struct failure *failure);

/*
 * A packet to a chunk; takes over what keeps the packet's bytes alive. `header`
 * is NULL if the last one still holds.
 */
wcenc_chunk *wcenc__stream_make_chunk(struct stream *stream, struct backend_packet *packet,
                                      const struct stream_header *header, struct failure *failure);

#endif
