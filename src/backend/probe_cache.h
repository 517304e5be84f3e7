/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_PROBE_CACHE_H
#define WCENC_BACKEND_PROBE_CACHE_H

/* Answers of probes in a table of fixed size, since applications ask the same questions again and again. */

#include <stdbool.h>
#include <stdint.h>

#include "backend.h"

enum { PROBE_KEY_SIZE = 512 };

struct probe_answer {
    char key[PROBE_KEY_SIZE]; /* everything that the answer depends on; empty: no answer */
    uint64_t age;             /* when it was last asked for */
    bool supported;
    struct failure failure;
};

/* Fills `answer` if there is one to the key. */
bool wcenc__probe_look_up(const char *key, struct probe_answer *answer);

/* Takes the place of the answer that was not asked for the longest. */
void wcenc__probe_remember(const struct probe_answer *answer);

#endif
