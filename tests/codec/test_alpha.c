/* SPDX-License-Identifier: MIT */

/* Alpha that is kept: a stream of its own beside the pictures, which decodes by itself. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

/* Odd, where the encoder takes that. */
enum { WIDTH = 161, HEIGHT = 97, COUNT = 20, KEY_REQUEST = 8, KEY_INTERVAL = 9 };

static unsigned alpha_number(int i)
{
    return (unsigned)(i * 37 + 5) % 256;
}

/* A picture with `number` in its colours and, if it has alpha, another number in that. */
static wcenc_frame *draw(wcenc_pixel_format format, uint32_t width, uint32_t height, int i)
{
    const size_t count = (size_t)width * height, colors = i420_size(width, height);
    uint8_t *pixels = malloc(4 * count + colors), *alpha = malloc(colors);
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    assert_non_null(alpha);
    pattern_draw(pixels, width, height, (unsigned)i);
    pattern_draw(alpha, width, height, alpha_number(i));
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = format;
    desc.coded_width = width;
    desc.coded_height = height;
    desc.timestamp_us = 33333 * (int64_t)i;
    desc.data_size = colors;
    if (format == WCENC_PIXEL_FORMAT_I420A) {
        memcpy(pixels + colors, alpha, count);
        desc.data_size = colors + count;
    } else if (format != WCENC_PIXEL_FORMAT_I420) {
        uint8_t *gray = malloc(count);

        assert_non_null(gray);
        memcpy(gray, pixels, count);
        for (size_t p = 0; p < count; p++) {
            memset(pixels + 4 * p, gray[p], 3);
            pixels[4 * p + 3] = alpha[p];
        }
        free(gray);
        desc.data_size = 4 * count;
    }
    desc.data = pixels;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    free(pixels);
    free(alpha);
    return frame;
}

/* The alpha of a chunk as a chunk of its own. */
static wcenc_chunk *alpha_chunk(const wcenc_chunk *chunk)
{
    const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(chunk);
    wcenc_chunk_desc desc;
    wcenc_chunk *out;

    assert_non_null(metadata->alpha_side_data); /* ALP-005 */
    wcenc_chunk_desc_init(&desc, sizeof desc);
    desc.timestamp_us = wcenc_chunk_get_timestamp_us(chunk);
    desc.type = wcenc_chunk_get_type(chunk);
    desc.data = metadata->alpha_side_data;
    desc.data_size = metadata->alpha_side_data_size;
    assert_int_equal(wcenc_chunk_create(&desc, &out), WCENC_OK);
    return out;
}

/* Decodes the alpha of the chunks from `first` on. */
static void decode_alpha(struct decoder *decoder, const struct recorder *recorder, int first)
{
    decoder_open(decoder, wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config);
    for (int i = first; i < recorder->chunk_count; i++) {
        wcenc_chunk *chunk = alpha_chunk(recorder->chunks[i]);

        decoder_send(decoder, chunk);
        wcenc_chunk_unref(chunk);
    }
    decoder_drain(decoder);
    assert_int_equal(decoder->frame_count, recorder->chunk_count - first);
}

/* Some encoders take even sizes only; libsvtav1 says so when it is opened. */
static bool has_even_size(const struct codec_row *row)
{
    return row->even_size || strcmp(row->encoder, "libsvtav1") == 0;
}

static wcenc_config config_of(const struct codec_row *row, wcenc_latency_mode latency)
{
    wcenc_config config = row_config(row, WIDTH - has_even_size(row), HEIGHT - has_even_size(row));

    config.alpha = WCENC_ALPHA_KEEP;
    config.latency_mode = latency;
    config.bitrate = 3000000;
    config.key_interval = KEY_INTERVAL;
    return config;
}

/* Realtime, where the encoder has it in this FFmpeg. */
static wcenc_latency_mode latency_of(const struct codec_row *row)
{
    wcenc_config config = config_of(row, WCENC_LATENCY_REALTIME);

    return row->realtime && config_works(&config) ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY;
}

/* With lookahead libaom makes two key frames where one is asked for, with or without alpha. */
static bool adds_key_frame(const wcenc_config *config, int i)
{
    return strstr(config->encoder_name, "aom") && config->latency_mode == WCENC_LATENCY_QUALITY &&
           (i == KEY_REQUEST + 1 || i == KEY_REQUEST + KEY_INTERVAL + 1);
}

static void check_stream(const wcenc_config *config, wcenc_pixel_format format)
{
    struct recorder recorder;
    struct decoder colors, alpha;

    coding_open(&recorder, config);
    for (int i = 0; i < COUNT; i++)
        coding_encode(&recorder, draw(format, config->width, config->height, i), i == KEY_REQUEST);
    coding_finish(&recorder, &colors, COUNT); /* ALP-005: one for one */
    decode_alpha(&alpha, &recorder, 0);
    for (int i = 0; i < COUNT; i++) {
        bool is_key = i == 0 || i == KEY_REQUEST || i == KEY_REQUEST + KEY_INTERVAL;

        if (!adds_key_frame(config, i))
            assert_int_equal(wcenc_chunk_get_type(recorder.chunks[i]),
                             is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
        assert_int_equal(alpha.frames[i]->width, config->width);
        assert_int_equal(alpha.frames[i]->height, config->height);
        assert_int_equal(alpha.frames[i]->pts, 33333 * (int64_t)i);
        assert_int_equal(pattern_read(colors.frames[i]->data[0], colors.frames[i]->linesize[0]), i); /* ALP-003 */
        if (format == WCENC_PIXEL_FORMAT_I420)
            assert_true(alpha.frames[i]->data[0][WIDTH / 2] >= 253); /* ALP-006 */
        else
            assert_int_equal(pattern_read(alpha.frames[i]->data[0], alpha.frames[i]->linesize[0]), alpha_number(i));
    }
    decoder_close(&alpha);
    /* Key with key: who begins at a later key chunk finds one in the alpha too. */
    decode_alpha(&alpha, &recorder, KEY_REQUEST);
    decoder_close(&alpha);
    coding_close(&recorder, &colors);
}

static bool is_fast(const struct codec_row *row)
{
    return strncmp(row->encoder, "libvpx", strlen("libvpx")) == 0;
}

static void test_alpha_comes_back_beside_the_colours(void **state)
{
    static const wcenc_pixel_format formats[] = {WCENC_PIXEL_FORMAT_I420A, WCENC_PIXEL_FORMAT_RGBA,
                                                 WCENC_PIXEL_FORMAT_BGRA, WCENC_PIXEL_FORMAT_I420};
    const struct codec_row *row = *state;

    for (wcenc_latency_mode latency = WCENC_LATENCY_QUALITY; latency <= latency_of(row); latency++)
        /* Formats are the library's matter: with slow encoders one will do. */
        for (size_t i = 0; i < (is_fast(row) ? sizeof formats / sizeof formats[0] : 1); i++) {
            wcenc_config config = config_of(row, latency);

            check_stream(&config, formats[i]);
        }
}

static void test_alpha_comes_back_with_threads_and_in_annexb(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, latency_of(row));

    config.threads = 3;
    config.bitstream_format = WCENC_BITSTREAM_ANNEXB;
    check_stream(&config, WCENC_PIXEL_FORMAT_I420A);
}

/* A flush, a new bitrate, a new size and a reset: nothing is lost, and the two stay together. */
static void test_alpha_stays_with_the_colours_whatever_is_called(void **state)
{
    enum { PART = 4, PARTS = 4 };
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, latency_of(row));
    struct recorder recorder;
    struct decoder decoder;

    coding_open(&recorder, &config);
    coding_encode(&recorder, draw(WCENC_PIXEL_FORMAT_I420A, config.width, config.height, 99), false);
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
    for (int i = 0; i < recorder.chunk_count; i++)
        wcenc_chunk_unref(recorder.chunks[i]);
    recorder.chunk_count = 0;
    for (int part = 0; part < PARTS; part++) {
        if (part != 1)
            assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
        for (int i = PART * part; i < PART * (part + 1); i++)
            coding_encode(&recorder, draw(WCENC_PIXEL_FORMAT_I420A, config.width, config.height, i), false);
        if (part == 0)
            assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        config.bitrate = 2000000;
        config.width = part == 2 ? 128 : config.width;
        config.height = part == 2 ? 128 : config.height;
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, PART * PARTS);
    assert_int_equal(wcenc_chunk_get_type(recorder.chunks[PART * 3]), WCENC_CHUNK_TYPE_KEY);
    decode_alpha(&decoder, &recorder, 0);
    for (int i = 0; i < PART * PARTS; i++) {
        assert_int_equal(wcenc_chunk_get_timestamp_us(recorder.chunks[i]), 33333 * (int64_t)i);
        assert_int_equal(decoder.frames[i]->width, i < PART * 3 ? (int)WIDTH - has_even_size(row) : 128);
        assert_int_equal(pattern_read(decoder.frames[i]->data[0], decoder.frames[i]->linesize[0]), alpha_number(i));
    }
    decoder_close(&decoder);
    recorder_close(&recorder);
}

static void test_alpha_has_its_share_of_the_bitrate(void **state)
{
    enum { SIDE = 192, FRAMES = 60, BITRATE = 2400000 };
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, SIDE, SIDE);
    const double asked = BITRATE / 8.0 * FRAMES / 30;
    uint8_t *pixels = malloc(SIDE * SIDE * 5 / 2);
    double colors = 0, alpha = 0;
    struct recorder recorder;
    wcenc_frame_desc desc;
    unsigned seed = 1;

    assert_non_null(pixels);
    config.alpha = WCENC_ALPHA_KEEP;
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.bitrate = BITRATE;
    if (!config_works(&config)) {
        free(pixels);
        skip();
    }
    coding_open(&recorder, &config);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_I420A;
    desc.coded_width = desc.coded_height = SIDE;
    desc.data = pixels;
    desc.data_size = SIDE * SIDE * 5 / 2;
    for (int i = 0; i < FRAMES; i++) {
        wcenc_frame *frame;

        for (size_t p = 0; p < desc.data_size; p++) {
            seed = seed * 1103515245 + 12345;
            pixels[p] = (uint8_t)(96 + (seed >> 16) % 32);
        }
        desc.timestamp_us = 33333 * (int64_t)i;
        assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
        coding_encode(&recorder, frame, false);
    }
    free(pixels);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    for (int i = 0; i < recorder.chunk_count; i++) {
        colors += (double)wcenc_chunk_get_byte_length(recorder.chunks[i]);
        alpha += (double)wcenc_chunk_get_metadata(recorder.chunks[i])->alpha_side_data_size;
    }
    print_message("%s: colours %.2f, alpha %.2f of the bitrate\n", row->name, colors / asked, alpha / asked);
    /* ALP-007 */
    assert_true(colors > 0.65 * asked && colors < 0.95 * asked);
    assert_true(alpha > 0.2 * asked && alpha < 0.32 * asked);
    recorder_close(&recorder);
}

static void test_the_level_of_alpha_is_exact(void **state)
{
    static const uint8_t levels[] = {0, 1, 64, 128, 254, 255};
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, latency_of(row));
    struct recorder recorder;
    struct decoder decoder;
    uint8_t pixels[64 * 64 * 4];
    wcenc_frame_desc desc;

    config.width = config.height = 64;
    coding_open(&recorder, &config);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = desc.coded_height = 64;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    for (size_t i = 0; i < sizeof levels; i++) {
        wcenc_frame *frame;

        memset(pixels, 90, sizeof pixels);
        for (size_t p = 3; p < sizeof pixels; p += 4)
            pixels[p] = levels[i];
        desc.timestamp_us = (int64_t)i;
        assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
        coding_encode(&recorder, frame, true);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    decode_alpha(&decoder, &recorder, 0);
    for (size_t i = 0; i < sizeof levels; i++)
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++)
                assert_true(abs(decoder.frames[i]->data[0][y * decoder.frames[i]->linesize[0] + x] - levels[i]) <= 1);
    decoder_close(&decoder);
    recorder_close(&recorder);
}

static void test_alpha_is_scaled_with_the_picture(void **state)
{
    enum { SIDE = 128 };
    const struct codec_row *row = *state;
    wcenc_config config = config_of(row, latency_of(row));
    struct recorder recorder;
    struct decoder decoder;
    uint8_t *pixels = malloc(SIDE * SIDE * 4);
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    assert_non_null(pixels);
    config.width = config.height = SIDE / 2;
    memset(pixels, 90, SIDE * SIDE * 4);
    /* The right half is transparent. */
    for (int i = 0; i < SIDE * SIDE; i++)
        pixels[4 * i + 3] = i % SIDE < SIDE / 2 ? 255 : 0;
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = WCENC_PIXEL_FORMAT_BGRA;
    desc.coded_width = desc.coded_height = SIDE;
    desc.data = pixels;
    desc.data_size = SIDE * SIDE * 4;
    assert_int_equal(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    free(pixels);
    coding_open(&recorder, &config);
    coding_encode(&recorder, frame, false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    decode_alpha(&decoder, &recorder, 0);
    for (int y = 0; y < SIDE / 2; y++) {
        const uint8_t *line = decoder.frames[0]->data[0] + (ptrdiff_t)y * decoder.frames[0]->linesize[0];

        assert_true(line[SIDE / 8] >= 245);
        assert_true(line[3 * SIDE / 8] <= 10);
    }
    decoder_close(&decoder);
    recorder_close(&recorder);
}

static void test_without_keep_there_is_none(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH - 1, HEIGHT - 1);
    struct recorder recorder;

    config.latency_mode = latency_of(row);
    coding_open(&recorder, &config);
    coding_encode(&recorder, draw(WCENC_PIXEL_FORMAT_RGBA, WIDTH - 1, HEIGHT - 1, 0), false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_null(wcenc_chunk_get_metadata(recorder.chunks[0])->alpha_side_data); /* ALP-001 */
    assert_int_equal(wcenc_chunk_get_metadata(recorder.chunks[0])->alpha_side_data_size, 0);
    assert_int_equal(wcenc_chunk_get_metadata(recorder.chunks[0])->has_svc, 0); /* SVC-002 */
    recorder_close(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_alpha_comes_back_beside_the_colours),
        FOR_FAST_CODECS(test_alpha_comes_back_with_threads_and_in_annexb),
        FOR_FAST_CODECS(test_alpha_stays_with_the_colours_whatever_is_called),
        FOR_FAST_CODECS(test_alpha_has_its_share_of_the_bitrate),
        FOR_FAST_CODECS(test_the_level_of_alpha_is_exact),
        FOR_FAST_CODECS(test_alpha_is_scaled_with_the_picture),
        FOR_FAST_CODECS(test_without_keep_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
