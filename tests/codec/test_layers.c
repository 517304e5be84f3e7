/* SPDX-License-Identifier: MIT */

/* Temporal layers: the upper ones can be left out for a while, and what is left decodes to the very same pictures. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 176, HEIGHT = 144, ODD_WIDTH = 175, ODD_HEIGHT = 143, COUNT = 26 };

/* Keys where they are asked for; -1: nowhere. */
struct keys {
    int first;
    int second;
};

static const uint32_t *layers_of(const char *mode, int *period)
{
    static const uint32_t two[] = {0, 1}, three[] = {0, 2, 1, 2};

    *period = strcmp(mode, "L1T2") == 0 ? 2 : 4;
    return *period == 2 ? two : three;
}

static void encode_all(struct recorder *recorder, const wcenc_config *config, const struct keys *keys)
{
    for (int i = 0; i < COUNT; i++)
        coding_encode(recorder,
                      pattern_frame(config->width, config->height, (unsigned)(i * 37) % 256, 33333 * (int64_t)i),
                      i == keys->first || i == keys->second);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT); /* SVC-010 */
}

/* The pattern restarts with each key chunk, and a key chunk is of the base layer. */
static void check_pattern(const struct recorder *recorder, const char *mode, const struct keys *keys, int interval)
{
    int period, since_key = 0;
    const uint32_t *layers = layers_of(mode, &period);

    for (int i = 0; i < COUNT; i++, since_key++) {
        const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(recorder->chunks[i]);
        bool is_key = i == 0 || i == keys->first || i == keys->second || since_key == interval;

        since_key = is_key ? 0 : since_key;
        assert_int_equal(wcenc_chunk_get_type(recorder->chunks[i]),
                         is_key ? WCENC_CHUNK_TYPE_KEY : WCENC_CHUNK_TYPE_DELTA);
        assert_int_equal(metadata->has_svc, 1); /* SVC-001 */
        /* SVC-003, SVC-004, SVC-008 */
        assert_int_equal(metadata->temporal_layer_id, layers[since_key % period]);
        assert_int_equal(wcenc_chunk_get_timestamp_us(recorder->chunks[i]), 33333 * (int64_t)i);
    }
}

static void assert_same_picture(const AVFrame *a, const AVFrame *b)
{
    assert_int_equal(a->format, b->format);
    assert_true(a->width == b->width && a->height == b->height);
    for (int plane = 0; plane < 3; plane++)
        for (int y = 0; y < (plane ? (a->height + 1) / 2 : a->height); y++)
            assert_memory_equal(a->data[plane] + (ptrdiff_t)y * a->linesize[plane],
                                b->data[plane] + (ptrdiff_t)y * b->linesize[plane],
                                (size_t)(plane ? (a->width + 1) / 2 : a->width));
}

/* What a receiver sees that gets these chunks. */
static void check_part(wcenc_chunk **chunks, int count, const struct decoder *whole)
{
    struct decoder part;
    int at = 0;

    assert_true(count >= 2);
    decode_all(&part, chunks, count);
    assert_int_equal(part.frame_count, count);
    for (int i = 0; i < count; i++) {
        while (whole->frames[at]->pts != part.frames[i]->pts)
            assert_true(++at < COUNT);
        assert_same_picture(part.frames[i], whole->frames[at]); /* SVC-005, SVC-007, WPT-005 */
    }
    decoder_close(&part);
}

static uint32_t layer_of(const wcenc_chunk *chunk)
{
    return wcenc_chunk_get_metadata(chunk)->temporal_layer_id;
}

/* The layers up to `low` before the chunk at `join`, those up to `high` from there on. */
static void check_layers(const struct recorder *recorder, const struct decoder *whole, uint32_t low, int join,
                         uint32_t high)
{
    wcenc_chunk *chunks[COUNT];
    int count = 0;

    for (int i = 0; i < COUNT; i++)
        if (layer_of(recorder->chunks[i]) <= (i < join ? low : high))
            chunks[count++] = recorder->chunks[i];
    check_part(chunks, count, whole);
}

/* Where a receiver may be given more layers: at every chunk of the base layer. */
static void check_joining(const struct recorder *recorder, const struct decoder *whole)
{
    enum { TOP_LAYER = 2 };

    for (int join = 1; join < COUNT; join++)
        for (uint32_t low = 0; layer_of(recorder->chunks[join]) == 0 && low < TOP_LAYER; low++)
            check_layers(recorder, whole, low, join, TOP_LAYER);
}

/* Which picture it is, of 8 or 10 bits. */
static unsigned number_of(const AVFrame *frame)
{
    static uint8_t luma[WIDTH * HEIGHT];

    if (frame->format != AV_PIX_FMT_YUV420P10)
        return pattern_read(frame->data[0], frame->linesize[0]);
    assert_true(frame->width <= WIDTH && frame->height <= HEIGHT);
    for (int y = 0; y < frame->height; y++) {
        const uint16_t *row = (const uint16_t *)(const void *)(frame->data[0] + (ptrdiff_t)y * frame->linesize[0]);

        for (int x = 0; x < frame->width; x++)
            luma[y * WIDTH + x] = (uint8_t)(row[x] >> 2);
    }
    return pattern_read(luma, WIDTH);
}

static void check(const wcenc_config *config, const struct keys *keys)
{
    struct recorder recorder;
    struct decoder whole;

    coding_open(&recorder, config);
    encode_all(&recorder, config, keys);
    check_pattern(&recorder, config->scalability_mode, keys, (int)config->key_interval);
    decode_all(&whole, recorder.chunks, COUNT);
    assert_int_equal(whole.frame_count, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(number_of(whole.frames[i]), i * 37 % 256);
    check_layers(&recorder, &whole, 0, 0, 0);
    check_layers(&recorder, &whole, 0, 0, 1);
    decoder_close(&whole);
    recorder_close(&recorder);
}

struct layer_case {
    const char *codec;
    const char *mode;
    wcenc_latency_mode latency;
    const char *encoder;
};

static wcenc_config config_of(const struct layer_case *layers)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = layers->codec;
    config.scalability_mode = layers->mode;
    config.latency_mode = layers->latency;
    config.encoder_name = layers->encoder;
    config.width = WIDTH;
    config.height = HEIGHT;
    config.framerate = 30;
    config.bitrate = 800000;
    config.key_interval = 300;
    return config;
}

static void test_upper_layers_can_be_left_out(void **state)
{
    enum { PERIOD = 4 };
    const struct layer_case *layers = *state;
    wcenc_config config = config_of(layers);

    for (int place = 0; place <= PERIOD; place++)
        for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
            config.bitrate_mode = mode;
            check(&config, &(struct keys){place ? 7 + place : -1, place ? 15 + 2 * place : -1});
        }
}

static void test_the_key_interval_restarts_the_pattern(void **state)
{
    wcenc_config config = config_of(*state);

    config.key_interval = 7;
    check(&config, &(struct keys){-1, -1});
}

static void test_upper_layers_can_be_joined_behind_a_base_chunk(void **state)
{
    wcenc_config config = config_of(*state);
    struct recorder recorder;
    struct decoder whole;

    coding_open(&recorder, &config);
    encode_all(&recorder, &config, &(struct keys){10, -1});
    decode_all(&whole, recorder.chunks, COUNT);
    assert_int_equal(whole.frame_count, COUNT);
    check_joining(&recorder, &whole);
    decoder_close(&whole);
    recorder_close(&recorder);
}

/* Of an odd size libvpx codes them another way. */
static void test_odd_sizes_have_layers_too(void **state)
{
    wcenc_config config = config_of(*state);

    config.width = ODD_WIDTH;
    for (wcenc_bitrate_mode mode = WCENC_BITRATE_VARIABLE; mode <= WCENC_BITRATE_CONSTANT; mode++) {
        config.height = mode == WCENC_BITRATE_VARIABLE ? HEIGHT : ODD_HEIGHT;
        config.bitrate_mode = mode;
        check(&config, &(struct keys){8, 17});
    }
}

#define CASE(test, codec, mode, latency, encoder) \
    cmocka_unit_test_prestate(test, (&(struct layer_case){codec, mode, WCENC_LATENCY_##latency, encoder}))
#define CASES_OF(test, vp8, vp9)                                                                                \
    CASE(test, "vp8", "L1T2", REALTIME, vp8), CASE(test, "vp8", "L1T3", REALTIME, vp8),                         \
        CASE(test, "vp8", "L1T2", QUALITY, vp8), CASE(test, "vp8", "L1T3", QUALITY, vp8),                       \
        CASE(test, "vp09.00.10.08", "L1T2", REALTIME, vp9), CASE(test, "vp09.00.10.08", "L1T3", REALTIME, vp9), \
        CASE(test, "vp09.00.10.08", "L1T2", QUALITY, vp9), CASE(test, "vp09.00.10.08", "L1T3", QUALITY, vp9)
#define H264_CASES(test)                                                \
    CASE(test, "avc1.42000d", "L1T2", REALTIME, "native-openh264"),     \
        CASE(test, "avc1.4d000d", "L1T3", REALTIME, "native-openh264"), \
        CASE(test, "avc1.64000d", "L1T2", QUALITY, "native-openh264"),  \
        CASE(test, "avc1.64000d", "L1T3", QUALITY, "native-openh264")
#define AV1_CASES(test)                                              \
    CASE(test, "av01.0.00M.08", "L1T2", REALTIME, "native-aom"),     \
        CASE(test, "av01.0.00M.08", "L1T3", REALTIME, "native-aom"), \
        CASE(test, "av01.0.00M.08", "L1T2", QUALITY, "native-aom"),  \
        CASE(test, "av01.0.00M.10", "L1T3", QUALITY, "native-aom")
#if defined WCENC_TEST_NATIVE_ROWS && defined WCENC_HAS_VPX && defined WCENC_HAS_AOM
#define CASES(test) CASES_OF(test, "native-vpx", "native-vpx"), AV1_CASES(test)
#elif defined WCENC_TEST_NATIVE_ROWS && defined WCENC_HAS_VPX
#define CASES(test) CASES_OF(test, "native-vpx", "native-vpx")
#elif defined WCENC_TEST_NATIVE_ROWS && defined WCENC_HAS_AOM
#define CASES(test) AV1_CASES(test)
#else
#define CASES(test) CASES_OF(test, "libvpx", "libvpx-vp9")
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASES(test_upper_layers_can_be_left_out),
#ifdef WCENC_HAS_VPX
        CASE(test_upper_layers_can_be_left_out, "vp8", "L1T3", REALTIME, "native-vpx"),
        CASE(test_upper_layers_can_be_left_out, "vp09.00.10.08", "L1T3", REALTIME, "native-vpx"),
#endif
#ifdef WCENC_HAS_AOM
        CASE(test_upper_layers_can_be_left_out, "av01.0.00M.08", "L1T2", REALTIME, "native-aom"),
        CASE(test_upper_layers_can_be_left_out, "av01.0.00M.08", "L1T3", REALTIME, "native-aom"),
#endif
#ifdef WCENC_HAS_OPENH264
        H264_CASES(test_upper_layers_can_be_left_out),
        H264_CASES(test_the_key_interval_restarts_the_pattern),
        CASE(test_upper_layers_can_be_joined_behind_a_base_chunk, "avc1.64000d", "L1T3", REALTIME, "native-openh264"),
        CASE(test_upper_layers_can_be_left_out, "avc1.42000d", "L1T3", REALTIME, NULL),
#endif
        CASES(test_odd_sizes_have_layers_too),
        CASES(test_the_key_interval_restarts_the_pattern),
        CASES(test_upper_layers_can_be_joined_behind_a_base_chunk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
