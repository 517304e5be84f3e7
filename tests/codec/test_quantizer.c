/* SPDX-License-Identifier: MIT */

/* A quantizer for each frame, with the codecs that have one. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192, QUANTIZER_MAX = 51, NONE = -1 };

static wcenc_config quantizer_config(const struct codec_row *row, wcenc_latency_mode latency)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
    config.latency_mode = latency;
    return config;
}

/* Frame `number` with a quantizer, whichever the codec is, or NONE. */
static void encode(struct recorder *recorder, int number, int quantizer)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)number, 33333 * (int64_t)number);
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.has_avc_quantizer = options.has_hevc_quantizer = quantizer != NONE;
    options.avc_quantizer = options.hevc_quantizer = quantizer != NONE ? (uint32_t)quantizer : 0;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

/* The number that a decoded picture shows. */
static unsigned number_in(const AVFrame *frame)
{
    return pattern_read(frame->data[0], frame->linesize[0]);
}

static void test_every_quantizer_encodes_and_good_ones_can_be_read(void **state)
{
    enum { READABLE_MAX = 20 };
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder recorder;
        struct decoder decoder;

        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        for (int quantizer = 1; quantizer <= QUANTIZER_MAX; quantizer++)
            encode(&recorder, quantizer, quantizer);
        coding_finish(&recorder, &decoder, QUANTIZER_MAX); /* QP-003, QP-010: so many chunks, and pictures */
        for (int i = 0; i < QUANTIZER_MAX; i++)
            assert_int_equal(decoder.frames[i]->pts, 33333 * (int64_t)(i + 1)); /* QP-003 */
        for (int i = 0; i < READABLE_MAX; i++)
            assert_int_equal(number_in(decoder.frames[i]), i + 1); /* QP-005 */
        coding_close(&recorder, &decoder);
    }
}

/* A number of frames with a quantizer at the first, and at each other one where `at_all`. */
static void record(struct recorder *recorder, const wcenc_config *config, int quantizer, bool at_all)
{
    enum { COUNT = 12 };

    coding_open(recorder, config);
    for (int i = 0; i < COUNT; i++)
        encode(recorder, i, i == 0 || at_all ? quantizer : NONE);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

/* True if both made the same chunks, byte by byte. */
static bool are_same(const struct recorder *a, const struct recorder *b)
{
    bool same = a->chunk_count == b->chunk_count;

    for (int i = 0; same && i < a->chunk_count; i++) {
        size_t size = wcenc_chunk_byte_length(a->chunks[i]);

        same = wcenc_chunk_byte_length(b->chunks[i]) == size &&
               memcmp(wcenc_chunk_data(a->chunks[i]), wcenc_chunk_data(b->chunks[i]), size) == 0;
    }
    return same;
}

static void test_a_frame_without_a_quantizer_has_that_of_the_frame_before(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder first, all, other;

        if (!config_works(&config))
            skip();
        record(&first, &config, 45, false);
        record(&all, &config, 45, true);
        record(&other, &config, 30, true);
        assert_true(are_same(&first, &all)); /* QP-008 */
        assert_false(are_same(&first, &other));
        recorder_close(&first);
        recorder_close(&all);
        recorder_close(&other);
    }
}

static void test_the_bitrate_has_no_effect_on_quantizers(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quantizer_config(row, latency);
        struct recorder low, high;

        if (!config_works(&config))
            skip();
        config.bitrate = 1000;
        record(&low, &config, 25, true);
        config.bitrate = 5000000;
        record(&high, &config, 25, true);
        assert_true(are_same(&low, &high)); /* RC-004 */
        recorder_close(&low);
        recorder_close(&high);
    }
}

#define H264_AND_HEVC(test) \
    cmocka_unit_test_prestate(test, (void *)&codec_rows[0]), cmocka_unit_test_prestate(test, (void *)&codec_rows[1])

int main(void)
{
    const struct CMUnitTest tests[] = {
        H264_AND_HEVC(test_every_quantizer_encodes_and_good_ones_can_be_read),
        H264_AND_HEVC(test_a_frame_without_a_quantizer_has_that_of_the_frame_before),
        H264_AND_HEVC(test_the_bitrate_has_no_effect_on_quantizers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
