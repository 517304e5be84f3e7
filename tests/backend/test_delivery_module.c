/* SPDX-License-Identifier: MIT */

/* Delivery on its own: no encoder, no codec, no thread. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "chunk.h"
#include "delivery.h"
#include "mem.h"

enum { TRACE_MAX = 32 };

/* A delivery, and what it did, a letter for each call. */
struct fixture {
    struct mutex lock;
    struct cond work;
    struct delivery delivery;
    struct event_list discarded;
    uint64_t frames_discarded;
    char trace[TRACE_MAX];
    wcenc_status status; /* of the last completion */
    uint32_t queue_size; /* of the last dequeue */
    int keepalives;
};

static void note(struct fixture *fixture, char what)
{
    const char text[] = {what, '\0'};

    strncat(fixture->trace, text, TRACE_MAX - strlen(fixture->trace) - 1);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    assert_non_null(chunk);
    assert_non_null(metadata);
    note(user, 'o');
}

static void on_error(void *user, const wcenc_error *error)
{
    assert_int_equal(error->status, WCENC_ERROR_ENCODING);
    note(user, 'e');
}

static void on_drop(void *user, const wcenc_drop *drop)
{
    assert_int_equal(drop->timestamp_us, 7);
    note(user, 'd');
}

static void on_dequeue(void *user, uint32_t queue_size)
{
    ((struct fixture *)user)->queue_size = queue_size;
    note(user, 'q');
}

static void on_done(void *user, wcenc_status status)
{
    ((struct fixture *)user)->status = status;
    note(user, 'f');
}

static void retain_keepalive(void *owner)
{
    ((struct fixture *)owner)->keepalives++;
}

static void release_keepalive(void *owner)
{
    ((struct fixture *)owner)->keepalives--;
}

static void on_failed(void *owner)
{
    note(owner, 'x');
}

static void release_failed(void *owner)
{
    note(owner, 'r');
}

static void open_fixture(struct fixture *fixture, wcenc_delivery mode)
{
    const bool pulls = mode == WCENC_DELIVERY_PULL;
    wcenc_encoder_desc callbacks;
    const struct delivery_owner owner = {
        {fixture, retain_keepalive, release_keepalive}, on_failed, release_failed, &fixture->work};

    memset(fixture, 0, sizeof *fixture);
    wcenc_encoder_desc_init(&callbacks, sizeof callbacks);
    callbacks.delivery = mode;
    callbacks.user = fixture;
    if (!pulls) {
        callbacks.on_output = on_output;
        callbacks.on_error = on_error;
        callbacks.on_drop = on_drop;
        callbacks.on_dequeue = on_dequeue;
    }
    assert_int_equal(mutex_init(&fixture->lock), 0);
    assert_int_equal(cond_init(&fixture->work), 0);
    assert_int_equal(wcenc__delivery_init(&fixture->delivery, &callbacks, &fixture->lock, &owner), WCENC_OK);
    mutex_lock(&fixture->lock);
}

static void close_fixture(struct fixture *fixture)
{
    wcenc__event_list_free(&fixture->discarded);
    mutex_unlock(&fixture->lock);
    wcenc__delivery_destroy(&fixture->delivery);
    cond_destroy(&fixture->work);
    mutex_destroy(&fixture->lock);
    assert_int_equal(fixture->keepalives, 0);
}

static void post_output(struct fixture *fixture)
{
    static const uint8_t bytes[] = {1, 2, 3};
    const struct chunk_fields fields = {.data = bytes, .size = sizeof bytes, .is_key = true};
    wcenc_chunk *chunk = wcenc__chunk_create(&fields, NULL);

    assert_non_null(chunk);
    assert_true(wcenc__delivery_post_output(&fixture->delivery, chunk));
}

static void post_drop(struct fixture *fixture)
{
    struct drop_event *event = mem_zalloc(sizeof *event);

    assert_non_null(event);
    event->drop.timestamp_us = 7;
    wcenc__delivery_post_drop(&fixture->delivery, event);
}

static void post_error(struct fixture *fixture)
{
    struct failure failure;

    wcenc__failure_set(&failure, WCENC_ERROR_ENCODING, -5, "broken");
    wcenc__delivery_post_error(&fixture->delivery, &failure);
}

static struct ticket *add_async_flush(struct fixture *fixture, uint64_t number)
{
    struct ticket *ticket = mem_alloc(sizeof *ticket);

    assert_non_null(ticket);
    *ticket = (struct ticket){.is_async = true, .done = on_done, .user = fixture};
    wcenc__delivery_add_flush(&fixture->delivery, ticket, number);
    return ticket;
}

static bool is_readable(const struct fixture *fixture)
{
    struct pollfd descriptor = {.fd = fixture->delivery.notifier.read_fd, .events = POLLIN};

    return poll(&descriptor, 1, 0) == 1;
}

static void test_events_are_dispatched_in_the_order_of_posting(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    post_output(&fixture);
    post_drop(&fixture);
    wcenc__delivery_queue_grew(&fixture.delivery, 2);
    wcenc__delivery_queue_shrank(&fixture.delivery, 1);
    post_output(&fixture);
    assert_int_equal(fixture.delivery.pending, 4);
    assert_int_equal(fixture.delivery.chunks_waiting, 2);
    assert_true(is_readable(&fixture));
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_string_equal(fixture.trace, "odqo");
    assert_int_equal(fixture.queue_size, 1);
    assert_int_equal(fixture.delivery.pending, 0);
    assert_int_equal(fixture.delivery.stats.frames_out, 2);
    assert_int_equal(fixture.delivery.stats.frames_dropped, 1);
    assert_int_equal(fixture.delivery.stats.bytes_out, 6);
    assert_false(is_readable(&fixture));
    close_fixture(&fixture);
}

static void test_a_flush_completes_behind_the_outputs_that_it_covers(void **state)
{
    struct ticket ticket = {.is_async = false};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    wcenc__delivery_add_flush(&fixture.delivery, &ticket, 1);
    post_output(&fixture);
    wcenc__delivery_reach_flush(&fixture.delivery, 1);
    assert_int_equal(ticket.phase, TICKET_QUEUED);
    assert_true(wcenc__delivery_dispatch(&fixture.delivery));
    assert_int_equal(ticket.phase, TICKET_QUEUED);
    assert_false(wcenc__delivery_dispatch(&fixture.delivery));
    assert_int_equal(ticket.phase, TICKET_DONE);
    assert_int_equal(ticket.status, WCENC_OK);
    assert_string_equal(fixture.trace, "o");
    close_fixture(&fixture);
}

static void test_a_flush_that_is_withdrawn_leaves_nothing_behind(void **state)
{
    struct ticket ticket = {.is_async = false};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    post_output(&fixture);
    wcenc__delivery_add_flush(&fixture.delivery, &ticket, 1);
    wcenc__delivery_reach_flush(&fixture.delivery, 1);
    post_output(&fixture);
    wcenc__delivery_withdraw_flush(&fixture.delivery, &ticket);
    assert_null(fixture.delivery.tickets);
    assert_int_equal(fixture.delivery.pending, 2);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_string_equal(fixture.trace, "oo");
    close_fixture(&fixture);
}

static void test_abort_discards_results_and_completes_each_flush_once(void **state)
{
    struct ticket waiting = {.is_async = false};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    (void)add_async_flush(&fixture, 1);
    post_output(&fixture);
    wcenc__delivery_reach_flush(&fixture.delivery, 1);
    post_drop(&fixture);
    wcenc__delivery_add_flush(&fixture.delivery, &waiting, 2);
    assert_int_equal(wcenc__delivery_abort(&fixture.delivery, &fixture.discarded), 2);
    assert_int_equal(fixture.discarded.count, 2);
    assert_int_equal(waiting.phase, TICKET_DONE);
    assert_int_equal(waiting.status, WCENC_ERROR_ABORTED);
    /* A second abort takes back no completion. */
    wcenc__event_list_free(&fixture.discarded);
    assert_int_equal(wcenc__delivery_abort(&fixture.delivery, &fixture.discarded), 0);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_string_equal(fixture.trace, "f");
    assert_int_equal(fixture.status, WCENC_ERROR_ABORTED);
    close_fixture(&fixture);
}

static void test_an_error_closes_when_it_is_first_and_completes_the_flushes_after_it(void **state)
{
    struct ticket waiting = {.is_async = false};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    wcenc__delivery_queue_grew(&fixture.delivery, 3);
    (void)add_async_flush(&fixture, 1);
    wcenc__delivery_add_flush(&fixture.delivery, &waiting, 1);
    post_output(&fixture);
    post_error(&fixture);
    post_drop(&fixture);
    assert_int_equal(fixture.delivery.error, ERROR_QUEUED);
    assert_true(wcenc__delivery_dispatch(&fixture.delivery));
    assert_string_equal(fixture.trace, "o");
    wcenc__delivery_queue_emptied(&fixture.delivery);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    /* The generation ends, what it held is released, the error, the flush, and the queue that is empty now. */
    assert_string_equal(fixture.trace, "oxrefq");
    assert_int_equal(fixture.delivery.error, ERROR_DELIVERED);
    assert_int_equal(fixture.status, WCENC_ERROR_ENCODING);
    assert_int_equal(waiting.phase, TICKET_DONE);
    assert_int_equal(waiting.status, WCENC_ERROR_ENCODING);
    assert_int_equal(fixture.queue_size, 0);
    assert_int_equal(fixture.delivery.stats.frames_discarded, 1);
    close_fixture(&fixture);
}

static void test_a_dequeue_that_would_report_no_smaller_size_is_not_posted(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    wcenc__delivery_queue_shrank(&fixture.delivery, 0);
    assert_int_equal(fixture.delivery.pending, 0);
    wcenc__delivery_queue_grew(&fixture.delivery, 5);
    wcenc__delivery_queue_shrank(&fixture.delivery, 4);
    wcenc__delivery_queue_shrank(&fixture.delivery, 3);
    assert_int_equal(fixture.delivery.pending, 1);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_int_equal(fixture.queue_size, 3);
    wcenc__delivery_queue_shrank(&fixture.delivery, 3);
    assert_int_equal(fixture.delivery.pending, 0); /* QUE-008 */
    wcenc__delivery_queue_shrank(&fixture.delivery, 0);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_string_equal(fixture.trace, "qq");
    assert_int_equal(fixture.queue_size, 0);
    close_fixture(&fixture);
}

static void test_a_close_is_over_when_its_completion_was_delivered(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PUMP);
    wcenc__delivery_add_closing(&fixture.delivery, on_done, &fixture);
    wcenc__delivery_close(&fixture.delivery);
    assert_false(wcenc__delivery_is_over(&fixture.delivery));
    assert_false(is_readable(&fixture));
    wcenc__delivery_reach_closing(&fixture.delivery);
    wcenc__delivery_reach_closing(&fixture.delivery);
    wcenc__delivery_dispatch_all(&fixture.delivery);
    assert_string_equal(fixture.trace, "f");
    assert_true(wcenc__delivery_is_over(&fixture.delivery));
    assert_true(is_readable(&fixture));
    close_fixture(&fixture);
}

static void test_with_pull_a_blocking_flush_completes_when_all_is_pending(void **state)
{
    struct ticket done = {.is_async = false}, failed = {.is_async = false};
    struct fixture fixture;
    struct taken taken;

    (void)state;
    open_fixture(&fixture, WCENC_DELIVERY_PULL);
    wcenc__delivery_add_flush(&fixture.delivery, &done, 1);
    post_output(&fixture);
    wcenc__delivery_reach_flush(&fixture.delivery, 1);
    assert_int_equal(done.phase, TICKET_DONE);
    assert_int_equal(done.status, WCENC_OK);
    wcenc__delivery_add_flush(&fixture.delivery, &failed, 2);
    post_error(&fixture);
    assert_int_equal(failed.status, WCENC_ERROR_ENCODING);
    wcenc__delivery_take(&fixture.delivery, &taken);
    assert_int_equal(taken.type, WCENC_EVENT_OUTPUT);
    wcenc_chunk_unref(taken.chunk);
    wcenc__delivery_finish(&fixture.delivery, &taken);
    wcenc__delivery_take(&fixture.delivery, &taken);
    assert_int_equal(taken.type, WCENC_EVENT_ERROR);
    wcenc__delivery_finish(&fixture.delivery, &taken);
    wcenc__delivery_release_failed(&fixture.delivery, &taken);
    assert_string_equal(fixture.trace, "xr");
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_are_dispatched_in_the_order_of_posting),
        cmocka_unit_test(test_a_flush_completes_behind_the_outputs_that_it_covers),
        cmocka_unit_test(test_a_flush_that_is_withdrawn_leaves_nothing_behind),
        cmocka_unit_test(test_abort_discards_results_and_completes_each_flush_once),
        cmocka_unit_test(test_an_error_closes_when_it_is_first_and_completes_the_flushes_after_it),
        cmocka_unit_test(test_a_dequeue_that_would_report_no_smaller_size_is_not_posted),
        cmocka_unit_test(test_a_close_is_over_when_its_completion_was_delivered),
        cmocka_unit_test(test_with_pull_a_blocking_flush_completes_when_all_is_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
