/* SPDX-License-Identifier: MIT */

/* Names and sentences of statuses, and the words that a thread keeps about its last error. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "status.h"
#include "thread.h"

static void every_status_has_the_name_that_webcodecs_throws(void **state)
{
    static const struct {
        wcenc_status status;
        const char *name;
    } expected[] = {
        {WCENC_OK, "OK"},
        {WCENC_AGAIN, "Again"},
        {WCENC_END, "End"},
        {WCENC_ERROR_TYPE, "TypeError"},
        {WCENC_ERROR_INVALID_STATE, "InvalidStateError"},
        {WCENC_ERROR_NOT_SUPPORTED, "NotSupportedError"},
        {WCENC_ERROR_ENCODING, "EncodingError"},
        {WCENC_ERROR_DATA, "DataError"},
        {WCENC_ERROR_ABORTED, "AbortError"},
        {WCENC_ERROR_QUOTA_EXCEEDED, "QuotaExceededError"},
        {WCENC_ERROR_OPERATION, "OperationError"},
        {WCENC_ERROR_NO_MEMORY, "NoMemoryError"},
        {WCENC_ERROR_TIMED_OUT, "TimedOutError"},
        {WCENC_ERROR_WOULD_DEADLOCK, "WouldDeadlockError"},
        {3, "UnknownError"},
        {-9, "UnknownError"},
        {INT32_MIN, "UnknownError"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        assert_string_equal(wcenc_status_name(expected[i].status), expected[i].name);
        assert_true(strlen(wcenc_status_message(expected[i].status)) > 0);
    }
}

static void *read_last_error(void *is_empty)
{
    *(int *)is_empty = wcenc_last_error()[0] == '\0';
    (void)wcenc__fail(WCENC_ERROR_DATA, "of another thread");
    return NULL;
}

static void the_last_error_belongs_to_the_thread(void **state)
{
    struct thread thread;
    int is_empty = 0;

    (void)state;
    assert_int_equal(wcenc__fail(WCENC_ERROR_TYPE, "width is %d", 0), WCENC_ERROR_TYPE);
    assert_string_equal(wcenc_last_error(), "width is 0");
    assert_int_equal(wcenc__thread_start(&thread, "test", read_last_error, &is_empty), 0);
    thread_join(&thread);
    assert_true(is_empty);
    assert_string_equal(wcenc_last_error(), "width is 0");
}

static void the_last_error_may_quote_the_one_before(void **state)
{
    (void)state;
    (void)wcenc__fail(WCENC_ERROR_TYPE, "first");
    (void)wcenc__fail(WCENC_ERROR_TYPE, "second after %s", wcenc_last_error());
    assert_string_equal(wcenc_last_error(), "second after first");
    assert_int_equal(wcenc__fail_no_memory(), WCENC_ERROR_NO_MEMORY);
    assert_true(strlen(wcenc_last_error()) > 0);
}

static void line_breaks_become_spaces(void **state)
{
    (void)state;
    (void)wcenc__fail(WCENC_ERROR_TYPE, "%s", "one\ntwo\r\nthree");
    assert_string_equal(wcenc_last_error(), "one two  three");
}

/* True if no sequence is begun and not ended. */
static int is_whole_utf8(const char *text)
{
    size_t expected = 0;

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if ((byte & 0xc0) == 0x80) {
            if (expected-- == 0)
                return 0;
            continue;
        }
        if (expected)
            return 0;
        expected = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    }
    return expected == 0;
}

static void long_texts_are_cut_between_characters(void **state)
{
    static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8e\xa5"};
    char text[2048];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(characters); i++) {
        /* Every way in which the end of the buffer can fall into a character. */
        for (size_t shift = 0; shift < 4; shift++) {
            size_t length = strlen(characters[i]), at = shift;

            memset(text, '.', shift);
            for (; at + length < sizeof text; at += length)
                memcpy(text + at, characters[i], length);
            text[at] = '\0';
            (void)wcenc__fail(WCENC_ERROR_TYPE, "%s", text);
            assert_true(is_whole_utf8(wcenc_last_error()));
            assert_true(strlen(wcenc_last_error()) >= 508 && strlen(wcenc_last_error()) <= 511);
            assert_memory_equal(wcenc_last_error(), text, strlen(wcenc_last_error()));
        }
    }
}

static void a_text_that_just_fits_is_not_cut(void **state)
{
    char text[512];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text + 508, "\xe2\x82\xac", 4);
    (void)wcenc__fail(WCENC_ERROR_TYPE, "%s", text);
    assert_string_equal(wcenc_last_error(), text);
}

static void bytes_that_are_no_utf8_do_no_harm(void **state)
{
    char text[1024];

    (void)state;
    memset(text, 0x80, sizeof text);
    text[sizeof text - 1] = '\0';
    (void)wcenc__fail(WCENC_ERROR_TYPE, "%s", text);
    assert_int_equal(strlen(wcenc_last_error()), 511);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_the_name_that_webcodecs_throws),
        cmocka_unit_test(the_last_error_belongs_to_the_thread),
        cmocka_unit_test(the_last_error_may_quote_the_one_before),
        cmocka_unit_test(line_breaks_become_spaces),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(a_text_that_just_fits_is_not_cut),
        cmocka_unit_test(bytes_that_are_no_utf8_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
