/* SPDX-License-Identifier: MIT */

/* How many CPUs there are for this process, and that encoders are given so many threads. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "cpu.h"

/* The default of a config that says nothing of threads. */
static uint32_t default_threads(void)
{
    struct encoder_config *config;
    uint32_t threads;
    wcenc_config given;

    wcenc_config_init(&given, sizeof given);
    given.codec = "vp8";
    given.width = given.height = 64;
    assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
    threads = config->threads;
    wcenc__config_unref(config);
    return threads;
}

#ifdef __linux__
/* What `count` says in a child that is left with the first `cpus` CPUs of this process. */
static int in_child_with(int cpus, uint32_t (*count)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        cpu_set_t all, some;
        int kept = 0;

        CPU_ZERO(&some);
        if (sched_getaffinity(0, sizeof all, &all) != 0)
            _exit(255);
        for (size_t cpu = 0; cpu < CPU_SETSIZE && kept < cpus; cpu++)
            if (CPU_ISSET(cpu, &all)) {
                CPU_SET(cpu, &some);
                kept++;
            }
        _exit(sched_setaffinity(0, sizeof some, &some) == 0 ? (int)count() : 255);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_affinity_bounds_the_count(void **state)
{
    cpu_set_t set;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    assert_true(wcenc__cpu_count() >= 1);
    assert_true(wcenc__cpu_count() <= (uint32_t)CPU_COUNT(&set));
    assert_int_equal(in_child_with(1, wcenc__cpu_count), 1);
    assert_int_equal(in_child_with(1, default_threads), 1);
    assert_int_equal(in_child_with(CPU_COUNT(&set), wcenc__cpu_count), wcenc__cpu_count());
}

/* Where the control group of this process has a quota, it is kept to. */
static void the_quota_bounds_the_count(void **state)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    double quota, period;
    int read = 0;

    (void)state;
    if (file) {
        read = fscanf(file, "%lf %lf", &quota, &period);
        assert_int_equal(fclose(file), 0);
    }
    if (read != 2)
        skip();
    assert_true(wcenc__cpu_count() < quota / period + 1);
}
#endif

static void encoders_are_given_as_many_threads(void **state)
{
    (void)state;
    assert_int_equal(default_threads(), wcenc__cpu_count());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef __linux__
        cmocka_unit_test(the_affinity_bounds_the_count),
        cmocka_unit_test(the_quota_bounds_the_count),
#endif
        cmocka_unit_test(encoders_are_given_as_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
