/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_FAILURE_H
#define WCENC_BASE_FAILURE_H

/*
 * The error of every function below the public ones. It can be kept and reported later, on another thread. Functions
 * accept NULL from callers that need no reason. Checks of a public function's own arguments use wcenc__fail (status.h).
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/status.h>

#include "compiler.h"

enum { FAILURE_TEXT_SIZE = 512 };

struct failure {
    wcenc_status status;
    int32_t backend_code;     /* FFmpeg's, or 0 */
    const char *encoder_name; /* that the code belongs to; static; NULL: not known yet, or none */
    bool defers;              /* another encoder may support it; if that refuses too, its reason helps more */
    char message[FAILURE_TEXT_SIZE];
};

/* Fills `failure`. The message should name codec, cause and parameter. */
void wcenc__failure_set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format, ...)
    PRINTF_LIKE(4, 5);

/*
 * Fills `failure` with NOT_SUPPORTED and returns false, so that a check reads
 *     return wcenc__refuse(failure, "width is %u, ...", width);
 */
bool wcenc__refuse(struct failure *failure, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same for what another encoder of the codec may support. */
bool wcenc__defer(struct failure *failure, const char *format, ...) PRINTF_LIKE(2, 3);

/* Fills `failure` with NO_MEMORY and returns false. */
bool wcenc__lack_memory(struct failure *failure);

/* At the end of a public function: makes the failure wcenc_last_error() of this thread, and returns its status. */
wcenc_status wcenc__fail_with(const struct failure *failure);

#endif
