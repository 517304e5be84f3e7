/* SPDX-License-Identifier: MIT */

#include "hdr_metadata.h"

#include <inttypes.h>
#include <string.h>

#include "abi.h"
#include "compiler.h"
#include "status.h"

enum {
    CHROMATICITY_MAX = 50000, /* 1.0 */
    LUMINANCE_MAX = 100000000,
    LIGHT_LEVEL_MAX = UINT16_MAX,
};

static const struct chromaticity {
    const char *name;
    size_t x, y; /* offsets */
} chromaticities[] = {
#define CHROMATICITY(color)                                                                      \
    {                                                                                            \
#color, offsetof(wcenc_hdr_metadata, color##_x), offsetof(wcenc_hdr_metadata, color##_y) \
    }
    CHROMATICITY(red),
    CHROMATICITY(green),
    CHROMATICITY(blue),
    CHROMATICITY(white),
#undef CHROMATICITY
};

void wcenc_hdr_metadata_init(wcenc_hdr_metadata *metadata, size_t size)
{
    wcenc__struct_init(metadata, size);
}

static uint32_t value_at(const wcenc_hdr_metadata *metadata, size_t offset)
{
    uint32_t value;

    memcpy(&value, (const char *)metadata + offset, sizeof value);
    return value;
}

static bool is_zero(const wcenc_hdr_metadata *metadata, size_t from, size_t to)
{
    for (; from < to; from += sizeof(uint32_t))
        if (value_at(metadata, from))
            return false;
    return true;
}

static wcenc_status check_display(const wcenc_hdr_metadata *metadata, const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(chromaticities); i++) {
        const struct chromaticity *color = &chromaticities[i];
        const uint32_t x = value_at(metadata, color->x), y = value_at(metadata, color->y);

        if (y == 0)
            return wcenc__fail(WCENC_ERROR_TYPE, "%s.%s_y is 0; no colour has that chromaticity", name, color->name);
        if (x > CHROMATICITY_MAX || y > CHROMATICITY_MAX - x)
            return wcenc__fail(WCENC_ERROR_TYPE,
                               "%s.%s_x and %s_y are %" PRIu32 " and %" PRIu32 "; together they are at most %d", name,
                               color->name, color->name, x, y, CHROMATICITY_MAX);
    }
    if (metadata->max_luminance > LUMINANCE_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.max_luminance is %" PRIu32 "; the largest value is %d", name,
                           metadata->max_luminance, LUMINANCE_MAX);
    if (metadata->max_luminance <= metadata->min_luminance)
        return wcenc__fail(WCENC_ERROR_TYPE,
                           "%s.max_luminance is %" PRIu32 "; it has to be above min_luminance, %" PRIu32, name,
                           metadata->max_luminance, metadata->min_luminance);
    return WCENC_OK;
}

static wcenc_status check_light_level(const wcenc_hdr_metadata *metadata, const char *name)
{
    if (metadata->max_content_light_level > LIGHT_LEVEL_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.max_content_light_level is %" PRIu32 "; the largest value is %d", name,
                           metadata->max_content_light_level, LIGHT_LEVEL_MAX);
    if (metadata->max_frame_average_light_level > LIGHT_LEVEL_MAX)
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.max_frame_average_light_level is %" PRIu32 "; the largest value is %d",
                           name, metadata->max_frame_average_light_level, LIGHT_LEVEL_MAX);
    return WCENC_OK;
}

static wcenc_status check(const wcenc_hdr_metadata *metadata, const char *name)
{
    const size_t display = offsetof(wcenc_hdr_metadata, red_x);
    const size_t light = offsetof(wcenc_hdr_metadata, max_content_light_level);
    wcenc_status status = WCENC_OK;

    if (metadata->has_mastering_display != (metadata->has_mastering_display == 1) ||
        metadata->has_content_light_level != (metadata->has_content_light_level == 1))
        return wcenc__fail(WCENC_ERROR_TYPE, "%s.has_%s is neither 0 nor 1", name,
                           metadata->has_mastering_display == (metadata->has_mastering_display == 1)
                               ? "content_light_level"
                               : "mastering_display");
    if (!metadata->has_mastering_display && !is_zero(metadata, display, light))
        return wcenc__fail(WCENC_ERROR_TYPE, "%s describes a mastering display, but has_mastering_display is 0", name);
    if (!metadata->has_content_light_level && !is_zero(metadata, light, sizeof *metadata))
        return wcenc__fail(WCENC_ERROR_TYPE, "%s has light levels, but has_content_light_level is 0", name);
    if (metadata->has_mastering_display)
        status = check_display(metadata, name);
    return status == WCENC_OK ? check_light_level(metadata, name) : status;
}

wcenc_status wcenc__hdr_metadata_copy(const wcenc_hdr_metadata *from, const char *name, wcenc_hdr_metadata *out,
                                      bool *sets_unknown)
{
    wcenc_status status;

    wcenc_hdr_metadata_init(out, sizeof *out);
    *sets_unknown = false;
    if (!from)
        return WCENC_OK;
    status = wcenc__struct_copy_known(out, sizeof *out, from, sizeof *out, name, sets_unknown);
    if (status == WCENC_OK)
        status = check(out, name);
    out->reserved0 = 0;
    return status;
}
