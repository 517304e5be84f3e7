/* SPDX-License-Identifier: MIT */

/* The thread shim: waiting by the right clock, and threads that keep out of the program's way. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler.h"
#include "process.h"
#include "thread.h"

#define MS INT64_C(1000000)

static void the_clock_goes_forward(void **state)
{
    int64_t before = monotonic_ns();

    (void)state;
    assert_true(before > 0);
    while (monotonic_ns() == before)
        ;
    assert_true(monotonic_ns() > before);
}

/* A box that one thread fills and another empties. */
struct box {
    struct mutex lock;
    struct cond changed;
    int content;
};

static void box_init(struct box *box)
{
    assert_int_equal(mutex_init(&box->lock), 0);
    assert_int_equal(cond_init(&box->changed), 0);
    box->content = 0;
}

static void box_destroy(struct box *box)
{
    cond_destroy(&box->changed);
    mutex_destroy(&box->lock);
}

static void *empty_the_box_1000_times(void *argument)
{
    struct box *box = argument;

    mutex_lock(&box->lock);
    for (int i = 0; i < 1000; i++) {
        while (box->content == 0)
            cond_wait(&box->changed, &box->lock);
        box->content = 0;
        cond_broadcast(&box->changed);
    }
    mutex_unlock(&box->lock);
    return NULL;
}

static void threads_wake_one_another(void **state)
{
    struct box box;
    struct thread thread;
    int64_t deadline = monotonic_ns() + 60000 * MS;

    (void)state;
    box_init(&box);
    assert_int_equal(wcenc__thread_start(&thread, "box", empty_the_box_1000_times, &box), 0);
    mutex_lock(&box.lock);
    for (int i = 0; i < 1000; i++) {
        box.content = 1;
        cond_signal(&box.changed);
        while (box.content != 0)
            assert_true(cond_timed_wait(&box.changed, &box.lock, deadline));
    }
    mutex_unlock(&box.lock);
    thread_join(&thread);
    box_destroy(&box);
}

static void a_timed_wait_ends_at_its_deadline(void **state)
{
    struct box box;
    int64_t deadline = monotonic_ns() + 20 * MS;

    (void)state;
    box_init(&box);
    mutex_lock(&box.lock);
    while (cond_timed_wait(&box.changed, &box.lock, deadline))
        ;
    assert_true(monotonic_ns() >= deadline);
    /* Deadlines that have passed, however long ago. */
    assert_false(cond_timed_wait(&box.changed, &box.lock, monotonic_ns() - MS));
    assert_false(cond_timed_wait(&box.changed, &box.lock, 0));
    assert_false(cond_timed_wait(&box.changed, &box.lock, -5));
    assert_false(cond_timed_wait(&box.changed, &box.lock, INT64_MIN));
    mutex_unlock(&box.lock);
    box_destroy(&box);
}

static void *fill_the_box(void *argument)
{
    struct box *box = argument;

    mutex_lock(&box->lock);
    box->content = 1;
    cond_signal(&box->changed);
    mutex_unlock(&box->lock);
    return NULL;
}

static void a_wait_without_a_deadline_ends_by_a_signal(void **state)
{
    static const int64_t deadlines[] = {DEADLINE_NEVER, INT64_MAX - 1};
    struct thread thread;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(deadlines); i++) {
        struct box box;

        box_init(&box);
        mutex_lock(&box.lock);
        assert_int_equal(wcenc__thread_start(&thread, "box", fill_the_box, &box), 0);
        while (box.content == 0)
            assert_true(cond_timed_wait(&box.changed, &box.lock, deadlines[i]));
        mutex_unlock(&box.lock);
        thread_join(&thread);
        box_destroy(&box);
    }
}

struct observation {
    sigset_t mask;
    char name[32];
    struct thread *self;
    struct thread_id parent;
    struct box box; /* content: self is set */
    int is_self;
    int is_parent;
};

static void *observe(void *argument)
{
    struct observation *seen = argument;

    mutex_lock(&seen->box.lock);
    while (!seen->box.content)
        cond_wait(&seen->box.changed, &seen->box.lock);
    mutex_unlock(&seen->box.lock);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
    (void)pthread_getname_np(pthread_self(), seen->name, sizeof seen->name);
    seen->is_self = thread_is_current(seen->self);
    seen->is_parent = thread_id_is_current(&seen->parent);
    return NULL;
}

static void observe_a_thread(const char *name, struct observation *seen)
{
    struct thread thread;

    memset(seen, 0, sizeof *seen);
    box_init(&seen->box);
    seen->parent = thread_id_current();
    seen->self = &thread;
    assert_int_equal(wcenc__thread_start(&thread, name, observe, seen), 0);
    fill_the_box(&seen->box);
    assert_false(thread_is_current(&thread));
    thread_join(&thread);
    box_destroy(&seen->box);
}

static void a_thread_knows_itself_and_has_its_name(void **state)
{
    struct observation seen;

    (void)state;
    observe_a_thread("a name of more than 15 characters", &seen);
    assert_true(seen.is_self);
    assert_false(seen.is_parent);
    assert_true(thread_id_is_current(&seen.parent));
    assert_string_equal(seen.name, "a name of more ");
}

static void a_thread_takes_only_signals_of_its_own_making(void **state)
{
    static const int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
    static const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE, SIGWINCH};
    struct observation seen;

    (void)state;
    observe_a_thread("signals", &seen);
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        assert_int_equal(sigismember(&seen.mask, kept[i]), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(blocked); i++)
        assert_int_equal(sigismember(&seen.mask, blocked[i]), 1);
}

static void starting_a_thread_leaves_the_callers_mask_alone(void **state)
{
    sigset_t original, wanted, after;
    struct observation seen;

    (void)state;
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGUSR1);
    (void)sigaddset(&wanted, SIGPROF);
    (void)pthread_sigmask(SIG_SETMASK, &wanted, &original);
    observe_a_thread("mask", &seen);
    (void)pthread_sigmask(SIG_SETMASK, &original, &after);
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP)
            assert_int_equal(sigismember(&after, number), sigismember(&wanted, number));
}

#ifdef __linux__
static void *wait_and_tell_policy(void *argument)
{
    struct box *box = argument;
    int after_wait;

    mutex_lock(&box->lock);
    while (!box->content)
        (void)cond_wait_for_work(&box->changed, &box->lock, DEADLINE_NEVER);
    after_wait = sched_getscheduler(0);
    wcenc__thread_may_make_threads();
    box->content = 100 + 10 * after_wait + sched_getscheduler(0);
    mutex_unlock(&box->lock);
    return NULL;
}

/* The policy of a thread of this process, by the system's own count of threads. */
static int policy_of_the_other_thread(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    int policy = -1;

    assert_non_null(tasks);
    while ((entry = readdir(tasks))) {
        long id = strtol(entry->d_name, NULL, 10);

        if (id > 0 && id != (long)getpid())
            policy = sched_getscheduler((pid_t)id);
    }
    assert_int_equal(closedir(tasks), 0);
    return policy;
}

/* The thread that wakes it keeps the CPU. Threads that it may make are like any other's. */
static void a_thread_is_a_batch_thread_from_its_first_wait_for_work_on(void **state)
{
    int64_t deadline = monotonic_ns() + 60000 * MS;
    struct sched_param parameter;
    struct thread thread;
    struct box box;
    int own;

    (void)state;
    assert_int_equal(pthread_getschedparam(pthread_self(), &own, &parameter), 0);
    if (own != SCHED_OTHER)
        skip();
    box_init(&box);
    assert_int_equal(wcenc__thread_start(&thread, "policy", wait_and_tell_policy, &box), 0);
    while (policy_of_the_other_thread() != SCHED_BATCH)
        assert_true(monotonic_ns() < deadline);
    fill_the_box(&box);
    thread_join(&thread);
    assert_int_equal(box.content, 100 + 10 * SCHED_BATCH + SCHED_OTHER);
    box_destroy(&box);
}

static bool becomes(int policy, int priority)
{
    const struct sched_param parameter = {.sched_priority = priority};

    return pthread_setschedparam(pthread_self(), policy, &parameter) == 0;
}

static void scheduling_is_held_and_given_back(void **state)
{
    struct scheduling before;

    (void)state;
    if (sched_getscheduler(0) != SCHED_OTHER || !becomes(SCHED_FIFO, 1))
        skip();
    assert_true(becomes(SCHED_OTHER, 0));
    wcenc__scheduling_hold(&before);
    assert_false(becomes(SCHED_FIFO, 1));
    assert_true(becomes(SCHED_BATCH, 0));
    wcenc__scheduling_give_back(&before);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
    assert_true(becomes(SCHED_FIFO, 1));
    assert_true(becomes(SCHED_OTHER, 0));
}
#endif

static void *count_up(void *argument)
{
    atomic_fetch_add((atomic_int *)argument, 1);
    return NULL;
}

static void a_thread_may_be_detached(void **state)
{
    static atomic_int count;
    struct thread thread;
    int64_t deadline = monotonic_ns() + 60000 * MS;

    (void)state;
    assert_int_equal(wcenc__thread_start(&thread, "detached", count_up, &count), 0);
    thread_detach(&thread);
    while (atomic_load(&count) == 0)
        assert_true(monotonic_ns() < deadline);
}

static void timeouts_become_deadlines(void **state)
{
    int64_t before = monotonic_ns(), deadline = wcenc__deadline_after_us(5000);

    (void)state;
    assert_int_equal(wcenc__deadline_after_us(0), 0);
    assert_true(wcenc__deadline_after_us(-1) == DEADLINE_NEVER);
    assert_true(wcenc__deadline_after_us(INT64_MIN) == DEADLINE_NEVER);
    assert_true(wcenc__deadline_after_us(INT64_MAX) == DEADLINE_NEVER);
    assert_true(deadline >= before + 5 * MS && deadline <= monotonic_ns() + 5 * MS);
}

/* Holds both locks of the process while another thread forks. */
static void *hold_process_locks(void *argument)
{
    atomic_int *phase = argument;

    wcenc__process_lock(PROCESS_LOCK_CODECS);
    wcenc__process_lock(PROCESS_LOCK_PROBES);
    atomic_store(phase, 1);
    while (atomic_load(phase) == 1)
        ;
    wcenc__process_unlock(PROCESS_LOCK_PROBES);
    wcenc__process_unlock(PROCESS_LOCK_CODECS);
    return NULL;
}

/* In the child: 0 if the locks are free and the number is another. */
static int look_as_child(uint32_t number)
{
    (void)alarm(20); /* a lock that is not free would be waited for, for ever */
    for (int which = 0; which < PROCESS_LOCKS; which++) {
        wcenc__process_lock((enum process_lock)which);
        wcenc__process_unlock((enum process_lock)which);
    }
    return wcenc__process_number() == number;
}

static void a_forked_child_has_free_locks_and_another_number(void **state)
{
    atomic_int phase = 0;
    struct thread thread;
    uint32_t number;
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(wcenc__process_watch(), 0);
    number = wcenc__process_number();
    assert_int_equal(wcenc__thread_start(&thread, "holder", hold_process_locks, &phase), 0);
    while (atomic_load(&phase) == 0)
        ;
    child = fork();
    if (child == 0)
        _exit(look_as_child(number));
    atomic_store(&phase, 2);
    thread_join(&thread);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(wcenc__process_number(), number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_goes_forward),
        cmocka_unit_test(threads_wake_one_another),
        cmocka_unit_test(a_timed_wait_ends_at_its_deadline),
        cmocka_unit_test(a_wait_without_a_deadline_ends_by_a_signal),
        cmocka_unit_test(a_thread_knows_itself_and_has_its_name),
        cmocka_unit_test(a_thread_takes_only_signals_of_its_own_making),
        cmocka_unit_test(starting_a_thread_leaves_the_callers_mask_alone),
        cmocka_unit_test(a_thread_may_be_detached),
#ifdef __linux__
        cmocka_unit_test(a_thread_is_a_batch_thread_from_its_first_wait_for_work_on),
        cmocka_unit_test(scheduling_is_held_and_given_back),
#endif
        cmocka_unit_test(timeouts_become_deadlines),
        cmocka_unit_test(a_forked_child_has_free_locks_and_another_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
