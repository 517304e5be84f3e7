/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_WATCHDOG_H
#define WCENC_STRESS_WATCHDOG_H

/* Ends the program where an episode does not end, with its seed and what every thread waits for. */

void watchdog_start(void);

/* Around every episode. */
void watchdog_begin_episode(void);
void watchdog_end_episode(void);

void watchdog_stop(void);

#endif
