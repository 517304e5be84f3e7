/* SPDX-License-Identifier: MIT */

/*
 * A chunk's times and tag are those of the frame that it shows: with B-frames, where chunks come in another order than
 * frames, with timestamps that no clock would give, and with a rate control that must not care.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 192, COUNT = 60, FLUSH_AT = 33, KEY_AT = 47, NONE = -1 };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Durations take turns: one frame in four has none. */
static const struct {
    int32_t given;
    uint64_t us;
} durations[] = {{0, 0}, {1, 0}, {1, 33333}, {1, UINT64_MAX}};

static uint64_t tag_of(int number)
{
    return UINT64_MAX - 7 * (uint64_t)number;
}

static void encode_number(struct recorder *recorder, int number, int64_t timestamp_us, bool key)
{
    wcenc_frame *bare = pattern_frame(WIDTH, HEIGHT, (unsigned)number, timestamp_us), *frame;
    wcenc_frame_overrides overrides;
    wcenc_encode_options options;

    wcenc_frame_overrides_init(&overrides, sizeof overrides);
    overrides.has_duration = durations[(unsigned)number % LENGTH(durations)].given;
    overrides.duration_us = durations[(unsigned)number % LENGTH(durations)].us;
    assert_int_equal(wcenc_frame_create_from(bare, &overrides, &frame), WCENC_OK);
    wcenc_encode_options_init(&options, sizeof options);
    options.user_tag = tag_of(number);
    options.key_frame = key;
    assert_int_equal(wcenc_encoder_encode(recorder->encoder, frame, &options), WCENC_OK);
    wcenc_frame_unref(frame);
    wcenc_frame_unref(bare);
}

/* The chunk is that of frame `number` in all that is not pixels. */
static void check_identity(const wcenc_chunk *chunk, int number, int64_t timestamp_us)
{
    uint64_t duration_us = 1;

    assert_true(wcenc_chunk_get_timestamp_us(chunk) == timestamp_us); /* OUT-001 */
    assert_int_equal(wcenc_chunk_get_duration_us(chunk, &duration_us),
                     durations[(unsigned)number % LENGTH(durations)].given); /* OUT-002 */
    assert_true(duration_us == durations[(unsigned)number % LENGTH(durations)].us);
    assert_true(wcenc_chunk_get_user_tag(chunk) == tag_of(number));
}

static unsigned number_shown(const AVFrame *frame)
{
    return pattern_read(frame->data[0], frame->linesize[0]);
}

struct b_frame_case {
    const char *codec;
    const char *encoder;
    int64_t first_us;
    int64_t steps_us[8]; /* taken in turn; 0 ends */
    int flush_at;
    int key_at;
};

/* clang-format off */
static const struct b_frame_case b_frame_cases[] = {
    {"avc1.64001f", "libx264", 0, {33333}, NONE, NONE},
    {"avc1.64001f", "libx264", -1000000, {1, 100000, 7, 33333, 2500000, 2, 16667}, NONE, KEY_AT},
    {"avc1.64001f", "libx264", 40, {33333, 33334}, FLUSH_AT, KEY_AT},
    {"avc1.64001f", "libx264", INT64_MIN, {1}, FLUSH_AT, NONE},
    {"hvc1.1.6.L93.B0", "libx265", 0, {33333}, NONE, NONE},
    {"hvc1.1.6.L93.B0", "libx265", -1000000, {1, 100000, 7, 33333, 2500000, 2, 16667}, NONE, KEY_AT},
    {"hvc1.1.6.L93.B0", "libx265", 40, {33333, 33334}, FLUSH_AT, KEY_AT},
};
/* clang-format on */

static void timestamps_of(const struct b_frame_case *test, int64_t timestamps_us[COUNT])
{
    int step = 0;

    timestamps_us[0] = test->first_us;
    for (int i = 1; i < COUNT; i++) {
        timestamps_us[i] = timestamps_us[i - 1] + test->steps_us[step];
        step = step + 1 < 8 && test->steps_us[step + 1] ? step + 1 : 0;
    }
}

/* How many frames before it in decoding order are shown after it, at most. */
static uint32_t depth_needed(struct recorder *recorder)
{
    uint32_t most = 0;

    for (int i = 0; i < recorder->chunk_count; i++) {
        uint32_t later = 0;

        for (int j = 0; j < i; j++)
            later +=
                wcenc_chunk_get_timestamp_us(recorder->chunks[j]) > wcenc_chunk_get_timestamp_us(recorder->chunks[i]);
        most = later > most ? later : most;
    }
    return most;
}

static void check_chunk_times(struct recorder *recorder, const int64_t *timestamps_us, int64_t first_us)
{
    bool seen[COUNT] = {false};

    for (int i = 0; i < COUNT; i++) {
        const wcenc_chunk *chunk = recorder->chunks[i];
        int64_t dts_us = wcenc_chunk_get_dts_us(chunk);
        int number = 0;

        while (number < COUNT && timestamps_us[number] != wcenc_chunk_get_timestamp_us(chunk))
            number++;
        assert_true(number < COUNT);
        assert_false(seen[number]);
        seen[number] = true;
        check_identity(chunk, number, timestamps_us[number]);
        assert_true(dts_us <= timestamps_us[number]);
        /* There is no room below the least int64: a stream that begins there cannot keep this at its very start. */
        if (i > 0 && first_us != INT64_MIN)
            assert_true(dts_us > wcenc_chunk_get_dts_us(recorder->chunks[i - 1]));
        if (i > 0)
            assert_true(dts_us >= wcenc_chunk_get_dts_us(recorder->chunks[i - 1]));
    }
}

static void test_with_b_frames_chunks_keep_the_times_of_their_frames(void **state)
{
    const struct b_frame_case *test = *state;
    wcenc_config config = config_for(test->codec, WIDTH, HEIGHT);
    const wcenc_decoder_config *reported;
    int64_t timestamps_us[COUNT];
    struct recorder recorder;
    struct decoder decoder;

    config.encoder_name = test->encoder;
    config.max_b_frames = 3;
    if (!config_works(&config))
        skip();
    timestamps_of(test, timestamps_us);
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i++) {
        if (i == test->flush_at) {
            assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
            assert_int_equal(recorder.chunk_count, FLUSH_AT);
        }
        encode_number(&recorder, i, timestamps_us[i], i == test->key_at);
    }
    /* The decoder refuses chunks that do not come in decoding order. */
    coding_finish(&recorder, &decoder, COUNT);
    check_chunk_times(&recorder, timestamps_us, test->first_us);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(number_shown(decoder.frames[i]), i);
        /* The least int64 is FFmpeg's "no timestamp". */
        if (timestamps_us[i] != INT64_MIN)
            assert_true(decoder.frames[i]->pts == timestamps_us[i]);
    }
    reported = wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config;
    assert_true(reported->reorder_depth > 0);
    assert_true(depth_needed(&recorder) > 0);
    assert_true(reported->reorder_depth >= depth_needed(&recorder));
    coding_close(&recorder, &decoder);
}

static void test_a_key_request_among_b_frames_is_for_that_very_frame(void **state)
{
    const struct b_frame_case *test = *state;
    wcenc_config config = config_for(test->codec, WIDTH, HEIGHT);
    struct recorder recorder;
    struct decoder decoder;
    int at = 0;
    enum { FRAMES = 24, KEY = 13 };

    config.encoder_name = test->encoder;
    config.max_b_frames = 3;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    for (int i = 0; i < FRAMES; i++)
        encode_number(&recorder, i, i, i == KEY);
    coding_finish(&recorder, &decoder, FRAMES);
    while (wcenc_chunk_get_timestamp_us(recorder.chunks[at]) != KEY)
        at++;
    assert_int_equal(wcenc_chunk_get_type(recorder.chunks[at]), WCENC_CHUNK_TYPE_KEY);
    decoder_close(&decoder);
    /* All that follows decodes from there. */
    decoder_open(&decoder, wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config);
    for (int i = at; i < FRAMES; i++)
        decoder_send(&decoder, recorder.chunks[i]);
    decoder_drain(&decoder);
    assert_int_equal(decoder.frame_count, FRAMES - KEY);
    for (int i = KEY; i < FRAMES; i++)
        assert_int_equal(number_shown(decoder.frames[i - KEY]), i);
    coding_close(&recorder, &decoder);
}

static const int64_t extremes_us[] = {0, 0, 33, -5, INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX, 0};

enum { EXTREMES = LENGTH(extremes_us) };

static void run_extremes(const wcenc_config *config)
{
    struct recorder recorder;
    struct decoder decoder;
    bool seen[EXTREMES] = {false};

    coding_open(&recorder, config);
    for (int i = 0; i < EXTREMES; i++)
        encode_number(&recorder, i, extremes_us[i], false);
    coding_finish(&recorder, &decoder, EXTREMES);
    for (int i = 0; i < EXTREMES; i++) {
        const wcenc_chunk *chunk = recorder.chunks[i];
        uint64_t number = (UINT64_MAX - wcenc_chunk_get_user_tag(chunk)) / 7;

        assert_true(number < EXTREMES);
        if (config->max_b_frames == 0)
            assert_int_equal(number, i);
        assert_false(seen[number]);
        seen[number] = true;
        check_identity(chunk, (int)number, extremes_us[number]); /* ENC-013, ENC-014 */
        if (i > 0)
            assert_true(wcenc_chunk_get_dts_us(chunk) >= wcenc_chunk_get_dts_us(recorder.chunks[i - 1]));
        assert_int_equal(number_shown(decoder.frames[i]), i);
    }
    coding_close(&recorder, &decoder);
}

static void test_any_timestamp_comes_back_unchanged(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    for (int latency = 0; latency < (row->realtime ? 2 : 1); latency++) {
        config.latency_mode = latency;
        if (!config_works(&config))
            skip();
        run_extremes(&config);
    }
}

static void test_any_timestamp_comes_back_unchanged_with_b_frames(void **state)
{
    const struct b_frame_case *test = *state;
    wcenc_config config = config_for(test->codec, WIDTH, HEIGHT);

    config.encoder_name = test->encoder;
    config.max_b_frames = 3;
    if (!config_works(&config))
        skip();
    run_extremes(&config);
}

enum { SPACED = 24 };

static uint64_t bytes_at(const wcenc_config *config, int64_t spacing_us)
{
    struct recorder recorder;
    uint64_t bytes = 0;

    coding_open(&recorder, config);
    for (int number = 0; number < SPACED; number++)
        encode_number(&recorder, number, number * spacing_us, false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, SPACED);
    for (int number = 0; number < SPACED; number++)
        bytes += wcenc_chunk_get_byte_length(recorder.chunks[number]);
    recorder_close(&recorder);
    return bytes;
}

static bool follows_timestamps(const wcenc_config *config)
{
    wcenc_config_support *support;
    bool follows;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    follows = support->capabilities & WCENC_CAPABILITY_VARIABLE_FRAMERATE;
    wcenc_config_support_free(support);
    return follows;
}

/* With a framerate it never does. Without one, steps that make no sense are those of 30 frames a second. */
static void test_spacing_of_timestamps_does_not_move_the_bitrate(void **state)
{
    static const int64_t spacings_us[] = {33333, 1, 0, -1000000};
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.bitrate = 300000;
    if (!config_works(&config))
        skip();
    for (int has_framerate = follows_timestamps(&config) ? 0 : 1; has_framerate < 2; has_framerate++) {
        uint64_t usual;

        config.framerate = has_framerate ? 30 : 0;
        usual = bytes_at(&config, spacings_us[0]);
        for (size_t i = 1; i < LENGTH(spacings_us); i++)
            assert_int_equal(bytes_at(&config, spacings_us[i]), usual); /* ENC-015 */
    }
}

/* libx265 knows its own depth from the third frame on only. */
static void test_short_streams_reorder_nothing(void **state)
{
    const struct b_frame_case *test = *state;
    wcenc_config config = config_for(test->codec, WIDTH, HEIGHT);

    config.encoder_name = test->encoder;
    config.max_b_frames = 3;
    if (!config_works(&config))
        skip();
    for (int count = 1; count <= 2; count++) {
        struct recorder recorder;
        struct decoder decoder;

        coding_open(&recorder, &config);
        for (int i = 0; i < count; i++)
            encode_number(&recorder, i, i, false);
        coding_finish(&recorder, &decoder, count);
        assert_int_equal(wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config->reorder_depth, 0);
        for (int i = 0; i < count; i++)
            assert_int_equal(wcenc_chunk_get_dts_us(recorder.chunks[i]), i);
        coding_close(&recorder, &decoder);
    }
}

#define B_FRAMES(test, row) cmocka_unit_test_prestate(test, (void *)&b_frame_cases[row])

int main(void)
{
    const struct CMUnitTest tests[] = {
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 0),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 1),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 2),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 3),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 4),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 5),
        B_FRAMES(test_with_b_frames_chunks_keep_the_times_of_their_frames, 6),
        B_FRAMES(test_a_key_request_among_b_frames_is_for_that_very_frame, 0),
        B_FRAMES(test_a_key_request_among_b_frames_is_for_that_very_frame, 4),
        B_FRAMES(test_any_timestamp_comes_back_unchanged_with_b_frames, 0),
        B_FRAMES(test_any_timestamp_comes_back_unchanged_with_b_frames, 4),
        B_FRAMES(test_short_streams_reorder_nothing, 0),
        B_FRAMES(test_short_streams_reorder_nothing, 4),
        FOR_ALL_CODECS(test_any_timestamp_comes_back_unchanged),
        FOR_ALL_CODECS(test_spacing_of_timestamps_does_not_move_the_bitrate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
