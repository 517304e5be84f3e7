/* SPDX-License-Identifier: MIT */

#include "members.h"

#include <stdlib.h>
#include <string.h>

static const char *const alpha_names[] = {"discard", "keep", NULL};
static const char *const avc_names[] = {"avc", "annexb", NULL};
static const char *const hevc_names[] = {"hevc", "annexb", NULL};
static const char *const bitrate_names[] = {"variable", "constant", "quantizer", NULL};
static const char *const hardware_names[] = {"no-preference", "prefer-hardware", "prefer-software", NULL};
static const char *const latency_names[] = {"quality", "realtime", NULL};
static const char *const predefined_names[] = {"srgb", "display-p3", NULL};

static const char *chunk_type_name(int32_t type)
{
    return type == WCENC_CHUNK_TYPE_KEY ? "key" : type == WCENC_CHUNK_TYPE_DELTA ? "delta" : NULL;
}

const struct enumeration alpha_option = {"AlphaOption", alpha_names, NULL, 0};
const struct enumeration avc_format = {"AvcBitstreamFormat", avc_names, NULL, 0};
const struct enumeration hevc_format = {"HevcBitstreamFormat", hevc_names, NULL, 0};
const struct enumeration bitrate_mode = {"VideoEncoderBitrateMode", bitrate_names, NULL, 0};
const struct enumeration hardware_acceleration = {"HardwareAcceleration", hardware_names, NULL, 0};
const struct enumeration latency_mode = {"LatencyMode", latency_names, NULL, 0};
const struct enumeration log_level = {"LogLevel", NULL, wcenc_log_level_name, WCENC_LOG_DEBUG};
const struct enumeration predefined_color_space = {"PredefinedColorSpace", predefined_names, NULL, 0};
const struct enumeration chunk_type = {"EncodedVideoChunkType", NULL, chunk_type_name, WCENC_CHUNK_TYPE_DELTA};
const struct enumeration pixel_format = {"VideoPixelFormat", NULL, wcenc_pixel_format_name, WCENC_PIXEL_FORMAT_BGRX};
static const struct enumeration color_primaries = {"VideoColorPrimaries", NULL, wcenc_color_primaries_name,
                                                   WCENC_COLOR_PRIMARIES_SMPTE432};
static const struct enumeration color_transfer = {"VideoTransferCharacteristics", NULL, wcenc_color_transfer_name,
                                                  WCENC_COLOR_TRANSFER_HLG};
static const struct enumeration color_matrix = {"VideoMatrixCoefficients", NULL, wcenc_color_matrix_name,
                                                WCENC_COLOR_MATRIX_RGB};

static int32_t last_of(const struct enumeration *enumeration)
{
    int32_t last = enumeration->last;

    if (enumeration->names)
        while (enumeration->names[last + 1])
            last++;
    return last;
}

static const char *name_of(const struct enumeration *enumeration, int32_t value)
{
    return enumeration->names ? enumeration->names[value] : enumeration->name_of(value);
}

/* An array of the names that the values have. */
static bool export_names(napi_env env, napi_value object, const struct enumeration *enumeration)
{
    napi_value array, name;
    uint32_t count = 0;

    if (!addon_ok(env, napi_create_array(env, &array)))
        return false;
    for (int32_t value = 0; value <= last_of(enumeration); value++) {
        const char *text = name_of(enumeration, value);

        if (text && (!addon_ok(env, napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &name)) ||
                     !addon_ok(env, napi_set_element(env, array, count++, name))))
            return false;
    }
    return members_set(env, object, enumeration->name, array);
}

bool members_export_enumerations(napi_env env, napi_value exports)
{
    const struct enumeration *const all[] = {
        &alpha_option,    &avc_format,     &bitrate_mode,           &chunk_type,  &color_matrix,
        &color_primaries, &color_transfer, &hardware_acceleration,  &hevc_format, &latency_mode,
        &log_level,       &pixel_format,   &predefined_color_space,
    };
    napi_value object;

    if (!addon_ok(env, napi_create_object(env, &object)))
        return false;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (!export_names(env, object, all[i]))
            return false;
    return members_set(env, exports, "enumerations", object);
}

/* Stores the value of a property, and whether there is one: undefined and null are none. */
static bool get(napi_env env, napi_value object, const char *name, napi_value *value, bool *is_given)
{
    napi_valuetype type;

    if (!addon_ok(env, napi_get_named_property(env, object, name, value)) ||
        !addon_ok(env, napi_typeof(env, *value, &type)))
        return false;
    *is_given = type != napi_undefined && type != napi_null;
    return true;
}

static bool read_text(napi_env env, napi_value value, struct members *members, const char **target)
{
    size_t length;
    char *text;

    if (!addon_ok(env, napi_get_value_string_utf8(env, value, NULL, 0, &length)))
        return false;
    text = members->text_count < MEMBERS_MAX_TEXTS ? malloc(length + 1) : NULL;
    if (!text) {
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return false;
    }
    members->texts[members->text_count++] = text;
    *target = text;
    return addon_ok(env, napi_get_value_string_utf8(env, value, text, length + 1, &length));
}

static bool read_name(napi_env env, napi_value value, const struct enumeration *enumeration, int32_t *target)
{
    char text[32] = "";

    if (!addon_ok(env, napi_get_value_string_utf8(env, value, text, sizeof(text), NULL)))
        return false;
    for (int32_t each = 0; each <= last_of(enumeration); each++) {
        const char *name = name_of(enumeration, each);

        if (name && strcmp(name, text) == 0) {
            *target = each;
            return true;
        }
    }
    (void)napi_throw_type_error(env, NULL, enumeration->name);
    return false;
}

static bool read_flag(napi_env env, napi_value value, int32_t *target)
{
    bool flag;

    if (!addon_ok(env, napi_get_value_bool(env, value, &flag)))
        return false;
    *target = flag;
    return true;
}

static bool read_rect(napi_env env, napi_value value, wcenc_rect *rect)
{
    static const struct member rows[] = {
        {"x", MEMBER_UINT32, offsetof(wcenc_rect, x), 0, NULL},
        {"y", MEMBER_UINT32, offsetof(wcenc_rect, y), 0, NULL},
        {"width", MEMBER_UINT32, offsetof(wcenc_rect, width), 0, NULL},
        {"height", MEMBER_UINT32, offsetof(wcenc_rect, height), 0, NULL},
    };

    return members_read(env, value, rows, sizeof(rows) / sizeof(*rows), rect, NULL);
}

static bool read_layout(napi_env env, napi_value value, wcenc_plane_layout *layout, uint32_t *count)
{
    static const struct member rows[] = {
        {"offset", MEMBER_UINT32, offsetof(wcenc_plane_layout, offset), 0, NULL},
        {"stride", MEMBER_UINT32, offsetof(wcenc_plane_layout, stride), 0, NULL},
    };
    napi_value element;

    if (!addon_ok(env, napi_get_array_length(env, value, count)))
        return false;
    /* Too many are for the library to refuse. */
    for (uint32_t i = 0; i < *count && i < 4; i++)
        if (!addon_ok(env, napi_get_element(env, value, i, &element)) ||
            !members_read(env, element, rows, sizeof(rows) / sizeof(*rows), &layout[i], NULL))
            return false;
    return true;
}

static bool read_color_space(napi_env env, napi_value value, wcenc_color_space *color_space)
{
    static const struct member rows[] = {
        {"primaries", MEMBER_NAME, offsetof(wcenc_color_space, primaries), 0, &color_primaries},
        {"transfer", MEMBER_NAME, offsetof(wcenc_color_space, transfer), 0, &color_transfer},
        {"matrix", MEMBER_NAME, offsetof(wcenc_color_space, matrix), 0, &color_matrix},
    };
    napi_value full_range;
    bool is_given, is_full;

    if (!members_read(env, value, rows, sizeof(rows) / sizeof(*rows), color_space, NULL) ||
        !get(env, value, "fullRange", &full_range, &is_given))
        return false;
    if (!is_given)
        return true;
    if (!addon_ok(env, napi_get_value_bool(env, full_range, &is_full)))
        return false;
    color_space->range = is_full ? WCENC_COLOR_RANGE_FULL : WCENC_COLOR_RANGE_LIMITED;
    return true;
}

static bool read_uint64(napi_env env, napi_value value, uint64_t *target)
{
    int64_t number;

    /* Numbers of JavaScript are whole to 2 to the power of 53. */
    if (!addon_ok(env, napi_get_value_int64(env, value, &number)))
        return false;
    *target = (uint64_t)number;
    return true;
}

static bool read_bytes(napi_env env, napi_value value, const void **data, size_t *size)
{
    void *bytes = NULL;

    if (!addon_ok(env, napi_get_typedarray_info(env, value, NULL, size, &bytes, NULL, NULL)))
        return false;
    *data = bytes;
    return true;
}

static bool read_value(napi_env env, napi_value value, const struct member *row, char *target, struct members *members)
{
    void *place = target + row->offset, *twin = target + row->twin;

    switch (row->type) {
    case MEMBER_TEXT:
        return read_text(env, value, members, place);
    case MEMBER_UINT32:
        return addon_ok(env, napi_get_value_uint32(env, value, place));
    case MEMBER_UINT64:
        return read_uint64(env, value, place);
    case MEMBER_INT64:
        return addon_ok(env, napi_get_value_int64(env, value, place));
    case MEMBER_DOUBLE:
        return addon_ok(env, napi_get_value_double(env, value, place));
    case MEMBER_FLAG:
        return read_flag(env, value, place);
    case MEMBER_NAME:
        return read_name(env, value, row->enumeration, place);
    case MEMBER_RECT:
        return read_rect(env, value, place);
    case MEMBER_LAYOUT:
        return read_layout(env, value, place, twin);
    case MEMBER_COLOR_SPACE:
        return read_color_space(env, value, place);
    case MEMBER_BYTES:
        return read_bytes(env, value, place, twin);
    }
    return false;
}

/* A member by its name, or by the path of one in a dictionary within. */
static bool get_member(napi_env env, napi_value object, const char *path, napi_value *value, bool *is_given)
{
    const char *dot = strchr(path, '.');
    char outer[32] = "";

    if (!dot)
        return get(env, object, path, value, is_given);
    strncpy(outer, path, (size_t)(dot - path));
    if (!get(env, object, outer, value, is_given))
        return false;
    return !*is_given || get(env, *value, dot + 1, value, is_given);
}

bool members_read(napi_env env, napi_value object, const struct member *rows, size_t row_count, void *target,
                  struct members *members)
{
    for (const struct member *row = rows; row < rows + row_count; row++) {
        const bool has_flag = row->twin && row->type != MEMBER_LAYOUT && row->type != MEMBER_BYTES;
        napi_value value;
        bool is_given;

        if (!get_member(env, object, row->name, &value, &is_given))
            return false;
        if (!is_given)
            continue;
        if (!read_value(env, value, row, target, members))
            return false;
        if (has_flag)
            *(int32_t *)(void *)((char *)target + row->twin) = 1;
    }
    return true;
}

void members_free(struct members *members)
{
    while (members->text_count > 0)
        free(members->texts[--members->text_count]);
}

bool members_set(napi_env env, napi_value object, const char *name, napi_value value)
{
    return addon_ok(env, napi_set_named_property(env, object, name, value));
}

bool members_set_number(napi_env env, napi_value object, const char *name, double value)
{
    napi_value number;

    return addon_ok(env, napi_create_double(env, value, &number)) && members_set(env, object, name, number);
}

bool members_set_flag(napi_env env, napi_value object, const char *name, bool value)
{
    napi_value flag;

    return addon_ok(env, napi_get_boolean(env, value, &flag)) && members_set(env, object, name, flag);
}

bool members_set_null(napi_env env, napi_value object, const char *name)
{
    napi_value null;

    return addon_ok(env, napi_get_null(env, &null)) && members_set(env, object, name, null);
}

bool members_set_text(napi_env env, napi_value object, const char *name, const char *value)
{
    napi_value text;

    if (!value)
        return members_set_null(env, object, name);
    return addon_ok(env, napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text)) &&
           members_set(env, object, name, text);
}

bool members_set_name(napi_env env, napi_value object, const char *name, const struct enumeration *enumeration,
                      int32_t value)
{
    return members_set_text(env, object, name, name_of(enumeration, value));
}

bool members_set_bytes(napi_env env, napi_value object, const char *name, const void *data, size_t size)
{
    napi_value buffer;
    void *bytes;

    if (!addon_ok(env, napi_create_arraybuffer(env, size, &bytes, &buffer)))
        return false;
    if (size > 0)
        memcpy(bytes, data, size);
    return members_set(env, object, name, buffer);
}

bool members_set_color_space(napi_env env, napi_value object, const char *name, const wcenc_color_space *color_space)
{
    napi_value value;
    bool has_range = color_space->range != WCENC_COLOR_RANGE_UNSPECIFIED;

    return addon_ok(env, napi_create_object(env, &value)) &&
           members_set_name(env, value, "primaries", &color_primaries, color_space->primaries) &&
           members_set_name(env, value, "transfer", &color_transfer, color_space->transfer) &&
           members_set_name(env, value, "matrix", &color_matrix, color_space->matrix) &&
           (has_range ? members_set_flag(env, value, "fullRange", color_space->range == WCENC_COLOR_RANGE_FULL)
                      : members_set_null(env, value, "fullRange")) &&
           members_set(env, object, name, value);
}
