/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_CONFIG_H
#define WCENC_CODEC_CONFIG_H

/*
 * A configuration as the library keeps it: copied, checked for validity ("valid config"), with the defaults filled in.
 * Immutable and reference-counted, since frames of an old configuration may still be under way when a new one is there.
 */

#include <stdbool.h>
#include <stddef.h>

#include <wcenc/config.h>

#include "codec_string.h"
#include "ref.h"

/* Frames per second that rate control can be set to. */
#define CONFIG_FRAMERATE_MIN     0.001
#define CONFIG_FRAMERATE_MAX     10000.0
#define CONFIG_FRAMERATE_DEFAULT 30

#define CONFIG_NO_KEY_INTERVAL UINT32_MAX

struct rational {
    int numerator;
    int denominator;
};

/* What a scalability mode may ask for. */
enum { WCENC_TEMPORAL_LAYERS_MAX = 3 };

struct encoder_config {
    struct ref ref;
    wcenc_config given;              /* as it was given; texts are owned */
    bool sets_unknown;               /* the caller's struct asks for something that this version does not know */
    wcenc_hdr_metadata hdr_metadata; /* what `given` points to; none if it is NULL */
    struct codec_id codec;           /* all zero if the codec string is none; its level is that of the stream */
    const char
        *codec_string; /* of the stream: the given one, or `raised_codec` where the stream needs a higher level */
    char raised_codec[CODEC_STRING_SIZE];

    /* with defaults */
    struct rational framerate;
    uint64_t bitrate; /* bits per second; of constant quality a cap, or 0 */
    double quality;
    uint32_t key_interval; /* CONFIG_NO_KEY_INTERVAL: no key frame comes by itself */
    uint32_t threads;
    uint32_t display_width;
    uint32_t display_height;
    uint32_t temporal_layers; /* of the scalability mode; 0: it asks for something else */
    bool is_manual;           /* scalability mode "manual": each frame has its references and updates */
    bool annexb;
};

/* A layer_step goes with each frame: which buffers of the encoder it reads and writes. */
static inline bool config_has_steps(const struct encoder_config *config)
{
    return config->temporal_layers > 1 || config->is_manual;
}

/*
 * Copies a caller's config. TYPE with words if it is not valid in itself. A struct that sets what this version
 * does not know is NOT_SUPPORTED, unless `tolerate_unknown`, as the support query wants it; sets_unknown says so then.
 */
wcenc_status wcenc__config_create(const wcenc_config *from, bool tolerate_unknown, struct encoder_config **out);

/* Rate control follows the framerate; without one it follows the timestamps. */
static inline bool config_has_framerate(const struct encoder_config *config)
{
    return config->given.framerate > 0;
}

/* Bytes of the frames of a group, with parallel_groups: in the format that is encoded. */
uint64_t wcenc__config_group_bytes(const struct encoder_config *config);

/* Bytes of the frames of all groups at once; the highest number if they are more. 0 without parallel_groups. */
uint64_t wcenc__config_groups_bytes(const struct encoder_config *config);

struct encoder_config *wcenc__config_ref(struct encoder_config *config);
void wcenc__config_unref(struct encoder_config *config);

struct level_demand;

/* What the stream demands of the level. */
struct level_demand wcenc__config_level_demand(const struct encoder_config *config);

/* With alpha that is kept a frame is coded by two encoders, which share the bitrate. */
enum config_part { CONFIG_PART_COLORS, CONFIG_PART_ALPHA };

enum { CONFIG_ALPHA_PERCENT = 25 }; /* of the bitrate */

/*
 * What one of the encoders of a configuration is opened with: a view for the call, which owns nothing and whose
 * references do not count. The bitrate is that of the part; all of it where there is no alpha to be kept.
 */
void wcenc__config_split(const struct encoder_config *config, enum config_part part, struct encoder_config *out);

/* How two configurations differ, for what has to be done about it: bits. Ways to say the same are no difference. */
enum {
    CONFIG_BITRATE = 1,
    CONFIG_FRAMERATE = 2,
    CONFIG_SIZE = 4,  /* coded or displayed */
    CONFIG_OTHER = 8, /* something that takes another encoder */
};

uint32_t wcenc__config_changes(const struct encoder_config *old, const struct encoder_config *new_config);

#endif
