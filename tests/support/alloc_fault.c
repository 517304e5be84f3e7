/* SPDX-License-Identifier: MIT */

#define _GNU_SOURCE

#include "alloc_fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, under names that nobody takes the place of. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

enum { RANGES_MAX = 512, BLOCKS_MAX = 1 << 16, WAYS_MAX = 1 << 14, DEPTH = 14 };

static struct range {
    uintptr_t begin, end;
    enum alloc_owner owner;
} ranges[RANGES_MAX];
static int range_count;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Guarded by the lock. */
static enum alloc_owner armed_owner;
static long armed_nth, asked;
static void *failed_caller;
static void *failed_stack[DEPTH];
static int failed_depth;
static long *recorded_numbers;
static int recorded_capacity, recorded_count;
static uint64_t ways[WAYS_MAX];
static struct block {
    void *address; /* NULL: free; the table itself: was one */
    void *caller;
    unsigned long age;
} blocks[BLOCKS_MAX];
static long live;
static unsigned long age, seen_age;
static _Thread_local bool is_inside; /* backtrace() may allocate */

static enum alloc_owner owner_of_library(const char *name)
{
    static const char *const own[] = {"libwcenc", "libavcodec", "libavutil", "libswscale"};
    static const char *const system[] = {"libc.so", "libm.so",   "ld-linux", "libpthread",
                                         "libdl",   "libcmocka", "libgcc"};
    const char *base = strrchr(name, '/');

    base = base ? base + 1 : name;
    if (!*base)
        return ALLOC_NOBODY;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strncmp(base, own[i], strlen(own[i])) == 0)
            return ALLOC_OWN;
    for (size_t i = 0; i < sizeof system / sizeof system[0]; i++)
        if (strncmp(base, system[i], strlen(system[i])) == 0)
            return ALLOC_NOBODY;
    return ALLOC_ENCODERS;
}

static int learn_library(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (int i = 0; i < info->dlpi_phnum && range_count < RANGES_MAX; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t begin = info->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD && (header->p_flags & PF_X))
            ranges[range_count++] = (struct range){begin, begin + header->p_memsz, owner_of_library(info->dlpi_name)};
    }
    return 0;
}

void alloc_fault_learn(void)
{
    void *frames[DEPTH];

    (void)backtrace(frames, DEPTH);
    (void)dl_iterate_phdr(learn_library, NULL);
}

static enum alloc_owner owner_of(const void *caller)
{
    for (int i = 0; i < range_count; i++)
        if ((uintptr_t)caller >= ranges[i].begin && (uintptr_t)caller < ranges[i].end)
            return ranges[i].owner;
    return ALLOC_NOBODY;
}

/* With the lock held: true if no allocation came this way before. */
static bool is_new_way(void)
{
    void *frames[DEPTH];
    int count = backtrace(frames, DEPTH);
    uint64_t hash = 1469598103934665603u;
    size_t at;

    for (int i = 3; i < count; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
    hash |= 1;
    for (at = hash % WAYS_MAX; ways[at] && ways[at] != hash; at = (at + 1) % WAYS_MAX)
        ;
    if (ways[at] == hash)
        return false;
    ways[at] = hash;
    return true;
}

/* Whether this allocation is to fail. */
static bool fails(void *caller)
{
    bool is_hit;

    if (armed_owner == ALLOC_NOBODY || is_inside || owner_of(caller) != armed_owner)
        return false;
    is_inside = true;
    pthread_mutex_lock(&lock);
    is_hit = ++asked == armed_nth;
    if (is_hit) {
        failed_caller = caller;
        failed_depth = backtrace(failed_stack, DEPTH);
    }
    if (recorded_numbers && recorded_count < recorded_capacity && is_new_way())
        recorded_numbers[recorded_count++] = asked;
    pthread_mutex_unlock(&lock);
    is_inside = false;
    if (is_hit)
        errno = ENOMEM;
    return is_hit;
}

static size_t place_of(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * 2654435761u) % BLOCKS_MAX;
}

static void *add(void *block, void *caller)
{
    size_t at = place_of(block);

    if (!block || owner_of(caller) != ALLOC_OWN)
        return block;
    pthread_mutex_lock(&lock);
    while (blocks[at].address && blocks[at].address != blocks)
        at = (at + 1) % BLOCKS_MAX;
    blocks[at] = (struct block){block, caller, ++age};
    live++;
    pthread_mutex_unlock(&lock);
    return block;
}

static void take_out(const void *block)
{
    size_t at = place_of(block);

    if (!block || live == 0)
        return;
    pthread_mutex_lock(&lock);
    while (blocks[at].address && blocks[at].address != block)
        at = (at + 1) % BLOCKS_MAX;
    if (blocks[at].address) {
        blocks[at].address = blocks;
        live--;
    }
    pthread_mutex_unlock(&lock);
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
    return fails(CALLER) ? NULL : add(__libc_malloc(size), CALLER);
}

void *calloc(size_t count, size_t size)
{
    return fails(CALLER) ? NULL : add(__libc_calloc(count, size), CALLER);
}

void *realloc(void *block, size_t size)
{
    void *moved;

    if (fails(CALLER))
        return NULL;
    take_out(block);
    moved = __libc_realloc(block, size);
    return add(moved, CALLER);
}

void *memalign(size_t alignment, size_t size)
{
    return fails(CALLER) ? NULL : add(__libc_memalign(alignment, size), CALLER);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(CALLER) ? NULL : add(__libc_memalign(alignment, size), CALLER);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = fails(CALLER) ? NULL : add(__libc_memalign(alignment, size), CALLER);

    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}

void free(void *block)
{
    take_out(block);
    __libc_free(block);
}

void alloc_fault_arm(enum alloc_owner owner, long nth)
{
    pthread_mutex_lock(&lock);
    armed_nth = nth;
    asked = 0;
    failed_caller = NULL;
    recorded_numbers = NULL;
    armed_owner = owner;
    pthread_mutex_unlock(&lock);
}

void alloc_fault_record(enum alloc_owner owner, long *numbers, int capacity)
{
    alloc_fault_arm(owner, 0);
    pthread_mutex_lock(&lock);
    memset(ways, 0, sizeof ways);
    recorded_capacity = capacity;
    recorded_count = 0;
    recorded_numbers = numbers;
    pthread_mutex_unlock(&lock);
}

int alloc_fault_recorded(void)
{
    return recorded_count;
}

long alloc_fault_disarm(void)
{
    long count;

    pthread_mutex_lock(&lock);
    armed_owner = ALLOC_NOBODY;
    recorded_numbers = NULL;
    count = asked;
    pthread_mutex_unlock(&lock);
    return count;
}

bool alloc_fault_happened(void)
{
    return failed_caller != NULL;
}

static void describe(const void *caller, char *text, size_t size)
{
    const char *name;
    Dl_info info;

    if (!caller || !dladdr(caller, &info) || !info.dli_fname) {
        (void)snprintf(text, size, "nowhere");
        return;
    }
    name = strrchr(info.dli_fname, '/');
    (void)snprintf(text, size, "%s+%#lx %s", name ? name + 1 : info.dli_fname,
                   (unsigned long)((const char *)caller - (const char *)info.dli_fbase),
                   info.dli_sname ? info.dli_sname : "");
}

static void print_stack(void *const *callers, int count)
{
    for (int i = 0; i < count; i++) {
        char text[256];

        describe(callers[i], text, sizeof text);
        (void)dprintf(STDOUT_FILENO, "    %s\n", text);
    }
}

void alloc_fault_print(void)
{
    print_stack(failed_stack, failed_depth);
}

/* The handler is the program's, and the system's code stands between it and the culprit's. */
bool alloc_fault_is_in_wcenc(void)
{
    void *callers[64];
    char text[256];
    int count = backtrace(callers, 64);

    for (int i = 0; i < count; i++)
        if (owner_of(callers[i]) != ALLOC_NOBODY) {
            describe(callers[i], text, sizeof text);
            return strncmp(text, "libwcenc", strlen("libwcenc")) == 0;
        }
    return false;
}

void alloc_fault_print_here(void)
{
    void *callers[64];

    print_stack(callers, backtrace(callers, 64));
}

long alloc_fault_live(void)
{
    return live;
}

void alloc_fault_new_blocks(bool print)
{
    char text[256];

    for (size_t i = 0; i < BLOCKS_MAX && print; i++) {
        if (!blocks[i].address || blocks[i].address == blocks || blocks[i].age <= seen_age)
            continue;
        describe(blocks[i].caller, text, sizeof text);
        (void)dprintf(STDOUT_FILENO, "    lost: a block of %s\n", text);
    }
    if (!print)
        seen_age = age;
}
