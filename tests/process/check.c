/* SPDX-License-Identifier: MIT */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <stdio.h>
#include <unistd.h>

#include <wcenc/wcenc.h>

/* Past stdio: what a parent has buffered must not be printed by its child. */
_Noreturn void check_failed(const char *file, int line, const char *what)
{
    (void)dprintf(STDOUT_FILENO, "%s:%d: %s (last error: \"%s\")\n", file, line, what, wcenc_last_error());
    _exit(1);
}

void check_equal(const char *file, int line, const char *what, long long left, long long right)
{
    char text[256];

    if (left == right)
        return;
    (void)snprintf(text, sizeof text, "%s: %lld and %lld", what, left, right);
    check_failed(file, line, text);
}
