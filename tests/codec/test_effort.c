/* SPDX-License-Identifier: MIT */

/* Steps of effort: each makes another stream, none delays more, and a change of it opens the encoder again. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 128, HEIGHT = 96, STEPS = 5, LEAST = -2, FRAMES_BEYOND_DELAY = 6 };

/* Set by the argument --long: every encoder, and frames beyond its delay. */
static bool is_long;

/* What a stream is known by. */
struct step {
    uint64_t hash;
    uint32_t delay;
};

/* A slope that moves, with noise, so that encoders have something to decide on. */
static wcenc_frame *busy_frame(int number)
{
    static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];
    uint32_t random = 1 + (uint32_t)number;

    for (size_t i = 0; i < sizeof pixels; i++) {
        const size_t x = i % WIDTH, y = i / WIDTH;

        random = random * 1664525 + 1013904223;
        pixels[i] = i < WIDTH * HEIGHT ? (uint8_t)(64 + (x * 3 + y * 2 + 5 * (size_t)number) % 96 + (random >> 28))
                                       : (uint8_t)(112 + (x / 8 + (size_t)number) % 32);
    }
    return i420_frame(pixels, WIDTH, HEIGHT, 33333 * (int64_t)number);
}

static uint64_t hash_chunk(uint64_t hash, const wcenc_chunk *chunk)
{
    const uint8_t *data = wcenc_chunk_get_data(chunk);
    const size_t size = wcenc_chunk_get_byte_length(chunk);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * UINT64_C(1099511628211);
    return hash;
}

static bool find_delay(const wcenc_config *config, uint32_t *delay)
{
    wcenc_config_support *support;
    bool is_supported;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    is_supported = support->supported;
    *delay = support->delay_frames;
    if (!is_supported)
        print_message("left out: %s\n", support->reason);
    wcenc_config_support_free(support);
    return is_supported;
}

/* Encodes a few frames; in the long form beyond those that are delayed, whose chunks come without a flush. */
static struct step encode_step(const wcenc_config *config)
{
    struct step step = {.hash = UINT64_C(14695981039346656037)};
    struct recorder recorder;
    int count;

    assert_true(find_delay(config, &step.delay));
    count = (is_long || config->max_delay_frames ? (int)step.delay : 0) + FRAMES_BEYOND_DELAY;
    coding_open(&recorder, config);
    for (int i = 0; i < count; i++) {
        coding_encode(&recorder, busy_frame(i), false);
        recorder_wait(&recorder, &recorder.chunk_count, i + 1 - (int)step.delay);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, count);
    for (int i = 0; i < recorder.chunk_count; i++)
        step.hash = hash_chunk(step.hash, recorder.chunks[i]);
    recorder_close(&recorder);
    return step;
}

/* OpenH264 has three complexities, of which two code pictures of this size alike. */
static int fewest_streams(const wcenc_config *config)
{
    return config->encoder_name && strcmp(config->encoder_name, "native-openh264") == 0 ? 2 : STEPS;
}

static void check_steps(wcenc_config config)
{
    struct step steps[STEPS];
    int streams = 1;
    uint32_t delay;

    if (!find_delay(&config, &delay))
        return;
    for (int i = 0; i < STEPS; i++) {
        config.effort = LEAST + i;
        steps[i] = encode_step(&config);
        assert_int_equal(steps[i].delay, delay);
        streams += i > 0 && steps[i].hash != steps[i - 1].hash;
        for (int k = 0; k + 1 < i; k++)
            if (steps[k].hash == steps[i].hash && steps[k].hash != steps[i - 1].hash)
                fail_msg("effort %d makes the stream of effort %d", LEAST + i, LEAST + k);
    }
    if (streams < fewest_streams(&config))
        fail_msg("%s makes %d streams of %d steps of effort", config.codec, streams, STEPS);
}

static wcenc_config config_of(const struct codec_row *row, wcenc_latency_mode latency)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.latency_mode = latency;
    config.bitrate = 400000;
    config.threads = 1;
    return config;
}

static void test_each_step_makes_another_stream_and_none_delays_more(void **state)
{
    const struct codec_row *row = *state;
    const wcenc_config realtime = config_of(row, WCENC_LATENCY_REALTIME);

    if (!is_long && row >= &codec_rows[CODEC_ROWS_FAST])
        skip();
    check_steps(config_of(row, WCENC_LATENCY_QUALITY));
    if (row->realtime)
        check_steps(realtime);
}

/* B-frames are placed another way by slow presets, which must not delay more than was asked for. */
static void test_a_bound_of_the_delay_holds_at_every_step(void **state)
{
    static const struct {
        const char *codec;
        uint32_t bound;
    } codecs[] = {{"avc1.64001f", 9}, {"hvc1.1.6.L93.B0", 12}};

    (void)state;
    for (size_t i = 0; i < (is_long ? sizeof codecs / sizeof codecs[0] : 1); i++) {
        wcenc_config config = config_for(codecs[i].codec, WIDTH, HEIGHT);

        config.bitrate = 400000;
        config.threads = 1;
        config.max_b_frames = 2;
        config.max_delay_frames = codecs[i].bound;
        if (config_works(&config))
            check_steps(config);
    }
}

static void test_a_change_of_effort_opens_the_encoder_again(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, row->realtime ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY);
    struct recorder recorder;

    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    coding_encode(&recorder, busy_frame(0), false);
    coding_encode(&recorder, busy_frame(1), false);
    config.effort = -1;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    coding_encode(&recorder, busy_frame(2), false);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    coding_encode(&recorder, busy_frame(3), false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                         i % 2 == 0 ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
    recorder_close(&recorder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_each_step_makes_another_stream_and_none_delays_more),
        cmocka_unit_test(test_a_bound_of_the_delay_holds_at_every_step),
        FOR_FAST_CODECS(test_a_change_of_effort_opens_the_encoder_again),
    };

    is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
