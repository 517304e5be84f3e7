/* SPDX-License-Identifier: MIT */

/*
 * A picture that stands still, in realtime at 720p and 2.5 Mb/s: what the encoders make of it comes nearer to it from
 * frame to frame. With --long each picture with each bitrate mode, otherwise with one of them.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 1280, HEIGHT = 720, FRAMES = 30, LUMA = WIDTH * HEIGHT, SIZE = LUMA * 3 / 2 };

static bool is_long;

/* The same everywhere: of a position and what it is for. */
static uint32_t hash(uint32_t x, uint32_t y, uint32_t what)
{
    uint32_t value = x * 0x9e3779b1u ^ y * 0x85ebca77u ^ what * 0xc2b2ae3du;

    value ^= value >> 15;
    value *= 0x2c1b3c6du;
    value ^= value >> 12;
    value *= 0x297a2d39u;
    return value ^ value >> 15;
}

static void draw_patches(uint8_t *pixels)
{
    for (int plane = 0; plane < 3; plane++) {
        const int width = plane ? WIDTH / 2 : WIDTH, height = plane ? HEIGHT / 2 : HEIGHT;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                *pixels++ =
                    (uint8_t)(32 + hash((uint32_t)(x * 8 / width), (uint32_t)(y * 5 / height), (uint32_t)plane) % 192);
    }
}

/* Strokes in cells of 8x12, black on white, in lines with space between them and a margin. */
static void draw_text(uint8_t *pixels)
{
    memset(pixels, 235, LUMA);
    memset(pixels + LUMA, 128, SIZE - LUMA);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++) {
            const uint32_t glyph = hash(x / 8, y / 12, 7), bit = y % 12 / 2 * 4 + x % 8 / 2;

            const bool is_line = y / 12 % 3 == 0 && x >= WIDTH / 8 && x < WIDTH * 7 / 8;

            if (is_line && x % 8 < 6 && y % 12 < 9 && glyph % 5 && (glyph >> bit & 1))
                pixels[y * WIDTH + x] = 16;
        }
}

/* Noise between the points of a grid, in 256ths. */
static int smooth_noise(uint32_t x, uint32_t y, uint32_t size, uint32_t what)
{
    const int right = (int)(x % size * 256 / size), down = (int)(y % size * 256 / size);
    int corners[4];

    for (uint32_t i = 0; i < 4; i++)
        corners[i] = (int)(hash(x / size + i % 2, y / size + i / 2, what + size) & 255);
    return ((corners[0] * (256 - right) + corners[1] * right) * (256 - down) +
            (corners[2] * (256 - right) + corners[3] * right) * down) >>
           8;
}

/* Of a photograph's spectrum: details of half the size have half the contrast. */
static void draw_photograph(uint8_t *pixels)
{
    for (uint32_t plane = 0; plane < 3; plane++) {
        const uint32_t width = plane ? WIDTH / 2 : WIDTH, height = plane ? HEIGHT / 2 : HEIGHT;

        for (uint32_t y = 0; y < height; y++)
            for (uint32_t x = 0; x < width; x++) {
                int sum = 0;

                for (uint32_t size = 128; size >= 4; size /= 2)
                    sum += smooth_noise(x, y, size, plane) * (int)size / 256;
                *pixels++ = (uint8_t)(sum / 256);
            }
    }
}

static double mean_difference(const AVFrame *frame, const uint8_t *pixels)
{
    uint64_t sum = 0;

    for (int plane = 0; plane < 3; plane++) {
        const int width = plane ? WIDTH / 2 : WIDTH, height = plane ? HEIGHT / 2 : HEIGHT;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                sum += (uint64_t)abs(frame->data[plane][y * frame->linesize[plane] + x] - *pixels++);
    }
    return (double)sum / SIZE;
}

static void encode(struct recorder *recorder, uint8_t *pixels)
{
    for (int i = 0; i < FRAMES; i++)
        coding_encode(recorder, i420_frame(pixels, WIDTH, HEIGHT, i * 33333LL), false);
}

static void check_picture(const struct codec_row *row, const char *name, uint8_t *pixels, wcenc_bitrate_mode mode)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);
    struct recorder recorder;
    struct decoder decoder;
    double difference, first;

    config.bitrate = 2500000;
    config.bitrate_mode = mode;
    config.threads = 0;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    encode(&recorder, pixels);
    coding_finish(&recorder, &decoder, FRAMES);
    first = mean_difference(decoder.frames[0], pixels);
    difference = mean_difference(decoder.frames[FRAMES - 1], pixels);
    print_message("%s, %s, %s: %.2f levels off, %.2f at first\n", row->name, name,
                  mode == WCENC_BITRATE_CONSTANT ? "constant" : "variable", difference, first);
    if (difference > 1 || difference > first + 0.1)
        fail_msg("%s, %s: the last frame is %.2f levels off, the first %.2f", row->name, name, difference, first);
    coding_close(&recorder, &decoder);
}

static void test_still_pictures_converge(void **state)
{
    static const struct {
        const char *name;
        void (*draw)(uint8_t *pixels);
        wcenc_bitrate_mode mode;
    } pictures[] = {
        {"patches", draw_patches, WCENC_BITRATE_VARIABLE},
        {"text", draw_text, WCENC_BITRATE_VARIABLE},
        {"photograph", draw_photograph, WCENC_BITRATE_CONSTANT},
    };
    uint8_t *pixels = malloc(SIZE);

    assert_non_null(pixels);
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        pictures[i].draw(pixels);
        check_picture(*state, pictures[i].name, pixels, pictures[i].mode);
        if (is_long)
            check_picture(*state, pictures[i].name, pixels,
                          pictures[i].mode == WCENC_BITRATE_CONSTANT ? WCENC_BITRATE_VARIABLE : WCENC_BITRATE_CONSTANT);
    }
    free(pixels);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[CODEC_ROWS];
    size_t count = 0;

    is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    for (int i = 0; i < CODEC_ROWS; i++)
        if (codec_rows[i].realtime)
            tests[count++] =
                (struct CMUnitTest)cmocka_unit_test_prestate(test_still_pictures_converge, (void *)&codec_rows[i]);
    return _cmocka_run_group_tests("test_still", tests, count, NULL, NULL);
}
