/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_LOG_H
#define WCENC_BASE_LOG_H

/* Messages of one encoder to its user. Levels are tested before anything is formatted. */

#include <wcenc/log.h>

#include "compiler.h"

struct log {
    wcenc_log_fn function; /* NULL: nobody listens */
    void *user;
    wcenc_log_level level; /* the most talkative one that is wanted */
};

/* `log` may be NULL. Never called with a lock held. */
void wcenc__log(const struct log *log, wcenc_log_level level, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
