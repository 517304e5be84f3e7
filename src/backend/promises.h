/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_PROMISES_H
#define WCENC_BACKEND_PROMISES_H

/* H.264 and HEVC: whether a stream keeps what the codec string promises. */

#include "coder.h"

/*
 * Whether the parameter sets of an open encoder keep the promises; false, with a message, if not. Where they do not say
 * whether there are B-frames, and there may be none, slices have to be read. True of other codecs.
 */
bool wcenc__promises_check_sets(const struct coder *coder, const struct encoder_config *config,
                                bool *are_slices_to_be_read, struct failure *failure);

/* The same of H.264's slices, by coding the picture some times. */
bool wcenc__promises_check_slices(const struct coder *coder, const struct encoder_config *config,
                                  const struct picture *picture, struct failure *failure);

#endif
