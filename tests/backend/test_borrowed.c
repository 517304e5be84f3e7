/* SPDX-License-Identifier: MIT */

/*
 * Borrowed pixels: a frame that fits reaches the encoder without a copy, unless a sample is above the highest level of
 * its format. Then the encoder gets a copy with that level, and the caller's memory keeps what it had.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "pixel_format.h"

#include "../support/journal.h"
#include "../support/scripted_backend.h"

enum { WIDTH = 70, HEIGHT = 6, SAMPLES_MAX = 4 * WIDTH * HEIGHT };

static const uint16_t hostile[] = {0x0400, 0x1000, 0x8000, 0xffff};

enum { HOSTILE = sizeof hostile / sizeof hostile[0] };

static uint16_t highest_level(const struct pixel_format *format)
{
    return (uint16_t)((1u << format->bit_depth) - 1);
}

static size_t plane_samples(const struct pixel_format *format, int plane)
{
    return (size_t)wcenc__plane_width(format, plane, WIDTH) * wcenc__plane_height(format, plane, HEIGHT);
}

static size_t color_samples(const struct pixel_format *format)
{
    return plane_samples(format, 0) + plane_samples(format, 1) + plane_samples(format, 2);
}

static void encode_borrowed(struct journal *journal, wcenc_pixel_format format, const uint16_t *samples)
{
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = WIDTH;
    desc.coded_height = HEIGHT;
    desc.data = samples;
    desc.data_size = SAMPLES_MAX * sizeof *samples;
    assert_int_equal(wcenc_frame_create_wrap(&desc, NULL, NULL, &frame), WCENC_OK);
    assert_int_equal(wcenc_encoder_encode(journal->encoder, frame, NULL), WCENC_OK);
    wcenc_frame_unref(frame);
    assert_int_equal(wcenc_encoder_flush(journal->encoder), WCENC_OK);
}

static void begin(struct journal *journal)
{
    wcenc_config config;

    scripted_install();
    journal_open(journal, WCENC_DELIVERY_THREAD, NULL);
    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "scripted";
    config.width = WIDTH;
    config.height = HEIGHT;
    assert_int_equal(wcenc_encoder_configure(journal->encoder, &config), WCENC_OK);
}

static void end(struct journal *journal)
{
    journal_end(journal);
    scripted_remove();
}

static void fill(uint16_t *samples, uint16_t level)
{
    for (size_t i = 0; i < SAMPLES_MAX; i++)
        samples[i] = level;
}

/* One sample at a time: the first and the last of each plane, and one where no vector ends. */
static void check_sample(wcenc_pixel_format format, size_t place, uint16_t value)
{
    const uint16_t most = highest_level(wcenc__pixel_format(format));
    uint16_t samples[SAMPLES_MAX], before[SAMPLES_MAX];
    struct journal journal;

    fill(samples, 1);
    samples[place] = value;
    memcpy(before, samples, sizeof samples);
    begin(&journal);
    encode_borrowed(&journal, format, samples);
    assert_int_equal(scripted.highest[0], value < most ? value : most); /* HBD-001 */
    assert_true((scripted.planes[0] == (const uint8_t *)samples) == (value <= most));
    assert_memory_equal(samples, before, sizeof samples);
    end(&journal);
}

static void test_only_a_sample_above_the_depth_causes_a_copy(void **state)
{
    (void)state;
    for (wcenc_pixel_format id = WCENC_PIXEL_FORMAT_I420; id <= WCENC_PIXEL_FORMAT_I444AP12; id++) {
        const struct pixel_format *format = wcenc__pixel_format(id);
        size_t first = 0;

        for (int plane = 0; plane < 3 && format->bit_depth > 8; plane++) {
            for (int i = 0; i < HOSTILE; i++) {
                check_sample(id, first, hostile[i]);
                check_sample(id, first + plane_samples(format, plane) / 2, hostile[i]);
                check_sample(id, first + plane_samples(format, plane) - 1, hostile[i]);
            }
            check_sample(id, first, highest_level(format));
            first += plane_samples(format, plane);
        }
    }
}

/* The encoder does not read alpha that it leaves out. */
static void test_alpha_that_is_left_out_may_hold_anything(void **state)
{
    static const wcenc_pixel_format formats[] = {WCENC_PIXEL_FORMAT_I420AP10, WCENC_PIXEL_FORMAT_I444AP12};
    uint16_t samples[SAMPLES_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const size_t colors = color_samples(wcenc__pixel_format(formats[i]));
        struct journal journal;

        fill(samples, 0xffff);
        for (size_t n = 0; n < colors; n++)
            samples[n] = 1;
        begin(&journal);
        encode_borrowed(&journal, formats[i], samples);
        assert_ptr_equal(scripted.planes[0], samples);
        end(&journal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_sample_above_the_depth_causes_a_copy),
        cmocka_unit_test(test_alpha_that_is_left_out_may_hold_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
