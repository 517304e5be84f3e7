/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_CONVERT_DEPTH_H
#define WCENC_SRC_CONVERT_DEPTH_H

/*
 * Samples above the highest level of their format's depth. Some encoders index tables with samples, so that a single
 * one too large makes them read or write outside of their memory, or abort.
 */

#include <stdbool.h>

#include "frame.h"
#include "kernel.h"

/* True unless a sample of the first three planes has more bits than the format has. */
bool wcenc__samples_fit_depth(const struct kernels *kernels, const struct picture *picture);

/*
 * Copies the first three planes with samples above the highest level as the highest level. `target` is writable and has
 * the size and format of `source`, alpha aside. The format is deeper than 8 bits.
 */
void wcenc__samples_limit(const struct kernels *kernels, const struct picture *source, const struct picture *target);

#endif
