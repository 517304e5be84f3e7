/* SPDX-License-Identifier: MIT */
#ifndef REPORT_H
#define REPORT_H

/* What the program says at the end of its work, for people or for programs. */

#include <stdbool.h>
#include <stdint.h>

#include "notes.h"
#include "options.h"
#include "session.h"
#include "source.h"

struct report {
    const struct options *options;
    const struct source_info *source;
    const struct session_stats *stats;
    const struct sink_format *format;
    const char *codec; /* codec string */
    const char *encoder;
    uint32_t width; /* encoded */
    uint32_t height;
    int64_t file_size;
    double elapsed; /* seconds */
    bool interrupted;
    const struct notes *notes;
};

/* Two lines on standard error. */
void report_print(const struct report *report);

/* One JSON object on standard output. False if it could not be written. */
bool report_print_json(const struct report *report, struct fault *fault);

#endif
