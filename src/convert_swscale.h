/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_CONVERT_SWSCALE_H
#define WCENC_SRC_CONVERT_SWSCALE_H

/* Conversion through libswscale, for what has no kernels. */

#include "frame.h"

struct scaler; /* libswscale set up for the last pair of shapes; used by one thread at a time */

/* NULL if memory is short. */
struct scaler *wcenc__scaler_create(void);
void wcenc__scaler_destroy(struct scaler *scaler);

/*
 * Fills `target`, alpha aside. libswscale reads whole vectors: memory behind the last row of `source` may be read
 * (wcenc__pixels_are_padded).
 */
wcenc_status wcenc__scaler_run(struct scaler *scaler, const struct picture *source, const struct picture *target);

#endif
