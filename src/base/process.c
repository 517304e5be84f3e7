/* SPDX-License-Identifier: MIT */

#include "process.h"

#include <pthread.h>
#include <stdatomic.h>

#include "thread.h"

static struct mutex process_locks[PROCESS_LOCKS] = {MUTEX_UNLOCKED, MUTEX_UNLOCKED, MUTEX_UNLOCKED, MUTEX_UNLOCKED,
                                                    MUTEX_UNLOCKED};
static atomic_uint process_number;
static atomic_bool is_watched;

static void before_fork(void)
{
    mutex_lock(&process_locks[PROCESS_LOCK_POOL]);
}

static void after_fork(void)
{
    mutex_unlock(&process_locks[PROCESS_LOCK_POOL]);
}

/* In a forked child, which has one thread at this point. */
static void begin_child(void)
{
    static const struct mutex unlocked = MUTEX_UNLOCKED;

    after_fork();
    for (int i = 0; i < PROCESS_LOCKS; i++)
        process_locks[i] = unlocked;
    atomic_fetch_add(&process_number, 1);
}

int wcenc__process_watch(void)
{
    /* Tried again where it failed, since memory may have been short. Two threads that both do so do no harm. */
    if (atomic_load(&is_watched))
        return 0;
    if (pthread_atfork(before_fork, after_fork, begin_child) != 0)
        return -1;
    atomic_store(&is_watched, true);
    return 0;
}

uint32_t wcenc__process_number(void)
{
    return atomic_load_explicit(&process_number, memory_order_relaxed);
}

void wcenc__process_lock(enum process_lock which)
{
    (void)wcenc__process_watch();
    mutex_lock(&process_locks[which]);
}

bool wcenc__process_lock_until(enum process_lock which, int64_t deadline_ns)
{
    return wcenc__mutex_lock_until(&process_locks[which], deadline_ns);
}

void wcenc__process_unlock(enum process_lock which)
{
    mutex_unlock(&process_locks[which]);
}
