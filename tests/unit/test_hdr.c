/* SPDX-License-Identifier: MIT */

/* HDR metadata on their own: what is valid, the bytes that they become, and where these go. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include <wcenc/wcenc.h>

#include "../support/hdr10.h"
#include "../support/mem_fault.h"
#include "hdr_metadata.h"
#include "mem.h"
#include "packetizer.h"

/* A member of valid metadata that is given another value, and what the message says of it; NULL: it is valid. */
static const struct change {
    size_t offset;
    uint32_t value;
    const char *message;
} changes[] = {
#define CHANGE(member, value, message)                       \
    {                                                        \
        offsetof(wcenc_hdr_metadata, member), value, message \
    }
    CHANGE(red_x, 50000, "x.red_x and red_y are 50000 and 14600; together they are at most 50000"),
    CHANGE(red_y, 0, "x.red_y is 0"),
    CHANGE(green_y, 41501, "x.green_x and green_y are 8500 and 41501"),
    CHANGE(green_y, 41500, NULL),
    CHANGE(green_y, 0, "x.green_y is 0"),
    CHANGE(blue_x, UINT32_MAX, "x.blue_x and blue_y are 4294967295 and 2300"),
    CHANGE(blue_x, 0, NULL),
    CHANGE(blue_y, 0, "x.blue_y is 0"),
    CHANGE(white_x, 33551, "x.white_x and white_y are 33551 and 16450"),
    CHANGE(white_y, 0, "x.white_y is 0"),
    CHANGE(max_luminance, 1, "x.max_luminance is 1; it has to be above min_luminance, 1"),
    CHANGE(max_luminance, 2, NULL),
    CHANGE(max_luminance, 100000000, NULL),
    CHANGE(max_luminance, 100000001, "x.max_luminance is 100000001; the largest value is 100000000"),
    CHANGE(min_luminance, 10000000, "x.max_luminance is 10000000; it has to be above min_luminance, 10000000"),
    CHANGE(min_luminance, 0, NULL),
    CHANGE(max_content_light_level, 65536, "x.max_content_light_level is 65536; the largest value is 65535"),
    CHANGE(max_content_light_level, 0, NULL),
    CHANGE(max_frame_average_light_level, 65536, "x.max_frame_average_light_level is 65536"),
    CHANGE(max_frame_average_light_level, 65535, NULL),
    CHANGE(has_mastering_display, 0, "x describes a mastering display, but has_mastering_display is 0"),
    CHANGE(has_mastering_display, 2, "x.has_mastering_display is neither 0 nor 1"),
    CHANGE(has_content_light_level, 0, "x has light levels, but has_content_light_level is 0"),
    CHANGE(has_content_light_level, UINT32_MAX, "x.has_content_light_level is neither 0 nor 1"),
    CHANGE(struct_size, 8, "x.struct_size is 8"),
#undef CHANGE
};

static void test_hdr_metadata_out_of_range_are_rejected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        wcenc_hdr_metadata given = hdr10(), copy;
        bool sets_unknown;
        wcenc_status status;

        memcpy((char *)&given + changes[i].offset, &changes[i].value, sizeof changes[i].value);
        status = wcenc__hdr_metadata_copy(&given, "x", &copy, &sets_unknown);
        assert_int_equal(status, changes[i].message ? WCENC_ERROR_TYPE : WCENC_OK);
        if (changes[i].message && strncmp(wcenc_last_error(), changes[i].message, strlen(changes[i].message)) != 0)
            fail_msg("\"%s\" does not begin with \"%s\"", wcenc_last_error(), changes[i].message);
        if (!changes[i].message)
            assert_true(hdr_metadata_equal(&given, &copy));
    }
}

static void test_no_hdr_metadata_are_valid_and_of_no_part(void **state)
{
    wcenc_hdr_metadata given, copy;
    bool sets_unknown = true;

    (void)state;
    wcenc_hdr_metadata_init(NULL, sizeof given);
    wcenc_hdr_metadata_init(&given, sizeof given);
    assert_int_equal(wcenc__hdr_metadata_copy(&given, "x", &copy, &sets_unknown), WCENC_OK);
    assert_false(hdr_metadata_is_set(&copy) || sets_unknown);
    assert_int_equal(wcenc__hdr_metadata_copy(NULL, "x", &copy, &sets_unknown), WCENC_OK);
    assert_true(hdr_metadata_equal(&given, &copy));
    given.reserved0 = 1;
    assert_int_equal(wcenc__hdr_metadata_copy(&given, "x", &copy, &sets_unknown), WCENC_OK);
    assert_true(sets_unknown);
    assert_true(hdr_metadata_same(NULL, NULL) && hdr_metadata_same(&copy, &copy));
    assert_false(hdr_metadata_same(&copy, NULL));
}

static uint32_t get(const uint8_t **at, int bytes)
{
    uint32_t value = 0;

    for (int i = 0; i < bytes; i++)
        value = value << 8 | *(*at)++;
    return value;
}

/* Without the bytes that keep start codes from appearing, of which there is to be none. */
static size_t unescape_nal(const uint8_t *data, size_t size, uint8_t *out)
{
    size_t count = 0, zeros = 0;

    for (size_t i = 0; i < size; i++) {
        assert_true(zeros < 2 || data[i] >= 3);
        if (zeros >= 2 && data[i] == 3) {
            assert_true(i + 1 < size && data[i + 1] <= 3);
            zeros = 0;
            continue;
        }
        zeros = data[i] ? 0 : zeros + 1;
        out[count++] = data[i];
    }
    return count;
}

/* H.264, D.1.29 and D.1.31; HEVC, D.2.28 and D.2.35 */
static void check_sei(const uint8_t *data, size_t size, size_t header, const wcenc_hdr_metadata *expected)
{
    uint8_t rbsp[128];
    const uint8_t *at = rbsp + header, *end;

    assert_true(size < sizeof rbsp);
    end = rbsp + unescape_nal(data, size, rbsp);
    if (expected->has_mastering_display) {
        const uint32_t members[] = {expected->green_x, expected->green_y, expected->blue_x,  expected->blue_y,
                                    expected->red_x,   expected->red_y,   expected->white_x, expected->white_y};

        assert_int_equal(get(&at, 2), 137 << 8 | 24);
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            assert_int_equal(get(&at, 2), members[i]);
        assert_int_equal(get(&at, 4), expected->max_luminance);
        assert_int_equal(get(&at, 4), expected->min_luminance);
    }
    if (expected->has_content_light_level) {
        assert_int_equal(get(&at, 2), 144 << 8 | 4);
        assert_int_equal(get(&at, 2), expected->max_content_light_level);
        assert_int_equal(get(&at, 2), expected->max_frame_average_light_level);
    }
    assert_int_equal(get(&at, 1), 0x80);
    assert_ptr_equal(at, end);
}

static uint32_t seed = 7;

/* Small numbers and numbers with zero bytes are frequent. */
static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    const uint32_t value = (seed >> 8) % limit, shape = seed >> 4 & 7;

    return shape == 0 ? 0 : shape == 1 ? value & 0xff : shape == 2 ? value & ~0xffu : shape == 3 ? value & 3 : value;
}

static wcenc_hdr_metadata random_metadata(int parts)
{
    wcenc_hdr_metadata metadata;

    wcenc_hdr_metadata_init(&metadata, sizeof metadata);
    metadata.has_mastering_display = parts & 1;
    metadata.has_content_light_level = parts >> 1;
    for (uint32_t *member = &metadata.red_x; member <= &metadata.white_y && parts & 1; member++)
        *member = random_below(50001);
    if (parts & 1) {
        metadata.max_luminance = random_below(100000001);
        metadata.min_luminance = random_below(100000001);
    }
    if (parts & 2) {
        metadata.max_content_light_level = random_below(65536);
        metadata.max_frame_average_light_level = random_below(65536);
    }
    return metadata;
}

static void test_sei_messages_have_every_value(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; i++) {
        const wcenc_hdr_metadata metadata = random_metadata(1 + i % 3);
        struct byte_buffer out = {0};

        assert_true(wcenc__hdr_sei_write(NAL_H264, &metadata, &out));
        assert_int_equal(out.data[0], 6);
        check_sei(out.data, out.size, 1, &metadata);
        out.size = 0;
        assert_true(wcenc__hdr_sei_write(NAL_HEVC, &metadata, &out));
        assert_int_equal(out.data[0], 39 << 1);
        assert_int_equal(out.data[1], 1);
        check_sei(out.data, out.size, 2, &metadata);
        wcenc__buffer_free(&out);
    }
}

/* Back from fractions of a power of two; the largest stands for 1.0, too. */
static void check_fixed(uint32_t value, uint32_t fixed, double fraction, double units, double tolerance)
{
    const double back = fixed / fraction * units;

    if (back > value + tolerance || back < value - tolerance)
        fail_msg("%u became %f", value, back);
}

/* AV1, 5.8.3 and 5.8.4 */
static const uint8_t *check_obus(const uint8_t *at, const wcenc_hdr_metadata *expected)
{
    const uint32_t *members = &expected->red_x;

    if (expected->has_content_light_level) {
        assert_int_equal(get(&at, 3), 0x2a << 16 | 6 << 8 | 1);
        assert_int_equal(get(&at, 2), expected->max_content_light_level);
        assert_int_equal(get(&at, 2), expected->max_frame_average_light_level);
        assert_int_equal(get(&at, 1), 0x80);
    }
    if (expected->has_mastering_display) {
        assert_int_equal(get(&at, 3), 0x2a << 16 | 26 << 8 | 2);
        for (int i = 0; i < 8; i++)
            check_fixed(members[i], get(&at, 2), 65536, 50000, members[i] == 50000 ? 0.8 : 0.4);
        check_fixed(expected->max_luminance, get(&at, 4), 256, 10000, 10000 / 512.0);
        check_fixed(expected->min_luminance, get(&at, 4), 16384, 10000, 0.4);
        assert_int_equal(get(&at, 1), 0x80);
    }
    return at;
}

static void test_metadata_obus_have_every_value(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; i++) {
        const wcenc_hdr_metadata metadata = random_metadata(1 + i % 3);
        struct byte_buffer out = {0};

        assert_true(wcenc__hdr_obus_write(&metadata, &out));
        assert_ptr_equal(check_obus(out.data, &metadata), out.data + out.size);
        wcenc__buffer_free(&out);
    }
}

/* Key packets, and where the first slice, or what follows the sequence header, begins. */
static const struct packet {
    enum packet_codec codec;
    bool annexb;
    size_t offset; /* SIZE_MAX: none */
    size_t size;
    const char *bytes;
} packets[] = {
    {PACKET_H264, true, 6, 11, "\0\0\0\1\x67\x42\0\0\1\x65\x88"},
    {PACKET_H264, true, 6, 12, "\0\0\0\1\x67\x42\0\0\0\1\x65\x88"},
    {PACKET_H264, true, 0, 5, "\0\0\1\x65\x88"},
    {PACKET_H264, true, 0, 6, "\0\0\0\1\x65\x88"},
    {PACKET_H264, true, SIZE_MAX, 6, "\0\0\0\1\x67\x88"},
    {PACKET_H264, false, 0, 6, "\0\0\0\2\x65\x88"},
    {PACKET_H264, false, 7, 13, "\0\0\0\3\x06\x05\x80\0\0\0\2\x65\x88"},
    {PACKET_H264, false, SIZE_MAX, 6, "\0\0\0\3\x06\x05"},
    {PACKET_H264, false, SIZE_MAX, 3, "\0\0\0"},
    {PACKET_H264, false, SIZE_MAX, 6, "\0\0\0\2\x06\x05"},
    {PACKET_HEVC, true, 7, 14, "\0\0\0\1\x42\1\7\0\0\0\1\x26\1\x80"},
    {PACKET_HEVC, false, 8, 14, "\0\0\0\4\x4e\1\7\x80\0\0\0\2\x26\1"},
    {PACKET_HEVC, false, SIZE_MAX, 7, "\0\0\0\3\x4e\1\7"},
    {PACKET_AV1, false, 14, 17, "\x12\0\x0a\x0a\0\0\0\2\xaf\xf7\x9b\x5f\x20\x08\x32\1\x10"},
    {PACKET_AV1, false, SIZE_MAX, 5, "\x12\0\x32\1\x10"},
};

static bool was_freed;

static void note_free(void *owner)
{
    assert_non_null(owner);
    was_freed = true;
}

static struct packetizer packetizer_of(const struct packet *packet)
{
    const struct packetizer_setup setup = {.codec = packet->codec, .annexb = packet->annexb};
    struct packetizer packetizer;

    wcenc__packetizer_init(&packetizer, &setup);
    return packetizer;
}

/* What was added stands at the offset, in the framing of the rest, which is as before. */
static void check_added(const struct packet *packet, const struct packet_bytes *bytes,
                        const wcenc_hdr_metadata *metadata)
{
    const size_t added = bytes->size - packet->size, header = packet->codec == PACKET_HEVC ? 2 : 1;
    const uint8_t *at = bytes->data + packet->offset;

    assert_memory_equal(bytes->data, packet->bytes, packet->offset);
    assert_memory_equal(at + added, packet->bytes + packet->offset, packet->size - packet->offset);
    if (packet->codec == PACKET_AV1) {
        assert_ptr_equal(check_obus(at, metadata), at + added);
    } else {
        assert_int_equal(get(&at, 4), packet->annexb ? 1 : added - 4);
        check_sei(at, added - 4, header, metadata);
    }
}

static void test_hdr_metadata_go_before_the_first_slice(void **state)
{
    const wcenc_hdr_metadata metadata = hdr10();

    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct packetizer packetizer = packetizer_of(&packets[i]);
        uint8_t data[32];
        struct packet_bytes bytes = {data, packets[i].size, true, note_free, data};

        was_freed = false;
        memcpy(data, packets[i].bytes, packets[i].size);
        if (packets[i].offset == SIZE_MAX) {
            assert_int_equal(wcenc__packetizer_add_hdr(&packetizer, &metadata, &bytes), WCENC_ERROR_ENCODING);
            assert_false(was_freed);
            assert_ptr_equal(bytes.data, data);
            continue;
        }
        assert_int_equal(wcenc__packetizer_add_hdr(&packetizer, &metadata, &bytes), WCENC_OK);
        assert_true(was_freed);
        check_added(&packets[i], &bytes, &metadata);
        wcenc__packet_bytes_free(&bytes);
        wcenc__packetizer_free(&packetizer);
    }
}

static void test_vp8_and_vp9_have_no_place_for_hdr_metadata(void **state)
{
    const wcenc_hdr_metadata metadata = hdr10();

    (void)state;
    for (int codec = PACKET_VP8; codec <= PACKET_VP9; codec++) {
        const struct packet packet = {.codec = (enum packet_codec)codec};
        struct packetizer packetizer = packetizer_of(&packet);
        uint8_t data[] = {1, 2, 3};
        struct packet_bytes bytes = {data, sizeof data, true, note_free, data};

        was_freed = false;
        assert_int_equal(wcenc__packetizer_add_hdr(&packetizer, &metadata, &bytes), WCENC_OK);
        assert_false(was_freed);
        assert_ptr_equal(bytes.data, data);
    }
}

static void test_hdr_metadata_without_memory_leave_the_packet_alone(void **state)
{
    const wcenc_hdr_metadata metadata = hdr10();

    (void)state;
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct packetizer packetizer = packetizer_of(&packets[i]);
        uint8_t data[32];
        struct packet_bytes bytes = {data, packets[i].size, true, note_free, data};
        wcenc_status status = WCENC_ERROR_NO_MEMORY;

        memcpy(data, packets[i].bytes, packets[i].size);
        for (long n = 0; status == WCENC_ERROR_NO_MEMORY && packets[i].offset != SIZE_MAX; n++) {
            was_freed = false;
            mem_fault_after(n);
            status = wcenc__packetizer_add_hdr(&packetizer, &metadata, &bytes);
            mem_fault_after(-1);
            assert_int_equal(status, was_freed ? WCENC_OK : WCENC_ERROR_NO_MEMORY);
            assert_true(n > 0 || status == WCENC_ERROR_NO_MEMORY);
        }
        wcenc__packet_bytes_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hdr_metadata_out_of_range_are_rejected),
        cmocka_unit_test(test_no_hdr_metadata_are_valid_and_of_no_part),
        cmocka_unit_test(test_sei_messages_have_every_value),
        cmocka_unit_test(test_metadata_obus_have_every_value),
        cmocka_unit_test(test_hdr_metadata_go_before_the_first_slice),
        cmocka_unit_test(test_vp8_and_vp9_have_no_place_for_hdr_metadata),
        cmocka_unit_test(test_hdr_metadata_without_memory_leave_the_packet_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
