/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_FAILURE_H
#define WCENC_BASE_FAILURE_H

/* Why something went wrong on the library's side of a call, in a form that can wait until somebody is told. */

#include <stdint.h>

#include <wcenc/status.h>

#include "compiler.h"

enum { FAILURE_TEXT_SIZE = 512 };

struct failure {
    wcenc_status status;
    int32_t backend_code; /* FFmpeg's, or 0 */
    char message[FAILURE_TEXT_SIZE];
};

/* Fills `failure`. The words should name codec, cause and parameter. */
void wcenc__failure_set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
