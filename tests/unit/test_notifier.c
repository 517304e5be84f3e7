/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "notifier.h"

static const enum notifier_kind kinds[] = {NOTIFIER_BEST, NOTIFIER_PIPE};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static bool is_readable(const struct notifier *notifier)
{
    struct pollfd poller = {.fd = notifier->read_fd, .events = POLLIN};

    return poll(&poller, 1, 0) == 1;
}

static void test_it_is_readable_just_while_it_is_set(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        struct notifier notifier;

        assert_int_equal(wcenc__notifier_open(&notifier, kinds[i]), 0);
        assert_int_equal(notifier.read_fd == notifier.write_fd, kinds[i] == NOTIFIER_BEST);
        for (int round = 0; round < 3; round++) {
            assert_false(is_readable(&notifier));
            wcenc__notifier_clear(&notifier);
            assert_false(is_readable(&notifier));
            wcenc__notifier_set(&notifier);
            wcenc__notifier_set(&notifier);
            assert_true(is_readable(&notifier));
            wcenc__notifier_clear(&notifier);
        }
        wcenc__notifier_close(&notifier);
        wcenc__notifier_close(&notifier);
    }
}

static void test_its_descriptors_wait_for_nothing_and_are_not_inherited(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        struct notifier notifier;
        int fds[2];

        assert_int_equal(wcenc__notifier_open(&notifier, kinds[i]), 0);
        fds[0] = notifier.read_fd;
        fds[1] = notifier.write_fd;
        for (int k = 0; k < 2; k++) {
            assert_true(fcntl(fds[k], F_GETFL) & O_NONBLOCK);
            assert_true(fcntl(fds[k], F_GETFD) & FD_CLOEXEC);
        }
        wcenc__notifier_close(&notifier);
        for (int k = 0; k < 2; k++)
            assert_int_equal(fcntl(fds[k], F_GETFD), -1);
    }
}

/* So many descriptors more than are open, if the lowest free ones are taken; returns the limit before. */
static struct rlimit leave_descriptors(int count)
{
    int first_free = dup(0);
    struct rlimit before, limit;

    assert_true(first_free >= 0);
    assert_int_equal(close(first_free), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)first_free + (rlim_t)count;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void test_without_descriptors_there_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++)
        for (int left = 0; left < 2; left++) {
            /* An eventfd is one, a pipe two. */
            bool suffices = left == 1 && kinds[i] == NOTIFIER_BEST;
            struct rlimit before = leave_descriptors(left);
            struct notifier notifier;
            int status = wcenc__notifier_open(&notifier, kinds[i]);

            assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
            assert_int_equal(status, suffices ? 0 : -1);
            assert_int_equal(notifier.read_fd >= 0, suffices);
            assert_int_equal(notifier.write_fd >= 0, suffices);
            wcenc__notifier_set(&notifier);
            assert_int_equal(notifier.is_set, suffices);
            wcenc__notifier_close(&notifier);
        }
}

static void test_none_is_never_set(void **state)
{
    struct notifier notifier = NOTIFIER_NONE;

    (void)state;
    wcenc__notifier_set(&notifier);
    assert_false(notifier.is_set);
    wcenc__notifier_clear(&notifier);
    wcenc__notifier_close(&notifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_readable_just_while_it_is_set),
        cmocka_unit_test(test_its_descriptors_wait_for_nothing_and_are_not_inherited),
        cmocka_unit_test(test_without_descriptors_there_is_none),
        cmocka_unit_test(test_none_is_never_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
