/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_AOM_AOM_H
#define WCENC_BACKEND_AOM_AOM_H

/* The backend over libaom: what its files share. */

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include "aom_table.h"
#include "backend.h"
#include "native_options.h"

/* Frames that are delayed, and one that is about to be sent. */
enum { AOM_PENDING_MAX = AOM_LOOKAHEAD_MAX + 8 };

/* What libaom is opened and run with. */
struct aom_settings {
    aom_codec_enc_cfg_t codec;
    struct native_controls controls;
};

/* Where libaom is in its answers. */
enum aom_phase {
    AOM_TAKES_FRAMES,
    AOM_GIVES_PACKETS, /* of the last frame */
    AOM_DRAINS,        /* and gives packets, until it has no more */
};

struct aom_pending {
    int64_t index;
    aom_codec_pts_t time;
};

struct aom_backend {
    struct backend base; /* first */
    const char *name;
    struct aom_settings settings;
    aom_codec_ctx_t codec;
    aom_img_fmt_t image_format;
    uint8_t bit_depth;
    uint32_t layers;
    bool is_open;
    bool has_frame_quantizer;
    bool is_manual;
    bool is_capped;
    enum aom_phase phase;
    aom_codec_iter_t output;           /* of the last call */
    const aom_codec_cx_pkt_t *waiting; /* of it, taken and not passed on */
    aom_codec_pts_t next_time;         /* in ticks; an own clock, since libaom measures durations */
    unsigned long frame_duration;      /* in ticks; 0: that of each frame */
    /* Frames without a packet so far, the oldest first. */
    struct aom_pending pending[AOM_PENDING_MAX];
    size_t pending_count;
};

static inline struct aom_backend *aom_of(struct backend *backend)
{
    return (struct aom_backend *)backend;
}

extern const struct backend_ops wcenc__aom_backend;

/* Fills the failure; false. */
bool wcenc__aom_fail(struct aom_backend *aom, aom_codec_err_t error, const char *doing, struct failure *failure);

/* aom_check.c */
bool wcenc__aom_describe(const struct codec_candidate *candidate, struct backend_description *description);
bool wcenc__aom_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                      struct backend_probe *probe, struct failure *failure);

/* aom_settings.c */

/*
 * All rows, and then the caller's options. False, with a message, where libaom does not support one of these, or would
 * crash.
 */
bool wcenc__aom_settings_fill(struct aom_settings *settings, const struct encoder_config *config,
                              struct failure *failure);

/* Frames that an encoder with these settings delays at most. */
uint32_t wcenc__aom_frames_held(const struct aom_settings *settings);

/* AOM_ bit of the config's bitrate mode, and AOM_FOR_ bits of what it asks for. */
uint8_t wcenc__aom_mode(const struct encoder_config *config);
uint8_t wcenc__aom_purposes(const struct encoder_config *config);

/* Key frames come only where the library asks for them. */
bool wcenc__aom_asks_for_keys(const struct encoder_config *config);

/* aom_hazards.c */

/* Whether tuning for screens would crash with the config. */
bool wcenc__aom_crashes_on_screens(const struct encoder_config *config);

/* False, with a message, where libaom would end the process, or refuse every frame. */
bool wcenc__aom_is_safe(const struct aom_settings *settings, const struct encoder_config *config,
                        struct failure *failure);

/* aom_options.c */

enum aom_origin { AOM_OF_ROW, AOM_OF_CALLER };

/* Sets one option. False, with a message, where there is none, or the value is not valid. */
bool wcenc__aom_set_option(struct aom_settings *settings, enum aom_origin origin, const char *name, const char *value,
                           struct failure *failure);

/* The caller's own: "name=value:name=value". */
bool wcenc__aom_set_caller_options(struct aom_settings *settings, const struct encoder_config *config,
                                   struct failure *failure);

/* Sets all controls of the open encoder. */
aom_codec_err_t wcenc__aom_apply_controls(aom_codec_ctx_t *codec, const struct aom_settings *settings);

/* aom_layers.c */

/* Sets rates and quantizers of the open encoder's layers, which is the only way to change them. */
aom_codec_err_t wcenc__aom_set_layers(struct aom_backend *aom);

/* Says what the next frame reads and writes. Nothing where there is one layer. */
aom_codec_err_t wcenc__aom_set_step(struct aom_backend *aom, const struct backend_frame *frame);

/* aom_rate.c */

/* Whether rate control follows timestamps where the config sets no framerate. */
bool wcenc__aom_follows_time(const struct aom_settings *settings, const struct encoder_config *config);

/* Ticks of a frame; 0 where each frame has a duration of its own. */
unsigned long wcenc__aom_frame_duration(const struct aom_settings *settings, const struct encoder_config *config);

uint32_t wcenc__aom_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes);

/* Sets the quantizer of the frame that comes next. Without one the last holds, and that of the default quality at
 * first. */
aom_codec_err_t wcenc__aom_set_quantizer(struct aom_backend *aom, int32_t quantizer);

/* aom_open.c */
struct backend *wcenc__aom_open(const struct backend_setup *setup, struct failure *failure);
void wcenc__aom_close(struct backend *backend);

/* aom_io.c */
enum backend_result wcenc__aom_send(struct backend *backend, const struct backend_frame *frame,
                                    struct failure *failure);
enum backend_result wcenc__aom_receive(struct backend *backend, struct backend_packet *packet, struct failure *failure);
enum backend_result wcenc__aom_drain(struct backend *backend, struct failure *failure);

#endif
