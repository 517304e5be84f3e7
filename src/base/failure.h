/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_FAILURE_H
#define WCENC_BASE_FAILURE_H

/*
 * Why something went wrong: the one form in which functions below the public ones say so. It can wait until somebody is
 * told, on whichever thread; NULL where nobody asks. Checks of a public function's own arguments use wcenc__fail
 * (status.h) instead.
 */

#include <stdbool.h>
#include <stdint.h>

#include <wcenc/status.h>

#include "compiler.h"

enum { FAILURE_TEXT_SIZE = 512 };

struct failure {
    wcenc_status status;
    int32_t backend_code;     /* FFmpeg's, or 0 */
    const char *encoder_name; /* whose code that is; static; NULL: not known yet, or none's */
    char message[FAILURE_TEXT_SIZE];
};

/* Fills `failure`. The words should name codec, cause and parameter. */
void wcenc__failure_set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Fills `failure` and returns false, so that a check reads
 *     return wcenc__refuse(failure, "width is %u, ...", width);
 * The status is NOT_SUPPORTED.
 */
bool wcenc__refuse(struct failure *failure, const char *format, ...) PRINTF_LIKE(2, 3);

/* Fills `failure` with NO_MEMORY and returns false. */
bool wcenc__lack_memory(struct failure *failure);

/* At the end of a public function: makes the failure wcenc_last_error() of this thread, and returns its status. */
wcenc_status wcenc__fail_with(const struct failure *failure);

#endif
