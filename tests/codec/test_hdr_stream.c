/* SPDX-License-Identifier: MIT */

/*
 * HDR metadata from the configuration and the encode options to the stream, the decoder config and, by libavcodec's own
 * readers, back.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/bsf.h>
#include <libavutil/mastering_display_metadata.h>

#include "../support/coding.h"
#include "../support/hdr10.h"
#include "../support/nal.h"
#include "../support/pattern.h"

enum { WIDTH = 64, HEIGHT = 64 };

static bool is_codec(const struct codec_row *row, const char *prefix)
{
    return strncmp(row->codec, prefix, strlen(prefix)) == 0;
}

static wcenc_config config_of(const struct codec_row *row, const wcenc_hdr_metadata *metadata)
{
    wcenc_config config = row_config(row, WIDTH, HEIGHT);

    config.hdr_metadata = metadata;
    return config;
}

static void encode(struct recorder *recorder, bool key, const wcenc_hdr_metadata *metadata)
{
    static const uint8_t color[] = {180, 60, 90};
    static int64_t timestamp;
    wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, WIDTH, HEIGHT, color, NULL, timestamp++);
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    options.hdr_metadata = metadata;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

static void flush(struct recorder *recorder, int count)
{
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("flush: %s", recorder->error_message);
    assert_int_equal(recorder->chunk_count, count);
}

/* In another unit, rounded. */
static uint32_t in_units(AVRational value, int units)
{
    return (uint32_t)av_rescale(value.num, units, value.den);
}

static wcenc_hdr_metadata metadata_of_frame(const AVFrame *frame)
{
    const AVFrameSideData *display = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    const AVFrameSideData *light = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    wcenc_hdr_metadata found;

    wcenc_hdr_metadata_init(&found, sizeof found);
    if (display) {
        const AVMasteringDisplayMetadata *values = (const AVMasteringDisplayMetadata *)(const void *)display->data;
        uint32_t *members = &found.red_x;

        assert_true(values->has_primaries && values->has_luminance);
        found.has_mastering_display = 1;
        for (int i = 0; i < 6; i++)
            members[i] = in_units(values->display_primaries[i / 2][i % 2], 50000);
        found.white_x = in_units(values->white_point[0], 50000);
        found.white_y = in_units(values->white_point[1], 50000);
        found.max_luminance = in_units(values->max_luminance, 10000);
        found.min_luminance = in_units(values->min_luminance, 10000);
    }
    if (light) {
        const AVContentLightMetadata *values = (const AVContentLightMetadata *)(const void *)light->data;

        found.has_content_light_level = 1;
        found.max_content_light_level = values->MaxCLL;
        found.max_frame_average_light_level = values->MaxFALL;
    }
    return found;
}

/* What libavcodec's reader of bitstreams writes into the log, line by line: the members of the SEI messages by name. */
static struct {
    wcenc_hdr_metadata found;
    unsigned payload_type;
    uint32_t primaries[3][2]; /* in the order of the stream: green, blue, red */
} traced;

static void note_trace(void *context, int level, const char *format, va_list arguments)
{
    char line[512], name[128];
    unsigned long value;
    unsigned i;
    const char *equals;

    (void)context;
    (void)level;
    vsnprintf(line, sizeof line, format, arguments);
    equals = strrchr(line, '=');
    if (!equals || sscanf(line, "%*u %127s", name) != 1)
        return;
    value = strtoul(equals + 1, NULL, 10);
    if (sscanf(name, "display_primaries_x[%u]", &i) == 1 && i < 3)
        traced.primaries[i][0] = (uint32_t)value;
    else if (sscanf(name, "display_primaries_y[%u]", &i) == 1 && i < 3)
        traced.primaries[i][1] = (uint32_t)value;
    else if (strcmp(name, "white_point_x") == 0)
        traced.found.white_x = (uint32_t)value;
    else if (strcmp(name, "white_point_y") == 0)
        traced.found.white_y = (uint32_t)value;
    else if (strcmp(name, "max_display_mastering_luminance") == 0)
        traced.found.max_luminance = (uint32_t)value;
    else if (strcmp(name, "min_display_mastering_luminance") == 0)
        traced.found.min_luminance = (uint32_t)value;
    else if (strcmp(name, "max_content_light_level") == 0)
        traced.found.max_content_light_level = (uint32_t)value;
    else if (strcmp(name, "max_pic_average_light_level") == 0)
        traced.found.max_frame_average_light_level = (uint32_t)value;
}

static void trace_packet(const AVBitStreamFilter *filter, const wcenc_chunk *chunk, const wcenc_decoder_config *config)
{
    AVBSFContext *context = NULL;
    AVPacket *packet = av_packet_alloc();

    assert_non_null(packet);
    assert_int_equal(av_bsf_alloc(filter, &context), 0);
    context->par_in->codec_id = AV_CODEC_ID_H264;
    if (config->description) {
        context->par_in->extradata = av_mallocz(config->description_size + AV_INPUT_BUFFER_PADDING_SIZE);
        assert_non_null(context->par_in->extradata);
        memcpy(context->par_in->extradata, config->description, config->description_size);
        context->par_in->extradata_size = (int)config->description_size;
    }
    assert_int_equal(av_bsf_init(context), 0);
    assert_int_equal(av_new_packet(packet, (int)wcenc_chunk_get_byte_length(chunk)), 0);
    assert_int_equal(wcenc_chunk_copy_to(chunk, packet->data, (size_t)packet->size), WCENC_OK);
    assert_int_equal(av_bsf_send_packet(context, packet), 0);
    assert_int_equal(av_bsf_receive_packet(context, packet), 0);
    av_packet_free(&packet);
    av_bsf_free(&context);
}

static wcenc_hdr_metadata metadata_of_h264(const wcenc_chunk *chunk, const wcenc_decoder_config *config)
{
    const AVBitStreamFilter *filter = av_bsf_get_by_name("trace_headers");
    const int level = av_log_get_level();

    assert_non_null(filter);
    memset(&traced, 0, sizeof traced);
    traced.found.struct_size = sizeof traced.found;
    av_log_set_level(AV_LOG_INFO);
    av_log_set_callback(note_trace);
    trace_packet(filter, chunk, config);
    av_log_set_callback(av_log_default_callback);
    av_log_set_level(level);
    traced.found.green_x = traced.primaries[0][0];
    traced.found.green_y = traced.primaries[0][1];
    traced.found.blue_x = traced.primaries[1][0];
    traced.found.blue_y = traced.primaries[1][1];
    traced.found.red_x = traced.primaries[2][0];
    traced.found.red_y = traced.primaries[2][1];
    traced.found.has_mastering_display = traced.found.red_y > 0;
    traced.found.has_content_light_level = traced.found.max_content_light_level > 0;
    return traced.found;
}

static void expect_equal(const wcenc_hdr_metadata *found, const wcenc_hdr_metadata *expected, const char *where)
{
    const uint32_t *a = &found->struct_size, *b = &expected->struct_size;

    for (size_t i = 0; i < sizeof *found / sizeof *a; i++)
        if (a[i] != b[i])
            fail_msg("%s: number %zu of the HDR metadata is %u, not %u", where, i, a[i], b[i]);
}

static const wcenc_decoder_config *decoder_config_of(const wcenc_chunk *chunk)
{
    return wcenc_chunk_get_metadata(chunk)->decoder_config;
}

/* FFmpeg's decoder of H.264 gives none out with the frame: those are read from the bitstream. */
static void check_chunk(const struct codec_row *row, const wcenc_chunk *chunk, const AVFrame *frame,
                        const wcenc_decoder_config *config, const wcenc_hdr_metadata *expected)
{
    wcenc_hdr_metadata wanted, found = metadata_of_frame(frame);

    wcenc_hdr_metadata_init(&wanted, sizeof wanted);
    if (expected && !is_codec(row, "vp"))
        wanted = *expected;
    if (!is_codec(row, "avc1")) {
        expect_equal(&found, &wanted, row->name);
    } else if (wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY) {
        found = metadata_of_h264(chunk, config);
        expect_equal(&found, &wanted, row->name);
    }
}

/*
 * From one decoder config to the next, each with a decoder of its own: libdav1d keeps metadata that end. The order of
 * coding is that of presentation. Returns the number of chunks.
 */
static int check_part(const struct codec_row *row, wcenc_chunk *const *chunks, int count,
                      const wcenc_hdr_metadata *const *expected)
{
    const wcenc_decoder_config *config = decoder_config_of(chunks[0]);
    struct decoder decoder;
    int length = 1;

    assert_non_null(config);
    assert_true(!config->hdr_metadata == !expected[0]);
    if (expected[0])
        expect_equal(config->hdr_metadata, expected[0], "decoder config");
    while (length < count && !decoder_config_of(chunks[length]))
        length++;
    decode_all(&decoder, chunks, length);
    assert_int_equal(decoder.frame_count, length);
    for (int i = 0; i < length; i++) {
        assert_ptr_equal(expected[i], expected[0]);
        check_chunk(row, chunks[i], decoder.frames[i], config, expected[i]);
    }
    decoder_close(&decoder);
    return length;
}

/* Chunk for chunk what its frame has; NULL: none. */
static void check_stream(const struct codec_row *row, const struct recorder *recorder,
                         const wcenc_hdr_metadata *const *expected)
{
    for (int i = 0; i < recorder->chunk_count;)
        i += check_part(row, recorder->chunks + i, recorder->chunk_count - i, expected + i);
}

static void test_hdr_metadata_are_in_the_stream_and_the_decoder_config(void **state)
{
    const struct codec_row *row = *state;
    wcenc_hdr_metadata given = hdr10();
    const wcenc_hdr_metadata copy = given, *expected[] = {&copy, &copy, &copy};

    for (int format = 0; format <= WCENC_BITSTREAM_ANNEXB; format++) {
        wcenc_config config = config_of(row, &given);
        struct recorder recorder;

        given = copy;
        config.bitstream_format = format;
        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        memset(&given, 0xff, sizeof given); /* copied */
        encode(&recorder, false, NULL);
        encode(&recorder, false, NULL);
        encode(&recorder, true, NULL);
        flush(&recorder, 3);
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[2]), WCENC_CHUNK_TYPE_KEY);
        assert_null(row->realtime ? decoder_config_of(recorder.chunks[2]) : NULL);
        check_stream(row, &recorder, expected);
        recorder_close(&recorder);
    }
}

static void test_one_part_of_hdr_metadata_is_enough(void **state)
{
    const struct codec_row *row = *state;

    for (int part = 0; part < 2; part++) {
        wcenc_hdr_metadata given = hdr10();
        const wcenc_hdr_metadata *expected[] = {&given};
        wcenc_config config = config_of(row, &given);
        struct recorder recorder;

        if (part == 0) {
            given.has_content_light_level = 0;
            given.max_content_light_level = given.max_frame_average_light_level = 0;
        } else {
            given.has_mastering_display = 0;
            memset(&given.red_x, 0, 10 * sizeof given.red_x);
        }
        if (!config_works(&config))
            skip();
        coding_open(&recorder, &config);
        encode(&recorder, false, NULL);
        flush(&recorder, 1);
        check_stream(row, &recorder, expected);
        recorder_close(&recorder);
    }
}

static void test_changed_hdr_metadata_make_a_key_chunk(void **state)
{
    const struct codec_row *row = *state;
    wcenc_hdr_metadata first = hdr10(), second = hdr10(), none;
    const wcenc_hdr_metadata *expected[] = {NULL, &first, &first, &first, &second, &second, NULL, NULL};
    const bool is_key[] = {true, true, false, false, true, false, true, false};
    const int count = sizeof is_key / sizeof is_key[0];
    wcenc_config config = config_of(row, NULL);
    struct recorder recorder;

    second.max_luminance = 40000000;
    second.max_content_light_level = 4000;
    wcenc_hdr_metadata_init(&none, sizeof none);
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    encode(&recorder, false, NULL);
    encode(&recorder, false, &first);
    encode(&recorder, false, NULL);
    encode(&recorder, false, &first);
    encode(&recorder, false, &second);
    encode(&recorder, false, NULL);
    encode(&recorder, false, &none);
    encode(&recorder, false, NULL);
    flush(&recorder, count);
    for (int i = 0; i < count; i++) {
        const bool is = wcenc_chunk_get_type(recorder.chunks[i]) == WCENC_CHUNK_TYPE_KEY;

        assert_int_equal(is, is_key[i]);
        assert_true(is || !decoder_config_of(recorder.chunks[i]));
    }
    check_stream(row, &recorder, expected);
    recorder_close(&recorder);
}

/* A configure without a change of anything else keeps the encoder open; the metadata change with the next frame. */
static void test_a_configure_changes_hdr_metadata(void **state)
{
    const struct codec_row *row = *state;
    const wcenc_hdr_metadata given = hdr10(), *expected[] = {&given, &given, NULL};
    wcenc_config config = config_of(row, &given);
    struct recorder recorder;

    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    encode(&recorder, false, NULL);
    encode(&recorder, false, NULL);
    config.hdr_metadata = NULL;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode(&recorder, false, NULL);
    flush(&recorder, 3);
    assert_int_equal(wcenc_chunk_get_type(recorder.chunks[2]), WCENC_CHUNK_TYPE_KEY);
    assert_int_equal(wcenc_chunk_get_type(recorder.chunks[1]), WCENC_CHUNK_TYPE_DELTA);
    check_stream(row, &recorder, expected);
    recorder_close(&recorder);
}

static void test_hdr_metadata_follow_delayed_frames(void **state)
{
    const wcenc_hdr_metadata given = hdr10(), *expected[] = {NULL, NULL, NULL, NULL, NULL, &given, &given, &given};
    const int count = sizeof expected / sizeof expected[0];

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct codec_row *row = &codec_rows[i];
        wcenc_config config = config_of(row, NULL);
        struct recorder recorder;

        config.latency_mode = WCENC_LATENCY_QUALITY;
        if (!config_works(&config))
            continue;
        coding_open(&recorder, &config);
        for (int n = 0; n < count; n++)
            encode(&recorder, false, expected[n]);
        flush(&recorder, count);
        assert_int_equal(wcenc_chunk_get_type(recorder.chunks[5]), WCENC_CHUNK_TYPE_KEY);
        check_stream(row, &recorder, expected);
        recorder_close(&recorder);
    }
}

static void test_invalid_hdr_metadata_are_rejected(void **state)
{
    wcenc_hdr_metadata given = hdr10();
    wcenc_config config = config_of(&codec_rows[0], &given);
    wcenc_config_support *support;
    wcenc_encode_options options;
    struct recorder recorder;
    wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, WIDTH, HEIGHT, (const uint8_t[]){9, 9, 9}, NULL, 0);

    (void)state;
    if (!config_works(&config))
        skip();
    coding_open(&recorder, &config);
    given.max_luminance = given.min_luminance;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "config.hdr_metadata.max_luminance is 1"));
    assert_int_equal(wcenc_is_config_supported(&config, &support), WCENC_ERROR_TYPE);
    wcenc_encode_options_init(&options, sizeof options);
    options.hdr_metadata = &given;
    assert_int_equal(wcenc_encoder_encode(recorder.encoder, frame, &options), WCENC_ERROR_TYPE);
    assert_non_null(strstr(wcenc_last_error(), "options.hdr_metadata.max_luminance is 1"));
    wcenc_frame_unref(frame);
    recorder_close(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_ALL_CODECS(test_hdr_metadata_are_in_the_stream_and_the_decoder_config),
        FOR_FAST_CODECS(test_one_part_of_hdr_metadata_is_enough),
        FOR_ALL_CODECS(test_changed_hdr_metadata_make_a_key_chunk),
        FOR_FAST_CODECS(test_a_configure_changes_hdr_metadata),
        cmocka_unit_test(test_hdr_metadata_follow_delayed_frames),
        cmocka_unit_test(test_invalid_hdr_metadata_are_rejected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
