/* SPDX-License-Identifier: MIT */

/*
 * A queue with a limit bounds what the process holds, however fast frames come. With --long as many frames are fed with
 * every policy as otherwise with those only that never wait.
 */

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "subject.h"

enum {
    WIDTH = 1920,
    HEIGHT = 1080,
    LIMIT = 8,
    FRAMES = 10000,
    FRAMES_WAITING = 300,
    /* So many chunks, and the encoder holds all that it ever will. */
    WARM_CHUNKS = 30,
    /* What one encoder with a full queue may take in all, at most: the test ends before the machine does. */
    BOUND_KIB = 512 * 1024,
    /* Two frames and a half of the 5,000 that the second half feeds. */
    GROWTH_KIB = 20 * 1024,
};

static uint8_t pixels[WIDTH * HEIGHT * 4];
static int frames_waiting = FRAMES_WAITING;

/* Of this process, in KiB. */
static long resident(void)
{
    char line[256];
    long size = 0;
    FILE *file = fopen("/proc/self/status", "re");

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        (void)sscanf(line, "VmRSS: %ld kB", &size);
    (void)fclose(file);
    assert_true(size > 0);
    return size;
}

/* A copy of its own of 8 MB, with every page written to. */
static wcenc_frame *make_frame(int number)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame = NULL;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = number * INT64_C(16667);
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

static void encode(struct subject *subject, int number, wcenc_queue_policy policy)
{
    wcenc_frame *frame = make_frame(number);
    wcenc_status status = wcenc_encoder_encode(subject->encoder, frame, NULL);

    wcenc_frame_unref(frame);
    if (policy == WCENC_QUEUE_FAIL && status == WCENC_ERROR_QUOTA_EXCEEDED)
        atomic_fetch_add(&subject->drops, 1);
    else
        assert_int_equal(status, WCENC_OK);
    assert_true(wcenc_encoder_get_queue_size(subject->encoder) <= LIMIT);
}

/* Each frame has become a chunk, a drop or, with WCENC_QUEUE_FAIL, an error of encode. */
static void check_counts(struct subject *subject, int frames)
{
    assert_int_equal(wcenc_encoder_flush(subject->encoder), WCENC_OK);
    assert_int_equal(subject_take(subject), WCENC_AGAIN);
    assert_int_equal(atomic_load(&subject->chunks) + atomic_load(&subject->drops), frames);
    assert_int_equal(atomic_load(&subject->errors), 0);
}

struct run {
    struct subject subject;
    wcenc_queue_policy policy;
    int fed;
    long before;
};

static void open_run(struct run *run, wcenc_delivery delivery)
{
    wcenc_config config = subject_config(find_row("libx264"), WCENC_LATENCY_REALTIME, WIDTH, HEIGHT);
    wcenc_encoder_desc desc = subject_init(&run->subject, delivery);

    config.codec = "avc1.640028";
    desc.queue_policy = run->policy;
    desc.max_queued_frames = LIMIT;
    assert_int_equal(subject_create(&run->subject, &desc), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(run->subject.encoder, &config), WCENC_OK);
}

/* Feeds so many frames at least, and goes on until so many chunks are there; returns the most that the process held. */
static long feed_half(struct run *run, int frames, int chunks)
{
    long peak = 0;

    for (int i = 0; i < frames || atomic_load(&run->subject.chunks) < chunks; i++) {
        encode(&run->subject, run->fed++, run->policy);
        assert_int_equal(subject_take(&run->subject), WCENC_AGAIN);
        if (i % 10 == 0) {
            long size = resident();

            assert_true(size < run->before + BOUND_KIB);
            peak = size > peak ? size : peak;
        }
    }
    return peak;
}

/* How full the queue is changes from one moment to the next, by 64 MB: peak is compared with peak. */
static void feed(wcenc_delivery delivery, wcenc_queue_policy policy, int frames)
{
    struct run run = {.policy = policy};
    int64_t start = now_ms();
    long first, second;

    run.before = resident();
    open_run(&run, delivery);
    first = feed_half(&run, frames / 2, WARM_CHUNKS);
    second = feed_half(&run, frames / 2, 0);
    check_counts(&run.subject, run.fed);
    print_message(
        "%d frames, %d of them chunks, in %lld ms: at most %ld KiB in the first half, %ld KiB in the second\n", run.fed,
        atomic_load(&run.subject.chunks), (long long)(now_ms() - start), first, second);
    assert_true(second <= first + GROWTH_KIB);
    subject_close(&run.subject);
}

static void test_dropping_the_oldest_keeps_memory_flat(void **state)
{
    (void)state;
    feed(WCENC_DELIVERY_THREAD, WCENC_QUEUE_DROP_OLDEST, FRAMES);
}

static void test_dropping_the_newest_keeps_memory_flat(void **state)
{
    (void)state;
    feed(WCENC_DELIVERY_PUMP, WCENC_QUEUE_DROP_NEWEST, FRAMES);
}

static void test_failing_keeps_memory_flat(void **state)
{
    (void)state;
    feed(WCENC_DELIVERY_PULL, WCENC_QUEUE_FAIL, FRAMES);
}

static void test_waiting_keeps_memory_flat(void **state)
{
    (void)state;
    feed(WCENC_DELIVERY_THREAD, WCENC_QUEUE_WAIT, frames_waiting);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropping_the_oldest_keeps_memory_flat),
        cmocka_unit_test(test_dropping_the_newest_keeps_memory_flat),
        cmocka_unit_test(test_failing_keeps_memory_flat),
        cmocka_unit_test(test_waiting_keeps_memory_flat),
    };
    wcenc_config config = subject_config(find_row("libx264"), WCENC_LATENCY_REALTIME, WIDTH, HEIGHT);

    if (argc > 1 && strcmp(argv[1], "--long") == 0)
        frames_waiting = FRAMES;
    config.codec = "avc1.640028";
    if (!is_supported(&config)) {
        print_message("skipped: no libx264 here\n");
        return 77;
    }
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 7 + i / WIDTH);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
