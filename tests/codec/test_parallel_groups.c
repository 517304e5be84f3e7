/* SPDX-License-Identifier: MIT */

/*
 * Closed groups side by side, with every encoder: the chunks are the same for any number of lanes and for an encoder
 * that has only one of the groups, and every group decodes alone.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum {
    WIDTH = 160,
    HEIGHT = 96,
    INTERVAL = 5,
    COUNT = 13,    /* the last group is shorter */
    REQUESTED = 7, /* this one begins a group early, and the next cut counts from it */
    GROUPS = 4,
    STEP_US = 33333,
    VP8_ROW = 2,
    WIDE = 272, /* no multiple of 128 */
    RUNS = 8,
};

/* The first frame of each group, and what would be that of one more. */
static const int starts[GROUPS + 1] = {0, INTERVAL, REQUESTED, REQUESTED + INTERVAL, COUNT};

static wcenc_config groups_config(const struct codec_row *row, uint32_t lanes)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.latency_mode = WCENC_LATENCY_QUALITY;
    config.key_interval = INTERVAL;
    config.threads = 0;
    config.effort = -2;
    config.parallel_groups = lanes;
    if (strcmp(row->encoder, "libx264") == 0 || strcmp(row->encoder, "libx265") == 0)
        config.max_b_frames = 2;
    return config;
}

static void encode_frames(struct recorder *recorder, int first, int end)
{
    for (int i = first; i < end; i++)
        coding_encode(recorder, pattern_frame(WIDTH, HEIGHT, (unsigned)i, STEP_US * (int64_t)i), i == REQUESTED);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
}

static void check_equal(wcenc_chunk *a, wcenc_chunk *b)
{
    const size_t size = wcenc_chunk_get_byte_length(a);

    assert_int_equal(wcenc_chunk_get_timestamp_us(a), wcenc_chunk_get_timestamp_us(b));
    assert_int_equal(wcenc_chunk_get_type(a), wcenc_chunk_get_type(b));
    assert_int_equal(size, wcenc_chunk_get_byte_length(b));
    assert_memory_equal(wcenc_chunk_get_data(a), wcenc_chunk_get_data(b), size);
}

/* Encodes all frames; key chunks are where groups begin, and decoding times are in order. */
static void encode_all(struct recorder *recorder, const struct codec_row *row, uint32_t lanes)
{
    const wcenc_config config = groups_config(row, lanes);
    int64_t last_dts_us = INT64_MIN;

    coding_open(recorder, &config);
    encode_frames(recorder, 0, COUNT);
    assert_int_equal(recorder->chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const int64_t dts_us = wcenc_chunk_get_dts_us(recorder->chunks[i]);

        assert_true(dts_us > last_dts_us);
        assert_true(dts_us <= wcenc_chunk_get_timestamp_us(recorder->chunks[i]));
        last_dts_us = dts_us;
    }
    for (int group = 0; group < GROUPS; group++)
        assert_int_equal(wcenc_chunk_get_type(recorder->chunks[starts[group]]), WCENC_CHUNK_TYPE_KEY);
}

static void check_same_stream(const struct recorder *wanted, const struct codec_row *row, uint32_t lanes)
{
    struct recorder recorder;

    encode_all(&recorder, row, lanes);
    for (int i = 0; i < COUNT; i++) {
        check_equal(wanted->chunks[i], recorder.chunks[i]);
        assert_int_equal(wcenc_chunk_get_dts_us(wanted->chunks[i]), wcenc_chunk_get_dts_us(recorder.chunks[i]));
    }
    recorder_close(&recorder);
}

/* Decoding times that a group alone would have, moved where the group before comes so late. */
static void check_decoding_times(const struct recorder *wanted, const struct recorder *alone, int first, int count)
{
    int64_t last_dts_us = first ? wcenc_chunk_get_dts_us(wanted->chunks[first - 1]) : INT64_MIN;

    for (int i = 0; i < count; i++) {
        const int64_t dts_us = wcenc_chunk_get_dts_us(alone->chunks[i]);

        last_dts_us = dts_us > last_dts_us ? dts_us : last_dts_us + 1;
        assert_int_equal(wcenc_chunk_get_dts_us(wanted->chunks[first + i]), last_dts_us);
    }
}

/* An encoder that has nothing but one group makes the same of it, and it decodes without the others. */
static void check_group_alone(const struct recorder *wanted, const struct codec_row *row, int group)
{
    const wcenc_config config = groups_config(row, 1);
    const int first = starts[group], count = starts[group + 1] - first;
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, &config);
    encode_frames(&recorder, first, first + count);
    assert_int_equal(recorder.chunk_count, count);
    for (int i = 0; i < count; i++)
        check_equal(wanted->chunks[first + i], recorder.chunks[i]);
    check_decoding_times(wanted, &recorder, first, count);
    decoder_open(&decoder, wcenc_chunk_get_metadata(wanted->chunks[0])->decoder_config);
    for (int i = 0; i < count; i++)
        decoder_send(&decoder, wanted->chunks[first + i]);
    decoder_drain(&decoder);
    assert_int_equal(decoder.frame_count, count);
    for (int i = 0; i < count; i++)
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), first + i);
    decoder_close(&decoder);
    recorder_close(&recorder);
}

static void test_groups_do_not_depend_on_lanes(void **state)
{
    const struct codec_row *row = *state;
    const wcenc_config config = groups_config(row, 1);
    struct recorder recorder;

    if (hangs_here(row->encoder) || !config_works(&config)) {
        print_message("%s is left out\n", row->name);
        skip();
    }
    encode_all(&recorder, row, 1);
    check_same_stream(&recorder, row, 3);
    /* The others take seconds. */
    if (row->realtime)
        check_same_stream(&recorder, row, 2);
    check_group_alone(&recorder, row, 1);
    check_group_alone(&recorder, row, 2);
    /* The decoder config of the first chunk holds for all. */
    for (int i = 1; i < COUNT; i++)
        assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config);
    recorder_close(&recorder);
}

/* Colours of a pattern, with its luma as alpha. */
static wcenc_frame *alpha_frame(int number)
{
    static uint8_t pixels[WIDTH * HEIGHT * 5 / 2];
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    pattern_draw(pixels, WIDTH, HEIGHT, (unsigned)number);
    memcpy(pixels + WIDTH * HEIGHT * 3 / 2, pixels, (size_t)WIDTH * HEIGHT);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420A;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = STEP_US * (int64_t)number;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

static void encode_alpha(struct recorder *recorder, const struct codec_row *row, uint32_t lanes)
{
    wcenc_config config = groups_config(row, lanes);

    config.max_b_frames = 0;
    config.alpha = WCENC_ALPHA_KEEP;
    coding_open(recorder, &config);
    for (int i = 0; i < COUNT; i++)
        coding_encode(recorder, alpha_frame(i), i == REQUESTED);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

static void test_groups_keep_alpha(void **state)
{
    const struct codec_row *row = *state;
    struct recorder one, two;

    encode_alpha(&one, row, 1);
    encode_alpha(&two, row, 2);
    for (int i = 0; i < COUNT; i++) {
        const wcenc_chunk_metadata *a = wcenc_chunk_get_metadata(one.chunks[i]);
        const wcenc_chunk_metadata *b = wcenc_chunk_get_metadata(two.chunks[i]);

        check_equal(one.chunks[i], two.chunks[i]);
        assert_true(a->alpha_side_data_size > 0);
        assert_int_equal(a->alpha_side_data_size, b->alpha_side_data_size);
        assert_memory_equal(a->alpha_side_data, b->alpha_side_data, a->alpha_side_data_size);
    }
    recorder_close(&one);
    recorder_close(&two);
}

static wcenc_config b_frames_config(void)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.640028";
    config.encoder_name = "libx264";
    config.width = WIDE;
    config.height = HEIGHT;
    config.bitrate = 200000;
    config.key_interval = INTERVAL * 2;
    config.max_b_frames = 1;
    config.parallel_groups = 1;
    return config;
}

static void encode_b_frames(struct recorder *recorder, const wcenc_config *config)
{
    coding_open(recorder, config);
    for (int i = 0; i < COUNT * 3; i++)
        coding_encode(recorder, pattern_frame(WIDE, HEIGHT, (unsigned)i, STEP_US * (int64_t)i), false);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
}

/* On CPUs with 512-bit vectors they are not, unless x264 leaves those alone. */
static void test_b_frames_of_libx264_are_the_same_in_every_run(void **state)
{
    const wcenc_config config = b_frames_config();
    struct recorder first, again;

    (void)state;
    if (!config_works(&config))
        skip();
    encode_b_frames(&first, &config);
    for (int run = 1; run < RUNS; run++) {
        encode_b_frames(&again, &config);
        assert_int_equal(first.chunk_count, again.chunk_count);
        for (int i = 0; i < first.chunk_count; i++)
            check_equal(first.chunks[i], again.chunks[i]);
        recorder_close(&again);
    }
    recorder_close(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_groups_do_not_depend_on_lanes),
        cmocka_unit_test_prestate(test_groups_keep_alpha, (void *)&codec_rows[VP8_ROW]),
        cmocka_unit_test(test_b_frames_of_libx264_are_the_same_in_every_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
