/* SPDX-License-Identifier: MIT */

/*
 * Parallel groups over a backend that stands still and fails as the test says: where groups begin, in which order
 * results come, how much is under way at most, and what flush, reset, close and errors do in the middle. With any
 * delivery.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <string.h>

#include "thread.h"

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 64, HEIGHT = 64, INTERVAL = 3, GROUP_BYTES = WIDTH * HEIGHT * 3 / 2 * INTERVAL, DELIVERIES = 3 };

static wcenc_config config_of(uint32_t lanes)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    config.key_interval = INTERVAL;
    config.parallel_groups = lanes;
    return config;
}

static void configure(const struct journal *journal, uint32_t lanes)
{
    const wcenc_config config = config_of(lanes);

    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static void open_journal(struct journal *journal, wcenc_delivery delivery, const wcenc_encoder_desc *desc,
                         uint32_t lanes)
{
    journal_open(journal, delivery, desc);
    configure(journal, lanes);
}

/* With the sample that the script knows it by, and the same as its timestamp. */
static void encode_as(const struct journal *journal, wcenc_pixel_format format, int number, bool key)
{
    const uint8_t color[3] = {(uint8_t)number, 128, 128};
    wcenc_frame *frame = flat_frame(format, WIDTH, HEIGHT, color, NULL, number);
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, &options), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void encode(const struct journal *journal, int first, int count)
{
    for (int i = first; i < first + count; i++)
        encode_as(journal, WCENC_PIXEL_FORMAT_I420, i, false);
}

static wcenc_stats stats_of(const struct journal *journal)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
    return stats;
}

/* Waits until so many frames are queued, and sees that no more are taken then. */
static void check_queue(const struct journal *journal, uint64_t queued, uint64_t in_flight)
{
    enum { YIELDS = 500 };

    while (stats_of(journal).frames_queued > queued)
        sched_yield();
    for (int i = 0; i < YIELDS; i++) {
        const wcenc_stats stats = stats_of(journal);

        assert_int_equal(stats.frames_queued, queued);
        assert_int_equal(stats.frames_in_flight, in_flight);
        sched_yield();
    }
}

static void flush(struct journal *journal)
{
    const int before = journal_count(journal, TOLD_FLUSH);

    assert_int_equal(journal_flush(journal, NULL), WCENC_OK);
    journal_wait(journal, TOLD_FLUSH, before + 1);
}

/* Outputs `first` to `end` - 1 in order; key chunks are those that `keys` lists, ended by -1. */
static void check_outputs(struct journal *journal, int first, int end, const int *keys)
{
    assert_int_equal(journal_count(journal, TOLD_OUTPUT), end - first);
    for (int i = first; i < end; i++) {
        const bool is_key = *keys == i;

        assert_int_equal(journal->timestamps[i - first], i);
        assert_int_equal(journal->keys[i - first], is_key);
        keys += is_key;
    }
    assert_int_equal(*keys, -1);
}

static void close_all(struct journal *journal)
{
    journal_take(journal);
    journal_check_stats(journal);
    journal_end(journal);
    assert_int_equal(scripted.opened - (scripted.fail_open >= 0), scripted.closed);
    scripted_remove();
}

/* The later groups are done before the first, and wait for it. */
static void test_results_come_in_the_order_of_frames(void **state)
{
    static const int keys[] = {0, 3, 6, -1};

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.stop_at_luma = 0;
        open_journal(&journal, delivery, NULL, 3);
        encode(&journal, 0, 9);
        (void)scripted_wait_for(&scripted.received, 6);
        check_queue(&journal, 0, 9);
        assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 0);
        scripted_go_on();
        flush(&journal);
        check_outputs(&journal, 0, 9, keys);
        assert_int_equal(scripted.opened, 3);
        close_all(&journal);
    }
}

static void test_no_more_frames_are_in_flight_than_lanes_have_groups_for(void **state)
{
    static const int keys[] = {0, 3, 6, 9, -1};
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.stop_at_luma = 0;
    scripted.held = 1;
    open_journal(&journal, WCENC_DELIVERY_THREAD, NULL, 2);
    encode(&journal, 0, 3);
    /* Otherwise the second lane may be done before the first opens its encoder. */
    scripted_wait_until_it_stands();
    encode(&journal, 3, 9);
    (void)scripted_wait_for(&scripted.received, 3);
    check_queue(&journal, 6, 6);
    assert_int_equal(scripted_wait_for(&scripted.opened, 2), 2);
    scripted_go_on();
    flush(&journal);
    check_outputs(&journal, 0, 12, keys);
    assert_int_equal(scripted.most_open, 2);
    close_all(&journal);
}

static void test_groups_follow_one_another_where_their_bytes_are_too_many(void **state)
{
    static const int keys[] = {0, 3, 6, 9, -1};

    (void)state;
    for (int lanes = 1; lanes <= 2; lanes++) {
        const wcenc_config config = config_of(2);
        wcenc_encoder_desc desc;
        wcenc_config_support *support;
        struct journal journal;

        scripted_install();
        scripted.stop_at_frame = 0;
        assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_OK);
        assert_int_equal(support->parallel_groups_bytes, 2 * GROUP_BYTES);
        wcenc_encoder_desc_init(&desc, sizeof desc);
        desc.max_queued_bytes = support->parallel_groups_bytes - (lanes == 1);
        desc.queue_policy = WCENC_QUEUE_WAIT;
        wcenc_config_support_free(support);
        open_journal(&journal, WCENC_DELIVERY_THREAD, &desc, 2);
        encode(&journal, 0, 6);
        (void)scripted_wait_for(&scripted.sent, lanes);
        check_queue(&journal, lanes == 1 ? 3 : 0, lanes == 1 ? 3 : 6);
        scripted_go_on();
        encode(&journal, 6, 6);
        flush(&journal);
        check_outputs(&journal, 0, 12, keys);
        assert_int_equal(scripted.most_open, lanes);
        close_all(&journal);
    }
}

/* Frames of more bytes than those that are encoded count with their own. */
static void test_bytes_in_lanes_are_bounded(void **state)
{
    enum { FRAME_BYTES = WIDTH * HEIGHT * 4, COUNT = 7 };
    wcenc_encoder_desc desc;
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.stop_at_frame = 0;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.max_queued_bytes = 4 * FRAME_BYTES;
    open_journal(&journal, WCENC_DELIVERY_THREAD, &desc, 3);
    for (int i = 0; i < COUNT; i++) {
        /* Each has left the queue before the next one comes. */
        if (i > 0 && i < 6)
            check_queue(&journal, 0, (uint64_t)i);
        encode_as(&journal, WCENC_PIXEL_FORMAT_RGBA, i, false);
    }
    /* Two lanes have a frame each in their encoders, and four wait. */
    check_queue(&journal, 1, 6);
    scripted_go_on();
    flush(&journal);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), COUNT);
    close_all(&journal);
}

static void test_requests_flushes_and_configures_begin_groups(void **state)
{
    static const int keys[] = {0, 2, 5, 8, 10, 11, 13, 14, 15, -1};

    (void)state;
    for (uint32_t lanes = 1; lanes <= 3; lanes++)
        for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
            struct journal journal;

            scripted_install();
            scripted.held = lanes - 1;
            open_journal(&journal, delivery, NULL, lanes);
            encode(&journal, 0, 2);
            encode_as(&journal, WCENC_PIXEL_FORMAT_I420, 2, true);
            encode(&journal, 3, 7);
            flush(&journal);
            /* Whether the encoder still delays frames or not. */
            encode(&journal, 10, 1);
            if (lanes == 1)
                journal_wait(&journal, TOLD_OUTPUT, 11);
            flush(&journal);
            encode(&journal, 11, 2);
            assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
            assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
            encode(&journal, 13, 1);
            configure(&journal, lanes);
            encode(&journal, 14, 1);
            /* A request is for the first frame that is still queued. */
            while (stats_of(&journal).frames_queued > 0)
                sched_yield();
            assert_int_equal(wcenc_encoder_request_key_frame(journal.encoder), WCENC_OK);
            encode(&journal, 15, 1);
            flush(&journal);
            check_outputs(&journal, 0, 16, keys);
            close_all(&journal);
        }
}

static void test_groups_begin_and_end_with_the_configuration(void **state)
{
    static const int keys[] = {0, 2, 5, 6, -1};
    static const uint32_t lanes[] = {0, 2, 0};
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.held = 1;
    open_journal(&journal, WCENC_DELIVERY_THREAD, NULL, 0);
    for (int i = 0; i < 3; i++) {
        static const int first[] = {0, 2, 6, 8};

        configure(&journal, lanes[i]);
        encode(&journal, first[i], first[i + 1] - first[i]);
    }
    flush(&journal);
    check_outputs(&journal, 0, 8, keys);
    close_all(&journal);
}

/* The third group has failed while the first stands still: what comes before is delivered, then the error. */
static void test_an_error_comes_behind_the_results_before_it(void **state)
{
    static const int keys[] = {0, 3, 6, -1};

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.stop_at_luma = 0;
        scripted.fail_luma = 7;
        open_journal(&journal, delivery, NULL, 3);
        encode(&journal, 0, 12);
        (void)scripted_wait_for(&scripted.sent, 6);
        assert_int_equal(journal_count(&journal, TOLD_ERROR), 0);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        scripted_go_on();
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal.flushes[0], WCENC_ERROR_ENCODING);
        check_outputs(&journal, 0, 7, keys);
        assert_non_null(strstr(journal.error_message, "with a frame"));
        assert_int_equal(wcenc_encoder_get_state(journal.encoder), WCENC_STATE_CLOSED);
        close_all(&journal);
    }
}

static void test_an_encoder_that_does_not_open_fails_its_group(void **state)
{
    static const int keys[] = {0, -1};
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.fail_open = 1;
    open_journal(&journal, WCENC_DELIVERY_PUMP, NULL, 1);
    encode(&journal, 0, 9);
    assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
    journal_wait(&journal, TOLD_FLUSH, 1);
    assert_int_equal(journal.flushes[0], WCENC_ERROR_NOT_SUPPORTED);
    check_outputs(&journal, 0, 3, keys);
    close_all(&journal);
}

static void test_a_reset_discards_every_group(void **state)
{
    static const int keys[] = {20, 23, -1};

    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++) {
        struct journal journal;

        scripted_install();
        scripted.stop_at_luma = 0;
        open_journal(&journal, delivery, NULL, 3);
        encode(&journal, 0, 12);
        (void)scripted_wait_for(&scripted.received, 6);
        assert_int_equal(journal_flush(&journal, NULL), WCENC_OK);
        assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
        journal_wait(&journal, TOLD_FLUSH, 1);
        assert_int_equal(journal.flushes[0], WCENC_ERROR_ABORTED);
        /* One lane still stands inside the encoder; the others take what comes. */
        configure(&journal, 3);
        encode(&journal, 20, 4);
        flush(&journal);
        check_outputs(&journal, 20, 24, keys);
        assert_false(stats_of(&journal).is_idle);
        scripted_go_on();
        close_all(&journal);
    }
}

/* While frames wait, are encoded, are delayed and are done; and with a group that waits for frames. */
static void test_a_close_in_the_middle_leaves_nothing(void **state)
{
    (void)state;
    for (wcenc_delivery delivery = 0; delivery < DELIVERIES; delivery++)
        for (int count = 1; count <= 12; count++) {
            struct journal journal;

            scripted_install();
            scripted.held = 1;
            open_journal(&journal, delivery, NULL, 2);
            encode(&journal, 0, count);
            assert_int_equal(wcenc_encoder_close(journal.encoder), WCENC_OK);
            close_all(&journal);
        }
}

static void test_results_wait_for_room(void **state)
{
    enum { COUNT = 12, PENDING_MAX = 2 };
    wcenc_encoder_desc desc;
    struct journal journal;

    (void)state;
    scripted_install();
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.max_pending_results = PENDING_MAX;
    open_journal(&journal, WCENC_DELIVERY_PULL, &desc, 2);
    encode(&journal, 0, COUNT);
    (void)scripted_wait_for(&scripted.received, PENDING_MAX);
    for (int taken = 1; taken <= COUNT; taken++) {
        journal_wait(&journal, TOLD_OUTPUT, taken);
        assert_true(stats_of(&journal).chunks_pending <= PENDING_MAX);
        assert_int_equal(journal.timestamps[taken - 1], taken - 1);
    }
    close_all(&journal);
}

/* It keeps its place, and the frames behind it are delivered. */
static void test_frames_that_an_encoder_drops_are_reported_in_their_place(void **state)
{
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.drop_frame = scripted.drop_to = 4;
    open_journal(&journal, WCENC_DELIVERY_PULL, NULL, 1);
    encode(&journal, 0, 8);
    flush(&journal);
    assert_int_equal(journal_count(&journal, TOLD_DROP), 1);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 7);
    assert_int_equal(journal.drops[0].timestamp_us, 4);
    assert_int_equal(journal.drops[0].reason, WCENC_DROP_ENCODER);
    close_all(&journal);
}

/* A program that pumps is woken once the lanes have nothing left to do, and nothing comes after that. */
static void test_the_encoder_is_idle_once_the_lanes_are(void **state)
{
    struct journal journal;

    (void)state;
    scripted_install();
    scripted.held = 1;
    scripted.stop_at_luma = 4;
    open_journal(&journal, WCENC_DELIVERY_PUMP, NULL, 2);
    encode(&journal, 0, 5);
    scripted_wait_until_it_stands();
    journal_wait(&journal, TOLD_OUTPUT, 3);
    journal_take(&journal);
    assert_false(stats_of(&journal).is_idle);
    assert_true(stats_of(&journal).busy_ns > 0);
    scripted_go_on();
    while (!stats_of(&journal).is_idle)
        journal_take(&journal);
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), 4);
    assert_int_equal(stats_of(&journal).frames_in_flight, 1);
    flush(&journal);
    close_all(&journal);
}

static int wakeups_of(struct journal *journal)
{
    int wakeups;

    pthread_mutex_lock(&journal->lock);
    wakeups = journal->wakeups;
    pthread_mutex_unlock(&journal->lock);
    return wakeups;
}

/* It pumps nothing unless it is woken, and each result makes room for the next one. */
static void test_a_program_that_pumps_is_woken_for_every_result(void **state)
{
    enum { COUNT = 9 };
    const int64_t deadline_ns = monotonic_ns() + (int64_t)JOURNAL_DEADLINE_SECONDS * 1000000000;
    wcenc_encoder_desc desc;
    struct journal journal;
    int seen = 0;

    (void)state;
    scripted_install();
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.max_pending_results = 1;
    open_journal(&journal, WCENC_DELIVERY_PUMP, &desc, 2);
    encode(&journal, 0, COUNT);
    while (journal_count(&journal, TOLD_OUTPUT) < COUNT) {
        while (wakeups_of(&journal) == seen && monotonic_ns() < deadline_ns)
            sched_yield();
        assert_true(wakeups_of(&journal) > seen);
        seen = wakeups_of(&journal);
        journal_take(&journal);
    }
    flush(&journal);
    close_all(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_come_in_the_order_of_frames),
        cmocka_unit_test(test_no_more_frames_are_in_flight_than_lanes_have_groups_for),
        cmocka_unit_test(test_groups_follow_one_another_where_their_bytes_are_too_many),
        cmocka_unit_test(test_bytes_in_lanes_are_bounded),
        cmocka_unit_test(test_requests_flushes_and_configures_begin_groups),
        cmocka_unit_test(test_groups_begin_and_end_with_the_configuration),
        cmocka_unit_test(test_an_error_comes_behind_the_results_before_it),
        cmocka_unit_test(test_an_encoder_that_does_not_open_fails_its_group),
        cmocka_unit_test(test_a_reset_discards_every_group),
        cmocka_unit_test(test_a_close_in_the_middle_leaves_nothing),
        cmocka_unit_test(test_results_wait_for_room),
        cmocka_unit_test(test_frames_that_an_encoder_drops_are_reported_in_their_place),
        cmocka_unit_test(test_the_encoder_is_idle_once_the_lanes_are),
        cmocka_unit_test(test_a_program_that_pumps_is_woken_for_every_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
