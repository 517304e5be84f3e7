/* SPDX-License-Identifier: MIT */
#ifndef SOURCE_H
#define SOURCE_H

/* Where frames come from: a file, standard input, or the test scene. Used by one thread. */

#include <stdbool.h>
#include <stdint.h>
#include <wcenc/wcenc.h>

#include "messages.h"
#include "options.h"

struct run;

enum scan { SCAN_PROGRESSIVE, SCAN_TOP_FIRST, SCAN_BOTTOM_FIRST };

/* What was wrong with an input so far, in frames. */
struct damage {
    uint64_t left_out;   /* could not be decoded */
    uint64_t concealed;  /* decoded, with parts that the decoder made up */
    uint64_t incomplete; /* parts were lost on the way here; such frames are among the others as well, or look whole */
};

struct source_info {
    uint32_t width; /* of the pictures, before any rotation */
    uint32_t height;
    uint32_t display_width; /* with square pixels, before any rotation */
    uint32_t display_height;
    double framerate;      /* never 0 */
    uint64_t total_frames; /* that will come at most; 0: not known */
    int bit_depth;
    int rotation;                    /* degrees clockwise that the pictures are to be turned by */
    wcenc_hdr_metadata hdr_metadata; /* of the first frame; all 0 in a source without */
    enum scan scan;                  /* of the first frame */
    bool is_partly_interlaced;       /* a frame so far is */
    struct damage damage;
    uint64_t jumps;        /* of timestamps, that were closed */
    const struct run *run; /* the part of the frames that is given, `total_frames` of them; NULL: all */
    char name[64];         /* "test scene", or what decodes */
    char pixels[64];       /* which format frames are in, and how they come to it */
};

enum source_result { SOURCE_FRAME, SOURCE_END, SOURCE_FAILED };

struct source {
    const struct source_ops *ops;
    struct source_info info;
};

static inline uint64_t damage_count(const struct damage *damage)
{
    uint64_t seen = damage->left_out + damage->concealed;

    return seen > damage->incomplete ? seen : damage->incomplete;
}

struct sink;

struct source_ops {
    /* Gives the next frame, which the caller owns. */
    enum source_result (*next)(struct source *source, wcenc_frame **out, struct fault *fault);
    void (*close)(struct source *source);
    /* Copies what is beside the video into a sink, which is open; NULL: there is nothing. */
    void (*attach)(struct source *source, struct sink *sink);
    /* Copies the rest, before a time of the output where frames follow that were not asked for. */
    bool (*finish)(struct source *source, int64_t end_us, struct fault *fault);
    /* Of a source without frames: copies what is beside those up to a time of the output. */
    bool (*pass)(struct source *source, int64_t time_us, struct fault *fault);
};

/* NULL on failure. A file has been decoded up to its first frame; `notes` live as long as it. */
struct source *source_open_file(const struct options *options, struct notes *notes, struct fault *fault);
struct source *source_open_scene(const struct options *options, struct fault *fault);

/* What is beside the video of options->input, as a run copies it whose parts were described by `run`. */
struct source *source_open_beside(const struct options *options, const struct run *run, struct notes *notes,
                                  struct fault *fault);

#endif
