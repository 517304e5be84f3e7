/* SPDX-License-Identifier: MIT */

/* What a bitrate comes to, what changing it costs, and what a content hint changes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 200 };

static void encode(struct recorder *recorder, int number)
{
    coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)number % 256, 33333 * (int64_t)number), false);
}

/* What comes out of ten seconds, as a part of the bitrate. */
static double rate_of(const wcenc_config *config)
{
    enum { SECONDS = 10, FRAMERATE = 30, COUNT = SECONDS * FRAMERATE };
    struct recorder recorder;
    size_t bytes = 0;

    assert_true(config->framerate == FRAMERATE);
    coding_open(&recorder, config);
    for (int i = 0; i < COUNT; i++)
        encode(&recorder, i);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        bytes += wcenc_chunk_byte_length(recorder.chunks[i]);
    recorder_close(&recorder);
    return (double)bytes * 8 / SECONDS / (double)config->bitrate;
}

/*
 * The pictures can be coded with much less and with much more. A constant rate is met within 5 per cent, a variable one
 * within 15.
 */
static void test_the_bitrate_is_bits_per_second(void **state)
{
    static const uint64_t bitrates[] = {600000, 1200000};
    static const double tolerances[] = {0.15, 0.05};
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
            wcenc_config config = row_config(row, WIDTH, HEIGHT);
            double rate;

            config.latency_mode = latency;
            config.bitrate_mode = mode;
            config.bitrate = bitrates[mode];
            if (!config_works(&config))
                continue;
            rate = rate_of(&config);
            print_message("%s, latency %d, mode %d: %.3f of %d bits per second\n", row->name, latency, mode, rate,
                          (int)bitrates[mode]);
            assert_true(fabs(rate - 1) <= tolerances[mode]); /* RC-001 */
        }
}

/* The bitrate is that of all layers. */
static void test_layers_keep_to_the_bitrate_together(void **state)
{
    static const char *const modes[] = {"L1T2", "L1T3"};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++)
            for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
                wcenc_config config = row_config(row, WIDTH, HEIGHT);
                double rate;

                config.scalability_mode = modes[i];
                config.latency_mode = latency;
                config.bitrate_mode = mode;
                config.bitrate = 900000;
                if (!config_works(&config))
                    continue;
                rate = rate_of(&config);
                print_message("%s, %s, latency %d, mode %d: %.3f of 900000 bits per second\n", row->name, modes[i],
                              latency, mode, rate);
                assert_true(fabs(rate - 1) <= 0.15); /* RC-001 */
            }
}

/* The mean of a block of the pattern's number. */
static double mean_of_block(const AVFrame *frame, int block)
{
    double sum = 0;

    for (int y = 0; y < PATTERN_BLOCK; y++)
        for (int x = 0; x < PATTERN_BLOCK; x++)
            sum += frame->data[0][(ptrdiff_t)y * frame->linesize[0] + block * PATTERN_BLOCK + x];
    return sum / (PATTERN_BLOCK * PATTERN_BLOCK);
}

static void test_black_stays_black_at_a_modest_bitrate(void **state)
{
    enum { COUNT = 16, BLACK_MAX = 60 };
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);
    struct recorder recorder;
    struct decoder decoder;

    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.bitrate = 1000000;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++)
        encode(&recorder, i);
    coding_finish(&recorder, &decoder, COUNT);
    for (int i = 0; i < COUNT; i++)
        for (int bit = 0; bit < PATTERN_BITS; bit++)
            if (!(i >> bit & 1))
                assert_true(mean_of_block(decoder.frames[i], bit) <= BLACK_MAX); /* COL-005 */
    coding_close(&recorder, &decoder);
}

static void check_new_bitrates(const wcenc_config *first)
{
    enum { COUNT = 16, EVERY = 3 };
    wcenc_config config = *first;
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        if (i > 0 && i % EVERY == 0) {
            config.bitrate = config.bitrate * 9 / 10;
            assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        }
        encode(&recorder, i);
    }
    coding_finish(&recorder, &decoder, COUNT); /* CFG-014: with the first decoder config */
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(wcenc_chunk_timestamp_us(recorder.chunks[i]), 33333 * (int64_t)i);
        assert_int_equal(decoder.frames[i]->pts, 33333 * (int64_t)i);
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), i); /* CFG-014 */
        if (i > 0)
            assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config); /* CFG-014 */
    }
    coding_close(&recorder, &decoder);
}

static void test_all_decodes_with_the_first_decoder_config_whatever_the_bitrate(void **state)
{
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= (row->realtime ? 1 : 0); latency++) {
        wcenc_config config = row_config(row, WIDTH, HEIGHT);

        config.latency_mode = latency;
        config.bitrate = 1000000;
        if (!config_works(&config))
            skip();
        check_new_bitrates(&config);
    }
}

static void record(struct recorder *recorder, const wcenc_config *config)
{
    enum { COUNT = 10 };

    coding_open(recorder, config);
    for (int i = 0; i < COUNT; i++)
        encode(recorder, i);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

/* Encoders that have a tuning for what screens show. */
static bool tunes_for_screens(const struct codec_row *row)
{
    static const char *const encoders[] = {"libvpx-vp9", "libaom-av1", "libsvtav1"};

    for (size_t i = 0; i < sizeof encoders / sizeof encoders[0]; i++)
        if (strcmp(encoders[i], row->encoder) == 0)
            return true;
    return false;
}

/* Bytes may differ; what is said of them may not, and all of it decodes. */
static bool is_same_stream(struct recorder *one, struct recorder *other)
{
    struct decoder decoder;
    bool same = true;

    decode_all(&decoder, other->chunks, other->chunk_count);
    assert_int_equal(decoder.frame_count, one->chunk_count);
    for (int i = 0; i < one->chunk_count; i++) {
        const wcenc_chunk *a = one->chunks[i], *b = other->chunks[i];

        assert_int_equal(wcenc_chunk_type(a), wcenc_chunk_type(b)); /* HNT-002 */
        assert_int_equal(wcenc_chunk_timestamp_us(a), wcenc_chunk_timestamp_us(b));
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), i);
        same = same && wcenc_chunk_byte_length(a) == wcenc_chunk_byte_length(b) &&
               memcmp(wcenc_chunk_data(a), wcenc_chunk_data(b), wcenc_chunk_byte_length(a)) == 0;
    }
    decoder_close(&decoder);
    return same;
}

static void test_a_content_hint_tunes_at_most(void **state)
{
    static const struct {
        const char *hint;
        bool is_screen;
    } hints[] = {{"motion", false}, {"detail", true}, {"text", true}, {"no such hint", false}};
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);
    struct recorder without, with;

    if (!config_works(&config))
        skip();
    record(&without, &config);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        config.content_hint = hints[i].hint;
        record(&with, &config);
        assert_int_equal(is_same_stream(&without, &with), !(hints[i].is_screen && tunes_for_screens(row)));
        recorder_close(&with);
    }
    recorder_close(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_the_bitrate_is_bits_per_second),
        cmocka_unit_test_prestate(test_layers_keep_to_the_bitrate_together, (void *)&codec_rows[2]),
        cmocka_unit_test_prestate(test_layers_keep_to_the_bitrate_together, (void *)&codec_rows[3]),
        FOR_FAST_CODECS(test_black_stays_black_at_a_modest_bitrate),
        FOR_ALL_CODECS(test_all_decodes_with_the_first_decoder_config_whatever_the_bitrate),
        FOR_ALL_CODECS(test_a_content_hint_tunes_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
