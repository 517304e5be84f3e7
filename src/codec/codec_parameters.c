/* SPDX-License-Identifier: MIT */

/* The codec string for what a program is about to encode. */

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <wcenc/codec.h>

#include "abi.h"
#include "compiler.h"
#include "config.h"
#include "profiles.h"
#include "status.h"

static const enum codec_family families[] = {
    [WCENC_CODEC_H264] = CODEC_H264, [WCENC_CODEC_HEVC] = CODEC_HEVC, [WCENC_CODEC_VP8] = CODEC_VP8,
    [WCENC_CODEC_VP9] = CODEC_VP9,   [WCENC_CODEC_AV1] = CODEC_AV1,
};

static const enum chroma chromas[] = {
    CHROMA_420,
    [WCENC_CHROMA_FORMAT_420] = CHROMA_420,
    [WCENC_CHROMA_FORMAT_422] = CHROMA_422,
    [WCENC_CHROMA_FORMAT_444] = CHROMA_444,
};

void wcenc_codec_parameters_init(wcenc_codec_parameters *parameters, size_t size)
{
    wcenc__struct_init(parameters, size);
}

static wcenc_status check_enum(const char *member, int32_t value, int32_t least, int32_t most)
{
    if (value >= least && value <= most)
        return WCENC_OK;
    return wcenc__fail(WCENC_ERROR_TYPE, "parameters.%s is %" PRId32 "; use %" PRId32 " to %" PRId32, member, value,
                       least, most);
}

static wcenc_status check_valid(const wcenc_codec_parameters *parameters)
{
    const struct {
        const char *member;
        int32_t value, least, most;
    } checks[] = {
        {"codec", parameters->codec, WCENC_CODEC_H264, WCENC_CODEC_AV1},
        {"profile", parameters->profile, 0, UINT8_MAX},
        {"tier", parameters->tier, 0, 1},
        {"in_band_parameter_sets", parameters->in_band_parameter_sets, 0, 1},
        {"chroma_format", parameters->chroma_format, 0, WCENC_CHROMA_FORMAT_444},
    };
    wcenc_status status = WCENC_OK;

    for (size_t i = 0; status == WCENC_OK && i < ARRAY_LENGTH(checks); i++)
        status = check_enum(checks[i].member, checks[i].value, checks[i].least, checks[i].most);
    if (status != WCENC_OK)
        return status;
    if (parameters->width == 0 || parameters->height == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "parameters.%s is 0", parameters->width ? "height" : "width");
    if (!isfinite(parameters->framerate))
        return wcenc__fail(WCENC_ERROR_TYPE, "parameters.framerate is not a finite number");
    if (parameters->bit_depth != 0 && parameters->bit_depth != 8 && parameters->bit_depth != 10 &&
        parameters->bit_depth != 12)
        return wcenc__fail(WCENC_ERROR_TYPE, "parameters.bit_depth is %" PRIu32 "; use 8, 10 or 12",
                           parameters->bit_depth);
    return WCENC_OK;
}

/* Of several profiles for the same samples the last of the table has most tools. */
static bool find_profile(struct codec_id *id, struct failure *failure)
{
    const struct codec_profile *row;
    bool is_found = false;

    for (size_t n = 0; (row = wcenc__codec_profile_at(n)); n++)
        if (row->family == id->family && row->bit_depth == id->bit_depth && row->chroma == id->chroma) {
            id->profile = row->profile;
            is_found = true;
        }
    return is_found || wcenc__refuse(failure, "%s of %u bits a sample in this chroma_format is not encoded",
                                     wcenc__codec_family(id->family)->name, id->bit_depth);
}

/* What encoders here promise of a profile beyond its name. */
static void set_flags(struct codec_id *id)
{
    enum { CONSTRAINED_BASELINE = 0xe0, OBEYS_MAIN = 0x40, PROGRESSIVE_FRAMES_ONLY = 0xb0, RANGE_EXTENSIONS = 4 };
    static const uint8_t compatibilities[] = {0, 0x6, 0x4, 0, 0x10};

    if (id->family == CODEC_H264)
        id->constraints = id->profile == 66 ? CONSTRAINED_BASELINE : id->profile == 77 ? OBEYS_MAIN : 0;
    if (id->family != CODEC_HEVC || id->profile >= ARRAY_LENGTH(compatibilities))
        return;
    id->profile_compatibility = compatibilities[id->profile];
    id->constraint_bytes[0] = PROGRESSIVE_FRAMES_ONLY;
    if (id->profile == RANGE_EXTENSIONS) {
        const uint32_t flags = (uint32_t)wcenc__hevc_range_flags(id->bit_depth, id->chroma) << 3;

        id->constraint_bytes[0] |= (uint8_t)(flags >> 8);
        id->constraint_bytes[1] = (uint8_t)flags;
    }
}

static struct codec_id id_of(const wcenc_codec_parameters *parameters)
{
    struct codec_id id;

    memset(&id, 0, sizeof id);
    id.family = families[parameters->codec];
    id.tier = (uint8_t)parameters->tier;
    id.bit_depth = (uint8_t)(parameters->bit_depth ? parameters->bit_depth : 8);
    id.chroma = chromas[parameters->chroma_format];
    id.in_band_parameter_sets = parameters->in_band_parameter_sets;
    id.profile = (uint8_t)parameters->profile;
    return id;
}

static bool check_family(const wcenc_codec_parameters *parameters, const struct codec_id *id, struct failure *failure)
{
    const struct codec_family_info *family = wcenc__codec_family(id->family);

    if (id->tier && id->family != CODEC_HEVC && id->family != CODEC_AV1)
        return wcenc__refuse(failure, "tier is 1, but %s has no tiers", family->name);
    if (id->in_band_parameter_sets && !family->has_description)
        return wcenc__refuse(failure, "in_band_parameter_sets is 1, but %s has no parameter sets", family->name);
    if (parameters->width > family->max_width)
        return wcenc__refuse(failure, "width is %" PRIu32 ", %s allows %" PRIu32, parameters->width, family->name,
                             family->max_width);
    if (parameters->height > family->max_height)
        return wcenc__refuse(failure, "height is %" PRIu32 ", %s allows %" PRIu32, parameters->height, family->name,
                             family->max_height);
    if (parameters->framerate != 0 &&
        !(parameters->framerate >= CONFIG_FRAMERATE_MIN && parameters->framerate <= CONFIG_FRAMERATE_MAX))
        return wcenc__refuse(failure, "framerate %g is outside of %g to %g", parameters->framerate,
                             CONFIG_FRAMERATE_MIN, CONFIG_FRAMERATE_MAX);
    return true;
}

static bool make_id(const wcenc_codec_parameters *parameters, struct codec_id *id, struct failure *failure)
{
    const struct level_demand demand = {parameters->width, parameters->height,
                                        parameters->framerate > 0 ? parameters->framerate : CONFIG_FRAMERATE_DEFAULT,
                                        parameters->bitrate};

    *id = id_of(parameters);
    if (!check_family(parameters, id, failure) || (id->profile == 0 && !find_profile(id, failure)))
        return false;
    set_flags(id);
    return wcenc__codec_profile(id, failure) && wcenc__codec_level_find(id, &demand, failure);
}

wcenc_status wcenc_codec_string(const wcenc_codec_parameters *parameters, char *buffer, size_t size)
{
    wcenc_codec_parameters known;
    struct failure failure;
    struct codec_id id;
    char text[CODEC_STRING_SIZE];
    wcenc_status status;

    if (!buffer || size == 0)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s", buffer ? "size is 0" : "buffer is NULL");
    buffer[0] = '\0';
    status = wcenc__struct_copy_in(&known, sizeof known, parameters, sizeof known, "parameters");
    if (status == WCENC_OK)
        status = check_valid(&known);
    if (status != WCENC_OK)
        return status;
    if (!make_id(&known, &id, &failure))
        return wcenc__fail_with(&failure);
    wcenc__codec_string_write(&id, text);
    if (strlen(text) >= size)
        return wcenc__fail(WCENC_ERROR_TYPE, "size is %zu, the codec string \"%s\" needs %zu", size, text,
                           strlen(text) + 1);
    memcpy(buffer, text, strlen(text) + 1);
    return WCENC_OK;
}
