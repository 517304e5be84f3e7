/* SPDX-License-Identifier: MIT */

/*
 * How many threads make sense here, and which instructions. Containers bound the time of a process, not the CPUs that
 * it sees.
 */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "cpu.h"

#include <stdio.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>

static long cpus_of_affinity(void)
{
    cpu_set_t set;

    /* Fails where there are more CPUs than the set holds; the caller then counts those online. */
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

static FILE *open_quota(const char *path)
{
    return fopen(path, "re");
}

/* CPUs' worth of time per period, rounded up; 0: no bound. */
static long cpus_of_quota(void)
{
    long long quota = -1, period = 0;
    FILE *file = open_quota("/sys/fs/cgroup/cpu.max");

    if (file) {
        if (fscanf(file, "%lld %lld", &quota, &period) != 2)
            quota = -1;
        fclose(file);
    } else if ((file = open_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"))) {
        if (fscanf(file, "%lld", &quota) != 1)
            quota = -1;
        fclose(file);
        if ((file = open_quota("/sys/fs/cgroup/cpu/cpu.cfs_period_us"))) {
            if (fscanf(file, "%lld", &period) != 1)
                period = 0;
            fclose(file);
        }
    }
    return quota > 0 && period > 0 ? (long)((quota + period - 1) / period) : 0;
}
#else
static long cpus_of_affinity(void)
{
    return 0;
}

static long cpus_of_quota(void)
{
    return 0;
}
#endif

uint32_t wcenc__cpu_count(void)
{
    long count = cpus_of_affinity();
    long quota = cpus_of_quota();

    if (count <= 0)
        count = sysconf(_SC_NPROCESSORS_ONLN);
    if (quota > 0 && quota < count)
        count = quota;
    return count < 1 ? 1 : (uint32_t)count;
}

bool wcenc__cpu_has_avx2(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}
