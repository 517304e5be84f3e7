/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_LAVC_OPTIONS_H
#define WCENC_BACKEND_LAVC_OPTIONS_H

/* What is known of each of FFmpeg's encoders, and the options that it is opened with. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "backend.h"
#include "config.h"
#include "failure.h"
#include "hardware.h"
#include "realtime_bounds.h"

/* Where a row applies: bits, any of which may hold. */
enum {
    WHEN_QUALITY = 1,
    WHEN_REALTIME = 2,
    WHEN_ANY_LATENCY = 3,

    WHEN_VARIABLE = 1,
    WHEN_CONSTANT = 2,
    WHEN_QUANTIZER = 4,
    WHEN_CONSTANT_QUALITY = 8,
    WHEN_RATE = 3,
    WHEN_ANY_MODE = 15,
};

/* What a configuration asks for beside these: rows that are for one of them apply only then. */
enum {
    FOR_ALL = 0,
    FOR_LAYERS = 1, /* more than one temporal layer */
    FOR_ALPHA = 2,
    FOR_SCREEN = 4,  /* content_hint "detail" or "text" */
    FOR_CAP = 8,     /* constant quality with a bitrate */
    FOR_TOOLS = 16,  /* force_screen_content_tools, of AV1 */
    FOR_GROUPS = 32, /* parallel groups */
};

struct option_row {
    uint8_t latency;
    uint8_t mode;
    const char *key;
    const char *value; /* with {name} for what depends on the configuration; see the table in options.c */
    uint8_t purpose;   /* FOR_ bits, any of which suffices */
};

/* What the rate control of an encoder counts in. */
enum lavc_clock {
    COUNTS_FRAMES,   /* of the framerate that is set */
    COUNTS_TIME,     /* frames have times and durations */
    COUNTS_BITRATES, /* frames, and the bitrate that is set follows the duration of each */
};

struct clock_row {
    uint8_t latency; /* like the next, as in struct option_row */
    uint8_t mode;
    enum lavc_clock clock;
};

/* On which scale the packets of an encoder report their quantizer, if at all. */
enum quantizer_report {
    REPORTS_NO_QUANTIZER,
    REPORTS_QUANTIZER,
    REPORTS_QUANTIZER_OF_8_BITS, /* more bits have 6 more for each, which it leaves out */
};

enum { EFFORT_LEAST = -2, EFFORT_STEPS = 5 };

/* One option at each step of effort. They come after the encoder's own rows. */
struct effort_row {
    const char *encoder;
    uint8_t latency; /* like the next two, as in struct option_row */
    uint8_t mode;
    uint8_t purpose;
    const char *key;
    const char *values[EFFORT_STEPS]; /* empty: as the encoder's rows have it */
};

enum { OPTION_ROWS_MAX = 32, QUALITY_POINTS_MAX = 4, CLOCK_ROWS_MAX = 2 };

/* A quality on the codec's scale, and what it is on the encoder's. */
struct quality_point {
    double quality;
    double value;
};

struct lavc_encoder {
    const char *name;
    enum device device;         /* that it needs */
    uint8_t modes;              /* WHEN_ bits of the bitrate modes that it has */
    uint8_t latencies;          /* WHEN_ bits of the latency modes that it has */
    bool rounds_key_interval;   /* to more than was asked for */
    uint8_t key_interval_min;   /* less means something else to it */
    bool has_global_state;      /* opened and closed by one thread at a time */
    bool raises_priorities;     /* makes realtime threads as it opens, where the process may */
    bool ends_before_libraries; /* its threads crash where the process frees the libraries that they use */
    bool constant_is_unsafe_in_ffmpeg_7;
    bool has_no_durations_in_ffmpeg_8; /* and later: it counts frames there, whatever `clocks` say */
    bool leaves_range_out;             /* of H.264's VUI, where it is limited and no other colour is specified */
    bool needs_frame_to_close;         /* never returns from a close or drain without a frame */
    bool even_size;
    /*
     * Frames a second that its rate control counts right with, where the stream does not say them. Outside of them it
     * is set to 30, and to bits a second in proportion, so that each frame has the bits that it should have. 0: any.
     */
    uint16_t min_framerate;
    uint16_t max_framerate;
    struct clock_row clocks[CLOCK_ROWS_MAX]; /* without a framerate; the first that applies, or COUNTS_FRAMES */
    uint16_t min_size;                       /* of width and height */
    uint16_t max_height;                     /* 0: as the codec has it */
    uint32_t thread_stack_kb;     /* that its own threads need, of which it has none if there is less; 0: any will do */
    uint32_t default_threads_max; /* where the caller gives no number; 0: as many as there are CPUs */
    enum quantizer_report quantizer_report;
    uint8_t key_step; /* of wcenc__key_frame_percent, in realtime */
    struct quantizer_min quantizer_min;
    uint16_t live_buffer_ms; /* in realtime with a constant bitrate; 0: a second */
    bool has_no_cap;         /* of constant quality */
    uint32_t no_cap;         /* the bitrate that it is set to where there is no cap; 0: none */
    bool has_whole_qualities;
    struct quality_point qualities[QUALITY_POINTS_MAX]; /* lines between them; all 0: the scales are the same */
    /* Frames delayed in quality mode: lookahead, and as many more for each B-frame and each further thread. */
    uint16_t lookahead;
    uint16_t held_beside_lookahead;
    uint16_t held_per_thread;
    uint16_t held_per_b_frame;
    uint16_t lookahead_max;                  /* that options of the caller's may ask for */
    struct option_row rows[OPTION_ROWS_MAX]; /* ended by a NULL key; applied in order */
};

/* The row of an encoder; NULL if it is not known. */
const struct lavc_encoder *wcenc__lavc_encoder(const char *name);

/* The nth of those that need a device, from 0; NULL after the last. (encoders_hw.c) */
const struct lavc_encoder *wcenc__lavc_hardware_encoder(size_t n);

/* The nth row of effort of an encoder, from 0; NULL after the last, and where it has no steps. (effort.c) */
const struct effort_row *wcenc__lavc_effort_row(const char *encoder, size_t n);

/*
 * The lookahead in quality mode, as far as the caller's bound allows; 0 where even that is too much, which the probe
 * then refuses. (delay.c, like the next)
 */
uint32_t wcenc__lavc_lookahead(const struct lavc_encoder *encoder, const struct encoder_config *config);

/* Upper bound of the frames that it holds back with this configuration. */
uint32_t wcenc__lavc_frames_held(const struct lavc_encoder *encoder, const struct encoder_config *config);

/*
 * Applies the rows, and then the caller's own options, to a context that is not open yet. Each is checked: false with
 * words where one is not known or refused.
 */
bool wcenc__lavc_apply_options(AVCodecContext *context, const struct lavc_encoder *encoder,
                               const struct encoder_config *config, struct failure *failure);

/* The one place where an option is set: false with words if the encoder does not have it or does not take the value. */
bool wcenc__lavc_set_option(AVCodecContext *context, const char *key, const char *value, const char *origin,
                            struct failure *failure);

/*
 * The next key=value of a list separated by colons: 0 with both in memory to be freed by av_free, or FFmpeg's error
 * with neither. av_opt_get_key_value and av_dict_parse_string report EINVAL when out of memory.
 */
int wcenc__lavc_next_pair(const char **text, char **key, char **value);

/* Whether the process gives threads that the encoder makes as much stack as they need. */
bool wcenc__lavc_may_have_threads(const struct lavc_encoder *encoder);

/* Sets the config's encoder_options. (user_options.c; part of apply_options) */
bool wcenc__lavc_apply_own_options(AVCodecContext *context, const struct encoder_config *config,
                                   struct failure *failure);

/* option_names.c: '_' of a name is read as '-', capitals as small letters. */

/* Reads the name that a pair "name=value" begins with; returns what stands behind it. Longer names are cut. */
const char *wcenc__lavc_read_name(const char *at, char name[OPTION_NAME_SIZE]);

/* Goes through a list of pairs. False at its end. */
bool wcenc__lavc_next_name(const char **list, char name[OPTION_NAME_SIZE]);

/* Names are ended by NULL. An inner one is of a list such as "x264-params", where it may be negated. */
bool wcenc__lavc_is_among(const char *name, const char *const *names);
bool wcenc__lavc_is_inner(const char *name, const char *const *names);

/* True for options that are lists of their own. */
bool wcenc__lavc_is_list(const char *name);

/* True if encoder_options set one of the names, not looking inside lists. */
bool wcenc__lavc_options_name(const char *options, const char *const *names);

/* 1 and the name as `found` if they set one, also inside lists; 0 if none; an error of FFmpeg's where they cannot be
 * read. */
int wcenc__lavc_find_option(const char *options, const char *const *names, char found[OPTION_NAME_SIZE]);

/*
 * Whether the caller may set the option, and to this value: false with words. True of one that there is not.
 * (option_rules.c)
 */
bool wcenc__lavc_allows_option(AVCodecContext *context, const char *key, const char *value, struct failure *failure);

/* What brings an encoder's library down: bits. */
enum {
    AVOID_TILE_COLUMNS = 1, /* several of them, where there are several threads */
    AVOID_THREADS = 2,      /* more than one */
    AVOID_SCREEN_IN_REALTIME = 4,
};

/* AVOID_ bits of the encoder with this configuration. (hazards.c, like the next) */
uint8_t wcenc__lavc_avoid(const char *encoder, const struct encoder_config *config);

/* False with words where the options of the context, all applied, ask for something to be avoided. */
bool wcenc__lavc_is_safe(AVCodecContext *context, const struct encoder_config *config, struct failure *failure);

/* FOR_ bits of what it asks for. */
uint8_t wcenc__lavc_purposes(const struct encoder_config *config);

/* The WHEN_ bit of its bitrate mode. */
uint8_t wcenc__lavc_mode(const struct encoder_config *config);

/*
 * Key frames come only where they are asked for: the pattern of layers restarts with each, and alpha has one where
 * the picture has one.
 */
bool wcenc__lavc_asks_for_keys(const struct encoder_config *config);

/* Whether the caller's options set rates themselves, which a change of bitrate must then not overrule. */
bool wcenc__lavc_options_touch_rate(const struct encoder_config *config);

/* Whether an encoder with these capabilities takes on a new bitrate or framerate while it runs. */
bool wcenc__lavc_changes_rate(uint32_t capabilities, const struct encoder_config *config);

/* Bits per second and of buffer that rate control is set to; shared with changing them later. */
struct lavc_rate {
    int64_t bitrate;
    int64_t max_rate;
    int buffer_size;
    double buffer_seconds; /* that it is made of, at least */
};

/* `framerate` is the one that the encoder counts in. */
struct lavc_rate wcenc__lavc_rate(const struct lavc_encoder *encoder, const struct encoder_config *config,
                                  struct rational framerate);

/* The quality on the encoder's scale. */
double wcenc__lavc_quality(const struct lavc_encoder *encoder, double quality);

/* Whether the caller's options set a quality. An error of FFmpeg's where they cannot be read. */
int wcenc__lavc_has_own_quality(const struct encoder_config *config);

/*
 * Whether the caller's options set a quality, and no bitrate is set: then the default bitrate is no cap. Layers keep
 * it, since each has a part of it. An error of FFmpeg's where they cannot be read.
 */
int wcenc__lavc_is_uncapped(const struct encoder_config *config);

/* The framerate that the encoder is set to. */
struct rational wcenc__lavc_framerate(const struct lavc_encoder *encoder, const struct encoder_config *config);

/* WHEN_ bits of the latency modes in which rate control can follow timestamps. (lavc_clock.c, like the next two) */
uint8_t wcenc__lavc_latencies_with_clock(const struct lavc_encoder *encoder);

/* Whether it follows them where the config sets no framerate. */
bool wcenc__lavc_follows_time(const struct lavc_encoder *encoder, const struct encoder_config *config);

enum lavc_clock wcenc__lavc_clock(const struct lavc_encoder *encoder, const struct encoder_config *config);

#endif
