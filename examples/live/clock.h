/* SPDX-License-Identifier: MIT */
#ifndef CLOCK_H
#define CLOCK_H

/* Two clocks, in microseconds. */

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Never set back: for everything inside this program. */
static inline int64_t clock_monotonic_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

/* Since 1970: the clock that a browser has too. */
static inline int64_t clock_unix_us(void)
{
    return clock_read_us(CLOCK_REALTIME);
}

#endif
