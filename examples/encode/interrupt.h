/* SPDX-License-Identifier: MIT */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/*
 * SIGINT and SIGTERM. The first asks the program to finish what it has begun; the second ends it at once. SIGPIPE is
 * ignored, so that a reader that went away shows as a failed write.
 */

#include <stdbool.h>

/* Call before any thread is started. With `says`, the first signal says on standard error that the file is finished. */
void interrupt_install(bool says);

/* The signal that asked to stop, or 0. Any thread. */
int interrupt_signal(void);

/* A file that the second signal removes: of no use until it is complete. One thread at a time, four files at most. */
void interrupt_removes(const char *path);

/* Ends that, before `path` is freed; NULL and paths that were never named are ignored. */
void interrupt_keeps(const char *path);

#endif
