/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_MEM_H
#define WCENC_BASE_MEM_H

/*
 * All heap use of the library outside FFmpeg. A test build (WCENC_TESTING) can make the nth allocation fail; the
 * installed library has no such switch.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#ifdef WCENC_TESTING
/* Returns non-zero if this allocation is to fail; set by tests/support. */
extern int (*wcenc__mem_fault)(void);
#define WCENC_MEM_FAULT() (wcenc__mem_fault && wcenc__mem_fault())
#else
#define WCENC_MEM_FAULT() 0
#endif

static inline void *mem_alloc(size_t size)
{
    return WCENC_MEM_FAULT() ? NULL : malloc(size ? size : 1);
}

static inline void *mem_zalloc(size_t size)
{
    return WCENC_MEM_FAULT() ? NULL : calloc(1, size ? size : 1);
}

static inline void *mem_realloc(void *block, size_t size)
{
    return WCENC_MEM_FAULT() ? NULL : realloc(block, size ? size : 1);
}

static inline void mem_free(void *block)
{
    free(block);
}

/* A copy of `size` bytes; NULL if out of memory. */
static inline void *mem_dup(const void *bytes, size_t size)
{
    void *copy = mem_alloc(size);

    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

static inline char *mem_strdup(const char *text)
{
    return (char *)mem_dup(text, strlen(text) + 1);
}

#endif
