/* SPDX-License-Identifier: MIT */

/*
 * Samples above the highest level of their format, in every format deeper than 8 bits and with every encoder: what is
 * coded is, to the byte, what is coded of the same picture with the highest level in their place.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/coding.h"

enum { SIDE = 64, SAMPLES_MAX = 4 * SIDE * SIDE };

static const uint16_t hostile[] = {0x0400, 0x1000, 0x8000, 0xffff};

enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static const struct deep_format {
    wcenc_pixel_format format;
    int depth;
} formats[] = {
    {WCENC_PIXEL_FORMAT_I420P10, 10},  {WCENC_PIXEL_FORMAT_I420P12, 12},  {WCENC_PIXEL_FORMAT_I420AP10, 10},
    {WCENC_PIXEL_FORMAT_I420AP12, 12}, {WCENC_PIXEL_FORMAT_I422P10, 10},  {WCENC_PIXEL_FORMAT_I422P12, 12},
    {WCENC_PIXEL_FORMAT_I422AP10, 10}, {WCENC_PIXEL_FORMAT_I422AP12, 12}, {WCENC_PIXEL_FORMAT_I444P10, 10},
    {WCENC_PIXEL_FORMAT_I444P12, 12},  {WCENC_PIXEL_FORMAT_I444AP10, 10}, {WCENC_PIXEL_FORMAT_I444AP12, 12},
};

enum { FORMATS = sizeof formats / sizeof formats[0], FRAMES = FORMATS * HOSTILE };

static const struct encoder_row {
    const char *codec;
    const char *encoder;
    wcenc_latency_mode latency;
    wcenc_alpha_option alpha;
} rows[] = {
    {"avc1.42e01e", "libx264", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"avc1.6e001f", "libx264", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"avc1.6e001f", "libx264", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    {"avc1.7a001f", "libx264", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    /* Realtime only: with a lookahead, libx265 does not code the same picture in the same way every time. */
    {"hvc1.2.4.L93.B0", "libx265", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"hvc1.4.10.L93.98.08", "libx265", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"vp8", "libvpx", WCENC_LATENCY_REALTIME, WCENC_ALPHA_KEEP},
    {"vp09.00.10.08", "libvpx-vp9", WCENC_LATENCY_REALTIME, WCENC_ALPHA_KEEP},
    {"vp09.02.10.10", "libvpx-vp9", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"vp09.02.10.12", "libvpx-vp9", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    {"vp09.03.10.10.02", "libvpx-vp9", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"vp09.03.10.12.03", "libvpx-vp9", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    {"av01.0.04M.10", "libaom-av1", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"av01.0.04M.10", "libaom-av1", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    {"av01.1.04M.10", "libaom-av1", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"av01.2.04M.12", "libaom-av1", WCENC_LATENCY_REALTIME, WCENC_ALPHA_DISCARD},
    {"av01.0.04M.10", "librav1e", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
    {"av01.0.04M.10", "libsvtav1", WCENC_LATENCY_QUALITY, WCENC_ALPHA_DISCARD},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* A slope; in it some samples with this value, or with the highest level where the value is above that. */
static void draw(uint16_t *samples, int depth, uint16_t value, bool is_limited)
{
    const uint16_t most = (uint16_t)((1 << depth) - 1);

    for (size_t i = 0; i < SAMPLES_MAX; i++) {
        samples[i] = (uint16_t)((i % SIDE + i / SIDE) * 4 % most);
        if (i % 97 == 0 || i % 1024 > 1020)
            samples[i] = is_limited && value > most ? most : value;
    }
}

static void release(void *user)
{
    free(user);
}

/* Borrowed, so that nothing but the encoder's own path stands between the samples and the codec. */
static void encode(struct recorder *recorder, int number, bool is_limited)
{
    const struct deep_format *row = &formats[number / HOSTILE];
    uint16_t *samples = malloc(SAMPLES_MAX * sizeof *samples);
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(samples);
    draw(samples, row->depth, hostile[number % HOSTILE], is_limited);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = row->format;
    desc.coded_width = desc.coded_height = SIDE;
    desc.timestamp_us = number;
    desc.data = samples;
    desc.data_size = SAMPLES_MAX * sizeof *samples;
    assert_int_equal(wcenc_frame_create_wrap(&desc, release, samples, &frame), WCENC_OK);
    coding_encode(recorder, frame, false);
}

static void code(struct recorder *recorder, const wcenc_config *config, bool is_limited)
{
    coding_open(recorder, config);
    for (int i = 0; i < FRAMES; i++)
        encode(recorder, i, is_limited);
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("%s: %s", config->codec, recorder->error_message);
    assert_int_equal(recorder->chunk_count, FRAMES);
}

static void check_same_chunk(const wcenc_chunk *a, const wcenc_chunk *b)
{
    const wcenc_chunk_metadata *of_a = wcenc_chunk_get_metadata(a), *of_b = wcenc_chunk_get_metadata(b);

    assert_int_equal(wcenc_chunk_get_byte_length(a), wcenc_chunk_get_byte_length(b));
    assert_memory_equal(wcenc_chunk_get_data(a), wcenc_chunk_get_data(b), wcenc_chunk_get_byte_length(a));
    assert_int_equal(of_a->alpha_side_data_size, of_b->alpha_side_data_size);
    if (of_a->alpha_side_data_size > 0)
        assert_memory_equal(of_a->alpha_side_data, of_b->alpha_side_data, of_a->alpha_side_data_size);
}

static void test_samples_above_the_depth_are_coded_as_the_highest_level(void **state)
{
    static struct recorder given, wanted;
    const struct encoder_row *row = *state;
    wcenc_config config = config_for(row->codec, SIDE, SIDE);

    config.encoder_name = row->encoder;
    config.latency_mode = row->latency;
    config.alpha = row->alpha;
    config.framerate = 30;
    config.bitrate = 1000000;
    config.threads = 1;
    if (!config_works(&config))
        skip();
    code(&given, &config, false);
    code(&wanted, &config, true);
    for (int i = 0; i < FRAMES; i++)
        check_same_chunk(given.chunks[i], wanted.chunks[i]);
    recorder_close(&given);
    recorder_close(&wanted);
}

int main(void)
{
    struct CMUnitTest tests[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].codec,
                                       .test_func = test_samples_above_the_depth_are_coded_as_the_highest_level,
                                       .initial_state = (void *)&rows[i]};
    return cmocka_run_group_tests_name("samples above the depth", tests, NULL, NULL);
}
