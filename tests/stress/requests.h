/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_REQUESTS_H
#define WCENC_STRESS_REQUESTS_H

/* What was asked of one encoder to be told of later: asynchronous flushes, and a close. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

struct subject;

enum { REQUESTS_MAX = 600 };

struct request {
    /* Written before it is made. */
    struct subject *subject;
    bool is_close;
    uint64_t begun;
    unsigned aborts_over; /* resets and closes that had returned by then */

    atomic_uint_fast64_t accepted; /* when the call had returned WCENC_OK; 0: it has not */
    atomic_int told;
};

struct requests {
    struct request rows[REQUESTS_MAX];
    atomic_uint count;
};

/* NULL: there are too many. */
struct request *request_add(struct subject *subject, bool is_close);

/* How it ended, from inside the callback or of an event. */
void request_take(struct request *request, wcenc_status status);

/* Waits until every request that was accepted so far has been told. */
void requests_wait(struct subject *subject);

/* Every flush that was accepted before `begun` must have been told by now. */
void requests_check_told(struct subject *subject, uint64_t begun, const char *when);

/* At the end: each accepted was told once, or at most once where events were left untaken; no other was. */
void requests_check_all(struct subject *subject, bool may_be_untold);

#endif
