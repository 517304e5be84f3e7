/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CHILD_H
#define WCENC_TESTS_CHILD_H

/* Child processes with a deadline, whose output is kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILD_TEXT_MAX = 4096 };

struct child {
    pid_t pid;
    int output; /* what it prints on stdout and stderr is read here; -1 once it has ended */
    int64_t start_ms;
    int64_t limit_ms;
    int64_t ms;    /* that it lived */
    int status;    /* as waitpid reports it */
    bool was_late; /* and was killed */
    size_t length;
    char text[CHILD_TEXT_MAX]; /* the beginning of what it printed */
};

/* Milliseconds of a clock that nobody sets. */
int64_t now_ms(void);

/* Runs this program again; `arguments` end with NULL and begin with a name. False if the system refuses. */
bool child_spawn(struct child *child, const char *const *arguments, int64_t limit_ms);

/* Forks: the child calls `body(argument)` and leaves with _exit(0). False if the system refuses. */
bool child_fork(struct child *child, void (*body)(void *), void *argument, int64_t limit_ms);

/* Waits for it, and kills it at its deadline. */
void child_wait(struct child *child);

/* True if it has ended with status 0, in time. */
bool child_is_well(const struct child *child);

/* How it ended and what it printed, in words. */
void child_describe(const struct child *child, char *text, size_t size);

/* Many children, `at_once` at a time. */
struct batch {
    int count;
    int at_once; /* CHILDREN_AT_ONCE_MAX at most */
    bool (*start)(void *context, int index, struct child *child);
    void (*end)(void *context, int index, const struct child *child);
    void *context;
};

enum { CHILDREN_AT_ONCE_MAX = 8 };

/* False if one could not be started. */
bool children_run(const struct batch *batch);

#endif
