/* SPDX-License-Identifier: MIT */
#ifndef FILTER_H
#define FILTER_H

/*
 * Decoded frames on their way through libavfilter: fields become whole frames, and the framerate another one. Without
 * either nothing is between decoder and encoder.
 */

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

#include "messages.h"

struct filter;

/* `framerate` 0: as it is. NULL where memory runs out. */
struct filter *filter_create(bool deinterlace, double framerate);

/* The framerate as a fraction, which frames are counted in. */
AVRational filter_framerate(double framerate);

/* Gives frames from a number on, counted at `framerate`, whatever the first frame that is pushed. */
void filter_start_at(struct filter *filter, int64_t number);

/* Takes what `frame` refers to, its time in microseconds, and how long it lasts. */
bool filter_push(struct filter *filter, AVFrame *frame, int64_t timestamp_us, uint64_t duration_us,
                 struct fault *fault);

/* No frame follows; the last one lasts until then. */
bool filter_end(struct filter *filter, struct fault *fault);

/* Whether a frame came out; without a fault, another has to be pushed first, or there is none after the end. */
bool filter_pull(struct filter *filter, AVFrame *frame, int64_t *timestamp_us, uint64_t *duration_us,
                 struct fault *fault);

void filter_free(struct filter *filter);

#endif
