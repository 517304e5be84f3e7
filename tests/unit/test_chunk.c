/* SPDX-License-Identifier: MIT */

/* Chunks: what they say, who owns their bytes, and the decoder configs that they share. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "../support/mem_fault.h"
#include "compiler.h"
#include "chunk.h"
#include "mem.h"
#include "thread.h"

static wcenc_chunk_desc key_chunk(const void *data, size_t size)
{
    wcenc_chunk_desc desc;

    wcenc_chunk_desc_init(&desc, sizeof desc);
    desc.type = WCENC_CHUNK_TYPE_KEY;
    desc.timestamp_us = 10;
    desc.data = data;
    desc.data_size = size;
    return desc;
}

static wcenc_chunk *create(const wcenc_chunk_desc *desc)
{
    wcenc_chunk *chunk;

    assert_int_equal(wcenc_chunk_create(desc, &chunk), WCENC_OK);
    assert_non_null(chunk);
    return chunk;
}

static void a_chunk_says_what_it_was_made_of(void **state)
{
    static const uint8_t bytes[] = {0x0a, 0x0b, 0x0c};
    wcenc_chunk_desc desc = key_chunk(bytes, sizeof bytes);
    wcenc_chunk *chunk;
    uint64_t duration;

    (void)state;
    desc.duration_us = 300;
    desc.user_tag = 77;
    chunk = create(&desc);
    assert_int_equal(wcenc_chunk_get_type(chunk), WCENC_CHUNK_TYPE_KEY); /* CHK-003 */
    assert_int_equal(wcenc_chunk_get_timestamp_us(chunk), 10);
    assert_int_equal(wcenc_chunk_get_dts_us(chunk), 10);
    assert_int_equal(wcenc_chunk_get_duration_us(chunk, &duration), 1);
    assert_int_equal(wcenc_chunk_get_duration_us(chunk, NULL), 1);
    assert_int_equal(duration, 300);
    assert_int_equal(wcenc_chunk_get_user_tag(chunk), 77);
    assert_int_equal(wcenc_chunk_get_byte_length(chunk), 3);
    assert_memory_equal(wcenc_chunk_get_data(chunk), bytes, 3);
    assert_null(wcenc_chunk_get_metadata(chunk));
    wcenc_chunk_unref(chunk);
}

static void a_duration_may_be_absent_and_may_be_zero(void **state)
{
    wcenc_chunk_desc desc = key_chunk(NULL, 0);
    uint64_t duration = 5;
    wcenc_chunk *chunk = create(&desc);

    (void)state;
    assert_int_equal(wcenc_chunk_get_duration_us(chunk, &duration), 0); /* CHK-004 */
    assert_int_equal(duration, 0);
    wcenc_chunk_unref(chunk);
    desc.has_duration = 1;
    chunk = create(&desc);
    assert_int_equal(wcenc_chunk_get_duration_us(chunk, &duration), 1);
    wcenc_chunk_unref(chunk);
}

static void times_may_be_anything(void **state)
{
    static const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) { /* CHK-011 */
        wcenc_chunk_desc desc = key_chunk(NULL, 0);
        wcenc_chunk *chunk;
        uint64_t duration;

        desc.timestamp_us = times[i];
        desc.duration_us = UINT64_MAX;
        desc.type = WCENC_CHUNK_TYPE_DELTA;
        chunk = create(&desc);
        assert_int_equal(wcenc_chunk_get_timestamp_us(chunk), times[i]);
        assert_int_equal(wcenc_chunk_get_duration_us(chunk, &duration), 1);
        assert_int_equal(duration, UINT64_MAX);
        assert_int_equal(wcenc_chunk_get_type(chunk), WCENC_CHUNK_TYPE_DELTA);
        wcenc_chunk_unref(chunk);
    }
}

static void what_is_not_valid_is_refused(void **state)
{
    wcenc_chunk_desc desc = key_chunk(NULL, 0);
    wcenc_chunk *chunk = (wcenc_chunk *)&desc;

    (void)state;
    for (int32_t type = -1; type < 5; type++) {
        if (type == WCENC_CHUNK_TYPE_KEY || type == WCENC_CHUNK_TYPE_DELTA)
            continue;
        desc.type = type;
        assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_ERROR_TYPE); /* CHK-002 */
        assert_null(chunk);
    }
    desc = key_chunk(NULL, 1);
    assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_chunk_create(NULL, &chunk), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_chunk_create(&desc, NULL), WCENC_ERROR_TYPE);
    desc = key_chunk(&desc, SIZE_MAX);
    assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_ERROR_NO_MEMORY);
    desc = key_chunk(NULL, 0);
    desc.struct_size = 8;
    assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_ERROR_TYPE);
}

static void getters_of_no_chunk_return_zero(void **state)
{
    uint64_t duration = 7;

    (void)state;
    assert_int_equal(wcenc_chunk_get_type(NULL), 0);
    assert_int_equal(wcenc_chunk_get_timestamp_us(NULL), 0);
    assert_int_equal(wcenc_chunk_get_dts_us(NULL), 0);
    assert_int_equal(wcenc_chunk_get_duration_us(NULL, &duration), 0);
    assert_int_equal(duration, 0);
    assert_int_equal(wcenc_chunk_get_user_tag(NULL), 0);
    assert_null(wcenc_chunk_get_data(NULL));
    assert_int_equal(wcenc_chunk_get_byte_length(NULL), 0);
    assert_null(wcenc_chunk_get_metadata(NULL));
}

static void the_bytes_are_copied(void **state)
{
    uint8_t *bytes = mem_dup("abc", 3);
    wcenc_chunk_desc desc = key_chunk(bytes, 3);
    wcenc_chunk *chunk = create(&desc); /* CHK-001 */

    (void)state;
    bytes[0] = 'x';
    mem_free(bytes);
    assert_memory_equal(wcenc_chunk_get_data(chunk), "abc", 3); /* CHK-008 */
    wcenc_chunk_unref(chunk);
}

static void copy_to_needs_room_for_all(void **state)
{
    wcenc_chunk_desc desc = key_chunk("abc", 3);
    wcenc_chunk *chunk = create(&desc), *empty;
    char room[] = "......";

    (void)state;
    assert_int_equal(wcenc_chunk_copy_to(chunk, room, 6), WCENC_OK);
    assert_string_equal(room, "abc..."); /* CHK-005 */
    memset(room, 'x', 6);
    assert_memory_equal(wcenc_chunk_get_data(chunk), "abc", 3); /* CHK-010 */
    memset(room, '.', 6);
    assert_int_equal(wcenc_chunk_copy_to(chunk, room, 2), WCENC_ERROR_TYPE); /* CHK-006 */
    assert_string_equal(room, "......");
    assert_int_equal(wcenc_chunk_copy_to(chunk, NULL, 3), WCENC_ERROR_TYPE); /* CHK-007 */
    assert_int_equal(wcenc_chunk_copy_to(NULL, room, 3), WCENC_ERROR_TYPE);
    wcenc_chunk_unref(chunk);
    desc = key_chunk(NULL, 0);
    empty = create(&desc); /* CHK-009 */
    assert_int_equal(wcenc_chunk_get_byte_length(empty), 0);
    assert_int_equal(wcenc_chunk_copy_to(empty, NULL, 0), WCENC_OK);
    wcenc_chunk_unref(empty);
}

static wcenc_decoder_config sample_config(void)
{
    return (wcenc_decoder_config){
        .codec = "avc1.640028",
        .description = "\1\2\3",
        .description_size = 3,
        .container_private = "\4\5\6\7",
        .container_private_size = 4,
        .coded_width = 1920,
        .coded_height = 1080,
        .display_aspect_width = 16,
        .display_aspect_height = 9,
        .color_space = {1, 1, 1, 1},
        .rotation = 90,
        .flip = 1,
        .reorder_depth = 2,
    };
}

static void a_decoder_config_is_a_deep_copy(void **state)
{
    wcenc_decoder_config from = sample_config();
    char *codec = mem_strdup(from.codec);
    struct decoder_config *config;

    (void)state;
    from.codec = codec;
    config = wcenc__decoder_config_create(&from);
    assert_non_null(config);
    mem_free(codec);
    assert_int_equal(config->public.struct_size, sizeof(wcenc_decoder_config));
    assert_string_equal(config->public.codec, "avc1.640028");
    assert_ptr_not_equal(config->public.description, from.description);
    assert_memory_equal(config->public.description, "\1\2\3", 3);
    assert_memory_equal(config->public.container_private, "\4\5\6\7", 4);
    assert_int_equal(config->public.reorder_depth, 2);
    assert_ptr_equal(wcenc__decoder_config_ref(config), config);
    wcenc__decoder_config_unref(config);
    wcenc__decoder_config_unref(config);
    wcenc__decoder_config_unref(NULL);
    assert_null(wcenc__decoder_config_ref(NULL));
}

/* Makes the nth change; false when there are no more. */
static bool change(wcenc_decoder_config *config, int n)
{
    switch (n) {
    case 0:
        config->codec = "avc1.640029";
        break;
    case 1:
        config->description = "\1\2\4";
        break;
    case 2:
        config->description_size = 2;
        break;
    case 3:
        config->description = NULL;
        config->description_size = 0;
        break;
    case 4:
        config->coded_width++;
        break;
    case 5:
        config->coded_height++;
        break;
    case 6:
        config->display_aspect_width++;
        break;
    case 7:
        config->display_aspect_height++;
        break;
    case 8:
        config->color_space.matrix = 5;
        break;
    case 9:
        config->rotation = 0;
        break;
    case 10:
        config->flip = 0;
        break;
    case 11:
        config->reorder_depth = 0;
        break;
    case 12:
        config->codec = NULL;
        break;
    default:
        return false;
    }
    return true;
}

static void decoder_configs_are_compared_deeply(void **state)
{
    wcenc_decoder_config from = sample_config();
    struct decoder_config *one = wcenc__decoder_config_create(&from), *other = wcenc__decoder_config_create(&from);

    (void)state;
    assert_true(wcenc__decoder_config_equal(one, other));
    for (int n = 0; change(&from, n); n++) {
        wcenc__decoder_config_unref(other);
        other = wcenc__decoder_config_create(&from);
        assert_false(wcenc__decoder_config_equal(one, other));
        assert_false(wcenc__decoder_config_equal(other, one));
        from = sample_config();
    }
    /* What only containers read is no change to a decoder: DCF-002. */
    from.container_private = "\4\5\6\1";
    wcenc__decoder_config_unref(other);
    other = wcenc__decoder_config_create(&from);
    assert_true(wcenc__decoder_config_equal(one, other));
    wcenc__decoder_config_unref(one);
    wcenc__decoder_config_unref(other);
}

static void count_call(void *owner)
{
    ++*(int *)owner;
}

static struct chunk_fields internal_fields(int *freed)
{
    return (struct chunk_fields){
        .timestamp_us = 5,
        .dts_us = -3,
        .data = (const uint8_t *)"abc",
        .size = 3,
        .free_data = count_call,
        .owner = freed,
    };
}

static void a_chunk_keeps_its_owner_and_its_config_to_the_end(void **state)
{
    wcenc_decoder_config from = sample_config();
    struct decoder_config *config = wcenc__decoder_config_create(&from);
    int freed = 0;
    struct chunk_fields fields = internal_fields(&freed);
    wcenc_chunk *chunk = wcenc__chunk_create(&fields, config);
    const wcenc_chunk_metadata *metadata;

    (void)state;
    wcenc__decoder_config_unref(config);
    assert_ptr_equal(wcenc_chunk_ref(chunk), chunk);
    wcenc_chunk_unref(chunk);
    assert_int_equal(freed, 0); /* CHK-012 */
    assert_ptr_equal(wcenc_chunk_get_data(chunk), fields.data);
    assert_int_equal(wcenc_chunk_get_dts_us(chunk), -3);
    assert_int_equal(wcenc_chunk_get_type(chunk), WCENC_CHUNK_TYPE_DELTA);
    metadata = wcenc_chunk_get_metadata(chunk);
    assert_int_equal(metadata->struct_size, sizeof *metadata);
    assert_string_equal(metadata->decoder_config->codec, "avc1.640028");
    wcenc_chunk_unref(chunk);
    assert_int_equal(freed, 1);
}

static void an_unchanged_decoder_config_is_not_reported_again(void **state)
{
    int freed = 0;
    struct chunk_fields fields = internal_fields(&freed);
    wcenc_chunk *chunk = wcenc__chunk_create(&fields, NULL);

    (void)state;
    assert_non_null(wcenc_chunk_get_metadata(chunk)); /* CON-008 */
    assert_null(wcenc_chunk_get_metadata(chunk)->decoder_config);
    wcenc_chunk_unref(chunk);
    wcenc_chunk_unref(NULL);
    assert_null(wcenc_chunk_ref(NULL));
}

static void short_memory_is_an_error_and_takes_nothing(void **state)
{
    wcenc_decoder_config from = sample_config();
    wcenc_chunk_desc desc = key_chunk("abc", 3);
    int freed = 0;
    struct chunk_fields fields = internal_fields(&freed);
    wcenc_chunk *chunk;

    (void)state;
    mem_fault_after(0);
    assert_int_equal(wcenc_chunk_create(&desc, &chunk), WCENC_ERROR_NO_MEMORY);
    assert_null(chunk);
    mem_fault_after(0);
    assert_null(wcenc__chunk_create(&fields, NULL));
    mem_fault_after(0);
    assert_null(wcenc__decoder_config_create(&from));
    mem_fault_after(-1);
    assert_int_equal(freed, 0);
}

static void *take_and_give(void *chunk)
{
    for (int i = 0; i < 20000; i++)
        wcenc_chunk_unref(wcenc_chunk_ref(chunk));
    wcenc_chunk_unref(chunk);
    return NULL;
}

static void references_may_be_taken_and_given_by_many_threads(void **state)
{
    int freed = 0;
    struct chunk_fields fields = internal_fields(&freed);
    wcenc_chunk *chunk = wcenc__chunk_create(&fields, NULL);
    struct thread threads[4];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        assert_int_equal(wcenc__thread_start(&threads[i], "chunk", take_and_give, wcenc_chunk_ref(chunk)), 0);
    wcenc_chunk_unref(chunk);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        thread_join(&threads[i]);
    assert_int_equal(freed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_says_what_it_was_made_of),
        cmocka_unit_test(a_duration_may_be_absent_and_may_be_zero),
        cmocka_unit_test(times_may_be_anything),
        cmocka_unit_test(what_is_not_valid_is_refused),
        cmocka_unit_test(getters_of_no_chunk_return_zero),
        cmocka_unit_test(the_bytes_are_copied),
        cmocka_unit_test(copy_to_needs_room_for_all),
        cmocka_unit_test(a_decoder_config_is_a_deep_copy),
        cmocka_unit_test(decoder_configs_are_compared_deeply),
        cmocka_unit_test(a_chunk_keeps_its_owner_and_its_config_to_the_end),
        cmocka_unit_test(an_unchanged_decoder_config_is_not_reported_again),
        cmocka_unit_test(short_memory_is_an_error_and_takes_nothing),
        cmocka_unit_test(references_may_be_taken_and_given_by_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
