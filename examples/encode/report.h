/* SPDX-License-Identifier: MIT */
#ifndef REPORT_H
#define REPORT_H

/* What the program says at the end of its work, for people or for programs. */

#include <stdbool.h>
#include <stdint.h>

#include "compare.h"
#include "messages.h"
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
    const struct compare *compare;
    const char *status; /* "done", "damaged", "interrupted" or "failed" */
    const char *error;  /* why it failed, or what came after; NULL: nothing did */
};

/* Two lines on standard error. */
void report_print(const struct report *report);

/* One JSON object on standard output, in UTF-8 whatever names hold. Where nothing was encoded it says why. */
void report_print_json(const struct report *report);

/* The object of a run that was not even begun. */
void report_print_json_error(const char *error);

/* The object of several files: call begin, next before each file's object, and end. */
void report_begin_json_files(void);
void report_next_json_file(bool is_first);
void report_end_json_files(int failed);

/* Ends the last line. False if standard output could not be written. */
bool report_end_json(struct fault *fault);

/* Which codec strings work with which encoders on this machine, as the library answers. */
void report_print_list(void);

#endif
