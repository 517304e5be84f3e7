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

/*
 * With the scalability mode "manual": buffers of the encoder that would run. Opens nothing. 0 where there is none,
 * which wcenc__support_find says with a reason.
 */
uint32_t wcenc__support_reference_buffers(const struct encoder_config *config);

#endif
