/* SPDX-License-Identifier: MIT */

/* The colour enums, a table each, and what becomes of members that are not specified. */

#include "color_space.h"

#include <stddef.h>
#include <string.h>

#include "compiler.h"
#include "status.h"

struct named_value {
    int32_t value;
    const char *name;
};

struct named_values {
    const char *enum_name;
    const struct named_value *rows;
    size_t count;
};

#define NAMED_VALUES(name, table)        \
    {                                    \
        name, table, ARRAY_LENGTH(table) \
    }

static const struct named_value primaries_rows[] = {
    {WCENC_COLOR_PRIMARIES_BT709, "bt709"},         {WCENC_COLOR_PRIMARIES_BT470BG, "bt470bg"},
    {WCENC_COLOR_PRIMARIES_SMPTE170M, "smpte170m"}, {WCENC_COLOR_PRIMARIES_BT2020, "bt2020"},
    {WCENC_COLOR_PRIMARIES_SMPTE432, "smpte432"},
};

static const struct named_value transfer_rows[] = {
    {WCENC_COLOR_TRANSFER_BT709, "bt709"},   {WCENC_COLOR_TRANSFER_SMPTE170M, "smpte170m"},
    {WCENC_COLOR_TRANSFER_LINEAR, "linear"}, {WCENC_COLOR_TRANSFER_IEC61966_2_1, "iec61966-2-1"},
    {WCENC_COLOR_TRANSFER_PQ, "pq"},         {WCENC_COLOR_TRANSFER_HLG, "hlg"},
};

static const struct named_value matrix_rows[] = {
    {WCENC_COLOR_MATRIX_BT709, "bt709"},
    {WCENC_COLOR_MATRIX_BT470BG, "bt470bg"},
    {WCENC_COLOR_MATRIX_SMPTE170M, "smpte170m"},
    {WCENC_COLOR_MATRIX_BT2020_NCL, "bt2020-ncl"},
    {WCENC_COLOR_MATRIX_RGB, "rgb"},
};

static const struct named_values all_primaries = NAMED_VALUES("VideoColorPrimaries", primaries_rows);
static const struct named_values all_transfers = NAMED_VALUES("VideoTransferCharacteristics", transfer_rows);
static const struct named_values all_matrices = NAMED_VALUES("VideoMatrixCoefficients", matrix_rows);

const wcenc_color_space wcenc__color_space_srgb = {
    WCENC_COLOR_PRIMARIES_BT709,
    WCENC_COLOR_TRANSFER_IEC61966_2_1,
    WCENC_COLOR_MATRIX_RGB,
    WCENC_COLOR_RANGE_FULL,
};

const wcenc_color_space wcenc__color_space_display_p3 = {
    WCENC_COLOR_PRIMARIES_SMPTE432,
    WCENC_COLOR_TRANSFER_IEC61966_2_1,
    WCENC_COLOR_MATRIX_RGB,
    WCENC_COLOR_RANGE_FULL,
};

const wcenc_color_space wcenc__color_space_bt709 = {
    WCENC_COLOR_PRIMARIES_BT709,
    WCENC_COLOR_TRANSFER_BT709,
    WCENC_COLOR_MATRIX_BT709,
    WCENC_COLOR_RANGE_LIMITED,
};

static const char *find_name(const struct named_values *values, int32_t value)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->rows[i].value == value)
            return values->rows[i].name;
    return NULL;
}

static wcenc_status find_value(const struct named_values *values, const char *name, int32_t *out)
{
    if (!name || !out)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s is NULL", name ? "out" : "name");
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->rows[i].name, name) == 0) {
            *out = values->rows[i].value;
            return WCENC_OK;
        }
    }
    return wcenc__fail(WCENC_ERROR_TYPE, "\"%s\" is not a %s", name, values->enum_name);
}

const char *wcenc_color_primaries_name(wcenc_color_primaries primaries)
{
    return find_name(&all_primaries, primaries);
}

const char *wcenc_color_transfer_name(wcenc_color_transfer transfer)
{
    return find_name(&all_transfers, transfer);
}

const char *wcenc_color_matrix_name(wcenc_color_matrix matrix)
{
    return find_name(&all_matrices, matrix);
}

wcenc_status wcenc_color_primaries_from_name(const char *name, wcenc_color_primaries *out)
{
    return find_value(&all_primaries, name, out);
}

wcenc_status wcenc_color_transfer_from_name(const char *name, wcenc_color_transfer *out)
{
    return find_value(&all_transfers, name, out);
}

wcenc_status wcenc_color_matrix_from_name(const char *name, wcenc_color_matrix *out)
{
    return find_value(&all_matrices, name, out);
}

bool wcenc__color_space_is_valid(const wcenc_color_space *color_space)
{
    return (!color_space->primaries || find_name(&all_primaries, color_space->primaries)) &&
           (!color_space->transfer || find_name(&all_transfers, color_space->transfer)) &&
           (!color_space->matrix || find_name(&all_matrices, color_space->matrix)) &&
           color_space->range >= WCENC_COLOR_RANGE_UNSPECIFIED && color_space->range <= WCENC_COLOR_RANGE_FULL;
}

bool wcenc__chroma_location_is_valid(wcenc_chroma_location location)
{
    return location >= WCENC_CHROMA_LOCATION_UNSPECIFIED && location <= WCENC_CHROMA_LOCATION_TOP_LEFT;
}

uint8_t wcenc__color_code_point(int32_t member)
{
    enum { IDENTITY = 0, UNSPECIFIED = 2 };

    return (uint8_t)(member == WCENC_COLOR_MATRIX_RGB ? IDENTITY : member ? member : UNSPECIFIED);
}

bool wcenc__color_space_equal(const wcenc_color_space *a, const wcenc_color_space *b)
{
    return a->primaries == b->primaries && a->transfer == b->transfer && a->matrix == b->matrix && a->range == b->range;
}

/* The matrix that usually goes with primaries; BT.709's for those that are not specified. */
static wcenc_color_matrix matrix_of_primaries(wcenc_color_primaries primaries)
{
    switch (primaries) {
    case WCENC_COLOR_PRIMARIES_SMPTE170M:
    case WCENC_COLOR_PRIMARIES_BT470BG:
        return WCENC_COLOR_MATRIX_SMPTE170M;
    case WCENC_COLOR_PRIMARIES_BT2020:
        return WCENC_COLOR_MATRIX_BT2020_NCL;
    default:
        return WCENC_COLOR_MATRIX_BT709;
    }
}

/* RGB is no matrix of YCbCr, in a frame or in a configuration. */
static wcenc_color_matrix ycbcr_matrix(const wcenc_color_space *color_space)
{
    return color_space->matrix == WCENC_COLOR_MATRIX_RGB ? (wcenc_color_matrix)WCENC_COLOR_MATRIX_UNSPECIFIED
                                                         : color_space->matrix;
}

static int32_t first_given(int32_t a, int32_t b, int32_t c)
{
    return a ? a : b ? b : c;
}

wcenc_color_space wcenc__color_space_for_stream(const wcenc_color_space *frame, bool is_rgb,
                                                const wcenc_color_space *requested)
{
    wcenc_color_space stream = {
        .primaries = first_given(requested->primaries, frame->primaries, 0),
        .transfer = first_given(requested->transfer, frame->transfer, 0),
        .matrix = first_given(ycbcr_matrix(requested), is_rgb ? 0 : ycbcr_matrix(frame), 0),
        .range = first_given(requested->range, is_rgb ? 0 : frame->range, WCENC_COLOR_RANGE_LIMITED),
    };

    if (is_rgb && !stream.matrix)
        stream.matrix = matrix_of_primaries(stream.primaries);
    return stream;
}

wcenc_color_space wcenc__color_space_in_stream(const wcenc_color_space *frame, const wcenc_color_space *stream)
{
    wcenc_color_space read = *frame;

    read.matrix = stream->matrix ? first_given(ycbcr_matrix(frame), stream->matrix, 0) : 0;
    read.range = first_given(frame->range, WCENC_COLOR_RANGE_LIMITED, 0);
    return read;
}

wcenc_color_space wcenc__color_space_to_rgb(const wcenc_color_space *frame)
{
    wcenc_color_space read = *frame;

    read.matrix = first_given(ycbcr_matrix(frame), matrix_of_primaries(frame->primaries), 0);
    read.range = first_given(frame->range, WCENC_COLOR_RANGE_LIMITED, 0);
    return read;
}
