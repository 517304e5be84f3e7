/* SPDX-License-Identifier: MIT */

/* WCENC_BITRATE_CONSTANT_QUALITY: what a quality comes to, with a cap and without. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 160, HEIGHT = 128, COUNT = 4, FRAMERATE = 30, SECONDS = 2, SHORT_COUNT = 12 };

static double quality_max(const struct codec_row *row)
{
    return row->codec[0] == 'a' && row->codec[2] == 'c' ? 51 : row->codec[0] == 'h' ? 51 : 63;
}

static double default_quality(const struct codec_row *row)
{
    return strncmp(row->codec, "avc1", 4) == 0 ? 23
           : strcmp(row->name, "HEVC") == 0    ? 28
           : strcmp(row->codec, "vp8") == 0    ? 24
                                               : 32;
}

static wcenc_config quality_config(const struct codec_row *row, double quality, wcenc_latency_mode latency)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.bitrate = 0;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT_QUALITY;
    config.has_quality = 1;
    config.quality = quality;
    config.latency_mode = latency;
    return config;
}

static void record(struct recorder *recorder, const wcenc_config *config, int count)
{
    coding_open(recorder, config);
    for (int i = 0; i < count; i++)
        coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, 33333 * (int64_t)i), false);
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("%s: %s", config->encoder_name, recorder->error_message);
    assert_int_equal(recorder->chunk_count, count);
}

static size_t bytes_of(const struct recorder *recorder)
{
    size_t bytes = 0;

    for (int i = 0; i < recorder->chunk_count; i++)
        bytes += wcenc_chunk_get_byte_length(recorder->chunks[i]);
    return bytes;
}

static size_t size_with(const wcenc_config *config, int count)
{
    struct recorder recorder;
    size_t bytes;

    record(&recorder, config, count);
    bytes = bytes_of(&recorder);
    recorder_close(&recorder);
    return bytes;
}

/* The mean squared error of luma, over all frames. */
static double error_of(struct recorder *recorder)
{
    static uint8_t drawn[WIDTH * HEIGHT * 3 / 2];
    struct decoder decoder;
    double sum = 0;

    decode_all(&decoder, recorder->chunks, recorder->chunk_count);
    assert_int_equal(decoder.frame_count, recorder->chunk_count);
    for (int i = 0; i < decoder.frame_count; i++) {
        const AVFrame *frame = decoder.frames[i];

        pattern_draw(drawn, WIDTH, HEIGHT, (unsigned)i % 256);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                double difference = frame->data[0][(ptrdiff_t)y * frame->linesize[0] + x] - drawn[y * WIDTH + x];

                sum += difference * difference;
            }
    }
    decoder_close(&decoder);
    return sum;
}

static void test_lower_qualities_are_larger_and_nearer(void **state)
{
    static const double parts[] = {0, 0.5, 1};
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        size_t bytes_before = SIZE_MAX;
        double error_before = -1;

        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            wcenc_config config = quality_config(row, round(parts[i] * quality_max(row)), latency);
            struct recorder recorder;
            size_t bytes;
            double error;

            if (latency == WCENC_LATENCY_REALTIME && !row->realtime)
                continue;
            if (!config_works(&config))
                continue;
            record(&recorder, &config, COUNT);
            bytes = bytes_of(&recorder);
            error = error_of(&recorder);
            recorder_close(&recorder);
            print_message("%s, latency %d, quality %g: %zu bytes, error %.0f\n", row->name, latency, config.quality,
                          bytes, error);
            assert_true(bytes < bytes_before); /* RC-010 */
            assert_true(error > error_before);
            bytes_before = bytes;
            error_before = error;
        }
    }
}

static void test_the_default_is_that_of_the_header(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = quality_config(row, default_quality(row), WCENC_LATENCY_QUALITY);
    size_t bytes;

    if (!config_works(&config))
        skip();
    bytes = size_with(&config, COUNT);
    config.has_quality = 0;
    config.quality = 0;
    assert_int_equal(size_with(&config, COUNT), bytes); /* RC-011 */
    config.quality = default_quality(row) / 2;          /* has_quality is for a 0 only */
    assert_true(size_with(&config, COUNT) > bytes);
}

static double rate_of(const wcenc_config *config, int count)
{
    return (double)size_with(config, count) * 8 * FRAMERATE / count;
}

/* Beside the cap the buffer may be spent, which holds a second of it. */
static void test_a_bitrate_is_a_cap(void **state)
{
    enum { CAP = 100000 };
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= WCENC_LATENCY_REALTIME; latency++) {
        wcenc_config config = quality_config(row, 6, latency);
        double without, with, loose;

        if (latency == WCENC_LATENCY_REALTIME && !row->realtime)
            continue;
        config.bitrate = CAP;
        if (!config_works(&config))
            continue;
        with = rate_of(&config, SECONDS * FRAMERATE);
        config.bitrate = 9000000;            /* more than the quality needs */
        loose = rate_of(&config, FRAMERATE); /* some come near the quality in the course of a second */
        config.bitrate = 0;
        without = rate_of(&config, SHORT_COUNT);
        print_message("%s, latency %d: %.0f with a cap of %d, %.0f of 9000000, %.0f without\n", row->name, latency,
                      with, CAP, loose, without);
        assert_true(with <= 1.05 * CAP * (SECONDS + 1) / SECONDS); /* RC-012 */
        assert_true(without >= 3 * with && loose >= 3 * with);
    }
}

/* The answer, which configure has to agree with. */
static bool is_supported(const wcenc_config *config, char reason[512])
{
    wcenc_config_support *support;
    struct recorder recorder;
    bool supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    supported = support->supported;
    (void)snprintf(reason, 512, "%s", support->reason ? support->reason : "");
    wcenc_config_support_free(support);
    recorder_open(&recorder);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, config), WCENC_OK);
    if (!supported) {
        recorder_wait(&recorder, &recorder.error_count, 1);
        assert_int_equal(recorder.error, WCENC_ERROR_NOT_SUPPORTED);
        assert_string_equal(recorder.error_message, reason);
    }
    recorder_close(&recorder);
    return supported;
}

static void test_what_is_no_quality_is_refused(void **state)
{
    static const double not_numbers[] = {NAN, INFINITY, -INFINITY};
    const struct codec_row *row = *state;
    wcenc_config config = quality_config(row, 20, WCENC_LATENCY_QUALITY);
    wcenc_config_support *support;
    char reason[512];

    if (!config_works(&config))
        skip();
    for (size_t i = 0; i < sizeof not_numbers / sizeof not_numbers[0]; i++) {
        config.quality = not_numbers[i];
        assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_ERROR_TYPE);
        assert_non_null(strstr(wcenc_last_error(), "quality"));
    }
    config.quality = quality_max(row);
    assert_true(is_supported(&config, reason));
    for (int i = 0; i < 2; i++) {
        config.quality = i ? -0.5 : quality_max(row) + 0.5;
        assert_false(is_supported(&config, reason)); /* RC-011 */
        assert_non_null(strstr(reason, "quality"));
    }
    config.quality = 20;
    config.bitrate_mode = WCENC_BITRATE_VARIABLE;
    assert_false(is_supported(&config, reason));
    assert_non_null(strstr(reason, "quality"));
    config.bitrate_mode = WCENC_BITRATE_QUANTIZER + 1;
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_ERROR_TYPE);
    config = quality_config(row, 20, WCENC_LATENCY_QUALITY);
    config.scalability_mode = "L1T2";
    assert_false(is_supported(&config, reason));
}

/* The default bitrate is a guess: it caps nothing that the options ask for. */
static void test_crf_is_capped_by_a_bitrate_that_is_set_only(void **state)
{
    enum { CAP = 30000 };
    const struct codec_row *row = *state;
    wcenc_config config = quality_config(row, 6, WCENC_LATENCY_QUALITY);
    size_t uncapped, by_options;

    /* Native encoders have no crf: it is FFmpeg's word for what the configuration says. */
    if (strncmp(row->encoder, "native-", strlen("native-")) == 0 || !config_works(&config))
        skip();
    uncapped = size_with(&config, SHORT_COUNT);
    config = row_config(row, WIDTH, HEIGHT);
    config.latency_mode = WCENC_LATENCY_QUALITY;
    config.encoder_options = "crf=6";
    config.bitrate = 0;
    by_options = size_with(&config, SHORT_COUNT);
    print_message("%s: %zu by crf, %zu by quality\n", row->name, by_options, uncapped);
    /* To libvpx crf is the quality of frames between key frames only. */
    if (strcmp(row->encoder, "libvpx") != 0)
        assert_true(fabs((double)by_options / (double)uncapped - 1) < 0.01); /* RC-013 */
    config.bitrate = CAP;
    assert_true(size_with(&config, SHORT_COUNT) < by_options * 3 / 4);
}

static void test_a_new_cap_takes_effect_while_running(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = quality_config(row, 6, WCENC_LATENCY_REALTIME);
    struct recorder recorder;
    size_t before = 0, after = 0;

    if (!config_works(&config))
        skip();
    config.bitrate = 400000;
    config.framerate = FRAMERATE;
    coding_open(&recorder, &config);
    for (int i = 0; i < 4 * FRAMERATE; i++) {
        if (i == 2 * FRAMERATE) {
            config.bitrate = 100000;
            assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        }
        coding_encode(&recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i % 256, 33333 * (int64_t)i), false);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 4 * FRAMERATE);
    for (int i = 0; i < recorder.chunk_count; i++) {
        bool is_live = strcmp(row->encoder, "libx264") == 0;

        if (i > 0 && is_live)
            assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]), WCENC_CHUNK_TYPE_DELTA); /* CFG-014 */
        if (i >= FRAMERATE && i < 2 * FRAMERATE)
            before += wcenc_chunk_get_byte_length(recorder.chunks[i]);
        if (i >= 3 * FRAMERATE)
            after += wcenc_chunk_get_byte_length(recorder.chunks[i]);
    }
    assert_true((double)before * 8 > 250000 && (double)after * 8 < 1.2 * 100000);
    recorder_close(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_lower_qualities_are_larger_and_nearer),
        FOR_FAST_CODECS(test_the_default_is_that_of_the_header),
        FOR_FAST_CODECS(test_a_bitrate_is_a_cap),
        cmocka_unit_test_prestate(test_a_bitrate_is_a_cap, (void *)&codec_rows[6]),
        FOR_FAST_CODECS(test_what_is_no_quality_is_refused),
        FOR_FAST_CODECS(test_crf_is_capped_by_a_bitrate_that_is_set_only),
        cmocka_unit_test_prestate(test_a_new_cap_takes_effect_while_running, (void *)&codec_rows[0]),
        cmocka_unit_test_prestate(test_a_new_cap_takes_effect_while_running, (void *)&codec_rows[1]),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
