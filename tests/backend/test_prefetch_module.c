/* SPDX-License-Identifier: MIT */

/* The prefetcher on its own, with a queue and a lock. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "cpu.h"
#include "prefetch.h"

#include "../support/pattern.h"

enum { WIDTH = 128, HEIGHT = 64, FRAMES = 4 };

struct fixture {
    struct mutex lock;
    struct queue queue;
    uint64_t generation;
    struct prefetcher prefetcher;
    struct picture target;
    int keepalives;
};

static void retain_keepalive(void *owner)
{
    ((struct fixture *)owner)->keepalives++;
}

static void release_keepalive(void *owner)
{
    struct fixture *fixture = owner;

    fixture->keepalives--;
    mutex_unlock(&fixture->lock);
}

static uint8_t luma_of(uint64_t number)
{
    return (uint8_t)(20 + 10 * number);
}

/* With frames of twice the target's size in the queue, numbered from 1 and each of a luma of its own. */
static void open_fixture(struct fixture *fixture)
{
    const struct keepalive keepalive = {fixture, retain_keepalive, release_keepalive};

    memset(fixture, 0, sizeof *fixture);
    fixture->target = (struct picture){.format = WCENC_PIXEL_FORMAT_I420, .width = WIDTH, .height = HEIGHT};
    assert_int_equal(mutex_init(&fixture->lock), 0);
    assert_true(
        wcenc__prefetch_init(&fixture->prefetcher, &fixture->lock, &fixture->queue, &fixture->generation, &keepalive));
    for (unsigned number = 1; number <= FRAMES; number++) {
        const uint8_t color[] = {luma_of(number), 128, 128};
        wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, 2 * WIDTH, 2 * HEIGHT, color, NULL, (int64_t)number);
        struct message message = {.type = MESSAGE_ENCODE, .u.encode.number = number};

        assert_true(wcenc__frame_view(frame, &message.u.encode.frame));
        wcenc_frame_unref(frame);
        assert_true(wcenc__queue_push(&fixture->queue, &message));
    }
}

static void close_fixture(struct fixture *fixture)
{
    struct thread thread;
    bool has_thread;

    mutex_lock(&fixture->lock);
    wcenc__prefetch_stop(&fixture->prefetcher);
    has_thread = wcenc__prefetch_take_thread(&fixture->prefetcher, &thread);
    mutex_unlock(&fixture->lock);
    if (has_thread)
        thread_join(&thread);
    assert_int_equal(fixture->keepalives, 0);
    wcenc__prefetch_destroy(&fixture->prefetcher);
    wcenc__queue_release_all(&fixture->queue);
    mutex_destroy(&fixture->lock);
}

static void wait_until_ready(struct fixture *fixture, int count)
{
    mutex_lock(&fixture->lock);
    while (fixture->prefetcher.ready_count < count)
        cond_wait(&fixture->prefetcher.done, &fixture->lock);
    mutex_unlock(&fixture->lock);
}

/* With two frames converted. False, and nothing is open, where there is one CPU and so no thread. */
static bool open_prefetched(struct fixture *fixture)
{
    if (wcenc__cpu_count() == 1)
        return false;
    open_fixture(fixture);
    wcenc__prefetch_set_target(&fixture->prefetcher, &fixture->target, 0);
    wait_until_ready(fixture, PREFETCHED_MAX);
    return true;
}

static void take_message(struct fixture *fixture)
{
    struct message message;

    mutex_lock(&fixture->lock);
    assert_true(wcenc__queue_pop(&fixture->queue, &message));
    mutex_unlock(&fixture->lock);
    wcenc__message_release(&message);
}

static void test_frames_that_wait_are_converted_ahead(void **state)
{
    struct fixture fixture;

    (void)state;
    if (!open_prefetched(&fixture))
        skip();
    for (unsigned number = 1; number <= PREFETCHED_MAX; number++) {
        struct picture picture;

        take_message(&fixture);
        assert_true(wcenc__prefetch_take(&fixture.prefetcher, number, &picture));
        assert_int_equal(picture.width, WIDTH);
        assert_int_equal(picture.height, HEIGHT);
        assert_int_equal(picture.planes[0][0], luma_of(number));
        wcenc__pixels_unref(picture.pixels);
    }
    assert_true(fixture.prefetcher.converting_ns > 0);
    close_fixture(&fixture);
}

static void test_pictures_of_dropped_frames_are_discarded(void **state)
{
    struct fixture fixture;
    struct picture picture;

    (void)state;
    if (!open_prefetched(&fixture))
        skip();
    /* Frame 1 has left the queue without being asked for. */
    take_message(&fixture);
    take_message(&fixture);
    assert_true(wcenc__prefetch_take(&fixture.prefetcher, 2, &picture));
    assert_int_equal(picture.planes[0][0], luma_of(2));
    wcenc__pixels_unref(picture.pixels);
    assert_false(wcenc__prefetch_take(&fixture.prefetcher, 1, &picture));
    close_fixture(&fixture);
}

static void test_a_target_of_an_older_generation_is_not_taken(void **state)
{
    struct fixture fixture;
    struct picture picture;

    (void)state;
    open_fixture(&fixture);
    fixture.generation = 1;
    wcenc__prefetch_set_target(&fixture.prefetcher, &fixture.target, 0);
    assert_false(fixture.prefetcher.has_target);
    assert_false(wcenc__prefetch_take(&fixture.prefetcher, 1, &picture));
    close_fixture(&fixture);
}

static void test_a_discard_forgets_what_was_converted(void **state)
{
    struct fixture fixture;
    struct picture picture;

    (void)state;
    if (!open_prefetched(&fixture))
        skip();
    mutex_lock(&fixture.lock);
    wcenc__prefetch_discard(&fixture.prefetcher);
    mutex_unlock(&fixture.lock);
    assert_false(wcenc__prefetch_take(&fixture.prefetcher, 1, &picture));
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_that_wait_are_converted_ahead),
        cmocka_unit_test(test_pictures_of_dropped_frames_are_discarded),
        cmocka_unit_test(test_a_target_of_an_older_generation_is_not_taken),
        cmocka_unit_test(test_a_discard_forgets_what_was_converted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
