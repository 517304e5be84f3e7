/* SPDX-License-Identifier: MIT */

/* Framerates from 0.001 to 10000: every encoder opens and spends the bits that the bitrate and the framerate make. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 160, HEIGHT = 128, COUNT = 6, LONG_COUNT = 90 };

/* What `count` frames come to, as a part of the bitrate. */
static double rate_of(const wcenc_config *config, int count)
{
    struct recorder recorder;
    size_t bytes = 0;

    coding_open(&recorder, config);
    for (int i = 0; i < count; i++)
        coding_encode(&recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, 33333 * (int64_t)i), false);
    if (wcenc_encoder_flush(recorder.encoder) != WCENC_OK)
        fail_msg("%s at %g: %s", config->encoder_name, config->framerate, recorder.error_message);
    assert_int_equal(recorder.chunk_count, count);
    for (int i = 0; i < count; i++)
        bytes += wcenc_chunk_get_byte_length(recorder.chunks[i]);
    recorder_close(&recorder);
    return (double)bytes * 8 / count * config->framerate / (double)config->bitrate;
}

static wcenc_config config_at(const struct codec_row *row, double framerate, double bits_per_frame)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    /* Levels that hold 10000 frames a second. */
    if (strncmp(row->codec, "avc1", 4) == 0)
        config.codec = "avc1.64003c";
    if (strncmp(row->codec, "hvc1", 4) == 0)
        config.codec = "hvc1.1.6.L156.B0";
    config.framerate = framerate;
    config.bitrate = (uint64_t)fmax(1, round(bits_per_frame * framerate));
    config.key_interval = 300;
    return config;
}

static void test_every_framerate_opens_and_encodes(void **state)
{
    static const double framerates[] = {0.001, 0.9, 10000};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < sizeof framerates / sizeof framerates[0]; i++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
            wcenc_config config = config_at(row, 30, 8000);

            config.bitrate_mode = mode;
            if (!config_works(&config))
                continue;
            config = config_at(row, framerates[i], 5000);
            config.bitrate_mode = mode;
            if (!config_works(&config))
                fail_msg("%s does not open at %g", row->name, framerates[i]);
            (void)rate_of(&config, 3);
        }
}

static void record(struct recorder *recorder, const wcenc_config *config)
{
    coding_open(recorder, config);
    for (int i = 0; i < COUNT; i++)
        coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, 33333 * (int64_t)i), false);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

/* Where rate control does not count right with a framerate, each frame has the very bits that it has at 30. */
static void test_frames_have_the_same_bits_at_extreme_framerates(void **state)
{
    static const double framerates[] = {0.001, 0.5, 10000};
    const struct codec_row *row = *state;
    wcenc_config config = config_at(row, 30, 8000);
    struct recorder usual, extreme;

    if (!config_works(&config))
        skip();
    record(&usual, &config);
    for (size_t i = 0; i < sizeof framerates / sizeof framerates[0]; i++) {
        config = config_at(row, framerates[i], 8000);
        record(&extreme, &config);
        for (int k = 0; k < COUNT; k++) {
            const size_t size = wcenc_chunk_get_byte_length(usual.chunks[k]);

            assert_int_equal(wcenc_chunk_get_byte_length(extreme.chunks[k]), size);
            assert_memory_equal(wcenc_chunk_get_data(extreme.chunks[k]), wcenc_chunk_get_data(usual.chunks[k]),
                                size); /* RC-001 */
        }
        recorder_close(&extreme);
    }
    recorder_close(&usual);
}

static void test_the_bitrate_is_kept_at_low_and_high_framerates(void **state)
{
    static const double framerates[] = {0.5, 5, 1000};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < sizeof framerates / sizeof framerates[0]; i++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
            wcenc_config config = config_at(row, framerates[i], mode == WCENC_BITRATE_CONSTANT ? 12000 : 8000);
            double rate;

            config.bitrate_mode = mode;
            if (!config_works(&config))
                continue;
            rate = rate_of(&config, LONG_COUNT);
            print_message("%s, mode %d, %g frames a second: %.3f\n", row->name, mode, framerates[i], rate);
            assert_true(fabs(rate - 1) <= 0.15); /* RC-001 */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_every_framerate_opens_and_encodes),
        cmocka_unit_test_prestate(test_frames_have_the_same_bits_at_extreme_framerates, (void *)&codec_rows[2]),
        cmocka_unit_test_prestate(test_frames_have_the_same_bits_at_extreme_framerates, (void *)&codec_rows[3]),
        cmocka_unit_test_prestate(test_frames_have_the_same_bits_at_extreme_framerates, (void *)&codec_rows[4]),
        cmocka_unit_test_prestate(test_frames_have_the_same_bits_at_extreme_framerates, (void *)&codec_rows[5]),
        cmocka_unit_test_prestate(test_frames_have_the_same_bits_at_extreme_framerates, (void *)&codec_rows[6]),
        FOR_FAST_CODECS(test_the_bitrate_is_kept_at_low_and_high_framerates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
