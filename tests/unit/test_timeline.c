/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "timeline.h"

enum { FRAME_US = 33333 };

static int64_t push(struct timeline *timeline, int64_t timestamp_us)
{
    struct timeline_entry entry = {.timestamp_us = timestamp_us, .user_tag = (uint64_t)timestamp_us * 3};
    int64_t count;

    assert_true(wcenc__timeline_push(timeline, &entry, &count));
    return count;
}

/* Takes the entry of a packet and makes its decoding time. */
static int64_t take(struct timeline *timeline, int64_t count, uint32_t depth, int64_t *timestamp_us)
{
    struct timeline_entry entry;

    assert_true(wcenc__timeline_take(timeline, count, &entry));
    assert_true(entry.user_tag == (uint64_t)entry.timestamp_us * 3);
    *timestamp_us = entry.timestamp_us;
    return wcenc__timeline_next_dts(timeline, depth, FRAME_US, entry.timestamp_us);
}

static void test_each_frame_is_found_by_its_count_once(void **state)
{
    static const int64_t timestamps[] = {0, 0, 33, -5, INT64_MIN + 1, INT64_MAX - 1, INT64_MIN, INT64_MAX};
    enum { COUNT = sizeof timestamps / sizeof timestamps[0] };
    struct timeline timeline;
    struct timeline_entry entry;

    (void)state;
    wcenc__timeline_init(&timeline);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(push(&timeline, timestamps[i]), i);
    assert_int_equal(wcenc__timeline_open_count(&timeline), COUNT);
    for (int i = COUNT - 1; i >= 0; i--) {
        assert_true(wcenc__timeline_take(&timeline, i, &entry));
        assert_true(entry.timestamp_us == timestamps[i]);
        assert_false(wcenc__timeline_take(&timeline, i, &entry));
    }
    assert_false(wcenc__timeline_take(&timeline, COUNT, &entry));
    assert_false(wcenc__timeline_take(&timeline, -1, &entry));
    assert_int_equal(wcenc__timeline_open_count(&timeline), 0);
    wcenc__timeline_free(&timeline);
}

static void test_without_reordering_dts_is_the_timestamp(void **state)
{
    struct timeline timeline;
    int64_t timestamp;

    (void)state;
    wcenc__timeline_init(&timeline);
    for (int i = 0; i < 1000; i++) {
        push(&timeline, i * 7);
        assert_int_equal(take(&timeline, i, 0, &timestamp), i * 7);
    }
    /* Nothing is kept but what decoding times may be made of. */
    assert_true(timeline.capacity <= 64);
    wcenc__timeline_free(&timeline);
}

/* Decoding order of I P B B ...: frame 0, then 3 1 2, 6 4 5, and so on. */
static void test_dts_increases_strictly_and_never_exceeds_the_timestamp(void **state)
{
    static const int64_t steps[] = {1, 33333, 10, 500000, 2, 40000, 40000, 1, 1, 90000};
    struct timeline timeline;
    int64_t timestamp = -70000, last = INT64_MIN;
    enum { COUNT = 301 };

    (void)state;
    wcenc__timeline_init(&timeline);
    for (int i = 0; i < COUNT; i++) {
        push(&timeline, timestamp);
        timestamp += steps[i % 10];
    }
    for (int i = 0; i < COUNT; i++) {
        int64_t count = i == 0 ? 0 : i % 3 == 1 ? i + 2 : i - 1;
        int64_t dts = take(&timeline, count, 2, &timestamp);

        assert_true(dts > last);
        assert_true(dts <= timestamp);
        last = dts;
    }
    wcenc__timeline_free(&timeline);
}

static void test_a_deeper_reordering_after_a_restart_of_the_encoder_keeps_dts_going(void **state)
{
    struct timeline timeline;
    int64_t timestamp, last = INT64_MIN;

    (void)state;
    wcenc__timeline_init(&timeline);
    for (int i = 0; i < 20; i++)
        push(&timeline, (int64_t)i * FRAME_US);
    for (int i = 0; i < 20; i++) {
        int64_t dts = take(&timeline, i, i < 10 ? 0 : 2, &timestamp);

        assert_true(dts > last);
        assert_true(dts <= timestamp);
        last = dts;
    }
    wcenc__timeline_free(&timeline);
}

static void test_dts_never_decreases_for_timestamps_in_any_order(void **state)
{
    static const int64_t timestamps[] = {5, 5, -100, INT64_MIN, INT64_MAX, 0, 7};
    struct timeline timeline;
    int64_t timestamp, last = INT64_MIN;

    (void)state;
    for (uint32_t depth = 0; depth < 3; depth++) {
        wcenc__timeline_init(&timeline);
        last = INT64_MIN;
        for (int i = 0; i < 7; i++) {
            int64_t dts;

            push(&timeline, timestamps[i]);
            dts = take(&timeline, i, depth, &timestamp);
            assert_true(dts >= last);
            last = dts;
        }
        wcenc__timeline_free(&timeline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_frame_is_found_by_its_count_once),
        cmocka_unit_test(test_without_reordering_dts_is_the_timestamp),
        cmocka_unit_test(test_dts_increases_strictly_and_never_exceeds_the_timestamp),
        cmocka_unit_test(test_a_deeper_reordering_after_a_restart_of_the_encoder_keeps_dts_going),
        cmocka_unit_test(test_dts_never_decreases_for_timestamps_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
