/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_OUTCOMES_H
#define WCENC_STRESS_OUTCOMES_H

/* How often what has happened. A run in which something that it is about hardly happened has shown nothing. */

#include <stdbool.h>
#include <stdint.h>

enum outcome {
    OUTCOME_CHUNK,
    OUTCOME_DROP,
    OUTCOME_DISCARD,
    OUTCOME_ERROR,
    OUTCOME_FLUSH_ABORTED,
    OUTCOME_RESET_INSIDE,
    OUTCOME_DESTROY_INSIDE,
    OUTCOME_ENCODE_WHILE_CLOSING,
    /* The rest is printed only. */
    OUTCOME_ENCODER,
    OUTCOME_FLUSH_OK,
    OUTCOME_FLUSH_TIMED_OUT,
    OUTCOME_FLUSH_FAILED,
    OUTCOME_FLUSH_DONE,
    OUTCOME_CLOSE_DONE,
    OUTCOME_WOULD_DEADLOCK,
    OUTCOME_QUOTA,
    OUTCOME_ROOM_TIMED_OUT,
    OUTCOME_ROOM_ABORTED,
    OUTCOME_DEQUEUE,
    OUTCOME_WAKEUP,
    OUTCOME_LOG,
    OUTCOME_RELEASE,
    OUTCOME_PUMPED,
    OUTCOME_RECEIVED,
    OUTCOME_LAST_INSIDE,
    OUTCOME_COUNT
};

/* How often each of the first must have happened. */
enum { OUTCOME_LEAST = 100 };

void outcome_count(enum outcome outcome);
void outcome_add(enum outcome outcome, uint64_t times);

/* To standard output. */
void outcomes_print(void);

/* Names on standard error what happened less than OUTCOME_LEAST times; true if there is none. */
bool outcomes_suffice(void);

#endif
