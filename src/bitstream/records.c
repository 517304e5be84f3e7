/* SPDX-License-Identifier: MIT */

/* avcC and hvcC, the decoder configuration records of ISO 14496-15. */

#include <string.h>

#include "bitstream.h"
#include "h26x.h"

#define MAX_SETS 255

/* The parameter sets of one type, each once. */
struct parameter_sets {
    struct nal_unit units[MAX_SETS];
    size_t count;
};

static bool contains(const struct parameter_sets *sets, const struct nal_unit *nal)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (sets->units[i].size == nal->size && memcmp(sets->units[i].data, nal->data, nal->size) == 0)
            return true;
    }
    return false;
}

/* False if there is none, more than `limit`, or one whose size does not fit in 16 bits. */
static bool collect(enum nal_codec codec, int type, size_t limit, const uint8_t *data, size_t size,
                    struct parameter_sets *sets)
{
    struct nal_iterator iterator = {.data = data, .size = size};
    struct nal_unit nal;

    sets->count = 0;
    while (wcenc__nal_next(&iterator, &nal)) {
        if (wcenc__nal_type(codec, &nal) != type || contains(sets, &nal))
            continue;
        if (sets->count == limit || nal.size > UINT16_MAX)
            return false;
        sets->units[sets->count++] = nal;
    }
    return sets->count > 0;
}

static void append_sets(struct byte_buffer *out, const struct parameter_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        const struct nal_unit *nal = &sets->units[i];
        const uint8_t length[] = {(uint8_t)(nal->size >> 8), (uint8_t)nal->size};

        wcenc__buffer_append(out, length, sizeof(length));
        wcenc__buffer_append(out, nal->data, nal->size);
    }
}

bool wcenc__avcc_write(const uint8_t *parameter_sets, size_t size, struct byte_buffer *out)
{
    struct parameter_sets sps_sets;
    struct parameter_sets pps_sets;
    struct sps sps;

    if (!collect(NAL_H264, H264_SPS, 31, parameter_sets, size, &sps_sets) ||
        !collect(NAL_H264, H264_PPS, 255, parameter_sets, size, &pps_sets) ||
        !wcenc__h26x_sps_read(NAL_H264, &sps_sets.units[0], &sps))
        return false;

    const uint8_t head[] = {
        1, /* configurationVersion */
        sps.info.profile,
        sps.info.constraints,
        sps.info.level,
        0xfc | 3, /* lengthSizeMinusOne */
        (uint8_t)(0xe0 | sps_sets.count),
    };
    const uint8_t pps_count = (uint8_t)pps_sets.count;
    const uint8_t extension[] = {
        (uint8_t)(0xfc | sps.info.chroma_format), (uint8_t)(0xf8 | (sps.info.bit_depth - 8)),
        (uint8_t)(0xf8 | (sps.bit_depth_chroma - 8)), 0, /* numOfSequenceParameterSetExt: these describe alpha planes */
    };

    wcenc__buffer_append(out, head, sizeof(head));
    append_sets(out, &sps_sets);
    wcenc__buffer_append(out, &pps_count, 1);
    append_sets(out, &pps_sets);
    if (wcenc__h264_has_chroma_format(sps.info.profile))
        wcenc__buffer_append(out, extension, sizeof(extension));
    return !out->failed;
}

static void append_hvcc_head(struct byte_buffer *out, const struct sps *sps)
{
    const uint8_t version = 1;
    const uint8_t tail[] = {
        0xf0, 0, /* min_spatial_segmentation_idc: nothing is promised */
        0xfc,    /* parallelismType: not known */
        (uint8_t)(0xfc | sps->info.chroma_format), (uint8_t)(0xf8 | (sps->info.bit_depth - 8)),
        (uint8_t)(0xf8 | (sps->bit_depth_chroma - 8)), 0, 0, /* avgFrameRate: not given */
        /* constantFrameRate 0, numTemporalLayers, temporalIdNested, lengthSizeMinusOne */
        (uint8_t)(sps->temporal_layers << 3 | (sps->temporal_id_nested ? 4 : 0) | 3), 3, /* numOfArrays */
    };

    wcenc__buffer_append(out, &version, 1);
    wcenc__buffer_append(out, sps->profile_tier_level, sizeof(sps->profile_tier_level));
    wcenc__buffer_append(out, tail, sizeof(tail));
}

bool wcenc__hvcc_write(const uint8_t *parameter_sets, size_t size, struct byte_buffer *out)
{
    static const struct {
        uint8_t type;
        uint8_t limit; /* ids that the standard has */
    } arrays[3] = {{HEVC_VPS, 16}, {HEVC_SPS, 16}, {HEVC_PPS, 64}};
    struct parameter_sets sets[3];
    struct sps sps;

    for (size_t i = 0; i < 3; i++) {
        if (!collect(NAL_HEVC, arrays[i].type, arrays[i].limit, parameter_sets, size, &sets[i]))
            return false;
    }
    if (!wcenc__h26x_sps_read(NAL_HEVC, &sets[1].units[0], &sps))
        return false;

    append_hvcc_head(out, &sps);
    for (size_t i = 0; i < 3; i++) {
        const uint8_t head[] = {
            (uint8_t)(0x80 | arrays[i].type), /* array_completeness: none will follow in the samples */
            0,
            (uint8_t)sets[i].count,
        };

        wcenc__buffer_append(out, head, sizeof(head));
        append_sets(out, &sets[i]);
    }
    return !out->failed;
}
