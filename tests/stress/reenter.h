/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_REENTER_H
#define WCENC_STRESS_REENTER_H

/* What callbacks call. */

#include "random.h"

struct subject;

/* From inside one of the callbacks that run one at a time. */
void reenter_from_callback(struct subject *subject, struct random *random);

/* From inside on_wakeup, log or release, with a reference from the pool. Nothing where the pool is empty. */
void reenter_from_notice(struct subject *subject, struct random *random);

#endif
