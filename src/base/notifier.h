/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_NOTIFIER_H
#define WCENC_BASE_NOTIFIER_H

/*
 * A descriptor that is readable while it is set, for programs that poll: an eventfd, or a pipe where there is none. Not
 * synchronised by itself. Setting and clearing never wait, and cost a call of the system only where something changes.
 */

#include <stdbool.h>

enum notifier_kind {
    NOTIFIER_BEST, /* what the system has */
    NOTIFIER_PIPE,
};

struct notifier {
    int read_fd; /* -1: there is none, and all else does nothing */
    int write_fd;
    bool is_set;
};

/* For an encoder that needs none. */
#define NOTIFIER_NONE \
    {                 \
        -1, -1, false \
    }

/* 0, or -1 where the system refuses; the notifier is then NOTIFIER_NONE. */
int wcenc__notifier_open(struct notifier *notifier, enum notifier_kind kind);
void wcenc__notifier_close(struct notifier *notifier);

void wcenc__notifier_set(struct notifier *notifier);
void wcenc__notifier_clear(struct notifier *notifier);

#endif
