/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_CODEC_REGISTRY_H
#define WCENC_SRC_CODEC_REGISTRY_H

/*
 * What is known about the codecs, as tables: which profiles there are and what they hold, what a level allows, which
 * encoders may serve a family and in which order, the scale of the quantizer.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec_string.h"

struct backend_ops;

struct codec_family_info {
    const char *name;   /* "H.264" */
    uint32_t max_width; /* that the bitstream can say; levels may allow less */
    uint32_t max_height;
    uint32_t quantizer_max;        /* at 8 bits: 51, 255; 0: the codec has no quantizer in WebCodecs */
    uint32_t quantizer_depth_step; /* added to quantizer_max per bit above 8: 6 for H.264 and HEVC */
    bool has_description;          /* avc and hevc: parameter sets travel in the decoder config */
};

const struct codec_family_info *wcenc__codec_family(enum codec_family family);

/* A profile that can be encoded. */
struct codec_profile {
    enum codec_family family;
    uint8_t profile;
    const char *name;   /* "Main", and what x264 and x265 call it in lower case where `option` differs */
    const char *option; /* value of the encoder's profile option: "main"; NULL where there is none */
    bool has_b_frames;  /* the profile allows B-frames */
};

/* NULL, with words in `why`, if the profile is none that is encoded, or contradicts bit depth and chroma. */
const struct codec_profile *wcenc__codec_profile(const struct codec_id *id, char *why, size_t why_size);

/* What a stream asks of a level. */
struct level_demand {
    uint32_t width;
    uint32_t height;
    double framerate; /* 0: not known, not checked */
    uint64_t bitrate; /* 0: not known, not checked */
};

/*
 * H.264 and HEVC: true if the level of `id` exists and allows the demand. Otherwise `why` receives a sentence that
 * names member, value and limit. Always true for the other families, whose levels bind nothing (SUP-030, SUP-031).
 */
bool wcenc__codec_level_allows(const struct codec_id *id, const struct level_demand *demand, char *why,
                               size_t why_size);

/* Frames that the decoded picture buffer of the level holds at this size: 1 to 16; 16 for families without the limit.
 */
uint32_t wcenc__codec_level_max_refs(const struct codec_id *id, uint32_t width, uint32_t height);

/* One encoder that may serve a family. Rows of a family stand in the order of preference. */
struct codec_candidate {
    enum codec_family family;
    const char *name; /* as FFmpeg calls it */
    const struct backend_ops *backend;
    bool by_name_only; /* never chosen by itself */
};

/* The nth row of a family, from 0; NULL after the last. */
const struct codec_candidate *wcenc__codec_candidate(enum codec_family family, size_t n);

#endif
