/* SPDX-License-Identifier: MIT */

#ifdef __linux__
#define _GNU_SOURCE
#endif

#include "notifier.h"

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

static bool open_quiet(int fds[2])
{
    return pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0;
}
#else
static bool open_best(struct notifier *notifier)
{
    (void)notifier;
    return false;
}

static bool make_quiet(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool open_quiet(int fds[2])
{
    if (pipe(fds) != 0)
        return false;
    if (make_quiet(fds[0]) && make_quiet(fds[1]))
        return true;
    (void)close(fds[0]);
    (void)close(fds[1]);
    return false;
}
#endif

static bool open_pipe(struct notifier *notifier)
{
    int fds[2];

    if (!open_quiet(fds))
        return false;
    notifier->read_fd = fds[0];
    notifier->write_fd = fds[1];
    return true;
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

/*
 * An eventfd takes and gives eight bytes; a pipe as many as there are. Neither is ever full or empty here, and neither
 * waits, so that no signal interrupts it.
 */
void wcenc__notifier_set(struct notifier *notifier)
{
    const uint64_t one = 1;

    if (notifier->write_fd >= 0 && !notifier->is_set)
        notifier->is_set = write(notifier->write_fd, &one, sizeof one) == sizeof one;
}

void wcenc__notifier_clear(struct notifier *notifier)
{
    uint64_t value;

    if (notifier->is_set)
        notifier->is_set = read(notifier->read_fd, &value, sizeof value) < 0;
}
