/* SPDX-License-Identifier: MIT */

#include "log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "status.h"
#include "thread.h"

static const char *const level_names[] = {
    [WCENC_LOG_NONE] = "none", [WCENC_LOG_ERROR] = "error", [WCENC_LOG_WARNING] = "warning",
    [WCENC_LOG_INFO] = "info", [WCENC_LOG_DEBUG] = "debug",
};

const char *wcenc_log_level_name(wcenc_log_level level)
{
    return level >= 0 && level < (int32_t)ARRAY_LENGTH(level_names) ? level_names[level] : "unknown";
}

void wcenc__log(const struct log *log, wcenc_log_level level, const char *format, ...)
{
    char message[512];
    va_list arguments;
    int before;

    if (!log || !log->function || level > log->level)
        return;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    wcenc__make_presentable(message);
    before = wcenc__cancellation_block();
    log->function(log->user, level, message);
    wcenc__cancellation_restore(before);
}
