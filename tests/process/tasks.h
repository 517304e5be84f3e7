/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_TASKS_H
#define WCENC_TESTS_TASKS_H

/* The threads of this process, as Linux reports them. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { TASKS_MAX = 1024, TASK_NAME_SIZE = 32 };

struct task {
    pid_t id;
    char name[TASK_NAME_SIZE];
    char state;        /* 'S': asleep */
    uint64_t blocked;  /* signals: bit number - 1 */
    uint64_t switches; /* how often it has gone to sleep; that the system stopped it does not count */
};

struct tasks {
    int count;
    struct task task[TASKS_MAX];
};

/* One; false if it has ended. A thread that ends meanwhile may be reported as one that blocks nothing. */
bool task_read(pid_t id, struct task *task);

/*
 * All of them, before the library is first called: what is the program's own. A sanitizer may have a thread too, which
 * comes with the program's first.
 */
void tasks_read_own(struct tasks *tasks);

/* Those that are not among `own`. */
void tasks_read_others(const struct tasks *own, struct tasks *others);

bool task_blocks(const struct task *task, int signal);

#endif
