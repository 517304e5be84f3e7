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
        assert_int_equal(message.u.ticket, out++);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_come_out_in_the_order_in_which_they_went_in),
        cmocka_unit_test(test_a_steady_stream_allocates_nothing),
        cmocka_unit_test(test_short_memory_leaves_the_queue_as_it_was),
        cmocka_unit_test(test_everything_can_be_taken_out_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
