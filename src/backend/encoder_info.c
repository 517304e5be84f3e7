/* SPDX-License-Identifier: MIT */

/* The list of the encoders that are installed: the rows of the registry, and what their backends add. */

#include <wcenc/info.h>

#include "abi.h"
#include "ffmpeg_version.h"
#include "registry.h"
#include "status.h"

static const char *const codec_names[CODEC_FAMILY_COUNT] = {
    [CODEC_H264] = "h264", [CODEC_HEVC] = "hevc", [CODEC_VP8] = "vp8", [CODEC_VP9] = "vp9", [CODEC_AV1] = "av1",
};

void wcenc_encoder_info_init(wcenc_encoder_info *info, size_t size)
{
    wcenc__struct_init(info, size);
}

/* Counts the installed ones down to the one of the index; NULL, and the rest of the index, if there are fewer. */
static const struct codec_candidate *find(uint32_t *index, struct backend_description *description)
{
    for (enum codec_family family = CODEC_NONE + 1; family < CODEC_FAMILY_COUNT; family++) {
        const struct codec_candidate *candidate;

        for (size_t n = 0; (candidate = wcenc__backend_candidate(family, n)); n++)
            if (candidate->backend->describe(candidate, description) && (*index)-- == 0)
                return candidate;
    }
    return NULL;
}

wcenc_status wcenc_get_encoder_info(uint32_t index, wcenc_encoder_info *info)
{
    const struct codec_candidate *candidate;
    struct backend_description description;
    uint32_t rest = index;
    struct failure failure;
    wcenc_encoder_info filled;

    if (!wcenc__ffmpeg_check(&failure))
        return wcenc__fail_with(&failure);
    candidate = find(&rest, &description);
    if (!candidate)
        return wcenc__fail(WCENC_ERROR_TYPE, "index is %u, and %u encoders are available", (unsigned)index,
                           (unsigned)(index - rest));
    filled = (wcenc_encoder_info){
        .struct_size = sizeof filled,
        .name = candidate->name,
        .codec = codec_names[candidate->family],
        .is_native = description.is_native,
        .is_hardware = candidate->is_hardware,
        .by_name_only = candidate->by_name_only,
        .latency_modes = description.latency_modes,
        .bitrate_modes = description.bitrate_modes,
        .capabilities = wcenc__candidate_capabilities(candidate) | description.capabilities,
    };
    return wcenc__struct_copy_out(info, &filled, sizeof filled, sizeof filled, "info");
}
