/* SPDX-License-Identifier: MIT */

#include "preparer.h"

#include <string.h>

#include "callback.h"
#include "cpu.h"
#include "encoder.h"

bool wcenc__preparer_init(struct preparer *preparer)
{
    if (cond_init(&preparer->wanted) != 0)
        return false;
    if (cond_init(&preparer->done) == 0)
        return true;
    cond_destroy(&preparer->wanted);
    return false;
}

void wcenc__preparer_destroy(struct preparer *preparer)
{
    cond_destroy(&preparer->done);
    cond_destroy(&preparer->wanted);
}

/* With the lock held: the next frame to be taken up; NULL if there is none, or no room for what would become of it. */
static const struct message *find_work(const wcenc_encoder *encoder)
{
    const struct preparer *preparer = &encoder->preparer;
    const struct message *message;

    if (!preparer->is_aimed || preparer->ready_count == PREPARED_MAX)
        return NULL;
    for (size_t n = 0; n <= PREPARED_MAX && (message = wcenc__queue_at(&encoder->queue, n)); n++) {
        /* What lies behind it may be for another target. */
        if (message->type == MESSAGE_CONFIGURE)
            return NULL;
        if (message->type == MESSAGE_ENCODE && message->u.encode.number > preparer->last &&
            !wcenc__convert_fits(&message->u.encode.frame.picture, &preparer->target))
            return message;
    }
    return NULL;
}

/* Memory like the target that nobody reads any more. NULL if memory is short. */
static struct picture *take_picture(struct preparer *preparer, const struct picture *target)
{
    for (int i = 0; i < PREPARER_PICTURES; i++) {
        struct picture *picture = &preparer->pictures[i];

        if (picture->pixels && wcenc__pixels_are_shared(picture->pixels))
            continue;
        if (!wcenc__picture_make_like(picture, target))
            return NULL;
        return picture;
    }
    return NULL;
}

/* Without the lock; NULL where it fails, which the worker then finds out by itself. */
static const struct picture *convert(struct preparer *preparer, struct picture *source, const struct picture *target)
{
    struct picture *picture = take_picture(preparer, target);

    if (!preparer->converter)
        preparer->converter = wcenc__converter_create();
    if (!picture || !preparer->converter || wcenc__convert(preparer->converter, source, picture) != WCENC_OK)
        return NULL;
    return picture;
}

/* With the lock held before and after, given up meanwhile. */
static void prepare(wcenc_encoder *encoder, const struct message *message)
{
    struct preparer *preparer = &encoder->preparer;
    struct picture source = message->u.encode.frame.picture;
    const struct picture target = preparer->target, *picture;
    const uint64_t number = message->u.encode.number, generation = encoder->generation;
    int64_t began;

    wcenc__pixels_ref(source.pixels);
    preparer->last = preparer->busy = number;
    mutex_unlock(&encoder->lock);
    began = monotonic_ns();
    wcenc__picture_complete_color(&source, &target);
    picture = convert(preparer, &source, &target);
    began = monotonic_ns() - began;
    wcenc__pixels_unref(source.pixels);
    mutex_lock(&encoder->lock);
    preparer->busy = 0;
    encoder->stats.converting_ns += (uint64_t)began;
    if (picture && generation == encoder->generation) {
        wcenc__pixels_ref(picture->pixels);
        preparer->ready[preparer->ready_count++] = (struct prepared){number, *picture};
    }
    cond_broadcast(&preparer->done);
}

static void free_all(struct preparer *preparer)
{
    for (int i = 0; i < PREPARER_PICTURES; i++)
        wcenc__pixels_unref(preparer->pictures[i].pixels);
    memset(preparer->pictures, 0, sizeof preparer->pictures);
    wcenc__converter_destroy(preparer->converter);
    preparer->converter = NULL;
}

static void *preparer_main(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct preparer *preparer = &encoder->preparer;
    struct callback_scope scope;

    /* The last reference to a frame's pixels may be given up here. */
    wcenc__callback_enter(&scope, encoder);
    mutex_lock(&encoder->lock);
    while (encoder->state != WCENC_STATE_CLOSED && !encoder->must_exit) {
        const struct message *message = find_work(encoder);

        if (message) {
            prepare(encoder, message);
        } else {
            preparer->is_idle = true;
            cond_wait_for_work(&preparer->wanted, &encoder->lock);
            preparer->is_idle = false;
        }
    }
    wcenc__preparer_forget(encoder);
    mutex_unlock(&encoder->lock);
    free_all(preparer);
    mutex_lock(&encoder->lock);
    wcenc__callback_leave(&scope);
    wcenc__encoder_unpin(encoder);
    return NULL;
}

/* With the lock held, by the worker. Without the thread everything works as well. */
static void start(wcenc_encoder *encoder)
{
    struct preparer *preparer = &encoder->preparer;

    if (preparer->works || preparer->is_useless || encoder->queue_size == 0)
        return;
    preparer->works = wcenc__thread_start(&preparer->thread, "wcenc-convert", preparer_main, encoder) == 0;
    preparer->is_useless = !preparer->works;
    if (preparer->works)
        wcenc__encoder_pin(encoder);
}

void wcenc__preparer_wake(wcenc_encoder *encoder)
{
    if (encoder->preparer.is_idle && find_work(encoder))
        cond_signal(&encoder->preparer.wanted);
}

void wcenc__preparer_aim(wcenc_encoder *encoder, const struct picture *target)
{
    struct preparer *preparer = &encoder->preparer;

    /* Files are read for it, and not under the lock. */
    if (target && !preparer->was_weighed) {
        preparer->was_weighed = true;
        preparer->is_useless = wcenc__cpu_count() == 1;
    }
    mutex_lock(&encoder->lock);
    preparer->is_aimed =
        target && encoder->state == WCENC_STATE_CONFIGURED && encoder->worker.generation == encoder->generation;
    if (preparer->is_aimed) {
        preparer->target = *target;
        start(encoder);
        wcenc__preparer_wake(encoder);
    }
    mutex_unlock(&encoder->lock);
}

/* With the lock held: the first of those that lie ready goes. */
static struct prepared take_first(struct preparer *preparer)
{
    struct prepared first = preparer->ready[0];

    preparer->ready_count--;
    memmove(preparer->ready, preparer->ready + 1, (size_t)preparer->ready_count * sizeof first);
    return first;
}

bool wcenc__preparer_take(wcenc_encoder *encoder, uint64_t number, struct picture *picture)
{
    struct preparer *preparer = &encoder->preparer;
    bool found = false;

    mutex_lock(&encoder->lock);
    while (preparer->busy == number)
        cond_wait(&preparer->done, &encoder->lock);
    /* Frames that came before it and were dropped from the queue have left theirs behind. */
    while (!found && preparer->ready_count > 0 && preparer->ready[0].number <= number) {
        struct prepared first = take_first(preparer);

        found = first.number == number;
        if (found)
            *picture = first.picture;
        else
            wcenc__pixels_unref(first.picture.pixels);
    }
    wcenc__preparer_wake(encoder);
    mutex_unlock(&encoder->lock);
    return found;
}

void wcenc__preparer_wait(wcenc_encoder *encoder)
{
    while (encoder->preparer.busy != 0)
        cond_wait(&encoder->preparer.done, &encoder->lock);
}

void wcenc__preparer_forget(wcenc_encoder *encoder)
{
    struct preparer *preparer = &encoder->preparer;

    preparer->is_aimed = false;
    while (preparer->ready_count > 0)
        wcenc__pixels_unref(take_first(preparer).picture.pixels);
    cond_signal(&preparer->wanted);
}
