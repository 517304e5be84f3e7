/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_SWSCALE_H
#define WCENC_CONVERT_SWSCALE_H

/* Conversion through libswscale, for what has no kernels. */

#include <stdbool.h>

#include "failure.h"
#include "frame.h"
#include "kernel.h"

struct scaler; /* what was set up for the last pair of shapes; used by one thread at a time */

/* NULL if out of memory. */
struct scaler *wcenc__scaler_create(const struct kernels *kernels);
void wcenc__scaler_destroy(struct scaler *scaler);

/* True if a side becomes so much smaller that libswscale has no filter for it. */
bool wcenc__scaler_is_far(uint32_t from, uint32_t to);

/*
 * True if wcenc__scaler_run takes `source` to `target` in one pass; both sizes are set to the target's. Otherwise they
 * are set to that of a picture in between, in the colours of `source` if it is YCbCr.
 */
bool wcenc__scaler_reaches(const struct picture *source, const struct picture *target, uint32_t *width,
                           uint32_t *height);

/* Fills `target`, alpha aside, which one pass reaches. False with `failure` set where that is not to be had. */
bool wcenc__scaler_run(struct scaler *scaler, const struct picture *source, const struct picture *target,
                       struct failure *failure);

#endif
