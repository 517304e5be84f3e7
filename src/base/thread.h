/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_THREAD_H
#define WCENC_BASE_THREAD_H

/*
 * Threads, and the only place that knows of pthreads.
 *
 * Whatever takes something from the system returns 0, or -1 where the system refuses, which callers report as
 * WCENC_ERROR_OPERATION. All else cannot fail on objects that are used as they should be.
 *
 *     struct mutex        not recursive; its holder is not cancelled, but for a wait that says so
 *     struct cond         waits may end without a signal: test the condition again; timed waits go by monotonic_ns
 *     struct thread       one that was started here: to be joined or detached, once
 *     struct thread_id    any thread, the user's too; compares only while the thread lives
 */

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { THREAD_NAME_SIZE = 16 }; /* Linux refuses longer ones */

struct mutex {
    pthread_mutex_t handle;
    int cancel_state; /* what the holder had before it locked; guarded by the mutex */
#ifndef NDEBUG
    _Atomic(const void *) holder; /* what wcenc__thread_mark returned; NULL: nobody */
#endif
};

struct cond {
    pthread_cond_t handle;
};

struct thread {
    pthread_t handle;
    /* What the thread begins with, so that starting one needs no memory. */
    void *(*main)(void *);
    void *argument;
    char name[THREAD_NAME_SIZE];
};

struct thread_id {
    pthread_t handle;
};

/* For mutexes that are there before anything runs. */
#define MUTEX_UNLOCKED                                                              \
    {                                                                               \
        .handle = PTHREAD_MUTEX_INITIALIZER, .cancel_state = PTHREAD_CANCEL_DISABLE \
    }

/* For deadlines that are not to be reached: cond_timed_wait then waits as cond_wait does. */
#define DEADLINE_NEVER INT64_MAX

/* Nanoseconds of a clock that nobody sets. */
int64_t wcenc__monotonic_ns(void);

/* When a timeout in microseconds runs out: 0 has done so already, negative ones never do. */
int64_t wcenc__deadline_after_us(int64_t timeout_us);

/* Locks, or stops trying when monotonic_ns reaches `deadline_ns`; true if locked. For rare cases: it looks now and
 * then. */
bool wcenc__mutex_lock_until(struct mutex *mutex, int64_t deadline_ns);

int wcenc__cond_init(struct cond *cond);

/*
 * Waits until signalled or until monotonic_ns reaches `deadline_ns`; the mutex is held before and after. False if the
 * deadline has passed, though a signal may have come as well.
 */
bool wcenc__cond_timed_wait(struct cond *cond, struct mutex *mutex, int64_t deadline_ns);

/*
 * wcenc__cond_timed_wait as a cancellation point, if the thread was one that can be cancelled when it locked. Where it
 * is cancelled, `undo(argument)` runs with the mutex held, and releases the mutex and all that the thread has; nothing
 * after the call runs then.
 */
bool wcenc__cond_wait_cancellable(struct cond *cond, struct mutex *mutex, int64_t deadline_ns, void (*undo)(void *),
                                  void *argument);

/*
 * The wait of a thread of the library that has nothing to do. Woken threads take the CPU of who wakes them, which is a
 * caller of the program's in the middle of a call, for as long as a picture takes to be converted and begun; this one
 * waits for a CPU instead (as SCHED_BATCH does), where the system and the program's own policy allow it. It stays so.
 * Returns as cond_timed_wait does.
 */
bool wcenc__cond_wait_for_work(struct cond *cond, struct mutex *mutex, int64_t deadline_ns);

/*
 * Called before an encoder is opened. Threads begin with the policy of the one that makes them, and those of some
 * encoders wait for one another in busy loops: until it waits for work again, the thread is an ordinary one.
 */
void wcenc__thread_may_make_threads(void);

/*
 * Starts a thread that runs `main(argument)` and whose result is ignored. `name`, of which 15 characters are kept, is
 * what debuggers show. It takes no asynchronous signals: those go to threads of the program, whose handlers may not
 * expect to run here. Signals that report what the thread itself did (SIGSEGV and its kind), and profilers' SIGPROF,
 * it takes.
 * Its stack has 1 MB at least.
 * `*thread` is written before this returns, but perhaps after `main` has begun, and has to stay until it has.
 */
int wcenc__thread_start(struct thread *thread, const char *name, void *(*main)(void *), void *argument);

/* Bytes of stack that threads get whose makers do not say, as encoders' own; 0: not known. */
size_t wcenc__thread_default_stack(void);

/* A sigset_t, which strict C does not know. */
struct signal_mask {
    uint64_t opaque[16];
};

/*
 * Blocks what threads of the library block, on the calling thread, which may be the program's: threads begin with the
 * mask of the one that makes them, and encoders make some of their own. To be restored soon.
 */
void wcenc__signals_block(struct signal_mask *before);
void wcenc__signals_restore(const struct signal_mask *before);

/*
 * Until it is restored, the calling thread, which may be the program's, cannot be cancelled: for the program's own code
 * inside the library's, and for calls that leave things behind when they are cut off. May be nested, also with mutexes.
 */
int wcenc__cancellation_block(void);
void wcenc__cancellation_restore(int before);

/* How a thread is scheduled, and what it may do about that. */
struct scheduling {
    int policy;
    int priority;
    bool was_privileged;
};

/*
 * Until it is given back, the calling thread, which may be the program's, can make neither itself nor another thread a
 * realtime one, as some encoders do as they open where they may, with threads that wait in busy loops. Giving it back
 * also undoes what the thread has become meanwhile. To be given back soon.
 */
void wcenc__scheduling_hold(struct scheduling *before);
void wcenc__scheduling_give_back(const struct scheduling *before);

static inline int64_t monotonic_ns(void)
{
    return wcenc__monotonic_ns();
}

/* For debug and sanitizer builds: who holds a mutex, so that functions can assert what they need. */
#ifdef NDEBUG
#define mutex_note_holder(mutex, is_held) ((void)0)
#define mutex_assert_held(mutex)          ((void)(mutex))
#else
/* Differs between threads that live. */
const void *wcenc__thread_mark(void);
#define mutex_note_holder(mutex, is_held) \
    atomic_store_explicit(&(mutex)->holder, (is_held) ? wcenc__thread_mark() : NULL, memory_order_relaxed)
#define mutex_assert_held(mutex) \
    assert(atomic_load_explicit(&(mutex)->holder, memory_order_relaxed) == wcenc__thread_mark())
#endif

static inline int mutex_init(struct mutex *mutex)
{
    mutex_note_holder(mutex, false);
    mutex->cancel_state = PTHREAD_CANCEL_DISABLE;
    return pthread_mutex_init(&mutex->handle, NULL) == 0 ? 0 : -1;
}

static inline void mutex_lock(struct mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->handle);
    mutex->cancel_state = wcenc__cancellation_block();
    mutex_note_holder(mutex, true);
}

static inline bool mutex_lock_until(struct mutex *mutex, int64_t deadline_ns)
{
    return wcenc__mutex_lock_until(mutex, deadline_ns);
}

static inline void mutex_unlock(struct mutex *mutex)
{
    int before = mutex->cancel_state;

    mutex_note_holder(mutex, false);
    (void)pthread_mutex_unlock(&mutex->handle);
    wcenc__cancellation_restore(before);
}

static inline void mutex_destroy(struct mutex *mutex)
{
    (void)pthread_mutex_destroy(&mutex->handle);
}

static inline int cond_init(struct cond *cond)
{
    return wcenc__cond_init(cond);
}

static inline void cond_wait(struct cond *cond, struct mutex *mutex)
{
    int before = mutex->cancel_state;

    (void)pthread_cond_wait(&cond->handle, &mutex->handle);
    mutex->cancel_state = before;
    mutex_note_holder(mutex, true);
}

static inline bool cond_wait_for_work(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    return wcenc__cond_wait_for_work(cond, mutex, deadline_ns);
}

static inline bool cond_timed_wait(struct cond *cond, struct mutex *mutex, int64_t deadline_ns)
{
    return wcenc__cond_timed_wait(cond, mutex, deadline_ns);
}

static inline bool cond_wait_cancellable(struct cond *cond, struct mutex *mutex, int64_t deadline_ns,
                                         void (*undo)(void *), void *argument)
{
    return wcenc__cond_wait_cancellable(cond, mutex, deadline_ns, undo, argument);
}

static inline void cond_signal(struct cond *cond)
{
    (void)pthread_cond_signal(&cond->handle);
}

static inline void cond_broadcast(struct cond *cond)
{
    (void)pthread_cond_broadcast(&cond->handle);
}

static inline void cond_destroy(struct cond *cond)
{
    (void)pthread_cond_destroy(&cond->handle);
}

static inline void thread_join(struct thread *thread)
{
    int before = wcenc__cancellation_block();

    (void)pthread_join(thread->handle, NULL);
    wcenc__cancellation_restore(before);
}

static inline void thread_detach(struct thread *thread)
{
    (void)pthread_detach(thread->handle);
}

/* True on that very thread. */
static inline bool thread_is_current(const struct thread *thread)
{
    return pthread_equal(thread->handle, pthread_self()) != 0;
}

static inline struct thread_id thread_id_current(void)
{
    return (struct thread_id){pthread_self()};
}

static inline bool thread_id_is_current(const struct thread_id *id)
{
    return pthread_equal(id->handle, pthread_self()) != 0;
}

#endif
