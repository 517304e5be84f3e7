/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_MEM_FAULT_H
#define WCENC_TESTS_MEM_FAULT_H

/* Makes one allocation of the library fail. For single-threaded tests. */

extern int (*wcenc__mem_fault)(void);

/* The allocation after this many fails, and only that one; negative: none. */
void mem_fault_after(long allocations);

/* True if the one that was to fail has been asked for. */
int mem_fault_happened(void);

#endif
