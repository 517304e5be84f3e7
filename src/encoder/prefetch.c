/* SPDX-License-Identifier: MIT */

#include "prefetch.h"

#include <string.h>

#include "callback_guard.h"
#include "cpu.h"

bool wcenc__prefetch_init(struct prefetcher *prefetcher, struct mutex *lock, const struct queue *queue,
                          const uint64_t *generation, const struct keepalive *keepalive)
{
    memset(prefetcher, 0, sizeof *prefetcher);
    prefetcher->lock = lock;
    prefetcher->queue = queue;
    prefetcher->generation = generation;
    prefetcher->keepalive = *keepalive;
    if (cond_init(&prefetcher->wanted) != 0)
        return false;
    if (cond_init(&prefetcher->done) == 0)
        return true;
    cond_destroy(&prefetcher->wanted);
    return false;
}

void wcenc__prefetch_destroy(struct prefetcher *prefetcher)
{
    cond_destroy(&prefetcher->done);
    cond_destroy(&prefetcher->wanted);
}

/* The next frame to begin with; NULL if there is none, or no room for what would become of it. */
static const struct message *find_work(const struct prefetcher *prefetcher)
{
    const struct message *message;

    if (!prefetcher->has_target || prefetcher->ready_count == PREFETCHED_MAX)
        return NULL;
    for (size_t n = 0; n <= PREFETCHED_MAX && (message = wcenc__queue_at(prefetcher->queue, n)); n++) {
        /* What is behind it may be for another target. */
        if (message->type == MESSAGE_CONFIGURE)
            return NULL;
        if (message->type == MESSAGE_ENCODE && message->u.encode.number > prefetcher->last &&
            !wcenc__convert_fits(&message->u.encode.frame.picture, &prefetcher->target))
            return message;
    }
    return NULL;
}

/* Memory like the target that nobody reads any more. NULL if out of memory. */
static struct picture *take_picture(struct prefetcher *prefetcher, const struct picture *target)
{
    for (int i = 0; i < PREFETCH_PICTURES; i++) {
        struct picture *picture = &prefetcher->pictures[i];

        if (picture->pixels && wcenc__pixels_are_shared(picture->pixels))
            continue;
        if (!wcenc__picture_make_like(picture, target))
            return NULL;
        return picture;
    }
    return NULL;
}

/* Without the lock; NULL if it fails, which the stream then finds out by itself. */
static const struct picture *convert(struct prefetcher *prefetcher, struct picture *source,
                                     const struct picture *target)
{
    struct picture *picture = take_picture(prefetcher, target);

    if (!prefetcher->converter)
        prefetcher->converter = wcenc__converter_create();
    if (!picture || !prefetcher->converter || !wcenc__convert(prefetcher->converter, source, picture, NULL))
        return NULL;
    return picture;
}

/* Releases the lock meanwhile. */
static void prefetch(struct prefetcher *prefetcher, const struct message *message)
{
    struct picture source = message->u.encode.frame.picture;
    const struct picture target = prefetcher->target, *picture;
    const uint64_t number = message->u.encode.number, generation = *prefetcher->generation;
    int64_t began;

    wcenc__pixels_ref(source.pixels);
    prefetcher->last = prefetcher->current = number;
    prefetcher->phase = PREFETCH_BUSY;
    mutex_unlock(prefetcher->lock);
    began = monotonic_ns();
    wcenc__picture_complete_color(&source, &target);
    picture = convert(prefetcher, &source, &target);
    began = monotonic_ns() - began;
    wcenc__pixels_unref(source.pixels);
    mutex_lock(prefetcher->lock);
    prefetcher->current = 0;
    prefetcher->converting_ns += began;
    if (picture && generation == *prefetcher->generation) {
        wcenc__pixels_ref(picture->pixels);
        prefetcher->ready[prefetcher->ready_count++] = (struct prefetched){number, *picture};
    }
    cond_broadcast(&prefetcher->done);
}

static void free_all(struct prefetcher *prefetcher)
{
    for (int i = 0; i < PREFETCH_PICTURES; i++)
        wcenc__pixels_unref(prefetcher->pictures[i].pixels);
    memset(prefetcher->pictures, 0, sizeof prefetcher->pictures);
    wcenc__converter_destroy(prefetcher->converter);
    prefetcher->converter = NULL;
}

static void *thread_main(void *argument)
{
    struct prefetcher *prefetcher = argument;
    struct callback_scope scope;

    /* The last reference to a frame's pixels may be released here. */
    wcenc__callback_enter(&scope, prefetcher->keepalive.owner);
    mutex_lock(prefetcher->lock);
    while (!prefetcher->is_stopped) {
        const struct message *message = find_work(prefetcher);

        if (message) {
            prefetch(prefetcher, message);
        } else {
            prefetcher->phase = PREFETCH_IDLE;
            (void)cond_wait_for_work(&prefetcher->wanted, prefetcher->lock, DEADLINE_NEVER);
        }
    }
    prefetcher->phase = PREFETCH_DONE;
    wcenc__prefetch_discard(prefetcher);
    mutex_unlock(prefetcher->lock);
    free_all(prefetcher);
    mutex_lock(prefetcher->lock);
    wcenc__callback_leave(&scope);
    prefetcher->keepalive.release(prefetcher->keepalive.owner);
    return NULL;
}

/* Without the thread everything works as well. */
static void start(struct prefetcher *prefetcher)
{
    if (prefetcher->phase != PREFETCH_UNTRIED || !wcenc__queue_first_frame(prefetcher->queue))
        return;
    if (prefetcher->has_one_cpu ||
        wcenc__thread_start(&prefetcher->thread, "wcenc-convert", thread_main, prefetcher) != 0) {
        prefetcher->phase = PREFETCH_UNAVAILABLE;
        return;
    }
    prefetcher->phase = PREFETCH_BUSY;
    prefetcher->has_thread = true;
    prefetcher->keepalive.retain(prefetcher->keepalive.owner);
}

void wcenc__prefetch_wake(struct prefetcher *prefetcher)
{
    mutex_assert_held(prefetcher->lock);
    if (prefetcher->phase == PREFETCH_IDLE && find_work(prefetcher))
        cond_signal(&prefetcher->wanted);
}

void wcenc__prefetch_set_target(struct prefetcher *prefetcher, const struct picture *target, uint64_t generation)
{
    /* Files are read for it, and not under the lock. */
    if (target && !prefetcher->has_counted_cpus) {
        prefetcher->has_counted_cpus = true;
        prefetcher->has_one_cpu = wcenc__cpu_count() == 1;
    }
    mutex_lock(prefetcher->lock);
    prefetcher->has_target = target && !prefetcher->is_stopped && *prefetcher->generation == generation;
    if (prefetcher->has_target) {
        prefetcher->target = *target;
        start(prefetcher);
        wcenc__prefetch_wake(prefetcher);
    }
    mutex_unlock(prefetcher->lock);
}

static struct prefetched take_first(struct prefetcher *prefetcher)
{
    struct prefetched first = prefetcher->ready[0];

    prefetcher->ready_count--;
    memmove(prefetcher->ready, prefetcher->ready + 1, (size_t)prefetcher->ready_count * sizeof first);
    return first;
}

bool wcenc__prefetch_take(struct prefetcher *prefetcher, uint64_t number, struct picture *picture)
{
    bool found = false;

    mutex_lock(prefetcher->lock);
    while (prefetcher->current == number)
        cond_wait(&prefetcher->done, prefetcher->lock);
    /* Frames that came before it and were dropped from the queue have left theirs behind. */
    while (!found && prefetcher->ready_count > 0 && prefetcher->ready[0].number <= number) {
        struct prefetched first = take_first(prefetcher);

        found = first.number == number;
        if (found)
            *picture = first.picture;
        else
            wcenc__pixels_unref(first.picture.pixels);
    }
    wcenc__prefetch_wake(prefetcher);
    mutex_unlock(prefetcher->lock);
    return found;
}

void wcenc__prefetch_wait(struct prefetcher *prefetcher)
{
    mutex_assert_held(prefetcher->lock);
    while (prefetcher->current != 0)
        cond_wait(&prefetcher->done, prefetcher->lock);
}

void wcenc__prefetch_discard(struct prefetcher *prefetcher)
{
    mutex_assert_held(prefetcher->lock);
    prefetcher->has_target = false;
    while (prefetcher->ready_count > 0)
        wcenc__pixels_unref(take_first(prefetcher).picture.pixels);
}

void wcenc__prefetch_stop(struct prefetcher *prefetcher)
{
    wcenc__prefetch_discard(prefetcher);
    prefetcher->is_stopped = true;
    cond_signal(&prefetcher->wanted);
}

bool wcenc__prefetch_take_thread(struct prefetcher *prefetcher, struct thread *thread)
{
    bool has_thread = prefetcher->has_thread;

    prefetcher->has_thread = false;
    if (has_thread)
        *thread = prefetcher->thread;
    return has_thread;
}
