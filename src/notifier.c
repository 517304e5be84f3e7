/* SPDX-License-Identifier: MIT */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "thread.h"

#ifdef __linux__
#include <sys/eventfd.h>

static bool open_best(struct notifier *notifier)
{
    notifier->read_fd = notifier->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return notifier->read_fd >= 0;
}
#else
static bool open_best(struct notifier *notifier)
{
    (void)notifier;
    return false;
}
#endif

static bool make_quiet(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool open_pipe(struct notifier *notifier)
{
    int fds[2];

    if (pipe(fds) != 0)
        return false;
    notifier->read_fd = fds[0];
    notifier->write_fd = fds[1];
    if (make_quiet(fds[0]) && make_quiet(fds[1]))
        return true;
    wcenc__notifier_close(notifier);
    return false;
}

int wcenc__notifier_open(struct notifier *notifier, enum notifier_kind kind)
{
    *notifier = (struct notifier)NOTIFIER_NONE;
    if ((kind == NOTIFIER_BEST && open_best(notifier)) || open_pipe(notifier))
        return 0;
    *notifier = (struct notifier)NOTIFIER_NONE;
    return -1;
}

void wcenc__notifier_close(struct notifier *notifier)
{
    int before = wcenc__cancellation_block();

    if (notifier->read_fd >= 0)
        (void)close(notifier->read_fd);
    if (notifier->write_fd >= 0 && notifier->write_fd != notifier->read_fd)
        (void)close(notifier->write_fd);
    wcenc__cancellation_restore(before);
    *notifier = (struct notifier)NOTIFIER_NONE;
}

/* An eventfd takes and gives eight bytes; a pipe as many as there are. Neither is ever full or empty here. */
void wcenc__notifier_set(struct notifier *notifier)
{
    const uint64_t one = 1;
    ssize_t count;

    if (notifier->write_fd < 0 || notifier->is_set)
        return;
    do
        count = write(notifier->write_fd, &one, sizeof one);
    while (count < 0 && errno == EINTR);
    notifier->is_set = true;
}

void wcenc__notifier_clear(struct notifier *notifier)
{
    uint64_t value;
    ssize_t count;

    if (!notifier->is_set)
        return;
    do
        count = read(notifier->read_fd, &value, sizeof value);
    while (count < 0 && errno == EINTR);
    notifier->is_set = false;
}
