/* SPDX-License-Identifier: MIT */

/*
 * What the levels of level_table.c allow. Those of H.264 and HEVC bind the size, and the stream carries the level that
 * its rates need. VP9 and AV1 have levels too, which browsers do not hold against anyone, and neither does this folder.
 */

#include <inttypes.h>

#include "compiler.h"
#include "level_priv.h"

/* The row of the level of `id`; NULL if it does not exist. */
static const struct level_row *find_row(const struct codec_id *id)
{
    const struct level_table *table = wcenc__level_table(id->family);
    uint8_t code = id->level;

    if (id->family == CODEC_H264 && code == H264_LEVEL_1_1 && (id->constraints & H264_SET3) &&
        wcenc__level_1b_is_set3(id->profile))
        code = H264_LEVEL_1B;
    for (size_t i = 0; table && i < table->count; i++)
        if (table->rows[i].code == code)
            return &table->rows[i];
    return NULL;
}

/* With an error where the level, or the tier at that level, does not exist. */
static const struct level_row *require_row(const struct codec_id *id, struct failure *failure)
{
    const struct level_row *row = find_row(id);

    if (!row && id->family == CODEC_H264)
        (void)wcenc__refuse(failure, "level_idc %u (%02X) is not a level of H.264", id->level, id->level);
    else if (!row)
        (void)wcenc__refuse(failure, "L%u or H%u is not a level of HEVC", id->level, id->level);
    if (!row || row->max_br[id->tier])
        return row;
    (void)wcenc__refuse(failure, "level %s of HEVC has no high tier, which begins with level 4.0 (H120)", row->name);
    return NULL;
}

static uint64_t blocks(uint32_t pixels, uint32_t block)
{
    return ((uint64_t)pixels + block - 1) / block;
}

/* Of the coded picture; does not wrap for any size. */
static uint64_t coded_area(const struct level_table *table, uint32_t width, uint32_t height)
{
    uint64_t count = blocks(width, table->block) * blocks(height, table->block);

    return count > UINT64_MAX / table->units_per_block ? UINT64_MAX : count * table->units_per_block;
}

/* The longest side, in pixels: neither side may exceed sqrt(8 * the area), unless the table says otherwise. */
static uint32_t max_side(const struct level_table *table, const struct level_row *row, bool is_height)
{
    uint64_t max = 8 * (uint64_t)row->max_area / table->units_per_block;
    uint32_t side = 0;

    if (row->max_sides[is_height])
        return row->max_sides[is_height];
    while ((uint64_t)(side + 1) * (side + 1) <= max)
        side++;
    return side * table->block;
}

static bool size_allowed(const struct level_table *table, const struct level_row *row,
                         const struct level_demand *demand, struct failure *failure)
{
    const uint32_t sides[] = {demand->width, demand->height};
    const uint64_t area = coded_area(table, demand->width, demand->height);

    if (area > row->max_area)
        return wcenc__refuse(failure, "%" PRIu32 "x%" PRIu32 " is %" PRIu64 " %s, level %s allows %" PRIu32,
                             demand->width, demand->height, area, table->unit, row->name, row->max_area);
    for (int i = 0; i < 2; i++) {
        const uint32_t longest = max_side(table, row, i);

        if (sides[i] > longest)
            return wcenc__refuse(failure, "%s is %" PRIu32 ", level %s allows %" PRIu32, i ? "height" : "width",
                                 sides[i], row->name, longest);
    }
    return true;
}

static uint64_t max_bitrate(const struct codec_id *id, const struct level_row *row)
{
    return (uint64_t)row->max_br[id->tier] * wcenc__level_bitrate_factor(id);
}

static bool rate_allowed(const struct codec_id *id, const struct level_row *row, const struct level_demand *demand,
                         struct failure *failure)
{
    const struct level_table *table = wcenc__level_table(id->family);
    const uint64_t area = coded_area(table, demand->width, demand->height), bitrate = max_bitrate(id, row);

    if (demand->framerate > 0 && (double)area * demand->framerate > (double)row->max_rate)
        return wcenc__refuse(failure,
                             "framerate is %g, at %" PRIu32 "x%" PRIu32 " level %s allows %g (%" PRIu64 " %s a second)",
                             demand->framerate, demand->width, demand->height, row->name,
                             (double)row->max_rate / (double)area, row->max_rate, table->unit);
    if (demand->bitrate > bitrate)
        return wcenc__refuse(failure, "bitrate is %" PRIu64 ", level %s allows %" PRIu64, demand->bitrate, row->name,
                             bitrate);
    return true;
}

static bool row_allows(const struct codec_id *id, const struct level_row *row, const struct level_demand *demand,
                       struct failure *failure)
{
    return size_allowed(wcenc__level_table(id->family), row, demand, failure) && rate_allowed(id, row, demand, failure);
}

static bool has_binding_levels(enum codec_family family)
{
    return family == CODEC_H264 || family == CODEC_HEVC;
}

bool wcenc__codec_level_allows(const struct codec_id *id, const struct level_demand *demand, struct failure *failure)
{
    const struct level_row *row;

    if (!has_binding_levels(id->family))
        return true;
    row = require_row(id, failure);
    return row && row_allows(id, row, demand, failure);
}

static void set_level(struct codec_id *id, const struct level_row *row)
{
    id->level = row->code;
    if (id->family != CODEC_H264 || !wcenc__level_1b_is_set3(id->profile))
        return;
    id->constraints &= (uint8_t)~H264_SET3;
    if (row->code != H264_LEVEL_1B)
        return;
    id->level = H264_LEVEL_1_1;
    id->constraints |= H264_SET3;
}

/* The lowest level from `row` on that allows the demand, within the tier; the highest of all if none does. */
static const struct level_row *lowest_from(const struct level_row *row, const struct codec_id *id,
                                           const struct level_demand *demand, struct failure *failure)
{
    const struct level_table *table = wcenc__level_table(id->family);
    const struct level_row *last = &table->rows[table->count - 1];

    while (row < last && (!row->max_br[id->tier] || !row_allows(id, row, demand, NULL)))
        row++;
    (void)row_allows(id, row, demand, failure);
    return row;
}

void wcenc__codec_level_raise(struct codec_id *id, const struct level_demand *demand)
{
    const struct level_demand size = {demand->width, demand->height, 0, 0};
    const struct level_row *row = find_row(id), *enough;

    if (!has_binding_levels(id->family) || !wcenc__codec_level_allows(id, &size, NULL))
        return;
    enough = lowest_from(row, id, demand, NULL);
    if (enough != row)
        set_level(id, enough);
}

bool wcenc__codec_level_find(struct codec_id *id, const struct level_demand *demand, struct failure *failure)
{
    const struct level_table *table = wcenc__level_table(id->family);
    const struct level_row *row;

    if (!table)
        return true;
    row = lowest_from(table->rows, id, demand, failure);
    set_level(id, row);
    return row_allows(id, row, demand, NULL);
}

bool wcenc__codec_level_is_above(const struct codec_id *id, const struct codec_id *other)
{
    const struct level_row *row = find_row(id), *than = find_row(other);

    return has_binding_levels(id->family) && id->family == other->family && row && than && row > than;
}

uint64_t wcenc__codec_level_max_bitrate(const struct codec_id *id)
{
    const struct level_row *row = has_binding_levels(id->family) ? find_row(id) : NULL;

    return row && row->max_br[id->tier] ? max_bitrate(id, row) : UINT64_MAX;
}

#define MAX_FRAMES 16U

static uint32_t h264_max_refs(const struct level_row *row, uint32_t width, uint32_t height)
{
    uint64_t frames = row->max_dpb_mbs / (blocks(width, 16) * blocks(height, 16));
    return frames < MAX_FRAMES ? (uint32_t)frames : MAX_FRAMES;
}

/* MaxDpbSize counts the picture in work too. */
static uint32_t hevc_max_refs(const struct level_row *row, uint32_t width, uint32_t height)
{
    uint64_t area = blocks(width, 8) * blocks(height, 8) * 64;
    uint32_t dpb = 6;
    if (area <= row->max_area >> 2)
        dpb = 16;
    else if (area <= row->max_area >> 1)
        dpb = 12;
    else if (area <= (3 * (uint64_t)row->max_area) >> 2)
        dpb = 8;
    return dpb - 1;
}

uint32_t wcenc__codec_level_max_refs(const struct codec_id *id, uint32_t width, uint32_t height)
{
    const struct level_demand size = {width, height, 0, 0};
    if (!has_binding_levels(id->family))
        return MAX_FRAMES;
    if (width == 0 || height == 0 || !wcenc__codec_level_allows(id, &size, NULL))
        return 1;
    return id->family == CODEC_H264 ? h264_max_refs(find_row(id), width, height)
                                    : hevc_max_refs(find_row(id), width, height);
}

bool wcenc__codec_level_has_fields(const struct codec_id *id)
{
    enum { FIRST = 21, LAST = 41 };

    return id->family != CODEC_H264 || (id->level >= FIRST && id->level <= LAST);
}
