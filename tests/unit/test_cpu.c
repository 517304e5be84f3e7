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
#include <sys/stat.h>
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

static bool write_to(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file;
    bool done;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "r+e"); /* that of a control group is there already */
    if (!file)
        return false;
    done = fputs(text, file) >= 0;
    return fclose(file) == 0 && done;
}

/* A group of one CPU's time with this process in it; of either kind of control groups. */
static bool enter_group(const char *folder)
{
    char pid[16];

    (void)snprintf(pid, sizeof pid, "%d", (int)getpid());
    if (mkdir(folder, 0755) != 0)
        return false;
    if (!write_to(folder, "cpu.max", "100000 100000") && !write_to(folder, "cpu.cfs_quota_us", "100000"))
        return false;
    return write_to(folder, "cgroup.procs", pid);
}

enum { NO_GROUP = 200 };

static int count_in_group(const char *folder)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(enter_group(folder) ? (int)wcenc__cpu_count() : NO_GROUP);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)rmdir(folder);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Only who may make control groups can try. */
static void the_quota_bounds_the_count(void **state)
{
    static const char *const roots[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup"};
    bool tried = false;

    (void)state;
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        char folder[128];
        int count;

        (void)snprintf(folder, sizeof folder, "%s/wcenc-test-%d", roots[i], (int)getpid());
        count = count_in_group(folder);
        if (count == NO_GROUP)
            continue;
        tried = true;
        assert_int_equal(count, 1);
    }
    if (!tried)
        skip();
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
