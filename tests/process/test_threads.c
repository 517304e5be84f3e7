/* SPDX-License-Identifier: MIT */

/* The threads of the library, seen from outside: they have names, and do nothing where there is nothing to do. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "subject.h"
#include "tasks.h"

enum { WIDTH = 320, HEIGHT = 192, FRAMES = 40, INTERVAL_MS = 500, LIMIT_MS = 10000 };

/* Those of the program: as many as there were before the library was first called. */
static struct tasks own;

/* Threads of an encoder begin with the name of the one that starts them, and may take another. */
static const char *const encoders_names[] = {"x265", "svt", "rayon", "av1", "aom", "vpx"};

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_known(const char *name)
{
    bool known = begins_with(name, "wcenc");

    for (size_t i = 0; i < sizeof encoders_names / sizeof encoders_names[0]; i++)
        known = known || begins_with(name, encoders_names[i]);
    return known;
}

/* The names that were seen, each once. */
struct names {
    int count;
    char name[16][TASK_NAME_SIZE];
};

static void add_name(struct names *names, const char *name)
{
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0)
            return;
    if (names->count < (int)(sizeof names->name / sizeof names->name[0]))
        strcpy(names->name[names->count++], name);
}

/* A thread takes its name once it runs; until then it is called as the one that started it. */
static void wait_for_name(struct task *task)
{
    int64_t deadline = now_ms() + LIMIT_MS;

    while (!is_known(task->name) && task_read(task->id, task))
        if (now_ms() > deadline)
            fail_msg("a thread is called \"%s\"", task->name);
}

/* The number of threads of the library. */
static int read_names(struct names *names)
{
    struct tasks others;

    tasks_read_others(&own, &others);
    for (int i = 0; i < others.count; i++) {
        wait_for_name(&others.task[i]);
        if (is_known(others.task[i].name))
            add_name(names, others.task[i].name);
    }
    return others.count;
}

static void print_names(const struct codec_row *row, int threads, const struct names *names)
{
    print_message("%s, as many as %d threads, called:", row->encoder, threads);
    for (int i = 0; i < names->count; i++)
        print_message(" \"%s\"", names->name[i]);
    print_message("\n");
}

static bool have_all_flushed(struct subject subjects[DELIVERIES])
{
    bool all = true;

    for (int i = 0; i < DELIVERIES; i++) {
        assert_int_equal(subject_take(&subjects[i]), WCENC_AGAIN);
        all = all && atomic_load(&subjects[i].completions) == 1;
    }
    return all;
}

static void test_every_thread_has_a_name_while_encoding(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, WIDTH, HEIGHT);
    struct subject subjects[DELIVERIES];
    struct names names = {.count = 0};
    int threads = 0;

    if (!config_works(&config))
        return;
    config.threads = 2;
    for (int i = 0; i < DELIVERIES; i++) {
        assert_int_equal(subject_open(&subjects[i], i), WCENC_OK);
        assert_int_equal(wcenc_encoder_configure(subjects[i].encoder, &config), WCENC_OK);
        assert_int_equal(subject_encode(&subjects[i], WIDTH, HEIGHT, 0, FRAMES), WCENC_OK);
        assert_int_equal(subject_flush_async(&subjects[i]), WCENC_OK);
    }
    do {
        int count = read_names(&names);

        threads = count > threads ? count : threads;
    } while (!have_all_flushed(subjects));
    print_names(row, threads, &names);
    assert_true(threads >= DELIVERIES);
    for (int i = 0; i < DELIVERIES; i++)
        subject_close(&subjects[i]);
}

static bool is_workers(const struct task *task)
{
    return begins_with(task->name, "wcenc");
}

static bool are_asleep(const struct tasks *tasks)
{
    for (int i = 0; i < tasks->count; i++)
        if (is_workers(&tasks->task[i]) && tasks->task[i].state != 'S')
            return false;
    return tasks->count > 0;
}

static void wait_until_asleep(struct tasks *others)
{
    int64_t deadline = now_ms() + LIMIT_MS;

    tasks_read_others(&own, others);
    while (!are_asleep(others)) {
        assert_true(now_ms() < deadline);
        (void)sched_yield();
        tasks_read_others(&own, others);
    }
}

static uint64_t switches_of(const struct tasks *tasks, int *workers)
{
    uint64_t switches = 0;

    *workers = 0;
    for (int i = 0; i < tasks->count; i++)
        if (is_workers(&tasks->task[i])) {
            switches += tasks->task[i].switches;
            ++*workers;
        }
    return switches;
}

/* How often threads of the library run within an interval. */
static uint64_t count_wakeups(void)
{
    struct tasks before, after;
    int workers_before, workers_after;
    uint64_t first, second;

    wait_until_asleep(&before);
    (void)poll(NULL, 0, INTERVAL_MS);
    tasks_read_others(&own, &after);
    first = switches_of(&before, &workers_before);
    second = switches_of(&after, &workers_after);
    assert_int_equal(workers_after, workers_before);
    assert_true(workers_after >= DELIVERIES);
    print_message("%d threads ran %llu times in %d ms\n", workers_after, (unsigned long long)(second - first),
                  INTERVAL_MS);
    return second - first;
}

static void expect_no_wakeups(void)
{
    uint64_t wakeups = 0, latest;

    /* Each worker wakes once, a second after its last work, to free memory that is kept for frames. */
    do {
        latest = count_wakeups();
        wakeups += latest;
        assert_true(wakeups <= DELIVERIES);
    } while (latest > 0);
}

static void test_idle_encoders_wake_nobody(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, WIDTH, HEIGHT);
    struct subject subjects[DELIVERIES];

    if (!config_works(&config))
        return;
    for (int i = 0; i < DELIVERIES; i++) {
        assert_int_equal(subject_open(&subjects[i], i), WCENC_OK);
        assert_int_equal(wcenc_encoder_configure(subjects[i].encoder, &config), WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(subjects[i].encoder), WCENC_OK);
    }
    expect_no_wakeups();
    for (int i = 0; i < DELIVERIES; i++) {
        assert_int_equal(subject_encode(&subjects[i], WIDTH, HEIGHT, 0, 3), WCENC_OK);
        assert_int_equal(subject_flush_async(&subjects[i]), WCENC_OK);
        assert_int_equal(wcenc_encoder_flush(subjects[i].encoder), WCENC_OK);
    }
    /* Results that nobody takes wake nobody either. */
    expect_no_wakeups();
    for (int i = 0; i < DELIVERIES; i++) {
        assert_int_equal(subject_take(&subjects[i]), WCENC_AGAIN);
        assert_int_equal(atomic_load(&subjects[i].chunks), 3);
    }
    expect_no_wakeups();
    for (int i = 0; i < DELIVERIES; i++)
        subject_close(&subjects[i]);
}

static void check_policies(const struct codec_row *row)
{
    struct tasks none = {.count = 0}, all;

    tasks_read_others(&none, &all);
    assert_true(all.count > 0);
    for (int i = 0; i < all.count; i++) {
        int policy = sched_getscheduler(all.task[i].id);

        if (policy == SCHED_FIFO || policy == SCHED_RR)
            fail_msg("%s: thread %d, called \"%s\", is a realtime one", row->encoder, i, all.task[i].name);
    }
}

/* Nor the program's own that asks what is supported, even where the process could make them so. */
static void test_no_thread_becomes_a_realtime_one(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, WIDTH, HEIGHT);
    struct subject subject;

    if (!config_works(&config))
        return;
    check_policies(row);
    assert_int_equal(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    assert_int_equal(subject_encode(&subject, WIDTH, HEIGHT, 0, 2), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    assert_int_equal(subject_encode(&subject, WIDTH, HEIGHT, 2, 2), WCENC_OK);
    check_policies(row);
    subject_close(&subject);
}

static int count_batch_threads(void)
{
    struct tasks none = {.count = 0}, all;
    int count = 0;

    tasks_read_others(&none, &all);
    for (int i = 0; i < all.count; i++)
        count += sched_getscheduler(all.task[i].id) == SCHED_BATCH;
    return count;
}

static void wait_until_idle(const struct subject *subject)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    do {
        (void)sched_yield();
        assert_int_equal(wcenc_encoder_get_stats(subject->encoder, &stats), WCENC_OK);
    } while (!stats.is_idle || stats.frames_queued > 0);
}

/* The worker is one once it has waited for work; an encoder that it opens then makes ordinary threads all the same. */
static void test_threads_of_encoders_are_no_batch_threads(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, 640, 480);
    struct subject subject;

    config.threads = 2;
    if (!config_works(&config) || sched_getscheduler(0) != SCHED_OTHER)
        skip();
    assert_int_equal(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    while (count_batch_threads() == 0)
        (void)sched_yield();
    assert_int_equal(subject_encode(&subject, 640, 480, 0, 2), WCENC_OK);
    wait_until_idle(&subject);
    while (count_batch_threads() == 0)
        (void)sched_yield();
    assert_int_equal(count_batch_threads(), 1);
    subject_close(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_no_thread_becomes_a_realtime_one),
        FOR_ALL_CODECS(test_threads_of_encoders_are_no_batch_threads),
        FOR_ALL_CODECS(test_every_thread_has_a_name_while_encoding),
        FOR_ALL_CODECS(test_idle_encoders_wake_nobody),
    };

    tasks_read_own(&own);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
