/* SPDX-License-Identifier: MIT */

/*
 * How long an encoder lives: creation, references, keepalives, and its end, from outside or from inside one of its
 * callbacks.
 */

#include <inttypes.h>
#include <string.h>

#include "abi.h"
#include "callback_guard.h"
#include "encoder_priv.h"
#include "ffmpeg_version.h"
#include "mem.h"
#include "status.h"

void wcenc_encoder_desc_init(wcenc_encoder_desc *desc, size_t size)
{
    wcenc__struct_init(desc, size);
}

/* Values that an enumeration of `desc` may have. */
static wcenc_status check_values(const wcenc_encoder_desc *desc)
{
    const struct {
        const char *name;
        int32_t value, last;
    } members[] = {
        {"log_level", desc->log_level, WCENC_LOG_DEBUG},
        {"delivery", desc->delivery, WCENC_DELIVERY_PULL},
        {"queue_policy", desc->queue_policy, WCENC_QUEUE_DROP_NEWEST},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        if (members[i].value < 0 || members[i].value > members[i].last)
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.%s is %d; use 0 to %d", members[i].name, (int)members[i].value,
                               (int)members[i].last);
    if (desc->queue_timeout_us < 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "desc.queue_timeout_us is %" PRId64 "; use 0 for no limit",
                           desc->queue_timeout_us);
    return WCENC_OK;
}

/* spec: both callbacks are required; and none may be given that would never be called. */
static wcenc_status check_callbacks(const wcenc_encoder_desc *desc)
{
    const bool pulls = desc->delivery == WCENC_DELIVERY_PULL, pumps = desc->delivery == WCENC_DELIVERY_PUMP;
    const struct {
        const char *name;
        bool is_given, is_needed, is_called;
    } members[] = {
        {"on_output", desc->on_output != NULL, !pulls, !pulls}, {"on_error", desc->on_error != NULL, !pulls, !pulls},
        {"on_drop", desc->on_drop != NULL, false, !pulls},      {"on_dequeue", desc->on_dequeue != NULL, false, !pulls},
        {"on_wakeup", desc->on_wakeup != NULL, false, pumps},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        if (members[i].is_needed && !members[i].is_given)
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.%s is NULL", members[i].name);
        if (members[i].is_given && !members[i].is_called)
            return wcenc__fail(WCENC_ERROR_TYPE, "desc.%s is set, but delivery %d never invokes it; it must be NULL",
                               members[i].name, (int)desc->delivery);
    }
    return WCENC_OK;
}

static bool init_synchronisation(wcenc_encoder *encoder)
{
    if (wcenc__process_watch() != 0 || mutex_init(&encoder->lock) != 0)
        return false;
    if (cond_init(&encoder->room) == 0) {
        if (cond_init(&encoder->released) == 0)
            return true;
        cond_destroy(&encoder->room);
    }
    mutex_destroy(&encoder->lock);
    return false;
}

static void destroy_synchronisation(wcenc_encoder *encoder)
{
    cond_destroy(&encoder->released);
    cond_destroy(&encoder->room);
    mutex_destroy(&encoder->lock);
}

static wcenc_status init_modules(wcenc_encoder *encoder)
{
    const struct delivery_owner owner = wcenc__encoder_owner(encoder);
    wcenc_status status = wcenc__delivery_init(&encoder->delivery, &encoder->desc, &encoder->lock, &owner);

    if (status != WCENC_OK)
        return status;
    if (wcenc__prefetch_init(&encoder->prefetcher, &encoder->lock, &encoder->queue, &encoder->generation,
                             &owner.keepalive)) {
        if (wcenc__worker_init(encoder))
            return WCENC_OK;
        wcenc__prefetch_destroy(&encoder->prefetcher);
    }
    wcenc__delivery_destroy(&encoder->delivery);
    return wcenc__fail_no_memory();
}

static wcenc_status init_parts(wcenc_encoder *encoder)
{
    wcenc_status status;

    if (!init_synchronisation(encoder))
        return wcenc__fail_no_memory();
    status = init_modules(encoder);
    if (status != WCENC_OK)
        destroy_synchronisation(encoder);
    return status;
}

static void free_encoder(wcenc_encoder *encoder)
{
    wcenc_destroy_fn on_destroy = encoder->desc.on_destroy;
    void *user = encoder->desc.user;
    int before;

    wcenc__queue_free(&encoder->queue);
    wcenc__worker_destroy(&encoder->worker);
    wcenc__prefetch_destroy(&encoder->prefetcher);
    wcenc__delivery_destroy(&encoder->delivery);
    destroy_synchronisation(encoder);
    mem_free(encoder);
    before = wcenc__cancellation_block();
    if (on_destroy)
        on_destroy(user);
    wcenc__cancellation_restore(before);
}

wcenc_status wcenc_encoder_create(const wcenc_encoder_desc *desc, wcenc_encoder **out)
{
    wcenc_encoder_desc copy;
    wcenc_encoder *encoder;
    struct failure failure;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = wcenc__struct_copy_in(&copy, sizeof copy, desc, sizeof copy, "desc");
    if (status == WCENC_OK)
        status = wcenc__unknown_check(copy.reserved1 != 0, "desc");
    if (status == WCENC_OK)
        status = check_values(&copy);
    if (status == WCENC_OK)
        status = check_callbacks(&copy);
    if (status != WCENC_OK)
        return status;
    if (!wcenc__ffmpeg_check(&failure))
        return wcenc__fail_with(&failure);
    encoder = mem_zalloc(sizeof *encoder);
    if (!encoder)
        return wcenc__fail_no_memory();
    encoder->references = 1;
    encoder->desc = copy;
    encoder->log = (struct log){copy.log, copy.user, copy.log_level};
    encoder->quantizer = -1;
    status = init_parts(encoder);
    if (status != WCENC_OK) {
        mem_free(encoder);
        return status;
    }
    encoder->process = wcenc__process_number();
    *out = encoder;
    return WCENC_OK;
}

static bool is_forked(const wcenc_encoder *encoder)
{
    return encoder->process != wcenc__process_number();
}

wcenc_status wcenc__encoder_check(const wcenc_encoder *encoder)
{
    if (!encoder)
        return wcenc__fail(WCENC_ERROR_TYPE, "encoder is NULL");
    if (is_forked(encoder))
        return wcenc__fail(WCENC_ERROR_INVALID_STATE,
                           "the encoder belongs to the process that this one was forked from");
    return WCENC_OK;
}

wcenc_encoder *wcenc_encoder_ref(wcenc_encoder *encoder)
{
    if (!encoder || is_forked(encoder))
        return encoder;
    wcenc__encoder_lock(encoder);
    encoder->references++;
    wcenc__encoder_unlock(encoder);
    return encoder;
}

/*
 * With the lock held, which is released: the last keepalive is. Nobody else looks at the encoder any more, unless a
 * callback here takes a reference and keeps it, which puts the end off.
 */
static void end(wcenc_encoder *encoder)
{
    encoder->keepalives++;
    if (encoder->desc.delivery == WCENC_DELIVERY_PULL)
        wcenc__delivery_forget(&encoder->delivery);
    else
        wcenc__delivery_dispatch_all(&encoder->delivery);
    encoder->keepalives--;
    if (encoder->references > 0) {
        encoder->life = LIFE_OPEN;
        mutex_unlock(&encoder->lock);
        return;
    }
    mutex_unlock(&encoder->lock);
    free_encoder(encoder);
}

void wcenc__encoder_lock(wcenc_encoder *encoder)
{
    mutex_lock(&encoder->lock);
    encoder->keepalives++;
}

void wcenc__encoder_unlock(wcenc_encoder *encoder)
{
    mutex_assert_held(&encoder->lock);
    if (wcenc__delivery_has_wakeup(&encoder->delivery))
        wcenc__delivery_wake(&encoder->delivery);
    encoder->keepalives--;
    if (encoder->keepalives == 0 && encoder->life == LIFE_DETACHED) {
        end(encoder);
        return;
    }
    if (encoder->life == LIFE_ENDING)
        cond_broadcast(&encoder->released);
    mutex_unlock(&encoder->lock);
}

void wcenc__encoder_pause(wcenc_encoder *encoder)
{
    encoder->keepalives++;
    wcenc__encoder_unlock(encoder);
}

void wcenc__encoder_resume(wcenc_encoder *encoder)
{
    mutex_lock(&encoder->lock);
}

void wcenc__encoder_abandon(void *encoder)
{
    wcenc__encoder_unlock(encoder);
}

/* With the lock held: the threads of the library that nobody joins yet. Returns how many there are. */
static size_t take_threads(wcenc_encoder *encoder, struct thread threads[3])
{
    size_t count = 0;

    count += wcenc__worker_take_thread(&encoder->worker, &threads[count]);
    count += wcenc__prefetch_take_thread(&encoder->prefetcher, &threads[count]);
    count += wcenc__delivery_take_thread(&encoder->delivery, &threads[count]);
    return count;
}

/* With the lock held, which is released: the release of the last keepalive frees the encoder. */
static void leave_to_others(void *argument)
{
    wcenc_encoder *encoder = argument;
    struct thread threads[3];
    size_t count = take_threads(encoder, threads);

    encoder->life = LIFE_DETACHED;
    while (count > 0)
        thread_detach(&threads[--count]);
    wcenc__encoder_unlock(encoder);
}

/* With the lock held, which is released. */
static void end_locked(wcenc_encoder *encoder, bool may_wait)
{
    struct thread threads[3];
    size_t count;

    wcenc__delivery_end(&encoder->delivery, !may_wait);
    if (!may_wait) {
        leave_to_others(encoder);
        return;
    }
    while (encoder->keepalives > 1)
        (void)cond_wait_cancellable(&encoder->released, &encoder->lock, DEADLINE_NEVER, leave_to_others, encoder);
    count = take_threads(encoder, threads);
    /* They have no keepalive any more and are about to return. */
    wcenc__encoder_pause(encoder);
    while (count > 0)
        thread_join(&threads[--count]);
    wcenc__encoder_resume(encoder);
    encoder->life = LIFE_DETACHED;
    wcenc__encoder_unlock(encoder);
}

/* With the lock held, which is released; closed, and perhaps without references. */
static void end_unless_kept(wcenc_encoder *encoder, bool may_wait)
{
    /* A reference that a callback has taken and keeps puts the end off. */
    encoder->life = encoder->references == 0 ? LIFE_ENDING : LIFE_OPEN;
    if (encoder->life == LIFE_ENDING)
        end_locked(encoder, may_wait);
    else
        wcenc__encoder_unlock(encoder);
}

/* A thread that is cancelled in unref leaves the rest to others, as one does that is inside a callback. */
static void abandon_unref(void *encoder)
{
    end_unless_kept(encoder, false);
}

void wcenc_encoder_unref(wcenc_encoder *encoder)
{
    if (!encoder || is_forked(encoder))
        return;
    wcenc__encoder_lock(encoder);
    /* A callback that runs while the encoder ends may take references and release them: that ends nothing again. */
    if (--encoder->references > 0 || encoder->life != LIFE_OPEN) {
        wcenc__encoder_unlock(encoder);
        return;
    }
    encoder->life = LIFE_ENDING;
    if (encoder->state != WCENC_STATE_CLOSED)
        wcenc__encoder_close(encoder, abandon_unref);
    end_unless_kept(encoder, !wcenc__callback_is_inside(encoder));
}

/* As abandon_unref, and the caller's reference is released first. */
static void abandon_destroy(void *argument)
{
    wcenc_encoder *encoder = argument;

    if (--encoder->references > 0 || encoder->life != LIFE_OPEN)
        wcenc__encoder_unlock(encoder);
    else
        end_unless_kept(encoder, false);
}

void wcenc_encoder_destroy(wcenc_encoder *encoder)
{
    if (!encoder || is_forked(encoder))
        return;
    wcenc__encoder_lock(encoder);
    if (encoder->state != WCENC_STATE_CLOSED)
        wcenc__encoder_close(encoder, abandon_destroy);
    wcenc__encoder_unlock(encoder);
    wcenc_encoder_unref(encoder);
}
