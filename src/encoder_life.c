/* SPDX-License-Identifier: MIT */

/*
 * How long an encoder lives: creation, references, pins, and its end, from outside or from inside one of its callbacks.
 */

#include <string.h>

#include "abi.h"
#include "callback.h"
#include "encoder.h"
#include "mem.h"
#include "status.h"

void wcenc_encoder_init_init(wcenc_encoder_init *init, size_t size)
{
    wcenc__struct_init(init, size);
}

/* Values that an enumeration of `init` may have. */
static wcenc_status check_values(const wcenc_encoder_init *init)
{
    const struct {
        const char *name;
        int32_t value, last;
    } members[] = {
        {"log_level", init->log_level, WCENC_LOG_DEBUG},
        {"delivery", init->delivery, WCENC_DELIVERY_PULL},
        {"queue_policy", init->queue_policy, WCENC_QUEUE_DROP_NEWEST},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        if (members[i].value < 0 || members[i].value > members[i].last)
            return wcenc__fail(WCENC_ERROR_TYPE, "init.%s is %d, the largest value is %d", members[i].name,
                               (int)members[i].value, (int)members[i].last);
    return WCENC_OK;
}

/* spec: both callbacks are required; and none may be given that would never be called. */
static wcenc_status check_callbacks(const wcenc_encoder_init *init)
{
    const bool pulls = init->delivery == WCENC_DELIVERY_PULL, pumps = init->delivery == WCENC_DELIVERY_PUMP;
    const struct {
        const char *name;
        bool is_given, is_needed, is_called;
    } members[] = {
        {"on_output", init->on_output != NULL, !pulls, !pulls}, {"on_error", init->on_error != NULL, !pulls, !pulls},
        {"on_drop", init->on_drop != NULL, false, !pulls},      {"on_dequeue", init->on_dequeue != NULL, false, !pulls},
        {"on_wakeup", init->on_wakeup != NULL, false, pumps},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        if (members[i].is_needed && !members[i].is_given)
            return wcenc__fail(WCENC_ERROR_TYPE, "init.%s is NULL", members[i].name);
        if (members[i].is_given && !members[i].is_called)
            return wcenc__fail(WCENC_ERROR_TYPE, "init.%s is given, but delivery %d never calls it", members[i].name,
                               (int)init->delivery);
    }
    return WCENC_OK;
}

static bool init_synchronisation(wcenc_encoder *encoder)
{
    if (wcenc__process_watch() != 0 || mutex_init(&encoder->lock) != 0)
        return false;
    if (cond_init(&encoder->work) == 0) {
        if (cond_init(&encoder->settled) == 0) {
            if (wcenc__delivery_init(&encoder->delivery)) {
                if (wcenc__preparer_init(&encoder->preparer))
                    return true;
                wcenc__delivery_destroy(&encoder->delivery);
            }
            cond_destroy(&encoder->settled);
        }
        cond_destroy(&encoder->work);
    }
    mutex_destroy(&encoder->lock);
    return false;
}

static void destroy_synchronisation(wcenc_encoder *encoder)
{
    wcenc__preparer_destroy(&encoder->preparer);
    wcenc__delivery_destroy(&encoder->delivery);
    cond_destroy(&encoder->settled);
    cond_destroy(&encoder->work);
    mutex_destroy(&encoder->lock);
}

/* What of a new encoder may fail. */
static wcenc_status init_parts(wcenc_encoder *encoder)
{
    if (!init_synchronisation(encoder))
        return wcenc__fail_no_memory();
    if (encoder->init.delivery == WCENC_DELIVERY_THREAD || wcenc__notifier_open(&encoder->notifier, NOTIFIER_BEST) == 0)
        return WCENC_OK;
    destroy_synchronisation(encoder);
    return wcenc__fail(WCENC_ERROR_OPERATION, "the system refused a descriptor");
}

static void free_encoder(wcenc_encoder *encoder)
{
    wcenc_destroy_fn on_destroy = encoder->init.on_destroy;
    void *user = encoder->init.user;
    int before;

    wcenc__queue_free(&encoder->queue);
    wcenc__notifier_close(&encoder->notifier);
    destroy_synchronisation(encoder);
    mem_free(encoder);
    before = wcenc__cancellation_block();
    if (on_destroy)
        on_destroy(user);
    wcenc__cancellation_restore(before);
}

wcenc_status wcenc_encoder_create(const wcenc_encoder_init *init, wcenc_encoder **out)
{
    wcenc_encoder_init copy;
    wcenc_encoder *encoder;
    wcenc_status status;

    if (!out)
        return wcenc__fail(WCENC_ERROR_TYPE, "out is NULL");
    *out = NULL;
    status = wcenc__struct_copy_in(&copy, sizeof copy, init, sizeof copy, "init");
    if (status == WCENC_OK)
        status = wcenc__reserved_check(copy.reserved, "init.reserved");
    if (status == WCENC_OK)
        status = check_values(&copy);
    if (status == WCENC_OK)
        status = check_callbacks(&copy);
    if (status != WCENC_OK)
        return status;
    encoder = mem_zalloc(sizeof *encoder);
    if (!encoder)
        return wcenc__fail_no_memory();
    encoder->references = 1;
    encoder->init = copy;
    encoder->log = (struct log){copy.log, copy.user, copy.log_level};
    encoder->notifier = (struct notifier)NOTIFIER_NONE;
    encoder->quantizer = -1;
    wcenc__worker_init(&encoder->worker);
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
    mutex_lock(&encoder->lock);
    encoder->references++;
    mutex_unlock(&encoder->lock);
    return encoder;
}

/*
 * With the lock held, which is given up; nobody else looks at the encoder any more, unless a callback here takes a
 * reference and keeps it, which puts the end off.
 */
static void end(wcenc_encoder *encoder)
{
    encoder->pins++;
    if (encoder->init.delivery == WCENC_DELIVERY_PULL)
        wcenc__delivery_forget(encoder);
    else
        wcenc__delivery_run(encoder);
    encoder->pins--;
    if (encoder->references > 0) {
        encoder->is_ending = encoder->is_orphan = false;
        mutex_unlock(&encoder->lock);
        return;
    }
    mutex_unlock(&encoder->lock);
    free_encoder(encoder);
}

void wcenc__encoder_pin(wcenc_encoder *encoder)
{
    encoder->pins++;
}

/* With the lock held before and after, given up meanwhile, and a pin. */
static void wake_up(wcenc_encoder *encoder)
{
    struct delivery *delivery = &encoder->delivery;
    struct callback_scope scope;

    if (!(delivery->wakeup_is_due || delivery->rest_is_due) || delivery->is_waking)
        return;
    delivery->is_waking = true;
    /* What becomes due meanwhile is told here too: one at a time, and no deeper on the stack. */
    while ((delivery->wakeup_is_due && delivery->events.first) || delivery->rest_is_due) {
        delivery->wakeup_is_due = delivery->rest_is_due = false;
        mutex_unlock(&encoder->lock);
        wcenc__callback_enter(&scope, encoder);
        encoder->init.on_wakeup(encoder->init.user);
        wcenc__callback_leave(&scope);
        mutex_lock(&encoder->lock);
    }
    delivery->wakeup_is_due = false;
    delivery->is_waking = false;
}

void wcenc__encoder_unpin(wcenc_encoder *encoder)
{
    wake_up(encoder);
    encoder->pins--;
    if (encoder->pins == 0 && encoder->is_orphan) {
        end(encoder);
        return;
    }
    if (encoder->is_ending)
        cond_broadcast(&encoder->settled);
    mutex_unlock(&encoder->lock);
}

void wcenc__encoder_abandon(void *encoder)
{
    wcenc__encoder_unpin(encoder);
}

void wcenc__encoder_unlock(wcenc_encoder *encoder)
{
    if (encoder->delivery.wakeup_is_due || encoder->delivery.rest_is_due) {
        wcenc__encoder_pin(encoder);
        wcenc__encoder_unpin(encoder);
    } else {
        mutex_unlock(&encoder->lock);
    }
}

/* With the lock held, on the way out: threads that nobody will join any more. */
static void detach_threads(wcenc_encoder *encoder)
{
    if (encoder->worker_has_started)
        thread_detach(&encoder->thread);
    if (encoder->delivery.deliverer_works)
        thread_detach(&encoder->delivery.deliverer);
    if (encoder->preparer.works)
        thread_detach(&encoder->preparer.thread);
    encoder->worker_has_started = encoder->delivery.deliverer_works = encoder->preparer.works = false;
}

/* With the lock held before and after, given up meanwhile. They have no pin any more and are about to return. */
static void join_threads(wcenc_encoder *encoder)
{
    bool has_worker = encoder->worker_has_started, has_deliverer = encoder->delivery.deliverer_works;
    bool has_preparer = encoder->preparer.works;

    encoder->worker_has_started = encoder->delivery.deliverer_works = encoder->preparer.works = false;
    mutex_unlock(&encoder->lock);
    if (has_worker)
        thread_join(&encoder->thread);
    if (has_deliverer)
        thread_join(&encoder->delivery.deliverer);
    if (has_preparer)
        thread_join(&encoder->preparer.thread);
    mutex_lock(&encoder->lock);
}

/* With the lock held, which is given up, and a pin, which is taken out: whoever takes out the last one ends it. */
static void leave_to_others(void *argument)
{
    wcenc_encoder *encoder = argument;

    encoder->is_orphan = true;
    detach_threads(encoder);
    wcenc__encoder_unpin(encoder);
}

/* With the lock held, which is given up, and a pin, which is taken out. */
static void end_pinned(wcenc_encoder *encoder, bool may_wait)
{
    struct event_list nothing;

    /* An error may have left a dequeue behind, which nobody is to be told any more; frames there are none. */
    (void)wcenc__delivery_drop_events(encoder, &nothing);
    encoder->must_exit = true;
    cond_signal(&encoder->work);
    cond_signal(&encoder->delivery.wanted);
    cond_signal(&encoder->preparer.wanted);
    if (!may_wait) {
        leave_to_others(encoder);
        return;
    }
    while (encoder->pins > 1)
        (void)cond_wait_cancellable(&encoder->settled, &encoder->lock, DEADLINE_NEVER, leave_to_others, encoder);
    join_threads(encoder);
    encoder->is_orphan = true;
    wcenc__encoder_unpin(encoder);
}

/* With the lock held, which is given up, and a pin, which is taken out; closed, and perhaps without references. */
static void end_unless_kept(wcenc_encoder *encoder, bool may_wait)
{
    /* A reference that a callback has taken and keeps puts the end off. */
    encoder->is_ending = encoder->references == 0;
    if (encoder->is_ending)
        end_pinned(encoder, may_wait);
    else
        wcenc__encoder_unpin(encoder);
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
    mutex_lock(&encoder->lock);
    /* A callback that runs while the encoder ends may take references and give them up: that ends nothing again. */
    if (--encoder->references > 0 || encoder->is_ending) {
        mutex_unlock(&encoder->lock);
        return;
    }
    encoder->is_ending = true;
    wcenc__encoder_pin(encoder);
    if (encoder->state != WCENC_STATE_CLOSED)
        wcenc__encoder_close(encoder, abandon_unref);
    end_unless_kept(encoder, !wcenc__callback_is_inside(encoder));
}

/* With the lock held and a pin, which are given up, and with them the caller's reference. */
static void abandon_destroy(void *argument)
{
    wcenc_encoder *encoder = argument;

    if (--encoder->references > 0 || encoder->is_ending)
        wcenc__encoder_unpin(encoder);
    else
        end_unless_kept(encoder, false);
}

void wcenc_encoder_destroy(wcenc_encoder *encoder)
{
    if (!encoder || is_forked(encoder))
        return;
    mutex_lock(&encoder->lock);
    wcenc__encoder_pin(encoder);
    if (encoder->state != WCENC_STATE_CLOSED)
        wcenc__encoder_close(encoder, abandon_destroy);
    wcenc__encoder_unpin(encoder);
    wcenc_encoder_unref(encoder);
}
