/* SPDX-License-Identifier: MIT */

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wcenc/wcenc.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

int check(int result, const char *what)
{
    if (result < 0)
        fail(what, wcenc_last_error());
    return result;
}

int check_system(int result, const char *what)
{
    if (result < 0)
        fail(what, strerror(errno));
    return result;
}
