/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

/* What source_file.c and source_run.c share: a file that is decoded. */

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "filter.h"
#include "frame_map.h"
#include "source.h"
#include "timeline.h"
#include "tracks.h"

struct source_run;

/* Packets that a demuxer marked as incomplete, until it is known why. */
struct marks {
    unsigned waiting;
    unsigned age;     /* packets since the last of them */
    int64_t last_dts; /* of the packet before */
};

struct source_file {
    struct source base;
    const char *path; /* for messages */
    struct notes *notes;
    bool is_hdr_noted;
    AVFormatContext *format;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    struct frame_map map;
    struct frame_meta meta; /* of the last frame that was decoded */
    struct timeline time;
    struct filter *filter; /* NULL: frames are encoded as they are decoded */
    bool filter_has_end;   /* it was sent the end, so no frame follows, for the reason `ending` */
    enum source_result ending;
    struct tracks *tracks;
    int64_t given_us;       /* time of the last frame that was given */
    struct source_run *run; /* NULL: all frames are given */
    uint64_t left_out;      /* frames before the first that is given, out of the filter */
    int64_t duration_us;    /* that is asked for; INT64_MAX: all */
    bool has_frame;         /* `frame` is the next one to be given */
    bool at_end;            /* everything was read, and sent to the decoder */
    bool has_ended;         /* everything was decoded */
    struct marks marks;
    unsigned errors;    /* in a row */
    struct fault first; /* why the first frame that is left out is */
};

/* Opens the input and its decoder. After a failure it still needs closing. */
bool source_file_open(struct source_file *file, const struct source_ops *ops, const struct options *options,
                      struct notes *notes, struct fault *fault);
void source_file_close(struct source *source);

/* Goes to the key frame before; what cannot seek is decoded from its start. The time that was meant, of the stream. */
int64_t source_file_seek(struct source_file *file, double seconds);

/* Reads until everything that is copied has come to a time of the output, `offset_us` after that of the input. */
bool source_file_read_beside(struct source_file *file, int64_t offset_us, int64_t time_us, struct fault *fault);

/* Fills file->frame. Frames that lack others, as after a cut, are as whole as they can be. */
enum source_result source_file_decode(struct source_file *file, struct fault *fault);

/* Sends the decoder the packet that was read, or keeps it for the output. */
enum source_result source_file_send(struct source_file *file, struct fault *fault);

/*
 * Goes from the first frame to that of the part that the options name, and fills file->base.info.run. From then on
 * source_run_check compares each frame that is decoded with the index.
 */
bool source_run_begin(struct source_file *file, const struct options *options, struct fault *fault);
bool source_run_check(struct source_file *file, struct fault *fault);
void source_run_free(struct source_run *run);

#endif
