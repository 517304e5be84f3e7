/* SPDX-License-Identifier: MIT */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>

#include "callback_guard.h"

/* Only their addresses count. */
static char places[2];

static const wcenc_encoder *one(void)
{
    return (const wcenc_encoder *)&places[0];
}

static const wcenc_encoder *other(void)
{
    return (const wcenc_encoder *)&places[1];
}

static void *look_from_elsewhere(void *argument)
{
    return wcenc__callback_is_inside(argument) ? argument : NULL;
}

static void test_a_thread_is_inside_of_every_callback_that_has_not_returned(void **state)
{
    struct callback_scope outer, middle, inner;

    (void)state;
    assert_false(wcenc__callback_is_inside(one()));
    wcenc__callback_enter(&outer, one());
    assert_true(wcenc__callback_is_inside(one()));
    assert_false(wcenc__callback_is_inside(other()));
    wcenc__callback_enter(&middle, other());
    wcenc__callback_enter(&inner, one());
    assert_true(wcenc__callback_is_inside(one())); /* THR-004 */
    assert_true(wcenc__callback_is_inside(other()));
    wcenc__callback_leave(&inner);
    wcenc__callback_leave(&middle);
    assert_true(wcenc__callback_is_inside(one()));
    assert_false(wcenc__callback_is_inside(other()));
    wcenc__callback_leave(&outer);
    assert_false(wcenc__callback_is_inside(one()));
}

static void test_other_threads_are_not(void **state)
{
    struct callback_scope scope;
    pthread_t thread;
    void *result;

    (void)state;
    wcenc__callback_enter(&scope, one());
    assert_int_equal(pthread_create(&thread, NULL, look_from_elsewhere, (void *)one()), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_null(result); /* THR-004: what other threads may do is not refused them */
    wcenc__callback_leave(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_is_inside_of_every_callback_that_has_not_returned),
        cmocka_unit_test(test_other_threads_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
