/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_PROCESS_H
#define WCENC_BENCH_PROCESS_H

/* The clock, and what Linux reports of this process. */

#include <stdint.h>

int64_t now_ns(void);

/* CPU time of all threads so far. */
int64_t process_cpu_ns(void);

/* Memory that is there, in bytes, without what the allocator keeps for later. */
int64_t process_resident_bytes(void);

/* Pages that were not there when they were touched, so far. */
int64_t process_page_faults(void);

/* How often the calling thread had to leave its CPU to another, so far. */
int64_t thread_preemptions(void);

/* Waits for a moment of now_ns. It is the frame rate of a camera that this stands for. */
void wait_until_ns(int64_t moment);

#endif
