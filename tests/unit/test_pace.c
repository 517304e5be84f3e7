/* SPDX-License-Identifier: MIT */

/* How long frames last to rate control, with and without a framerate. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "compiler.h"
#include "pace.h"

enum { DEFAULT_US = 33333, SECOND_US = 1000000 };

static struct encoder_config *config_at(double framerate)
{
    struct encoder_config *config;
    wcenc_config given;

    wcenc_config_init(&given, sizeof given);
    given.codec = "vp8";
    given.width = given.height = 64;
    given.framerate = framerate;
    assert_int_equal(wcenc__config_create(&given, false, &config), WCENC_OK);
    return config;
}

struct step {
    int64_t timestamp_us;
    int64_t expected_us;
};

/* Frames without a duration, in turn. */
static void check_steps(double framerate, const struct step *steps, size_t count)
{
    struct encoder_config *config = config_at(framerate);
    struct pace pace = {0};

    for (size_t i = 0; i < count; i++) {
        const struct pace_frame frame = {.timestamp_us = steps[i].timestamp_us};

        assert_int_equal(wcenc__pace_next(&pace, config, &frame), steps[i].expected_us);
    }
    wcenc__config_unref(config);
}

static void test_a_frame_lasts_as_long_as_the_steps_to_it(void **state)
{
    static const struct step steps[] = {{-500000, DEFAULT_US}, {-300000, 200000}, {-100000, 200000}, {100000, 200000}};
    static const struct step shortest[] = {{0, DEFAULT_US}, {1000, 1000}, {2000, 1000}};
    static const struct step longest[] = {{0, DEFAULT_US}, {10 * SECOND_US, 10 * SECOND_US}};

    (void)state;
    check_steps(0, steps, ARRAY_LENGTH(steps));
    check_steps(0, shortest, ARRAY_LENGTH(shortest));
    check_steps(0, longest, ARRAY_LENGTH(longest));
}

/* Of the first steps it is the plain mean, later a running one. */
static void test_a_duration_is_the_mean_of_the_last_steps(void **state)
{
    enum { COUNT = 400, MEAN_OF = 16 };
    static const int64_t steps_us[] = {10000, 50000, 30000, 130000};
    struct encoder_config *config = config_at(0);
    int64_t given_us = 0, timestamp_us = 0;
    struct pace pace = {0};

    (void)state;
    for (int i = 0; i <= COUNT; i++) {
        const struct pace_frame frame = {.timestamp_us = timestamp_us};
        const int64_t duration_us = wcenc__pace_next(&pace, config, &frame);

        given_us += i > 0 ? duration_us : 0;
        if (i > MEAN_OF)
            assert_true(duration_us >= 45000 && duration_us <= 65000);
        if (i < COUNT)
            timestamp_us += steps_us[i % 4];
    }
    assert_true(given_us >= timestamp_us * 98 / 100 && given_us <= timestamp_us * 102 / 100);
    wcenc__config_unref(config);
}

static void test_a_step_that_makes_no_sense_counts_as_the_last_good_one(void **state)
{
    static const struct step steps[] = {
        {0, DEFAULT_US},         {0, DEFAULT_US},     /* none so far */
        {200000, 200000},        {200000, 200000},    /* 0 */
        {200999, 200000},                             /* under 1 ms */
        {100000, 200000},                             /* backwards */
        {10100001, 200000},                           /* over 10 s */
        {INT64_MIN, 200000},     {INT64_MAX, 200000}, /* a step beyond int64 */
        {INT64_MAX - 5, 200000}, {INT64_MIN + 3, 200000},
    };

    (void)state;
    check_steps(0, steps, ARRAY_LENGTH(steps));
}

/* It fills a buffer, which holds no more than that. */
static void test_a_pause_counts_for_a_second(void **state)
{
    enum { COUNT = 200, AT = 60, STEP_US = 40000 };
    struct encoder_config *config = config_at(0);
    int64_t timestamp_us = 0, extra_us = 0;
    struct pace pace = {0};

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        const struct pace_frame frame = {.timestamp_us = timestamp_us};
        const int64_t duration_us = wcenc__pace_next(&pace, config, &frame);

        extra_us += i >= AT ? duration_us - STEP_US : 0;
        timestamp_us += i == AT - 1 ? 9 * (int64_t)SECOND_US : STEP_US;
    }
    assert_true(extra_us >= SECOND_US * 9 / 10 && extra_us <= SECOND_US);
    wcenc__config_unref(config);
}

static void test_steps_of_a_microsecond_are_those_of_the_default_framerate(void **state)
{
    static const struct step steps[] = {{0, DEFAULT_US}, {1, DEFAULT_US}, {2, DEFAULT_US}, {3, DEFAULT_US}};

    (void)state;
    check_steps(0, steps, ARRAY_LENGTH(steps));
}

static void test_with_a_framerate_timestamps_are_ignored(void **state)
{
    static const struct step at_25[] = {{0, 40000}, {200000, 40000}, {100000, 40000}, {INT64_MAX, 40000}};
    static const struct step at_ntsc[] = {{0, 33367}, {200000, 33367}};
    static const struct step at_most[] = {{0, 100}, {200000, 100}};
    static const struct step at_least[] = {{0, 1000 * (int64_t)SECOND_US}, {200000, 1000 * (int64_t)SECOND_US}};

    (void)state;
    check_steps(25, at_25, ARRAY_LENGTH(at_25));
    check_steps(30000 / 1001.0, at_ntsc, ARRAY_LENGTH(at_ntsc));
    check_steps(10000, at_most, ARRAY_LENGTH(at_most));
    check_steps(0.001, at_least, ARRAY_LENGTH(at_least));
}

/* Steps are followed as soon as there is a good one. */
static void test_until_there_is_a_good_step_the_duration_of_a_frame_counts(void **state)
{
    static const struct {
        struct pace_frame frame;
        int64_t expected_us;
    } frames[] = {
        {{.timestamp_us = 7, .duration_us = 100000, .has_duration = true}, 100000},
        {{.timestamp_us = 7, .duration_us = 50000, .has_duration = true}, 50000},
        {{.timestamp_us = 7, .duration_us = UINT64_MAX, .has_duration = true}, DEFAULT_US},
        {{.timestamp_us = 7, .duration_us = 999, .has_duration = true}, DEFAULT_US},
        {{.timestamp_us = 7, .duration_us = 100000}, DEFAULT_US},
        {{.timestamp_us = 20007, .duration_us = 100000, .has_duration = true}, 20000},
        {{.timestamp_us = 20007, .duration_us = 100000, .has_duration = true}, 20000},
    };
    struct encoder_config *config = config_at(0);
    struct pace pace = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(frames); i++)
        assert_int_equal(wcenc__pace_next(&pace, config, &frames[i].frame), frames[i].expected_us);
    wcenc__config_unref(config);
}

static void test_steps_seen_with_a_framerate_count_once_it_is_gone(void **state)
{
    struct encoder_config *with = config_at(25), *without = config_at(0);
    const struct pace_frame frames[] = {{.timestamp_us = 0}, {.timestamp_us = 200000}, {.timestamp_us = 200000}};
    struct pace pace = {0};

    (void)state;
    assert_int_equal(wcenc__pace_next(&pace, with, &frames[0]), 40000);
    assert_int_equal(wcenc__pace_next(&pace, with, &frames[1]), 40000);
    assert_int_equal(wcenc__pace_next(&pace, without, &frames[2]), 200000);
    wcenc__config_unref(with);
    wcenc__config_unref(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_frame_lasts_as_long_as_the_steps_to_it),
        cmocka_unit_test(test_a_duration_is_the_mean_of_the_last_steps),
        cmocka_unit_test(test_a_step_that_makes_no_sense_counts_as_the_last_good_one),
        cmocka_unit_test(test_a_pause_counts_for_a_second),
        cmocka_unit_test(test_steps_of_a_microsecond_are_those_of_the_default_framerate),
        cmocka_unit_test(test_with_a_framerate_timestamps_are_ignored),
        cmocka_unit_test(test_until_there_is_a_good_step_the_duration_of_a_frame_counts),
        cmocka_unit_test(test_steps_seen_with_a_framerate_count_once_it_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
