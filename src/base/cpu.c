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
#include <string.h>
#include <unistd.h>

#include "thread.h"

#ifdef __linux__
#include <sched.h>

static long cpus_of_affinity(void)
{
    cpu_set_t set;

    /* Fails where there are more CPUs than the set holds; the caller then counts those online. */
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

enum { GROUP_SIZE = 512 };

/* Numbers from a file, in order; how many there were, or less than one. */
static int read_numbers(const char *folder, const char *group, const char *name, long long *first, long long *second)
{
    char path[2 * GROUP_SIZE]; /* more than any folder, group and name have */
    FILE *file;
    int count;

    (void)snprintf(path, sizeof path, "%s%s/%s", folder, group, name);
    file = fopen(path, "re");
    if (!file)
        return 0;
    count = second ? fscanf(file, "%lld %lld", first, second) : fscanf(file, "%lld", first);
    fclose(file);
    return count;
}

/* CPUs' worth of time per period that one group may have, rounded up; 0: as much as there is. */
static long quota_of_group(bool is_unified, const char *group)
{
    static const char unified[] = "/sys/fs/cgroup", legacy[] = "/sys/fs/cgroup/cpu";
    long long quota = -1, period = 0;

    if (is_unified) {
        if (read_numbers(unified, group, "cpu.max", &quota, &period) != 2)
            return 0;
    } else if (read_numbers(legacy, group, "cpu.cfs_quota_us", &quota, NULL) != 1 ||
               read_numbers(legacy, group, "cpu.cfs_period_us", &period, NULL) != 1) {
        return 0;
    }
    return quota > 0 && period > 0 ? (long)((quota + period - 1) / period) : 0;
}

/* "controllers:path" of a line of /proc/self/cgroup, where it is about CPU time; NULL otherwise. */
static char *find_group(char *line, bool *is_unified)
{
    char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL, *rest;

    if (!path)
        return NULL;
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    controllers++;
    *is_unified = *controllers == '\0';
    for (char *name = strtok_r(controllers, ",", &rest); name && !*is_unified; name = strtok_r(NULL, ",", &rest))
        if (strcmp(name, "cpu") == 0)
            return path;
    return *is_unified ? path : NULL;
}

/* The smallest quota of a group and of those around it; 0: there is none. */
static long smallest_quota(bool is_unified, char *group)
{
    long smallest = 0;
    char *end = group + strlen(group);

    for (;;) {
        long quota = quota_of_group(is_unified, strcmp(group, "/") == 0 ? "" : group);

        if (quota > 0 && (smallest == 0 || quota < smallest))
            smallest = quota;
        if (end == group)
            return smallest;
        while (end > group && *end != '/')
            end--;
        *end = '\0';
    }
}

static long cpus_of_quota(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[GROUP_SIZE];
    long smallest = 0;

    if (!file)
        return 0;
    while (fgets(line, sizeof line, file)) {
        bool is_unified;
        char *group = find_group(line, &is_unified);
        long quota = group ? smallest_quota(is_unified, group) : 0;

        if (quota > 0 && (smallest == 0 || quota < smallest))
            smallest = quota;
    }
    fclose(file);
    return smallest;
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
    /* Reading files is a cancellation point. */
    const int before = wcenc__cancellation_block();
    long count = cpus_of_affinity();
    long quota = cpus_of_quota();

    wcenc__cancellation_restore(before);
    if (count <= 0)
        count = sysconf(_SC_NPROCESSORS_ONLN);
    if (quota > 0 && quota < count)
        count = quota;
    return count < 1 ? 1 : (uint32_t)count;
}

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#define CPU_HAS(instructions) (__builtin_cpu_supports(instructions) != 0)
#else
#define CPU_HAS(instructions) false
#endif

bool wcenc__cpu_has_sse41(void)
{
    return CPU_HAS("sse4.1");
}

bool wcenc__cpu_has_avx2(void)
{
    return CPU_HAS("avx2");
}

bool wcenc__cpu_has_avx512(void)
{
    return CPU_HAS("avx512f");
}
