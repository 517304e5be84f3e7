/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_SUPPORT_H
#define WCENC_BACKEND_SUPPORT_H

/* Whether a valid configuration can be encoded, and by what: one answer for the support query and for configure. */

#include "backend.h"
#include "registry.h"

struct support {
    const struct codec_candidate *candidate; /* NULL: not supported, see `why` */
    struct backend_probe probe;
    struct failure why;
};

/* True if supported. May open an encoder, so that it takes milliseconds; called with no lock held. */
bool wcenc__support_find(const struct encoder_config *config, struct support *support);

#endif
