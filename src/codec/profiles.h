/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_PROFILES_H
#define WCENC_CODEC_PROFILES_H

/*
 * What is known about the codecs, as tables: which profiles there are and what they hold, what a level allows, the
 * scale of the quantizer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>

#include "codec_string.h"
#include "failure.h"

struct codec_family_info {
    const char *name;   /* "H.264" */
    uint32_t max_width; /* that the bitstream or its highest level can hold; levels and encoders may allow less */
    uint32_t max_height;
    uint32_t quantizer_max; /* at 8 bits: 51, 255; 0: the codec has no quantizer in WebCodecs */
    uint32_t quality_max;   /* of constant quality, from 0 on, at any depth */
    double default_quality;
    uint32_t quantizer_depth_step; /* added to quantizer_max per bit above 8: 6 for H.264 and HEVC */
    wcenc_color_matrix rgb_matrix; /* that RGB is coded with where nobody asks for one; 0: that of its primaries */
    bool has_description;          /* avc and hevc: parameter sets travel in the decoder config */
};

/* NULL for CODEC_NONE. */
const struct codec_family_info *wcenc__codec_family(enum codec_family family);

/*
 * A profile that can be encoded, with one kind of samples. `flags_needed` and `flags_met` are about what the string
 * promises a decoder beyond the profile: the constraint_set flags of H.264, the compatibility flags of HEVC. A string
 * has to set all that are needed and may set those that what is encoded meets; any other is a promise that would be
 * broken.
 */
struct codec_profile {
    enum codec_family family;
    uint8_t profile;
    uint8_t bit_depth;
    enum chroma chroma;
    uint32_t flags_needed;
    uint32_t flags_met;
    const char *name;   /* "Main" */
    const char *option; /* value of the encoder's profile option: "main"; NULL where there is none */
    bool has_b_frames;  /* the profile, with the flags needed, allows B-frames */
};

/*
 * NULL, with `failure` set, if the profile, its bit depth, its chroma or one of its flags is none that is encoded.
 * H.264 with constraint_set5_flag has a row of its own, which differs in has_b_frames.
 */
const struct codec_profile *wcenc__codec_profile(const struct codec_id *id, struct failure *failure);

/* The nth profile of the table, from 0; NULL after the last. For what is written about the table. */
const struct codec_profile *wcenc__codec_profile_at(size_t n);

/* What a stream demands of a level. */
struct level_demand {
    uint32_t width;
    uint32_t height;
    double framerate; /* 0: not known, not checked */
    uint64_t bitrate; /* 0: not known, not checked */
};

/*
 * H.264 and HEVC: true if the level of `id` exists and allows the demand. Otherwise `failure` names member,
 * value and limit. Always true for the other families, whose levels bind nothing: browsers encode 1280x720 as
 * vp09.00.10.08, which is level 1.0.
 */
bool wcenc__codec_level_allows(const struct codec_id *id, const struct level_demand *demand, struct failure *failure);

/*
 * H.264 and HEVC, where the level of `id` allows the size: raises it, within its tier, to the lowest that allows the
 * rates as well, or to the highest where none does.
 */
void wcenc__codec_level_raise(struct codec_id *id, const struct level_demand *demand);

/*
 * Sets the lowest level of the tier that allows the demand. False, with `failure` set and the highest level, if none
 * does. Leaves VP8 alone, which has no levels.
 */
bool wcenc__codec_level_find(struct codec_id *id, const struct level_demand *demand, struct failure *failure);

/* H.264 and HEVC: whether the level of `id` is higher than that of `other`, of the same family. */
bool wcenc__codec_level_is_above(const struct codec_id *id, const struct codec_id *other);

/* Bits a second that the level of `id` allows; UINT64_MAX for families whose levels bind nothing. */
uint64_t wcenc__codec_level_max_bitrate(const struct codec_id *id);

/*
 * Reference frames that the decoded picture buffer of the level has room for at this size: 1 to 16; 16 for families
 * without the limit, 1 where the level does not allow the size or does not exist.
 */
uint32_t wcenc__codec_level_max_refs(const struct codec_id *id, uint32_t width, uint32_t height);

/* False where the level of `id` allows frames only: in H.264 all levels but 2.1 to 4.1. */
bool wcenc__codec_level_has_fields(const struct codec_id *id);

/*
 * What a stream of the family calls colours that frames brought. VP8 and VP9 code no primaries and no transfer, which
 * the decoder config and the container say for them. But decoders read BT.709's transfer into a VP9 stream of BT.709's
 * matrix, and sRGB is called that, so that it is the same with and without a decoder config.
 */
void wcenc__codec_limit_color(enum codec_family family, wcenc_color_space *color_space);

#endif
