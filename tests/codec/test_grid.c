/* SPDX-License-Identifier: MIT */

/*
 * The support query held against what happens, over a large grid of configurations: where it says yes, two frames are
 * coded and decoded, and where it says no, configure fails.
 *
 *     test_grid [CELLS [SEED [FIRST]]]
 *
 * So many cells, from number FIRST on; the lower numbers are the same with every seed. The names of failed cells are
 * told again at the end; cell N of seed S is run alone by test_grid 1 S N.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "../support/claims.h"
#include "../support/decoder.h"
#include "../support/pattern.h"
#include "grid_cells.h"

#if defined(__has_feature)
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
enum { HAS_THREAD_SANITIZER = 1 };
#else
enum { HAS_THREAD_SANITIZER = 0 };
#endif

enum { DEFAULT_CELLS = 8000, DEFAULT_SEED = 1, FRAMES = 2, CHUNKS_MAX = 8, FRAME_US = 33333 };

#define DEADLINE_US INT64_C(60000000)

/* What the cell under test has open; static, so that a failed one can be cleared away. */
static struct subject {
    wcenc_encoder *encoder;
    wcenc_chunk *chunks[CHUNKS_MAX];
    int chunk_count;
    int error_count;
    wcenc_status error;
    char message[512];
    struct decoder decoder;
    bool is_decoding;
} subject;

/* Answers so far. */
static uint32_t supported, unsupported, invalid, left_out;

/* Pumped: these run inside of flush and pump, on the test's own thread. */
static void take_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)user;
    (void)metadata;
    if (subject.chunk_count < CHUNKS_MAX)
        subject.chunks[subject.chunk_count] = wcenc_chunk_ref(chunk);
    subject.chunk_count++;
}

static void take_error(void *user, const wcenc_error *error)
{
    (void)user;
    subject.error_count++;
    subject.error = error->status;
    (void)snprintf(subject.message, sizeof subject.message, "%s", error->message);
}

static void open_encoder(void)
{
    wcenc_encoder_init init;

    memset(&subject, 0, sizeof subject);
    wcenc_encoder_init_init(&init, sizeof init);
    init.on_output = take_output;
    init.on_error = take_error;
    init.delivery = WCENC_DELIVERY_PUMP;
    assert_int_equal(wcenc_encoder_create(&init, &subject.encoder), WCENC_OK);
}

static int clear(void **state)
{
    (void)state;
    if (subject.is_decoding)
        decoder_close(&subject.decoder);
    wcenc_encoder_destroy(subject.encoder);
    for (int i = 0; i < subject.chunk_count && i < CHUNKS_MAX; i++)
        wcenc_chunk_unref(subject.chunks[i]);
    memset(&subject, 0, sizeof subject);
    return 0;
}

static wcenc_frame *frame_of(const struct grid_cell *cell, int number)
{
    static const uint8_t colors[FRAMES][3] = {{200, 90, 140}, {60, 150, 100}};
    uint32_t width = cell->has_own_size ? cell->config.width : 72;
    uint32_t height = cell->has_own_size ? cell->config.height : 54;

    if (cell->has_own_size && width >= 128 && height >= 64)
        return pattern_frame(width, height, (unsigned)number + 1, (int64_t)number * FRAME_US);
    return flat_frame(cell->frame_format, width, height, colors[number], NULL, (int64_t)number * FRAME_US);
}

static void encode(const struct grid_cell *cell, int number)
{
    wcenc_frame *frame = frame_of(cell, number);
    wcenc_encode_options encode_options;
    wcenc_status status;

    wcenc_encode_options_init(&encode_options, sizeof encode_options);
    encode_options.key_frame = number == 1 && cell->second_is_key;
    status = wcenc_encoder_encode(subject.encoder, frame, &encode_options);
    wcenc_frame_unref(frame);
    assert_int_equal(status, WCENC_OK);
}

/* Where the answer is that nothing is held back, the first chunk comes without a second frame. */
static void await_first_chunk(void)
{
    while (subject.chunk_count == 0 && subject.error_count == 0)
        if (wcenc_encoder_pump(subject.encoder, 1, DEADLINE_US) <= 0)
            fail_msg("no chunk of the first frame, though none is held back");
}

static void encode_frames(const struct grid_cell *cell, uint32_t frames_held)
{
    wcenc_status status;

    encode(cell, 0);
    if (frames_held == 0)
        await_first_chunk();
    encode(cell, 1);
    status = wcenc_encoder_flush_timeout(subject.encoder, DEADLINE_US);
    if (status != WCENC_OK)
        fail_msg("supported, and flush gives %s: %s", wcenc_status_name(status), subject.message);
    assert_int_equal(subject.error_count, 0);
    assert_int_equal(subject.chunk_count, FRAMES);
}

static const wcenc_chunk *chunk_at(int64_t timestamp_us)
{
    for (int i = 0; i < FRAMES; i++)
        if (wcenc_chunk_timestamp_us(subject.chunks[i]) == timestamp_us)
            return subject.chunks[i];
    fail_msg("no chunk has the timestamp %" PRId64, timestamp_us);
    return NULL;
}

static bool has_nal_units(const char *codec)
{
    return strncmp(codec, "avc", 3) == 0 || strncmp(codec, "h", 1) == 0;
}

static bool is_hevc(const char *codec)
{
    return codec[0] == 'h';
}

static bool is_annexb(const wcenc_config *config)
{
    return (is_hevc(config->codec) ? config->hevc_format : config->avc_format) == WCENC_BITSTREAM_ANNEXB;
}

static void check_chunks(const struct grid_cell *cell)
{
    const wcenc_config *config = &cell->config;
    const wcenc_decoder_config *told = wcenc_chunk_get_metadata(subject.chunks[0])->decoder_config;
    bool with_description = has_nal_units(config->codec) && !is_annexb(config);

    assert_int_equal(wcenc_chunk_type(subject.chunks[0]), WCENC_CHUNK_TYPE_KEY);
    assert_int_equal(wcenc_chunk_type(chunk_at(0)), WCENC_CHUNK_TYPE_KEY);
    /* Options of the caller's may set another interval, which wins. */
    if (cell->second_is_key || (config->key_interval == 1 && !config->encoder_options))
        assert_int_equal(wcenc_chunk_type(chunk_at(FRAME_US)), WCENC_CHUNK_TYPE_KEY);
    assert_non_null(told);
    assert_string_equal(told->codec, config->codec);
    assert_int_equal(told->description != NULL, with_description);
    assert_int_equal(told->description_size > 0, with_description);
    assert_int_equal(told->coded_width, config->width);
    assert_int_equal(told->coded_height, config->height);
    assert_int_equal(told->display_aspect_width, config->display_width ? config->display_width : config->width);
    assert_int_equal(told->display_aspect_height, config->display_height ? config->display_height : config->height);
}

/* What the stream says: in annexb its first SPS, else the record for the decoder. */
static struct sps_claims claims_of(const struct grid_cell *cell)
{
    const wcenc_chunk *chunk = subject.chunks[0];
    const wcenc_decoder_config *told = wcenc_chunk_get_metadata(chunk)->decoder_config;
    bool hevc = is_hevc(cell->config.codec);
    const uint8_t *record = told->description;
    struct sps_claims claims = {0};

    if (is_annexb(&cell->config)) {
        struct unit units[UNITS_MAX];
        int count = split_annexb(wcenc_chunk_data(chunk), wcenc_chunk_byte_length(chunk), hevc, units);
        const struct unit *sps = find_unit(units, count, hevc ? HEVC_SPS : H264_SPS);

        assert_true(count > 0);
        assert_non_null(sps);
        return read_sps(sps, hevc);
    }
    assert_true(told->description_size > (hevc ? 23u : 7u));
    claims.profile = record[1] & (hevc ? 0x1f : 0xff);
    claims.tier = hevc ? record[1] >> 5 & 1 : 0;
    claims.level = record[hevc ? 12 : 3];
    if (hevc)
        claims.compatibility =
            (uint32_t)record[2] << 24 | (uint32_t)record[3] << 16 | (uint32_t)record[4] << 8 | record[5];
    memcpy(claims.constraints, record + (hevc ? 6 : 2), hevc ? sizeof claims.constraints : 1);
    return claims;
}

static void check_promise(const struct grid_cell *cell)
{
    const AVCodecContext *context = subject.decoder.context;
    struct sps_claims promised, claims;
    int profile = 0;

    if (!has_nal_units(cell->config.codec)) {
        if (sscanf(cell->config.codec, "%*[avp]0%*1u.%d", &profile) == 1)
            assert_int_equal(context->profile, profile);
        return;
    }
    promised = promised_by(cell->config.codec);
    claims = claims_of(cell);
    if (claims.profile != promised.profile || claims.level > promised.level || claims.tier > promised.tier)
        fail_msg("the stream says profile %d, level %d, tier %d, the codec string %d, %d, %d", claims.profile,
                 claims.level, claims.tier, promised.profile, promised.level, promised.tier);
    if ((claims.compatibility & promised.compatibility) != promised.compatibility ||
        (claims.constraints[0] & promised.constraints[0]) != promised.constraints[0] ||
        (claims.constraints[1] & promised.constraints[1]) != promised.constraints[1])
        fail_msg("the stream has flags %08" PRIx32 " %02x %02x, the codec string promises %08" PRIx32 " %02x %02x",
                 claims.compatibility, claims.constraints[0], claims.constraints[1], promised.compatibility,
                 promised.constraints[0], promised.constraints[1]);
    /* libavcodec adds bits of its own above those of H.264. */
    assert_int_equal(context->profile & 0xff, promised.profile);
    assert_int_equal(context->level, claims.level);
}

static void check_pictures(const struct grid_cell *cell)
{
    const AVPixFmtDescriptor *wanted = av_pix_fmt_desc_get(cell->codec->decoded);

    assert_int_equal(subject.decoder.frame_count, FRAMES);
    for (int i = 0; i < FRAMES; i++) {
        const AVFrame *frame = subject.decoder.frames[i];
        const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);

        assert_int_equal(frame->width, cell->config.width);
        assert_int_equal(frame->height, cell->config.height);
        /* Full range has formats of its own. */
        if (format->comp[0].depth != wanted->comp[0].depth || format->log2_chroma_w != wanted->log2_chroma_w ||
            format->log2_chroma_h != wanted->log2_chroma_h || format->nb_components != wanted->nb_components)
            fail_msg("decoded to %s, not to %s", format->name, wanted->name);
        if (!cell->config.display_width && !cell->config.display_height && frame->sample_aspect_ratio.num)
            assert_int_equal(frame->sample_aspect_ratio.num, frame->sample_aspect_ratio.den);
    }
}

/* The stream says of colour what the decoder config says: VP8 nothing, VP9 matrix and range, the others all. */
static void check_colors(const struct grid_cell *cell)
{
    const AVFrame *frame = subject.decoder.frames[0];
    const wcenc_color_space *told = &wcenc_chunk_get_metadata(subject.chunks[0])->decoder_config->color_space;

    if (strcmp(cell->config.codec, "vp8") == 0)
        return;
    if ((int)frame->colorspace != told->matrix || (int)frame->color_range != told->range)
        fail_msg("decoded with matrix %d and range %d, the decoder config says %d and %d", (int)frame->colorspace,
                 (int)frame->color_range, (int)told->matrix, (int)told->range);
    if (strncmp(cell->config.codec, "vp09", 4) == 0)
        return;
    if ((int)frame->color_primaries != told->primaries || (int)frame->color_trc != told->transfer)
        fail_msg("decoded with primaries %d and transfer %d, the decoder config says %d and %d",
                 (int)frame->color_primaries, (int)frame->color_trc, (int)told->primaries, (int)told->transfer);
}

static void prove_supported(const struct grid_cell *cell, const wcenc_config_support *support)
{
    uint32_t frames_held = support->max_frames_held;

    assert_null(support->reason);
    assert_non_null(support->encoder_name);
    if (cell->codec->decoded == AV_PIX_FMT_NONE)
        fail_msg("supported, which this codec string never is");
    if (cell->config.max_frames_held)
        assert_true(frames_held <= cell->config.max_frames_held);
    open_encoder();
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &cell->config), WCENC_OK);
    encode_frames(cell, frames_held);
    check_chunks(cell);
    subject.is_decoding = true;
    decode_all(&subject.decoder, subject.chunks, FRAMES);
    check_pictures(cell);
    check_colors(cell);
    check_promise(cell);
}

static void prove_unsupported(const struct grid_cell *cell, const wcenc_config_support *support)
{
    wcenc_status status;

    assert_null(support->encoder_name);
    assert_non_null(support->reason);
    assert_true(strlen(support->reason) > 10);
    open_encoder();
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &cell->config), WCENC_OK);
    status = wcenc_encoder_flush_timeout(subject.encoder, DEADLINE_US);
    if (status != WCENC_ERROR_NOT_SUPPORTED)
        fail_msg("not supported (%s), and flush after configure gives %s: %s", support->reason,
                 wcenc_status_name(status), subject.message);
    assert_int_equal(wcenc_encoder_pump(subject.encoder, 0, 0), WCENC_ERROR_ABORTED);
    assert_int_equal(subject.error_count, 1);
    assert_int_equal(subject.error, WCENC_ERROR_NOT_SUPPORTED);
    assert_true(strlen(subject.message) > 10);
    assert_int_equal(subject.chunk_count, 0);
    assert_int_equal(wcenc_encoder_state(subject.encoder), WCENC_STATE_CLOSED);
}

/* What is not valid in itself gets no answer, and configure changes nothing. */
static void prove_invalid(const struct grid_cell *cell, const wcenc_config_support *support)
{
    assert_null(support);
    open_encoder();
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &cell->config), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_state(subject.encoder), WCENC_STATE_UNCONFIGURED);
    assert_int_equal(subject.error_count, 0);
}

/* Its threads never come together where they run that slowly. */
static bool is_left_out(const wcenc_config *config)
{
    return HAS_THREAD_SANITIZER && config->encoder_name && strcmp(config->encoder_name, "libsvtav1") == 0;
}

static void test_cell(void **state)
{
    const struct grid_cell *cell = *state;
    const wcenc_config_support *support;
    wcenc_status status;

    if (is_left_out(&cell->config)) {
        left_out++;
        skip();
    }
    status = wcenc_is_config_supported(&cell->config, &support);
    if (status == WCENC_ERROR_TYPE) {
        invalid++;
        prove_invalid(cell, support);
        return;
    }
    assert_int_equal(status, WCENC_OK);
    assert_string_equal(support->config->codec, cell->config.codec);
    if (support->supported) {
        supported++;
        prove_supported(cell, support);
    } else {
        unsupported++;
        prove_unsupported(cell, support);
    }
    wcenc_config_support_unref(support);
}

/* Where the grid has grown one-sided it proves little. */
static void test_both_answers_are_frequent(void **state)
{
    uint32_t all = supported + unsupported + invalid;

    (void)state;
    print_message("%" PRIu32 " supported, %" PRIu32 " not, %" PRIu32 " not valid, %" PRIu32 " left out\n", supported,
                  unsupported, invalid, left_out);
    if (all >= grid_fixed_cells()) {
        assert_true(supported >= all / 8);
        assert_true(unsupported >= all / 8);
    }
}

static int run(uint64_t seed, uint32_t first, uint32_t count)
{
    struct grid_cell *cells = calloc(count, sizeof *cells);
    char(*names)[GRID_DESCRIPTION_MAX] = calloc(count, sizeof *names);
    struct CMUnitTest *tests = calloc(count + 1, sizeof *tests);
    int failed = 1;

    if (cells && names && tests) {
        for (uint32_t i = 0; i < count; i++) {
            cells[i] = grid_cell(seed, first + i);
            grid_describe(&cells[i], names[i]);
            tests[i] = (struct CMUnitTest){names[i], test_cell, NULL, clear, &cells[i]};
        }
        tests[count] = (struct CMUnitTest)cmocka_unit_test(test_both_answers_are_frequent);
        failed = _cmocka_run_group_tests("grid", tests, count + 1, NULL, NULL);
    }
    free(tests);
    free(names);
    free(cells);
    return failed != 0;
}

int main(int argc, char **argv)
{
    uint32_t cells = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : DEFAULT_CELLS;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_SEED;

    uint32_t first = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0;

    print_message("seed %" PRIu64 ": %" PRIu32 " cells from %" PRIu32 " on, below %" PRIu32
                  " the same with every seed\n",
                  seed, cells, first, grid_fixed_cells());
    return run(seed, first, cells);
}
