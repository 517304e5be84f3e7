/* SPDX-License-Identifier: MIT */

#include "pool.h"

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "mem.h"
#include "process.h"
#include "thread.h"

enum {
    BLOCKS_MAX = 128,      /* they are searched one by one */
    BLOCK_MIN = 64 * 1024, /* in bytes */
    BYTES_MAX = 64 << 20,  /* of a block, and of all */
    WASTE_DIVISOR = 8,     /* of a block, so much may be left over */
};

/* Stands before the memory that it is about. */
struct block {
    _Alignas(max_align_t) size_t capacity; /* of the memory, in bytes */
    /* of blocks that are kept */
    int64_t since_ns;
    struct block *newer;
    struct block *older;
};

/* Guarded by PROCESS_LOCK_POOL, which no fork comes in between. */
static struct {
    struct block *newest;
    struct block *oldest;
    struct pool_size size;
    size_t in_use;   /* blocks in use that may be kept */
    size_t encoders; /* active ones, of `process` */
    uint32_t process;
} pool;

static void lock_pool(void)
{
    wcenc__process_lock(PROCESS_LOCK_POOL);
    /* Those of the parent do not leave here. */
    if (pool.process != wcenc__process_number())
        pool.encoders = 0;
    pool.process = wcenc__process_number();
}

static void unlock_pool(void)
{
    wcenc__process_unlock(PROCESS_LOCK_POOL);
}

static bool may_keep(size_t capacity)
{
    return capacity >= BLOCK_MIN && capacity <= BYTES_MAX;
}

static void insert(struct block *block)
{
    block->since_ns = monotonic_ns();
    block->newer = NULL;
    block->older = pool.newest;
    *(pool.newest ? &pool.newest->newer : &pool.oldest) = block;
    pool.newest = block;
    pool.size.blocks++;
    pool.size.bytes += block->capacity;
    memory_poison(block + 1, block->capacity);
}

static void take_out(struct block *block)
{
    *(block->newer ? &block->newer->older : &pool.newest) = block->older;
    *(block->older ? &block->older->newer : &pool.oldest) = block->newer;
    pool.size.blocks--;
    pool.size.bytes -= block->capacity;
}

/* The one that was released last among those that fit: its pages are the likeliest to be in the cache. */
static struct block *take_fitting(size_t size)
{
    struct block *block = pool.newest;

    while (block && (block->capacity < size || block->capacity - size > block->capacity / WASTE_DIVISOR))
        block = block->older;
    if (block)
        take_out(block);
    return block;
}

/* Puts the oldest block in front of `chain`, linked by `older`. */
static void discard_oldest(struct block **chain)
{
    struct block *block = pool.oldest;

    take_out(block);
    block->older = *chain;
    *chain = block;
}

static bool is_stale(const struct block *block)
{
    return block && monotonic_ns() - block->since_ns >= POOL_IDLE_NS;
}

/* What is to be freed once the lock is released, as that takes a while. */
static struct block *trim(void)
{
    struct block *chain = NULL;

    while (pool.oldest &&
           ((pool.in_use == 0 && pool.encoders == 0) || pool.size.blocks > BLOCKS_MAX || pool.size.bytes > BYTES_MAX))
        discard_oldest(&chain);
    /* One at a time, so that no call takes long for the sake of others. */
    if (is_stale(pool.oldest))
        discard_oldest(&chain);
    return chain;
}

static void free_chain(struct block *chain)
{
    while (chain) {
        struct block *next = chain->older;

        mem_free(chain);
        chain = next;
    }
}

static struct block *allocate(size_t size)
{
    struct block *block = size <= PTRDIFF_MAX - sizeof *block ? mem_alloc(sizeof *block + size) : NULL;

    if (block)
        block->capacity = size;
    return block;
}

void *wcenc__pool_alloc(size_t size)
{
    struct block *block, *unused;

    if (!may_keep(size)) {
        block = allocate(size);
        return block ? block + 1 : NULL;
    }
    lock_pool();
    pool.in_use++;
    block = take_fitting(size);
    unused = trim();
    unlock_pool();
    free_chain(unused);
    if (block) {
        memory_unpoison(block + 1, size);
        return block + 1;
    }
    block = allocate(size);
    if (block)
        return block + 1;
    lock_pool();
    pool.in_use--;
    unused = trim();
    unlock_pool();
    free_chain(unused);
    return NULL;
}

void wcenc__pool_free(void *memory)
{
    struct block *block = memory, *unused;

    if (!memory)
        return;
    block--;
    if (!may_keep(block->capacity)) {
        mem_free(block);
        return;
    }
    lock_pool();
    pool.in_use--;
    insert(block);
    unused = trim();
    unlock_pool();
    free_chain(unused);
}

void wcenc__pool_enter(void)
{
    lock_pool();
    pool.encoders++;
    unlock_pool();
}

void wcenc__pool_leave(void)
{
    struct block *unused = NULL;

    lock_pool();
    pool.encoders--;
    while (pool.oldest && (pool.encoders == 0 || is_stale(pool.oldest)))
        discard_oldest(&unused);
    unlock_pool();
    free_chain(unused);
}

struct pool_size wcenc__pool_size(void)
{
    struct pool_size size;

    lock_pool();
    size = pool.size;
    unlock_pool();
    return size;
}
