/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_OPTION_KEYS_H
#define WCENC_TESTS_OPTION_KEYS_H

/* The keys inside options that are lists of their own, which FFmpeg does not enumerate. */

#include <stddef.h>

struct option_list {
    const char *option; /* "x264-params" */
    const char *keys;   /* separated by spaces */
};

/* The nth, from 0; NULL after the last. */
const struct option_list *option_list(size_t n);

#endif
