/* SPDX-License-Identifier: MIT */

#include "mem_fault.h"

#include <stddef.h>

int (*wcenc__mem_fault)(void);

static long allocations_left = -1;

static int fail_at_zero(void)
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

void mem_fault_after(long allocations)
{
    allocations_left = allocations;
    wcenc__mem_fault = allocations >= 0 ? fail_at_zero : NULL;
}

int mem_fault_happened(void)
{
    return wcenc__mem_fault && allocations_left < 0;
}
