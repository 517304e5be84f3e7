/* SPDX-License-Identifier: MIT */

#include "probe_cache.h"

#include <string.h>

#include "process.h"
#include "thread.h"

enum { CACHE_SIZE = 32 };

static struct probe_answer cache[CACHE_SIZE];
static uint64_t cache_clock;
static uint32_t cache_process;

static void lock_cache(void)
{
    wcenc__process_lock(PROCESS_LOCK_PROBES);
    /* A fork may have come while another thread wrote to it. */
    if (cache_process != wcenc__process_number())
        memset(cache, 0, sizeof cache);
    cache_process = wcenc__process_number();
}

static void unlock_cache(void)
{
    wcenc__process_unlock(PROCESS_LOCK_PROBES);
}

bool wcenc__probe_look_up(const char *key, struct probe_answer *answer)
{
    bool found = false;

    lock_cache();
    for (int i = 0; i < CACHE_SIZE && !found; i++) {
        found = strcmp(cache[i].key, key) == 0;
        if (found) {
            cache[i].age = ++cache_clock;
            *answer = cache[i];
        }
    }
    unlock_cache();
    return found;
}

void wcenc__probe_remember(const struct probe_answer *answer)
{
    int oldest = 0;

    lock_cache();
    for (int i = 1; i < CACHE_SIZE; i++)
        if (cache[i].age < cache[oldest].age)
            oldest = i;
    cache[oldest] = *answer;
    cache[oldest].age = ++cache_clock;
    unlock_cache();
}
