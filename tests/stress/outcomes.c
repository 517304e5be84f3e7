/* SPDX-License-Identifier: MIT */

#include "outcomes.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

struct outcome_row {
    const char *name;
    uint64_t least;
};

static const struct outcome_row rows[OUTCOME_COUNT] = {
    [OUTCOME_CHUNK] = {"chunk", OUTCOME_LEAST},
    [OUTCOME_DROP] = {"drop", OUTCOME_LEAST},
    [OUTCOME_DISCARD] = {"discard", OUTCOME_LEAST},
    [OUTCOME_ERROR] = {"error", OUTCOME_LEAST},
    [OUTCOME_FLUSH_ABORTED] = {"aborted flush", OUTCOME_LEAST},
    [OUTCOME_RESET_INSIDE] = {"reset inside a callback", OUTCOME_LEAST},
    [OUTCOME_DESTROY_INSIDE] = {"destroy inside a callback", OUTCOME_LEAST},
    [OUTCOME_ENCODE_WHILE_CLOSING] = {"encode while closing", OUTCOME_LEAST},
    [OUTCOME_ENCODER] = {"encoder made", 0},
    [OUTCOME_FLUSH_OK] = {"flush done", 0},
    [OUTCOME_FLUSH_TIMED_OUT] = {"flush timed out", 0},
    [OUTCOME_FLUSH_FAILED] = {"flush ended by an error", 0},
    [OUTCOME_FLUSH_DONE] = {"end of an asynchronous flush told", 0},
    [OUTCOME_CLOSE_DONE] = {"end of an asynchronous close told", 0},
    [OUTCOME_WOULD_DEADLOCK] = {"call that would deadlock refused", 0},
    [OUTCOME_QUOTA] = {"frame refused by a limit", 0},
    [OUTCOME_ROOM_TIMED_OUT] = {"wait for room timed out", 0},
    [OUTCOME_ROOM_ABORTED] = {"wait for room aborted", 0},
    [OUTCOME_DEQUEUE] = {"dequeue", 0},
    [OUTCOME_WAKEUP] = {"wakeup", 0},
    [OUTCOME_LOG] = {"message logged", 0},
    [OUTCOME_RELEASE] = {"release", 0},
    [OUTCOME_PUMPED] = {"pump that ran callbacks", 0},
    [OUTCOME_RECEIVED] = {"event received", 0},
    [OUTCOME_LAST_INSIDE] = {"last reference gone inside a callback", 0},
};

static atomic_uint_fast64_t counts[OUTCOME_COUNT];

void outcome_add(enum outcome outcome, uint64_t times)
{
    atomic_fetch_add_explicit(&counts[outcome], times, memory_order_relaxed);
}

void outcome_count(enum outcome outcome)
{
    outcome_add(outcome, 1);
}

void outcomes_print(void)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        printf("%12" PRIuFAST64 "  %s\n", atomic_load(&counts[i]), rows[i].name);
}

bool outcomes_suffice(void)
{
    bool enough = true;

    for (int i = 0; i < OUTCOME_COUNT; i++) {
        uint64_t count = atomic_load(&counts[i]);

        if (count < rows[i].least) {
            fprintf(stderr, "%s: %" PRIu64 " times, wanted are %" PRIu64 "\n", rows[i].name, count, rows[i].least);
            enough = false;
        }
    }
    return enough;
}
