/* SPDX-License-Identifier: MIT */

/* What of thread.h differs between systems: starting threads quietly, naming them, and waiting by the right clock. */

#define _GNU_SOURCE

#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#ifdef __linux__
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "compiler.h"

#define NS_PER_SECOND INT64_C(1000000000)

/* Raised by what a thread itself does, where blocking them means death or nothing; and the one of profilers. */
static const int kept_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};

int64_t wcenc__monotonic_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t wcenc__deadline_after_us(int64_t timeout_us)
{
    enum { NS_PER_US = 1000 };
    int64_t now;

    if (timeout_us < 0)
        return DEADLINE_NEVER;
    if (timeout_us == 0)
        return 0;
    now = wcenc__monotonic_ns();
    return timeout_us < (DEADLINE_NEVER - now) / NS_PER_US ? now + timeout_us * NS_PER_US : DEADLINE_NEVER;
}

#ifndef NDEBUG
const void *wcenc__thread_mark(void)
{
    static _Thread_local char mark;

    return &mark;
}
#endif

LEFT_BY_CANCELLATION static struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND), .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

bool wcenc__mutex_lock_until(struct mutex *mutex, int64_t deadline_ns)
{
    enum { PAUSE_NS = 1000 * 1000 };
    const struct timespec pause = timespec_of(PAUSE_NS);

    const int before = wcenc__cancellation_block();

    /* pthread_mutex_timedlock goes by a clock that may be set, and macOS has none. */
    while (pthread_mutex_trylock(&mutex->handle) != 0) {
        if (wcenc__monotonic_ns() >= deadline_ns) {
            wcenc__cancellation_restore(before);
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    mutex->cancel_state = before;
    mutex_note_holder(mutex, true);
    return true;
}

#ifdef __APPLE__

int wcenc__cond_init(struct cond *cond)
{
    return pthread_cond_init(&cond->handle, NULL) == 0 ? 0 : -1;
}

LEFT_BY_CANCELLATION static int wait_until(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    int64_t left = deadline_ns - wcenc__monotonic_ns();
    struct timespec time = timespec_of(left > 0 ? left : 0);

    return pthread_cond_timedwait_relative_np(&cond->handle, &mutex->handle, &time);
}

static void set_current_name(const char *name)
{
    (void)pthread_setname_np(name);
}

#else

int wcenc__cond_init(struct cond *cond)
{
    pthread_condattr_t attributes;
    int error;

    if (pthread_condattr_init(&attributes) != 0)
        return -1;
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0)
        error = pthread_cond_init(&cond->handle, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return error == 0 ? 0 : -1;
}

LEFT_BY_CANCELLATION static int wait_until(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    struct timespec time = timespec_of(deadline_ns > 0 ? deadline_ns : 0);

    return pthread_cond_timedwait(&cond->handle, &mutex->handle, &time);
}

static void set_current_name(const char *name)
{
#ifdef __linux__
    (void)pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}

#endif

LEFT_BY_CANCELLATION bool wcenc__cond_timed_wait(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    const int before = mutex->cancel_state;
    bool in_time = true;

    if (deadline_ns == DEADLINE_NEVER)
        (void)pthread_cond_wait(&cond->handle, &mutex->handle);
    else
        in_time = wait_until(cond, mutex, deadline_ns) != ETIMEDOUT;
    mutex->cancel_state = before;
    mutex_note_holder(mutex, true);
    return in_time;
}

int wcenc__cancellation_block(void)
{
    int before;

    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void wcenc__cancellation_restore(int before)
{
    (void)pthread_setcancelstate(before, &before);
}

/* A wait that can be cut off, and what then has to be done. */
struct cancellable {
    struct mutex *mutex;
    void (*undo)(void *);
    void *argument;
};

/* The wait has taken the mutex again. */
static void cut_off(void *wait)
{
    const struct cancellable *cancelled = wait;

    cancelled->mutex->cancel_state = PTHREAD_CANCEL_DISABLE;
    mutex_note_holder(cancelled->mutex, true);
    cancelled->undo(cancelled->argument);
}

bool wcenc__cond_wait_cancellable(struct cond *cond, struct mutex *mutex, int64_t deadline_ns, void (*undo)(void *),
                                  void *argument)
{
    struct cancellable wait = {mutex, undo, argument};
    bool in_time;

    pthread_cleanup_push(cut_off, &wait);
    wcenc__cancellation_restore(mutex->cancel_state);
    in_time = wcenc__cond_timed_wait(cond, mutex, deadline_ns);
    (void)wcenc__cancellation_block();
    pthread_cleanup_pop(0);
    return in_time;
}

#ifdef SCHED_BATCH
static bool has_policy(int policy)
{
    struct sched_param parameter;
    int current;

    return pthread_getschedparam(pthread_self(), &current, &parameter) == 0 && current == policy;
}

static void set_policy(int policy)
{
    const struct sched_param parameter = {.sched_priority = 0};

    (void)pthread_setschedparam(pthread_self(), policy, &parameter);
}

/* The thread is a batch thread since it has waited for work. */
static _Thread_local bool is_lowered;

bool wcenc__cond_wait_for_work(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    /* A policy that the program has given is kept. To ask is cheap, the C library knows; to set takes microseconds. */
    if (has_policy(SCHED_OTHER)) {
        set_policy(SCHED_BATCH);
        is_lowered = true;
    }
    return cond_timed_wait(cond, mutex, deadline_ns);
}

void wcenc__thread_may_make_threads(void)
{
    if (is_lowered && has_policy(SCHED_BATCH))
        set_policy(SCHED_OTHER);
    is_lowered = false;
}
#else
bool wcenc__cond_wait_for_work(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    return cond_timed_wait(cond, mutex, deadline_ns);
}

void wcenc__thread_may_make_threads(void)
{
}
#endif

static void *run(void *started)
{
    const struct thread *thread = started;

    /* Only code of the program's could ask for it, from inside a callback. */
    (void)wcenc__cancellation_block();
    /* Here and not in the parent, since macOS can only name the current thread. */
    set_current_name(thread->name);
    return thread->main(thread->argument);
}

#ifdef __linux__
/*
 * Capabilities are a thread's own on Linux, and a thread begins with those of the one that makes it. The system's calls
 * for them are not in the C library. Returns whether the thread had it.
 */
static bool set_nice_capability(bool has_it)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    const uint32_t bit = CAP_TO_MASK(CAP_SYS_NICE);
    uint32_t *effective = &sets[CAP_TO_INDEX(CAP_SYS_NICE)].effective;
    bool had_it;

    if (syscall(SYS_capget, &header, sets) != 0)
        return false;
    had_it = *effective & bit;
    if (had_it == has_it)
        return had_it;
    *effective ^= bit;
    (void)syscall(SYS_capset, &header, sets);
    return had_it;
}
#else
static bool set_nice_capability(bool has_it)
{
    (void)has_it;
    return false;
}
#endif

void wcenc__scheduling_hold(struct scheduling *before)
{
    struct sched_param parameter;

    before->was_privileged = set_nice_capability(false);
    before->policy = -1;
    if (pthread_getschedparam(pthread_self(), &before->policy, &parameter) == 0)
        before->priority = parameter.sched_priority;
}

void wcenc__scheduling_give_back(const struct scheduling *before)
{
    const struct sched_param parameter = {.sched_priority = before->priority};
    struct sched_param now;
    int policy;

    if (before->was_privileged)
        (void)set_nice_capability(true);
    if (before->policy >= 0 && pthread_getschedparam(pthread_self(), &policy, &now) == 0 &&
        (policy != before->policy || now.sched_priority != before->priority))
        (void)pthread_setschedparam(pthread_self(), before->policy, &parameter);
}

void wcenc__signals_block(struct signal_mask *before)
{
    sigset_t blocked, mask;

    _Static_assert(sizeof mask <= sizeof *before, "signal_mask holds a sigset_t");
    (void)sigfillset(&blocked);
    for (size_t i = 0; i < ARRAY_LENGTH(kept_signals); i++)
        (void)sigdelset(&blocked, kept_signals[i]);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, &mask);
    memcpy(before, &mask, sizeof mask);
}

void wcenc__signals_restore(const struct signal_mask *before)
{
    sigset_t mask;

    memcpy(&mask, before, sizeof mask);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

size_t wcenc__thread_default_stack(void)
{
    pthread_attr_t attributes;
    size_t size = 0;

    if (pthread_attr_init(&attributes) != 0)
        return 0;
    (void)pthread_attr_getstacksize(&attributes, &size);
    (void)pthread_attr_destroy(&attributes);
    return size;
}

/*
 * The program's default is 128 kB with musl, and may be less. libaom takes up to 180 kB of the thread that calls it,
 * other encoders up to 96; the program's callbacks run there too.
 */
static int init_attributes(pthread_attr_t *attributes)
{
    const size_t least = 1024 * 1024, usual = wcenc__thread_default_stack();
    int error = pthread_attr_init(attributes);

    if (error == 0 && pthread_attr_setstacksize(attributes, usual > least ? usual : least) != 0) {
        (void)pthread_attr_destroy(attributes);
        error = -1;
    }
    return error;
}

int wcenc__thread_start(struct thread *thread, const char *name, void *(*main)(void *), void *argument)
{
    pthread_attr_t attributes;
    struct signal_mask before;
    int error;

    if (init_attributes(&attributes) != 0)
        return -1;
    thread->main = main;
    thread->argument = argument;
    memset(thread->name, 0, sizeof thread->name);
    strncpy(thread->name, name, sizeof thread->name - 1);
    /* A thread begins with the mask of the one that makes it. */
    wcenc__signals_block(&before);
    error = pthread_create(&thread->handle, &attributes, run, thread);
    wcenc__signals_restore(&before);
    (void)pthread_attr_destroy(&attributes);
    return error == 0 ? 0 : -1;
}
