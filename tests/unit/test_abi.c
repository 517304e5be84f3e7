/* SPDX-License-Identifier: MIT */

/* Structs of callers that know an older or a newer version. Blocks are as long as they say, so that sanitizers see. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "wcenc/version.h"

/* A struct that had two members at first and has three now. */
struct sample {
    uint32_t struct_size;
    uint32_t reserved0;
    int64_t first;
    int64_t second;
};

enum { OLDEST = offsetof(struct sample, second) };

static wcenc_status copy_in(struct sample *target, const void *source)
{
    return wcenc__struct_copy_in(target, sizeof *target, source, OLDEST, "sample");
}

/* A block of exactly `size` bytes that says `said` of itself; what is behind reserved0 is filled with `fill`. */
static uint8_t *block(size_t size, uint32_t said, int fill)
{
    const uint32_t head[2] = {said, 0};
    uint8_t *bytes = malloc(size);

    assert_non_null(bytes);
    memset(bytes, fill, size);
    memcpy(bytes, head, size < sizeof head ? size : sizeof head);
    return bytes;
}

static void init_zeroes_and_sets_the_size(void **state)
{
    struct sample sample;
    uint8_t tiny[4] = {1, 1, 1, 1};

    (void)state;
    memset(&sample, 0xff, sizeof sample);
    wcenc__struct_init(&sample, sizeof sample);
    assert_int_equal(sample.struct_size, sizeof sample);
    assert_int_equal(sample.first, 0);
    assert_int_equal(sample.second, 0);
    wcenc__struct_init(tiny, 3);
    assert_memory_equal(tiny, "\0\0\0\1", 4);
    wcenc__struct_init(NULL, sizeof sample);
}

static void a_struct_of_this_version_is_copied(void **state)
{
    struct sample target;
    uint8_t *source = block(sizeof target, sizeof target, 1);

    (void)state;
    assert_int_equal(copy_in(&target, source), WCENC_OK);
    assert_int_equal(target.struct_size, sizeof target);
    assert_int_equal(target.second, INT64_C(0x0101010101010101));
    free(source);
}

static void a_shorter_struct_is_completed_with_zeros(void **state)
{
    struct sample target;
    uint8_t *source = block(OLDEST, OLDEST, 1);

    (void)state;
    memset(&target, 0xff, sizeof target);
    assert_int_equal(copy_in(&target, source), WCENC_OK);
    assert_int_equal(target.struct_size, sizeof target);
    assert_int_equal(target.first, INT64_C(0x0101010101010101));
    assert_int_equal(target.second, 0);
    free(source);
}

static void a_struct_that_is_too_short_is_refused(void **state)
{
    struct sample target;
    uint8_t *source = block(OLDEST - 1, OLDEST - 1, 1);

    (void)state;
    assert_int_equal(copy_in(&target, source), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "sample.struct_size"));
    free(source);
    source = block(sizeof(uint32_t), 0, 0);
    assert_int_equal(copy_in(&target, source), WCENC_ERROR_TYPE);
    free(source);
    assert_int_equal(copy_in(&target, NULL), WCENC_ERROR_TYPE);
    assert_string_equal(wcenc_last_error(), "sample is NULL");
}

static void a_longer_struct_is_taken_if_its_tail_is_zero(void **state)
{
    struct sample target;
    uint32_t longer = sizeof target + 17;
    uint8_t *source = block(longer, longer, 0);

    (void)state;
    assert_int_equal(copy_in(&target, source), WCENC_OK);
    assert_int_equal(target.struct_size, sizeof target);
    source[longer - 1] = 1;
    memset(source + 2 * sizeof(uint32_t), 1, sizeof(int64_t));
    assert_int_equal(copy_in(&target, source), WCENC_ERROR_NOT_SUPPORTED);
    /* Filled all the same, for the support query. */
    assert_int_equal(target.first, INT64_C(0x0101010101010101));
    assert_int_equal(target.struct_size, sizeof target);
    free(source);
}

static void a_size_that_was_never_set_is_refused_without_reading_that_far(void **state)
{
    struct sample target;
    uint8_t *source = block(sizeof target, UINT32_MAX, 0);

    (void)state;
    assert_int_equal(copy_in(&target, source), WCENC_ERROR_TYPE);
    free(source);
}

static void the_version_is_that_of_the_headers(void **state)
{
    char text[32];

    (void)state;
    assert_int_equal(wcenc_version(), WCENC_VERSION_MAJOR << 16 | WCENC_VERSION_MINOR << 8 | WCENC_VERSION_PATCH);
    (void)snprintf(text, sizeof text, "%d.%d.%d", WCENC_VERSION_MAJOR, WCENC_VERSION_MINOR, WCENC_VERSION_PATCH);
    assert_string_equal(wcenc_version_string(), text);
}

static void a_struct_is_filled_as_far_as_the_callers_goes(void **state)
{
    const struct sample now = {.struct_size = sizeof now, .first = 11, .second = 22};
    const uint32_t sizes[] = {OLDEST, sizeof now, sizeof now + 16};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *bytes = block(sizes[i], sizes[i], 0xff);
        struct sample filled = {0};
        size_t there = sizes[i] < sizeof filled ? sizes[i] : sizeof filled;

        assert_int_equal(wcenc__struct_copy_out(bytes, &now, sizeof now, OLDEST, "sample"), WCENC_OK);
        memcpy(&filled, bytes, there);
        assert_int_equal(filled.struct_size, sizes[i]);
        assert_int_equal(filled.first, 11);
        assert_int_equal(filled.second, sizes[i] > OLDEST ? 22 : 0);
        for (size_t k = sizeof now; k < sizes[i]; k++)
            assert_int_equal(bytes[k], 0);
        free(bytes);
    }
}

static void nothing_is_written_to_a_struct_of_no_version(void **state)
{
    const struct sample now = {.struct_size = sizeof now, .first = 11, .second = 22};
    const uint32_t sizes[] = {0, OLDEST - 1, 4097, UINT32_MAX};

    (void)state;
    assert_int_equal(wcenc__struct_copy_out(NULL, &now, sizeof now, OLDEST, "sample"), WCENC_ERROR_TYPE);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *bytes = block(sizeof now, sizes[i], 0x33);

        assert_int_equal(wcenc__struct_copy_out(bytes, &now, sizeof now, OLDEST, "sample"), WCENC_ERROR_TYPE);
        assert_non_null(strstr(wcenc_last_error(), "sample.struct_size"));
        for (size_t k = 2 * sizeof(uint32_t); k < sizeof now; k++)
            assert_int_equal(bytes[k], 0x33);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_zeroes_and_sets_the_size),
        cmocka_unit_test(a_struct_of_this_version_is_copied),
        cmocka_unit_test(a_shorter_struct_is_completed_with_zeros),
        cmocka_unit_test(a_struct_that_is_too_short_is_refused),
        cmocka_unit_test(a_longer_struct_is_taken_if_its_tail_is_zero),
        cmocka_unit_test(a_size_that_was_never_set_is_refused_without_reading_that_far),
        cmocka_unit_test(the_version_is_that_of_the_headers),
        cmocka_unit_test(a_struct_is_filled_as_far_as_the_callers_goes),
        cmocka_unit_test(nothing_is_written_to_a_struct_of_no_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
