/* SPDX-License-Identifier: MIT */

/* The worker without work: the pool keeps memory for it no longer than for a second. */

#include "encoder_priv.h"
#include "pool.h"
#include "worker.h"

void wcenc__worker_set_active(struct worker *worker, bool is_active)
{
    if (worker->is_active == is_active)
        return;
    worker->is_active = is_active;
    if (is_active)
        wcenc__pool_enter();
    else
        wcenc__pool_leave();
}

void wcenc__worker_wait_for_work(wcenc_encoder *encoder)
{
    struct worker *worker = &encoder->worker;
    const bool may_become_inactive = worker->is_active && wcenc__lanes_are_resting(&worker->lanes);
    const int64_t deadline_ns = may_become_inactive ? monotonic_ns() + POOL_IDLE_NS : DEADLINE_NEVER;

    if (cond_wait_for_work(&worker->work, &encoder->lock, deadline_ns))
        return;
    wcenc__encoder_unlock(encoder);
    wcenc__worker_set_active(worker, false);
    wcenc__encoder_lock(encoder);
}
