/* SPDX-License-Identifier: MIT */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

/*
 * The one table of options, from which the command line is parsed, and --help, the man page and the completions are
 * written. A new option is a row of it and a member of struct options.
 */

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

enum option_kind {
    KIND_HEADING,  /* `help` is the title of a group */
    KIND_FLAG,     /* bool */
    KIND_ACTION,   /* enum action, the value `low` */
    KIND_TEXT,     /* const char * */
    KIND_FILE,     /* const char *, a file's name */
    KIND_CODEC,    /* const char *, and `encoder` where an encoder is named */
    KIND_WORD,     /* int32_t, the index into `words` */
    KIND_COUNT,    /* uint32_t from `low` to `high` */
    KIND_SIZE,     /* int32_t width and height */
    KIND_BITRATE,  /* uint64_t, with k and M */
    KIND_NUMBER,   /* double from `low` to `high` */
    KIND_FRACTION, /* double, 30 or 30000/1001 */
    KIND_TIME,     /* double, seconds or HH:MM:SS */
    KIND_PART,     /* uint32_t part and number of parts, 2/16 */
    KIND_PAIR,     /* text of encoder_options, K=V, joined */
    KIND_GENERATE  /* enum action by a word */
};

enum { OPTION_ALIASES = 3, OPTION_WORDS = 8 };

struct option_row {
    enum option_kind kind;
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    bool makes_stream; /* of a heading: the options of its group change what is encoded */
    size_t member;     /* of struct options */
    size_t given;      /* of a bool that is true where the option was set; 0: none */
    double low;
    double high;
    const char *words[OPTION_WORDS];     /* of KIND_WORD and KIND_GENERATE; for others, what completions offer */
    const char *aliases[OPTION_ALIASES]; /* other long names, not listed */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Stores an argument (NULL for an option without one). False where it is not valid. */
bool option_store(const struct option_row *row, struct options *options, const char *text);

/* Writes an option as it is stored, so that equal ones look the same. False where it was not set. */
bool option_print(const struct option_row *row, const struct options *options, char *out, size_t size);

/* Which arguments are valid: "quality or realtime". */
void option_valid(const struct option_row *row, char *out, size_t size);

/* Writes what `action` asks for on standard output: help, man page or completion. */
void option_docs_print(enum action action);

#endif
