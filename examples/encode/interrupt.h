/* SPDX-License-Identifier: MIT */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/*
 * SIGINT and SIGTERM. The first asks the program to finish what it has begun; the second ends it at once. SIGPIPE is
 * ignored, so that a reader that went away shows as a failed write.
 */

/* Call before any thread is started. */
void interrupt_install(void);

/* The signal that asked to stop, or 0. Any thread. */
int interrupt_signal(void);

#endif
