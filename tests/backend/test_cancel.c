/* SPDX-License-Identifier: MIT */

/*
 * pthread_cancel: a thread is cancelled where it waits inside the library, and nowhere else in it. What it had is given
 * back, and the encoder goes on for everybody else.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"
#include "encoder_priv.h"

enum { WIDTH = 128, HEIGHT = 64, DELIVERIES = 3, QUEUED_MAX = 4 };

static const int64_t long_us = (int64_t)JOURNAL_DEADLINE_SECONDS * 1000000;

static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];

static void count_release(void *user)
{
    atomic_fetch_add((atomic_int *)user, 1);
}

static wcenc_frame *counted_frame(wcenc_release_fn release, atomic_int *releases, int number)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = number;
    assert_int_equal(wcenc_frame_create_wrap(&desc, release, releases, &frame), WCENC_OK);
    return frame;
}

static void encode(wcenc_encoder *encoder, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);

        assert_int_equal(wcenc_encoder_encode(encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
}

static wcenc_config config_of(const char *encoder)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = encoder;
    config.width = WIDTH;
    config.height = HEIGHT;
    return config;
}

static void open_scripted(struct journal *journal, wcenc_delivery delivery)
{
    wcenc_config config = config_of("scripted");
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.queue_policy = WCENC_QUEUE_WAIT;
    desc.max_queued_frames = QUEUED_MAX;
    journal_open(journal, delivery, &desc);
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

/* The encoder stands inside frame 0, the queue is full, and nothing is pending. */
static void start(struct journal *journal, wcenc_delivery delivery)
{
    scripted_install();
    scripted.stop_at_frame = 0;
    open_scripted(journal, delivery);
    encode(journal->encoder, 0, 1);
    scripted_wait_until_it_stands();
    encode(journal->encoder, 1, QUEUED_MAX);
    journal_take(journal);
}

/* A thread that calls something that waits. */
struct waiter {
    struct journal *journal;
    void (*call)(struct waiter *waiter);
    wcenc_frame *frame;
    wcenc_status status;
    bool is_early; /* cancelled before it calls, which takes effect where it would wait */
    pthread_t thread;
};

static void call_flush(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_flush(waiter->journal->encoder);
}

static void call_flush_timeout(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_flush_timeout(waiter->journal->encoder, long_us);
}

static void call_pump(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_pump(waiter->journal->encoder, 0, -1, NULL);
}

static void call_pump_timeout(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_pump(waiter->journal->encoder, 0, long_us, NULL);
}

static void call_receive(struct waiter *waiter)
{
    wcenc_event *event;

    waiter->status = wcenc_encoder_receive(waiter->journal->encoder, -1, &event);
}

static void call_receive_timeout(struct waiter *waiter)
{
    wcenc_event *event;

    waiter->status = wcenc_encoder_receive(waiter->journal->encoder, long_us, &event);
}

static void call_encode(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_encode(waiter->journal->encoder, waiter->frame, NULL);
}

static void call_close(struct waiter *waiter)
{
    waiter->status = wcenc_encoder_close(waiter->journal->encoder);
}

static void call_destroy(struct waiter *waiter)
{
    wcenc_encoder_destroy(waiter->journal->encoder);
}

static void call_unref(struct waiter *waiter)
{
    wcenc_encoder_unref(waiter->journal->encoder);
}

static void *run_waiter(void *argument)
{
    struct waiter *waiter = argument;

    if (waiter->is_early)
        pthread_cancel(pthread_self());
    waiter->call(waiter);
    return NULL;
}

static uint32_t keepalives_of(wcenc_encoder *encoder)
{
    uint32_t keepalives;

    mutex_lock(&encoder->lock);
    keepalives = encoder->keepalives;
    mutex_unlock(&encoder->lock);
    return keepalives;
}

/* A call that waits has a pin, which it takes with the lock and first gives the lock up to wait; or has closed. */
static void start_waiter(struct waiter *waiter)
{
    wcenc_encoder *encoder = waiter->journal->encoder;
    uint32_t keepalives = keepalives_of(encoder);

    assert_int_equal(pthread_create(&waiter->thread, NULL, run_waiter, waiter), 0);
    while (!waiter->is_early && keepalives_of(encoder) == keepalives &&
           wcenc_encoder_get_state(encoder) == WCENC_STATE_CONFIGURED)
        sched_yield();
}

static void join_cancelled(struct waiter *waiter)
{
    void *result;

    assert_int_equal(pthread_join(waiter->thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
}

static void cancel(struct waiter *waiter)
{
    start_waiter(waiter);
    if (!waiter->is_early)
        assert_int_equal(pthread_cancel(waiter->thread), 0);
    join_cancelled(waiter);
}

enum { ANY = -1 };

/* What waits for the codec, or for the program to take results. */
static const struct {
    void (*call)(struct waiter *waiter);
    wcenc_delivery delivery;
} waits[] = {
    {call_flush, ANY},
    {call_flush_timeout, ANY},
    {call_encode, ANY},
    {call_pump, WCENC_DELIVERY_PUMP},
    {call_pump_timeout, WCENC_DELIVERY_PUMP},
    {call_receive, WCENC_DELIVERY_PULL},
    {call_receive_timeout, WCENC_DELIVERY_PULL},
};

enum { WAITS = sizeof waits / sizeof waits[0] };

static void run_wait(void (*call)(struct waiter *waiter), wcenc_delivery delivery, bool is_early)
{
    struct waiter cancelled = {.call = call, .is_early = is_early}, other = {.call = call_flush};
    atomic_int releases = 0;
    struct journal journal;
    uint32_t keepalives;

    start(&journal, delivery);
    cancelled.journal = other.journal = &journal;
    cancelled.frame = counted_frame(count_release, &releases, 99);
    start_waiter(&other);
    keepalives = keepalives_of(journal.encoder);
    cancel(&cancelled);
    wcenc_frame_unref(cancelled.frame);
    assert_int_equal(releases, 1);
    assert_int_equal(keepalives_of(journal.encoder), keepalives);
    assert_int_equal(journal.encoder->worker.waiting_flushes, 1);
    assert_int_equal(wcenc_encoder_get_queue_size(journal.encoder), QUEUED_MAX);

    scripted_go_on();
    assert_int_equal(pthread_join(other.thread, NULL), 0);
    assert_int_equal(other.status, WCENC_OK);
    encode(journal.encoder, 1 + QUEUED_MAX, 1);
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    journal_take(&journal);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 2 + QUEUED_MAX);
    journal_check_stats(&journal);
    journal_end(&journal);
    scripted_remove();
}

static void test_cancelled_waiter_gives_back_what_it_had(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++)
        for (int i = 0; i < WAITS; i++)
            for (int is_early = 0; is_early < 2; is_early++)
                if (waits[i].delivery == ANY || waits[i].delivery == delivery)
                    run_wait(waits[i].call, delivery, is_early);
}

/* A callback that does not return until it may. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_inside, is_open;
};

static void stay_inside(struct journal *journal, char what)
{
    struct gate *gate = journal->hook_data;

    if (what != TOLD_OUTPUT)
        return;
    pthread_mutex_lock(&gate->lock);
    gate->is_inside = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void wait_until_inside(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    while (!gate->is_inside)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void open_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

static void *pump_until_closed(void *argument)
{
    struct journal *journal = argument;

    while (wcenc_encoder_pump(journal->encoder, 0, -1, NULL) == WCENC_OK)
        ;
    wcenc_encoder_unref(journal->encoder);
    return NULL;
}

/* Close and destroy wait for the callback; a second reference shows what has become of the encoder. */
static void run_end_in_callback(void (*call)(struct waiter *waiter), wcenc_delivery delivery, bool is_early)
{
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct waiter waiter = {.call = call, .is_early = is_early};
    struct journal journal;
    pthread_t pump;

    scripted_install();
    open_scripted(&journal, delivery);
    journal.hook = stay_inside;
    journal.hook_data = &gate;
    waiter.journal = &journal;
    if (delivery == WCENC_DELIVERY_PUMP) {
        (void)wcenc_encoder_ref(journal.encoder);
        assert_int_equal(pthread_create(&pump, NULL, pump_until_closed, &journal), 0);
    }
    encode(journal.encoder, 0, 2);
    wait_until_inside(&gate);
    (void)wcenc_encoder_ref(journal.encoder);
    cancel(&waiter);
    assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CLOSED);
    open_gate(&gate);
    if (delivery == WCENC_DELIVERY_PUMP)
        assert_int_equal(pthread_join(pump, NULL), 0);
    assert_int_equal(journal_count(&journal, TOLD_DESTROY), 0);
    if (call != call_destroy)
        wcenc_encoder_unref(journal.encoder);
    journal_end(&journal);
    assert_int_equal(journal.counts[TOLD_OUTPUT], 1);
    scripted_remove();
}

/* With PULL there is no callback to wait for. */
static void test_cancelled_close_leaves_a_closed_encoder(void **state)
{
    (void)state;
    for (int is_early = 0; is_early < 2; is_early++) {
        run_end_in_callback(call_close, WCENC_DELIVERY_THREAD, is_early);
        run_end_in_callback(call_close, WCENC_DELIVERY_PUMP, is_early);
        run_end_in_callback(call_destroy, WCENC_DELIVERY_THREAD, is_early);
        run_end_in_callback(call_destroy, WCENC_DELIVERY_PUMP, is_early);
    }
}

/* The last reference, while a callback runs or the codec stands: somebody else ends the encoder. */
static void run_last(void (*call)(struct waiter *waiter), wcenc_delivery delivery, bool in_callback, bool is_early)
{
    struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct waiter waiter = {.call = call, .is_early = is_early};
    struct journal journal;

    scripted_install();
    if (!in_callback)
        scripted.stop_at_frame = 0;
    open_scripted(&journal, delivery);
    journal.hook = in_callback ? stay_inside : NULL;
    journal.hook_data = &gate;
    waiter.journal = &journal;
    encode(journal.encoder, 0, 2);
    if (in_callback)
        wait_until_inside(&gate);
    else
        scripted_wait_until_it_stands();
    cancel(&waiter);
    assert_int_equal(journal_count(&journal, TOLD_DESTROY), 0);
    open_gate(&gate);
    scripted_go_on();
    journal_wait(&journal, TOLD_DESTROY, 1);
    assert_int_equal(scripted_wait_for(&scripted.closed, 1), 1);
    scripted_remove();
}

static void test_cancelled_destroy_is_finished_by_others(void **state)
{
    (void)state;
    for (int is_early = 0; is_early < 2; is_early++) {
        for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
            run_last(call_destroy, delivery, false, is_early);
            run_last(call_unref, delivery, false, is_early);
        }
        run_last(call_destroy, WCENC_DELIVERY_THREAD, true, is_early);
        run_last(call_unref, WCENC_DELIVERY_THREAD, true, is_early);
    }
}

/* Everything that the library calls of the program's asks to be cancelled, and goes on. */
struct reckless {
    wcenc_encoder *encoder;
    wcenc_delivery delivery;
    atomic_int outputs, errors, drops, dequeues, wakeups, dones, releases, logs, destroys;
};

static void be_cancelled(atomic_int *left)
{
    pthread_cancel(pthread_self());
    pthread_testcancel();
    atomic_fetch_add(left, 1);
}

static void reckless_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)chunk;
    (void)metadata;
    be_cancelled(&((struct reckless *)user)->outputs);
}

static void reckless_error(void *user, const wcenc_error *error)
{
    (void)error;
    be_cancelled(&((struct reckless *)user)->errors);
}

static void reckless_drop(void *user, const wcenc_drop *drop)
{
    (void)drop;
    be_cancelled(&((struct reckless *)user)->drops);
}

static void reckless_dequeue(void *user, uint32_t queue_size)
{
    (void)queue_size;
    be_cancelled(&((struct reckless *)user)->dequeues);
}

static void reckless_wakeup(void *user)
{
    be_cancelled(&((struct reckless *)user)->wakeups);
}

static void reckless_done(void *user, wcenc_status status)
{
    (void)status;
    be_cancelled(&((struct reckless *)user)->dones);
}

static void reckless_release(void *user)
{
    be_cancelled(user);
}

static void reckless_log(void *user, wcenc_log_level level, const char *message)
{
    (void)level;
    (void)message;
    be_cancelled(&((struct reckless *)user)->logs);
}

static void reckless_destroyed(void *user)
{
    be_cancelled(&((struct reckless *)user)->destroys);
}

static void reckless_open(struct reckless *reckless)
{
    const bool pumps = reckless->delivery == WCENC_DELIVERY_PUMP, pulls = reckless->delivery == WCENC_DELIVERY_PULL;
    wcenc_encoder_desc desc;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = reckless;
    desc.delivery = reckless->delivery;
    desc.log = reckless_log;
    desc.log_level = WCENC_LOG_DEBUG;
    desc.on_destroy = reckless_destroyed;
    if (!pulls) {
        desc.on_output = reckless_output;
        desc.on_error = reckless_error;
        desc.on_drop = reckless_drop;
        desc.on_dequeue = reckless_dequeue;
    }
    desc.on_wakeup = pumps ? reckless_wakeup : NULL;
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST;
    desc.max_queued_frames = 1;
    assert_int_equal(wcenc_encoder_create(&desc, &reckless->encoder), WCENC_OK);
}

/* Takes what there is without waiting, until nothing more comes. */
static void reckless_take(struct reckless *reckless)
{
    wcenc_stats stats;

    do {
        wcenc_event *event = NULL;

        if (reckless->delivery == WCENC_DELIVERY_PUMP)
            (void)wcenc_encoder_pump(reckless->encoder, 0, 0, NULL);
        else if (reckless->delivery == WCENC_DELIVERY_PULL)
            (void)wcenc_encoder_receive(reckless->encoder, 0, &event);
        wcenc_event_free(event);
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(reckless->encoder, &stats), WCENC_OK);
        sched_yield();
    } while (!stats.is_idle);
}

static void reckless_support(const char *codec)
{
    wcenc_config_support *support;
    wcenc_config config = config_of(NULL);

    config.codec = codec;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
    wcenc_config_support_free(support);
}

/* Each call here runs with a cancellation pending, and none of them waits. */
static void *run_reckless(void *argument)
{
    struct reckless *reckless = argument;
    wcenc_config config = config_of("scripted");
    wcenc_done_fn done = reckless->delivery == WCENC_DELIVERY_PULL ? NULL : reckless_done;
    uint8_t rgba[WIDTH * HEIGHT * 4];
    wcenc_copy_to_options options;

    pthread_cancel(pthread_self());
    reckless_support("avc1.42001f");
    reckless_support("vp8");
    reckless_open(reckless);
    assert_int_equal(wcenc_encoder_configure(reckless->encoder, &config), WCENC_OK);
    wcenc_copy_to_options_init(&options, sizeof options);
    options.format = WCENC_PIXEL_FORMAT_RGBA;
    for (int i = 0; i < 5; i++) {
        wcenc_frame *frame = counted_frame(reckless_release, &reckless->releases, i);

        assert_int_equal(wcenc_frame_copy_to(frame, &options, rgba, sizeof rgba, NULL), WCENC_OK);
        assert_int_equal(wcenc_encoder_encode(reckless->encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
    scripted_go_on();
    assert_int_equal(wcenc_encoder_flush_async(reckless->encoder, done, reckless), WCENC_OK);
    reckless_take(reckless);
    assert_int_equal(wcenc_encoder_reset(reckless->encoder), WCENC_OK);
    config.codec = "none";
    assert_int_equal(wcenc_encoder_configure(reckless->encoder, &config), WCENC_OK);
    reckless_take(reckless);
    return reckless;
}

static void *end_reckless(void *argument)
{
    struct reckless *reckless = argument;

    wcenc_encoder_destroy(reckless->encoder);
    return reckless;
}

static void test_only_waits_are_cancellation_points(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        const bool pulls = delivery == WCENC_DELIVERY_PULL;
        struct reckless reckless = {.delivery = delivery};
        pthread_t thread;
        void *result;

        scripted_install();
        scripted.stop_at_frame = 0;
        assert_int_equal(pthread_create(&thread, NULL, run_reckless, &reckless), 0);
        assert_int_equal(pthread_join(thread, &result), 0);
        assert_ptr_equal(result, &reckless);
        assert_int_equal(pthread_create(&thread, NULL, end_reckless, &reckless), 0);
        assert_int_equal(pthread_join(thread, &result), 0);
        assert_ptr_equal(result, &reckless);
        assert_int_equal(reckless.releases, 5);
        assert_int_equal(reckless.destroys, 1);
        assert_true(reckless.logs > 0);
        assert_int_equal(reckless.outputs > 0, !pulls);
        assert_int_equal(reckless.drops > 0, !pulls);
        assert_int_equal(reckless.dequeues > 0, !pulls);
        assert_int_equal(reckless.errors, pulls ? 0 : 1);
        assert_int_equal(reckless.dones, pulls ? 0 : 1);
        assert_int_equal(reckless.wakeups > 0, delivery == WCENC_DELIVERY_PUMP);
        scripted_remove();
    }
}

static void unref_frame(void *frame)
{
    wcenc_frame_unref(frame);
}

static void take_one(struct journal *journal)
{
    wcenc_event *event = NULL;

    if (journal->delivery == WCENC_DELIVERY_PUMP)
        (void)wcenc_encoder_pump(journal->encoder, 0, 1000, NULL);
    if (journal->delivery == WCENC_DELIVERY_PULL)
        (void)wcenc_encoder_receive(journal->encoder, 1000, &event);
    wcenc_event_free(event);
}

static void work_once(struct journal *journal, int number)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, 0, number);

    pthread_cleanup_push(unref_frame, frame);
    (void)wcenc_encoder_encode(journal->encoder, frame, NULL);
    if (number % 3 == 2)
        (void)wcenc_encoder_flush_timeout(journal->encoder, number % 2 ? -1 : 1);
    take_one(journal);
    pthread_cleanup_pop(1);
}

/* Encodes, waits and takes for ever. */
static void *work(void *argument)
{
    for (int i = 0;; i++)
        work_once(argument, i);
    return NULL;
}

static uint64_t accepted(wcenc_encoder *encoder)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(encoder, &stats), WCENC_OK);
    return stats.frames_accepted;
}

static void test_cancelling_at_any_moment_leaves_the_encoder_usable(void **state)
{
    enum { ROUNDS = 100, THREADS = 2, DIFFERENT = 7 };

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.held = 2;
        open_scripted(&journal, delivery);
        for (int round = 0; round < ROUNDS; round++) {
            uint64_t before = accepted(journal.encoder);
            pthread_t threads[THREADS];

            for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, work, &journal), 0);
            while (accepted(journal.encoder) < before + (uint64_t)round % DIFFERENT)
                sched_yield();
            for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_cancel(threads[i]), 0);
            for (int i = 0; i < THREADS; i++) {
                void *result;

                assert_int_equal(pthread_join(threads[i], &result), 0);
                assert_ptr_equal(result, PTHREAD_CANCELED);
            }
            assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CONFIGURED);
            pthread_mutex_lock(&journal.lock);
            journal.length = 0;
            memset(journal.counts, 0, sizeof journal.counts);
            pthread_mutex_unlock(&journal.lock);
        }
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        assert_int_equal(journal.encoder->worker.waiting_flushes, 0);
        assert_null(journal.encoder->delivery.tickets);
        journal_end(&journal);
        scripted_remove();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancelled_waiter_gives_back_what_it_had),
        cmocka_unit_test(test_cancelled_close_leaves_a_closed_encoder),
        cmocka_unit_test(test_cancelled_destroy_is_finished_by_others),
        cmocka_unit_test(test_only_waits_are_cancellation_points),
        cmocka_unit_test(test_cancelling_at_any_moment_leaves_the_encoder_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
