/* SPDX-License-Identifier: MIT */

/*
 * Every profile that is encoded beyond the common ones: the decoded stream has the profile, the bit depth and the
 * chroma of the codec string, and the samples really have that depth and that chroma.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "../support/coding.h"
#include "../support/decoder.h"
#include "../support/pattern.h"
#include "../support/recorder.h"

enum { WIDTH = 320, HEIGHT = 192, FRAMES = 3 };

struct profile_row {
    const char *codec;
    wcenc_pixel_format format; /* that is coded */
    enum AVPixelFormat decoded;
    int profile; /* as libavcodec's decoder says it */
};

static const struct profile_row rows[] = {
    {"avc1.6e0028", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 110},
    {"avc3.6e0028", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 110}, /* STR-013, AVC-016 */
    {"avc1.7a0028", WCENC_PIXEL_FORMAT_I422P10, AV_PIX_FMT_YUV422P10, 122},
    {"avc1.f40028", WCENC_PIXEL_FORMAT_I444, AV_PIX_FMT_YUV444P, 244},
    {"hvc1.2.4.L93.B0", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 2},
    {"hev1.2.4.L93.B0", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 2}, /* STR-013 */
    {"hvc1.4.10.L93.99.88", WCENC_PIXEL_FORMAT_I420P12, AV_PIX_FMT_YUV420P12, 4},
    {"hvc1.4.10.L93.9D.08", WCENC_PIXEL_FORMAT_I422P10, AV_PIX_FMT_YUV422P10, 4},
    {"hvc1.4.10.L93.99.08", WCENC_PIXEL_FORMAT_I422P12, AV_PIX_FMT_YUV422P12, 4},
    {"hvc1.4.10.L93.9E.08", WCENC_PIXEL_FORMAT_I444, AV_PIX_FMT_YUV444P, 4},
    {"hvc1.4.10.L93.9C.08", WCENC_PIXEL_FORMAT_I444P10, AV_PIX_FMT_YUV444P10, 4},
    {"hvc1.4.10.L93.98.08", WCENC_PIXEL_FORMAT_I444P12, AV_PIX_FMT_YUV444P12, 4},
    {"vp09.01.10.08.02", WCENC_PIXEL_FORMAT_I422, AV_PIX_FMT_YUV422P, 1},   /* VP9-002 from here on */
    {"vp09.01.10.08.03", WCENC_PIXEL_FORMAT_I444, AV_PIX_FMT_YUV444P, 1},   /* STR-003 */
    {"vp09.02.10.10", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 2}, /* STR-004 */
    {"vp09.02.10.12", WCENC_PIXEL_FORMAT_I420P12, AV_PIX_FMT_YUV420P12, 2},
    {"vp09.03.10.10.02", WCENC_PIXEL_FORMAT_I422P10, AV_PIX_FMT_YUV422P10, 3},
    {"vp09.03.10.10.03", WCENC_PIXEL_FORMAT_I444P10, AV_PIX_FMT_YUV444P10, 3}, /* STR-005 */
    {"vp09.03.10.12.03", WCENC_PIXEL_FORMAT_I444P12, AV_PIX_FMT_YUV444P12, 3},
    {"av01.0.04M.10", WCENC_PIXEL_FORMAT_I420P10, AV_PIX_FMT_YUV420P10, 0},
    {"av01.1.04M.08.0.000", WCENC_PIXEL_FORMAT_I444, AV_PIX_FMT_YUV444P, 1}, /* STR-007, AV1-003 */
    {"av01.1.04M.10", WCENC_PIXEL_FORMAT_I444P10, AV_PIX_FMT_YUV444P10, 1},
    {"av01.2.04M.08", WCENC_PIXEL_FORMAT_I422, AV_PIX_FMT_YUV422P, 2},
    {"av01.2.04M.10.0.100", WCENC_PIXEL_FORMAT_I422P10, AV_PIX_FMT_YUV422P10, 2},
    {"av01.2.04M.12", WCENC_PIXEL_FORMAT_I420P12, AV_PIX_FMT_YUV420P12, 2},
    {"av01.2.04M.12.0.000", WCENC_PIXEL_FORMAT_I444P12, AV_PIX_FMT_YUV444P12, 2},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* The shape of a planar format, as libavutil knows it. */
struct shape {
    int depth;
    int width[3], height[3];
};

static struct shape shape_of(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
    struct shape shape = {.depth = descriptor->comp[0].depth};

    for (int plane = 0; plane < 3; plane++) {
        shape.width[plane] = plane ? AV_CEIL_RSHIFT(WIDTH, descriptor->log2_chroma_w) : WIDTH;
        shape.height[plane] = plane ? AV_CEIL_RSHIFT(HEIGHT, descriptor->log2_chroma_h) : HEIGHT;
    }
    return shape;
}

/*
 * What the test picture has at a place, in samples of `depth` bits: in luma a slope that takes every value of the depth
 * in turn, in chroma slopes across the plane's own resolution.
 */
static int drawn(const struct shape *shape, int plane, int x, int y)
{
    int unit = 1 << (shape->depth - 8);

    if (plane == 0)
        return 40 * unit + x + 2 * (y / 2);
    return plane == 1 ? 60 * unit + 100 * unit * x / shape->width[1] : 60 * unit + 100 * unit * y / shape->height[2];
}

static wcenc_frame *slope_frame(const struct profile_row *row, int64_t timestamp_us)
{
    struct shape shape = shape_of(row->decoded);
    size_t bytes = shape.depth > 8 ? 2 : 1;
    uint8_t *pixels = malloc(3 * bytes * WIDTH * HEIGHT), *out = pixels;
    wcenc_frame_init init;
    wcenc_frame *frame;

    assert_non_null(pixels);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < shape.height[plane]; y++)
            for (int x = 0; x < shape.width[plane]; x++, out += bytes) {
                uint16_t value = (uint16_t)drawn(&shape, plane, x, y);

                if (bytes == 2)
                    memcpy(out, &value, 2);
                else
                    *out = (uint8_t)(value > 255 ? 255 : value);
            }
    wcenc_frame_init_init(&init, sizeof init);
    init.format = row->format;
    init.coded_width = WIDTH;
    init.coded_height = HEIGHT;
    init.timestamp_us = timestamp_us;
    init.data = pixels;
    init.data_size = (size_t)(out - pixels);
    assert_int_equal(wcenc_frame_create_copy(&init, &frame), WCENC_OK);
    free(pixels);
    return frame;
}

static int sample_at(const AVFrame *frame, const struct shape *shape, int plane, int x, int y)
{
    const uint8_t *line = frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane];
    uint16_t value;

    if (shape->depth == 8)
        return line[x];
    memcpy(&value, line + 2 * x, 2);
    return value;
}

/* Mean difference from what was drawn, in levels of 8 bits. */
static double mean_difference(const AVFrame *frame, const struct shape *shape, int plane)
{
    double sum = 0;

    for (int y = 0; y < shape->height[plane]; y++)
        for (int x = 0; x < shape->width[plane]; x++) {
            int wanted = drawn(shape, plane, x, y), most = (1 << shape->depth) - 1;

            sum += abs(sample_at(frame, shape, plane, x, y) - (wanted > most ? most : wanted));
        }
    return sum / shape->width[plane] / shape->height[plane] / (1 << (shape->depth - 8));
}

/* The part of luma samples that 8 bits, made longer, could not hold. */
static double part_of_fine_samples(const AVFrame *frame, const struct shape *shape)
{
    int fine = 0;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            fine += sample_at(frame, shape, 0, x, y) % (1 << (shape->depth - 8)) != 0;
    return (double)fine / (WIDTH * HEIGHT);
}

static wcenc_config config_of(const struct profile_row *row)
{
    wcenc_config config = config_for(row->codec, WIDTH, HEIGHT);

    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.framerate = 30;
    config.bitrate = 8000000;
    config.threads = 1;
    return config;
}

static void check_stream(const AVFrame *frame, const struct decoder *decoder, const struct profile_row *row)
{
    assert_int_equal(frame->format, row->decoded);
    assert_int_equal(frame->width, WIDTH);
    assert_int_equal(frame->height, HEIGHT);
    assert_int_equal(decoder->context->profile, row->profile); /* SUP-011 */
}

/* The constraint bytes of an HEVC string, which hvcC has from its seventh byte on, are kept: SUP-013. */
static void check_constraints(const struct profile_row *row, const wcenc_decoder_config *told)
{
    enum { FIRST = 6, SKIPPED = 4 };
    const char *at = row->codec + 1;

    if (strncmp(row->codec, "hvc1", 4) != 0 && strncmp(row->codec, "hev1", 4) != 0)
        return;
    assert_true(told->description_size > FIRST + 6);
    for (int dots = 0; dots < SKIPPED; at++)
        dots += *at == '.';
    for (int byte = 0; byte < 6 && at; byte++) {
        unsigned long wanted = strtoul(at, NULL, 16);

        assert_int_equal(((const uint8_t *)told->description)[FIRST + byte] & wanted, wanted);
        at = strchr(at, '.');
        at = at ? at + 1 : NULL;
    }
}

static void test_samples_keep_their_depth_and_chroma(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        wcenc_config config = config_of(&rows[i]);
        struct shape shape = shape_of(rows[i].decoded);
        struct recorder recorder;
        struct decoder decoder;

        if (!config_works(&config))
            continue;
        coding_open(&recorder, &config);
        for (int k = 0; k < FRAMES; k++)
            coding_encode(&recorder, slope_frame(&rows[i], k), false);
        coding_finish(&recorder, &decoder, FRAMES);
        check_constraints(&rows[i], wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config);
        for (int k = 0; k < FRAMES; k++) {
            const AVFrame *frame = decoder.frames[k];
            double fine = part_of_fine_samples(frame, &shape);

            check_stream(frame, &decoder, &rows[i]);
            for (int plane = 0; plane < 3; plane++)
                if (mean_difference(frame, &shape, plane) > 1)
                    fail_msg("%s: plane %d differs by %.2f levels", rows[i].codec, plane,
                             mean_difference(frame, &shape, plane));
            if (shape.depth > 8 && fine < 0.5)
                fail_msg("%s: only %.2f of the samples use the depth", rows[i].codec, fine); /* HBD-003 */
        }
        coding_close(&recorder, &decoder);
    }
}

/* RGB becomes YUV of any depth and chroma. */
static void test_a_color_comes_back_in_every_profile(void **state)
{
    static const uint8_t orange[3] = {230, 120, 30};

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        wcenc_config config = config_of(&rows[i]);
        struct shape shape = shape_of(rows[i].decoded);
        const wcenc_decoder_config *told;
        struct recorder recorder;
        struct decoder decoder;
        double yuv[3];

        if (!config_works(&config))
            continue;
        coding_open(&recorder, &config);
        coding_encode(&recorder, flat_frame(WCENC_PIXEL_FORMAT_RGBA, WIDTH, HEIGHT, orange, NULL, 0), false);
        coding_finish(&recorder, &decoder, 1);
        told = wcenc_chunk_get_metadata(recorder.chunks[0])->decoder_config;
        check_stream(decoder.frames[0], &decoder, &rows[i]);
        exact_yuv((const double[]){orange[0], orange[1], orange[2]}, told->color_space.matrix, told->color_space.range,
                  yuv);
        for (int plane = 0; plane < 3; plane++)
            for (int at = 0; at < 4; at++) {
                int x = shape.width[plane] * at / 4, y = shape.height[plane] * at / 4;
                double level = (double)sample_at(decoder.frames[0], &shape, plane, x, y) / (1 << (shape.depth - 8));

                if (fabs(level - yuv[plane]) > 2) /* COL-002 */
                    fail_msg("%s: plane %d is %.2f, not %.2f", rows[i].codec, plane, level, yuv[plane]);
            }
        coding_close(&recorder, &decoder);
    }
}

/* Each bit beyond 8 makes the scale 6 longer: 0 to 63 with 10 bits. */
static void test_the_quantizer_has_the_scale_of_the_depth(void **state)
{
    static const char *const codecs[] = {"avc1.6e0028", "avc1.7a0028", "hvc1.2.4.L93.B0"};
    static const uint32_t quantizers[] = {8, 20, 32, 44, 51, 63};
    enum { COUNT = sizeof quantizers / sizeof quantizers[0] };

    (void)state;
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        wcenc_config config = config_for(codecs[i], WIDTH, HEIGHT);
        struct recorder recorder;

        config.latency_mode = WCENC_LATENCY_REALTIME;
        config.bitrate_mode = WCENC_BITRATE_QUANTIZER;
        config.threads = 1;
        if (!config_works(&config))
            continue;
        coding_open(&recorder, &config);
        for (int k = 0; k <= COUNT; k++) {
            wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)k, k);
            wcenc_encode_options options;

            wcenc_encode_options_init(&options, sizeof options);
            options.key_frame = 1;
            options.avc_quantizer = options.hevc_quantizer = k < COUNT ? quantizers[k] : 64;
            assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options),
                             k < COUNT ? WCENC_OK : WCENC_ERROR_TYPE); /* QP-009 */
            wcenc_frame_unref(frame);
        }
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        assert_int_equal(recorder.chunk_count, COUNT);
        for (int k = 1; k < COUNT; k++) { /* QP-006 */
            size_t before = wcenc_chunk_byte_length(recorder.chunks[k - 1]);
            size_t size = wcenc_chunk_byte_length(recorder.chunks[k]);

            if (size * 10 > before * 9)
                fail_msg("%s: %zu bytes at %u, %zu at %u", codecs[i], before, quantizers[k - 1], size, quantizers[k]);
        }
        recorder_close(&recorder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_keep_their_depth_and_chroma),
        cmocka_unit_test(test_a_color_comes_back_in_every_profile),
        cmocka_unit_test(test_the_quantizer_has_the_scale_of_the_depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
