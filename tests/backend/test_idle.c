/* SPDX-License-Identifier: MIT */

/* What an encoder that has nothing to do gives back: memory that is kept for frames. */

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"
#include "thread.h"

#include "../support/journal.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 640, HEIGHT = 360, BYTES = WIDTH * HEIGHT * 3 / 2 };

static uint8_t pixels[BYTES];

static wcenc_frame *copy(void)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

static void encode_copy(struct journal *journal)
{
    wcenc_frame *frame = copy();

    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
}

static void begin(struct journal *journal, wcenc_delivery delivery)
{
    wcenc_config config;

    assert_int_equal(wcenc__pool_size().blocks, 0);
    scripted_install();
    journal_open(journal, delivery, NULL);
    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

/* Waits until the pool keeps so many blocks: the worker may release a frame after its flush has been reported. */
static void wait_for_blocks(size_t count)
{
    static const struct timespec moment = {0, 1000000};
    const int64_t start = monotonic_ns();

    while (wcenc__pool_size().blocks != count) {
        assert_true(monotonic_ns() - start < JOURNAL_DEADLINE_SECONDS * INT64_C(1000000000));
        assert_int_equal(nanosleep(&moment, NULL), 0);
    }
}

static void encode_one(struct journal *journal, int number)
{
    encode_copy(journal);
    assert_int_equal(journal_flush(journal, NULL), WCENC_OK);
    journal_wait(journal, TOLD_FLUSH, number);
    wait_for_blocks(1);
}

static void test_memory_is_kept_from_frame_to_frame(void **state)
{
    struct journal journal;

    (void)state;
    begin(&journal, WCENC_DELIVERY_THREAD);
    for (int i = 1; i <= 3; i++)
        encode_one(&journal, i);
    assert_ptr_equal(scripted.planes[1], scripted.planes[0]);
    assert_ptr_equal(scripted.planes[2], scripted.planes[0]);
    journal_end(&journal);
    assert_int_equal(wcenc__pool_size().blocks, 0);
    scripted_remove();
}

static void test_a_second_without_work_frees_it(void **state)
{
    struct journal journal;
    wcenc_frame *held;
    int64_t start;

    (void)state;
    begin(&journal, WCENC_DELIVERY_PUMP);
    encode_one(&journal, 1);
    held = copy();
    start = monotonic_ns();
    encode_one(&journal, 2);
    /* Also while the program keeps a frame. */
    wait_for_blocks(0);
    assert_true(monotonic_ns() - start >= POOL_IDLE_NS);
    /* It goes on afterwards. */
    encode_one(&journal, 3);
    journal_end(&journal);
    wcenc_frame_unref(held);
    assert_int_equal(wcenc__pool_size().blocks, 0);
    scripted_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_kept_from_frame_to_frame),
        cmocka_unit_test(test_a_second_without_work_frees_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
