/* SPDX-License-Identifier: MIT */
#ifndef RUN_H
#define RUN_H

/*
 * How a stream is cut into runs of whole groups, counted in frames that reach the encoder. A run's frames follow from
 * the index alone: their times as timeline.c places them, and at another framerate the frames that libavfilter's fps
 * takes for each.
 */

#include <libavutil/rational.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_index.h"
#include "messages.h"
#include "options.h"
#include "timeline.h"

struct run {
    uint32_t part; /* from 1 */
    uint32_t parts;
    uint32_t group;    /* frames of one; the last may have fewer */
    uint64_t total;    /* frames of all runs */
    uint64_t first;    /* frames before this run */
    uint64_t count;    /* frames of this run */
    int64_t start_us;  /* of the input, at the first frame of all */
    int64_t length_us; /* the most of the input that is asked for; INT64_MAX: all */
    int64_t input_bytes;
    uint32_t input_crc; /* of the index */
    bool is_limited;    /* frames of the input follow after the last run */
};

/* Where the frames of a stream come from. */
struct run_frames {
    const struct frame_index *index;
    size_t begin;          /* the first that is encoded */
    struct timeline start; /* as it was before that one */
    AVRational framerate;  /* of the fps filter; 0/1: none */
};

/* Frames of a group where the user does not say it. */
uint32_t run_group_length(const struct options *options, double framerate);

/* How many frames reach the encoder, as far as the options limit it. False where the timestamps jump. */
bool run_count_frames(const struct run_frames *frames, const struct options *options, struct run *run,
                      struct fault *fault);

/* Cuts the part that the options name out of run->total frames in groups of run->group. */
bool run_cut(struct run *run, const struct options *options, struct fault *fault);

/* The frame of the index that a run's first frame is made of, and the timeline before that. */
size_t run_first_entry(const struct run_frames *frames, uint64_t first, struct timeline *time);

#endif
