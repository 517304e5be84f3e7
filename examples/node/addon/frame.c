/* SPDX-License-Identifier: MIT */

/* VideoFrame. Pixels are copied into the library, or wrapped where JavaScript has transferred their ArrayBuffer. */

#include <stdlib.h>

#include "addon.h"
#include "members.h"

/* What stands behind an external. */
struct frame {
    struct addon *addon;
    wcenc_frame *handle;
    struct borrowed *borrowed; /* while the pixels are only just borrowed, until keep; else NULL */
    int64_t external_bytes;    /* reported to the garbage collector; 0 for borrowed pixels, which it counts itself */
};

wcenc_frame *frame_of(napi_env env, napi_value value)
{
    struct frame *frame = addon_pointer(env, value);

    return frame ? frame->handle : NULL;
}

static void tell_memory(napi_env env, int64_t change)
{
    int64_t total;

    if (change)
        (void)napi_adjust_external_memory(env, change, &total);
}

/* The pixels go as soon as no encoder has them either. */
static void let_go(napi_env env, struct frame *frame)
{
    wcenc_frame_close(frame->handle);
    tell_memory(env, -frame->external_bytes);
    frame->external_bytes = 0;
    addon_sweep(env, frame->addon);
}

static void end_frame(napi_env env, void *data, void *hint)
{
    struct frame *frame = data;

    (void)hint;
    let_go(env, frame);
    wcenc_frame_unref(frame->handle);
    addon_unref(frame->addon);
    free(frame);
}

/* Takes over the handle, in any case. */
static napi_value external_of(napi_env env, wcenc_frame *handle, struct borrowed *borrowed, int64_t external_bytes)
{
    struct frame *frame = malloc(sizeof(*frame));
    napi_value external;

    if (!frame) {
        wcenc_frame_unref(handle);
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return NULL;
    }
    *frame = (struct frame){addon_ref(addon_of(env)), handle, borrowed, external_bytes};
    tell_memory(env, external_bytes);
    if (addon_ok(env, napi_create_external(env, frame, end_frame, NULL, &external)))
        return external;
    end_frame(env, frame, NULL);
    return NULL;
}

/* Comes on any thread: which is why the buffer waits to be swept. */
static void on_release(void *user)
{
    struct borrowed *borrowed = user;
    struct addon *addon = addon_ref(borrowed->addon);

    pthread_mutex_lock(&addon->lock);
    borrowed->next = addon->released;
    addon->released = borrowed;
    pthread_mutex_unlock(&addon->lock);
    addon_unref(addon);
}

static napi_value create_lent(napi_env env, const wcenc_frame_desc *init)
{
    struct borrowed *borrowed = calloc(1, sizeof(*borrowed));
    wcenc_frame *handle;

    if (!borrowed) {
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return NULL;
    }
    borrowed->addon = addon_ref(addon_of(env));
    if (addon_check(env, wcenc_frame_create_wrap(init, on_release, borrowed, &handle)))
        return external_of(env, handle, borrowed, 0);
    addon_unref(borrowed->addon);
    free(borrowed);
    return NULL;
}

static napi_value create_copied(napi_env env, const wcenc_frame_desc *init)
{
    wcenc_frame *handle;
    size_t size = 0;

    if (!addon_check(env, wcenc_frame_create_copy(init, &handle)))
        return NULL;
    (void)wcenc_frame_allocation_size(handle, NULL, &size);
    return external_of(env, handle, NULL, (int64_t)size);
}

static const struct member init_rows[] = {
    {"format", MEMBER_NAME, offsetof(wcenc_frame_desc, format), 0, &pixel_format},
    {"codedWidth", MEMBER_UINT32, offsetof(wcenc_frame_desc, coded_width), 0, NULL},
    {"codedHeight", MEMBER_UINT32, offsetof(wcenc_frame_desc, coded_height), 0, NULL},
    {"timestamp", MEMBER_INT64, offsetof(wcenc_frame_desc, timestamp_us), 0, NULL},
    {"duration", MEMBER_UINT64, offsetof(wcenc_frame_desc, duration_us), offsetof(wcenc_frame_desc, has_duration),
     NULL},
    {"layout", MEMBER_LAYOUT, offsetof(wcenc_frame_desc, layout), offsetof(wcenc_frame_desc, layout_count), NULL},
    {"visibleRect", MEMBER_RECT, offsetof(wcenc_frame_desc, visible_rect), 0, NULL},
    {"rotation", MEMBER_DOUBLE, offsetof(wcenc_frame_desc, rotation), 0, NULL},
    {"flip", MEMBER_FLAG, offsetof(wcenc_frame_desc, flip), 0, NULL},
    {"displayWidth", MEMBER_UINT32, offsetof(wcenc_frame_desc, display_width), 0, NULL},
    {"displayHeight", MEMBER_UINT32, offsetof(wcenc_frame_desc, display_height), 0, NULL},
    {"colorSpace", MEMBER_COLOR_SPACE, offsetof(wcenc_frame_desc, color_space),
     offsetof(wcenc_frame_desc, has_color_space), NULL},
    {"data", MEMBER_BYTES, offsetof(wcenc_frame_desc, data), offsetof(wcenc_frame_desc, data_size), NULL},
    {"metadata", MEMBER_BYTES, offsetof(wcenc_frame_desc, metadata), offsetof(wcenc_frame_desc, metadata_size), NULL},
};

/* frameCreate(init, isBorrowed): if so, frameKeep has to follow before anything else is done with the frame. */
static napi_value create(napi_env env, napi_callback_info info)
{
    wcenc_frame_desc init;
    napi_value arguments[2];
    bool is_wrapped;

    wcenc_frame_desc_init(&init, sizeof(init));
    if (!addon_arguments(env, info, 2, arguments) ||
        !members_read(env, arguments[0], init_rows, sizeof(init_rows) / sizeof(*init_rows), &init, NULL) ||
        !addon_ok(env, napi_get_value_bool(env, arguments[1], &is_wrapped)))
        return NULL;
    addon_sweep(env, addon_of(env));
    return is_wrapped ? create_lent(env, &init) : create_copied(env, &init);
}

/* frameKeep(frame, buffer): `buffer` is what the pixels were moved to, at the address where they were before. */
static napi_value keep(napi_env env, napi_callback_info info)
{
    napi_value arguments[2];
    struct frame *frame;

    if (addon_arguments(env, info, 2, arguments) && (frame = addon_pointer(env, arguments[0])) && frame->borrowed) {
        (void)addon_ok(env, napi_create_reference(env, arguments[1], 1, &frame->borrowed->buffer));
        frame->borrowed = NULL;
    }
    return NULL;
}

/* frameFrom(frame, init) */
static napi_value create_from(napi_env env, napi_callback_info info)
{
    static const struct member rows[] = {
        {"timestamp", MEMBER_INT64, offsetof(wcenc_frame_overrides, timestamp_us),
         offsetof(wcenc_frame_overrides, has_timestamp), NULL},
        {"duration", MEMBER_UINT64, offsetof(wcenc_frame_overrides, duration_us),
         offsetof(wcenc_frame_overrides, has_duration), NULL},
        {"visibleRect", MEMBER_RECT, offsetof(wcenc_frame_overrides, visible_rect), 0, NULL},
        {"rotation", MEMBER_DOUBLE, offsetof(wcenc_frame_overrides, rotation), 0, NULL},
        {"flip", MEMBER_FLAG, offsetof(wcenc_frame_overrides, flip), 0, NULL},
        {"displayWidth", MEMBER_UINT32, offsetof(wcenc_frame_overrides, display_width), 0, NULL},
        {"displayHeight", MEMBER_UINT32, offsetof(wcenc_frame_overrides, display_height), 0, NULL},
        {"alpha", MEMBER_NAME, offsetof(wcenc_frame_overrides, discard_alpha), 0, &alpha_option},
        {"metadata", MEMBER_BYTES, offsetof(wcenc_frame_overrides, metadata),
         offsetof(wcenc_frame_overrides, metadata_size), NULL},
    };
    wcenc_frame_overrides overrides;
    napi_value arguments[2];
    struct frame *frame;
    wcenc_frame *handle;

    wcenc_frame_overrides_init(&overrides, sizeof(overrides));
    overrides.discard_alpha = WCENC_ALPHA_KEEP;
    if (!addon_arguments(env, info, 2, arguments) || !(frame = addon_pointer(env, arguments[0])) ||
        !members_read(env, arguments[1], rows, sizeof(rows) / sizeof(*rows), &overrides, NULL))
        return NULL;
    overrides.discard_alpha = overrides.discard_alpha == WCENC_ALPHA_DISCARD;
    if (!addon_check(env, wcenc_frame_create_from(frame->handle, &overrides, &handle)))
        return NULL;
    return external_of(env, handle, NULL, frame->external_bytes);
}

/* frameClone(frame) */
static napi_value clone_frame(napi_env env, napi_callback_info info)
{
    napi_value argument;
    struct frame *frame;
    wcenc_frame *handle;

    if (!addon_arguments(env, info, 1, &argument) || !(frame = addon_pointer(env, argument)) ||
        !addon_check(env, wcenc_frame_clone(frame->handle, &handle)))
        return NULL;
    return external_of(env, handle, NULL, frame->external_bytes);
}

/* frameClose(frame) */
static napi_value close_frame(napi_env env, napi_callback_info info)
{
    napi_value argument;
    struct frame *frame;

    if (addon_arguments(env, info, 1, &argument) && (frame = addon_pointer(env, argument)))
        let_go(env, frame);
    return NULL;
}

/* null for a closed frame's. */
static bool set_visible_rect(napi_env env, napi_value object, const wcenc_frame *frame)
{
    napi_value value;
    wcenc_rect rect;

    if (wcenc_frame_get_visible_rect(frame, &rect) != WCENC_OK)
        return members_set_null(env, object, "visibleRect");
    return addon_ok(env, napi_create_object(env, &value)) && members_set_number(env, value, "x", rect.x) &&
           members_set_number(env, value, "y", rect.y) && members_set_number(env, value, "width", rect.width) &&
           members_set_number(env, value, "height", rect.height) && members_set(env, object, "visibleRect", value);
}

/* frameDescribe(frame): what its attributes are, open or closed. */
static napi_value describe(napi_env env, napi_callback_info info)
{
    napi_value argument, object;
    wcenc_frame *frame;
    wcenc_color_space color_space;
    uint64_t duration_us;
    bool has_duration;

    if (!addon_arguments(env, info, 1, &argument) || !(frame = frame_of(env, argument)))
        return NULL;
    has_duration = wcenc_frame_get_duration_us(frame, &duration_us);
    wcenc_frame_get_color_space(frame, &color_space);
    if (addon_ok(env, napi_create_object(env, &object)) &&
        members_set_name(env, object, "format", &pixel_format, wcenc_frame_get_format(frame)) &&
        members_set_number(env, object, "codedWidth", wcenc_frame_get_coded_width(frame)) &&
        members_set_number(env, object, "codedHeight", wcenc_frame_get_coded_height(frame)) &&
        set_visible_rect(env, object, frame) &&
        members_set_number(env, object, "rotation", wcenc_frame_get_rotation(frame)) &&
        members_set_flag(env, object, "flip", wcenc_frame_get_flip(frame)) &&
        members_set_number(env, object, "displayWidth", wcenc_frame_get_display_width(frame)) &&
        members_set_number(env, object, "displayHeight", wcenc_frame_get_display_height(frame)) &&
        members_set_number(env, object, "timestamp", (double)wcenc_frame_get_timestamp_us(frame)) &&
        (has_duration ? members_set_number(env, object, "duration", (double)duration_us)
                      : members_set_null(env, object, "duration")) &&
        members_set_color_space(env, object, "colorSpace", &color_space))
        return object;
    return NULL;
}

/* frameMetadata(frame): its bytes. */
static napi_value metadata(napi_env env, napi_callback_info info)
{
    napi_value argument, buffer;
    wcenc_frame *frame;
    size_t size;
    void *bytes;

    if (!addon_arguments(env, info, 1, &argument) || !(frame = frame_of(env, argument)) ||
        !addon_check(env, wcenc_frame_get_metadata(frame, NULL, 0, &size)) ||
        !addon_ok(env, napi_create_arraybuffer(env, size, &bytes, &buffer)) ||
        !addon_check(env, size > 0 ? wcenc_frame_get_metadata(frame, bytes, size, NULL) : WCENC_OK))
        return NULL;
    return buffer;
}

static bool read_copy_options(napi_env env, napi_value value, wcenc_copy_to_options *options)
{
    static const struct member rows[] = {
        {"rect", MEMBER_RECT, offsetof(wcenc_copy_to_options, rect), 0, NULL},
        {"layout", MEMBER_LAYOUT, offsetof(wcenc_copy_to_options, layout),
         offsetof(wcenc_copy_to_options, layout_count), NULL},
        {"format", MEMBER_NAME, offsetof(wcenc_copy_to_options, format), 0, &pixel_format},
        {"colorSpace", MEMBER_NAME, offsetof(wcenc_copy_to_options, color_space), 0, &predefined_color_space},
    };

    wcenc_copy_to_options_init(options, sizeof(*options));
    return members_read(env, value, rows, sizeof(rows) / sizeof(*rows), options, NULL);
}

/* frameAllocationSize(frame, options) */
static napi_value allocation_size(napi_env env, napi_callback_info info)
{
    wcenc_copy_to_options options;
    napi_value arguments[2], number;
    wcenc_frame *frame;
    size_t size;

    if (addon_arguments(env, info, 2, arguments) && (frame = frame_of(env, arguments[0])) &&
        read_copy_options(env, arguments[1], &options) &&
        addon_check(env, wcenc_frame_allocation_size(frame, &options, &size)) &&
        addon_ok(env, napi_create_double(env, (double)size, &number)))
        return number;
    return NULL;
}

static napi_value layout_array(napi_env env, const wcenc_plane_layout *layout, uint32_t count)
{
    napi_value array, plane;

    if (!addon_ok(env, napi_create_array(env, &array)))
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (!addon_ok(env, napi_create_object(env, &plane)) ||
            !members_set_number(env, plane, "offset", layout[i].offset) ||
            !members_set_number(env, plane, "stride", layout[i].stride) ||
            !addon_ok(env, napi_set_element(env, array, i, plane)))
            return NULL;
    return array;
}

/* frameCopyTo(frame, options, destination): where each plane was put. */
static napi_value copy_to(napi_env env, napi_callback_info info)
{
    wcenc_copy_to_options options;
    wcenc_plane_layout layout[4];
    wcenc_pixel_format format;
    napi_value arguments[3];
    wcenc_frame *frame;
    void *destination;
    size_t size;

    if (!addon_arguments(env, info, 3, arguments) || !(frame = frame_of(env, arguments[0])) ||
        !read_copy_options(env, arguments[1], &options) ||
        !addon_ok(env, napi_get_typedarray_info(env, arguments[2], NULL, &size, &destination, NULL, NULL)) ||
        !addon_check(env, wcenc_frame_copy_to(frame, &options, destination, size, layout)))
        return NULL;
    format = options.format != WCENC_PIXEL_FORMAT_NONE ? options.format : wcenc_frame_get_format(frame);
    return layout_array(env, layout, wcenc_pixel_format_plane_count(format));
}

const struct function frame_functions[] = {
    {"frameCreate", create},     {"frameKeep", keep},
    {"frameFrom", create_from},  {"frameClone", clone_frame},
    {"frameClose", close_frame}, {"frameDescribe", describe},
    {"frameMetadata", metadata}, {"frameAllocationSize", allocation_size},
    {"frameCopyTo", copy_to},    {NULL, NULL},
};
