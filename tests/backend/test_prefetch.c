/* SPDX-License-Identifier: MIT */

/*
 * Frames that are converted while they wait: each picture goes with its own frame, whatever becomes of the frames that
 * were converted in vain.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "cpu.h"

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 128, HEIGHT = 64, FRAMES = 8 };

static uint8_t luma_of(int number)
{
    return (uint8_t)(20 + 7 * number);
}

/* Frames of the size that is coded are taken as they are, those of twice the size are converted. */
static void encode(struct journal *journal, int number, bool is_converted)
{
    const uint8_t color[] = {luma_of(number), 128, 128};
    uint32_t scale = is_converted ? 2 : 1;
    wcenc_frame *frame =
        flat_frame(WCENC_PIXEL_FORMAT_I420, WIDTH * scale, HEIGHT * scale, color, NULL, (int64_t)number);

    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void configure(struct journal *journal)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static uint64_t converting_ns(const struct journal *journal)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
    return stats.converting_ns;
}

/* The worker stands inside the codec and has not yet reported its own conversion: what is reported is the prefetcher's.
 */
static void wait_for_a_conversion(const struct journal *journal)
{
    const time_t deadline = time(NULL) + JOURNAL_DEADLINE_SECONDS;

    while (converting_ns(journal) == 0) {
        assert_true(time(NULL) < deadline);
        (void)sched_yield();
    }
}

/* Stands with frame 1, which the worker has converted, and FRAMES more waiting, two of which can be converted. */
static void begin(struct journal *journal, const wcenc_encoder_desc *desc)
{
    if (wcenc__cpu_count() == 1)
        skip();
    scripted_install();
    scripted.stop_at_frame = 1;
    scripted.stop_at_open = 0;
    journal_open(journal, WCENC_DELIVERY_THREAD, desc);
    configure(journal);
    encode(journal, 0, false);
    scripted_wait_until_it_stands();
    for (int i = 1; i < FRAMES; i++)
        encode(journal, i, true);
    scripted_step();
    scripted_wait_until_it_stands();
    wait_for_a_conversion(journal);
}

static void end(struct journal *journal, const int *numbers, int count)
{
    assert_int_equal(wcenc_encoder_flush(journal->encoder), WCENC_OK);
    assert_int_equal(scripted.sent, count);
    for (int i = 0; i < count; i++)
        assert_int_equal(scripted.lumas[i], luma_of(numbers[i]));
    journal_check_stats(journal);
    journal_end(journal);
    scripted_remove();
}

static void test_every_picture_goes_with_its_frame(void **state)
{
    static const int numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct journal journal;

    (void)state;
    begin(&journal, NULL);
    encode(&journal, 8, false);
    encode(&journal, 9, true);
    encode(&journal, 10, true);
    scripted_go_on();
    end(&journal, numbers, sizeof numbers / sizeof numbers[0]);
}

static void test_what_was_converted_before_a_reset_is_not_used(void **state)
{
    static const int numbers[] = {0, 1, 20, 21, 22, 23};
    struct journal journal;

    (void)state;
    begin(&journal, NULL);
    assert_int_equal(wcenc_encoder_reset(journal.encoder), WCENC_OK);
    configure(&journal);
    for (int i = 20; i < 24; i++)
        encode(&journal, i, i > 20);
    scripted_go_on();
    end(&journal, numbers, sizeof numbers / sizeof numbers[0]);
}

static void test_what_was_converted_of_dropped_frames_is_not_used(void **state)
{
    static const int numbers[] = {0, 1, 6, 7, 8, 9, 10, 11, 12};
    wcenc_encoder_desc desc;
    struct journal journal;

    (void)state;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST;
    desc.max_queued_frames = FRAMES - 1;
    begin(&journal, &desc);
    for (int i = FRAMES; i < FRAMES + 5; i++)
        encode(&journal, i, true);
    scripted_go_on();
    end(&journal, numbers, sizeof numbers / sizeof numbers[0]);
}

static void test_an_encoder_may_end_while_converted_frames_are_pending(void **state)
{
    struct journal journal;

    (void)state;
    begin(&journal, NULL);
    scripted_go_on();
    journal_end(&journal);
    scripted_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_picture_goes_with_its_frame),
        cmocka_unit_test(test_what_was_converted_before_a_reset_is_not_used),
        cmocka_unit_test(test_what_was_converted_of_dropped_frames_is_not_used),
        cmocka_unit_test(test_an_encoder_may_end_while_converted_frames_are_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
