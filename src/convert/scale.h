/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_SCALE_H
#define WCENC_CONVERT_SCALE_H

/*
 * Scaling down by area: each sample is the mean of the part of the source that it covers, with weights where it covers
 * samples in part. Planar 8-bit YCbCr of one format; chroma keeps its place relative to luma.
 * That place is what the target says, at the left unless it says anything, for the source too.
 */

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

struct area_scaler; /* the tables for one format and one pair of sizes; used by one thread at a time */

/* True if this is the way from `source` to `target`: the same format but for alpha, and no larger in any direction. */
bool wcenc__area_scaler_takes(const struct picture *source, const struct picture *target);

/* NULL if out of memory. */
struct area_scaler *wcenc__area_scaler_create(const struct picture *source, const struct picture *target);
void wcenc__area_scaler_destroy(struct area_scaler *scaler);

/* True if it was made for pictures like these. */
bool wcenc__area_scaler_fits(const struct area_scaler *scaler, const struct picture *source,
                             const struct picture *target);

void wcenc__area_scale(struct area_scaler *scaler, const struct kernels *kernels, const struct picture *source,
                       const struct picture *target);

#endif
