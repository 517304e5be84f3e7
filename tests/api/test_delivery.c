/* SPDX-License-Identifier: MIT */

/* The three ways in which results are delivered: one order of things, and what is special to each. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/recorder.h"

enum { WIDTH = 128, HEIGHT = 64, DELIVERIES = 3, SECOND_US = 1000000, MS_PER_SECOND = 1000 };

/* wcenc_stats began without is_idle. */
enum { FIRST_STATS_SIZE = sizeof(wcenc_stats) };

static wcenc_config config_of(wcenc_latency_mode latency)
{
    wcenc_config config = config_for("avc1.42001e", WIDTH, HEIGHT);

    config.latency_mode = latency;
    config.threads = 1;
    return config;
}

static void configure(struct journal *journal, wcenc_latency_mode latency)
{
    wcenc_config config = config_of(latency);

    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static void encode(struct journal *journal, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);

        assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
}

static bool is_readable(const struct journal *journal, int seconds)
{
    struct pollfd poller = {.fd = wcenc_encoder_get_event_fd(journal->encoder), .events = POLLIN};

    return poll(&poller, 1, seconds * MS_PER_SECOND) == 1;
}

static void test_create_takes_the_callbacks_that_its_delivery_calls(void **state)
{
    struct journal journal;
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PULL, NULL);
    journal_end(&journal);
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.delivery = WCENC_DELIVERY_PUMP;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE); /* CON-001 */
    assert_non_null(strstr(wcenc_last_error(), "on_output"));
    desc.delivery = WCENC_DELIVERY_PULL + 1;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "delivery"));
    desc.delivery = WCENC_DELIVERY_PULL;
    desc.queue_policy = WCENC_QUEUE_DROP_NEWEST + 1;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "queue_policy"));
    desc.queue_policy = -1;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_null(encoder);
}

static void ignore_wakeup(void *user)
{
    (void)user;
}

static void ignore_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)user;
    (void)chunk;
    (void)metadata;
}

static void ignore_error(void *user, const wcenc_error *error)
{
    (void)user;
    (void)error;
}

static void test_a_negative_timeout_of_the_queue_is_refused(void **state)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;

    (void)state;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.delivery = WCENC_DELIVERY_PULL;
    desc.queue_timeout_us = -1;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_string_equal(wcenc_last_error(), "desc.queue_timeout_us is -1; use 0 for no limit");
}

static void test_a_callback_that_would_never_be_called_is_refused(void **state)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;

    (void)state;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.delivery = WCENC_DELIVERY_PULL;
    desc.on_output = ignore_output;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "on_output"));
    desc.delivery = WCENC_DELIVERY_THREAD;
    desc.on_error = ignore_error;
    desc.on_wakeup = ignore_wakeup;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "on_wakeup"));
}

static void ignore_done(void *user, wcenc_status status)
{
    (void)user;
    (void)status;
}

static void test_calls_of_another_delivery_are_refused(void **state)
{
    struct journal journal;
    uint32_t count = 1;
    wcenc_event *event = NULL;

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        bool pulls = delivery == WCENC_DELIVERY_PULL;
        wcenc_done_fn wrong = pulls ? ignore_done : NULL;

        journal_open(&journal, delivery, NULL);
        configure(&journal, WCENC_LATENCY_REALTIME);
        if (delivery != WCENC_DELIVERY_PUMP)
            assert_int_equal(wcenc_encoder_pump(journal.encoder, 0, -1, NULL), WCENC_ERROR_INVALID_STATE);
        if (!pulls)
            assert_int_equal(wcenc_encoder_receive(journal.encoder, -1, &event), WCENC_ERROR_INVALID_STATE);
        assert_int_equal(wcenc_encoder_get_event_fd(journal.encoder) >= 0, delivery != WCENC_DELIVERY_THREAD);
        assert_int_equal(wcenc_encoder_flush_async(journal.encoder, wrong, NULL), WCENC_ERROR_TYPE);
        assert_int_equal(wcenc_encoder_close_async(journal.encoder, wrong, NULL), WCENC_ERROR_TYPE);
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CONFIGURED);
        journal_end(&journal);
    }
    assert_int_equal(wcenc_encoder_pump(NULL, 0, 0, &count), WCENC_ERROR_TYPE);
    assert_int_equal(count, 0);
    assert_int_equal(wcenc_encoder_receive(NULL, 0, &event), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, 0, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_event_fd(NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_flush_async(NULL, ignore_done, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_flush_timeout(NULL, 0), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_close_async(NULL, ignore_done, NULL), WCENC_ERROR_TYPE);
    wcenc_event_free(NULL);
}

/* The same calls, and the same order of what is reported: queues shrink before frames come out, flushes end behind. */
static void test_every_delivery_reports_the_same_in_the_same_order(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        journal_open(&journal, delivery, NULL);
        configure(&journal, WCENC_LATENCY_QUALITY);
        for (int round = 0; round < 3; round++) {
            encode(&journal, round * 5, 5);
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        }
        journal_wait(&journal, TOLD_FLUSH, 6);
        assert_int_equal(journal_close_encoder(&journal), WCENC_OK);
        journal_wait(&journal, TOLD_CLOSE, 1);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 15);
        for (int i = 0; i < 15; i++)
            assert_int_equal(journal.timestamps[i], i);
        for (int i = 0; i < 6; i++)
            assert_int_equal(journal.flushes[i], WCENC_OK);
        journal_check_stats(&journal);
        journal_end(&journal);
        /* Dequeues stand between the others as they fall together; without them the order is fixed. */
        for (char *from = journal.trace, *to = from; (*to = *from); from++)
            to += *from != TOLD_DEQUEUE;
        assert_string_equal(journal.trace, "oooooffoooooffoooooffcD"); /* FLU-002, FLU-005, QUE-016, THR-001 */
        assert_int_equal(journal.last_size, 0);                        /* QUE-010 */
    }
}

static void test_a_blocking_flush_pumps_and_leaves_events_to_be_received(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        journal_open(&journal, delivery, NULL);
        configure(&journal, WCENC_LATENCY_QUALITY);
        encode(&journal, 0, 7);
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), delivery == WCENC_DELIVERY_PULL ? 0 : 7); /* FLU-002 */
        if (delivery != WCENC_DELIVERY_THREAD)
            assert_int_equal(is_readable(&journal, 0), delivery == WCENC_DELIVERY_PULL);
        journal_take(&journal);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 7);
        journal_check_stats(&journal);
        journal_end(&journal);
    }
}

static void test_the_descriptor_is_readable_while_something_waits(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        journal_open(&journal, delivery, NULL);
        assert_false(is_readable(&journal, 0));
        configure(&journal, WCENC_LATENCY_REALTIME);
        for (int round = 0; round < 3; round++) {
            encode(&journal, round, 1);
            assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
            assert_true(is_readable(&journal, JOURNAL_DEADLINE_SECONDS));
            assert_true(is_readable(&journal, 0)); /* looking changes nothing */
            journal_wait(&journal, TOLD_FLUSH, round + 1);
            assert_false(is_readable(&journal, 0));
        }
        encode(&journal, 3, 1);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        assert_int_equal(journal_close_encoder(&journal), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 4);
        assert_true(is_readable(&journal, JOURNAL_DEADLINE_SECONDS)); /* for the end of the close */
        journal_wait(&journal, TOLD_CLOSE, 1);
        assert_true(is_readable(&journal, 0)); /* there is nothing more, and that can be seen */
        journal_end(&journal);
    }
}

/* Who polls learns of a close by another thread that leaves nothing to take. */
static void test_the_descriptor_is_readable_for_good_once_all_is_over(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++)
        for (int is_configured = 0; is_configured < 2; is_configured++) {
            struct journal journal;
            wcenc_event *event;

            journal_open(&journal, delivery, NULL);
            if (is_configured)
                configure(&journal, WCENC_LATENCY_REALTIME);
            assert_false(is_readable(&journal, 0));
            assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
            assert_true(is_readable(&journal, 0));
            if (delivery == WCENC_DELIVERY_PUMP)
                assert_int_equal(wcenc_encoder_pump(journal.encoder, 0, -1, NULL), WCENC_END);
            else
                assert_int_equal(wcenc_encoder_receive(journal.encoder, -1, &event), WCENC_END);
            assert_true(is_readable(&journal, 0));
            journal_end(&journal);
        }
}

static void expect_pump(struct journal *journal, uint32_t max_events, int64_t timeout_us, wcenc_status status,
                        uint32_t count)
{
    uint32_t ran = UINT32_MAX;

    assert_int_equal(wcenc_encoder_pump(journal->encoder, max_events, timeout_us, &ran), status);
    assert_int_equal(ran, count);
}

static void test_pumping_runs_as_many_callbacks_as_requested(void **state)
{
    struct journal journal;
    int reported = 0;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PUMP, NULL);
    expect_pump(&journal, 0, 0, WCENC_AGAIN, 0);
    configure(&journal, WCENC_LATENCY_REALTIME);
    expect_pump(&journal, 0, 1, WCENC_AGAIN, 0);
    encode(&journal, 0, 4);
    while (journal_count(&journal, TOLD_OUTPUT) < 4) {
        expect_pump(&journal, 1, (int64_t)JOURNAL_DEADLINE_SECONDS * SECOND_US, WCENC_OK, 1);
        assert_int_equal(journal.length, ++reported);
    }
    assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
    expect_pump(&journal, 0, -1, WCENC_END, 0);
    expect_pump(&journal, 0, 0, WCENC_END, 0);
    journal_end(&journal);
}

/* Waits until on_wakeup has been called more often than was handled. */
static void wait_for_wakeup(struct journal *journal, int *handled)
{
    struct timespec deadline;
    int error = 0;

    timespec_get(&deadline, TIME_UTC);
    deadline.tv_sec += JOURNAL_DEADLINE_SECONDS;
    pthread_mutex_lock(&journal->lock);
    while (journal->wakeups == *handled && error == 0)
        error = pthread_cond_timedwait(&journal->changed, &journal->lock, &deadline);
    assert_int_equal(error, 0);
    ++*handled;
    pthread_mutex_unlock(&journal->lock);
}

static wcenc_stats stats_of(const struct journal *journal)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
    return stats;
}

/* As an event loop does that must not end before its encoder: it looks after each wakeup, and at no other time. */
static wcenc_stats pump_until_idle(struct journal *journal, int *handled)
{
    wcenc_stats stats = stats_of(journal);

    while (!stats.is_idle) {
        wait_for_wakeup(journal, handled);
        (void)wcenc_encoder_pump(journal->encoder, 0, 0, NULL);
        stats = stats_of(journal);
    }
    return stats;
}

static void test_who_pumps_is_woken_when_there_is_nothing_more_to_do(void **state)
{
    struct journal journal;
    wcenc_stats stats;
    int handled = 0;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PUMP, NULL);
    assert_int_equal(stats_of(&journal).is_idle, 1);
    configure(&journal, WCENC_LATENCY_QUALITY);
    (void)pump_until_idle(&journal, &handled);
    /* Frames that are delayed come with the next flush, not by waiting. */
    encode(&journal, 0, 3);
    stats = pump_until_idle(&journal, &handled);
    assert_int_equal(stats.frames_in_flight, 3);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 0);
    assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
    stats = pump_until_idle(&journal, &handled);
    assert_int_equal(stats.frames_out, 3);
    assert_int_equal(journal_count(&journal, TOLD_FLUSH), 1);
    encode(&journal, 3, 1);
    assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
    (void)pump_until_idle(&journal, &handled);
    configure(&journal, WCENC_LATENCY_REALTIME);
    assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
    (void)pump_until_idle(&journal, &handled);
    journal_end(&journal);
}

/* A program that only ever pumps when it is woken, one event at a time, loses nothing. */
static void test_pumping_one_event_for_each_wakeup_gets_them_all(void **state)
{
    struct journal journal;
    int handled = 0;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PUMP, NULL);
    configure(&journal, WCENC_LATENCY_REALTIME);
    encode(&journal, 0, 20);
    assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
    while (journal_count(&journal, TOLD_FLUSH) == 0) {
        wait_for_wakeup(&journal, &handled);
        assert_true(wcenc_encoder_pump(journal.encoder, 1, 0, NULL) >= 0);
    }
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 20);
    journal_end(&journal);
}

/* Neither AGAIN nor END is an error. */
static void test_polling_leaves_the_message_of_the_last_error(void **state)
{
    static const char *const message = "encoder is NULL";

    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++)
        for (int is_closed = 0; is_closed < 2; is_closed++) {
            struct journal journal;
            wcenc_event *event;
            wcenc_status status;

            journal_open(&journal, delivery, NULL);
            if (is_closed)
                assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
            assert_int_equal(wcenc_encoder_flush(NULL), WCENC_ERROR_TYPE);
            assert_string_equal(wcenc_last_error(), message);
            status = delivery == WCENC_DELIVERY_PUMP ? wcenc_encoder_pump(journal.encoder, 0, 1, NULL)
                                                     : wcenc_encoder_receive(journal.encoder, 1, &event);
            assert_int_equal(status, is_closed ? WCENC_END : WCENC_AGAIN);
            assert_string_equal(wcenc_last_error(), message);
            journal_end(&journal);
        }
}

static void test_receiving_waits_as_long_as_requested(void **state)
{
    struct journal journal;
    wcenc_event *event = (wcenc_event *)&journal;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PULL, NULL);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, 0, &event), WCENC_AGAIN);
    assert_null(event);
    configure(&journal, WCENC_LATENCY_REALTIME);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, 1000, &event), WCENC_AGAIN);
    encode(&journal, 0, 1);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, -1, &event), WCENC_OK);
    assert_int_equal(event->type, WCENC_EVENT_DEQUEUE);
    wcenc_event_free(event);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, -1, &event), WCENC_OK);
    assert_int_equal(event->type, WCENC_EVENT_OUTPUT);
    assert_int_equal(event->status, WCENC_OK);
    assert_non_null(event->metadata->decoder_config);
    assert_ptr_equal(event->metadata, wcenc_chunk_get_metadata(event->chunk)); /* CON-008 */
    assert_null(event->error);
    assert_null(event->drop);
    assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
    /* CLO-007 */
    assert_true(wcenc_chunk_get_byte_length(event->chunk) > 0);
    wcenc_event_free(event);
    assert_int_equal(wcenc_encoder_receive(journal.encoder, -1, &event), WCENC_END);
    assert_null(event);
    journal_end(&journal);
}

/* Takes all that comes until the encoder ends, with a reference of its own. */
static void *take_until_end(void *argument)
{
    struct journal journal = *(const struct journal *)argument;
    wcenc_event *event = NULL;
    wcenc_status status;
    uint32_t count = 0;

    do {
        wcenc_event_free(event);
        event = NULL;
        status = journal.delivery == WCENC_DELIVERY_PUMP ? wcenc_encoder_pump(journal.encoder, 0, -1, &count)
                                                         : wcenc_encoder_receive(journal.encoder, -1, &event);
    } while (status == WCENC_OK && (count > 0 || event));
    wcenc_encoder_unref(journal.encoder);
    return status == WCENC_END && wcenc_last_error()[0] == '\0' ? argument : NULL;
}

static void end_by_close(struct journal *journal)
{
    assert_int_equal(wcenc_encoder_close(journal->encoder), WCENC_OK);
}

static void end_by_destroy(struct journal *journal)
{
    wcenc_encoder_destroy(journal->encoder);
    journal->encoder = NULL;
}

static void check_end_of_takers(wcenc_delivery delivery, void (*end)(struct journal *))
{
    struct journal journal, shared;
    pthread_t threads[4];
    void *result;

    journal_open(&journal, delivery, NULL);
    configure(&journal, WCENC_LATENCY_REALTIME);
    shared.encoder = journal.encoder;
    shared.delivery = delivery;
    for (int i = 0; i < 4; i++) {
        (void)wcenc_encoder_ref(journal.encoder);
        assert_int_equal(pthread_create(&threads[i], NULL, take_until_end, &shared), 0);
    }
    encode(&journal, 0, 10);
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    end(&journal);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &shared);
    }
    journal_end(&journal);
}

static void test_threads_that_wait_for_events_return_when_the_encoder_ends(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        check_end_of_takers(delivery, end_by_close);
        check_end_of_takers(delivery, end_by_destroy);
    }
}

/* Frames wait in the queue until chunks are taken, and a blocking flush is not kept from its end. */
static void test_the_encoder_stops_while_results_pile_up(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        wcenc_encoder_desc desc;
        struct journal journal;
        wcenc_stats stats;

        wcenc_encoder_desc_init(&desc, sizeof desc);
        desc.max_pending_results = 3;
        journal_open(&journal, delivery, &desc);
        configure(&journal, WCENC_LATENCY_REALTIME);
        encode(&journal, 0, 20);
        /* It cannot get further than to its fourth frame. */
        for (int taken = 0; taken < 10; taken++) {
            wcenc_stats_init(&stats, sizeof stats);
            assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &stats), WCENC_OK);
            assert_true(stats.chunks_pending <= 3);
            assert_true(stats.frames_out + stats.chunks_pending + stats.frames_in_flight <= (uint64_t)taken + 3);
            journal_wait(&journal, TOLD_OUTPUT, taken + 1);
        }
        assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
        journal_take(&journal);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 20);
        journal_check_stats(&journal);
        journal_end(&journal);
    }
}

static void test_a_close_without_work_is_reported_too(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        journal_open(&journal, delivery, NULL);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_ERROR_INVALID_STATE);
        assert_int_equal(journal_close_encoder(&journal), WCENC_OK);
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CLOSED);
        assert_int_equal(journal_close_encoder(&journal), WCENC_ERROR_INVALID_STATE); /* ST-012 */
        journal_wait(&journal, TOLD_CLOSE, 1);
        journal_end(&journal);
        assert_string_equal(journal.trace, "cD"); /* CON-007, FLU-015 */
    }
}

/* reset, configure, encode and flush from inside an output callback, while a flush of before is under way. */
static void begin_anew(struct journal *journal, char what)
{
    if (what != TOLD_OUTPUT || journal->counts[TOLD_OUTPUT] != 1)
        return;
    assert_int_equal(wcenc_encoder_reset(journal->encoder), WCENC_OK);
    configure(journal, WCENC_LATENCY_REALTIME);
    encode(journal, 100, 5);
    assert_int_equal(journal_flush(journal, journal->hook_data), WCENC_OK);
}

static void test_a_flush_inside_a_callback_completes_with_exactly_its_own_frames(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;
        int outer, inner;

        journal_open(&journal, delivery, NULL);
        journal.hook = begin_anew;
        journal.hook_data = &inner;
        configure(&journal, WCENC_LATENCY_QUALITY);
        encode(&journal, 0, 5);
        assert_int_equal(journal_flush(&journal, &outer), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 2);
        assert_int_equal(journal.flushes[0], WCENC_ERROR_ABORTED); /* FLU-014 */
        assert_ptr_equal(journal.flush_users[0], &outer);
        assert_int_equal(journal.flushes[1], WCENC_OK);
        assert_ptr_equal(journal.flush_users[1], &inner);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 6);
        for (int i = 1; i < 6; i++)
            assert_int_equal(journal.timestamps[i], 99 + i);
        journal_check_stats(&journal);
        journal_end(&journal);
    }
}

/* Statistics of an older and a newer program. */
static void test_statistics_fill_a_struct_of_any_version(void **state)
{
    struct {
        wcenc_stats stats;
        uint64_t unknown[4];
    } longer;
    struct journal journal;

    (void)state;
    journal_open(&journal, WCENC_DELIVERY_PULL, NULL);
    wcenc_stats_init(&longer.stats, sizeof longer);
    memset(longer.unknown, 0x55, sizeof longer.unknown);
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &longer.stats), WCENC_OK);
    assert_int_equal(longer.stats.struct_size, sizeof longer);
    for (int i = 0; i < 4; i++)
        assert_int_equal(longer.unknown[i], 0);
    longer.stats.struct_size = FIRST_STATS_SIZE;
    longer.unknown[0] = 0x55;
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &longer.stats), WCENC_OK);
    assert_int_equal(longer.unknown[0], 0x55);
    longer.stats.struct_size = FIRST_STATS_SIZE - 1;
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, &longer.stats), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_stats(journal.encoder, NULL), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_stats(NULL, &longer.stats), WCENC_ERROR_TYPE);
    journal_end(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_takes_the_callbacks_that_its_delivery_calls),
        cmocka_unit_test(test_a_negative_timeout_of_the_queue_is_refused),
        cmocka_unit_test(test_a_callback_that_would_never_be_called_is_refused),
        cmocka_unit_test(test_calls_of_another_delivery_are_refused),
        cmocka_unit_test(test_every_delivery_reports_the_same_in_the_same_order),
        cmocka_unit_test(test_a_blocking_flush_pumps_and_leaves_events_to_be_received),
        cmocka_unit_test(test_the_descriptor_is_readable_while_something_waits),
        cmocka_unit_test(test_the_descriptor_is_readable_for_good_once_all_is_over),
        cmocka_unit_test(test_pumping_runs_as_many_callbacks_as_requested),
        cmocka_unit_test(test_who_pumps_is_woken_when_there_is_nothing_more_to_do),
        cmocka_unit_test(test_pumping_one_event_for_each_wakeup_gets_them_all),
        cmocka_unit_test(test_receiving_waits_as_long_as_requested),
        cmocka_unit_test(test_polling_leaves_the_message_of_the_last_error),
        cmocka_unit_test(test_threads_that_wait_for_events_return_when_the_encoder_ends),
        cmocka_unit_test(test_the_encoder_stops_while_results_pile_up),
        cmocka_unit_test(test_a_close_without_work_is_reported_too),
        cmocka_unit_test(test_a_flush_inside_a_callback_completes_with_exactly_its_own_frames),
        cmocka_unit_test(test_statistics_fill_a_struct_of_any_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
