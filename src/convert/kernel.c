/* SPDX-License-Identifier: MIT */

/* The sets of row kernels, and the choice of one for the CPU that runs them. */

#include "kernel.h"

#include "compiler.h"

size_t wcenc__kernel_sets(const struct kernels *sets[KERNEL_SETS_MAX])
{
    const struct kernels *const all[KERNEL_SETS_MAX] = {&wcenc__kernels_c, wcenc__kernels_neon(),
                                                        wcenc__kernels_sse41(), wcenc__kernels_avx2()};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(all); i++)
        if (all[i])
            sets[count++] = all[i];
    return count;
}

const struct kernels *wcenc__kernels(void)
{
    const struct kernels *sets[KERNEL_SETS_MAX];

    return sets[wcenc__kernel_sets(sets) - 1];
}
