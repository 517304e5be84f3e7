/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_FINISH_H
#define WCENC_STRESS_FINISH_H

/* How one encoder ends once its callers have left, and what must have become of everything by then. */

#include <stdbool.h>

#include <wcenc/wcenc.h>

#include "random.h"

struct subject;

struct finish {
    bool has_reference; /* the main thread still has one */
    bool has_stats;     /* of the closed encoder */
    wcenc_stats stats;
    bool is_over; /* everything was pumped or received */
};

/* Lets it come to rest, or not, and closes it in one way or another. */
void finish_close(struct finish *finish, struct subject *subject, struct random *random);

/* Gives up what references are left, and waits for on_destroy. No other thread of the test knows of it any more. */
void finish_destroy(struct finish *finish, struct subject *subject, struct random *random);

void finish_check(const struct finish *finish, struct subject *subject);

#endif
