/* SPDX-License-Identifier: MIT */
#ifndef SINK_H
#define SINK_H

/*
 * Where chunks go: a file in the format that its extension names. Everything but the codec is taken from the chunks and
 * their metadata. Used by one thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "codec_choice.h"
#include "messages.h"
#include "outfile.h"
#include "source.h"

struct AVCodecParameters;
struct AVFormatContext;
struct AVPacket;
struct AVStream;
struct sink;

/* What a file is given of a chunk: of the library's, or of one that was stored in a part. */
struct sink_chunk {
    const uint8_t *data;
    size_t size;
    int64_t timestamp_us;
    int64_t dts_us;
    uint64_t duration_us; /* 0: not known */
    bool is_key;
    const uint8_t *alpha; /* NULL: none */
    size_t alpha_size;
    const wcenc_decoder_config *decoder_config; /* of the first one; NULL: as before */
};

struct sink_ops {
    bool (*open)(struct sink *sink, struct fault *fault); /* the file is open, nothing is written */
    bool (*write)(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault);
    bool (*finish)(struct sink *sink, struct fault *fault); /* after at least one chunk, of a file that is kept */
    void (*free)(struct sink *sink);
};

struct sink_format {
    const char *extension;
    const char *name;
    unsigned codecs;      /* enum codec bits that it can hold */
    enum codec suggested; /* where the user names none */
    bool annexb;          /* H.264 and HEVC with start codes */
    bool rotation;        /* keeps how the picture is to be turned, with any version of FFmpeg */
    const char *muxer;    /* of libavformat; NULL: written here */
    int ticks;            /* a second, of the file's timestamps */
    const struct sink_ops *ops;
};

struct sink {
    const struct sink_format *format;
    struct outfile file;
    enum codec codec;
    double framerate;      /* a hint */
    enum scan scan;        /* of the pictures; may be set until the first write */
    bool is_reproducible;  /* the file has no random numbers; set before the first write */
    const char *part_text; /* of a part: its settings; set before the first write */
    uint64_t chunks;
    void *state; /* of the ops */
};

/* The format with the extension `name`, or of `path` where that is NULL; NULL with the known ones in the fault. */
const struct sink_format *sink_format_find(const char *path, const char *name, struct fault *fault);

/* Whether a format can hold a codec. */
bool sink_format_holds(const struct sink_format *format, enum codec codec, struct fault *fault);

/* `sink` is filled; after a failure it needs no closing. */
bool sink_open(struct sink *sink, const struct sink_format *format, enum codec codec, double framerate,
               const char *path, const char *input, bool overwrite, struct fault *fault);

bool sink_write(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault);

/* What `chunk` holds, which stays its owner. */
struct sink_chunk sink_chunk_from(const wcenc_chunk *chunk);

/* With `keep`, ends the file so that it plays, and gives it its name; a file without a chunk is removed in any case. */
bool sink_close(struct sink *sink, bool keep, int64_t *size, struct fault *fault);

/* MP4 and QuickTime in fragments, as a file that cannot seek needs them. */
bool sink_is_fragmented(const struct sink *sink);

/*
 * What containers hold beside the video; all before the first chunk, but for packets, which another thread may write.
 * Streams and tags of an input are copied: its microseconds from `start_us` on become those of the output.
 */
bool sink_holds_audio(const struct sink *sink);

/* The number of a stream that is added; -1 where the container does not take its codec. */
int sink_add_stream(struct sink *sink, const struct AVStream *stream);
void sink_copy_tags(struct sink *sink, const struct AVFormatContext *input, int64_t start_us, int64_t length_us);

/* How long before 0 packets of audio may start, which are decoded and not heard. */
int64_t sink_padding_us(const struct sink *sink, const struct AVCodecParameters *audio);

/* Takes what `packet` refers to, its times in microseconds. */
bool sink_write_packet(struct sink *sink, int stream, struct AVPacket *packet, struct fault *fault);

/* Whether the file can say that its pictures hold two fields each. */
bool sink_says_interlaced(const struct sink *sink);

extern const struct sink_ops sink_container_ops;
extern const struct sink_ops sink_ivf_ops;
extern const struct sink_ops sink_raw_ops;

/* Whether the stream or the file has a place for HDR metadata. */
bool sink_says_hdr(const struct sink *sink);

/* True if an AV1 chunk comes without the temporal delimiter that IVF and .obu files have before each. */
bool sink_lacks_delimiter(const struct sink *sink, const struct sink_chunk *chunk);

/* A temporal delimiter with its size of zero. */
extern const uint8_t sink_delimiter[2];

#endif
