/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_PROBE_H
#define WCENC_BACKEND_PROBE_H

/* Whether an encoder of any backend does what a configuration asks for, found by opening it. Answers are remembered. */

#include "backend.h"

/* False, with a message, where it does not. May open an encoder, on a thread of its own. */
bool wcenc__probe(const struct codec_candidate *candidate, const struct encoder_config *config,
                  struct backend_probe *probe, struct failure *failure);

#endif
