/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_POOL_H
#define WCENC_MEDIA_POOL_H

/*
 * Memory for pixels, kept for the next frame when it is released. The system hands out large blocks without their
 * pages, and takes longer to find those than a copy of a frame takes.
 *
 * There is one pool for the process, and any thread may call it. It keeps 64 MiB and 128 blocks at most, those that
 * were released last; a block serves sizes down to seven eighths of its own. Blocks of less than 64 KiB and more than
 * 64 MiB are not kept, since the C library is as good for the former. What it keeps is freed
 *  - when the last block in use is released while no encoder is active;
 *  - when the last active encoder becomes inactive: it ends, or has had nothing to do for a second;
 *  - when it has not been needed for a second, as others are allocated or released, or an encoder becomes inactive.
 * So nothing is left once all frames and encoders are gone, and no thread or timer is needed for that.
 *
 * Memory that is kept is poisoned for AddressSanitizer, and so is what a block has beyond the size that was asked for.
 */

#include <stddef.h>

/* Not initialised, aligned as malloc does. NULL if out of memory. */
void *wcenc__pool_alloc(size_t size);

/* May be NULL. */
void wcenc__pool_free(void *memory);

/* An encoder becomes active; to be undone by a leave. */
void wcenc__pool_enter(void);
void wcenc__pool_leave(void);

/* How long an encoder stays active without work, and how long a block is kept without being needed. */
#define POOL_IDLE_NS INT64_C(1000000000)

/* What the pool keeps now. */
struct pool_size {
    size_t blocks;
    size_t bytes;
};

struct pool_size wcenc__pool_size(void);

#endif
