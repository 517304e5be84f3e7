/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_STATUS_H
#define WCENC_BASE_STATUS_H

#include <wcenc/status.h>

#include "compiler.h"

/*
 * Stores the words for wcenc_last_error() and returns `status`, so that a check reads
 *     return wcenc__fail(WCENC_ERROR_TYPE, "width is 0");
 */
wcenc_status wcenc__fail(wcenc_status status, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Makes one line of valid UTF-8 of a message: callers' texts are quoted in it, may hold anything, and may have been
 * cut.
 */
void wcenc__make_presentable(char *text);

/* wcenc__fail with WCENC_ERROR_NO_MEMORY, which needs no words of its own. */
wcenc_status wcenc__fail_no_memory(void);

#endif
