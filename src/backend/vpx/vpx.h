/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_VPX_VPX_H
#define WCENC_BACKEND_VPX_VPX_H

/* The backend over libvpx: what its files share. */

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include "backend.h"
#include "vpx_table.h"

/* Frames that are delayed, and one that is about to be sent. */
enum { VPX_PENDING_MAX = VPX_LOOKAHEAD_MAX + 7 };

struct vpx_control {
    int id;
    int value;
};

enum { VPX_CONTROLS_MAX = 40 };

/* What libvpx is set to, before and while it is open. */
struct vpx_settings {
    vpx_codec_enc_cfg_t codec;
    unsigned long deadline;
    struct vpx_control controls[VPX_CONTROLS_MAX]; /* each at most once */
    size_t control_count;
};

/* Where libvpx is in its answers. */
enum vpx_phase {
    VPX_TAKES_FRAMES,
    VPX_GIVES_PACKETS, /* of the last frame */
    VPX_DRAINS,        /* and gives packets, until it has no more */
};

struct vpx_pending {
    int64_t index;
    vpx_codec_pts_t time;
};

struct vpx_backend {
    struct backend base; /* first */
    const struct vpx_encoder *encoder;
    const char *name;
    struct vpx_settings settings;
    vpx_codec_ctx_t codec;
    vpx_img_fmt_t image_format;
    uint8_t bit_depth;
    bool is_open;
    bool has_frame_quantizer;
    bool is_manual;
    bool is_capped;
    enum vpx_phase phase;
    vpx_codec_iter_t output;           /* of the last call */
    const vpx_codec_cx_pkt_t *waiting; /* of it, taken and not passed on */
    vpx_codec_pts_t next_time;         /* in ticks; an own clock, since libvpx measures durations */
    unsigned long frame_duration;      /* in ticks; 0: that of each frame */
    /* Frames without a packet so far, the oldest first. */
    struct vpx_pending pending[VPX_PENDING_MAX];
    size_t pending_count;
};

static inline struct vpx_backend *vpx_of(struct backend *backend)
{
    return (struct vpx_backend *)backend;
}

extern const struct backend_ops wcenc__vpx_backend;

/* Fills the failure; false. */
bool wcenc__vpx_fail(struct vpx_backend *vpx, vpx_codec_err_t error, const char *doing, struct failure *failure);

/* vpx_check.c */
bool wcenc__vpx_describe(const struct codec_candidate *candidate, struct backend_description *description);
bool wcenc__vpx_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                      struct backend_probe *probe, struct failure *failure);
vpx_codec_iface_t *wcenc__vpx_interface(enum codec_family family);

/* vpx_settings.c */

/*
 * All rows, and then the caller's options. False, with a message, where libvpx does not support one of these, or would
 * crash.
 */
bool wcenc__vpx_settings_fill(struct vpx_settings *settings, const struct encoder_config *config,
                              struct failure *failure);

/* Frames that an encoder with these settings delays at most. */
uint32_t wcenc__vpx_frames_held(const struct vpx_settings *settings);

/* VPX_ bit of the config's bitrate mode, and VPX_FOR_ bits of what it asks for. */
uint8_t wcenc__vpx_mode(const struct encoder_config *config);
uint8_t wcenc__vpx_purposes(const struct encoder_config *config);

/* Key frames come only where the library asks for them. */
bool wcenc__vpx_asks_for_keys(const struct encoder_config *config);

/* vpx_options.c */

enum vpx_origin { VPX_OF_ROW, VPX_OF_CALLER };

/* Sets one option. False, with a message, where there is none, or none for this codec, or the value is not valid. */
bool wcenc__vpx_set_option(struct vpx_settings *settings, uint8_t codec, enum vpx_origin origin, const char *name,
                           const char *value, struct failure *failure);

/* The caller's own: "name=value:name=value". */
bool wcenc__vpx_set_caller_options(struct vpx_settings *settings, const struct encoder_config *config,
                                   struct failure *failure);

/* The value of a control that was set, or 0. */
int wcenc__vpx_control_value(const struct vpx_settings *settings, int control);

/* Sets all controls of the open encoder. */
vpx_codec_err_t wcenc__vpx_apply_controls(vpx_codec_ctx_t *codec, const struct vpx_settings *settings);

/* vpx_rate.c */

/* Whether rate control follows timestamps where the config sets no framerate. */
bool wcenc__vpx_follows_time(const struct encoder_config *config);

/*
 * Kilobits a second, and ticks of a frame, which give each frame the bits that it should have; 0 ticks where each frame
 * has a duration of its own.
 */
unsigned wcenc__vpx_kilobits(const struct encoder_config *config);
unsigned long wcenc__vpx_frame_duration(const struct encoder_config *config);

uint32_t wcenc__vpx_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes);

/* vpx_open.c */
struct backend *wcenc__vpx_open(const struct backend_setup *setup, struct failure *failure);
void wcenc__vpx_close(struct backend *backend);

/* vpx_io.c */
enum backend_result wcenc__vpx_send(struct backend *backend, const struct backend_frame *frame,
                                    struct failure *failure);
enum backend_result wcenc__vpx_receive(struct backend *backend, struct backend_packet *packet, struct failure *failure);
enum backend_result wcenc__vpx_drain(struct backend *backend, struct failure *failure);

#endif
