/* SPDX-License-Identifier: MIT */

/*
 * The truth is in the bitstream: every codec string that is encoded, by every encoder that has it, is coded in all
 * forms that there are and in some colour space, and the headers in the stream are read. They have to keep what the
 * codec string and the config promise, and to agree with what the decoder config says beside the stream.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>

#include "../support/claims.h"
#include "../support/coding.h"
#include "../support/pattern.h"
#include "grid_cells.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum { FRAMES = 9, KEY_EVERY = 4, TESTS_MAX = 1000 };

/* Small ones for levels that have no others. */
static const uint32_t sizes[][2] = {{322, 194}, {64, 64}};

static const struct {
    const char *prefix; /* of the codec string */
    const char *name;
} encoders[] = {
    {"avc", "libx264"},     {"h", "libx265"},     {"vp8", "libvpx"},     {"vp09", "libvpx-vp9"},
    {"av01", "libaom-av1"}, {"av01", "librav1e"}, {"av01", "libsvtav1"},
};

/*
 * They come by turns. The first leaves it to the frame. Five, which has no divisor in common with the number of forms
 * of a codec string, so that every form meets every colour.
 */
static const wcenc_color_space colors[] = {
    {0, 0, 0, 0},
    {1, 1, 1, WCENC_COLOR_RANGE_LIMITED},
    {6, 6, 6, WCENC_COLOR_RANGE_FULL},
    {9, 16, 9, WCENC_COLOR_RANGE_LIMITED},
    {9, 18, 9, WCENC_COLOR_RANGE_FULL},
};

/* How a codec string is coded. Modes and B-frames are left out where an encoder or profile has none. */
static const struct form {
    const char *name;
    int32_t latency;
    bool annexb;
    int32_t mode;
    uint32_t b_frames;
    const char *layers;
} forms[] = {
    {"quality", WCENC_LATENCY_QUALITY, false, WCENC_BITRATE_VARIABLE, 0, NULL},
    {"realtime, constant bitrate", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_CONSTANT, 0, NULL},
    /* For NAL units only. */
    {"quality, annexb, B-frames", WCENC_LATENCY_QUALITY, true, WCENC_BITRATE_VARIABLE, 2, NULL},
    {"realtime, annexb, quantizer", WCENC_LATENCY_REALTIME, true, WCENC_BITRATE_QUANTIZER, 0, NULL},
    /* For VP8 and VP9 only. */
    {"realtime, temporal layers", WCENC_LATENCY_REALTIME, false, WCENC_BITRATE_VARIABLE, 0, "L1T3"},
};

/* One stream. */
struct cell {
    const struct grid_codec *codec;
    size_t encoder;
    const struct form *form;
    const wcenc_color_space *color;
};

static struct cell cells[TESTS_MAX];

/* How many of an encoder's streams were looked into. */
static int seen[LENGTH(encoders)];

/* How many chunks came before a chunk of an earlier time. */
static int reordered;

static bool is_family(const struct cell *cell, const char *prefix)
{
    return strncmp(cell->codec->text, prefix, strlen(prefix)) == 0;
}

static bool is_hevc(const struct cell *cell)
{
    return is_family(cell, "h");
}

static bool is_key(const wcenc_chunk *chunk)
{
    return wcenc_chunk_type(chunk) == WCENC_CHUNK_TYPE_KEY;
}

/* Where pictures have several slices: libx264 makes one for each thread in realtime, libx265 as many as it is told. */
static bool has_slices(const struct cell *cell, const wcenc_config *config)
{
    int32_t latency = is_hevc(cell) ? WCENC_LATENCY_QUALITY : WCENC_LATENCY_REALTIME;

    return cell->form->latency == latency && config->width > 64;
}

static wcenc_config config_of(const struct cell *cell, uint32_t width, uint32_t height)
{
    wcenc_config config = config_for(cell->codec->text, width, height);

    config.encoder_name = encoders[cell->encoder].name;
    config.avc_format = config.hevc_format =
        cell->form->annexb ? WCENC_BITSTREAM_ANNEXB : WCENC_BITSTREAM_LENGTH_PREFIXED;
    config.latency_mode = cell->form->latency;
    config.color_space = *cell->color;
    config.framerate = 15;
    config.threads = is_family(cell, "avc") ? 4 : 1;
    config.encoder_options = has_slices(cell, &config) && is_hevc(cell) ? "x265-params=slices=2" : NULL;
    return config;
}

static bool find_config(const struct cell *cell, wcenc_config *config)
{
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        *config = config_of(cell, sizes[i][0], sizes[i][1]);
        config->bitrate_mode = cell->form->mode;
        config->max_b_frames = cell->form->b_frames;
        config->scalability_mode = cell->form->layers;
        if (config_works(config))
            return true;
        *config = config_of(cell, sizes[i][0], sizes[i][1]);
        if (config_works(config))
            return true;
    }
    return false;
}

static wcenc_frame *frame_of(const wcenc_config *config, int number)
{
    const uint8_t color[] = {(uint8_t)(50 + 20 * number), 100, 150};

    if (config->width < 128) /* has no room for a pattern */
        return flat_frame(WCENC_PIXEL_FORMAT_I420, config->width, config->height, color, NULL, number);
    return pattern_frame(config->width, config->height, (unsigned)number, number);
}

/* Skips the test where the stream cannot be had. */
static void record(const struct cell *cell, struct recorder *recorder, wcenc_config *config)
{
    print_message("%s of %s, %s, colours %d\n", cell->codec->text, encoders[cell->encoder].name, cell->form->name,
                  (int)(cell->color - colors));
    if (!find_config(cell, config))
        skip();
    seen[cell->encoder]++;
    coding_open(recorder, config);
    for (int i = 0; i < FRAMES; i++)
        coding_encode(recorder, frame_of(config, i), i % KEY_EVERY == 0);
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("flush: %s", recorder->error_message);
    assert_int_equal(recorder->chunk_count, FRAMES);
    for (int i = 0; i < FRAMES; i++)
        if (wcenc_chunk_timestamp_us(recorder->chunks[i]) % KEY_EVERY == 0)
            assert_true(is_key(recorder->chunks[i]));
    for (int i = 1; i < FRAMES; i++)
        reordered += wcenc_chunk_timestamp_us(recorder->chunks[i]) < wcenc_chunk_timestamp_us(recorder->chunks[i - 1]);
}

static const wcenc_decoder_config *told_by(const struct recorder *recorder)
{
    const wcenc_decoder_config *told = wcenc_chunk_get_metadata(recorder->chunks[0])->decoder_config;

    assert_non_null(told);
    return told;
}

/* DCF-013: what the stream says without the decoder config is what that says, and what was wished for. */
static void check_color(const struct cell *cell, const wcenc_color_space *claimed, const wcenc_color_space *told)
{
    const wcenc_color_space *wished = cell->color;

    assert_int_equal(claimed->matrix, told->matrix);
    assert_int_equal(claimed->range, told->range);
    if (wished->matrix) {
        assert_int_equal(claimed->matrix, wished->matrix);
        assert_int_equal(claimed->range, wished->range);
    }
    if (wished->matrix) { /* DCF-014 */
        assert_int_equal(told->primaries, wished->primaries);
        assert_int_equal(told->transfer, wished->transfer);
    }
    if (is_family(cell, "vp09")) /* has no words for the others */
        return;
    assert_int_equal(claimed->primaries, told->primaries);
    assert_int_equal(claimed->transfer, told->transfer);
    if (wished->matrix) {
        assert_int_equal(claimed->primaries, wished->primaries);
        assert_int_equal(claimed->transfer, wished->transfer);
    }
}

/* VP9-002, AV1-003, SUP-011: depth, chroma and size. */
static void check_shape(const struct cell *cell, const struct stream_claims *claims, const wcenc_config *config)
{
    const AVPixFmtDescriptor *wanted = av_pix_fmt_desc_get(cell->codec->decoded);

    assert_int_equal(claims->depth, wanted->comp[0].depth);
    assert_int_equal(claims->chroma_x, wanted->log2_chroma_w);
    assert_int_equal(claims->chroma_y, wanted->log2_chroma_h);
    assert_int_equal(claims->width, config->width);
    assert_int_equal(claims->height, config->height);
}

/* As avcC, hvcC, vpcC and av1C write it, apart from their bits for 4:0:0. */
static int chroma_format_idc(const struct stream_claims *claims)
{
    return claims->chroma_y ? 1 : claims->chroma_x ? 2 : 3;
}

static void check_sps(const struct cell *cell, const struct unit *sps, const wcenc_config *config,
                      const wcenc_decoder_config *told)
{
    bool hevc = is_hevc(cell);
    struct sps_claims promised = promised_by(cell->codec->text), head = read_sps(sps, hevc);
    struct stream_claims claims;

    assert_true(hevc ? claims_of_hevc(sps, &claims) : claims_of_h264(sps, &claims));
    assert_int_equal(claims.profile, promised.profile);                                    /* SUP-011 */
    assert_true(claims.level > 0 && claims.level <= promised.level);                       /* AVC-006, SUP-012 */
    assert_true(claims.tier <= promised.tier);                                             /* SUP-012 */
    assert_int_equal(head.compatibility & promised.compatibility, promised.compatibility); /* SUP-013 */
    for (size_t i = 0; i < sizeof head.constraints; i++)
        assert_int_equal(head.constraints[i] & promised.constraints[i], promised.constraints[i]); /* AVC-015 */
    check_shape(cell, &claims, config);
    check_color(cell, &claims.color, &told->color_space);
}

/* Where in an access unit a NAL unit belongs; AVC-009, HEV-004. -1: nowhere. */
static int rank_of(const struct unit *unit, bool hevc)
{
    static const int h264[] = {H264_AUD, H264_SPS, H264_PPS, H264_SEI};
    static const int h265[] = {HEVC_AUD, HEVC_VPS, HEVC_SPS, HEVC_PPS, HEVC_SEI};
    const int *order = hevc ? h265 : h264;
    int count = hevc ? (int)LENGTH(h265) : (int)LENGTH(h264);

    for (int i = 0; i < count; i++)
        if (unit->type == order[i])
            return i;
    if (is_slice(unit, hevc))
        return count;
    return hevc && unit->type == HEVC_SUFFIX_SEI ? count + 1 : -1;
}

/* The number of slices. All of them are of the chunk's kind, and of one type. */
static int check_units(const struct cell *cell, const struct unit *units, int count, bool key)
{
    bool hevc = is_hevc(cell);
    int slices = 0, type = 0;

    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        assert_true(rank_of(&units[i], hevc) >= 0); /* AVC-011 */
        if (i > 0)
            assert_true(rank_of(&units[i], hevc) >= rank_of(&units[i - 1], hevc));
        if (!is_slice(&units[i], hevc))
            continue;
        assert_int_equal(is_key_slice(&units[i], hevc), key); /* AVC-004, AVC-010, HEV-003, HEV-005 */
        if (key && !hevc)
            assert_true(is_h264_intra_slice(&units[i]));
        if (slices++ > 0)
            assert_int_equal(units[i].type, type);
        type = units[i].type;
    }
    assert_true(slices > 0);
    return slices;
}

static int count_type(const struct unit *units, int count, int type)
{
    int found = 0;

    for (int i = 0; i < count; i++)
        found += units[i].type == type;
    return found;
}

/* SUP-013: the two say the same of profile, tier, flags and level. */
static void check_vps(const struct unit *vps, const struct unit *sps)
{
    enum { IN_VPS = 6, IN_SPS = 3, SIZE = 12 };
    uint8_t vps_bytes[IN_VPS + SIZE], sps_bytes[IN_SPS + SIZE];

    assert_int_equal(unescape(vps, vps_bytes, sizeof vps_bytes), sizeof vps_bytes);
    assert_int_equal(unescape(sps, sps_bytes, sizeof sps_bytes), sizeof sps_bytes);
    assert_memory_equal(vps_bytes + IN_VPS, sps_bytes + IN_SPS, SIZE);
}

/* AVC-003, HEV-002: one of each set in every key chunk, none in others. Returns the SPS of a key chunk. */
static const struct unit *check_sets_in_band(const struct cell *cell, const struct unit *units, int count, bool key)
{
    bool hevc = is_hevc(cell);
    int sps = hevc ? HEVC_SPS : H264_SPS;

    assert_int_equal(count_type(units, count, sps), key);
    assert_int_equal(count_type(units, count, hevc ? HEVC_PPS : H264_PPS), key);
    if (hevc)
        assert_int_equal(count_type(units, count, HEVC_VPS), key);
    if (hevc && key)
        check_vps(find_unit(units, count, HEVC_VPS), find_unit(units, count, sps));
    assert_true(count_type(units, count, hevc ? HEVC_AUD : H264_AUD) <= 1);
    return find_unit(units, count, sps);
}

/* The first NAL unit and parameter sets have start codes of four bytes (B.1.2 of both specifications). */
static void check_start_codes(const struct cell *cell, const struct unit *units, int count, const uint8_t *data)
{
    for (int i = 0; i < count; i++)
        if (i == 0 || is_parameter_set(&units[i], is_hevc(cell)))
            assert_true(units[i].data - data >= 4 && units[i].data[-4] == 0);
}

/* AVC-002, HEV-001: all that belongs to the decoder config is there and not in the chunk. */
static void check_sample(const struct cell *cell, const struct unit *units, int count)
{
    for (int i = 0; i < count; i++) {
        assert_false(is_parameter_set(&units[i], is_hevc(cell)));
        assert_int_not_equal(units[i].type, is_hevc(cell) ? HEVC_AUD : H264_AUD);
    }
}

static int check_nal_chunk(const struct cell *cell, const wcenc_chunk *chunk, const wcenc_config *config,
                           const wcenc_decoder_config *told)
{
    const uint8_t *data = wcenc_chunk_data(chunk);
    size_t size = wcenc_chunk_byte_length(chunk);
    bool hevc = is_hevc(cell), key = is_key(chunk);
    struct unit units[UNITS_MAX];
    /* AVC-001: lengths of four bytes add up. */
    int count = cell->form->annexb ? split_annexb(data, size, hevc, units) : split_lengths(data, size, hevc, units);
    int slices = check_units(cell, units, count, key);
    const struct unit *sps;

    if (!cell->form->annexb) {
        check_sample(cell, units, count);
        return slices;
    }
    check_start_codes(cell, units, count, data);
    sps = check_sets_in_band(cell, units, count, key);
    if (key)
        check_sps(cell, sps, config, told);
    return slices;
}

/* What the record has of its own is what its SPS says. AVC-005, AVC-007, AVC-008, DCF-015, DCF-016 */
static void check_record_head(const struct cell *cell, const uint8_t *record, size_t size, const struct unit *sps)
{
    struct sps_claims head = read_sps(sps, is_hevc(cell));
    struct stream_claims claims;

    if (!is_hevc(cell)) {
        assert_memory_equal(record + 1, sps->data + 1, 3);
        assert_int_equal(record[4] & 3, 3); /* lengths of four bytes */
        assert_true(claims_of_h264(sps, &claims));
        if (claims.profile >= 100) {
            assert_int_equal(record[size - 4], 0xfc | chroma_format_idc(&claims));
            assert_int_equal(record[size - 3], 0xf8 | (claims.depth - 8));
            assert_int_equal(record[size - 2], 0xf8 | (claims.depth - 8));
            assert_int_equal(record[size - 1], 0);
        }
        return;
    }
    assert_true(claims_of_hevc(sps, &claims));
    assert_int_equal(record[0], 1);
    assert_int_equal(record[1], head.tier << 5 | head.profile);
    for (int i = 0; i < 4; i++)
        assert_int_equal(record[2 + i], head.compatibility >> (24 - 8 * i) & 0xff);
    assert_memory_equal(record + 6, head.constraints, sizeof head.constraints);
    assert_int_equal(record[12], head.level);
    assert_int_equal(record[16], 0xfc | chroma_format_idc(&claims));
    assert_int_equal(record[17], 0xf8 | (claims.depth - 8));
    assert_int_equal(record[18], 0xf8 | (claims.depth - 8));
    assert_int_equal(record[21] & 3, 3);
}

static void check_record(const struct cell *cell, const void *record, size_t size, const wcenc_config *config,
                         const wcenc_decoder_config *told)
{
    bool hevc = is_hevc(cell);
    struct unit units[UNITS_MAX];
    int count;

    assert_non_null(record);
    count = hevc ? split_hvcc(record, size, units) : split_avcc(record, size, units);
    assert_int_equal(count, hevc ? 3 : 2);
    (void)check_sets_in_band(cell, units, count, true);
    check_sps(cell, find_unit(units, count, hevc ? HEVC_SPS : H264_SPS), config, told);
    check_record_head(cell, record, size, find_unit(units, count, hevc ? HEVC_SPS : H264_SPS));
}

static void test_nal_units_keep_every_promise(void **state)
{
    const struct cell *cell = *state;
    const wcenc_decoder_config *told;
    struct recorder recorder;
    wcenc_config config;
    int slices = 0;

    record(cell, &recorder, &config);
    told = told_by(&recorder);
    for (int i = 0; i < FRAMES; i++)
        slices += check_nal_chunk(cell, recorder.chunks[i], &config, told);
    /* The check of every slice is none where there is but one. */
    if (has_slices(cell, &config))
        assert_true(slices > FRAMES);
    if (cell->form->annexb) {
        assert_null(told->description);
        assert_int_equal(told->description_size, 0);
    } else {
        check_record(cell, told->description, told->description_size, &config, told);
    }
    check_record(cell, told->container_private, told->container_private_size, &config, told);
    recorder_close(&recorder);
}

/* AV1-002: every frame of a key chunk is a key frame, and none of another chunk; and one of them is shown. */
static void check_frames_of_unit(const struct unit *units, int count, bool key)
{
    int shown = 0;

    for (int i = 0; i < count; i++) {
        struct frame_claims claims;

        if (units[i].type != OBU_FRAME && units[i].type != OBU_FRAME_HEADER)
            continue;
        claims = claims_of_av1_frame(&units[i]);
        assert_int_equal(claims.is_key, key);
        shown += claims.is_shown;
    }
    assert_int_equal(shown, 1); /* AV1-001: a temporal unit */
}

static void check_sequence_header(const struct cell *cell, const struct unit *header, const wcenc_config *config,
                                  const wcenc_decoder_config *told)
{
    const uint8_t *av1c = told->container_private;
    struct stream_claims claims;
    int high = 0, twelve = 0;

    assert_true(claims_of_av1(header, &claims));
    assert_int_equal(claims.profile, cell->codec->text[5] - '0'); /* AV1-003, SUP-011 */
    check_shape(cell, &claims, config);
    check_color(cell, &claims.color, &told->color_space);
    high = claims.depth > 8;
    twelve = claims.depth == 12;
    assert_int_equal(told->container_private_size, 4 + header->whole_size);
    assert_int_equal(av1c[0], 0x81);
    assert_int_equal(av1c[1], claims.profile << 5 | claims.level);
    assert_int_equal(av1c[2] & 0xfc,
                     claims.tier << 7 | high << 6 | twelve << 5 | claims.chroma_x << 3 | claims.chroma_y << 2);
    assert_memory_equal(av1c + 4, header->whole, header->whole_size);
}

static void test_temporal_units_keep_every_promise(void **state)
{
    const struct cell *cell = *state;
    const wcenc_decoder_config *told;
    struct recorder recorder;
    wcenc_config config;

    record(cell, &recorder, &config);
    told = told_by(&recorder);
    assert_null(told->description); /* DCF-017 */
    for (int i = 0; i < FRAMES; i++) {
        const wcenc_chunk *chunk = recorder.chunks[i];
        struct unit units[UNITS_MAX];
        int count = split_obus(wcenc_chunk_data(chunk), wcenc_chunk_byte_length(chunk), units); /* AV1-001 */

        assert_true(count > 1);
        for (int j = 0; j < count; j++)
            assert_int_equal(units[j].type == OBU_TEMPORAL_DELIMITER, j == 0); /* AV1-004 */
        check_frames_of_unit(units, count, is_key(chunk));
        if (!is_key(chunk))
            continue;
        assert_int_equal(units[1].type, OBU_SEQUENCE_HEADER); /* AV1-001 */
        assert_int_equal(count_type(units, count, OBU_SEQUENCE_HEADER), 1);
        check_sequence_header(cell, &units[1], &config, told);
    }
    recorder_close(&recorder);
}

/* Profile, depth, chroma, range and colours, which vpcC repeats; its level is an estimate by size and rate. */
static void check_vpcc(const struct stream_claims *claims, const wcenc_decoder_config *told)
{
    const uint8_t *vpcc = told->container_private;
    /* 4:2:0 is 0 or 1, by where chroma sits. */
    int chroma = claims->chroma_y ? vpcc[6] >> 1 & 1 : chroma_format_idc(claims);

    assert_int_equal(told->container_private_size, 12);
    assert_int_equal(vpcc[4], claims->profile);
    assert_int_equal(vpcc[6], claims->depth << 4 | chroma << 1 | (claims->color.range == WCENC_COLOR_RANGE_FULL));
    assert_int_equal(vpcc[7], told->color_space.primaries);
    assert_int_equal(vpcc[8], told->color_space.transfer);
    assert_int_equal(vpcc[9], claims->color.matrix);
}

static void test_frames_of_vp9_keep_every_promise(void **state)
{
    const struct cell *cell = *state;
    const wcenc_decoder_config *told;
    struct recorder recorder;
    wcenc_config config;

    record(cell, &recorder, &config);
    told = told_by(&recorder);
    assert_null(told->description); /* DCF-017 */
    for (int i = 0; i < FRAMES; i++) {
        const wcenc_chunk *chunk = recorder.chunks[i];
        struct unit units[UNITS_MAX];
        int count = split_superframe(wcenc_chunk_data(chunk), wcenc_chunk_byte_length(chunk), units), shown = 0;

        assert_true(count > 0);
        for (int j = 0; j < count; j++) {
            struct frame_claims claims;

            assert_true(claims_of_vp9_frame(units[j].data, units[j].size, &claims));
            assert_int_equal(claims.is_key, is_key(chunk));                      /* VP9-001 */
            assert_int_equal(claims.stream.profile, cell->codec->text[6] - '0'); /* VP9-002, SUP-011 */
            shown += claims.is_shown;
            if (!claims.is_key)
                continue;
            check_shape(cell, &claims.stream, &config);
            check_color(cell, &claims.stream.color, &told->color_space);
            check_vpcc(&claims.stream, told);
        }
        assert_int_equal(shown, 1); /* VP9-003 */
    }
    recorder_close(&recorder);
}

static void test_frames_of_vp8_keep_every_promise(void **state)
{
    const struct cell *cell = *state;
    struct recorder recorder;
    wcenc_config config;

    record(cell, &recorder, &config);
    assert_null(told_by(&recorder)->description); /* DCF-017 */
    for (int i = 0; i < FRAMES; i++) {
        const wcenc_chunk *chunk = recorder.chunks[i];
        struct frame_claims claims;

        assert_true(claims_of_vp8_frame(wcenc_chunk_data(chunk), wcenc_chunk_byte_length(chunk), &claims));
        assert_int_equal(claims.is_key, is_key(chunk)); /* VP8-001 */
        assert_true(claims.is_shown);
        assert_true(claims.stream.profile <= 3);
        if (claims.is_key)
            check_shape(cell, &claims.stream, &config);
    }
    recorder_close(&recorder);
}

/* Nothing is proved where everything was left out. */
static void test_every_encoder_at_hand_was_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(encoders); i++) {
        print_message("%s: %d streams\n", encoders[i].name, seen[i]);
        if (avcodec_find_encoder_by_name(encoders[i].name) && !hangs_here(encoders[i].name))
            assert_true(seen[i] > 0);
    }
    print_message("%d chunks before one of an earlier time\n", reordered);
    assert_true(reordered > 0 || !avcodec_find_encoder_by_name("libx264"));
}

static const struct {
    const char *prefix;
    const char *name;
    CMUnitTestFunction function;
} families[] = {
    {"avc", "test_nal_units_keep_every_promise", test_nal_units_keep_every_promise},
    {"h", "test_nal_units_keep_every_promise", test_nal_units_keep_every_promise},
    {"vp8", "test_frames_of_vp8_keep_every_promise", test_frames_of_vp8_keep_every_promise},
    {"vp09", "test_frames_of_vp9_keep_every_promise", test_frames_of_vp9_keep_every_promise},
    {"av01", "test_temporal_units_keep_every_promise", test_temporal_units_keep_every_promise},
};

static struct CMUnitTest test_of(struct cell *cell)
{
    for (size_t i = 0; i < LENGTH(families); i++)
        if (is_family(cell, families[i].prefix))
            return (struct CMUnitTest){families[i].name, families[i].function, NULL, NULL, cell};
    return (struct CMUnitTest){0};
}

/* All streams of a codec string by an encoder; the number of cells then. */
static size_t add_streams(struct CMUnitTest *tests, size_t count, const struct grid_codec *codec, size_t encoder)
{
    for (size_t form = 0; form < LENGTH(forms) && count < TESTS_MAX - 1; form++) {
        struct cell cell = {codec, encoder, &forms[form], &colors[count % LENGTH(colors)]};

        if ((forms[form].annexb && !is_family(&cell, "avc") && !is_hevc(&cell)) ||
            (forms[form].layers && !is_family(&cell, "vp")))
            continue;
        cells[count] = cell;
        tests[count] = test_of(&cells[count]);
        count++;
    }
    return count;
}

int main(void)
{
    static struct CMUnitTest tests[TESTS_MAX];
    const struct grid_codec *codec;
    size_t count = 0;

    for (uint32_t number = 0; (codec = grid_encoded_codec(number)); number++)
        for (size_t i = 0; i < LENGTH(encoders); i++)
            if (strncmp(codec->text, encoders[i].prefix, strlen(encoders[i].prefix)) == 0)
                count = add_streams(tests, count, codec, i);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_every_encoder_at_hand_was_seen);
    return _cmocka_run_group_tests("headers", tests, count, NULL, NULL) != 0;
}
