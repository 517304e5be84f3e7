/* SPDX-License-Identifier: MIT */

#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

#include "status.h"

static void set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format,
                va_list arguments)
{
    if (!failure)
        return;
    failure->status = status;
    failure->backend_code = backend_code;
    failure->encoder_name = NULL;
    failure->defers = false;
    (void)vsnprintf(failure->message, sizeof failure->message, format, arguments);
    wcenc__make_presentable(failure->message);
}

void wcenc__failure_set(struct failure *failure, wcenc_status status, int32_t backend_code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set(failure, status, backend_code, format, arguments);
    va_end(arguments);
}

bool wcenc__refuse(struct failure *failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, format, arguments);
    va_end(arguments);
    return false;
}

bool wcenc__defer(struct failure *failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, format, arguments);
    va_end(arguments);
    if (failure)
        failure->defers = true;
    return false;
}

bool wcenc__lack_memory(struct failure *failure)
{
    wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "out of memory");
    return false;
}

wcenc_status wcenc__fail_with(const struct failure *failure)
{
    return wcenc__fail(failure->status, "%s", failure->message);
}
