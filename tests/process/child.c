/* SPDX-License-Identifier: MIT */

#define _GNU_SOURCE

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The child's end of the pipe; -1 if there is none. */
static int open_output(struct child *child, int64_t limit_ms)
{
    int ends[2];

    memset(child, 0, sizeof *child);
    child->output = -1;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    child->output = ends[0];
    child->start_ms = now_ms();
    child->limit_ms = limit_ms;
    return ends[1];
}

static bool started(struct child *child, int childs_end, bool ok)
{
    (void)close(childs_end);
    if (ok)
        return true;
    (void)close(child->output);
    child->output = -1;
    return false;
}

static int add_actions(posix_spawn_file_actions_t *actions, int output)
{
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, output, STDERR_FILENO);
    return error;
}

bool child_spawn(struct child *child, const char *const *arguments, int64_t limit_ms)
{
    posix_spawn_file_actions_t actions;
    int output = open_output(child, limit_ms);
    int error;

    if (output < 0)
        return false;
    error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return started(child, output, false);
    error = add_actions(&actions, output);
    if (error == 0)
        error =
            posix_spawn(&child->pid, "/proc/self/exe", &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return started(child, output, error == 0);
}

bool child_fork(struct child *child, void (*body)(void *), void *argument, int64_t limit_ms)
{
    int output = open_output(child, limit_ms);

    if (output < 0)
        return false;
    child->pid = fork();
    if (child->pid == 0) {
        if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
            _exit(2);
        body(argument);
        _exit(0);
    }
    return started(child, output, child->pid > 0);
}

/* Its output has ended, or its time has. */
static void reap(struct child *child)
{
    while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
        ;
    child->ms = now_ms() - child->start_ms;
    (void)close(child->output);
    child->output = -1;
}

/* False at the end of its output. */
static bool read_output(struct child *child)
{
    char beyond[1024];
    size_t room = sizeof child->text - 1 - child->length;
    ssize_t count =
        room > 0 ? read(child->output, child->text + child->length, room) : read(child->output, beyond, sizeof beyond);

    if (count < 0)
        return errno == EINTR;
    if (room > 0)
        child->length += (size_t)count;
    return count > 0;
}

static int64_t time_left(const struct child *child)
{
    int64_t left = child->start_ms + child->limit_ms - now_ms();

    return left > 0 ? left : 0;
}

/* True if the child has ended. A process closes its descriptors as it ends: so does the output of its child. */
static bool attend(struct child *child, short events)
{
    if (events != 0) {
        if (read_output(child))
            return false;
    } else if (time_left(child) == 0) {
        child->was_late = true;
        (void)kill(child->pid, SIGKILL);
    } else {
        return false;
    }
    reap(child);
    return true;
}

/* The index of one that has ended; the others may be NULL, or not have begun. */
static int wait_any(struct child *const *children, int count)
{
    for (;;) {
        struct pollfd polled[CHILDREN_AT_ONCE_MAX];
        int64_t left = INT32_MAX;

        for (int i = 0; i < count; i++) {
            polled[i] = (struct pollfd){.fd = children[i] ? children[i]->output : -1, .events = POLLIN};
            if (polled[i].fd >= 0 && time_left(children[i]) < left)
                left = time_left(children[i]);
        }
        if (poll(polled, (nfds_t)count, (int)left) < 0)
            continue;
        for (int i = 0; i < count; i++)
            if (polled[i].fd >= 0 && attend(children[i], polled[i].revents))
                return i;
    }
}

void child_wait(struct child *child)
{
    (void)wait_any(&child, 1);
}

bool child_is_well(const struct child *child)
{
    return !child->was_late && WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0;
}

void child_describe(const struct child *child, char *text, size_t size)
{
    if (child->was_late)
        (void)snprintf(text, size, "did not end within %lld ms and was killed%s%s", (long long)child->limit_ms,
                       child->length ? ": " : "", child->text);
    else if (WIFSIGNALED(child->status))
        (void)snprintf(text, size, "died of signal %d (%s)%s%s", WTERMSIG(child->status),
                       strsignal(WTERMSIG(child->status)), child->length ? ": " : "", child->text);
    else
        (void)snprintf(text, size, "ended with status %d%s%s", WEXITSTATUS(child->status), child->length ? ": " : "",
                       child->text);
}

bool children_run(const struct batch *batch)
{
    struct child children[CHILDREN_AT_ONCE_MAX];
    struct child *running[CHILDREN_AT_ONCE_MAX] = {NULL};
    int indices[CHILDREN_AT_ONCE_MAX];
    int next = 0, ended = 0;

    while (ended < batch->count) {
        for (int slot = 0; slot < batch->at_once && next < batch->count; slot++) {
            if (running[slot])
                continue;
            if (!batch->start(batch->context, next, &children[slot]))
                return false;
            running[slot] = &children[slot];
            indices[slot] = next++;
        }

        int slot = wait_any(running, batch->at_once);

        batch->end(batch->context, indices[slot], running[slot]);
        running[slot] = NULL;
        ended++;
    }
    return true;
}
