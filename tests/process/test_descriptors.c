/* SPDX-License-Identifier: MIT */

/* File descriptors: one an encoder at most, kept from programs that are executed, and closed with it. */

#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "subject.h"

enum { SIZE = 64, ROUNDS = 1000 };

static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    (void)closedir(directory);
    return count;
}

static void test_a_thousand_encoders_leave_no_descriptor(void **state)
{
    (void)state;
    for (int delivery = 0; delivery < DELIVERIES; delivery++) {
        int before = count_descriptors();

        for (int i = 0; i < ROUNDS; i++) {
            struct subject subject;

            assert_int_equal(subject_open(&subject, delivery), WCENC_OK);
            assert_int_equal(count_descriptors(), before + (delivery != WCENC_DELIVERY_THREAD));
            subject_close(&subject);
        }
        assert_int_equal(count_descriptors(), before);
    }
}

static void test_encoders_that_have_encoded_leave_no_descriptor(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = subject_config(row, row->realtime, SIZE, SIZE);
    int before;

    if (!config_works(&config))
        return;
    before = count_descriptors();
    for (int delivery = 0; delivery < DELIVERIES; delivery++)
        for (int i = 0; i < 5; i++) {
            struct subject subject;

            assert_int_equal(subject_open(&subject, delivery), WCENC_OK);
            assert_int_equal(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
            assert_int_equal(subject_encode(&subject, SIZE, SIZE, 0, 2), WCENC_OK);
            if (i % 2)
                assert_int_equal(wcenc_encoder_flush(subject.encoder), WCENC_OK);
            subject_close(&subject);
        }
    assert_int_equal(count_descriptors(), before);
}

static void test_the_event_descriptor_is_the_encoders_own(void **state)
{
    (void)state;
    for (int delivery = WCENC_DELIVERY_PUMP; delivery < DELIVERIES; delivery++) {
        struct subject subject;
        struct pollfd polled = {.events = POLLIN};

        assert_int_equal(subject_open(&subject, delivery), WCENC_OK);
        polled.fd = wcenc_encoder_get_event_fd(subject.encoder);
        assert_true(polled.fd >= 0);
        assert_int_equal(wcenc_encoder_get_event_fd(subject.encoder), polled.fd);
        assert_true(fcntl(polled.fd, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(polled.fd, F_GETFL) & O_NONBLOCK);
        assert_int_equal(poll(&polled, 1, 0), 0);
        subject_close(&subject);
        assert_int_equal(fcntl(polled.fd, F_GETFD), -1);
        assert_int_equal(errno, EBADF);
    }
}

static void test_no_other_delivery_has_an_event_descriptor(void **state)
{
    struct subject subject;

    (void)state;
    assert_int_equal(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    assert_int_equal(wcenc_encoder_get_event_fd(subject.encoder), WCENC_ERROR_INVALID_STATE);
    subject_close(&subject);
    assert_int_equal(wcenc_encoder_get_event_fd(NULL), WCENC_ERROR_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_encoders_leave_no_descriptor),
        FOR_ALL_CODECS(test_encoders_that_have_encoded_leave_no_descriptor),
        cmocka_unit_test(test_the_event_descriptor_is_the_encoders_own),
        cmocka_unit_test(test_no_other_delivery_has_an_event_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
