/* SPDX-License-Identifier: MIT */

/* Pixels out of frames: wcenc_frame_allocation_size and wcenc_frame_copy_to. */

#include "frame.h"

#include <string.h>

#include "abi.h"
#include "color_space.h"
#include "convert.h"
#include "frame_handle.h"
#include "gamut.h"
#include "kernel.h"
#include "status.h"
#include "unpack.h"

/* A copy whose options have been checked. */
struct copy_plan {
    struct frame_content content;  /* with references */
    wcenc_rect rect;               /* in the coded picture */
    wcenc_pixel_format format;     /* of the destination */
    wcenc_color_space color_space; /* of what is converted */
    bool converts;
    struct buffer_layout layout; /* of the destination */
};

void wcenc_copy_to_options_init(wcenc_copy_to_options *options, size_t size)
{
    wcenc__struct_init(options, size);
}

static wcenc_status copy_in(const wcenc_copy_to_options *options, wcenc_copy_to_options *given)
{
    wcenc_status status;

    memset(given, 0, sizeof *given);
    if (!options)
        return WCENC_OK;
    status = wcenc__struct_copy_in(given, sizeof *given, options, sizeof *given, "options");
    if (status == WCENC_OK)
        status = wcenc__unknown_check(given->reserved1 != 0, "options");
    if (status != WCENC_OK)
        return status;
    if (given->format != WCENC_PIXEL_FORMAT_NONE && !wcenc__pixel_format(given->format))
        return wcenc__fail(WCENC_ERROR_TYPE, "options.format is %d, which is not a wcenc_pixel_format", given->format);
    if (given->color_space != WCENC_PREDEFINED_COLOR_SPACE_SRGB &&
        given->color_space != WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3)
        return wcenc__fail(WCENC_ERROR_TYPE, "options.color_space is %d, which is not a wcenc_predefined_color_space",
                           given->color_space);
    return WCENC_OK;
}

static wcenc_status plan_rect(struct copy_plan *plan, const wcenc_copy_to_options *options)
{
    const struct picture *picture = &plan->content.picture;
    struct size coded = {picture->width, picture->height};

    plan->rect = plan->content.visible_rect;
    if (!wcenc__rect_is_given(&options->rect))
        return WCENC_OK;
    plan->rect = options->rect;
    return wcenc__rect_check(&options->rect, wcenc__pixel_format(picture->format), coded, "options.rect");
}

static wcenc_status plan_format(struct copy_plan *plan, const wcenc_copy_to_options *options)
{
    plan->converts = options->format != WCENC_PIXEL_FORMAT_NONE;
    plan->format = plan->converts ? options->format : plan->content.picture.format;
    if (!plan->converts)
        return WCENC_OK;
    if (!wcenc__pixel_format(options->format)->is_rgb || wcenc__pixel_format(options->format)->is_extra)
        return wcenc__fail(WCENC_ERROR_NOT_SUPPORTED,
                           "options.format is %s; only RGBA, RGBX, BGRA and BGRX can be made",
                           wcenc_pixel_format_name(options->format));
    plan->color_space = options->color_space == WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3 ? wcenc__color_space_display_p3
                                                                                        : wcenc__color_space_srgb;
    return WCENC_OK;
}

/* On success the plan holds references, to be given up by wcenc__frame_content_release of its content. */
static wcenc_status plan_copy(const wcenc_frame *frame, const wcenc_copy_to_options *options, struct copy_plan *plan)
{
    wcenc_copy_to_options given;
    wcenc_status status = copy_in(options, &given);

    if (status == WCENC_OK)
        status = wcenc__frame_content_take(frame, &plan->content);
    if (status != WCENC_OK)
        return status;
    status = plan_rect(plan, &given);
    if (status == WCENC_OK)
        status = plan_format(plan, &given);
    if (status == WCENC_OK)
        status =
            wcenc__layout_compute(wcenc__pixel_format(plan->format), (struct size){plan->rect.width, plan->rect.height},
                                  given.layout, given.layout_count, "options.layout", &plan->layout);
    if (status != WCENC_OK)
        wcenc__frame_content_release(&plan->content);
    return status;
}

static bool blue_comes_first(wcenc_pixel_format format)
{
    return format == WCENC_PIXEL_FORMAT_BGRA || format == WCENC_PIXEL_FORMAT_BGRX;
}

/* RGB to full-range RGB: the bytes in another order; the fourth is alpha where both have it, else 255. */
static void swizzle(const struct picture *source, const struct picture *target)
{
    bool swap = blue_comes_first(source->format) != blue_comes_first(target->format);
    bool keep_alpha = wcenc__pixel_format(source->format)->has_alpha && wcenc__pixel_format(target->format)->has_alpha;
    bool is_limited = source->color_space.range == WCENC_COLOR_RANGE_LIMITED;
    int first = swap ? 2 : 0;

    for (uint32_t y = 0; y < target->height; y++) {
        const uint8_t *from = source->planes[0] + (ptrdiff_t)y * source->strides[0];
        uint8_t *to = (uint8_t *)target->planes[0] + (ptrdiff_t)y * target->strides[0];

        for (uint32_t x = 0; x < target->width; x++, from += 4, to += 4) {
            to[0] = from[first];
            to[1] = from[1];
            to[2] = from[2 - first];
            to[3] = keep_alpha ? from[3] : 255;
            for (int i = 0; i < 3 && is_limited; i++)
                to[i] = rgb_full_level(to[i]);
        }
    }
}

/* A sample of a plane of any depth as eight bits. Samples may lie at odd addresses, and above what their depth allows.
 */
static uint8_t sample_as_8_bits(const uint8_t *row, uint32_t x, unsigned bit_depth)
{
    uint32_t limit = (1u << bit_depth) - 1;
    uint16_t sample;

    if (bit_depth == 8)
        return row[x];
    memcpy(&sample, row + (size_t)x * sizeof sample, sizeof sample);
    return (uint8_t)(((sample < limit ? sample : limit) * 255u + limit / 2) / limit);
}

/* The fourth byte of RGB that was made of YCbCr. */
static void fill_alpha(const struct picture *source, const struct picture *target)
{
    const struct pixel_format *format = wcenc__pixel_format(source->format);
    bool keep_alpha = format->has_alpha && wcenc__pixel_format(target->format)->has_alpha;

    for (uint32_t y = 0; y < target->height; y++) {
        uint8_t *to = (uint8_t *)target->planes[0] + (ptrdiff_t)y * target->strides[0];
        const uint8_t *alpha = keep_alpha ? source->planes[3] + (ptrdiff_t)y * source->strides[3] : NULL;

        for (uint32_t x = 0; x < target->width; x++)
            to[4 * (size_t)x + 3] = alpha ? sample_as_8_bits(alpha, x, format->bit_depth) : 255;
    }
}

/* Fills `target`, whose alpha is left open. */
static wcenc_status convert_into(const struct picture *source, const struct picture *target)
{
    struct converter *converter = wcenc__converter_create();
    struct picture opaque = *source;
    struct failure failure;
    bool is_done;

    if (!converter)
        return wcenc__fail_no_memory();
    opaque.format = wcenc__pixel_format(source->format)->opaque;
    opaque.planes[3] = NULL;
    is_done = wcenc__convert(converter, &opaque, target, &failure);
    wcenc__converter_destroy(converter);
    return is_done ? WCENC_OK : wcenc__fail_with(&failure);
}

/* By way of memory of our own: a scaler may write beyond the end of a row, which is the caller's. */
static wcenc_status convert(const struct picture *source, const struct picture *target)
{
    struct picture rgb;
    wcenc_status status;

    if (!wcenc__pixels_create(target->format, target->width, target->height, &rgb))
        return wcenc__fail_no_memory();
    rgb.color_space = target->color_space;
    status = convert_into(source, &rgb);
    if (status == WCENC_OK) {
        fill_alpha(source, &rgb);
        wcenc__picture_copy(&rgb, target);
    }
    wcenc__pixels_unref(rgb.pixels);
    return status;
}

/* Planar YCbCr of a format's depth with chroma for every sample. */
static wcenc_pixel_format full_chroma_format(wcenc_pixel_format format)
{
    switch (wcenc__pixel_format(format)->bit_depth) {
    case 12:
        return WCENC_PIXEL_FORMAT_I444P12;
    case 10:
        return WCENC_PIXEL_FORMAT_I444P10;
    default:
        return WCENC_PIXEL_FORMAT_I444;
    }
}

/* To other primaries or another transfer. RGB on the way would be rounded to 8 bits, which dark colours show. */
static wcenc_status convert_gamut(const struct picture *source, const struct picture *target)
{
    struct picture ycbcr;
    wcenc_status status;

    if (!wcenc__pixels_create(full_chroma_format(source->format), source->width, source->height, &ycbcr))
        return wcenc__fail_no_memory();
    ycbcr.color_space = source->color_space;
    status = convert_into(source, &ycbcr);
    if (status == WCENC_OK) {
        wcenc__gamut_convert(&ycbcr, target);
        fill_alpha(source, target);
    }
    wcenc__pixels_unref(ycbcr.pixels);
    return status;
}

static wcenc_status convert_colors(struct picture *source, const struct picture *target);

/* Of a format beyond WebCodecs, by way of the one that it becomes. */
static wcenc_status convert_unpacked(const struct picture *source, const struct picture *target)
{
    struct picture unpacked = {.pixels = NULL}, view;
    wcenc_status status;

    if (!wcenc__unpack(wcenc__kernels(), source, &unpacked))
        return wcenc__fail_no_memory();
    view = unpacked;
    status = convert_colors(&view, target);
    wcenc__pixels_unref(unpacked.pixels);
    return status;
}

static wcenc_status convert_colors(struct picture *source, const struct picture *target)
{
    const bool differs = wcenc__gamut_differs(&source->color_space, &target->color_space);

    if (wcenc__unpack_is_due(source->format))
        return convert_unpacked(source, target);
    if (wcenc__pixel_format(source->format)->is_rgb) {
        swizzle(source, target);
        if (differs)
            wcenc__gamut_convert(source, target);
        return WCENC_OK;
    }
    source->color_space = wcenc__color_space_to_rgb(&source->color_space);
    return differs ? convert_gamut(source, target) : convert(source, target);
}

static wcenc_status run_plan(const struct copy_plan *plan, void *destination)
{
    const struct pixel_format *format = wcenc__pixel_format(plan->format);
    struct picture source = wcenc__picture_crop(&plan->content.picture, &plan->rect);
    struct picture target = {.format = plan->format,
                             .width = plan->rect.width,
                             .height = plan->rect.height,
                             .color_space = plan->color_space};

    for (int plane = 0; plane < format->plane_count; plane++) {
        target.planes[plane] = (uint8_t *)destination + plan->layout.planes[plane].offset;
        target.strides[plane] = (ptrdiff_t)plan->layout.planes[plane].stride;
    }
    if (plan->converts)
        return convert_colors(&source, &target);
    wcenc__picture_copy(&source, &target);
    return WCENC_OK;
}

wcenc_status wcenc_frame_allocation_size(const wcenc_frame *frame, const wcenc_copy_to_options *options, size_t *size)
{
    struct copy_plan plan;
    wcenc_status status;

    if (!size)
        return wcenc__fail(WCENC_ERROR_TYPE, "size is NULL");
    status = plan_copy(frame, options, &plan);
    if (status != WCENC_OK)
        return status;
    *size = plan.layout.size;
    wcenc__frame_content_release(&plan.content);
    return WCENC_OK;
}

wcenc_status wcenc_frame_copy_to(const wcenc_frame *frame, const wcenc_copy_to_options *options, void *destination,
                                 size_t destination_size, wcenc_plane_layout layout[4])
{
    struct copy_plan plan;
    wcenc_status status = plan_copy(frame, options, &plan);

    if (status != WCENC_OK)
        return status;
    if (!destination)
        status = wcenc__fail(WCENC_ERROR_TYPE, "destination is NULL");
    else if (destination_size < plan.layout.size)
        status = wcenc__fail(WCENC_ERROR_TYPE, "destination_size is %zu, less than the %u bytes that are needed",
                             destination_size, plan.layout.size);
    else
        status = run_plan(&plan, destination);
    if (status == WCENC_OK && layout)
        memcpy(layout, plan.layout.planes, wcenc__pixel_format(plan.format)->plane_count * sizeof *layout);
    wcenc__frame_content_release(&plan.content);
    return status;
}
