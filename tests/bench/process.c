/* SPDX-License-Identifier: MIT */

#include "process.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../process/check.h"

enum { NS_IN_S = 1000000000 };

static int64_t read_clock(clockid_t clock)
{
    struct timespec time;

    CHECK_EQUAL(clock_gettime(clock, &time), 0);
    return (int64_t)time.tv_sec * NS_IN_S + time.tv_nsec;
}

int64_t now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t process_cpu_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t process_resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    int64_t resident = 0;

    /* What was freed and is kept for later would be taken first, and hide what comes. */
    (void)malloc_trim(0);
    CHECK(file);
    CHECK_EQUAL(fscanf(file, "%*d %" SCNd64, &resident), 1);
    (void)fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

int64_t process_page_faults(void)
{
    struct rusage usage;

    CHECK_EQUAL(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

int64_t thread_preemptions(void)
{
    struct rusage usage;

    CHECK_EQUAL(getrusage(RUSAGE_THREAD, &usage), 0);
    return usage.ru_nivcsw;
}

void wait_until_ns(int64_t moment)
{
    const struct timespec time = {.tv_sec = (time_t)(moment / NS_IN_S), .tv_nsec = (long)(moment % NS_IN_S)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        ;
}
