/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_CHILD_H
#define WCENC_BENCH_CHILD_H

/*
 * Work in a process of its own, whose memory nobody has used before: what earlier encoders left behind in the allocator
 * would otherwise be taken first, and hide what the next one needs.
 */

#include <stddef.h>

/* `results` are `size` bytes, all zero, which the parent is given back; the work has ended when this returns. */
typedef void (*child_fn)(void *results, const void *input);
void run_in_child(child_fn work, const void *input, void *results, size_t size);

#endif
