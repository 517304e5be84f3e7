/* SPDX-License-Identifier: MIT */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Why the program failed: one line, written where the reason is known and printed once, by main. The first reason
 * stays; what goes wrong because of it is not reported.
 */

struct fault {
    char text[768]; /* empty: nothing has failed */
};

/* Sets the text unless there is one. Always false, so that a failing function can return it. */
bool fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, followed by what FFmpeg's error code means. */
bool fault_set_av(struct fault *fault, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Hands a reason on, if there is one and none before it. */
void fault_copy(struct fault *to, const struct fault *from);

/* Names and messages come from files and libraries: a line break in one would make two lines of the one promised. */
void fault_make_one_line(char *text);

static inline bool fault_is_set(const struct fault *fault)
{
    return fault->text[0] != '\0';
}

/*
 * What the user should know of a run that goes on: one line each on standard error, whether or not --quiet was given,
 * and a member of the JSON summary. Used by one thread.
 */

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
