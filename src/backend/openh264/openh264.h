/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_OPENH264_OPENH264_H
#define WCENC_BACKEND_OPENH264_OPENH264_H

/* The backend over OpenH264: what its files share. */

#include <wels/codec_api.h>

#include "backend.h"
#include "bitstream.h"
#include "openh264_table.h"

struct openh264_backend {
    struct backend base; /* first */
    const char *name;
    ISVCEncoder *encoder;
    SEncParamExt parameters; /* as OpenH264 has them */
    SFrameBSInfo output;     /* of the last frame; points into the encoder's memory */
    struct byte_buffer sets; /* the parameter sets of the stream */
    int64_t index;           /* of the last frame */
    int32_t quantizer;       /* that frames are to have; with a bitrate, those that rate control is not for */
    int32_t used_quantizer;  /* that the last frame had */
    double excess;           /* bits of such frames beyond their share of the bitrate */
    uint8_t layer;
    bool has_quantizer;    /* and no rate control */
    bool has_sets_in_band; /* key packets begin with them */
    bool has_output;
    bool is_drained;
};

static inline struct openh264_backend *openh264_of(struct backend *backend)
{
    return (struct openh264_backend *)backend;
}

extern const struct backend_ops wcenc__openh264_backend;

/* Fills the failure; false. */
bool wcenc__openh264_fail(const struct openh264_backend *openh264, int error, const char *doing,
                          struct failure *failure);

/* openh264_check.c */
bool wcenc__openh264_describe(const struct codec_candidate *candidate, struct backend_description *description);
bool wcenc__openh264_check(const struct codec_candidate *candidate, const struct encoder_config *config,
                           struct backend_probe *probe, struct failure *failure);

/* openh264_settings.c */

/* OPENH264_ bit of the config's bitrate mode. */
uint8_t wcenc__openh264_mode(const struct encoder_config *config);

/*
 * All rows, and then the caller's options, over the encoder's defaults. False, with a message, where OpenH264 does not
 * support one of these.
 */
bool wcenc__openh264_settings_fill(SEncParamExt *parameters, const struct encoder_config *config,
                                   struct failure *failure);

/* What a stream says of its pictures. */
void wcenc__openh264_describe_pictures(SSpatialLayerConfig *layer, const struct backend_setup *setup);

/* openh264_options.c */

enum openh264_origin { OPENH264_OF_ROW, OPENH264_OF_CALLER };

/* Sets one option. False, with a message, where there is none, or the value is not valid. */
bool wcenc__openh264_set_option(SEncParamExt *parameters, enum openh264_origin origin, const char *name,
                                const char *value, struct failure *failure);

/* The caller's own: "name=value:name=value". */
bool wcenc__openh264_set_caller_options(SEncParamExt *parameters, const struct encoder_config *config,
                                        struct failure *failure);

/* openh264_rate.c */

/* Bits and frames a second, which give each frame the bits that it should have. */
int wcenc__openh264_bitrate(const struct encoder_config *config);
float wcenc__openh264_framerate(const struct encoder_config *config);

/* The level that OpenH264 is opened with: the nearest to the stream's that it knows. */
uint8_t wcenc__openh264_level(const struct codec_id *codec);

/*
 * Sets the quantizer of the frame that is sent next: `quantizer`, or `finest` where that is coarser. With a bitrate,
 * rate control sets it, unless that might choose one below `finest`.
 */
int wcenc__openh264_set_quantizer(struct openh264_backend *openh264, uint8_t layer, int32_t finest);

/* Adapts the quantizer of frames that rate control is not for to the bitrate. */
void wcenc__openh264_count_bits(struct openh264_backend *openh264, size_t bytes);

uint32_t wcenc__openh264_reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes);

/* openh264_activity.c */

/* The mean difference of samples beside and above one another, in all planes. */
double wcenc__openh264_activity(const struct picture *picture);

/* The finest quantizer with which a picture of this activity is sure to fit into OpenH264's memory. */
int32_t wcenc__openh264_finest_quantizer(const SEncParamExt *parameters, double activity);

/* openh264_open.c */
struct backend *wcenc__openh264_open(const struct backend_setup *setup, struct failure *failure);
void wcenc__openh264_close(struct backend *backend);

/* openh264_io.c */
enum backend_result wcenc__openh264_send(struct backend *backend, const struct backend_frame *frame,
                                         struct failure *failure);
enum backend_result wcenc__openh264_receive(struct backend *backend, struct backend_packet *packet,
                                            struct failure *failure);
enum backend_result wcenc__openh264_drain(struct backend *backend, struct failure *failure);

#endif
