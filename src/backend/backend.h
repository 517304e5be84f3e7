/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_BACKEND_H
#define WCENC_BACKEND_BACKEND_H

/*
 * What the library needs of something that encodes. lavc/ does it over libavcodec; another may stand beside it.
 *
 * A backend is one open encoder and belongs to the worker: no call comes from two threads at once. Pixels stay the
 * frame's: a backend that reads them after `send` has returned takes a reference. Packets are its own, passed on by
 * reference.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/info.h>

#include "config.h"
#include "failure.h"
#include "frame.h"
#include "layers.h"
#include "log.h"
#include "packetizer.h"

/* What an encoder does, whatever the configuration says: bits of its row in the registry. */
enum {
    ENCODER_FORCES_KEYS = 1,       /* `key` of a frame works; otherwise the caller drains it and opens another */
    ENCODER_TAKES_NV12 = 2,        /* in place of I420 */
    ENCODER_HAS_LAYERS = 4,        /* temporal ones, of 4:2:0 */
    ENCODER_HAS_QUANTIZER = 8,     /* `quantizer` of a frame is what it is coded with */
    ENCODER_CHANGES_RATE = 16,     /* takes on a new bitrate or framerate while it is open */
    ENCODER_LOSES_FRAMES = 32,     /* when out of memory, without an error */
    ENCODER_CONTINUES = 64,        /* takes frames again once it was drained */
    ENCODER_TELLS_QUANTIZER = 128, /* its packets have the quantizer that it took for the frame's */
    ENCODER_HAS_REFERENCES = 256,  /* scalability mode "manual": takes any step of a frame, of any chroma */
    ENCODER_STANDS_IN = 512,       /* chosen by itself for layers only, or where none before it is installed */
};

enum { OPTION_NAME_SIZE = 64 };

struct codec_candidate;

/* What is known of an encoder with a configuration before it is opened. */
struct backend_probe {
    uint32_t delay_frames; /* upper bound */
    uint32_t capabilities; /* WCENC_CAPABILITY_ */
};

/* What an encoder has, whatever the configuration says. */
struct backend_description {
    bool is_native; /* the backend calls the codec library itself */
    wcenc_latency_modes latency_modes;
    wcenc_bitrate_modes bitrate_modes;
    uint32_t capabilities;      /* WCENC_CAPABILITY_ bits beside those of the registry's row */
    uint32_t reference_buffers; /* that steps of frames may name, with ENCODER_HAS_REFERENCES */
};

struct backend_setup {
    const struct encoder_config *config;     /* for the call; with alpha, of the one of two encoders that this is */
    const struct codec_candidate *candidate; /* which of the backend's encoders */
    wcenc_color_space color_space;           /* of the stream; the range is specified */
    wcenc_chroma_location chroma_location;
    wcenc_pixel_format frame_format; /* of the first frame; the backend may choose its input format by it */
    const struct log *log;
    bool has_sets_in_band; /* H.264 and HEVC: key packets begin with their parameter sets, whatever the config says */
    bool is_probe;         /* only to be looked at: parameter sets where they can be read before a frame is coded */
};

/* An open encoder. Implementations put their own members behind this. */
struct backend {
    const struct backend_ops *ops;
    struct picture input;  /* format, size, colour space and chroma location that `send` takes; no planes */
    uint32_t key_interval; /* key frames come by themselves at least so often; 0: they have to be asked for */
    /* H.264 and HEVC: in Annex B, where they are known before a frame is coded, as they have to be for a probe. */
    const uint8_t *parameter_sets;
    size_t parameter_sets_size;
    bool must_unset_matrix; /* H.264: the parameter sets name BT.709's matrix, which nobody specified */
};

/* The duration of frames that are encoded to see what becomes of them. */
enum { BACKEND_PROBE_DURATION_US = 33333 };

/*
 * Times and durations are for rate control and make a clock without gaps. With a framerate every duration is that of
 * one frame. Without one it is the mean of the last steps between frames, from 1 ms to 10 s, whatever the timestamps
 * are. Encoders that follow that have WCENC_CAPABILITY_VARIABLE_FRAMERATE; the others count 30 frames a second.
 */
struct backend_frame {
    const struct picture *picture; /* of the backend's input format and size */
    int64_t index;                 /* counts the frames that this open encoder was sent, from 0 */
    int64_t time_us;               /* the end of the frame before; 0 at index 0. Not the caller's timestamp */
    int64_t duration_us;           /* at least 1: the frame gets the bits of so much time */
    bool key;                      /* to become a key chunk */
    int32_t quantizer;             /* on WebCodecs' scale, or -1 */
    const struct layer_step *step; /* what it reads and writes; NULL: as the encoder likes. A key frame writes all */
};

/* What an encoder made of a frame: Annex B, a temporal unit, or a frame of VP8 or VP9. */
struct backend_packet {
    int64_t index;         /* of the frame that it shows */
    int64_t dts_index;     /* decoding time in the same count; may be negative */
    int32_t quantizer;     /* that it was coded with, on the codec's scale, or -1 */
    uint8_t spatial_layer; /* streams have one, and chunks no place for another: anything but 0 is an error */
    bool is_key;           /* of AV1: it is a random access point. The others are read */
    struct packet_bytes bytes;
};

enum backend_result {
    BACKEND_OK,
    BACKEND_AGAIN,   /* send: receive first; receive: send first */
    BACKEND_END,     /* receive, after drain: that was all */
    BACKEND_FAILED,  /* `failure` says why */
    BACKEND_DROPPED, /* receive: there is no packet of the frame with the packet's index */
};

struct backend_ops {
    const char *name;

    /* Describes an encoder without opening it; false if it is not installed. Devices are not looked for. */
    bool (*describe)(const struct codec_candidate *candidate, struct backend_description *description);

    /*
     * What is known without opening an encoder, which is not remembered: false, with a message, where it is not
     * installed or does not do what the config asks for.
     */
    bool (*check)(const struct codec_candidate *candidate, const struct encoder_config *config,
                  struct backend_probe *probe, struct failure *failure);

    /* Whether the caller's options set one of the names, which is stored in `found`. NULL: there are no options. */
    bool (*finds_option)(const char *options, const char *const *names, char found[OPTION_NAME_SIZE]);

    /* NULL, with `failure` set, where it cannot. */
    struct backend *(*open)(const struct backend_setup *setup, struct failure *failure);

    /* Nothing is taken unless the result is BACKEND_OK. */
    enum backend_result (*send)(struct backend *backend, const struct backend_frame *frame, struct failure *failure);

    /* Gives out a packet where BACKEND_OK; the caller then owns it. */
    enum backend_result (*receive)(struct backend *backend, struct backend_packet *packet, struct failure *failure);

    /*
     * Everything that is delayed is to be received, up to BACKEND_END. Only close may come after that, or, with
     * ENCODER_CONTINUES, frames again.
     */
    enum backend_result (*drain)(struct backend *backend, struct failure *failure);

    /*
     * What differs in `config` (CONFIG_ bits) is to hold for the frames to come. Returns those of the bits that the
     * open encoder can take on, and takes them on only if these are all; otherwise the caller opens another. After a
     * new size, which comes while no frame is delayed, `input` and the parameter sets are the new ones.
     */
    uint32_t (*reconfigure)(struct backend *backend, const struct encoder_config *config, uint32_t changes);

    /* Frees it, whatever it still holds. */
    void (*close)(struct backend *backend);
};

#endif
