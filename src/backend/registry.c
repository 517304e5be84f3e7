/* SPDX-License-Identifier: MIT */

/* The encoders that may serve a codec family: one row each. Probing finds whether one is installed and takes a size. */

#include "registry.h"

#include "compiler.h"

extern const struct backend_ops wcenc__lavc_backend;

#if !defined WCENC_HAS_VPX || !defined WCENC_HAS_AOM || !defined WCENC_HAS_OPENH264
static bool is_missing(const struct codec_candidate *candidate, const struct encoder_config *config,
                       struct backend_probe *probe, struct failure *failure)
{
    (void)config;
    (void)probe;
    return wcenc__refuse(failure, "this build of libwcenc is without %s", candidate->name);
}

static bool describe_nothing(const struct codec_candidate *candidate, struct backend_description *description)
{
    (void)candidate;
    (void)description;
    return false;
}

/* Stands for the backend of a library that the build is without. */
static const struct backend_ops missing_backend = {.name = "none", .describe = describe_nothing, .check = is_missing};
#endif

#ifdef WCENC_HAS_VPX
extern const struct backend_ops wcenc__vpx_backend;
#define VPX_BACKEND (&wcenc__vpx_backend)
#else
#define VPX_BACKEND (&missing_backend)
#endif

#ifdef WCENC_HAS_AOM
extern const struct backend_ops wcenc__aom_backend;
#define AOM_BACKEND (&wcenc__aom_backend)
#else
#define AOM_BACKEND (&missing_backend)
#endif
#ifdef WCENC_HAS_OPENH264
extern const struct backend_ops wcenc__openh264_backend;
#define OPENH264_BACKEND (&wcenc__openh264_backend)
#else
#define OPENH264_BACKEND (&missing_backend)
#endif

static const struct codec_candidate candidates[] = {
    {CODEC_H264, "libx264", &wcenc__lavc_backend, false, false,
     ENCODER_FORCES_KEYS | ENCODER_TAKES_NV12 | ENCODER_HAS_QUANTIZER | ENCODER_CHANGES_RATE},
    /* libx264 codes more in the same bytes, but no layers. */
    {CODEC_H264, "native-openh264", OPENH264_BACKEND, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_HAS_QUANTIZER | ENCODER_TELLS_QUANTIZER | ENCODER_CHANGES_RATE |
         ENCODER_CONTINUES | ENCODER_STANDS_IN},
    {CODEC_HEVC, "libx265", &wcenc__lavc_backend, false, false, ENCODER_FORCES_KEYS | ENCODER_HAS_QUANTIZER},
    /* The native ones come before FFmpeg's encoders of the same library: they have more, and AV1 in realtime is faster. */
    {CODEC_VP8, "native-vpx", VPX_BACKEND, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_HAS_REFERENCES | ENCODER_CHANGES_RATE | ENCODER_CONTINUES},
    {CODEC_VP9, "native-vpx", VPX_BACKEND, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_HAS_REFERENCES | ENCODER_HAS_QUANTIZER |
         ENCODER_TELLS_QUANTIZER | ENCODER_CHANGES_RATE | ENCODER_CONTINUES},
    {CODEC_VP8, "libvpx", &wcenc__lavc_backend, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_LOSES_FRAMES},
    {CODEC_VP9, "libvpx-vp9", &wcenc__lavc_backend, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_LOSES_FRAMES},
    {CODEC_AV1, "native-aom", AOM_BACKEND, false, false,
     ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS | ENCODER_HAS_REFERENCES | ENCODER_HAS_QUANTIZER |
         ENCODER_TELLS_QUANTIZER | ENCODER_CHANGES_RATE | ENCODER_CONTINUES},
    {CODEC_AV1, "libaom-av1", &wcenc__lavc_backend, false, false, ENCODER_FORCES_KEYS | ENCODER_LOSES_FRAMES},
    {CODEC_AV1, "librav1e", &wcenc__lavc_backend, false, false, 0},
    /* SVT-AV1 prints to stderr at every open, and no setting stops it. */
    {CODEC_AV1, "libsvtav1", &wcenc__lavc_backend, true, false, 0},
    {CODEC_H264, "h264_nvenc", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_H264, "h264_qsv", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_H264, "h264_vaapi", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_H264, "h264_amf", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_H264, "h264_v4l2m2m", &wcenc__lavc_backend, false, true, 0},
    {CODEC_HEVC, "hevc_nvenc", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_HEVC, "hevc_qsv", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_HEVC, "hevc_vaapi", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_HEVC, "hevc_amf", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_HEVC, "hevc_v4l2m2m", &wcenc__lavc_backend, false, true, 0},
    {CODEC_VP8, "vp8_vaapi", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_VP8, "vp8_v4l2m2m", &wcenc__lavc_backend, false, true, 0},
    {CODEC_VP9, "vp9_qsv", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_VP9, "vp9_vaapi", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_AV1, "av1_nvenc", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_AV1, "av1_qsv", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_AV1, "av1_vaapi", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
    {CODEC_AV1, "av1_amf", &wcenc__lavc_backend, false, true, ENCODER_FORCES_KEYS},
};

uint32_t wcenc__candidate_capabilities(const struct codec_candidate *candidate)
{
    static const struct {
        uint32_t encoder;
        uint32_t capability;
    } rows[] = {
        {ENCODER_HAS_QUANTIZER, WCENC_CAPABILITY_FRAME_QUANTIZER},
        {ENCODER_CHANGES_RATE, WCENC_CAPABILITY_LIVE_BITRATE},
        {ENCODER_HAS_LAYERS, WCENC_CAPABILITY_TEMPORAL_LAYERS},
        {ENCODER_HAS_REFERENCES, WCENC_CAPABILITY_REFERENCES},
    };
    /* A second encoder encodes alpha, and devices open few. */
    uint32_t capabilities = candidate->is_hardware ? 0 : WCENC_CAPABILITY_ALPHA;

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (candidate->capabilities & rows[i].encoder)
            capabilities |= rows[i].capability;
    return capabilities;
}

uint32_t wcenc__candidate_reference_buffers(const struct codec_candidate *candidate)
{
    struct backend_description description;

    if (!(candidate->capabilities & ENCODER_HAS_REFERENCES) || !candidate->backend->describe(candidate, &description))
        return 0;
    return description.reference_buffers;
}

#ifdef WCENC_TESTING
const struct codec_candidate *wcenc__testing_candidate;
#endif

const struct codec_candidate *wcenc__backend_candidate(enum codec_family family, size_t n)
{
#ifdef WCENC_TESTING
    if (wcenc__testing_candidate && n-- == 0)
        return wcenc__testing_candidate;
#endif
    for (size_t i = 0; i < ARRAY_LENGTH(candidates); i++) {
        if (candidates[i].family == family && n-- == 0)
            return &candidates[i];
    }
    return NULL;
}
