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
#include "hdr_metadata.h"
#include "log.h"
#include "pace.h"
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
    enum stream_result (*on_chunk)(void *self, wcenc_chunk *chunk, struct failure *failure);
    /* The encoder dropped the frame. */
    enum stream_result (*on_drop)(void *self, const struct timeline_entry *frame, struct failure *failure);
};

/* What has become of a frame. */
struct coded_frame {
    struct coded_frame *next;
    struct backend_packet packet;
    const struct stream_header *header; /* NULL: the last one still holds */
    struct packet_bytes alpha;          /* empty where none is kept */
    bool is_dropped;                    /* no bytes */
};

struct coded_list {
    struct coded_frame *first, *last;
};

/* The second encoder of a stream that keeps alpha. */
struct stream_alpha {
    struct coder coder;
    struct picture grey; /* luma of it is the chroma of alpha; a reference */
    /* What waits for its counterpart, in the order of decoding. */
    struct coded_list colors;
    struct coded_list alphas;
    bool must_skip; /* one of the two has dropped a frame, and what follows may be coded from it */
};

/* What a stream is coded in. */
struct stream_format {
    wcenc_color_space color_space;
    wcenc_chroma_location chroma_location;
    int32_t rotation;
    int32_t flip;
};

struct stream {
    /* immutable after init */
    const struct log *log;
    struct prefetcher *prefetcher; /* may be NULL */
    struct stream_sink sink;

    uint64_t generation;           /* that the rest belongs to */
    struct encoder_config *config; /* applied; NULL before the first configure */
    const struct codec_candidate *candidate;
    struct coder coder;            /* not open: opened at the next frame */
    struct encoder_config *opened; /* that the coder was opened with; a reference, NULL where it is not open */
    struct stream_alpha alpha;     /* open where `coder` is and alpha is kept */
    struct picture input;          /* what frames are converted to, alpha included; no planes */
    int64_t backend_start;         /* count of the first frame that it was sent */
    int64_t last_key;              /* count of the last frame that it was opened with or asked for as a key frame */
    int64_t pattern_start;         /* count of the last key frame, where the pattern of layers begins */
    bool owes_key;                 /* the next frame is to become a key frame, whatever it asks for */
    bool has_format;               /* colour and orientation are fixed, by the first frame after configure */
    struct stream_format format;
    wcenc_hdr_metadata hdr_metadata; /* of the last frame that was sent */
    uint32_t reorder_depth;          /* of the open backend, from its first packet */
    bool has_reorder_depth;
    struct timeline timeline;
    struct pace pace;
    int64_t encoder_time_us; /* of the next frame that the open encoder is sent */
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

/* Encodes the following frames to `config`. If the encoder has to change, chunks of earlier frames come out first. */
enum stream_result wcenc__stream_configure(struct stream *stream, struct encoder_config *config,
                                           struct failure *failure);

/* After a reset: encodes the following frames as another stream does that was configured; its encoder is another one. */
void wcenc__stream_set_up(struct stream *stream, struct encoder_config *config,
                          const struct codec_candidate *candidate, const struct stream_format *format);

/*
 * A chunk that another stream made, whose only reference is the caller's, as one of this stream: its decoder config
 * goes if the last one holds, and decoding times do not go back.
 */
void wcenc__stream_adopt(struct stream *stream, wcenc_chunk *chunk);

/* Encodes one frame, whose view stays the caller's. */
enum stream_result wcenc__stream_encode(struct stream *stream, struct queued_frame *frame, struct failure *failure);

/* Gets out every frame that the encoder delays. */
enum stream_result wcenc__stream_flush(struct stream *stream, struct failure *failure);

/* Private to the files of the stream: */

/* False if the frame has to decide what the stream is in: the first one, and RGB where the stream has no matrix. */
static inline bool wcenc__stream_has_format_for(const struct stream *stream, const struct frame_view *frame)
{
    return stream->has_format &&
           (stream->format.color_space.matrix || !wcenc__pixel_format(frame->picture.format)->is_rgb);
}

static inline bool wcenc__stream_keeps_alpha(const struct stream *stream)
{
    return stream->config->given.alpha == WCENC_ALPHA_KEEP;
}

/* Whether the interval of key frames has passed, where the backend does not see to it. */
static inline bool wcenc__stream_key_is_due(const struct stream *stream)
{
    const struct backend *backend = stream->coder.backend;
    const uint32_t interval = stream->config->key_interval;

    return backend && interval != CONFIG_NO_KEY_INTERVAL &&
           (backend->key_interval == 0 || backend->key_interval > interval) &&
           stream->timeline.next - stream->last_key >= interval;
}

/* Whether a frame is to become a key frame. HDR metadata hold for a coded video sequence, which begins with one. */
static inline bool wcenc__stream_wants_key(const struct stream *stream, const struct queued_frame *frame)
{
    const bool is_first = !stream->coder.backend || stream->timeline.next == stream->backend_start;

    return frame->key_frame || stream->owes_key || wcenc__stream_key_is_due(stream) ||
           (!is_first && !hdr_metadata_equal(&stream->hdr_metadata, &frame->hdr_metadata));
}

/* What the stream is in as of this frame. */
struct stream_format wcenc__stream_format(const struct stream *stream, const struct frame_view *frame);
bool wcenc__stream_format_equal(const struct stream_format *a, const struct stream_format *b);

/* A frame's pixels that do not fit in the form that the backend takes; NULL, with `failure` set, if that fails. */
const struct picture *wcenc__stream_convert(struct stream *stream, struct queued_frame *frame, struct failure *failure);
/* A frame has come that fits: the prefetcher need not convert the next. */
void wcenc__stream_stop_converting(struct stream *stream);

/* To a chunk; takes over what keeps the bytes alive. NULL, with the failure set, if that fails. */
wcenc_chunk *wcenc__stream_make_chunk(struct stream *stream, struct coded_frame *coded, struct failure *failure);

/* No more frames come before the packets that follow. */
void wcenc__stream_note_drain(struct stream *stream);

void wcenc__coded_frame_free(struct coded_frame *coded);

/* Opens the second encoder, like the first. */
bool wcenc__stream_open_alpha(struct stream *stream, const struct backend_setup *colors, struct failure *failure);
void wcenc__stream_close_alpha(struct stream *stream);

/* The alpha of a picture of I420A as what the second encoder takes; lives as long as the picture and the encoder. */
struct picture wcenc__stream_alpha_picture(const struct stream *stream, const struct picture *picture);

/* What both encoders have made of a frame: OK or DROPPED, or what a backend's `receive` returns. */
enum backend_result wcenc__stream_receive_pair(struct stream *stream, struct coded_frame *coded,
                                               struct failure *failure);

#endif
