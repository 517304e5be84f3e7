/* SPDX-License-Identifier: MIT */

#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

#include "status.h"

void wcenc__failure_set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format, ...)
{
    va_list arguments;

    failure->status = status;
    failure->backend_code = backend_code;
    va_start(arguments, format);
    (void)vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    wcenc__make_presentable(failure->message);
}
