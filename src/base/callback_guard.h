/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_CALLBACK_GUARD_H
#define WCENC_BASE_CALLBACK_GUARD_H

/*
 * Which encoders' callbacks the current thread is inside of. Every place that calls user code on behalf of an encoder
 * stands in a scope, so that a call which would wait for that very code differs from one that may wait.
 */

#include <stdbool.h>

#include <wcenc/encoder.h>

/* Lives on the stack of the thread that is inside, which cannot be cancelled there. */
struct callback_scope {
    const wcenc_encoder *encoder;
    struct callback_scope *outer;
    int cancel_state; /* before it */
};

void wcenc__callback_enter(struct callback_scope *scope, const wcenc_encoder *encoder);

/* Of the scope that was entered last. */
void wcenc__callback_leave(struct callback_scope *scope);

/* True on a thread that is inside a callback of this encoder. */
bool wcenc__callback_is_inside(const wcenc_encoder *encoder);

#endif
