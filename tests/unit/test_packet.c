/* SPDX-License-Identifier: MIT */

/* What the backend makes of packets that encoders give, and of those that they should not give. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/mem_fault.h"
#include "lavc.h"

/* A key picture of H.264 as libx264 gives it: SPS, PPS and an IDR slice, whose start code is a short one. */
static const uint8_t h264_key[] = {0x00, 0x00, 0x00, 0x01, 0x67, 0x64, 0x00, 0x0a, 0xac, 0xd9, 0x5e, 0xc0, 0x44, 0x00,
                                   0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0x50, 0x3c, 0x48, 0x96, 0x58, 0x00,
                                   0x00, 0x00, 0x01, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0x00, 0x00, 0x01, 0x65, 0x88,
                                   0x84, 0x00, 0x37, 0xff, 0xfe, 0xf6, 0xf0, 0xfe, 0x05, 0x36, 0x56, 0x04, 0xc1};
enum { SETS_SIZE = 37, SLICE_SIZE = sizeof h264_key - SETS_SIZE - 3 };

static const uint8_t av1_key[] = {0x12, 0x00, 0x0a, 0x0a, 0x00, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0x9b,
                                  0x5f, 0x20, 0x08, 0x32, 0xe5, 0x0a, 0x10, 0x00, 0x80, 0x00, 0xdd};
static const uint8_t vp9_key[] = {0x82, 0x49, 0x83, 0x42, 0x00, 0x03, 0xf0, 0x02,
                                  0xf6, 0x06, 0x38, 0x24, 0x1c, 0x18, 0x4a, 0x00};
static const uint8_t vp8_key[] = {0x90, 0x1b, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x00,
                                  0x30, 0x00, 0x00, 0x07, 0x08, 0x85, 0x85, 0x88};
static const uint8_t garbage[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* An open encoder, as far as packets are concerned. */
struct subject {
    struct lavc_backend lavc;
    struct packetizer packetizer;
    struct backend_packet packet;
    const struct stream_header *header;
    wcenc_status status;
};

static struct subject subject;

static void open_as(enum codec_family family, const char *encoder)
{
    static const enum packet_codec codecs[CODEC_FAMILY_COUNT] = {
        [CODEC_H264] = PACKET_H264, [CODEC_HEVC] = PACKET_HEVC, [CODEC_VP8] = PACKET_VP8,
        [CODEC_VP9] = PACKET_VP9,   [CODEC_AV1] = PACKET_AV1,
    };
    const struct packetizer_setup setup = {.codec = codecs[family]};

    memset(&subject, 0, sizeof subject);
    wcenc__packetizer_init(&subject.packetizer, &setup);
    subject.lavc.encoder = wcenc__lavc_encoder(encoder);
    subject.lavc.packet = av_packet_alloc();
    assert_non_null(subject.lavc.encoder);
    assert_non_null(subject.lavc.packet);
}

static void give(const void *data, size_t size)
{
    assert_int_equal(av_new_packet(subject.lavc.packet, (int)size), 0);
    memcpy(subject.lavc.packet->data, data, size);
    subject.lavc.packet->pts = 7;
    subject.lavc.packet->dts = 5;
}

static void give_side_data(enum AVPacketSideDataType type, const void *data, size_t size)
{
    uint8_t *side_data = av_packet_new_side_data(subject.lavc.packet, type, size);

    assert_non_null(side_data);
    memcpy(side_data, data, size);
}

/* As the coder does it. */
static bool make(void)
{
    memset(&subject.packet, 0, sizeof subject.packet);
    subject.header = NULL;
    subject.status = WCENC_ERROR_NO_MEMORY;
    if (wcenc__lavc_make_packet(&subject.lavc, &subject.packet))
        subject.status = wcenc__packetizer_frame(&subject.packetizer, &subject.packet.bytes, &subject.packet.is_key,
                                                 &subject.header);
    /* It is taken over either way. */
    assert_null(subject.lavc.packet->data);
    if (subject.status != WCENC_OK)
        wcenc__packet_bytes_free(&subject.packet.bytes);
    return subject.status == WCENC_OK;
}

static void let_go(void)
{
    wcenc__packet_bytes_free(&subject.packet.bytes);
}

static int close_subject(void **state)
{
    (void)state;
    mem_fault_after(-1);
    let_go();
    av_packet_free(&subject.lavc.packet);
    wcenc__packetizer_free(&subject.packetizer);
    return 0;
}

static void expect_failure(wcenc_status status)
{
    assert_false(make());
    assert_int_equal(subject.status, status);
}

/* The header comes once, with the first key packet. */
static void test_the_header_is_read_from_the_first_key_packet(void **state)
{
    static const struct {
        enum codec_family family;
        const char *encoder;
        const uint8_t *data;
        size_t size;
        int flags;
    } rows[] = {
        {CODEC_VP8, "libvpx", vp8_key, sizeof vp8_key, 0},
        {CODEC_VP9, "libvpx-vp9", vp9_key, sizeof vp9_key, 0},
        {CODEC_AV1, "libaom-av1", av1_key, sizeof av1_key, AV_PKT_FLAG_KEY},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_as(rows[i].family, rows[i].encoder);
        for (int round = 0; round < 2; round++) {
            give(rows[i].data, rows[i].size);
            subject.lavc.packet->flags = rows[i].flags;
            assert_true(make());
            assert_true(subject.packet.is_key);
            assert_int_equal(subject.packet.index, 7);
            assert_int_equal(subject.packet.dts_index, 5);
            assert_int_equal(subject.packet.bytes.size, rows[i].size);
            assert_memory_equal(subject.packet.bytes.data, rows[i].data, rows[i].size);
            assert_int_equal(subject.header != NULL, round == 0);
            if (round == 0)
                assert_true(subject.header->container_private_size > 0);
            let_go();
        }
        (void)close_subject(state);
    }
}

static void test_what_is_no_key_packet_has_no_header(void **state)
{
    static const struct {
        enum codec_family family;
        const char *encoder;
    } rows[] = {{CODEC_VP8, "libvpx"}, {CODEC_VP9, "libvpx-vp9"}, {CODEC_AV1, "libaom-av1"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_as(rows[i].family, rows[i].encoder);
        give(garbage, sizeof garbage);
        subject.lavc.packet->dts = AV_NOPTS_VALUE;
        assert_true(make());
        assert_false(subject.packet.is_key);
        assert_null(subject.header);
        assert_int_equal(subject.packet.dts_index, 7);
        assert_int_equal(subject.packet.quantizer, -1);
        (void)close_subject(state);
    }
}

static void test_a_key_packet_without_a_sequence_header_fails(void **state)
{
    (void)state;
    open_as(CODEC_AV1, "libaom-av1");
    give(garbage, sizeof garbage);
    subject.lavc.packet->flags = AV_PKT_FLAG_KEY;
    expect_failure(WCENC_ERROR_ENCODING);
}

static void test_start_codes_become_lengths(void **state)
{
    const uint8_t length[] = {0, 0, 0, SLICE_SIZE};

    (void)state;
    open_as(CODEC_H264, "libx264");
    give(h264_key, sizeof h264_key);
    assert_true(make());
    assert_true(subject.packet.is_key);
    assert_int_equal(subject.packet.bytes.size, sizeof length + SLICE_SIZE);
    assert_memory_equal(subject.packet.bytes.data, length, sizeof length);
    assert_memory_equal(subject.packet.bytes.data + sizeof length, h264_key + sizeof h264_key - SLICE_SIZE, SLICE_SIZE);
}

/* Somebody else has a reference: the bytes are not the packet's to change. */
static void test_bytes_that_are_shared_are_not_changed(void **state)
{
    AVPacket *other;

    (void)state;
    open_as(CODEC_H264, "libx264");
    give(h264_key, sizeof h264_key);
    /* A slice alone, with a start code of four bytes, would be changed where it lies. */
    subject.lavc.packet->data[SETS_SIZE - 1] = 0;
    subject.lavc.packet->data += SETS_SIZE - 1;
    subject.lavc.packet->size -= SETS_SIZE - 1;
    subject.packetizer.is_stream_known = true;
    other = av_packet_clone(subject.lavc.packet);
    assert_non_null(other);
    assert_true(make());
    assert_true(subject.packet.bytes.data != other->data);
    assert_int_equal(other->data[3], 1);
    assert_int_equal(subject.packet.bytes.data[3], SLICE_SIZE);
    assert_memory_equal(subject.packet.bytes.data + 4, other->data + 4, SLICE_SIZE);
    av_packet_free(&other);
}

static void test_bytes_without_start_codes_fail(void **state)
{
    (void)state;
    open_as(CODEC_H264, "libx264");
    give(garbage, sizeof garbage);
    expect_failure(WCENC_ERROR_ENCODING);
}

/* The matrix that the encoder was set to has to be taken out of its SPS, which is none here. */
static void test_an_sps_without_the_borrowed_matrix_fails(void **state)
{
    (void)state;
    open_as(CODEC_H264, "libx264");
    subject.packetizer.setup.annexb = subject.packetizer.setup.unset_matrix = true;
    give(h264_key, sizeof h264_key);
    expect_failure(WCENC_ERROR_ENCODING);
}

static void test_promised_flags_are_set_in_a_copy(void **state)
{
    AVPacket *other;

    (void)state;
    open_as(CODEC_H264, "libx264");
    subject.packetizer.setup.annexb = true;
    subject.packetizer.setup.constraints = 0x08;
    give(h264_key, sizeof h264_key);
    other = av_packet_clone(subject.lavc.packet);
    assert_non_null(other);
    assert_true(make());
    assert_int_equal(subject.packet.bytes.data[6], h264_key[6] | 0x08);
    assert_int_equal(other->data[6], h264_key[6]);
    av_packet_free(&other);
}

static bool read_extradata(const uint8_t *data, size_t size)
{
    subject.status = wcenc__packetizer_read_sets(&subject.packetizer, data, size);
    return subject.status == WCENC_OK;
}

/* Beside another stream whose description is reported: a key packet keeps its own sets, with lengths like the rest. */
static void test_sets_that_are_to_be_in_band_stay_there(void **state)
{
    const uint8_t length[] = {0, 0, 0};

    (void)state;
    open_as(CODEC_H264, "libx264");
    subject.packetizer.setup.sets_in_band = true;
    subject.packetizer.setup.constraints = 0x08;
    give(h264_key, sizeof h264_key);
    assert_true(make());
    assert_int_equal(subject.packet.bytes.size, sizeof h264_key + 1); /* of the short start code */
    assert_memory_equal(subject.packet.bytes.data, length, sizeof length);
    assert_int_equal(subject.packet.bytes.data[6], h264_key[6] | 0x08);
    assert_memory_equal(subject.packet.bytes.data + sizeof h264_key + 1 - SLICE_SIZE,
                        h264_key + sizeof h264_key - SLICE_SIZE, SLICE_SIZE);
}

static void test_extradata_that_cannot_be_read_fails(void **state)
{
    uint8_t bytes[sizeof garbage];

    memcpy(bytes, garbage, sizeof bytes);
    for (int has_bytes = 0; has_bytes < 2; has_bytes++) {
        open_as(CODEC_H264, "libx264");
        assert_false(read_extradata(has_bytes ? bytes : NULL, has_bytes ? sizeof bytes : 0));
        assert_int_equal(subject.status, WCENC_ERROR_ENCODING);
        (void)close_subject(state);
    }
    open_as(CODEC_HEVC, "libx265");
    assert_false(read_extradata(bytes, sizeof bytes));
    assert_int_equal(subject.status, WCENC_ERROR_ENCODING);
}

static void test_extradata_without_the_borrowed_matrix_fails(void **state)
{
    uint8_t sets[SETS_SIZE];

    (void)state;
    memcpy(sets, h264_key, sizeof sets);
    open_as(CODEC_H264, "libx264");
    subject.packetizer.setup.unset_matrix = true;
    assert_false(read_extradata(sets, sizeof sets));
    assert_int_equal(subject.status, WCENC_ERROR_ENCODING);
}

static void expect_quantizer(const char *encoder, uint8_t bit_depth, int32_t stored, size_t size, int32_t wanted)
{
    const uint32_t bits = (uint32_t)stored;
    const uint8_t quality[] = {
        (uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16), (uint8_t)(bits >> 24), 0, 0, 0, 0};

    open_as(CODEC_VP8, "libvpx");
    subject.lavc.encoder = wcenc__lavc_encoder(encoder);
    subject.lavc.bit_depth = bit_depth;
    give(vp8_key, sizeof vp8_key);
    give_side_data(AV_PKT_DATA_QUALITY_STATS, quality, size);
    assert_true(make());
    assert_int_equal(subject.packet.quantizer, wanted);
    (void)close_subject(NULL);
}

/* Encoders store the quantizer times 118, and some store what is none. */
static void test_a_quantizer_is_read_from_encoders_that_report_one(void **state)
{
    (void)state;
    expect_quantizer("libvpx", 8, 63 * 118, 8, 63);
    expect_quantizer("libvpx", 8, 63 * 118, 3, -1);
    expect_quantizer("libx264", 8, 118 * 23, 8, 23);
    expect_quantizer("libx264", 10, 118 * 35, 8, 35);
    expect_quantizer("libx265", 8, 118 * 23 + 60, 8, 24);
    expect_quantizer("libx265", 8, 118 * 23 + 58, 8, 23);
    expect_quantizer("libx265", 10, 118 * 23, 8, 35);
    expect_quantizer("libx265", 10, -118 * 4, 8, 8);
    expect_quantizer("libx265", 8, -118, 8, 0);
    expect_quantizer("libaom-av1", 8, 0, 8, -1);
    expect_quantizer("libsvtav1", 8, 31 * 118, 8, -1);
    expect_quantizer("libvpx-vp9", 8, 31 * 118, 8, -1);
}

/* Each allocation of the library's own in turn. */
static void test_short_memory_is_reported_as_such(void **state)
{
    static const struct {
        enum codec_family family;
        const char *encoder;
        const uint8_t *data;
        size_t size;
        bool annexb;
    } rows[] = {
        {CODEC_H264, "libx264", h264_key, sizeof h264_key, false},
        {CODEC_H264, "libx264", h264_key, sizeof h264_key, true},
        {CODEC_VP8, "libvpx", vp8_key, sizeof vp8_key, false},
        {CODEC_VP9, "libvpx-vp9", vp9_key, sizeof vp9_key, false},
        {CODEC_AV1, "libaom-av1", av1_key, sizeof av1_key, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (long after = 0, is_over = 0; !is_over; after++) {
            open_as(rows[i].family, rows[i].encoder);
            subject.packetizer.setup.annexb = rows[i].annexb;
            give(rows[i].data, rows[i].size);
            subject.lavc.packet->flags = AV_PKT_FLAG_KEY;
            mem_fault_after(after);
            if (make())
                is_over = !mem_fault_happened();
            else
                assert_int_equal(subject.status, WCENC_ERROR_NO_MEMORY);
            /* None is passed over. */
            assert_true(is_over || subject.status == WCENC_ERROR_NO_MEMORY);
            assert_true(after > 0 || !is_over);
            (void)close_subject(state);
        }
}

/* The same of extradata. */
static void test_short_memory_for_extradata_is_reported_as_such(void **state)
{
    for (long after = 0, is_over = 0; !is_over; after++) {
        uint8_t sets[SETS_SIZE];

        memcpy(sets, h264_key, sizeof sets);
        open_as(CODEC_H264, "libx264");
        mem_fault_after(after);
        is_over = read_extradata(sets, sizeof sets);
        assert_int_equal(mem_fault_happened(), !is_over);
        assert_int_equal(subject.status, is_over ? WCENC_OK : WCENC_ERROR_NO_MEMORY);
        assert_true(after > 0 || !is_over);
        (void)close_subject(state);
    }
}

#define TEST(test) cmocka_unit_test_teardown(test, close_subject)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_header_is_read_from_the_first_key_packet),
        TEST(test_what_is_no_key_packet_has_no_header),
        TEST(test_a_key_packet_without_a_sequence_header_fails),
        TEST(test_start_codes_become_lengths),
        TEST(test_bytes_that_are_shared_are_not_changed),
        TEST(test_bytes_without_start_codes_fail),
        TEST(test_an_sps_without_the_borrowed_matrix_fails),
        TEST(test_promised_flags_are_set_in_a_copy),
        TEST(test_sets_that_are_to_be_in_band_stay_there),
        TEST(test_extradata_that_cannot_be_read_fails),
        TEST(test_extradata_without_the_borrowed_matrix_fails),
        TEST(test_a_quantizer_is_read_from_encoders_that_report_one),
        TEST(test_short_memory_is_reported_as_such),
        TEST(test_short_memory_for_extradata_is_reported_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
