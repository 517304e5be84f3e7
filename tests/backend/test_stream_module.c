/* SPDX-License-Identifier: MIT */

/* The stream on its own, over the scripted backend: no encoder, no thread, no lock. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "compiler.h"
#include "config.h"
#include "stream.h"

#include "../support/pattern.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 128, HEIGHT = 64, CHUNKS_MAX = 16 };

struct fixture {
    struct stream stream;
    struct log log;
    struct failure failure;
    wcenc_chunk *chunks[CHUNKS_MAX];
    int count;
    int stop_after; /* chunks; -1: never */
    struct timeline_entry drops[CHUNKS_MAX];
    int drop_count;
};

static enum stream_result take(void *self, wcenc_chunk *chunk, struct failure *failure)
{
    struct fixture *fixture = self;

    (void)failure;
    assert_true(fixture->count < CHUNKS_MAX);
    fixture->chunks[fixture->count++] = chunk;
    return fixture->count == fixture->stop_after ? STREAM_STOPPED : STREAM_OK;
}

static enum stream_result take_drop(void *self, const struct timeline_entry *frame, struct failure *failure)
{
    struct fixture *fixture = self;

    (void)failure;
    assert_true(fixture->drop_count < CHUNKS_MAX);
    fixture->drops[fixture->drop_count++] = *frame;
    return STREAM_OK;
}

static wcenc_config config_of(uint32_t width, uint64_t bitrate)
{
    wcenc_config given;

    wcenc_config_init(&given, sizeof given);
    given.codec = "avc1.42001e";
    given.encoder_name = "scripted";
    given.width = width;
    given.height = HEIGHT;
    given.bitrate = bitrate;
    return given;
}

static enum stream_result configure_with(struct fixture *fixture, const wcenc_config *given)
{
    struct encoder_config *config;
    enum stream_result result;

    assert_int_equal(wcenc__config_create(given, false, &config), WCENC_OK);
    result = wcenc__stream_configure(&fixture->stream, config, &fixture->failure);
    wcenc__config_unref(config);
    return result;
}

static enum stream_result configure(struct fixture *fixture, uint32_t width, uint64_t bitrate)
{
    const wcenc_config given = config_of(width, bitrate);

    return configure_with(fixture, &given);
}

static void open_fixture(struct fixture *fixture)
{
    const struct stream_sink sink = {fixture, take, take_drop};

    memset(fixture, 0, sizeof *fixture);
    fixture->stop_after = -1;
    scripted_install();
    wcenc__stream_init(&fixture->stream, &fixture->log, NULL, &sink);
}

static void close_fixture(struct fixture *fixture)
{
    wcenc__stream_free(&fixture->stream);
    for (int i = 0; i < fixture->count; i++)
        wcenc_chunk_unref(fixture->chunks[i]);
    assert_int_equal(scripted.opened - (scripted.fail_open == 0), scripted.closed);
    scripted_remove();
}

/* Takes over the frame. */
static enum stream_result encode_asking(struct fixture *fixture, wcenc_frame *frame, int64_t timestamp_us, bool key)
{
    struct queued_frame queued = {.user_tag = (uint64_t)timestamp_us + 100, .quantizer = -1, .key_frame = key};
    enum stream_result result;

    assert_true(wcenc__frame_view(frame, &queued.frame));
    wcenc_frame_unref(frame);
    result = wcenc__stream_encode(&fixture->stream, &queued, &fixture->failure);
    wcenc__frame_view_release(&queued.frame);
    return result;
}

static enum stream_result encode_frame(struct fixture *fixture, wcenc_frame *frame, int64_t timestamp_us)
{
    return encode_asking(fixture, frame, timestamp_us, false);
}

static enum stream_result encode_sized(struct fixture *fixture, uint32_t width, int64_t timestamp_us)
{
    return encode_frame(fixture, pattern_frame(width, HEIGHT, 1, timestamp_us), timestamp_us);
}

static enum stream_result encode(struct fixture *fixture, int64_t timestamp_us)
{
    return encode_sized(fixture, WIDTH, timestamp_us);
}

static void check_chunk(const struct fixture *fixture, int index, int64_t timestamp_us, bool is_key)
{
    const wcenc_chunk *chunk = fixture->chunks[index];

    assert_true(index < fixture->count);
    assert_int_equal(wcenc_chunk_get_timestamp_us(chunk), timestamp_us);
    assert_int_equal(wcenc_chunk_get_user_tag(chunk), timestamp_us + 100);
    assert_int_equal(wcenc_chunk_get_type(chunk), is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
}

static void test_a_chunk_has_what_its_frame_travelled_with(void **state)
{
    const int64_t times[] = {50, 50, -3, INT64_MAX - 100};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    assert_int_equal(scripted.opened, 0); /* the first frame opens the encoder */
    for (int i = 0; i < 4; i++)
        assert_int_equal(encode(&fixture, times[i]), STREAM_OK);
    assert_int_equal(fixture.count, 4);
    for (int i = 0; i < 4; i++)
        check_chunk(&fixture, i, times[i], i == 0);
    assert_non_null(wcenc_chunk_get_metadata(fixture.chunks[0])->decoder_config);
    assert_null(wcenc_chunk_get_metadata(fixture.chunks[1])->decoder_config);
    close_fixture(&fixture);
}

static void test_a_flush_gets_delayed_frames_out_and_reopens_for_the_next(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted.held = 2;
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(encode(&fixture, i), STREAM_OK);
    assert_int_equal(fixture.count, 1);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    assert_int_equal(fixture.count, 3);
    /* Nothing is delayed: nothing is done. */
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    assert_int_equal(scripted.drained, 1);
    assert_int_equal(encode(&fixture, 3), STREAM_OK);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    assert_int_equal(scripted.opened, 2);
    check_chunk(&fixture, 3, 3, true);
    close_fixture(&fixture);
}

static void test_a_flush_keeps_an_encoder_that_continues(void **state)
{
    enum { COUNT = 9 };

    (void)state;
    for (uint32_t held = 0; held < 4; held++) {
        struct fixture fixture;

        open_fixture(&fixture);
        scripted_candidate.capabilities |= ENCODER_CONTINUES;
        scripted.held = held;
        assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(encode(&fixture, i), STREAM_OK);
            if (i % 3 == 2) {
                assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
                assert_int_equal(fixture.count, i + 1);
            }
        }
        assert_int_equal(scripted.opened, 1);
        assert_int_equal(scripted.drained, held ? COUNT / 3 : 0);
        for (int i = 0; i < COUNT; i++)
            check_chunk(&fixture, i, i, i == 0); /* FLU-007 */
        /* For another size it is drained and closed all the same. */
        assert_int_equal(encode(&fixture, COUNT), STREAM_OK);
        assert_int_equal(configure(&fixture, 2 * WIDTH, 0), STREAM_OK);
        assert_int_equal(fixture.count, COUNT + 1);
        assert_int_equal(encode_sized(&fixture, 2 * WIDTH, COUNT + 1), STREAM_OK);
        assert_int_equal(scripted.opened, 2);
        close_fixture(&fixture);
    }
}

static void test_a_change_of_bitrate_keeps_the_encoder_where_it_can(void **state)
{
    struct fixture fixture;

    (void)state;
    for (int reconfigures = 0; reconfigures < 2; reconfigures++) {
        open_fixture(&fixture);
        scripted.reconfigures = reconfigures ? CONFIG_BITRATE : 0;
        assert_int_equal(configure(&fixture, WIDTH, 100000), STREAM_OK);
        assert_int_equal(encode(&fixture, 0), STREAM_OK);
        assert_int_equal(configure(&fixture, WIDTH, 200000), STREAM_OK);
        assert_int_equal(encode(&fixture, 1), STREAM_OK);
        assert_int_equal(scripted.opened, reconfigures ? 1 : 2);
        check_chunk(&fixture, 1, 1, !reconfigures);
        assert_int_equal(configure(&fixture, WIDTH + 16, 200000), STREAM_OK);
        assert_int_equal(encode_sized(&fixture, WIDTH + 16, 2), STREAM_OK);
        check_chunk(&fixture, 2, 2, true);
        close_fixture(&fixture);
    }
}

/* What an encoder is asked to take on, whether it does, and whether frames are delayed. */
static void test_an_encoder_receives_what_changes_and_answers_for_each(void **state)
{
    enum { RATES = CONFIG_BITRATE | CONFIG_FRAMERATE };
    static const struct {
        uint32_t width;
        uint64_t bitrate;
        double framerate;
        uint32_t held;
        uint32_t takes;
        uint32_t asked; /* 0: it is not asked */
        bool stays;
        bool is_key;
    } rows[] = {
        {WIDTH, 200000, 0, 0, RATES, CONFIG_BITRATE, true, false},
        {WIDTH, 100000, 60, 0, RATES, CONFIG_FRAMERATE, true, false},
        {WIDTH, 200000, 60, 0, RATES, RATES, true, false},
        {WIDTH, 200000, 60, 0, CONFIG_BITRATE, RATES, false, true},
        {2 * WIDTH, 100000, 0, 0, RATES | CONFIG_SIZE, CONFIG_SIZE, true, true},
        {2 * WIDTH, 200000, 0, 0, RATES | CONFIG_SIZE, CONFIG_BITRATE | CONFIG_SIZE, true, true},
        {2 * WIDTH, 200000, 0, 0, RATES, CONFIG_BITRATE | CONFIG_SIZE, false, true},
        {2 * WIDTH, 100000, 0, 1, RATES | CONFIG_SIZE, 0, false, true},
        {WIDTH, 200000, 0, 1, RATES, CONFIG_BITRATE, true, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        wcenc_config given = config_of(rows[i].width, rows[i].bitrate);
        struct fixture fixture;

        open_fixture(&fixture);
        scripted.held = rows[i].held;
        scripted.reconfigures = rows[i].takes;
        given.framerate = rows[i].framerate;
        assert_int_equal(configure(&fixture, WIDTH, 100000), STREAM_OK);
        assert_int_equal(encode(&fixture, 0), STREAM_OK);
        assert_int_equal(configure_with(&fixture, &given), STREAM_OK);
        assert_int_equal(scripted.changes, rows[i].asked);
        assert_int_equal(encode_sized(&fixture, rows[i].width, 1), STREAM_OK);
        assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
        assert_int_equal(scripted.opened, rows[i].stays ? 1 : 2);
        check_chunk(&fixture, 0, 0, true);
        check_chunk(&fixture, 1, 1, rows[i].is_key);
        if (rows[i].width != WIDTH)
            assert_int_equal(wcenc_chunk_get_metadata(fixture.chunks[1])->decoder_config->coded_width, 2 * WIDTH);
        else
            assert_null(wcenc_chunk_get_metadata(fixture.chunks[1])->decoder_config);
        close_fixture(&fixture);
    }
}

static void test_frames_of_another_size_are_converted(void **state)
{
    const uint8_t color[] = {77, 128, 128};
    struct fixture fixture;
    wcenc_frame *frame;

    (void)state;
    open_fixture(&fixture);
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    frame = flat_frame(WCENC_PIXEL_FORMAT_I420, 4 * WIDTH, 3 * HEIGHT, color, NULL, 0);
    assert_int_equal(encode_frame(&fixture, frame, 0), STREAM_OK);
    assert_int_equal(fixture.count, 1);
    assert_int_equal(fixture.stream.converted.width, WIDTH);
    assert_int_equal(fixture.stream.converted.height, HEIGHT);
    assert_ptr_equal(scripted.planes[0], fixture.stream.converted.planes[0]);
    assert_int_equal(scripted.lumas[0], 77);
    assert_true(fixture.stream.converting_ns > 0);
    close_fixture(&fixture);
}

static void test_a_failure_closes_the_backend_and_says_why(void **state)
{
    struct fixture fixture;

    (void)state;
    for (int what = 0; what < 5; what++) {
        open_fixture(&fixture);
        scripted.fail_open = what == 0 ? 0 : -1;
        scripted.fail_send = what == 1 ? 0 : -1;
        scripted.fail_receive = what == 2 ? 0 : -1;
        scripted.stray_packet = what == 3 ? 0 : -1;
        scripted.layer_packet = what == 4 ? 0 : -1;
        assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
        assert_int_equal(encode(&fixture, 0), STREAM_FAILED);
        assert_int_equal(fixture.failure.status, what == 0 ? WCENC_ERROR_NOT_SUPPORTED : WCENC_ERROR_ENCODING);
        assert_non_null(strstr(fixture.failure.message, "scripted"));
        assert_null(fixture.stream.coder.backend);
        close_fixture(&fixture);
    }
}

static void test_a_sink_that_stops_ends_the_call_at_once(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted.held = 2;
    fixture.stop_after = 2;
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(encode(&fixture, i), STREAM_OK);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_STOPPED);
    assert_int_equal(fixture.count, 2);
    /* As after a reset of the encoder. */
    wcenc__stream_reset(&fixture.stream, 1);
    assert_null(fixture.stream.coder.backend);
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    assert_int_equal(encode(&fixture, 9), STREAM_OK);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    check_chunk(&fixture, 2, 9, true);
    close_fixture(&fixture);
}

static void test_a_pattern_of_layers_restarts_at_key_frames(void **state)
{
    /* L1T3: what the frame of each step reads and writes. */
    static const struct layer_step steps[] = {{0, 1, 1}, {2, 1, 0}, {1, 1, 2}, {2, 3, 0}};
    enum { ASKED = 6, OPENED = 9, COUNT = 12 };
    wcenc_config given = config_of(WIDTH, 0);
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted.held = 2; /* frames are found by their count, not by when they come out */
    given.scalability_mode = "L1T3";
    assert_int_equal(configure_with(&fixture, &given), STREAM_OK);
    for (int i = 0; i < COUNT; i++) {
        if (i == OPENED)
            assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
        assert_int_equal(encode_asking(&fixture, pattern_frame(WIDTH, HEIGHT, 1, i), i, i == ASKED), STREAM_OK);
    }
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    for (int i = 0; i < COUNT; i++) {
        const int begins = i < ASKED ? 0 : i < OPENED ? ASKED : OPENED;
        const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(fixture.chunks[i]);

        check_chunk(&fixture, i, i, i == begins);
        assert_memory_equal(&scripted.layer_steps[i], &steps[(i - begins) % 4], sizeof steps[0]);
        assert_int_equal(metadata->has_svc, 1);
        assert_int_equal(metadata->temporal_layer_id, steps[(i - begins) % 4].layer);
    }
    close_fixture(&fixture);
}

/* Also those of a frame that becomes a key frame, which a backend does not look at. */
static void test_manual_steps_reach_the_encoder(void **state)
{
    static const struct layer_step steps[] = {{0, 5, 2}, {0, 1, 0}, {0, 0, 7}, {0, 0, 0}, {0, 6, 1}};
    wcenc_config given = config_of(WIDTH, 0);
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted_candidate.capabilities |= ENCODER_HAS_REFERENCES;
    given.scalability_mode = "manual";
    assert_int_equal(configure_with(&fixture, &given), STREAM_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, 1, (int64_t)i);
        struct queued_frame queued = {.quantizer = -1, .references = steps[i].references, .updates = steps[i].updates};

        assert_true(wcenc__frame_view(frame, &queued.frame));
        wcenc_frame_unref(frame);
        assert_int_equal(wcenc__stream_encode(&fixture.stream, &queued, &fixture.failure), STREAM_OK);
        wcenc__frame_view_release(&queued.frame);
        assert_memory_equal(&scripted.layer_steps[i], &steps[i], sizeof steps[0]);
        assert_int_equal(wcenc_chunk_get_metadata(fixture.chunks[i])->has_svc, 0);
    }
    close_fixture(&fixture);
}

/* Every fourth frame asks for a key frame, and two are dropped from `first` on. */
static void check_dropping(int first, uint32_t held)
{
    enum { COUNT = 12, DROPPED = 2 };
    struct fixture fixture;
    int n = 0;

    open_fixture(&fixture);
    scripted.drop_frame = first;
    scripted.drop_to = first + DROPPED - 1;
    scripted.held = held;
    assert_int_equal(configure(&fixture, WIDTH, 0), STREAM_OK);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(encode_asking(&fixture, pattern_frame(WIDTH, HEIGHT, 1, i), i, i % 4 == 0), STREAM_OK);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    assert_int_equal(fixture.drop_count, DROPPED);
    assert_int_equal(fixture.count, COUNT - DROPPED);
    for (int i = 0; i < COUNT; i++) {
        const bool is_dropped = i >= first && i < first + DROPPED;
        const bool was_key_dropped = first % 4 == 0 || first % 4 == 3;
        const bool is_owed = was_key_dropped && i == first + DROPPED;

        if (is_dropped)
            assert_int_equal(fixture.drops[i - first].timestamp_us, i);
        else
            check_chunk(&fixture, n++, i, i % 4 == 0 || is_owed);
        assert_int_equal(scripted.keys[i],
                         i % 4 == 0 || is_owed || (is_dropped && i > first && first % 4 == 0 && !held));
    }
    close_fixture(&fixture);
}

static void test_the_key_request_of_a_dropped_frame_moves_to_the_next_that_is_kept(void **state)
{
    (void)state;
    check_dropping(5, 0);
    check_dropping(4, 0);
    check_dropping(7, 0);
    check_dropping(5, 1);
    check_dropping(4, 1);
}

/* With alpha that is kept, each frame is sent twice: its colours, and then its alpha. */
static void configure_alpha(struct fixture *fixture, uint64_t bitrate)
{
    wcenc_config given = config_of(WIDTH, bitrate);

    given.alpha = WCENC_ALPHA_KEEP;
    assert_int_equal(configure_with(fixture, &given), STREAM_OK);
}

enum { ALPHA_LEVEL = 200, LUMA_LEVEL = 70, ALPHA_SIZE = WIDTH * HEIGHT };

/* Wraps a picture of one colour. */
static wcenc_frame *frame_with_alpha(int64_t timestamp_us)
{
    static uint8_t pixels[ALPHA_SIZE * 5 / 2];
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    memset(pixels, LUMA_LEVEL, ALPHA_SIZE * 3 / 2);
    memset(pixels + ALPHA_SIZE * 3 / 2, ALPHA_LEVEL, ALPHA_SIZE);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420A;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.timestamp_us = timestamp_us;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
    return frame;
}

static void test_alpha_is_coded_by_a_second_encoder_and_joins_the_chunk(void **state)
{
    enum { COUNT = 6, ASKED = 4 };
    struct fixture fixture;

    (void)state;
    for (uint32_t held = 0; held < 3; held++) {
        open_fixture(&fixture);
        scripted.held = held;
        scripted.reconfigures = CONFIG_BITRATE;
        configure_alpha(&fixture, 100000);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(encode_asking(&fixture, frame_with_alpha(i), i, i == ASKED), STREAM_OK);
        configure_alpha(&fixture, 200000);
        assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
        assert_int_equal(scripted.opened, 2);
        assert_int_equal(scripted.sent, 2 * COUNT);
        assert_int_equal(scripted.drained, held ? 2 : 0);
        for (int i = 0; i < COUNT; i++) {
            const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(fixture.chunks[i]);

            check_chunk(&fixture, i, i, i == 0 || i == ASKED);
            assert_non_null(metadata->alpha_side_data);
            assert_true(metadata->alpha_side_data_size >= 16);
            assert_int_equal(scripted.lumas[2 * i], LUMA_LEVEL);
            assert_int_equal(scripted.lumas[2 * i + 1], ALPHA_LEVEL);
            assert_int_equal(scripted.chromas[2 * i + 1], 128);
            /* Nothing is copied. */
            assert_ptr_equal(scripted.planes[2 * i + 1], scripted.planes[2 * i] + ALPHA_SIZE * 3 / 2);
            assert_int_equal(scripted.keys[2 * i], scripted.keys[2 * i + 1]);
        }
        assert_int_equal(scripted.bitrate_count, 4);
        for (int i = 0; i < 4; i++)
            assert_int_equal(scripted.bitrates[i], (i < 2 ? 1000 : 2000) * (i % 2 ? 25 : 75));
        close_fixture(&fixture);
    }
}

/* One of the two, or both, drop a frame. */
static void check_alpha_dropping(bool colors, bool alpha, uint32_t held)
{
    enum { COUNT = 8, AT = 3 };
    /* What follows the frame was coded from it, until both begin again. */
    const int drops = colors && alpha ? 1 : 1 + (int)held;
    struct fixture fixture;
    int n = 0;

    open_fixture(&fixture);
    scripted.held = held;
    scripted.drop_frame = 2 * AT + !colors;
    scripted.drop_to = 2 * AT + alpha;
    configure_alpha(&fixture, 0);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(encode_frame(&fixture, frame_with_alpha(i), i), STREAM_OK);
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    assert_int_equal(fixture.drop_count, drops);
    assert_int_equal(fixture.count, COUNT - drops);
    for (int i = 0; i < COUNT; i++)
        if (i >= AT && i < AT + drops)
            assert_int_equal(fixture.drops[i - AT].timestamp_us, i);
        else
            check_chunk(&fixture, n++, i, i == 0 || (i == AT + drops && colors != alpha)); /* ALP-008 */
    close_fixture(&fixture);
}

static void test_a_frame_that_is_dropped_in_one_of_two_encoders_is_dropped_in_both(void **state)
{
    (void)state;
    for (uint32_t held = 0; held < 3; held++) {
        check_alpha_dropping(true, false, held);
        check_alpha_dropping(false, true, held);
        check_alpha_dropping(true, true, held);
    }
}

static void test_alpha_in_another_order_is_an_error(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted.lose_packet = 3; /* alpha of the second frame */
    configure_alpha(&fixture, 0);
    assert_int_equal(encode_frame(&fixture, frame_with_alpha(0), 0), STREAM_OK);
    assert_int_equal(encode_frame(&fixture, frame_with_alpha(1), 1), STREAM_OK);
    assert_int_equal(encode_frame(&fixture, frame_with_alpha(2), 2), STREAM_FAILED);
    assert_int_equal(fixture.failure.status, WCENC_ERROR_ENCODING);
    assert_non_null(strstr(fixture.failure.message, "alpha"));
    assert_int_equal(scripted.closed, 2);
    close_fixture(&fixture);
}

static void configure_framerate(struct fixture *fixture, double framerate)
{
    wcenc_config given = config_of(WIDTH, 100000);

    given.framerate = framerate;
    given.key_interval = 100;
    assert_int_equal(configure_with(fixture, &given), STREAM_OK);
}

/* The clock begins with each encoder, and the step to its first frame counts all the same. */
static void test_rate_control_follows_timestamps_until_there_is_a_framerate(void **state)
{
    enum { FLUSHED = 3, CONFIGURED = 5, COUNT = 7 };
    static const int64_t timestamps_us[COUNT] = {INT64_MIN, 0, 100000, 200000, 150000, 290000, 1290000};
    static const int64_t durations_us[COUNT] = {33333, 33333, 100000, 100000, 100000, 20000, 20000};
    static const int64_t times_us[COUNT] = {0, 33333, 66666, 0, 100000, 200000, 220000};
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    scripted.held = 2;
    scripted.reconfigures = CONFIG_FRAMERATE;
    configure_framerate(&fixture, 0);
    for (int i = 0; i < COUNT; i++) {
        if (i == FLUSHED)
            assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
        if (i == CONFIGURED)
            configure_framerate(&fixture, 50);
        assert_int_equal(encode(&fixture, timestamps_us[i]), STREAM_OK);
        assert_int_equal(scripted.durations_us[i], durations_us[i]);
        assert_int_equal(scripted.times_us[i], times_us[i]);
    }
    assert_int_equal(wcenc__stream_flush(&fixture.stream, &fixture.failure), STREAM_OK);
    for (int i = 0; i < COUNT; i++)
        assert_true(wcenc_chunk_get_timestamp_us(fixture.chunks[i]) == timestamps_us[i]);
    assert_int_equal(scripted.opened, 2);
    close_fixture(&fixture);
}

static void test_a_reset_forgets_the_steps_of_timestamps(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    configure_framerate(&fixture, 0);
    assert_int_equal(encode(&fixture, 0), STREAM_OK);
    assert_int_equal(encode(&fixture, 200000), STREAM_OK);
    wcenc__stream_reset(&fixture.stream, 1);
    configure_framerate(&fixture, 0);
    assert_int_equal(encode(&fixture, 400000), STREAM_OK);
    assert_int_equal(scripted.durations_us[1], 200000);
    assert_int_equal(scripted.durations_us[2], 33333);
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chunk_has_what_its_frame_travelled_with),
        cmocka_unit_test(test_a_flush_gets_delayed_frames_out_and_reopens_for_the_next),
        cmocka_unit_test(test_a_flush_keeps_an_encoder_that_continues),
        cmocka_unit_test(test_a_change_of_bitrate_keeps_the_encoder_where_it_can),
        cmocka_unit_test(test_an_encoder_receives_what_changes_and_answers_for_each),
        cmocka_unit_test(test_frames_of_another_size_are_converted),
        cmocka_unit_test(test_a_failure_closes_the_backend_and_says_why),
        cmocka_unit_test(test_a_sink_that_stops_ends_the_call_at_once),
        cmocka_unit_test(test_the_key_request_of_a_dropped_frame_moves_to_the_next_that_is_kept),
        cmocka_unit_test(test_alpha_is_coded_by_a_second_encoder_and_joins_the_chunk),
        cmocka_unit_test(test_a_frame_that_is_dropped_in_one_of_two_encoders_is_dropped_in_both),
        cmocka_unit_test(test_alpha_in_another_order_is_an_error),
        cmocka_unit_test(test_a_pattern_of_layers_restarts_at_key_frames),
        cmocka_unit_test(test_rate_control_follows_timestamps_until_there_is_a_framerate),
        cmocka_unit_test(test_a_reset_forgets_the_steps_of_timestamps),
        cmocka_unit_test(test_manual_steps_reach_the_encoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
