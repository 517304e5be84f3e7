/* SPDX-License-Identifier: MIT */

#include "callback_guard.h"

#include <stddef.h>

#include "thread.h"

static _Thread_local struct callback_scope *innermost;

void wcenc__callback_enter(struct callback_scope *scope, const wcenc_encoder *encoder)
{
    *scope = (struct callback_scope){encoder, innermost, wcenc__cancellation_block()};
    innermost = scope;
}

void wcenc__callback_leave(struct callback_scope *scope)
{
    innermost = scope->outer;
    wcenc__cancellation_restore(scope->cancel_state);
}

bool wcenc__callback_is_inside(const wcenc_encoder *encoder)
{
    for (const struct callback_scope *scope = innermost; scope; scope = scope->outer)
        if (scope->encoder == encoder)
            return true;
    return false;
}
