/* SPDX-License-Identifier: MIT */

/* Dequeue callbacks that are pumped while frames go on leaving the queue: each reports a smaller size, the last 0. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <time.h>

#include "../support/journal.h"
#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 128, HEIGHT = 64, FRAMES = 6 };

static void wait_until_queue_is_empty(struct journal *journal)
{
    time_t deadline = time(NULL) + JOURNAL_DEADLINE_SECONDS;
    wcenc_stats stats;

    do {
        wcenc_stats_init(&stats, sizeof stats);
        assert_int_equal(wcenc_encoder_get_stats(journal->encoder, &stats), WCENC_OK);
        assert_true(time(NULL) < deadline);
    } while (stats.frames_queued != 0);
}

/* Inside the first dequeue callback all other frames leave the queue. */
static void let_the_rest_go(struct journal *journal, char what)
{
    if (what != TOLD_DEQUEUE || journal->counts[TOLD_DEQUEUE] != 1)
        return;
    assert_int_equal(journal->last_size, FRAMES - 1);
    scripted_go_on();
    wait_until_queue_is_empty(journal);
}

static void let_the_rest_go_and_look(struct journal *journal, char what)
{
    if (what != TOLD_DEQUEUE || journal->counts[TOLD_DEQUEUE] != 1)
        return;
    let_the_rest_go(journal, what);
    assert_int_equal(wcenc_encoder_get_queue_size(journal->encoder), 0);
}

static void start(struct journal *journal, journal_hook hook)
{
    wcenc_config config;

    scripted_install();
    scripted.stop_at_frame = 0;
    journal_open(journal, WCENC_DELIVERY_PUMP, NULL);
    journal->hook = hook;
    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static int dequeues_with(journal_hook hook, uint32_t *last_size)
{
    struct journal journal;

    start(&journal, hook);
    for (int i = 0; i < FRAMES; i++) {
        wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)i, i);

        assert_int_equal(wcenc_encoder_encode(journal.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
    scripted_wait_until_it_stands();
    assert_int_equal(wcenc_encoder_flush(journal.encoder), WCENC_OK);
    *last_size = journal.last_size;
    assert_int_equal(journal_count(&journal, TOLD_OUTPUT), FRAMES);
    journal_end(&journal);
    scripted_remove();
    return journal.counts[TOLD_DEQUEUE];
}

static void test_each_dequeue_reports_a_smaller_size_and_the_last_0(void **state)
{
    uint32_t last_size;

    (void)state;
    assert_int_equal(dequeues_with(let_the_rest_go, &last_size), 2); /* QUE-007, QUE-008, DEF-12 */
    assert_int_equal(last_size, 0);                                  /* QUE-009 */
}

static void test_asking_for_the_queue_size_changes_no_dequeue(void **state)
{
    uint32_t last_size;

    (void)state;
    assert_int_equal(dequeues_with(let_the_rest_go_and_look, &last_size), 2);
    assert_int_equal(last_size, 0);
}

static void look_from_release(void *user)
{
    struct journal *journal = user;

    (void)wcenc_encoder_get_queue_size(journal->encoder);
}

static void *reset_elsewhere(void *argument)
{
    struct journal *journal = argument;

    assert_int_equal(wcenc_encoder_reset(journal->encoder), WCENC_OK);
    return NULL;
}

static void wait_for_reset_elsewhere(struct journal *journal, char what)
{
    pthread_t thread;

    if (what != TOLD_DEQUEUE || journal->counts[TOLD_DEQUEUE] != 1)
        return;
    assert_int_equal(pthread_create(&thread, NULL, reset_elsewhere, journal), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* What a release on another thread has seen, while a dequeue callback runs, that callback has not. */
static void test_what_other_threads_have_seen_is_delivered(void **state)
{
    static uint8_t pixels[WIDTH * HEIGHT * 4];
    struct journal journal;
    wcenc_frame_desc desc;

    (void)state;
    start(&journal, wait_for_reset_elsewhere);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    for (int i = 0; i < FRAMES; i++) {
        wcenc_frame *frame;

        assert_int_equal(wcenc_frame_create_wrap(&desc, look_from_release, &journal, &frame), WCENC_OK);
        assert_int_equal(wcenc_encoder_encode(journal.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
    scripted_wait_until_it_stands();
    journal_wait(&journal, TOLD_DEQUEUE, 2); /* QUE-011 */
    assert_int_equal(journal.last_size, 0);
    scripted_go_on();
    journal_end(&journal);
    scripted_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_dequeue_reports_a_smaller_size_and_the_last_0),
        cmocka_unit_test(test_asking_for_the_queue_size_changes_no_dequeue),
        cmocka_unit_test(test_what_other_threads_have_seen_is_delivered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
