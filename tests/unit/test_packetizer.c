/* SPDX-License-Identifier: MIT */

/* The packetizer on its own: bytes as encoders make them, in memory that may be written or not. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "mem.h"
#include "packetizer.h"

#include "../support/parameter_sets.h"

enum { SLICE = 32 };

static int freed;

static void count_free(void *owner)
{
    assert_non_null(owner);
    freed++;
}

/* A slice behind its start code, and before it parameter sets where they are in band. Returns the size. */
static size_t make_access_unit(uint8_t *out, bool is_key, bool has_sets)
{
    const size_t sets = has_sets ? sizeof h264_parameter_sets : 0;

    memcpy(out, h264_parameter_sets, sets);
    memset(out + sets, 0x55, SLICE);
    memcpy(out + sets, is_key ? h264_key_start : h264_delta_start, sizeof h264_key_start);
    return sets + SLICE;
}

static struct packet_bytes bytes_of(uint8_t *data, size_t size, bool is_writable)
{
    return (struct packet_bytes){data, size, is_writable, count_free, data};
}

static void check_lengths(const struct packet_bytes *bytes, uint8_t nal_header)
{
    const uint8_t start[] = {0, 0, 0, SLICE - 4, nal_header, 0x55};

    assert_int_equal(bytes->size, SLICE);
    assert_memory_equal(bytes->data, start, sizeof start);
}

static void test_start_codes_become_lengths_in_place_or_in_a_copy(void **state)
{
    (void)state;
    for (int writable = 0; writable < 2; writable++) {
        const struct packetizer_setup setup = {.codec = PACKET_H264};
        const struct stream_header *header;
        struct packetizer packetizer;
        uint8_t data[SLICE], before[SLICE];
        struct packet_bytes bytes;
        bool is_key = true;

        freed = 0;
        wcenc__packetizer_init(&packetizer, &setup);
        assert_int_equal(wcenc__packetizer_read_sets(&packetizer, h264_parameter_sets, sizeof h264_parameter_sets),
                         WCENC_OK);
        bytes = bytes_of(data, make_access_unit(data, false, false), writable);
        memcpy(before, data, sizeof data);
        assert_int_equal(wcenc__packetizer_frame(&packetizer, &bytes, &is_key, &header), WCENC_OK);
        assert_false(is_key); /* whatever the encoder says: the slice decides */
        assert_non_null(header);
        assert_non_null(header->description);
        check_lengths(&bytes, h264_delta_start[4]);
        assert_true((bytes.data == data) == writable);
        assert_int_equal(freed, !writable); /* the copy needs the encoder's bytes no more */
        if (!writable)
            assert_memory_equal(data, before, sizeof data);
        wcenc__packet_bytes_free(&bytes);
        assert_int_equal(freed, 1);
        wcenc__packetizer_free(&packetizer);
    }
}

static void test_the_header_comes_once_and_from_the_first_key_packet_if_nowhere_else(void **state)
{
    const struct packetizer_setup setup = {.codec = PACKET_H264, .annexb = true, .constraints = 0x20};
    uint8_t data[sizeof h264_parameter_sets + SLICE], before[sizeof data];
    struct packetizer packetizer;

    (void)state;
    wcenc__packetizer_init(&packetizer, &setup);
    for (int i = 0; i < 3; i++) {
        const bool is_key = i > 0;
        const struct stream_header *header;
        struct packet_bytes bytes = bytes_of(data, make_access_unit(data, is_key, is_key), i == 1);
        bool is_key_chunk = false;

        memcpy(before, data, sizeof data);
        assert_int_equal(wcenc__packetizer_frame(&packetizer, &bytes, &is_key_chunk, &header), WCENC_OK);
        assert_int_equal(is_key_chunk, is_key);
        assert_true((header != NULL) == (i == 1));
        if (header) {
            assert_null(header->description);
            assert_non_null(header->container_private);
        }
        if (is_key) {
            /* constraint_set2_flag was added; memory that is not the packet's was left alone. */
            assert_int_equal(bytes.data[6], 0xc0 | 0x20);
            assert_int_equal(data[6], i == 1 ? 0xc0 | 0x20 : 0xc0);
        }
        wcenc__packet_bytes_free(&bytes);
    }
    wcenc__packetizer_free(&packetizer);
}

static void test_the_word_of_an_av1_encoder_makes_a_key_chunk(void **state)
{
    const struct packetizer_setup setup = {.codec = PACKET_AV1};
    uint8_t delimiter[] = {0x12, 0x00};
    struct packet_bytes bytes = {.data = delimiter, .size = sizeof delimiter};
    const struct stream_header *header;
    struct packetizer packetizer;
    bool is_key = false;

    (void)state;
    wcenc__packetizer_init(&packetizer, &setup);
    assert_int_equal(wcenc__packetizer_frame(&packetizer, &bytes, &is_key, &header), WCENC_OK);
    assert_false(is_key);
    assert_null(header);
    is_key = true; /* but has no sequence header */
    assert_int_equal(wcenc__packetizer_frame(&packetizer, &bytes, &is_key, &header), WCENC_ERROR_ENCODING);
    wcenc__packetizer_free(&packetizer);
}

static int allocations_left;

static int fail_after(void)
{
    return allocations_left-- == 0;
}

static void test_short_memory_is_no_memory_and_leaves_the_bytes(void **state)
{
    const struct packetizer_setup setup = {.codec = PACKET_H264};
    uint8_t data[sizeof h264_parameter_sets + SLICE];
    wcenc_status status = WCENC_ERROR_NO_MEMORY;
    int count;

    (void)state;
    for (count = 0; status != WCENC_OK; count++) {
        struct packet_bytes bytes = bytes_of(data, make_access_unit(data, true, true), false);
        const struct stream_header *header;
        struct packetizer packetizer;
        bool is_key;

        assert_true(count < 20);
        freed = 0;
        wcenc__packetizer_init(&packetizer, &setup);
        allocations_left = count;
        wcenc__mem_fault = fail_after;
        status = wcenc__packetizer_frame(&packetizer, &bytes, &is_key, &header);
        wcenc__mem_fault = NULL;
        if (status != WCENC_OK) {
            assert_int_equal(status, WCENC_ERROR_NO_MEMORY);
            assert_int_equal(freed, 0);
            assert_ptr_equal(bytes.data, data);
        }
        wcenc__packet_bytes_free(&bytes);
        assert_int_equal(freed, 1);
        wcenc__packetizer_free(&packetizer);
    }
    assert_true(count > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_codes_become_lengths_in_place_or_in_a_copy),
        cmocka_unit_test(test_the_header_comes_once_and_from_the_first_key_packet_if_nowhere_else),
        cmocka_unit_test(test_the_word_of_an_av1_encoder_makes_a_key_chunk),
        cmocka_unit_test(test_short_memory_is_no_memory_and_leaves_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
