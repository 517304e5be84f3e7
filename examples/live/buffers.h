/* SPDX-License-Identifier: MIT */
#ifndef BUFFERS_H
#define BUFFERS_H

/*
 * A few buffers for pictures, used again and again. An encoder uses a picture on its own thread until it releases it,
 * so a buffer is free again at some later time.
 */

#include <stdatomic.h>
#include <stddef.h>

enum { BUFFER_COUNT = 4 };

struct buffer {
    unsigned char *bytes;
    atomic_bool is_used;
};

/* Returns a buffer that nobody uses, and marks it; NULL: there is none. */
static inline struct buffer *buffer_take(struct buffer buffers[BUFFER_COUNT])
{
    for (int i = 0; i < BUFFER_COUNT; i++)
        if (!atomic_exchange(&buffers[i].is_used, 1))
            return &buffers[i];
    return NULL;
}

/* A wcenc_release_fn, called on any thread. */
static inline void buffer_release(void *buffer)
{
    atomic_store(&((struct buffer *)buffer)->is_used, 0);
}

#endif
