/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_OPTION_PAIRS_H
#define WCENC_BACKEND_OPTION_PAIRS_H

/* The caller's options as native encoders read them: "name=value:name=value". */

#include <stdbool.h>

#include "backend.h"
#include "failure.h"

struct option_pair {
    char name[OPTION_NAME_SIZE];
    char value[OPTION_NAME_SIZE];
};

/* Reads the pair that `*at` points to, and moves on to the next. False, with a message, if it cannot be read. */
bool wcenc__option_pair_read(const char *encoder, const char **at, struct option_pair *pair, struct failure *failure);

/* A whole number in decimal digits; false if it is none, or outside of the bounds. */
bool wcenc__option_number_read(const char *text, int min, int max, int *number);

#endif
