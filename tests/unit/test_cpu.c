/* SPDX-License-Identifier: MIT */

/* How many CPUs there are for this process, and that encoders are given so many threads. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
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

enum { FILES_MAX = 4 };

/* What /proc/self/cgroup has, and files below /sys/fs/cgroup; and how many of two CPUs that makes, or more. */
static const struct quota_case {
    const char *groups;
    struct {
        const char *path, *text;
    } files[FILES_MAX];
    uint32_t bound; /* 0: none */
} quota_cases[] = {
    {"", {{NULL, NULL}}, 0},
    /* One hierarchy for all. */
    {"0::/\n", {{"cpu.max", "100000 100000"}}, 1},
    {"0::/\n", {{"cpu.max", "1 100000"}}, 1},
    {"0::/\n", {{"cpu.max", "max 100000"}}, 0},
    {"0::/\n", {{"cpu.max", ""}}, 0},
    {"0::/\n", {{"cpu.max", "100000"}}, 0},
    {"0::/\n", {{"cpu.max", "100000 0"}}, 0},
    {"0::/\n", {{"cpu.max", "-1 100000"}}, 0},
    {"0::/\n", {{NULL, NULL}}, 0},
    {"0::/a/b\n", {{"a/b/cpu.max", "100000 100000"}}, 1},
    {"0::/a/b\n", {{"a/cpu.max", "50000 100000"}, {"a/b/cpu.max", "max 100000"}}, 1},
    {"0::/a/b\n", {{"a/b/cpu.max", "50000 100000"}, {"cpu.max", "99000000 100000"}}, 1},
    {"0::/a/b\n", {{"a/b/c/cpu.max", "50000 100000"}}, 0},
    /* One hierarchy for each controller. */
    {"2:cpu,cpuacct:/a\n", {{"cpu/a/cpu.cfs_quota_us", "100000"}, {"cpu/a/cpu.cfs_period_us", "100000"}}, 1},
    {"2:cpuacct,cpu:/a\n", {{"cpu/a/cpu.cfs_quota_us", "100000"}, {"cpu/a/cpu.cfs_period_us", "100000"}}, 1},
    {"2:cpuacct:/a\n", {{"cpu/a/cpu.cfs_quota_us", "100000"}, {"cpu/a/cpu.cfs_period_us", "100000"}}, 0},
    {"2:cpu:/a\n", {{"cpu/a/cpu.cfs_quota_us", "-1"}, {"cpu/a/cpu.cfs_period_us", "100000"}}, 0},
    {"2:cpu:/a\n", {{"cpu/a/cpu.cfs_quota_us", "100000"}}, 0},
    /* Both, of which the smaller counts, in any order; and lines that are not limits. */
    {"2:cpu:/\n0::/a\n",
     {{"cpu/cpu.cfs_quota_us", "100000"}, {"cpu/cpu.cfs_period_us", "100000"}, {"a/cpu.max", "9900000 100000"}},
     1},
    {"2:cpu:/\n0::/a\n",
     {{"cpu/cpu.cfs_quota_us", "9900000"}, {"cpu/cpu.cfs_period_us", "100000"}, {"a/cpu.max", "100000 100000"}},
     1},
    {"nothing\n1:name=systemd\n3:cpuset:/b\n0::/\n", {{"cpu.max", "100000 100000"}}, 1},
};

static bool make_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *at = strchr(path + strlen(folder) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    file = fopen(path, "we");
    if (!file)
        return false;
    (void)fputs(text, file);
    return fclose(file) == 0;
}

/* A thread with files of its own at the places of the control groups. */
struct counting {
    const struct quota_case *row;
    char list[32]; /* a file to be /proc/self/cgroup */
    bool is_allowed, has_list;
    uint32_t count;
};

static bool mount_groups(const struct counting *counting)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/sys/fs/cgroup", "tmpfs", 0, NULL) != 0)
        return false;
    for (int i = 0; i < FILES_MAX && counting->row->files[i].path; i++)
        if (!make_file("/sys/fs/cgroup", counting->row->files[i].path, counting->row->files[i].text))
            return false;
    /* In place of a list that is not there, nothing at all. */
    return counting->has_list ? mount(counting->list, "/proc/self/cgroup", NULL, MS_BIND, NULL) == 0
                              : mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

static void *count_thread(void *argument)
{
    struct counting *counting = argument;

    counting->is_allowed = mount_groups(counting);
    counting->count = wcenc__cpu_count();
    return NULL;
}

/* How many CPUs there are with these control groups; 0 where they cannot be put there. */
static uint32_t count_with(const struct quota_case *row, bool has_list)
{
    struct counting counting = {.row = row, .list = "/tmp/wcenc-cpu-XXXXXX", .has_list = has_list};
    int fd = mkstemp(counting.list);
    size_t size = strlen(row->groups);
    pthread_t thread;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, row->groups, size), size);
    assert_int_equal(close(fd), 0);
    assert_int_equal(pthread_create(&thread, NULL, count_thread, &counting), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(remove(counting.list), 0);
    return counting.is_allowed ? counting.count : 0;
}

/* Only who may mount can try. */
static void the_quota_is_found_in_every_form_of_control_groups(void **state)
{
    cpu_set_t set;
    uint32_t cpus;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    cpus = (uint32_t)CPU_COUNT(&set);
    if (count_with(&quota_cases[0], true) == 0)
        skip();
    assert_int_equal(count_with(&quota_cases[0], false), cpus);
    for (size_t i = 0; i < sizeof quota_cases / sizeof quota_cases[0]; i++) {
        uint32_t bound = quota_cases[i].bound, count = count_with(&quota_cases[i], true);

        if (count != (bound ? bound : cpus))
            fail_msg("case %zu: %u CPUs of %u", i, count, cpus);
    }
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
        cmocka_unit_test(the_quota_is_found_in_every_form_of_control_groups),
#endif
        cmocka_unit_test(encoders_are_given_as_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
