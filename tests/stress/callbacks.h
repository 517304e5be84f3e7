/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_CALLBACKS_H
#define WCENC_STRESS_CALLBACKS_H

#include <stdbool.h>

#include <wcenc/wcenc.h>

#include "inputs.h"

/* What encoders under test call, and what events of WCENC_DELIVERY_PULL are handled by in their stead. */

struct subject;

/* `user` is the subject, but of _release, where it is a struct loan, and of _done, where it is a struct request. */
void callback_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata);
void callback_error(void *user, const wcenc_error *error);
void callback_drop(void *user, const wcenc_drop *drop);
void callback_dequeue(void *user, uint32_t queue_size);
void callback_wakeup(void *user);
void callback_done(void *user, wcenc_status status);
void callback_log(void *user, wcenc_log_level level, const char *message);
void callback_release(void *user);
void callback_destroy(void *user);

/* What was known when an event was asked for. */
struct before_event {
    uint64_t resets;
    bool close_is_over;
    bool all_is_reported;
    bool has_failed; /* the error was reported */
};

struct before_event event_expect(const struct subject *subject);

void event_take(struct subject *subject, const wcenc_event *event, const struct before_event *before);

/* What callbacks call. */

/* From inside one of the callbacks that run one at a time. */
void reenter_from_callback(struct subject *subject, struct random *random);

/* From inside on_wakeup, log or release, with a reference from the pool. Nothing where the pool is empty. */
void reenter_from_notice(struct subject *subject, struct random *random);

#endif
