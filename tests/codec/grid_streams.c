/* SPDX-License-Identifier: MIT */

#include "grid_streams.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include <libavutil/pixdesc.h>

#include "../support/claims.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool is_family(const struct grid_cell *cell, const char *prefix)
{
    return strncmp(cell->codec->text, prefix, strlen(prefix)) == 0;
}

static bool is_hevc(const struct grid_cell *cell)
{
    return is_family(cell, "h");
}

static bool is_annexb(const struct grid_cell *cell)
{
    return cell->config.bitstream_format == WCENC_BITSTREAM_ANNEXB;
}

static bool is_key(const wcenc_chunk *chunk)
{
    return wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
}

/* DCF-013: what the stream says without the decoder config is what that says, and what was requested. */
static void check_color(const struct grid_cell *cell, const wcenc_color_space *claimed,
                        const wcenc_color_space *reported)
{
    const wcenc_color_space *requested = &cell->config.color_space;
    bool is_requested = requested->matrix && requested->matrix != WCENC_COLOR_MATRIX_RGB && requested->range;

    assert_int_equal(claimed->matrix, reported->matrix);
    assert_int_equal(claimed->range, reported->range);
    if (is_requested) {
        assert_int_equal(claimed->matrix, requested->matrix);
        assert_int_equal(claimed->range, requested->range);
    }
    if (is_requested) { /* DCF-014 */
        assert_int_equal(reported->primaries, requested->primaries);
        assert_int_equal(reported->transfer, requested->transfer);
    }
    if (is_family(cell, "vp09")) /* has no words for the others */
        return;
    assert_int_equal(claimed->primaries, reported->primaries);
    assert_int_equal(claimed->transfer, reported->transfer);
    if (is_requested) {
        assert_int_equal(claimed->primaries, requested->primaries);
        assert_int_equal(claimed->transfer, requested->transfer);
    }
}

/* VP9-002, AV1-003, SUP-011: depth, chroma and size. */
static void check_shape(const struct grid_cell *cell, const struct stream_claims *claims)
{
    const AVPixFmtDescriptor *wanted = av_pix_fmt_desc_get(cell->codec->decoded);

    assert_int_equal(claims->depth, wanted->comp[0].depth);
    assert_int_equal(claims->chroma_x, wanted->log2_chroma_w);
    assert_int_equal(claims->chroma_y, wanted->log2_chroma_h);
    assert_int_equal(claims->width, cell->config.width);
    assert_int_equal(claims->height, cell->config.height);
}

/* As avcC, hvcC, vpcC and av1C write it, apart from their bits for 4:0:0. */
static int chroma_format_idc(const struct stream_claims *claims)
{
    return claims->chroma_y ? 1 : claims->chroma_x ? 2 : 3;
}

static void check_sps(const struct grid_cell *cell, const struct unit *sps, const wcenc_decoder_config *reported)
{
    bool hevc = is_hevc(cell);
    struct sps_claims promised = promised_by(reported->codec), head = read_sps(sps, hevc);
    struct stream_claims claims;

    assert_true(hevc ? claims_of_hevc(sps, &claims) : claims_of_h264(sps, &claims));
    assert_int_equal(claims.profile, promised.profile);                                    /* SUP-011 */
    assert_true(claims.level > 0 && claims.level <= promised.level);                       /* AVC-006, SUP-012 */
    assert_true(claims.tier <= promised.tier);                                             /* SUP-012 */
    assert_int_equal(head.compatibility & promised.compatibility, promised.compatibility); /* SUP-013 */
    for (size_t i = 0; i < sizeof head.constraints; i++)
        assert_int_equal(head.constraints[i] & promised.constraints[i], promised.constraints[i]); /* AVC-015 */
    check_shape(cell, &claims);
    check_color(cell, &claims.color, &reported->color_space);
}

/* Where in an access unit a NAL unit belongs; AVC-009, HEV-004, WPT-017. -1: nowhere. */
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
static int check_units(const struct grid_cell *cell, const struct unit *units, int count, bool key)
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
        assert_int_equal(is_key_slice(&units[i], hevc), key); /* AVC-004, AVC-010, HEV-003, HEV-005, WPT-017 */
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
static const struct unit *check_sets_in_band(const struct grid_cell *cell, const struct unit *units, int count,
                                             bool key)
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
static void check_start_codes(const struct grid_cell *cell, const struct unit *units, int count, const uint8_t *data)
{
    for (int i = 0; i < count; i++)
        if (i == 0 || is_parameter_set(&units[i], is_hevc(cell)))
            assert_true(units[i].data - data >= 4 && units[i].data[-4] == 0);
}

/* AVC-002, HEV-001: all that belongs to the decoder config is there and not in the chunk. */
static void check_sample(const struct grid_cell *cell, const struct unit *units, int count)
{
    for (int i = 0; i < count; i++) {
        assert_false(is_parameter_set(&units[i], is_hevc(cell)));
        assert_int_not_equal(units[i].type, is_hevc(cell) ? HEVC_AUD : H264_AUD);
    }
}

static int check_nal_chunk(const struct grid_cell *cell, const wcenc_chunk *chunk, const wcenc_decoder_config *reported)
{
    const uint8_t *data = wcenc_chunk_get_data(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);
    bool hevc = is_hevc(cell), key = is_key(chunk);
    struct unit units[UNITS_MAX];
    /* AVC-001: lengths of four bytes add up. */
    int count = is_annexb(cell) ? split_annexb(data, size, hevc, units) : split_lengths(data, size, hevc, units);
    int slices = check_units(cell, units, count, key);
    const struct unit *sps;

    if (!is_annexb(cell)) {
        check_sample(cell, units, count);
        return slices;
    }
    check_start_codes(cell, units, count, data);
    sps = check_sets_in_band(cell, units, count, key);
    if (key)
        check_sps(cell, sps, reported);
    return slices;
}

/* What the record has of its own is what its SPS says. AVC-005, AVC-007, WPT-016, AVC-008, DCF-015, DCF-016 */
static void check_record_head(const struct grid_cell *cell, const uint8_t *record, size_t size, const struct unit *sps)
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

static void check_record(const struct grid_cell *cell, const void *record, size_t size,
                         const wcenc_decoder_config *reported)
{
    bool hevc = is_hevc(cell);
    struct unit units[UNITS_MAX];
    int count;

    assert_non_null(record);
    count = hevc ? split_hvcc(record, size, units) : split_avcc(record, size, units);
    assert_int_equal(count, hevc ? 3 : 2);
    (void)check_sets_in_band(cell, units, count, true);
    check_sps(cell, find_unit(units, count, hevc ? HEVC_SPS : H264_SPS), reported);
    check_record_head(cell, record, size, find_unit(units, count, hevc ? HEVC_SPS : H264_SPS));
}

static void check_nal_units(const struct grid_cell *cell, wcenc_chunk *const *chunks,
                            const wcenc_decoder_config *reported)
{
    int slices = 0;

    for (int i = 0; i < cell->frames; i++)
        slices += check_nal_chunk(cell, chunks[i], reported);
    /* The check of every slice is none where there is but one. */
    if (cell->has_slices)
        assert_true(slices > cell->frames);
    if (is_annexb(cell)) {
        assert_null(reported->description);
        assert_int_equal(reported->description_size, 0);
    } else {
        check_record(cell, reported->description, reported->description_size, reported);
    }
    check_record(cell, reported->container_private, reported->container_private_size, reported);
}

/* AV1-002: every frame of a key chunk is a key frame, and none of another chunk; and one of them is shown. */
static void check_frames_of_unit(const struct unit *units, int count, bool key)
{
    int shown = 0;

    for (int i = 0; i < count; i++) {
        struct frame_claims claims;

        if (units[i].type != OBU_FRAME && units[i].type != OBU_FRAME_HEADER)
            continue;
        claims = claims_of_av1_frame(&units[i], NULL);
        assert_int_equal(claims.is_key, key);
        shown += claims.is_shown;
    }
    assert_int_equal(shown, 1); /* AV1-001: a temporal unit */
}

static void check_sequence_header(const struct grid_cell *cell, const struct unit *header,
                                  const wcenc_decoder_config *reported)
{
    const uint8_t *av1c = reported->container_private;
    struct stream_claims claims;
    int high = 0, twelve = 0;

    assert_true(claims_of_av1(header, &claims));
    assert_int_equal(claims.profile, cell->codec->text[5] - '0'); /* AV1-003, SUP-011 */
    check_shape(cell, &claims);
    check_color(cell, &claims.color, &reported->color_space);
    high = claims.depth > 8;
    twelve = claims.depth == 12;
    assert_int_equal(reported->container_private_size, 4 + header->whole_size);
    assert_int_equal(av1c[0], 0x81);
    assert_int_equal(av1c[1], claims.profile << 5 | claims.level);
    assert_int_equal(av1c[2] & 0xfc,
                     claims.tier << 7 | high << 6 | twelve << 5 | claims.chroma_x << 3 | claims.chroma_y << 2);
    assert_memory_equal(av1c + 4, header->whole, header->whole_size);
}

static void check_temporal_units(const struct grid_cell *cell, wcenc_chunk *const *chunks,
                                 const wcenc_decoder_config *reported)
{
    assert_null(reported->description); /* DCF-017 */
    for (int i = 0; i < cell->frames; i++) {
        struct unit units[UNITS_MAX];
        int count =
            split_obus(wcenc_chunk_get_data(chunks[i]), wcenc_chunk_get_byte_length(chunks[i]), units); /* AV1-001 */

        assert_true(count > 1);
        for (int j = 0; j < count; j++)
            assert_int_equal(units[j].type == OBU_TEMPORAL_DELIMITER, j == 0); /* AV1-004 */
        check_frames_of_unit(units, count, is_key(chunks[i]));
        if (!is_key(chunks[i]))
            continue;
        assert_int_equal(units[1].type, OBU_SEQUENCE_HEADER); /* AV1-001 */
        assert_int_equal(count_type(units, count, OBU_SEQUENCE_HEADER), 1);
        check_sequence_header(cell, &units[1], reported);
    }
}

/* Profile, depth, chroma, range and colours, which vpcC repeats; its level is an estimate by size and rate. */
static void check_vpcc(const struct stream_claims *claims, const wcenc_decoder_config *reported)
{
    const uint8_t *vpcc = reported->container_private;
    /* 4:2:0 is 0 or 1, by where chroma sits. */
    int chroma = claims->chroma_y ? vpcc[6] >> 1 & 1 : chroma_format_idc(claims);

    assert_int_equal(reported->container_private_size, 12);
    assert_int_equal(vpcc[4], claims->profile);
    assert_int_equal(vpcc[6], claims->depth << 4 | chroma << 1 | (claims->color.range == WCENC_COLOR_RANGE_FULL));
    assert_int_equal(vpcc[7], reported->color_space.primaries);
    assert_int_equal(vpcc[8], reported->color_space.transfer);
    assert_int_equal(vpcc[9], claims->color.matrix);
}

static void check_frames_of_vp9(const struct grid_cell *cell, wcenc_chunk *const *chunks,
                                const wcenc_decoder_config *reported)
{
    assert_null(reported->description); /* DCF-017 */
    for (int i = 0; i < cell->frames; i++) {
        struct unit units[UNITS_MAX];
        int count = split_superframe(wcenc_chunk_get_data(chunks[i]), wcenc_chunk_get_byte_length(chunks[i]), units),
            shown = 0;

        assert_true(count > 0);
        for (int j = 0; j < count; j++) {
            struct frame_claims claims;

            assert_true(claims_of_vp9_frame(units[j].data, units[j].size, &claims));
            assert_int_equal(claims.is_key, is_key(chunks[i]));                  /* VP9-001 */
            assert_int_equal(claims.stream.profile, cell->codec->text[6] - '0'); /* VP9-002, SUP-011 */
            shown += claims.is_shown;
            if (!claims.is_key)
                continue;
            check_shape(cell, &claims.stream);
            check_color(cell, &claims.stream.color, &reported->color_space);
            check_vpcc(&claims.stream, reported);
        }
        assert_int_equal(shown, 1); /* VP9-003 */
    }
}

static void check_frames_of_vp8(const struct grid_cell *cell, wcenc_chunk *const *chunks,
                                const wcenc_decoder_config *reported)
{
    assert_null(reported->description); /* DCF-017 */
    for (int i = 0; i < cell->frames; i++) {
        struct frame_claims claims;

        assert_true(
            claims_of_vp8_frame(wcenc_chunk_get_data(chunks[i]), wcenc_chunk_get_byte_length(chunks[i]), &claims));
        assert_int_equal(claims.is_key, is_key(chunks[i])); /* VP8-001 */
        assert_true(claims.is_shown);
        assert_true(claims.stream.profile <= 3);
        if (claims.is_key)
            check_shape(cell, &claims.stream);
    }
}

void grid_check_stream(const struct grid_cell *cell, wcenc_chunk *const *chunks)
{
    static const struct {
        const char *prefix;
        void (*check)(const struct grid_cell *cell, wcenc_chunk *const *chunks, const wcenc_decoder_config *reported);
    } families[] = {
        {"avc", check_nal_units},      {"h", check_nal_units},         {"vp8", check_frames_of_vp8},
        {"vp09", check_frames_of_vp9}, {"av01", check_temporal_units},
    };

    for (size_t i = 0; i < LENGTH(families); i++)
        if (is_family(cell, families[i].prefix))
            families[i].check(cell, chunks, wcenc_chunk_get_metadata(chunks[0])->decoder_config);
}
