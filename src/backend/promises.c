/* SPDX-License-Identifier: MIT */

/*
 * H.264 and HEVC: what an encoder would write, held against what the codec string promises to decoders. Every parameter
 * set is read; a broken promise is named, with the option that breaks it where one can be blamed.
 */

#include "promises.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "claims.h"
#include "compiler.h"
#include "profiles.h"
#include "registry.h"

enum { H264_SET4 = 0x08, H264_BASELINE = 66, H264_MAIN = 77 };
enum { HEVC_PROGRESSIVE = 0x80, HEVC_INTERLACED = 0x40, HEVC_FRAME_ONLY = 0x10, HEVC_RANGE_EXTENSIONS = 4 };

struct claim {
    const struct set_claims *set;
    const struct encoder_config *config;
};

static bool breaks_profile(const struct claim *claim)
{
    return claim->set->kind != CLAIMS_PPS && claim->set->profile != claim->config->codec.profile;
}

static bool breaks_level(const struct claim *claim)
{
    return claim->set->kind != CLAIMS_PPS && claim->set->level > claim->config->codec.level;
}

static bool breaks_tier(const struct claim *claim)
{
    return claim->set->kind != CLAIMS_PPS && claim->set->tier > claim->config->codec.tier;
}

static bool breaks_samples(const struct claim *claim)
{
    /* chroma_format_idc */
    static const uint8_t chroma_formats[] = {
        [CHROMA_420] = 1, [CHROMA_422] = 2, [CHROMA_444] = 3, [CHROMA_440] = UINT8_MAX, [CHROMA_400] = 0,
    };
    const struct codec_id *codec = &claim->config->codec;

    return claim->set->kind == CLAIMS_SPS &&
           (claim->set->bit_depth != codec->bit_depth || claim->set->chroma_format != chroma_formats[codec->chroma]);
}

static bool forbids_b_frames(const struct encoder_config *config)
{
    const struct codec_profile *profile = wcenc__codec_profile(&config->codec, NULL);

    return !profile || !profile->has_b_frames;
}

static bool breaks_b_frames(const struct claim *claim)
{
    return claim->config->codec.family == CODEC_H264 && claim->set->reorder_frames > 0 &&
           forbids_b_frames(claim->config);
}

static bool breaks_frames_only(const struct claim *claim)
{
    const struct codec_id *codec = &claim->config->codec;

    if (!claim->set->has_fields)
        return false;
    if (codec->family == CODEC_HEVC)
        return codec->constraint_bytes[0] & (HEVC_PROGRESSIVE | HEVC_FRAME_ONLY);
    return (codec->constraints & H264_SET4) || !wcenc__codec_level_has_fields(codec);
}

/* Of the four kinds of source that the two flags name, "progressive" and "interlaced" are promises. */
static bool breaks_source(const struct claim *claim)
{
    const struct codec_id *codec = &claim->config->codec;
    const uint8_t promised = codec->constraint_bytes[0] & (HEVC_PROGRESSIVE | HEVC_INTERLACED);
    const bool is_interlaced = claim->set->constraint_bytes[0] & HEVC_INTERLACED;

    return codec->family == CODEC_HEVC && claim->set->kind != CLAIMS_PPS &&
           ((promised == HEVC_PROGRESSIVE && is_interlaced) || ((promised & HEVC_INTERLACED) && !is_interlaced));
}

static bool breaks_flags(const struct claim *claim)
{
    const struct codec_id *codec = &claim->config->codec;
    const uint8_t *said = claim->set->constraint_bytes, *promised = codec->constraint_bytes;

    if (codec->family != CODEC_HEVC || claim->set->kind == CLAIMS_PPS)
        return false;
    if (codec->profile_compatibility & ~claim->set->compatibility)
        return true;
    /* Nine flags of the format range extensions, behind four on the source. */
    return codec->profile == HEVC_RANGE_EXTENSIONS &&
           ((promised[0] & ~said[0] & 0x0f) || (promised[1] & ~said[1] & 0xf8));
}

static uint32_t dpb_frames_of(const struct claim *claim)
{
    const struct set_claims *set = claim->set;
    const struct codec_id *codec = &claim->config->codec;
    const bool is_hevc = codec->family == CODEC_HEVC;
    const uint32_t width = set->coded_width ? set->coded_width : claim->config->given.width;
    const uint32_t height = set->coded_height ? set->coded_height : claim->config->given.height;

    return wcenc__codec_level_max_refs(codec, width, height) + is_hevc;
}

static bool breaks_buffer(const struct claim *claim)
{
    return claim->set->dpb_frames > dpb_frames_of(claim);
}

/* Tools of a PPS that the profile does not have. */
static bool breaks_tools(const struct claim *claim)
{
    const struct set_claims *pps = claim->set;
    const uint8_t profile = claim->config->codec.profile;

    if (pps->kind != CLAIMS_PPS)
        return false;
    return pps->has_slice_groups || (profile <= H264_MAIN && pps->has_8x8_transform) ||
           (profile == H264_BASELINE && (pps->has_cabac || pps->has_weighted_prediction));
}

#define TOOL_OPTIONS "coder", "cabac", "8x8dct", "weightp", "wpredp", "cqm", "cqmfile", "avcintra-class"
#define B_OPTIONS    "bf", "bframes", "b-strategy", "b-adapt", "b-pyramid", "b-bias", "weightb"
#define FIELD_OPTIONS \
    "flags", "interlaced", "tff", "bff", "fake-interlaced", "interlace", "field", "bluray-compat", "uhd-bd"

/* Numbers that help: of profile and level, of bits a sample, or of frames in the buffer. */
enum detail { DETAIL_NONE, DETAIL_PROFILE, DETAIL_SAMPLES, DETAIL_BUFFER };

/* In the order in which they are looked at: what says most comes first. */
static const struct promise {
    bool (*is_broken)(const struct claim *claim);
    enum detail detail;
    const char *would;          /* "libx264 would ..." */
    const char *promise;        /* "..., but codec "avc1.640028" promises ..." */
    const char *const *options; /* that may be to blame */
} promises[] = {
    {breaks_b_frames, DETAIL_NONE, "code B-frames", "none (by constraint_set5_flag or profile)",
     (const char *const[]){B_OPTIONS, NULL}},
    {breaks_frames_only, DETAIL_NONE, "code fields", "frames only (by a constraint flag or the level)",
     (const char *const[]){FIELD_OPTIONS, NULL}},
    {breaks_source, DETAIL_NONE, "name another kind of source",
     "the one of general_progressive_source_flag and general_interlaced_source_flag",
     (const char *const[]){FIELD_OPTIONS, NULL}},
    {breaks_samples, DETAIL_SAMPLES, "write other samples", "the depth and chroma of its profile",
     (const char *const[]){"pixel-format", "pix-fmt", "output-depth", "input-csp", "qp", "crf", NULL}},
    {breaks_profile, DETAIL_PROFILE, "write another profile", "its own",
     (const char *const[]){B_OPTIONS, TOOL_OPTIONS, FIELD_OPTIONS, "qp", "crf", "lossless", "keyint", "g", NULL}},
    {breaks_tools, DETAIL_NONE, "use tools beyond the profile", "none of them",
     (const char *const[]){TOOL_OPTIONS, NULL}},
    {breaks_tier, DETAIL_NONE, "write the high tier", "the main tier",
     (const char *const[]){"high-tier", "tier", NULL}},
    {breaks_flags, DETAIL_NONE, "leave out compatibility or constraint flags", "them",
     (const char *const[]){"profile", NULL}},
    {breaks_buffer, DETAIL_BUFFER, "need a larger picture buffer", "that of its level",
     (const char *const[]){"refs", "ref", "frameref", "dpb-size", B_OPTIONS, FIELD_OPTIONS, NULL}},
    {breaks_level, DETAIL_PROFILE, "write a higher level", "its own",
     (const char *const[]){"refs", "ref", "level", "level-idc", "b", "maxrate", "bufsize", "bitrate", "vbv-maxrate",
                           "vbv-bufsize", "uhd-bd", NULL}},
};

/* "encoder_options "bf": ", "max_b_frames 3: " or nothing. */
static void blame(const struct promise *promise, const struct coder *coder, const struct encoder_config *config,
                  char *out, size_t size)
{
    const struct backend_ops *ops = coder->backend->ops;
    char option[OPTION_NAME_SIZE];

    out[0] = '\0';
    if (ops->finds_option && ops->finds_option(config->given.encoder_options, promise->options, option)) {
        (void)snprintf(out, size, "encoder_options \"%s\": ", option);
        return;
    }
    for (const char *const *name = promise->options; config->given.max_b_frames && *name; name++)
        if (strcmp(*name, "bf") == 0)
            (void)snprintf(out, size, "max_b_frames %" PRIu32 ": ", config->given.max_b_frames);
}

static void write_detail(const struct promise *promise, const struct claim *claim, char *out, size_t size)
{
    const struct set_claims *set = claim->set;
    const struct codec_id *codec = &claim->config->codec;

    out[0] = '\0';
    if (promise->detail == DETAIL_PROFILE)
        (void)snprintf(out, size, ": profile %u, level %u, not profile %u, level %u", set->profile, set->level,
                       codec->profile, codec->level);
    else if (promise->detail == DETAIL_SAMPLES)
        (void)snprintf(out, size, ": %u bits with chroma_format_idc %u, not %u bits", set->bit_depth,
                       set->chroma_format, codec->bit_depth);
    else if (promise->detail == DETAIL_BUFFER)
        (void)snprintf(out, size, ": %" PRIu32 " frames, %" PRIu32 " at most", set->dpb_frames, dpb_frames_of(claim));
}

static void set_broken(const struct promise *promise, const struct coder *coder, const struct claim *claim,
                       struct failure *failure)
{
    char options[OPTION_NAME_SIZE + 32], detail[128];

    blame(promise, coder, claim->config, options, sizeof options);
    write_detail(promise, claim, detail, sizeof detail);
    wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "%s%s would %s, but codec \"%.64s\" promises %s%s",
                       options, coder->candidate->name, promise->would, claim->config->codec_string, promise->promise,
                       detail);
}

static bool keeps_promises(const struct coder *coder, const struct claim *claim, struct failure *failure)
{
    for (size_t i = 0; i < ARRAY_LENGTH(promises); i++)
        if (promises[i].is_broken(claim)) {
            set_broken(&promises[i], coder, claim, failure);
            return false;
        }
    return true;
}

bool wcenc__promises_check_sets(const struct coder *coder, const struct encoder_config *config,
                                bool *are_slices_to_be_read, struct failure *failure)
{
    const enum nal_codec codec = config->codec.family == CODEC_HEVC ? NAL_HEVC : NAL_H264;
    const struct byte_buffer *sets = &coder->packetizer.parameter_sets;
    struct nal_iterator iterator = {.data = sets->data, .size = sets->size};
    struct nal_unit nal;
    bool is_readable = true, has_sps = false;

    *are_slices_to_be_read = false;
    if (config->codec.family != CODEC_H264 && config->codec.family != CODEC_HEVC)
        return true;
    while (is_readable && wcenc__nal_next(&iterator, &nal)) {
        struct set_claims set;
        const struct claim claim = {&set, config};

        is_readable = wcenc__claims_read(codec, &nal, &set);
        if (!is_readable || set.kind == CLAIMS_NONE)
            continue;
        has_sps = has_sps || set.kind == CLAIMS_SPS;
        if (!keeps_promises(coder, &claim, failure))
            return false;
        if (codec == NAL_H264 && set.kind == CLAIMS_SPS && !set.is_reorder_known && forbids_b_frames(config))
            *are_slices_to_be_read = true;
    }
    if (!is_readable || !has_sps)
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0, "%s returned parameter sets that are not valid",
                           coder->candidate->name);
    return is_readable && has_sps;
}

static bool has_b_slice(const struct packet_bytes *bytes)
{
    struct nal_iterator iterator = {.data = bytes->data, .size = bytes->size};
    struct nal_unit nal;

    while (wcenc__nal_next(&iterator, &nal))
        if (wcenc__h264_is_b_slice(&nal))
            return true;
    return false;
}

bool wcenc__promises_check_slices(const struct coder *coder, const struct encoder_config *config,
                                  const struct picture *picture, struct failure *failure)
{
    enum { FRAMES = 8 };
    struct backend *backend = coder->backend;
    struct set_claims set = {.kind = CLAIMS_SPS};
    const struct claim claim = {&set, config};
    enum backend_result result = BACKEND_OK;

    for (int i = 0; i <= FRAMES && result != BACKEND_FAILED; i++) {
        const struct backend_frame frame = {.picture = picture,
                                            .index = i,
                                            .time_us = (int64_t)i * BACKEND_PROBE_DURATION_US,
                                            .duration_us = BACKEND_PROBE_DURATION_US,
                                            .quantizer = -1};

        result = i < FRAMES ? backend->ops->send(backend, &frame, failure) : backend->ops->drain(backend, failure);
        while (result == BACKEND_OK) {
            struct backend_packet packet = {0};

            result = backend->ops->receive(backend, &packet, failure);
            if (result == BACKEND_OK && has_b_slice(&packet.bytes))
                set.reorder_frames = 1;
            wcenc__packet_bytes_free(&packet.bytes);
        }
    }
    if (result == BACKEND_FAILED)
        return false;
    return set.reorder_frames == 0 || keeps_promises(coder, &claim, failure);
}
