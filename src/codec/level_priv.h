/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_LEVEL_PRIV_H
#define WCENC_CODEC_LEVEL_PRIV_H

/* The tables of level_table.c, for level.c. */

#include "profiles.h"

struct level_row {
    uint8_t code; /* as struct codec_id has it */
    const char *name;
    uint64_t max_rate;     /* area a second */
    uint32_t max_area;     /* of a picture */
    uint32_t max_br[2];    /* by tier, in 1000 bits a second, before the profile's factor; 0: no such tier */
    uint32_t max_sides[2]; /* width and height, in pixels; 0: the root of eight times the area */
    uint32_t max_dpb_mbs;  /* H.264: macroblocks in the decoded picture buffer */
};

struct level_table {
    const char *unit;         /* of area */
    uint32_t block;           /* pixels to the side of what the size is rounded up to */
    uint32_t units_per_block; /* of area */
    size_t count;
    const struct level_row *rows; /* from the lowest on */
};

/* NULL for families without levels. */
const struct level_table *wcenc__level_table(enum codec_family family);

/* Bits a second of the profile for each thousand of max_br. */
uint32_t wcenc__level_bitrate_factor(const struct codec_id *id);

/* H.264: whether the profile writes level 1b as level_idc 11 with constraint_set3_flag. */
bool wcenc__level_1b_is_set3(uint8_t profile);

/* level_idc of level 1b where it has its own. */
enum { H264_LEVEL_1B = 9, H264_LEVEL_1_1 = 11, H264_SET3 = 0x10 };

#endif
