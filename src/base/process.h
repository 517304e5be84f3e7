/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_PROCESS_H
#define WCENC_BASE_PROCESS_H

/* What belongs to the whole process: its number, which changes in a forked child, and a few locks. */

#include <stdbool.h>
#include <stdint.h>

/*
 * The locks of the whole process. Another thread may hold one when the process forks, and there is no such thread in
 * the child: there they start again.
 */
enum process_lock {
    PROCESS_LOCK_CODECS, /* encoders whose opening and closing changes state of their library */
    PROCESS_LOCK_PROBES, /* remembered answers of probes */
    PROCESS_LOCK_ENDING, /* encoders that are closed when the process ends */
    PROCESS_LOCK_INFO,   /* the string of wcenc_build_info */
    PROCESS_LOCK_POOL,   /* memory kept for frames; a fork waits for it, so that a child finds the pool whole */
    PROCESS_LOCKS,
};

void wcenc__process_lock(enum process_lock which);
bool wcenc__process_lock_until(enum process_lock which, int64_t deadline_ns);
void wcenc__process_unlock(enum process_lock which);

/* Begins to watch for forks; -1 where the system refuses. Once is enough, and needed before process_number has an
 * answer. */
int wcenc__process_watch(void);

/* Differs between a process and the children that it forks. */
uint32_t wcenc__process_number(void);

#endif
