/* SPDX-License-Identifier: MIT */
#ifndef NOTES_H
#define NOTES_H

/*
 * What the user should know of a run that goes on: one line each on standard error, whether or not --quiet was given,
 * and a member of the JSON summary. Used by one thread.
 */

#include <stdbool.h>
#include <stddef.h>

enum { NOTES_MOST = 16 };

struct notes {
    char text[NOTES_MOST][384];
    size_t count;
    size_t printed;
    bool is_held; /* while the progress line has the terminal: what is added is printed afterwards */
};

/* "note: ..." or "warning: ...", without a line break. More than NOTES_MOST are dropped. */
void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

void notes_hold(struct notes *notes);
void notes_release(struct notes *notes);

#endif
