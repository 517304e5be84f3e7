/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_CALLS_H
#define WCENC_STRESS_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

#include "inputs.h"

/*
 * Every function of encoder.h on a subject, with what its documentation says of the outcome held against the outcome:
 * from outside and from inside callbacks, before and after the end.
 */

struct subject;

/* Sets of statuses: errors count from the lowest bit, what is positive from the highest. */
#define ALLOW(status) (UINT64_C(1) << ((status) > 0 ? 64 - (status) : -(status)))

/* False, and a violation, if the status is not in the set. */
bool expect_status(const struct subject *subject, const char *call, wcenc_status status, uint64_t allowed);

void call_configure(struct subject *subject, struct random *random);

/* Encodes a frame of the call's own. */
void call_encode(struct subject *subject, struct random *random);
wcenc_status call_encode_frame(struct subject *subject, struct random *random, wcenc_frame *frame);

/* A negative timeout, but of -1, is a wcenc_encoder_flush; -1 waits for ever too. */
enum { WITHOUT_TIMEOUT = -2 };
wcenc_status call_flush(struct subject *subject, int64_t timeout_us);

wcenc_status call_flush_async(struct subject *subject, struct random *random);

void call_reset(struct subject *subject);
wcenc_status call_close(struct subject *subject);
wcenc_status call_close_async(struct subject *subject, struct random *random);

/* Releases a reference that is counted in the subject. */
void call_unref(struct subject *subject);
void call_destroy(struct subject *subject);

wcenc_status call_stats(struct subject *subject, wcenc_stats *stats);
void call_state(struct subject *subject);
uint32_t call_queue_size(struct subject *subject);

/* How many calls of encode have begun, and whether none was going on just before. */
struct seen look_at_encodes(const struct subject *subject);
int32_t call_event_fd(struct subject *subject);

wcenc_status call_pump(struct subject *subject, uint32_t max_events, int64_t timeout_us);

/* Takes one event and handles it. */
wcenc_status call_receive(struct subject *subject, int64_t timeout_us);

#endif
