/* SPDX-License-Identifier: MIT */

/* The scalability mode "manual": each frame references and updates the buffers that it names, and nothing else. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "../support/claims.h"
#include "../support/coding.h"
#include "../support/pattern.h"

enum { WIDTH = 128, HEIGHT = 64, COUNT = 40, BUFFERS_MAX = 8 };

#ifdef WCENC_TEST_NATIVE_ROWS
enum { SEEDS = 20 };
#else
enum { SEEDS = 1 };
#endif

#ifdef WCENC_HAS_VPX
static const bool has_vpx = true;
#else
static const bool has_vpx = false;
#endif
#ifdef WCENC_HAS_AOM
static const bool has_aom = true;
#else
static const bool has_aom = false;
#endif

struct references_case {
    const char *codec;
    wcenc_bitrate_mode mode;
    wcenc_latency_mode latency;
    const char *hint;
    const char *encoder; /* NULL: the first that has the mode */
};

static bool is_av1(const char *codec)
{
    return strncmp(codec, "av01", 4) == 0;
}

static bool is_built(const struct references_case *references)
{
    return is_av1(references->codec) ? has_aom : has_vpx;
}

static wcenc_config config_of(const struct references_case *references)
{
    wcenc_config config = config_for(references->codec, WIDTH, HEIGHT);

    config.scalability_mode = "manual";
    config.bitrate_mode = references->mode;
    config.latency_mode = references->latency;
    config.content_hint = references->hint;
    config.encoder_name = references->encoder;
    config.bitrate = 800000;
    config.framerate = 30;
    config.threads = 1;
    config.key_interval = UINT32_MAX;
    return config;
}

/* The number of buffers; 0, with the reason, where the configuration is not supported. */
static uint32_t buffers_of(const wcenc_config *config, char reason[512])
{
    wcenc_config_support *support;
    uint32_t buffers;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    buffers = support->reference_buffers;
    if (buffers > 0)
        assert_true(support->supported && (support->capabilities & WCENC_CAPABILITY_REFERENCES));
    if (reason)
        strncpy(reason, support->reason ? support->reason : "", 511);
    wcenc_config_support_free(support);
    return buffers;
}

/* What is asked for with one frame. */
struct plan {
    uint32_t references;
    uint32_t updates;
    bool key;
};

static wcenc_status encode(wcenc_encoder *encoder, const struct plan *plan, int number)
{
    wcenc_frame *frame = pattern_frame(WIDTH, HEIGHT, (unsigned)(number * 37) % 256, 33333 * (int64_t)number);
    wcenc_encode_options options;
    wcenc_status status;

    wcenc_encode_options_init(&options, sizeof options);
    options.references = plan->references;
    options.updates = plan->updates;
    options.key_frame = plan->key;
    options.has_quantizer = 1;
    options.quantizer = 60 + (uint32_t)number % 3 * 20;
    status = wcenc_encoder_encode(encoder, frame, &options);
    wcenc_frame_unref(frame);
    return status;
}

static void encode_all(struct recorder *recorder, const struct plan *plans, int first, int end)
{
    for (int i = first; i < end; i++)
        if (encode(recorder->encoder, &plans[i], i) != WCENC_OK)
            fail_msg("encode: %s", wcenc_last_error());
}

static void flush(struct recorder *recorder)
{
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("flush: %s", recorder->error_message);
}

static bool is_key(const wcenc_chunk *chunk)
{
    return wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
}

/* SplitMix64. */
static uint32_t below(uint64_t *state, uint32_t limit)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(((z ^ z >> 31) >> 32) * limit >> 32);
}

/* Any subsets, the empty ones more often; a key frame now and then. */
static void make_plans(struct plan plans[COUNT], uint32_t buffers, uint64_t seed)
{
    for (int i = 0; i < COUNT; i++)
        plans[i] = (struct plan){
            .references = below(&seed, 8) ? below(&seed, 1u << buffers) : 0,
            .updates = below(&seed, 4) ? below(&seed, 1u << buffers) : 0,
            .key = below(&seed, 20) == 0,
        };
}

/* The frames that each frame needs, itself included, as bits; what follows from the plans alone. */
static void find_needs(const struct plan *plans, wcenc_chunk *const *chunks, uint64_t needs[COUNT])
{
    uint64_t kept[BUFFERS_MAX] = {0}; /* what the frame in each buffer needs */
    uint64_t key = 0;

    /* The first is in every set: it has the decoder config. */
    for (int i = 0; i < COUNT; i++) {
        const uint32_t references = is_key(chunks[i]) ? 0 : plans[i].references;
        const uint32_t updates = is_key(chunks[i]) ? UINT32_MAX : plans[i].updates;

        key = is_key(chunks[i]) ? UINT64_C(1) << i : key;
        needs[i] = key | UINT64_C(1) << i | 1;
        for (int buffer = 0; buffer < BUFFERS_MAX; buffer++)
            needs[i] |= references >> buffer & 1 ? kept[buffer] : 0;
        for (int buffer = 0; buffer < BUFFERS_MAX; buffer++)
            kept[buffer] = updates >> buffer & 1 ? needs[i] : kept[buffer];
    }
}

static void assert_same_picture(const AVFrame *a, const AVFrame *b)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)a->format);
    const int bytes = format->comp[0].depth > 8 ? 2 : 1;

    assert_int_equal(a->format, b->format);
    assert_true(a->width == b->width && a->height == b->height);
    for (int plane = 0; plane < 3; plane++) {
        const int width = plane ? AV_CEIL_RSHIFT(a->width, format->log2_chroma_w) : a->width;
        const int height = plane ? AV_CEIL_RSHIFT(a->height, format->log2_chroma_h) : a->height;

        for (int y = 0; y < height; y++)
            assert_memory_equal(a->data[plane] + (ptrdiff_t)y * a->linesize[plane],
                                b->data[plane] + (ptrdiff_t)y * b->linesize[plane], (size_t)width * (size_t)bytes);
    }
}

/* Without the other frames, those of the set are the same pictures. */
static void check_part(wcenc_chunk *const *chunks, const struct decoder *whole, uint64_t set)
{
    wcenc_chunk *part[COUNT];
    struct decoder decoder;
    int count = 0, at = 0;

    for (int i = 0; i < COUNT; i++)
        if (set >> i & 1)
            part[count++] = chunks[i];
    decode_all(&decoder, part, count);
    assert_int_equal(decoder.frame_count, count);
    for (int i = 0; i < COUNT; i++)
        if (set >> i & 1)
            assert_same_picture(decoder.frames[at++], whole->frames[i]); /* SVC-013 */
    decoder_close(&decoder);
}

/* Decodes each frame, by turns alone and with another one, with what they need and without everything else. */
static void check_parts(const struct recorder *recorder, const struct plan *plans)
{
    uint64_t needs[COUNT], left_out = 0, seed = 1;
    struct decoder whole;

    find_needs(plans, recorder->chunks, needs);
    decode_all(&whole, recorder->chunks, COUNT);
    assert_int_equal(whole.frame_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(whole.frames[i]->pts, 33333 * (int64_t)i);
        assert_int_equal(wcenc_chunk_get_metadata(recorder->chunks[i])->has_svc, 0); /* SVC-012 */
        check_part(recorder->chunks, &whole, needs[i] | (i % 2 ? needs[below(&seed, COUNT)] : 0));
        left_out |= ~needs[i] & ((UINT64_C(1) << i) - 1);
    }
    assert_true(left_out != 0);
    decoder_close(&whole);
}

static struct frame_claims claims_of_temporal_unit(const wcenc_chunk *chunk, struct stream_claims *stream)
{
    struct unit units[UNITS_MAX];
    const int count = split_obus(wcenc_chunk_get_data(chunk), wcenc_chunk_get_byte_length(chunk), units);

    for (int i = 0; i < count; i++) {
        if (units[i].type == OBU_SEQUENCE_HEADER)
            assert_true(claims_of_av1(&units[i], stream));
        if (units[i].type == OBU_FRAME || units[i].type == OBU_FRAME_HEADER)
            return claims_of_av1_frame(&units[i], stream);
    }
    fail_msg("there is no frame in a chunk");
    return (struct frame_claims){0};
}

static struct frame_claims claims_of(const wcenc_chunk *chunk, const char *codec, struct stream_claims *stream)
{
    const uint8_t *data = wcenc_chunk_get_data(chunk);
    const size_t size = wcenc_chunk_get_byte_length(chunk);
    struct frame_claims claims;

    if (is_av1(codec)) {
        claims = claims_of_temporal_unit(chunk, stream);
        /* The first of its eight buffers is not used. */
        claims.refreshes >>= 1;
        return claims;
    }
    if (strcmp(codec, "vp8") == 0)
        assert_true(claims_of_vp8_frame(data, size, &claims));
    else
        assert_true(claims_of_vp9_frame(data, size, &claims));
    return claims;
}

/* The headers say which buffers a frame is kept in. */
static void check_headers(const struct recorder *recorder, const struct plan *plans, uint32_t buffers)
{
    const char *codec = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config->codec;
    struct stream_claims stream;

    for (int i = 0; i < recorder->chunk_count; i++) {
        const struct frame_claims claims = claims_of(recorder->chunks[i], codec, &stream);

        assert_int_equal(claims.is_key, is_key(recorder->chunks[i]));
        assert_true(claims.is_shown);
        /* SVC-013, SVC-014 */
        assert_int_equal(claims.refreshes & ((1u << buffers) - 1),
                         claims.is_key ? (1u << buffers) - 1 : plans[i].updates);
    }
}

/* The key frames that were asked for, and no others. */
static void check_keys(const struct recorder *recorder, const struct plan *plans)
{
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(is_key(recorder->chunks[i]), i == 0 || plans[i].key); /* SVC-014 */
}

static void test_frames_that_nothing_references_can_be_left_out(void **state)
{
    wcenc_config config = config_of(*state);
    const uint32_t buffers = buffers_of(&config, NULL);

    if (!is_built(*state))
        skip();
    assert_int_equal(buffers, is_av1(config.codec) ? 5 : 3); /* SVC-012 */
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct plan plans[COUNT];
        struct recorder recorder;

        make_plans(plans, buffers, seed);
        coding_open(&recorder, &config);
        encode_all(&recorder, plans, 0, COUNT);
        flush(&recorder);
        assert_int_equal(recorder.chunk_count, COUNT);
        check_keys(&recorder, plans);
        check_headers(&recorder, plans, buffers);
        check_parts(&recorder, plans);
        recorder_close(&recorder);
    }
}

/* Buffers outlast everything that makes no key chunk. */
static void test_flushes_and_new_rates_keep_the_buffers(void **state)
{
    wcenc_config config = config_of(*state);
    struct plan plans[COUNT];
    struct recorder recorder;

    if (!is_built(*state))
        skip();
    make_plans(plans, buffers_of(&config, NULL), 7);
    coding_open(&recorder, &config);
    for (int i = 0; i < COUNT; i += 8) {
        encode_all(&recorder, plans, i, i + 8);
        flush(&recorder);
        config.bitrate = config.bitrate == 800000 ? 400000 : 800000;
        assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    }
    assert_int_equal(recorder.chunk_count, COUNT);
    check_keys(&recorder, plans);
    check_parts(&recorder, plans);
    recorder_close(&recorder);
}

/* Requests, the key interval and another size make key chunks of frames that were to reference others. */
static void test_a_key_chunk_references_nothing_and_is_kept_in_every_buffer(void **state)
{
    enum { REQUEST = 5, ASKED = 9, SIZED = 30 };
    wcenc_config config = config_of(*state);
    struct plan plans[COUNT];
    struct recorder recorder;

    if (!is_built(*state))
        skip();
    make_plans(plans, buffers_of(&config, NULL), 3);
    for (int i = 0; i < COUNT; i++)
        plans[i].key = i == ASKED;
    config.key_interval = 12;
    coding_open(&recorder, &config);
    encode_all(&recorder, plans, 0, REQUEST);
    flush(&recorder);
    assert_int_equal(wcenc_encoder_request_key_frame(recorder.encoder), WCENC_OK);
    encode_all(&recorder, plans, REQUEST, SIZED);
    config.display_width = 2 * WIDTH;
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode_all(&recorder, plans, SIZED, COUNT);
    flush(&recorder);
    assert_int_equal(recorder.chunk_count, COUNT);
    for (int i = 0; i < COUNT; i++) /* SVC-014 */
        assert_int_equal(is_key(recorder.chunks[i]),
                         i == 0 || i == REQUEST || i == ASKED || i == ASKED + 12 || i == SIZED || i == SIZED + 12);
    check_headers(&recorder, plans, buffers_of(&config, NULL));
    check_parts(&recorder, plans);
    recorder_close(&recorder);
}

static void test_after_a_reset_buffers_begin_with_a_key_chunk(void **state)
{
    static const struct plan plans[] = {{0, 1, false}, {1, 2, false}, {2, 4, false}, {4, 0, false}};
    enum { HALF = 2, ALL = 4 };
    wcenc_config config = config_of(*state);
    struct recorder recorder;

    if (!is_built(*state))
        skip();
    coding_open(&recorder, &config);
    encode_all(&recorder, plans, 0, HALF);
    flush(&recorder);
    assert_int_equal(wcenc_encoder_reset(recorder.encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(recorder.encoder, &config), WCENC_OK);
    encode_all(&recorder, plans, HALF, ALL);
    flush(&recorder);
    assert_int_equal(recorder.chunk_count, ALL);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(is_key(recorder.chunks[i]), i == 0 || i == HALF); /* SVC-014 */
    recorder_close(&recorder);
}

/* Receives up to the third chunk, and checks the drop that comes before. */
static void receive_all(wcenc_encoder *encoder, wcenc_chunk *chunks[3], int64_t dropped_us)
{
    int count = 0, drops = 0;

    while (count < 3) {
        wcenc_event *event;

        assert_int_equal(wcenc_encoder_receive(encoder, DEADLINE_SECONDS * INT64_C(1000000), &event), WCENC_OK);
        assert_int_not_equal(event->type, WCENC_EVENT_ERROR);
        if (event->type == WCENC_EVENT_OUTPUT)
            chunks[count++] = wcenc_chunk_ref(event->chunk);
        if (event->type == WCENC_EVENT_DROP) {
            assert_int_equal(event->drop->timestamp_us, dropped_us);
            drops++;
        }
        wcenc_event_free(event);
    }
    assert_int_equal(drops, 1);
}

/* While a chunk is pending, frames wait, and two may. */
static wcenc_encoder *open_dropping(const wcenc_config *config)
{
    wcenc_encoder_desc desc;
    wcenc_encoder *encoder;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.delivery = WCENC_DELIVERY_PULL;
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST;
    desc.max_queued_frames = 2;
    desc.max_pending_results = 1;
    assert_int_equal(wcenc_encoder_create(&desc, &encoder), WCENC_OK);
    assert_int_equal(wcenc_encoder_configure(encoder, config), WCENC_OK);
    return encoder;
}

static void test_a_dropped_frame_changes_no_buffer(void **state)
{
    /* The second was to be kept in the buffer that the fourth references, where there is the first. */
    static const struct plan plans[] = {{0, 0, false}, {1, 3, false}, {1, 4, false}, {2, 0, false}};
    const wcenc_config config = config_of(*state);
    wcenc_chunk *chunks[3], *part[2];
    struct decoder whole, decoder;
    wcenc_encoder *encoder;

    if (!is_built(*state))
        skip();
    encoder = open_dropping(&config);
    assert_int_equal(encode(encoder, &plans[0], 0), WCENC_OK);
    assert_int_equal(wcenc_encoder_flush(encoder), WCENC_OK);
    for (int i = 1; i < 4; i++)
        assert_int_equal(encode(encoder, &plans[i], i), WCENC_OK);
    receive_all(encoder, chunks, 33333);
    part[0] = chunks[0];
    part[1] = chunks[2];
    decode_all(&whole, chunks, 3);
    decode_all(&decoder, part, 2);
    assert_int_equal(decoder.frame_count, 2);
    assert_same_picture(decoder.frames[1], whole.frames[2]); /* SVC-016 */
    assert_false(is_key(chunks[2]));
    decoder_close(&whole);
    decoder_close(&decoder);
    for (int i = 0; i < 3; i++)
        wcenc_chunk_unref(chunks[i]);
    wcenc_encoder_destroy(encoder);
}

static void expect_type_error(struct recorder *recorder, uint32_t references, uint32_t updates, const char *word)
{
    const struct plan plan = {references, updates, false};

    assert_int_equal(encode(recorder->encoder, &plan, 0), WCENC_ERROR_TYPE); /* SVC-015 */
    if (!strstr(wcenc_last_error(), word))
        fail_msg("\"%s\" does not name \"%s\"", wcenc_last_error(), word);
}

static void test_buffers_that_the_encoder_does_not_have_are_type_errors(void **state)
{
    const struct plan all = {7, 7, false};
    wcenc_config config = config_of(*state);
    struct recorder recorder;

    if (!is_built(*state))
        skip();
    coding_open(&recorder, &config);
    expect_type_error(&recorder, 8, 0, "options.references is 0x8, the encoder has 3 buffers");
    expect_type_error(&recorder, 1, 0x80000001, "options.updates is 0x80000001, the encoder has 3 buffers");
    assert_int_equal(encode(recorder.encoder, &all, 0), WCENC_OK);
    assert_int_equal(encode(recorder.encoder, &all, 1), WCENC_OK);
    flush(&recorder);
    assert_int_equal(recorder.chunk_count, 2);
    recorder_close(&recorder);
}

static void test_other_modes_reject_references_and_updates(void **state)
{
    static const char *const modes[] = {NULL, "L1T1", "L1T2"};
    const struct plan none = {0, 0, false};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        wcenc_config config = config_for("vp8", WIDTH, HEIGHT);
        struct recorder recorder;

        config.scalability_mode = modes[i];
        coding_open(&recorder, &config);
        expect_type_error(&recorder, 1, 0, "options.references is 0x1, but scalability_mode is not \"manual\"");
        expect_type_error(&recorder, 0, 2, "options.updates is 0x2, but");
        assert_int_equal(encode(recorder.encoder, &none, 0), WCENC_OK);
        flush(&recorder);
        assert_int_equal(recorder.chunk_count, 1);
        recorder_close(&recorder);
    }
}

static void test_encoders_without_manual_references_refuse_the_mode(void **state)
{
    static const struct {
        const char *codec, *encoder;
        wcenc_latency_mode latency;
        wcenc_alpha_option alpha;
        const char *word;
    } rows[] = {
        {"avc1.42001e", NULL, WCENC_LATENCY_REALTIME, 0, "libx264 chooses the references"},
        {"vp8", "libvpx", WCENC_LATENCY_REALTIME, 0, "libvpx chooses the references"},
        {"vp09.00.10.08", "libvpx-vp9", WCENC_LATENCY_REALTIME, 0, "libvpx-vp9 chooses the references"},
        /* FFmpeg 7 has no realtime for it. */
        {"av01.0.04M.08", "libaom-av1", WCENC_LATENCY_QUALITY, 0, "libaom-av1 chooses the references"},
#ifdef WCENC_HAS_VPX
        {"vp8", "native-vpx", WCENC_LATENCY_REALTIME, WCENC_ALPHA_KEEP, "use L1T1"},
#endif
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        wcenc_config config = config_of(&(struct references_case){.codec = rows[i].codec, .latency = rows[i].latency});
        char reason[512] = "";

        config.encoder_name = rows[i].encoder;
        config.alpha = rows[i].alpha;
        assert_int_equal(buffers_of(&config, reason), 0); /* SVC-012 */
        if (!strstr(reason, rows[i].word))
            fail_msg("\"%s\" does not name \"%s\"", reason, rows[i].word);
        config.encoder_name = NULL;
        config.scalability_mode = NULL;
        config.alpha = 0;
        assert_int_equal(buffers_of(&config, NULL), 0);
    }
}

#define CASE(test, codec, mode, latency, hint)                                                                       \
    cmocka_unit_test_prestate(test, (&(struct references_case){codec, WCENC_BITRATE_##mode, WCENC_LATENCY_##latency, \
                                                               hint, *(codec) == 'a' ? "native-aom" : NULL}))
#define VP8(test) CASE(test, "vp8", CONSTANT, REALTIME, NULL)
#define VP9(test) CASE(test, "vp09.00.10.08", CONSTANT, REALTIME, NULL)
#define AV1(test) CASE(test, "av01.0.04M.08", CONSTANT, REALTIME, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", VARIABLE, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", CONSTANT, REALTIME, "text"),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", CONSTANT_QUALITY, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", VARIABLE, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", CONSTANT, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp8", CONSTANT_QUALITY, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", VARIABLE, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", CONSTANT, REALTIME, "text"),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", QUANTIZER, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", CONSTANT_QUALITY, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", VARIABLE, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", CONSTANT, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.00.10.08", QUANTIZER, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "vp09.03.31.10.03", CONSTANT, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", VARIABLE, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", CONSTANT, REALTIME, "text"),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", QUANTIZER, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", CONSTANT_QUALITY, REALTIME, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", VARIABLE, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.08", CONSTANT_QUALITY, QUALITY, NULL),
        CASE(test_frames_that_nothing_references_can_be_left_out, "av01.0.04M.10", QUANTIZER, QUALITY, NULL),
        AV1(test_flushes_and_new_rates_keep_the_buffers),
        AV1(test_a_key_chunk_references_nothing_and_is_kept_in_every_buffer),
        CASE(test_a_key_chunk_references_nothing_and_is_kept_in_every_buffer, "av01.0.04M.08", VARIABLE, QUALITY, NULL),
        AV1(test_after_a_reset_buffers_begin_with_a_key_chunk),
        AV1(test_a_dropped_frame_changes_no_buffer),
        VP8(test_flushes_and_new_rates_keep_the_buffers),
        VP9(test_flushes_and_new_rates_keep_the_buffers),
        VP8(test_a_key_chunk_references_nothing_and_is_kept_in_every_buffer),
        VP9(test_a_key_chunk_references_nothing_and_is_kept_in_every_buffer),
        VP8(test_after_a_reset_buffers_begin_with_a_key_chunk),
        VP9(test_after_a_reset_buffers_begin_with_a_key_chunk),
        VP8(test_a_dropped_frame_changes_no_buffer),
        VP9(test_a_dropped_frame_changes_no_buffer),
        VP8(test_buffers_that_the_encoder_does_not_have_are_type_errors),
        VP9(test_buffers_that_the_encoder_does_not_have_are_type_errors),
        cmocka_unit_test(test_other_modes_reject_references_and_updates),
        cmocka_unit_test(test_encoders_without_manual_references_refuse_the_mode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
