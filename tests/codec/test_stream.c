/* SPDX-License-Identifier: MIT */

/*
 * The streams themselves: what the codec string promised, framing, where parameter sets are, where key chunks are, and
 * what the decoder config says of it all.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/coding.h"
#include "../support/nal.h"
#include "../support/pattern.h"

enum { WIDTH = 320, HEIGHT = 200, COUNT = 16, KEY_EVERY = 5 };

/* Of one codec string with NAL units. */
struct nal_case {
    const char *codec;
    const char *encoder;
    bool hevc;
    int profile, level, tier;
    uint8_t constraints; /* that the string promises */
    int32_t latency;
    uint32_t threads;
};

enum { QUALITY = WCENC_LATENCY_QUALITY, REALTIME = WCENC_LATENCY_REALTIME };

static const struct nal_case nal_cases[] = {
    {"avc1.42001e", "libx264", false, 66, 30, 0, 0x00, QUALITY, 0},
    {"avc1.42E01E", "libx264", false, 66, 30, 0, 0xe0, REALTIME, 4},
    {"avc1.4d001e", "libx264", false, 77, 30, 0, 0x00, REALTIME, 0},
    {"avc1.4d401f", "libx264", false, 77, 31, 0, 0x40, QUALITY, 0},
    {"avc1.64001f", "libx264", false, 100, 31, 0, 0x00, QUALITY, 0},
    {"avc1.640C1f", "libx264", false, 100, 31, 0, 0x0c, REALTIME, 4},
    {"avc3.64001f", "libx264", false, 100, 31, 0, 0x00, QUALITY, 0},
    {"hvc1.1.6.L93.B0", "libx265", true, 1, 93, 0, 0xb0, QUALITY, 0},
    {"hvc1.1.6.H120.B0", "libx265", true, 1, 120, 1, 0xb0, REALTIME, 0},
    {"hev1.1.6.L93.90", "libx265", true, 1, 93, 0, 0x90, QUALITY, 0},
};

static wcenc_config nal_config(const struct nal_case *test, int32_t format)
{
    wcenc_config config = config_for(test->codec, WIDTH, HEIGHT);

    config.encoder_name = test->encoder;
    config.bitstream_format = format;
    config.bitrate = 1000000;
    config.framerate = 30;
    config.latency_mode = test->latency;
    config.threads = test->threads;
    return config;
}

static void encode_frames(struct recorder *recorder, uint32_t height, int first, int count, int key_every)
{
    for (int i = first; i < first + count; i++)
        coding_encode(recorder, pattern_frame(WIDTH, height, (unsigned)i, i), key_every && i % key_every == 0);
}

static void record(struct recorder *recorder, const wcenc_config *config)
{
    coding_open(recorder, config);
    encode_frames(recorder, HEIGHT, 0, COUNT, KEY_EVERY);
    assert_int_equal(wcenc_encoder_flush(recorder->encoder), WCENC_OK);
    assert_int_equal(recorder->chunk_count, COUNT);
}

static bool is_key(const wcenc_chunk *chunk)
{
    return wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
}

static const wcenc_decoder_config *config_of(const struct recorder *recorder)
{
    const wcenc_decoder_config *config = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config;

    assert_non_null(config);
    return config;
}

/* Every slice says what the chunk's type says; the number of slices. */
static int check_slices(const struct unit *units, int count, bool hevc, bool key)
{
    int slices = 0;

    for (int i = 0; !hevc && i < count; i++)
        assert_true(units[i].type >= H264_SLICE && units[i].type <= H264_LAST); /* AVC-011 */
    for (int i = 0; i < count; i++)
        if (is_slice(&units[i], hevc)) {
            assert_int_equal(is_key_slice(&units[i], hevc), key); /* AVC-004, AVC-010, HEV-003, HEV-005, OUT-003 */
            slices++;
        } else {
            assert_int_equal(slices, 0); /* AVC-009, HEV-004: all that is no slice comes before */
        }
    assert_true(slices > 0); /* OUT-004, OUT-012 */
    return slices;
}

static void check_sps(const struct unit *sps, const struct nal_case *test)
{
    struct sps_claims claims = read_sps(sps, test->hevc);

    assert_int_equal(claims.profile, test->profile);
    assert_int_equal(claims.constraints[0] & test->constraints, test->constraints); /* AVC-015 */
    assert_true(claims.level > 0 && claims.level <= test->level);                   /* AVC-006, SUP-012 */
    assert_true(claims.tier <= test->tier);
    if (test->hevc) /* The string's 6, whose bits are reversed in the stream. */
        assert_int_equal(claims.compatibility & 0x60000000, 0x60000000);
}

static void check_annexb_chunk(const wcenc_chunk *chunk, const struct nal_case *test, int *most_slices)
{
    struct unit units[UNITS_MAX];
    bool key = is_key(chunk);
    int count = split_annexb(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), test->hevc, units);
    int slices;

    assert_true(count > 0);
    slices = check_slices(units, count, test->hevc, key);
    *most_slices = slices > *most_slices ? slices : *most_slices;
    for (int i = 1; i < count; i++)
        assert_int_not_equal(units[i].type, test->hevc ? HEVC_AUD : H264_AUD);
    if (!key)
        return;
    assert_non_null(find_unit(units, count, test->hevc ? HEVC_SPS : H264_SPS)); /* AVC-003, HEV-002 */
    assert_non_null(find_unit(units, count, test->hevc ? HEVC_PPS : H264_PPS));
    if (test->hevc)
        assert_non_null(find_unit(units, count, HEVC_VPS));
    check_sps(find_unit(units, count, test->hevc ? HEVC_SPS : H264_SPS), test);
}

static void check_length_chunk(const wcenc_chunk *chunk, const struct nal_case *test, int *most_slices)
{
    struct unit units[UNITS_MAX];
    int count = split_lengths(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), test->hevc, units);
    int slices;

    assert_true(count > 0); /* the lengths add up, AVC-001 */
    slices = check_slices(units, count, test->hevc, is_key(chunk));
    *most_slices = slices > *most_slices ? slices : *most_slices;
    for (int i = 0; i < count; i++) {
        assert_false(is_parameter_set(&units[i], test->hevc)); /* AVC-002, HEV-001 */
        assert_int_not_equal(units[i].type, test->hevc ? HEVC_AUD : H264_AUD);
    }
}

/* The record is made of the sets that the stream carries when it is coded as annexb. */
static void check_record(const void *record, size_t size, const wcenc_chunk *annexb_key, bool hevc)
{
    struct unit units[UNITS_MAX];
    int count = split_annexb(wcenc_chunk_get_data(annexb_key), wcenc_chunk_get_byte_length(annexb_key), hevc, units);

    assert_true(count > 0);
    assert_non_null(record);
    assert_true(hevc ? is_hvcc_of(record, size, units, count) : is_avcc_of(record, size, units, count));
}

static void test_nal_units_are_what_the_codec_string_and_the_format_promise(void **state)
{
    const struct nal_case *test = *state;
    wcenc_config lengths = nal_config(test, WCENC_BITSTREAM_LENGTH_PREFIXED);
    wcenc_config annexb = nal_config(test, WCENC_BITSTREAM_ANNEXB);
    struct recorder with_lengths, with_codes;
    const wcenc_decoder_config *reported;
    int most_slices[2] = {0, 0};

    if (!config_works(&lengths) || !config_works(&annexb))
        skip();
    record(&with_lengths, &lengths);
    record(&with_codes, &annexb);
    for (int i = 0; i < COUNT; i++) {
        check_length_chunk(with_lengths.chunks[i], test, &most_slices[0]);
        check_annexb_chunk(with_codes.chunks[i], test, &most_slices[1]);
        if (i % KEY_EVERY == 0) {
            assert_true(is_key(with_lengths.chunks[i])); /* AVC-012 */
            assert_true(is_key(with_codes.chunks[i]));
        }
    }
    if (test->threads > 1) {
        assert_true(most_slices[0] > 1);
        assert_true(most_slices[1] > 1);
    }
    reported = config_of(&with_lengths);
    /* DCF-015, DCF-016, AVC-005, WPT-016, AVC-007, AVC-008 */
    check_record(reported->description, reported->description_size, with_codes.chunks[0], test->hevc);
    check_record(reported->container_private, reported->container_private_size, with_codes.chunks[0], test->hevc);
    reported = config_of(&with_codes);
    assert_null(reported->description);
    assert_int_equal(reported->description_size, 0);
    check_record(reported->container_private, reported->container_private_size, with_codes.chunks[0], test->hevc);
    recorder_close(&with_codes);
    recorder_close(&with_lengths);
}

static void test_av1_chunks_are_whole_temporal_units(void **state)
{
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);
    const wcenc_decoder_config *reported;
    const uint8_t *av1c;
    struct recorder recorder;

    if (!config_works(&config))
        skip();
    record(&recorder, &config);
    reported = config_of(&recorder);
    av1c = reported->container_private;
    assert_null(reported->description); /* DCF-017 */
    assert_true(reported->container_private_size > 4);
    assert_int_equal(av1c[0], 0x81);
    assert_int_equal(av1c[1] >> 5, 0); /* profile, as the string says */
    /* At most the string's level, or none: rav1e gives "maximum parameters". AV1-005 */
    assert_true((av1c[1] & 0x1f) <= 5 || (av1c[1] & 0x1f) == 31);
    assert_int_equal(av1c[2] & 0x7c, 0x0c); /* 8 bits, not monochrome, 4:2:0 */
    for (int i = 0; i < COUNT; i++) {
        const wcenc_chunk *chunk = recorder.chunks[i];
        struct unit units[UNITS_MAX];
        int count = split_obus(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), units);
        const struct unit *header = find_unit(units, count, OBU_SEQUENCE_HEADER);
        const struct unit *frame = find_unit(units, count, OBU_FRAME);

        assert_true(count > 0);                                  /* AV1-001, OUT-004 */
        assert_int_equal(units[0].type, OBU_TEMPORAL_DELIMITER); /* AV1-004: with each of the encoders */
        for (int j = 1; j < count; j++)
            assert_int_not_equal(units[j].type, OBU_TEMPORAL_DELIMITER); /* AV1-004 */
        if (!frame)
            frame = find_unit(units, count, OBU_FRAME_HEADER);
        assert_non_null(frame);
        /* AV1-002: show_existing_frame 0 and frame_type KEY_FRAME. */
        assert_int_equal(is_key(chunk), (frame->data[0] & 0xe0) == 0);
        if (i % KEY_EVERY == 0)
            assert_true(is_key(chunk));
        if (!is_key(chunk))
            continue;
        assert_non_null(header);
        assert_true(header < frame);
        assert_int_equal(reported->container_private_size - 4, header->whole_size);
        assert_memory_equal(av1c + 4, header->whole, header->whole_size);
    }
    recorder_close(&recorder);
}

static void check_vpx(struct recorder *recorder, bool vp9)
{
    static const uint8_t start_codes[2][3] = {{0x9d, 0x01, 0x2a}, {0x49, 0x83, 0x42}};

    for (int i = 0; i < COUNT; i++) {
        const uint8_t *data = wcenc_chunk_get_data(recorder->chunks[i]);
        bool key = is_key(recorder->chunks[i]);

        assert_true(wcenc_chunk_get_byte_length(recorder->chunks[i]) > 0); /* OUT-004 */
        if (vp9)
            /* Frame marker, profile 0, no show_existing_frame; the frame type is 0 for key frames. VP9-001 */
            assert_int_equal(data[0] & 0xfc, key ? 0x80 : 0x84);
        else
            assert_int_equal((data[0] & 1) == 0, key); /* VP8-001 */
        if (key)
            assert_memory_equal(data + (vp9 ? 1 : 3), start_codes[vp9], 3);
        if (i % KEY_EVERY == 0)
            assert_true(key);
    }
}

static void test_vp8_and_vp9_say_what_a_container_wants(void **state)
{
    const struct codec_row *row = *state;
    bool vp9 = strncmp(row->codec, "vp09", 4) == 0;
    wcenc_config config = row_config(row, WIDTH, HEIGHT);
    const wcenc_decoder_config *reported;
    const uint8_t *given;
    struct recorder recorder;
    /* vpcC: version and flags, profile, level, 8 bits of 4:2:0 in limited range, BT.709 thrice, nothing more. */
    static const uint8_t vpcc[] = {1, 0, 0, 0, 0, 0, 0x82, 1, 1, 1, 0, 0};

    if (!config_works(&config))
        skip();
    record(&recorder, &config);
    check_vpx(&recorder, vp9);
    reported = config_of(&recorder);
    assert_null(reported->description); /* DCF-017 */
    assert_int_equal(reported->container_private_size, sizeof vpcc);
    given = reported->container_private;
    assert_memory_equal(given, vpcc, 5);
    if (vp9)
        assert_true(given[5] >= 10 && given[5] <= 31);
    else
        assert_int_equal(given[5], 0); /* VP8 has no levels */
    /* Chroma sits between two rows (0) or on the upper (1): both are 4:2:0. */
    assert_int_equal(given[6] & ~2, vpcc[6] & ~2);
    assert_memory_equal(given + 7, vpcc + 7, 5);
    recorder_close(&recorder);
}

static void check_first(struct recorder *recorder, int at, const wcenc_config *config)
{
    const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(recorder->chunks[at]);
    struct decoder decoder;

    assert_true(is_key(recorder->chunks[at])); /* OUT-006, RST-002 */
    assert_non_null(metadata->decoder_config); /* DCF-001 */
    assert_string_equal(metadata->decoder_config->codec, config->codec);
    assert_int_equal(metadata->decoder_config->coded_height, config->height);
    decode_all(&decoder, &recorder->chunks[at], 1);
    assert_int_equal(decoder.frame_count, 1); /* DCF-018, DCF-021 */
    assert_int_equal(decoder.frames[0]->height, config->height);
    assert_int_equal(pattern_read(decoder.frames[0]->data[0], decoder.frames[0]->linesize[0]),
                     wcenc_chunk_get_timestamp_us(recorder->chunks[at]));
    decoder_close(&decoder);
}

static void test_what_restarts_begins_with_a_key_chunk(void **state)
{
    const struct codec_row *row = *state;
    enum { STEPS = 7, EACH = 3 };
    wcenc_config steps[STEPS];
    struct recorder recorder;

    for (int i = 0; i < STEPS; i++)
        steps[i] = row_config(row, WIDTH, i == 2 ? 256 : 192);
    steps[3] = row_config(&codec_rows[row == &codec_rows[0] ? 2 : 0], WIDTH, 192);
    steps[5].bitstream_format = WCENC_BITSTREAM_ANNEXB;
    steps[6].codec = strncmp(row->codec, "avc1", 4) == 0 ? "avc1.4d001f" : row->codec;
    for (int i = 0; i < STEPS; i++)
        if (!config_works(&steps[i]))
            skip();
    recorder_open(&recorder);
    for (int i = 0; i < STEPS; i++) {
        if (i == 1) {
            assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
            assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
        }
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &steps[i]), WCENC_OK);
        /* Pictures of another size than configured would look the same. */
        encode_frames(&recorder, steps[i].height, i * EACH, EACH, 0);
    }
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, STEPS * EACH);
    for (int i = 0; i < STEPS; i++)
        /* The last two are changes for H.264 and HEVC only. */
        if (i < 5 || (i == 5 && row->even_size) || row == &codec_rows[0])
            check_first(&recorder, i * EACH, &steps[i]);
    recorder_close(&recorder);
}

static void test_the_decoder_config_is_that_of_the_configuration(void **state)
{
    const struct codec_row *row = *state;
    struct recorder recorder;

    for (int given = 0; given < 2; given++) {
        wcenc_config config = row_config(row, WIDTH, HEIGHT);
        const wcenc_decoder_config *reported;

        config.display_width = given ? 640 : 0;
        config.display_height = given ? 480 : 0;
        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        encode_frames(&recorder, HEIGHT, 0, 3, 0);
        assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
        reported = config_of(&recorder);
        assert_true(reported->struct_size >= sizeof *reported);
        assert_string_equal(reported->codec, row->codec); /* DCF-004 */
        assert_int_equal(reported->coded_width, WIDTH);   /* DCF-005 */
        assert_int_equal(reported->coded_height, HEIGHT);
        assert_int_equal(reported->display_aspect_width, given ? 640 : WIDTH); /* DCF-006, DCF-007 */
        assert_int_equal(reported->display_aspect_height, given ? 480 : HEIGHT);
        assert_int_equal(reported->rotation, 0);
        assert_int_equal(reported->flip, 0);
        assert_int_equal(reported->reorder_depth, 0);
        for (int i = 1; i < 3; i++)
            assert_null(wcenc_chunk_get_metadata(recorder.chunks[i])->decoder_config); /* DCF-002, OUT-011 */
        recorder_close(&recorder);
    }
}

/* Encodes `count` small pictures; the greatest distance of a key chunk from the one before it. */
static int greatest_key_distance(const wcenc_config *config, int count, int *keys)
{
    struct recorder recorder;
    int greatest = 0, last = 0;

    coding_open(&recorder, config);
    for (int i = 0; i < count; i++)
        coding_encode(&recorder, pattern_frame(128, 64, (unsigned)i % 256, i), false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, count);
    *keys = 0;
    for (int i = 0; i < count; i++)
        if (is_key(recorder.chunks[i])) {
            greatest = i - last > greatest ? i - last : greatest;
            last = i;
            ++*keys;
        }
    recorder_close(&recorder);
    return count - last > greatest ? count - last : greatest;
}

static void test_key_chunks_come_at_least_every_interval(void **state)
{
    static const struct {
        uint32_t interval;
        double framerate;
        int distance; /* that must not be exceeded */
        int count;
    } intervals[] = {
        {1, 30, 1, 4},
        {5, 30, 5, 23},
        {0, 2, 20, 45},    /* ten seconds' worth */
        {0, 120, 300, 310} /* but no more than that */
    };
    const struct codec_row *row = *state;

    for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++)
        for (int latency = 0; latency < (row->realtime ? 2 : 1); latency++) {
            wcenc_config config = row_config(row, 128, 64);
            int keys, distance;

            config.latency_mode = latency;
            config.key_interval = intervals[i].interval;
            config.framerate = intervals[i].framerate;
            config.bitrate = 200000;
            if (!config_works(&config))
                continue;
            distance = greatest_key_distance(&config, intervals[i].count, &keys);
            assert_true(distance <= intervals[i].distance);
            /* And not many more than it takes, scene changes apart. */
            assert_true(intervals[i].distance == 1 || keys <= 4 * (intervals[i].count / intervals[i].distance + 1));
        }
}

/* A picture that does not change gives no encoder a reason of its own. */
static int count_keys_of_a_still_picture(const wcenc_config *config, int count)
{
    static const uint8_t grey[] = {90, 110, 140};
    struct recorder recorder;
    int keys = 0;

    coding_open(&recorder, config);
    for (int i = 0; i < count; i++)
        coding_encode(&recorder, flat_frame(WCENC_PIXEL_FORMAT_I420, config->width, config->height, grey, NULL, i),
                      false);
    assert_int_equal(wcenc_encoder_flush(recorder.encoder), WCENC_OK);
    assert_int_equal(recorder.chunk_count, count);
    for (int i = 0; i < count; i++)
        keys += is_key(recorder.chunks[i]);
    assert_true(is_key(recorder.chunks[0]));
    recorder_close(&recorder);
    return keys;
}

/* With layers and with alpha the library asks for key frames, elsewhere the encoder counts. */
static void test_without_an_interval_the_first_chunk_is_the_only_key_chunk(void **state)
{
    enum { MORE_THAN_THE_DEFAULT = 25, MORE_THAN_ENCODERS_OWN = 135 };
    const struct codec_row *row = *state;
    wcenc_config config = row_config(row, 64, 64);

    if (!config_works(&config))
        skip();
    config.bitrate = 200000;
    config.framerate = 2; /* of which the default interval is 20 frames; encoders' own are 128 at most, but x264's */
    for (int variant = 0; variant < 4; variant++) {
        wcenc_config varied = config;

        varied.latency_mode = variant == 1 ? WCENC_LATENCY_QUALITY : config.latency_mode;
        varied.scalability_mode = variant == 2 ? "L1T2" : NULL;
        varied.alpha = variant == 3 ? WCENC_ALPHA_KEEP : WCENC_ALPHA_DISCARD;
        varied.key_interval = UINT32_MAX;
        if ((variant == 1 && !row->realtime) || !config_works(&varied))
            continue;
        assert_int_equal(
            count_keys_of_a_still_picture(&varied, variant < 2 ? MORE_THAN_ENCODERS_OWN : MORE_THAN_THE_DEFAULT), 1);
        if (variant > 0)
            continue;
        varied.key_interval = 0;
        assert_true(count_keys_of_a_still_picture(&varied, MORE_THAN_THE_DEFAULT) > 1);
    }
}

static void test_the_display_size_gives_the_shape_of_pixels(void **state)
{
    static const struct {
        uint32_t width, height;
        int num, den;
    } displays[] = {{640, 200, 2, 1}, {320, 400, 1, 2}, {256, 200, 4, 5}, {640, 400, 1, 1}, {0, 0, 1, 1}};
    const struct codec_row *row = *state;

    for (size_t i = 0; i < sizeof displays / sizeof displays[0]; i++) {
        wcenc_config config = row_config(row, WIDTH, HEIGHT);
        struct recorder recorder;
        struct decoder decoder;
        AVRational ratio;

        config.display_width = displays[i].width;
        config.display_height = displays[i].height;
        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        encode_frames(&recorder, HEIGHT, 0, 1, 0);
        coding_finish(&recorder, &decoder, 1);
        ratio = decoder.frames[0]->sample_aspect_ratio;
        if (ratio.num == 0) /* unknown, which is taken for square */
            ratio = (AVRational){1, 1};
        assert_int_equal(ratio.num, displays[i].num);
        assert_int_equal(ratio.den, displays[i].den);
        coding_close(&recorder, &decoder);
    }
}

#define NAL_CASE(row) \
    cmocka_unit_test_prestate(test_nal_units_are_what_the_codec_string_and_the_format_promise, (void *)&nal_cases[row])
#define ROW(test, row) cmocka_unit_test_prestate(test, (void *)&codec_rows[row])

int main(void)
{
    const struct CMUnitTest tests[] = {
        NAL_CASE(0),
        NAL_CASE(1),
        NAL_CASE(2),
        NAL_CASE(3),
        NAL_CASE(4),
        NAL_CASE(5),
        NAL_CASE(6),
        NAL_CASE(7),
        NAL_CASE(8),
        NAL_CASE(9),
        ROW(test_av1_chunks_are_whole_temporal_units, 4),
        ROW(test_av1_chunks_are_whole_temporal_units, 5),
        ROW(test_av1_chunks_are_whole_temporal_units, 6),
        ROW(test_vp8_and_vp9_say_what_a_container_wants, 2),
        ROW(test_vp8_and_vp9_say_what_a_container_wants, 3),
        FOR_FAST_CODECS(test_what_restarts_begins_with_a_key_chunk),
        FOR_ALL_CODECS(test_the_decoder_config_is_that_of_the_configuration),
        FOR_ALL_CODECS(test_key_chunks_come_at_least_every_interval),
        FOR_ALL_CODECS(test_without_an_interval_the_first_chunk_is_the_only_key_chunk),
        ROW(test_the_display_size_gives_the_shape_of_pixels, 0),
        ROW(test_the_display_size_gives_the_shape_of_pixels, 1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
