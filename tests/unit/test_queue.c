/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../support/mem_fault.h"
#include "queue.h"

static struct message flush_message(uint64_t number)
{
    return (struct message){.type = MESSAGE_FLUSH, .u.ticket = number};
}

static void test_messages_come_out_in_the_order_in_which_they_went_in(void **state)
{
    struct queue queue = {0};
    struct message message;
    uint64_t in = 0, out = 0;

    (void)state;
    /* Grows and wraps: more goes in than comes out, then all comes out. */
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 3; i++) {
            message = flush_message(in++);
            assert_true(wcenc__queue_push(&queue, &message));
        }
        assert_true(wcenc__queue_pop(&queue, &message));
        assert_int_equal(message.u.ticket, out++); /* QUE-016 */
    }
    while (wcenc__queue_pop(&queue, &message))
        assert_int_equal(message.u.ticket, out++);
    assert_int_equal(in, out);
    wcenc__queue_free(&queue);
}

static void test_a_steady_stream_allocates_nothing(void **state)
{
    struct queue queue = {0};
    struct message message = flush_message(1);

    (void)state;
    assert_true(wcenc__queue_push(&queue, &message));
    mem_fault_after(0);
    for (int i = 0; i < 1000; i++) {
        assert_true(wcenc__queue_push(&queue, &message));
        assert_true(wcenc__queue_pop(&queue, &message));
    }
    assert_false(mem_fault_happened());
    mem_fault_after(-1);
    wcenc__queue_free(&queue);
}

static void test_short_memory_leaves_the_queue_as_it_was(void **state)
{
    struct queue queue = {0};
    struct message message = flush_message(0);
    uint64_t pushed = 0;

    (void)state;
    while (queue.count < queue.capacity || queue.capacity == 0) {
        message.u.ticket = pushed++;
        assert_true(wcenc__queue_push(&queue, &message));
    }
    mem_fault_after(0);
    assert_false(wcenc__queue_push(&queue, &message));
    mem_fault_after(-1);
    for (uint64_t i = 0; i < pushed; i++) {
        assert_true(wcenc__queue_pop(&queue, &message));
        assert_int_equal(message.u.ticket, i);
    }
    assert_false(wcenc__queue_pop(&queue, &message));
    wcenc__queue_free(&queue);
}

static void test_everything_can_be_taken_out_at_once(void **state)
{
    struct queue queue = {0}, taken;
    struct message message = flush_message(4);

    (void)state;
    assert_true(wcenc__queue_push(&queue, &message));
    wcenc__queue_take_all(&queue, &taken);
    assert_int_equal(queue.count, 0);
    assert_int_equal(taken.count, 1);
    assert_true(wcenc__queue_push(&queue, &message));
    wcenc__queue_release_all(&taken);
    wcenc__queue_release_all(&queue);
}

static struct message frame_message(uint64_t tag)
{
    struct message message = {.type = MESSAGE_ENCODE};

    message.u.encode.user_tag = tag;
    return message;
}

/* 1 is a flush, 2 a frame, and so on, behind as many pops as wrap the ring at another place. */
static void fill_mixed(struct queue *queue, int turns)
{
    static const bool is_frame[] = {false, false, true, false, true, true};
    struct message message;

    for (int i = 0; i < turns; i++) {
        message = flush_message(0);
        assert_true(wcenc__queue_push(queue, &message));
        assert_true(wcenc__queue_pop(queue, &message));
    }
    for (uint64_t i = 0; i < 6; i++) {
        message = is_frame[i] ? frame_message(i) : flush_message(i);
        assert_true(wcenc__queue_push(queue, &message));
    }
}

static void test_the_oldest_frame_can_be_taken_and_the_rest_keeps_its_order(void **state)
{
    static const uint64_t frames[] = {2, 4, 5}, flushes[] = {0, 1, 3};

    (void)state;
    for (int turns = 0; turns < 20; turns++) {
        struct queue queue = {0};
        struct message message;

        assert_null(wcenc__queue_first_frame(&queue));
        assert_false(wcenc__queue_take_frame(&queue, &message));
        fill_mixed(&queue, turns);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(wcenc__queue_first_frame(&queue)->u.encode.user_tag, frames[i]);
            assert_true(wcenc__queue_take_frame(&queue, &message));
            assert_int_equal(message.u.encode.user_tag, frames[i]);
        }
        assert_null(wcenc__queue_first_frame(&queue));
        assert_false(wcenc__queue_take_frame(&queue, &message));
        assert_int_equal(queue.count, 3);
        for (int i = 0; i < 3; i++) {
            assert_true(wcenc__queue_pop(&queue, &message));
            assert_int_equal(message.u.ticket, flushes[i]);
        }
        wcenc__queue_free(&queue);
    }
}

static void test_both_ends_can_be_looked_at(void **state)
{
    struct queue queue = {0};
    struct message message;

    (void)state;
    assert_null(wcenc__queue_first(&queue));
    assert_null(wcenc__queue_last(&queue));
    for (uint64_t i = 1; i < 40; i++) {
        message = flush_message(i);
        assert_true(wcenc__queue_push(&queue, &message));
        assert_int_equal(wcenc__queue_last(&queue)->u.ticket, i);
        assert_int_equal(wcenc__queue_first(&queue)->u.ticket, (i + 1) / 2);
        if (i % 2 == 0)
            assert_true(wcenc__queue_pop(&queue, &message));
    }
    wcenc__queue_free(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_come_out_in_the_order_in_which_they_went_in),
        cmocka_unit_test(test_a_steady_stream_allocates_nothing),
        cmocka_unit_test(test_short_memory_leaves_the_queue_as_it_was),
        cmocka_unit_test(test_everything_can_be_taken_out_at_once),
        cmocka_unit_test(test_the_oldest_frame_can_be_taken_and_the_rest_keeps_its_order),
        cmocka_unit_test(test_both_ends_can_be_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
