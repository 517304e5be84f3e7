/* SPDX-License-Identifier: MIT */

/*
 * Encoders that must not outlive the libraries that they use. A process may end while encoders are at work; its
 * libraries then free what is theirs, and libx265's threads, the new ones above all, still ask libnuma for it. So these
 * encoders are closed first, each between two calls of it, and a thread that would call it afterwards waits for the
 * end.
 *
 * Libraries free at unload, or in a handler that they register as they are opened (SVT-AV1 4), which
 * runs earlier. So a handler is registered behind theirs. While such an encoder is opened for the first time in a
 * process, a program that ends is not protected.
 */

#include <stdlib.h>

#include "compiler.h"
#include "lavc.h"

/* Guarded by PROCESS_LOCK_ENDING. */
static struct lavc_backend *first;
static uint32_t first_process;

static void lock_list(void)
{
    wcenc__process_lock(PROCESS_LOCK_ENDING);
    /* What a forked child inherits is its parent's to close. */
    if (first_process != wcenc__process_number())
        first = NULL;
    first_process = wcenc__process_number();
}

static void unlock_list(void)
{
    wcenc__process_unlock(PROCESS_LOCK_ENDING);
}

bool wcenc__lavc_join_ending(struct lavc_backend *lavc)
{
    if (!lavc->encoder->ends_before_libraries)
        return true;
    if (mutex_init(&lavc->calls) != 0)
        return false;
    lock_list();
    lavc->previous = &first;
    lavc->next = first;
    if (first)
        first->previous = &lavc->next;
    first = lavc;
    unlock_list();
    lavc->is_listed = true;
    return true;
}

void wcenc__lavc_leave_ending(struct lavc_backend *lavc)
{
    if (!lavc->is_listed)
        return;
    lock_list();
    *lavc->previous = lavc->next;
    if (lavc->next)
        lavc->next->previous = lavc->previous;
    unlock_list();
    lavc->is_listed = false;
    mutex_destroy(&lavc->calls);
}

void wcenc__lavc_begin_call(struct lavc_backend *lavc)
{
    if (lavc->is_listed)
        mutex_lock(&lavc->calls);
}

void wcenc__lavc_end_call(struct lavc_backend *lavc)
{
    if (lavc->is_listed)
        mutex_unlock(&lavc->calls);
}

/* Between two calls. One without a frame would wait for ever, and has nothing to work on. */
static bool can_be_closed(const struct lavc_backend *lavc)
{
    return lavc->has_frame || !lavc->encoder->needs_frame_to_close;
}

/*
 * Runs in the handler and again at unload; the second time does nothing. No lock is released: no such encoder begins
 * any more. One that does not return from a call is left alone.
 */
static void close_all(void)
{
    enum { PATIENCE_US = 4000 * 1000 };
    static bool has_run;
    int64_t deadline = wcenc__deadline_after_us(PATIENCE_US);

    if (has_run)
        return;
    has_run = true;
    if (!wcenc__process_lock_until(PROCESS_LOCK_ENDING, deadline) || first_process != wcenc__process_number())
        return;
    for (struct lavc_backend *lavc = first; lavc; lavc = lavc->next)
        if (mutex_lock_until(&lavc->calls, deadline) && can_be_closed(lavc))
            avcodec_free_context(&lavc->context);
}

AT_UNLOAD static void close_all_at_unload(void)
{
    close_all();
}

void wcenc__lavc_was_opened(const struct lavc_backend *lavc)
{
    static bool is_registered;

    if (!lavc->is_listed)
        return;
    lock_list();
    if (!is_registered)
        is_registered = atexit(close_all) == 0;
    unlock_list();
}
