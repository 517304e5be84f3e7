/* SPDX-License-Identifier: MIT */

/* Messages: levels, and text that anybody can show. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "log.h"

struct heard {
    int count;
    wcenc_log_level level;
    char message[1024];
};

static void hear(void *user, wcenc_log_level level, const char *message)
{
    struct heard *heard = user;

    heard->count++;
    heard->level = level;
    (void)snprintf(heard->message, sizeof heard->message, "%s", message);
}

static void test_only_wanted_levels_are_reported(void **state)
{
    (void)state;
    for (wcenc_log_level wanted = WCENC_LOG_NONE; wanted <= WCENC_LOG_DEBUG; wanted++)
        for (wcenc_log_level level = WCENC_LOG_ERROR; level <= WCENC_LOG_DEBUG; level++) {
            struct heard heard = {0};
            struct log log = {hear, &heard, wanted};

            wcenc__log(&log, level, "%d of %s", 3, "four");
            assert_int_equal(heard.count, level <= wanted);
            if (heard.count) {
                assert_int_equal(heard.level, level);
                assert_string_equal(heard.message, "3 of four");
            }
        }
}

static void test_nobody_listening_is_no_error(void **state)
{
    struct log log = {NULL, NULL, WCENC_LOG_DEBUG};

    (void)state;
    wcenc__log(NULL, WCENC_LOG_ERROR, "nobody");
    wcenc__log(&log, WCENC_LOG_ERROR, "nobody");
}

static void test_messages_and_failures_are_one_line_of_utf8(void **state)
{
    static const struct {
        const char *given, *wanted;
    } texts[] = {
        {"a\nb\r\nc", "a b  c"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"torn \xe2\x82", "torn "},
        {"bad \xc3( \xff.", "bad ?( ?."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct heard heard = {0};
        struct log log = {hear, &heard, WCENC_LOG_ERROR};
        struct failure failure;

        wcenc__log(&log, WCENC_LOG_ERROR, "%s", texts[i].given);
        assert_string_equal(heard.message, texts[i].wanted);
        wcenc__failure_set(&failure, WCENC_ERROR_ENCODING, -5, "%s", texts[i].given);
        assert_string_equal(failure.message, texts[i].wanted);
        assert_int_equal(failure.status, WCENC_ERROR_ENCODING);
        assert_int_equal(failure.backend_code, -5);
    }
}

static void test_levels_have_names(void **state)
{
    (void)state;
    assert_string_equal(wcenc_log_level_name(WCENC_LOG_NONE), "none");
    assert_string_equal(wcenc_log_level_name(WCENC_LOG_DEBUG), "debug");
    assert_string_equal(wcenc_log_level_name(5), "unknown");
    assert_string_equal(wcenc_log_level_name(-1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_wanted_levels_are_reported),
        cmocka_unit_test(test_nobody_listening_is_no_error),
        cmocka_unit_test(test_messages_and_failures_are_one_line_of_utf8),
        cmocka_unit_test(test_levels_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
