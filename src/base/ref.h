/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_REF_H
#define WCENC_BASE_REF_H

/* A reference count. Taking one needs no ordering; the last one given up sees all that was done under the others. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ref {
    atomic_uint_fast32_t count;
};

static inline void ref_init(struct ref *ref)
{
    atomic_init(&ref->count, 1);
}

static inline void ref_take(struct ref *ref)
{
    atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
}

/* True for the last one: the object is the caller's to free. */
static inline bool ref_give(struct ref *ref)
{
    return atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1;
}

#endif
