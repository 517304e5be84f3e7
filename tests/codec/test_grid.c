/* SPDX-License-Identifier: MIT */

/*
 * The support query held against what happens, over a large grid of configurations: where it says yes, frames are
 * coded, the headers of the stream are read, and it is decoded; where it says no, configure fails.
 *
 *     test_grid [CELLS [SEED [FIRST]]]
 *
 * Runs so many cells, from number FIRST on; the lower numbers are the same with every seed, and are those that run with
 * 0 CELLS. Without arguments they run too, but under sanitizers only the forms of each codec string and half of the
 * others. The names of failed cells are reported again at the end; cell N of seed S is run alone by test_grid 1 S N.
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

#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>

#include "../support/claims.h"
#include "../support/sanitizer.h"
#include "grid_pictures.h"
#include "grid_streams.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { DEFAULT_CELLS = 5060, DEFAULT_SEED = 1, CHUNKS_MAX = GRID_FRAMES_MAX + 1 };

#define DEADLINE_US INT64_C(300000000) /* only to end a hang: pictures of 4096x2176 take long on a busy machine */

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

/* Of each encoder the streams in all forms, and those whose pictures were compared. */
static struct seen {
    const char *encoder;
    int streams, pictures;
} seen[] = {{.encoder = "libx264"},        {.encoder = "libx265"},    {.encoder = "libvpx"},
            {.encoder = "libvpx-vp9"},     {.encoder = "libaom-av1"}, {.encoder = "librav1e"},
            {.encoder = "libsvtav1"},      {.encoder = "native-vpx"}, {.encoder = "native-aom"},
            {.encoder = "native-openh264"}};

/* How many chunks came before a chunk of an earlier time. */
static int reordered;

/* The cells from `first` on. A half of them: all forms, and of the others those that a hash picks. */
struct range {
    uint64_t seed;
    uint32_t first, count;
    bool is_half;
};

static bool has_all_forms; /* of each codec string: the run begins with the first cell and goes beyond them */

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
    wcenc_encoder_desc desc;

    memset(&subject, 0, sizeof subject);
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.on_output = take_output;
    desc.on_error = take_error;
    desc.delivery = WCENC_DELIVERY_PUMP;
    assert_int_equal(wcenc_encoder_create(&desc, &subject.encoder), WCENC_OK);
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

static void encode(const struct grid_cell *cell, int number)
{
    wcenc_frame *frame = grid_frame(cell, number);
    wcenc_encode_options encode_options;
    wcenc_status status;

    wcenc_encode_options_init(&encode_options, sizeof encode_options);
    encode_options.key_frame = cell->key_every && number % cell->key_every == 0;
    status = wcenc_encoder_encode(subject.encoder, frame, &encode_options);
    wcenc_frame_unref(frame);
    assert_int_equal(status, WCENC_OK);
}

/* Where the answer is that nothing is delayed, the first chunk comes without a second frame. */
static void await_first_chunk(void)
{
    while (subject.chunk_count == 0 && subject.error_count == 0)
        if (wcenc_encoder_pump(subject.encoder, 1, DEADLINE_US, NULL) != WCENC_OK)
            fail_msg("no chunk of the first frame, though none is delayed");
}

static void encode_frames(const struct grid_cell *cell, uint32_t frames_held)
{
    wcenc_status status;

    encode(cell, 0);
    if (frames_held == 0)
        await_first_chunk();
    for (int i = 1; i < cell->frames; i++)
        encode(cell, i);
    status = wcenc_encoder_flush_timeout(subject.encoder, DEADLINE_US);
    if (status != WCENC_OK)
        fail_msg("supported, and flush gives %s: %s", wcenc_status_name(status), subject.message);
    assert_int_equal(subject.error_count, 0);
    assert_int_equal(subject.chunk_count, cell->frames);
}

static int number_of(const wcenc_chunk *chunk)
{
    return (int)(wcenc_chunk_get_timestamp_us(chunk) / GRID_FRAME_US);
}

static const wcenc_decoder_config *decoder_config(void)
{
    return wcenc_chunk_get_metadata(subject.chunks[0])->decoder_config;
}

static bool has_nal_units(const char *codec)
{
    return strncmp(codec, "avc", 3) == 0 || strncmp(codec, "h", 1) == 0;
}

static bool is_annexb(const wcenc_config *config)
{
    return config->bitstream_format == WCENC_BITSTREAM_ANNEXB;
}

static bool must_be_key(const struct grid_cell *cell, int number)
{
    /* Options of the caller's may set another interval, which wins. */
    bool is_interval_one = cell->config.key_interval == 1 && !cell->config.encoder_options;

    return number == 0 || is_interval_one || (cell->key_every && number % cell->key_every == 0);
}

/* Each frame is there once, and those are keys that must be. */
static void check_order(const struct grid_cell *cell)
{
    unsigned numbers = 0;

    for (int i = 0; i < cell->frames; i++) {
        int number = number_of(subject.chunks[i]);

        assert_true(number >= 0 && number < cell->frames);
        assert_int_equal(wcenc_chunk_get_timestamp_us(subject.chunks[i]), number * GRID_FRAME_US);
        numbers |= 1u << number;
        if (must_be_key(cell, number))
            assert_int_equal(wcenc_chunk_get_type(subject.chunks[i]), WCENC_CHUNK_TYPE_KEY);
        if (i > 0)
            reordered += number < number_of(subject.chunks[i - 1]);
    }
    assert_int_equal(numbers, (1u << cell->frames) - 1);
    assert_int_equal(wcenc_chunk_get_type(subject.chunks[0]), WCENC_CHUNK_TYPE_KEY);
}

/* Level 1b of H.264, between 1 and 1.1, has level_idc 9 in High profiles. */
static int level_order(int level_idc)
{
    return level_idc == 9 ? 21 : 2 * level_idc;
}

/* The support answer names it. A rate may raise the level of H.264 and HEVC. */
static void check_codec_string(const wcenc_config *config, const char *reported)
{
    wcenc_config_support *support = NULL;

    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    assert_non_null(support->codec);
    assert_string_equal(reported, support->codec);
    wcenc_config_support_free(support);
    if (!has_nal_units(config->codec)) {
        assert_string_equal(reported, config->codec);
    } else {
        const struct sps_claims asked = promised_by(config->codec), promised = promised_by(reported);

        assert_memory_equal(reported, config->codec, strlen("avc1."));
        assert_int_equal(promised.profile, asked.profile);
        assert_int_equal(promised.tier, asked.tier);
        assert_true(level_order(promised.level) >= level_order(asked.level));
    }
}

static void check_decoder_config(const struct grid_cell *cell)
{
    const wcenc_config *config = &cell->config;
    const wcenc_decoder_config *reported = decoder_config();
    bool with_description = has_nal_units(config->codec) && !is_annexb(config);

    assert_non_null(reported);
    check_codec_string(config, reported->codec);
    assert_int_equal(reported->description != NULL, with_description);
    assert_int_equal(reported->description_size > 0, with_description);
    assert_int_equal(reported->coded_width, config->width);
    assert_int_equal(reported->coded_height, config->height);
    assert_int_equal(reported->display_aspect_width, config->display_width ? config->display_width : config->width);
    assert_int_equal(reported->display_aspect_height, config->display_height ? config->display_height : config->height);
}

/* What a decoder, which has the chunks and the decoder config only, makes of the promise. */
static void check_promise(const struct grid_cell *cell)
{
    const AVCodecContext *context = subject.decoder.context;
    struct sps_claims promised;
    int profile = 0;

    if (has_nal_units(cell->config.codec)) {
        promised = promised_by(decoder_config()->codec);
        /* libavcodec adds bits of its own above those of H.264. */
        assert_int_equal(context->profile & 0xff, promised.profile); /* SUP-011 */
        assert_true(context->level <= promised.level);               /* SUP-012 */
    } else if (sscanf(cell->config.codec, "%*[avp]0%*1u.%d", &profile) == 1) {
        assert_int_equal(context->profile, profile); /* SUP-011 */
    }
}

static void check_formats(const struct grid_cell *cell)
{
    const AVPixFmtDescriptor *wanted = av_pix_fmt_desc_get(cell->codec->decoded);

    assert_int_equal(subject.decoder.frame_count, cell->frames);
    for (int i = 0; i < cell->frames; i++) {
        const AVFrame *frame = subject.decoder.frames[i];
        const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);

        assert_int_equal(frame->width, cell->config.width); /* AVC-013 */
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
    const wcenc_color_space *reported = &decoder_config()->color_space;

    if (strcmp(cell->config.codec, "vp8") == 0)
        return;
    if ((int)frame->colorspace != reported->matrix || (int)frame->color_range != reported->range)
        fail_msg("decoded with matrix %d and range %d, the decoder config says %d and %d", (int)frame->colorspace,
                 (int)frame->color_range, (int)reported->matrix, (int)reported->range);
    if (strncmp(cell->config.codec, "vp09", 4) == 0)
        return;
    if ((int)frame->color_primaries != reported->primaries || (int)frame->color_trc != reported->transfer)
        fail_msg("decoded with primaries %d and transfer %d, the decoder config says %d and %d",
                 (int)frame->color_primaries, (int)frame->color_trc, (int)reported->primaries, (int)reported->transfer);
}

static void count_stream(const struct grid_cell *cell, bool with_pictures)
{
    for (size_t i = 0; i < LENGTH(seen) && cell->form; i++)
        if (strcmp(seen[i].encoder, cell->config.encoder_name) == 0) {
            seen[i].streams++;
            seen[i].pictures += with_pictures;
        }
}

/* Sizes that H.264 and HEVC cannot crop to. */
static bool has_half_samples(const struct grid_cell *cell)
{
    const AVPixFmtDescriptor *decoded = av_pix_fmt_desc_get(cell->codec->decoded);
    uint32_t step_x = 1u << decoded->log2_chroma_w, step_y = 1u << decoded->log2_chroma_h;

    return has_nal_units(cell->config.codec) && (cell->config.width % step_x || cell->config.height % step_y);
}

static void prove_supported(const struct grid_cell *cell, wcenc_config_support *support)
{
    uint32_t frames_held = support->delay_frames;

    assert_null(support->reason);
    assert_non_null(support->encoder_name);
    if (cell->codec->decoded == AV_PIX_FMT_NONE)
        fail_msg("supported, which this codec string never is");
    assert_false(has_half_samples(cell)); /* AVC-013, HEV-007 */
    if (cell->config.max_delay_frames)
        assert_true(frames_held <= cell->config.max_delay_frames);
    open_encoder();
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &cell->config), WCENC_OK);
    encode_frames(cell, frames_held);
    check_order(cell);
    check_decoder_config(cell);
    grid_check_stream(cell, subject.chunks);
    subject.is_decoding = true;
    decode_all(&subject.decoder, subject.chunks, cell->frames);
    check_formats(cell);
    check_colors(cell);
    check_promise(cell);
    count_stream(cell, grid_check_pictures(cell, &subject.decoder, &decoder_config()->color_space));
}

static void prove_unsupported(const struct grid_cell *cell, wcenc_config_support *support)
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
    assert_int_equal(wcenc_encoder_pump(subject.encoder, 0, 0, NULL), WCENC_END);
    assert_int_equal(subject.error_count, 1);
    assert_int_equal(subject.error, WCENC_ERROR_NOT_SUPPORTED);
    assert_true(strlen(subject.message) > 10);
    assert_int_equal(subject.chunk_count, 0);
    assert_int_equal(wcenc_encoder_get_state(subject.encoder), WCENC_STATE_CLOSED);
}

/* What is not valid in itself gets no answer, and configure changes nothing. */
static void prove_invalid(const struct grid_cell *cell, wcenc_config_support *support)
{
    assert_null(support);
    open_encoder();
    assert_int_equal(wcenc_encoder_configure(subject.encoder, &cell->config), WCENC_ERROR_TYPE);
    assert_int_equal(wcenc_encoder_get_state(subject.encoder), WCENC_STATE_UNCONFIGURED);
    assert_int_equal(subject.error_count, 0);
}

/* Its threads never come together where they run that slowly. */
static bool is_left_out(const wcenc_config *config)
{
    return WCENC_TEST_THREAD_SANITIZER && config->encoder_name && strcmp(config->encoder_name, "libsvtav1") == 0;
}

/* Asks for the cell, and holds the answer against what happens; false if it is not supported. */
static bool prove(const struct grid_cell *cell)
{
    wcenc_config_support *support;
    wcenc_status status = wcenc_is_config_supported(&cell->config, &support);
    bool is_supported;

    if (status == WCENC_ERROR_TYPE) {
        invalid++;
        prove_invalid(cell, support);
        return false;
    }
    assert_int_equal(status, WCENC_OK);
    assert_string_equal(support->config->codec, cell->config.codec);
    is_supported = support->supported;
    if (is_supported) {
        supported++;
        prove_supported(cell, support);
    } else {
        unsupported++;
        prove_unsupported(cell, support);
    }
    wcenc_config_support_free(support);
    return is_supported;
}

static void test_cell(void **state)
{
    struct grid_cell cell = *(const struct grid_cell *)*state;

    if (is_left_out(&cell.config)) {
        left_out++;
        skip();
    }
    while (!prove(&cell) && grid_relax(&cell))
        (void)clear(state);
}

/* Nothing is proved where everything was left out. Of the cells in all forms, if the run has them. */
static void test_every_available_encoder_was_seen(void **state)
{
    int streams = 0;

    (void)state;
    for (size_t i = 0; i < LENGTH(seen); i++)
        streams += seen[i].streams;
    if (has_all_forms)
        assert_true(reordered > 0 || !avcodec_find_encoder_by_name("libx264"));
    print_message("%d streams in all forms, %d chunks before one of an earlier time\n", streams, reordered);
    for (size_t i = 0; i < LENGTH(seen) && has_all_forms; i++) {
        const wcenc_config config = {.encoder_name = seen[i].encoder};

        print_message("%s: %d streams, %d with pictures compared\n", seen[i].encoder, seen[i].streams,
                      seen[i].pictures);
        if (avcodec_find_encoder_by_name(seen[i].encoder) && !is_left_out(&config))
            assert_true(seen[i].streams > 0 && seen[i].pictures > 0);
    }
}

/* Where the grid has grown one-sided it proves little. */
static void test_both_answers_are_frequent(void **state)
{
    uint32_t all = supported + unsupported + invalid;

    (void)state;
    print_message("%" PRIu32 " supported, %" PRIu32 " not, %" PRIu32 " not valid, %" PRIu32 " left out\n", supported,
                  unsupported, invalid, left_out);
    if (has_all_forms) {
        assert_true(supported >= all / 8);
        assert_true(unsupported >= all / 8);
    }
}

static bool is_run(const struct range *range, uint32_t number)
{
    return !range->is_half || number < grid_form_cells() || (number * 2654435761u) >> 31;
}

static int run(const struct range *range)
{
    struct grid_cell *cells = calloc(range->count, sizeof *cells);
    char(*names)[GRID_DESCRIPTION_MAX] = calloc(range->count, sizeof *names);
    struct CMUnitTest *tests = calloc(range->count + 2, sizeof *tests);
    uint32_t count = 0;
    int failed = 1;

    if (cells && names && tests) {
        for (uint32_t number = range->first; number < range->first + range->count; number++)
            if (is_run(range, number)) {
                cells[count] = grid_cell(range->seed, number);
                grid_describe(&cells[count], names[count]);
                tests[count] = (struct CMUnitTest){names[count], test_cell, NULL, clear, &cells[count]};
                count++;
            }
        tests[count] = (struct CMUnitTest)cmocka_unit_test(test_both_answers_are_frequent);
        tests[count + 1] = (struct CMUnitTest)cmocka_unit_test(test_every_available_encoder_was_seen);
        has_all_forms = range->first == 0 && range->count >= grid_fixed_cells();
        failed = _cmocka_run_group_tests("grid", tests, count + 2, NULL, NULL);
    }
    free(tests);
    free(names);
    free(cells);
    return failed != 0;
}

int main(int argc, char **argv)
{
    const uint32_t cells = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 0;
    const struct range range = {
        .count = cells ? cells : DEFAULT_CELLS,
        .seed = argc > 2 ? strtoull(argv[2], NULL, 0) : DEFAULT_SEED,
        .first = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 0,
        .is_half = argc == 1 && WCENC_TEST_IS_SLOW,
    };

    print_message("seed %" PRIu64 ": %s%" PRIu32 " cells from %" PRIu32 " on, below %" PRIu32
                  " the same with every seed\n",
                  range.seed, range.is_half ? "forms and half of the rest of " : "", range.count, range.first,
                  grid_fixed_cells());
    return run(&range);
}
