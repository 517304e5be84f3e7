/* SPDX-License-Identifier: MIT */

/* Signals are the program's: no call changes the caller's mask, and handlers run on the program's threads only. */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../support/pattern.h"
#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"
#include "tasks.h"

enum { SIZE = 192, LIMIT_MS = 60000, SIGNALS = 120, ROUNDS = 5 };

static const int asynchronous[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,  SIGUSR1, SIGUSR2, SIGALRM,
                                   SIGCHLD, SIGPIPE, SIGTSTP, SIGWINCH, SIGIO,   SIGURG,  SIGVTALRM};

/* Those of the program: as many as there were before the library was first called. */
static struct tasks own;

static void expect_mask(const sigset_t *wanted, const char *after)
{
    sigset_t mask;

    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number <= SIGRTMAX; number++)
        if (sigismember(&mask, number) != sigismember(wanted, number))
            fail_msg("%s changes the mask of signal %d", after, number);
}

#define KEEPS_MASK(wanted, call)    \
    do {                            \
        call;                       \
        expect_mask(wanted, #call); \
    } while (0)

static void use_encoder(const wcenc_config *config, wcenc_delivery delivery, const sigset_t *mask)
{
    struct subject subject;
    wcenc_encoder *encoder;
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    KEEPS_MASK(mask, assert_int_equal(subject_open(&subject, delivery), WCENC_OK));
    encoder = subject.encoder;
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_configure(encoder, config), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(subject_encode(&subject, SIZE, SIZE, 0, 3), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_flush(encoder), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(subject_take(&subject), WCENC_AGAIN));
    KEEPS_MASK(mask, assert_int_equal(subject_flush_async(&subject), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_flush_timeout(encoder, -1), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_get_stats(encoder, &stats), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_reset(encoder), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(wcenc_encoder_configure(encoder, config), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(subject_encode(&subject, SIZE, SIZE, 0, 1), WCENC_OK));
    KEEPS_MASK(mask, assert_int_equal(subject_close_async(&subject), WCENC_OK));
    KEEPS_MASK(mask, subject_close(&subject));
}

static void test_no_call_changes_the_callers_mask(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, SIZE, SIZE);
    sigset_t original, mask;

    if (!config_works(&config))
        return;
    config.threads = 2;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGUSR1);
    (void)sigaddset(&mask, SIGPROF);
    (void)sigaddset(&mask, SIGRTMIN);
    (void)pthread_sigmask(SIG_SETMASK, &mask, &original);
    KEEPS_MASK(&mask, assert_true(is_supported(&config)));
    for (int delivery = 0; delivery < DELIVERIES; delivery++)
        use_encoder(&config, delivery, &mask);
    (void)pthread_sigmask(SIG_SETMASK, &original, NULL);
}

/* The number of the thread that ran the handler, through a pipe. */
static int handled[2];

static void handle(int number)
{
    int error = errno;
    pid_t thread = gettid();

    (void)number;
    if (write(handled[1], &thread, sizeof thread) != (ssize_t)sizeof thread)
        _exit(3);
    errno = error;
}

static const int sent[] = {SIGUSR1, SIGALRM, SIGINT};

enum { SENT = sizeof sent / sizeof sent[0] };

static void open_handlers(struct sigaction before[SENT], sigset_t *mask)
{
    struct sigaction action;
    sigset_t blocked;

    assert_int_equal(pipe2(handled, O_CLOEXEC), 0);
    memset(&action, 0, sizeof action);
    /* Without SA_RESTART: calls of the library that wait are interrupted as rudely as can be. */
    action.sa_handler = handle;
    (void)sigemptyset(&blocked);
    for (int i = 0; i < SENT; i++) {
        assert_int_equal(sigaction(sent[i], &action, &before[i]), 0);
        (void)sigaddset(&blocked, sent[i]);
    }
    /* Of this thread, which the system would choose before all others. */
    (void)pthread_sigmask(SIG_BLOCK, &blocked, mask);
}

static void close_handlers(const struct sigaction before[SENT], const sigset_t *mask)
{
    (void)pthread_sigmask(SIG_SETMASK, mask, NULL);
    for (int i = 0; i < SENT; i++)
        (void)sigaction(sent[i], &before[i], NULL);
    (void)close(handled[0]);
    (void)close(handled[1]);
}

/* The program's thread that uses the library, and the only one of the program's that takes the signals. */
struct application {
    pthread_t thread;
    atomic_int id;
    atomic_int rounds;
    atomic_bool must_stop;
};

static void unblock(void)
{
    sigset_t open;

    (void)sigemptyset(&open);
    for (int i = 0; i < SENT; i++)
        (void)sigaddset(&open, sent[i]);
    (void)pthread_sigmask(SIG_UNBLOCK, &open, NULL);
}

static void encode_round(struct subject subjects[DELIVERIES], int round)
{
    for (int i = 0; i < DELIVERIES; i++)
        CHECK_EQUAL(subject_encode(&subjects[i], SIZE, SIZE, round * 5, 5), WCENC_OK);
    for (int i = 0; i < DELIVERIES; i++) {
        CHECK_EQUAL(wcenc_encoder_flush(subjects[i].encoder), WCENC_OK);
        CHECK_EQUAL(subject_take(&subjects[i]), WCENC_AGAIN);
        CHECK_EQUAL(atomic_load(&subjects[i].chunks), (round + 1) * 5);
    }
}

static void *encode_all_the_time(void *argument)
{
    static const char *const encoders[DELIVERIES] = {"libx264", "libx265", "libvpx-vp9"};
    struct application *application = argument;
    struct subject subjects[DELIVERIES];
    int round = 0;

    unblock();
    for (int i = 0; i < DELIVERIES; i++) {
        wcenc_config config = subject_config(find_row(encoders[i]), WCENC_LATENCY_QUALITY, SIZE, SIZE);

        config.threads = 2;
        CHECK_EQUAL(subject_open(&subjects[i], i), WCENC_OK);
        CHECK_EQUAL(wcenc_encoder_configure(subjects[i].encoder, &config), WCENC_OK);
    }
    encode_round(subjects, round++);
    atomic_store(&application->id, gettid());
    while (!atomic_load(&application->must_stop) || atomic_load(&application->rounds) < ROUNDS) {
        encode_round(subjects, round++);
        atomic_fetch_add(&application->rounds, 1);
    }
    for (int i = 0; i < DELIVERIES; i++)
        subject_close(&subjects[i]);
    return NULL;
}

/* wcenc_is_config_supported opens encoders on the thread that asks; questions it has not heard yet. */
static void *ask_all_the_time(void *argument)
{
    struct application *application = argument;
    wcenc_config x264 = subject_config(find_row("libx264"), WCENC_LATENCY_QUALITY, SIZE, SIZE);
    wcenc_config x265 = subject_config(find_row("libx265"), WCENC_LATENCY_QUALITY, SIZE, SIZE);

    x264.threads = x265.threads = 4;
    unblock();
    atomic_store(&application->id, gettid());
    while (!atomic_load(&application->must_stop) || atomic_load(&application->rounds) < ROUNDS) {
        x264.bitrate = x265.bitrate = 1000000 + (uint64_t)atomic_fetch_add(&application->rounds, 1);
        CHECK(is_supported(&x264));
        CHECK(is_supported(&x265));
    }
    return NULL;
}

static void start_application(struct application *application, void *(*body)(void *))
{
    int64_t deadline = now_ms() + LIMIT_MS;

    memset(application, 0, sizeof *application);
    assert_int_equal(pthread_create(&application->thread, NULL, body, application), 0);
    while (atomic_load(&application->id) == 0)
        assert_true(now_ms() < deadline);
}

static void stop_application(struct application *application)
{
    atomic_store(&application->must_stop, true);
    assert_int_equal(pthread_join(application->thread, NULL), 0);
}

/* Sends one signal to the process; the thread that has handled it, or 0 if none has. */
static pid_t send_signal(int number)
{
    struct pollfd polled = {.fd = handled[0], .events = POLLIN};
    pid_t thread = 0;

    if (kill(getpid(), number) != 0 || poll(&polled, 1, LIMIT_MS) != 1 ||
        read(handled[0], &thread, sizeof thread) != (ssize_t)sizeof thread)
        return 0;
    return thread;
}

static void signals_reach_only(void *(*body)(void *))
{
    struct sigaction before[SENT];
    struct application application;
    int lost = 0, astray = 0;
    sigset_t mask;

    open_handlers(before, &mask);
    start_application(&application, body);
    for (int i = 0; i < SIGNALS && lost == 0; i++) {
        pid_t thread = send_signal(sent[i % SENT]);

        lost += thread == 0;
        astray += thread != 0 && thread != atomic_load(&application.id);
    }
    stop_application(&application);
    close_handlers(before, &mask);
    print_message("%d of %d signals handled by threads that are not the program's\n", astray, SIGNALS);
    assert_int_equal(lost, 0);
    assert_int_equal(astray, 0);
}

static void test_signals_while_encoding_reach_the_programs_thread_only(void **state)
{
    (void)state;
    signals_reach_only(encode_all_the_time);
}

static void test_signals_while_asking_reach_the_programs_thread_only(void **state)
{
    (void)state;
    signals_reach_only(ask_all_the_time);
}

/* True if it leaves to the program what is the program's. */
static bool blocks_asynchronous(const struct task *task)
{
    for (size_t i = 0; i < sizeof asynchronous / sizeof asynchronous[0]; i++)
        if (!task_blocks(task, asynchronous[i]))
            return false;
    return true;
}

/* Threads but the program's that may take a signal of the program's. */
static int count_open(const struct tasks *tasks, pid_t application, struct task *last)
{
    struct task again;
    int count = 0;

    for (int i = 0; i < tasks->count; i++)
        if (tasks->task[i].id != application && !blocks_asynchronous(&tasks->task[i]) &&
            task_read(tasks->task[i].id, &again) && !blocks_asynchronous(&again)) {
            *last = again;
            count++;
        }
    return count;
}

static void every_thread_blocks(void *(*body)(void *))
{
    struct application application;
    struct task last = {.id = 0};
    int seen = 0, open = 0;

    start_application(&application, body);
    while (atomic_load(&application.rounds) < 4 * ROUNDS) {
        struct tasks others;

        tasks_read_others(&own, &others);
        open += count_open(&others, atomic_load(&application.id), &last);
        seen = others.count > seen ? others.count : seen;
    }
    stop_application(&application);
    print_message("as many as %d threads beside the program's\n", seen - 1);
    assert_true(seen > 1);
    if (open > 0)
        fail_msg("thread \"%s\" blocks signals %016llx only", last.name, (unsigned long long)last.blocked);
}

static void test_threads_that_encode_block_asynchronous_signals(void **state)
{
    (void)state;
    every_thread_blocks(encode_all_the_time);
}

static void test_threads_of_a_question_block_asynchronous_signals(void **state)
{
    (void)state;
    every_thread_blocks(ask_all_the_time);
}

/* The first that blocks a signal which reports what it does itself; NULL if none does. */
static const struct task *find_deaf(const struct tasks *tasks)
{
    static const int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

    for (int i = 0; i < tasks->count; i++)
        for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++)
            if (task_blocks(&tasks->task[i], kept[k]))
                return &tasks->task[i];
    return NULL;
}

static void test_threads_of_the_library_take_what_they_raise_themselves(void **state)
{
    wcenc_config config = subject_config(find_row("libx264"), WCENC_LATENCY_QUALITY, SIZE, SIZE);
    int64_t deadline = now_ms() + LIMIT_MS;
    struct subject subject;
    struct tasks others;

    (void)state;
    config.threads = 2;
    assert_int_equal(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    assert_int_equal(subject_encode(&subject, SIZE, SIZE, 0, 1), WCENC_OK);
    assert_int_equal(subject_flush_async(&subject), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    tasks_read_others(&own, &others);
    assert_true(others.count > 0);
    /* A thread that has just been made blocks everything until it begins. */
    while (find_deaf(&others)) {
        if (now_ms() > deadline)
            fail_msg("thread \"%s\" blocks signals %016llx", find_deaf(&others)->name,
                     (unsigned long long)find_deaf(&others)->blocked);
        (void)sched_yield();
        tasks_read_others(&own, &others);
    }
    subject_close(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_no_call_changes_the_callers_mask),
        cmocka_unit_test(test_signals_while_encoding_reach_the_programs_thread_only),
        cmocka_unit_test(test_signals_while_asking_reach_the_programs_thread_only),
        cmocka_unit_test(test_threads_that_encode_block_asynchronous_signals),
        cmocka_unit_test(test_threads_of_a_question_block_asynchronous_signals),
        cmocka_unit_test(test_threads_of_the_library_take_what_they_raise_themselves),
    };

    tasks_read_own(&own);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
