/* SPDX-License-Identifier: MIT */

/*
 * libswscale with accurate rounding and chroma from every sample, which is both better and faster than its defaults.
 * Scaling stretches the picture to the size that is asked for.
 */

#include "convert_swscale.h"

#include <errno.h>

#include <libavutil/error.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "attributes.h"
#include "lavc/map.h"
#include "mem.h"
#include "status.h"

enum {
    FLAGS = SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
    /* Rows at which filters for chroma shrink to two taps, which libswscale prints about where it writes RGB. */
    FEW_ROWS = 8,
};

/* What libswscale is set up for. */
struct side {
    enum AVPixelFormat format;
    uint32_t width;
    uint32_t height;
    wcenc_color_matrix matrix;
    bool full_range;
};

struct scaler {
    struct SwsContext *context;
    struct side source;
    struct side target;
};

struct scaler *wcenc__scaler_create(void)
{
    return mem_zalloc(sizeof(struct scaler));
}

void wcenc__scaler_destroy(struct scaler *scaler)
{
    if (!scaler)
        return;
    sws_freeContext(scaler->context);
    mem_free(scaler);
}

static struct side side_of(const struct picture *picture)
{
    const bool is_rgb = wcenc__pixel_format(picture->format)->is_rgb;

    return (struct side){
        .format = wcenc__lavc_pixel_format(picture->format),
        .width = picture->width,
        .height = picture->height,
        .matrix = is_rgb ? WCENC_COLOR_MATRIX_RGB : picture->color_space.matrix,
        .full_range = is_rgb || picture->color_space.range == WCENC_COLOR_RANGE_FULL,
    };
}

static bool same_side(const struct side *a, const struct side *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height && a->matrix == b->matrix &&
           a->full_range == b->full_range;
}

static const int *coefficients(const struct side *side)
{
    switch (side->matrix) {
    case WCENC_COLOR_MATRIX_BT470BG:
    case WCENC_COLOR_MATRIX_SMPTE170M:
        return sws_getCoefficients(SWS_CS_ITU601);
    case WCENC_COLOR_MATRIX_BT2020_NCL:
        return sws_getCoefficients(SWS_CS_BT2020);
    default:
        return sws_getCoefficients(SWS_CS_ITU709);
    }
}

/* Everything is said before the context is set up: ranges that are told later leave a plain copy in place. */
static struct SwsContext *create_context(const struct side *source, const struct side *target)
{
    const bool few_rows = target->matrix == WCENC_COLOR_MATRIX_RGB && source->height <= FEW_ROWS;
    const struct {
        const char *name;
        int64_t value;
    } options[] = {
        {"srcw", source->width},
        {"srch", source->height},
        {"src_format", source->format},
        {"src_range", source->full_range},
        {"dstw", target->width},
        {"dsth", target->height},
        {"dst_format", target->format},
        {"dst_range", target->full_range},
        {"sws_flags", FLAGS | (few_rows ? SWS_POINT : SWS_BICUBIC)},
    };
    struct SwsContext *context = sws_alloc_context();
    int error = context ? 0 : AVERROR(ENOMEM);

    for (size_t i = 0; i < ARRAY_LENGTH(options) && error >= 0; i++)
        error = av_opt_set_int(context, options[i].name, options[i].value, 0);
    if (error >= 0)
        error = sws_init_context(context, NULL, NULL);
    if (error < 0) {
        sws_freeContext(context);
        return NULL;
    }
    return context;
}

/* For RGB on one side, libswscale takes the matrix of the other for both. */
static bool set_up(struct scaler *scaler, const struct side *source, const struct side *target)
{
    const int *from = coefficients(source->matrix == WCENC_COLOR_MATRIX_RGB ? target : source);
    const int *to = coefficients(target->matrix == WCENC_COLOR_MATRIX_RGB ? source : target);

    if (scaler->context && same_side(source, &scaler->source) && same_side(target, &scaler->target))
        return true;
    sws_freeContext(scaler->context);
    scaler->source = *source;
    scaler->target = *target;
    scaler->context = create_context(source, target);
    if (!scaler->context)
        return false;
    if (sws_setColorspaceDetails(scaler->context, from, source->full_range, to, target->full_range, 0, 1 << 16,
                                 1 << 16) < 0) {
        sws_freeContext(scaler->context);
        scaler->context = NULL;
        return false;
    }
    return true;
}

wcenc_status wcenc__scaler_run(struct scaler *scaler, const struct picture *source, const struct picture *target)
{
    const struct side from = side_of(source), to = side_of(target);
    const uint8_t *from_planes[PLANES_MAX] = {NULL};
    uint8_t *to_planes[PLANES_MAX] = {NULL};
    int from_strides[PLANES_MAX] = {0}, to_strides[PLANES_MAX] = {0};

    if (!set_up(scaler, &from, &to))
        return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED, "no conversion from %s at %ux%u to %s at %ux%u",
                           wcenc_pixel_format_name(source->format), source->width, source->height,
                           wcenc_pixel_format_name(target->format), target->width, target->height);
    for (int plane = 0; plane < PLANES_MAX - 1; plane++) {
        from_planes[plane] = source->planes[plane];
        from_strides[plane] = (int)source->strides[plane];
        to_planes[plane] = (uint8_t *)target->planes[plane];
        to_strides[plane] = (int)target->strides[plane];
    }
    if (sws_scale(scaler->context, from_planes, from_strides, 0, (int)source->height, to_planes, to_strides) < 0)
        return wcenc__fail(WCENC_ERROR_OPERATION, "libswscale failed");
    return WCENC_OK;
}
