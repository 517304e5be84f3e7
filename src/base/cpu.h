/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_CPU_H
#define WCENC_BASE_CPU_H

#include <stdbool.h>
#include <stdint.h>

/*
 * CPUs that this process may use: those of its affinity mask, and no more than the quotas of its control groups pay for
 * (rounded up). At least 1.
 */
uint32_t wcenc__cpu_count(void);

/* True if the CPU has these instructions and the system keeps their registers; false where the compiler cannot ask. */
bool wcenc__cpu_has_sse41(void);
bool wcenc__cpu_has_avx2(void);
bool wcenc__cpu_has_avx512(void);

#endif
