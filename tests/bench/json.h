/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_JSON_H
#define WCENC_BENCH_JSON_H

#include <stdbool.h>

#include "report.h"

/*
 * Writes {"machine": {...}, "rows": [...]}: where it was measured, and each row with its median, min, max and number of
 * samples. False, with errno, if the file cannot be written.
 */
bool json_write(const char *path, const struct report *report);

#endif
