/* SPDX-License-Identifier: MIT */
#ifndef PROGRESS_H
#define PROGRESS_H

/* One line on a terminal that shows how far things are. Without a terminal, or where it is to be quiet, it does
 * nothing. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    pthread_mutex_t lock;
    bool enabled;
    uint64_t total;   /* frames; 0: not known */
    const char *what; /* before everything else, "[2/5] clip.mov"; NULL: nothing */
    double started;   /* seconds of progress_now */
    double drawn;     /* when the line was last drawn */
    bool visible;     /* guarded by lock */
};

/* A steady clock, in seconds. */
double progress_now(void);

void progress_init(struct progress *progress, bool quiet, uint64_t total, const char *what);

/* Draws the line if it is time to. Any thread. */
void progress_update(struct progress *progress, uint64_t frames, uint64_t bytes, double media_seconds);

/* Takes the line away, for good. */
void progress_end(struct progress *progress);

#endif
