/* SPDX-License-Identifier: MIT */

/*
 * Configurations in which an encoder's library writes beyond its memory, and what avoids that. The rows hold for the
 * options that this library chooses and for those of the caller.
 */

#include "options.h"

#include <string.h>

#include <libavutil/dict.h>
#include <libavutil/opt.h>

/* Sample formats of the codec string: bits. */
enum {
    FORMAT_8_BIT_420 = 1,
    FORMAT_8_BIT_OTHER = 2,
    FORMAT_DEEP_420 = 4,
    FORMAT_DEEP_OTHER = 8,

    FORMAT_DEEP = FORMAT_DEEP_420 | FORMAT_DEEP_OTHER,
    FORMAT_BEYOND_8_BIT_420 = FORMAT_8_BIT_OTHER | FORMAT_DEEP,
};

enum {
    ANY_HEIGHT = INT32_MAX,
    VP9_TILE_WIDTH_MAX = 4096, /* of wider pictures there are two tile columns at least */
    VP9_BLOCK = 64,
};

static const struct hazard {
    const char *encoder;
    uint8_t formats;
    uint32_t wider_than;
    uint32_t lower_than;
    uint8_t avoid;
} hazards[] = {
    /*
     * Each thread of libvpx but the first codes its tile column into a buffer of a byte for each pixel of the picture.
     * Half a picture of noise fits into that at any quantizer only with 8 bits of 4:2:0, and not where the picture is
     * so low that the rows up to the next whole block matter.
     */
    {"libvpx-vp9", FORMAT_BEYOND_8_BIT_420, 0, ANY_HEIGHT, AVOID_TILE_COLUMNS},
    {"libvpx-vp9", FORMAT_8_BIT_420, 0, VP9_BLOCK, AVOID_TILE_COLUMNS},
    {"libvpx-vp9", FORMAT_BEYOND_8_BIT_420, VP9_TILE_WIDTH_MAX, ANY_HEIGHT, AVOID_THREADS},
    {"libvpx-vp9", FORMAT_8_BIT_420, VP9_TILE_WIDTH_MAX, VP9_BLOCK, AVOID_THREADS},
    /* libaom's realtime usage copies blocks to where there is no memory. */
    {"libaom-av1", FORMAT_DEEP, 0, ANY_HEIGHT, AVOID_SCREEN_IN_REALTIME},
};

static uint8_t format_of(const struct codec_id *codec)
{
    bool is_420 = codec->chroma == CHROMA_420;

    if (codec->bit_depth > 8)
        return is_420 ? FORMAT_DEEP_420 : FORMAT_DEEP_OTHER;
    return is_420 ? FORMAT_8_BIT_420 : FORMAT_8_BIT_OTHER;
}

uint8_t wcenc__lavc_avoid(const char *encoder, const struct encoder_config *config)
{
    const wcenc_config *given = &config->given;
    uint8_t format = format_of(&config->codec), avoid = 0;

    for (size_t i = 0; i < sizeof hazards / sizeof hazards[0]; i++) {
        const struct hazard *hazard = &hazards[i];

        if (strcmp(hazard->encoder, encoder) == 0 && (hazard->formats & format) && given->width > hazard->wider_than &&
            given->height < hazard->lower_than)
            avoid |= hazard->avoid;
    }
    return avoid;
}

static int64_t number_of(AVCodecContext *context, const char *option)
{
    int64_t number = 0;

    (void)av_opt_get_int(context, option, AV_OPT_SEARCH_CHILDREN, &number);
    return number;
}

static bool is_tuned_for_screens_in_realtime(AVCodecContext *context)
{
    enum { USAGE_REALTIME = 1 };
    AVDictionary *list = NULL;
    const AVDictionaryEntry *content;
    bool is_tuned = false;

    if (number_of(context, "usage") != USAGE_REALTIME)
        return false;
    if (av_opt_get_dict_val(context, "aom-params", AV_OPT_SEARCH_CHILDREN, &list) >= 0) {
        content = av_dict_get(list, "tune-content", NULL, 0);
        is_tuned = content && strcmp(content->value, "default") != 0 && strcmp(content->value, "film") != 0;
    }
    av_dict_free(&list);
    return is_tuned;
}

bool wcenc__lavc_is_safe(AVCodecContext *context, const struct encoder_config *config, struct failure *failure)
{
    uint8_t avoid = wcenc__lavc_avoid(context->codec->name, config);
    const char *what = NULL;

    if ((avoid & AVOID_THREADS) && context->thread_count != 1)
        what = "more than one thread at this size and format; set threads=1";
    else if ((avoid & AVOID_TILE_COLUMNS) && context->thread_count != 1 && number_of(context, "tile-columns") != 0)
        what = "several tile columns in threads at this size and format; set tile-columns=0 or threads=1";
    else if ((avoid & AVOID_SCREEN_IN_REALTIME) && is_tuned_for_screens_in_realtime(context))
        what = "tune-content in realtime with more than 8 bits; set tune-content=default";
    if (what)
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, 0, "encoder_options: %s would crash with %s",
                           context->codec->name, what);
    return !what;
}
