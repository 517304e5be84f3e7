/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_LAVC_LAVC_H
#define WCENC_BACKEND_LAVC_LAVC_H

/* The backend over libavcodec: what its files share. */

#include <stdatomic.h>

#include "backend.h"
#include "compat.h"
#include "options.h"
#include "process.h"
#include "thread.h"

struct borrowed;

enum { LAVC_TIMES = 1024 }; /* more than any encoder delays */

struct lavc_backend {
    struct backend base; /* first */
    const struct lavc_encoder *encoder;
    uint32_t capabilities; /* ENCODER_ bits */
    uint8_t bit_depth;
    enum AVPixelFormat pixel_format; /* of the frames that it is sent */
    AVCodecContext *context;
    AVFrame *frame;                      /* reused; empty between calls */
    AVPacket *packet;                    /* reused; empty between calls */
    _Atomic(struct borrowed *) released; /* pixels that FFmpeg is through with; released between its calls */
    bool controls_layers;
    enum AVChromaLocation chroma_location; /* that is signalled */
    bool frame_quantizer;
    bool has_frame;            /* was sent one */
    atomic_bool lacked_memory; /* for a packet, which encoders then leave out without a word */
    enum lavc_clock clock;
    struct rational opened_framerate; /* it counts in */
    struct lavc_rate codec_rate;      /* of its seconds */
    struct lavc_rate rate;            /* of true seconds; for COUNTS_BITRATES */
    int64_t times[LAVC_TIMES];        /* of frames, in ticks, by their index; of COUNTS_TIME, like the next */
    int64_t time_count;               /* frames so far */
    uint8_t *parameter_sets;          /* a copy: the context is not to be read outside of calls */
    /* exit_guard.c */
    bool is_listed;
    struct lavc_backend *next;      /* guarded by PROCESS_LOCK_ENDING, like: */
    struct lavc_backend **previous; /* the pointer to this one */
    struct mutex calls;             /* held while one is made of the codec or its context is looked at */
};

static inline struct lavc_backend *lavc_of(struct backend *backend)
{
    return (struct lavc_backend *)backend;
}

extern const struct backend_ops wcenc__lavc_backend;

/* What an error of FFmpeg's means: that memory ran out, or `otherwise`. */
static inline wcenc_status lavc_status(int error, wcenc_status otherwise)
{
    return error == AVERROR(ENOMEM) ? WCENC_ERROR_NO_MEMORY : otherwise;
}

/* open.c */
struct backend *wcenc__lavc_open(const struct backend_setup *setup, struct failure *failure);
void wcenc__lavc_close(struct backend *backend);
bool wcenc__lavc_takes_format(const AVCodec *codec, enum AVPixelFormat format);

/* rate.c */
uint32_t wcenc__lavc_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes);

/* exit_guard.c */

/* From before an encoder is opened until after it is closed. False where the system refuses. */
bool wcenc__lavc_join_ending(struct lavc_backend *lavc);
void wcenc__lavc_leave_ending(struct lavc_backend *lavc);
/* After it was opened. */
void wcenc__lavc_was_opened(const struct lavc_backend *lavc);

/* Around what is done with the context. The first may not return when the process ends. Not around user code. */
void wcenc__lavc_begin_call(struct lavc_backend *lavc);
void wcenc__lavc_end_call(struct lavc_backend *lavc);

/* layers.c */

/* Whether rate control knows the layers, and gives each its share. */
bool wcenc__lavc_controls_layers(const struct encoder_config *config);

/* The value of libvpx's option ts-parameters, for more than one layer. */
void wcenc__lavc_layer_parameters(const struct encoder_config *config, int64_t bitrate, char *out, size_t size);

/* Sets what the frame in lavc->frame reads and writes in libvpx. False if out of memory. */
bool wcenc__lavc_set_layer(struct lavc_backend *lavc, const struct backend_frame *frame);

/* encode.c */
enum backend_result wcenc__lavc_send(struct backend *backend, const struct backend_frame *frame,
                                     struct failure *failure);
enum backend_result wcenc__lavc_receive(struct backend *backend, struct backend_packet *packet,
                                        struct failure *failure);
enum backend_result wcenc__lavc_drain(struct backend *backend, struct failure *failure);

/* Releases the pixels that FFmpeg is through with. May run user code: not inside its calls, nor under a lock. */
void wcenc__lavc_release_pixels(struct lavc_backend *lavc);

/* lavc_clock.c */

AVRational wcenc__lavc_time_base(enum lavc_clock clock, struct rational framerate);

/* Gives lavc->frame its time and duration. */
void wcenc__lavc_set_time(struct lavc_backend *lavc, const struct backend_frame *frame);

/* The index of the frame with a packet's time. */
int64_t wcenc__lavc_index(const struct lavc_backend *lavc, int64_t ticks);

/* rate.c */

/* Gives the next frame the bits of its duration, in terms of the framerate that the encoder counts in. */
void wcenc__lavc_set_rate(struct lavc_backend *lavc, int64_t duration_us);

/* packet.c */

/* Moves what the encoder gave out of lavc->packet, with its times in place of indices. False if out of memory. */
bool wcenc__lavc_make_packet(struct lavc_backend *lavc, struct backend_packet *packet);

/* lavc_check.c */
bool wcenc__lavc_describe(const struct codec_candidate *candidate, struct backend_description *description);
bool wcenc__lavc_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                       struct backend_probe *probe, struct failure *failure);

#endif
