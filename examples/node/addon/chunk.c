/* SPDX-License-Identifier: MIT */

/* EncodedVideoChunk: the bytes stay where the library has them. */

#include "addon.h"
#include "members.h"

static void end_chunk(napi_env env, void *chunk, void *hint)
{
    int64_t total;

    (void)hint;
    (void)napi_adjust_external_memory(env, -(int64_t)wcenc_chunk_get_byte_length(chunk), &total);
    wcenc_chunk_unref(chunk);
}

napi_value chunk_external(napi_env env, wcenc_chunk *chunk)
{
    napi_value external;
    int64_t total;

    if (!addon_ok(env, napi_create_external(env, wcenc_chunk_ref(chunk), end_chunk, NULL, &external))) {
        wcenc_chunk_unref(chunk);
        return NULL;
    }
    (void)napi_adjust_external_memory(env, (int64_t)wcenc_chunk_get_byte_length(chunk), &total);
    return external;
}

napi_value chunk_describe(napi_env env, const wcenc_chunk *chunk)
{
    napi_value object;
    uint64_t duration_us;
    bool has_duration = wcenc_chunk_get_duration_us(chunk, &duration_us);

    if (addon_ok(env, napi_create_object(env, &object)) &&
        members_set_name(env, object, "type", &chunk_type, wcenc_chunk_get_type(chunk)) &&
        members_set_number(env, object, "timestamp", (double)wcenc_chunk_get_timestamp_us(chunk)) &&
        (has_duration ? members_set_number(env, object, "duration", (double)duration_us)
                      : members_set_null(env, object, "duration")) &&
        members_set_number(env, object, "byteLength", (double)wcenc_chunk_get_byte_length(chunk)))
        return object;
    return NULL;
}

static napi_value decoder_config(napi_env env, const wcenc_decoder_config *config)
{
    napi_value object;

    if (addon_ok(env, napi_create_object(env, &object)) && members_set_text(env, object, "codec", config->codec) &&
        members_set_number(env, object, "codedWidth", config->coded_width) &&
        members_set_number(env, object, "codedHeight", config->coded_height) &&
        members_set_number(env, object, "displayAspectWidth", config->display_aspect_width) &&
        members_set_number(env, object, "displayAspectHeight", config->display_aspect_height) &&
        members_set_color_space(env, object, "colorSpace", &config->color_space) &&
        members_set_number(env, object, "rotation", config->rotation) &&
        members_set_flag(env, object, "flip", config->flip) &&
        (!config->description ||
         members_set_bytes(env, object, "description", config->description, config->description_size)))
        return object;
    return NULL;
}

static bool set_layer(napi_env env, napi_value metadata, uint32_t layer)
{
    napi_value svc;

    return addon_ok(env, napi_create_object(env, &svc)) && members_set_number(env, svc, "temporalLayerId", layer) &&
           members_set(env, metadata, "svc", svc);
}

/* What there is of it: members that are not there are left out. */
napi_value chunk_metadata(napi_env env, const wcenc_chunk_metadata *metadata)
{
    napi_value object, config = NULL;

    if (!addon_ok(env, napi_create_object(env, &object)))
        return NULL;
    if (metadata->decoder_config && !(config = decoder_config(env, metadata->decoder_config)))
        return NULL;
    if ((config && !members_set(env, object, "decoderConfig", config)) ||
        (metadata->has_svc && !set_layer(env, object, metadata->temporal_layer_id)) ||
        (metadata->alpha_side_data &&
         !members_set_bytes(env, object, "alphaSideData", metadata->alpha_side_data, metadata->alpha_side_data_size)))
        return NULL;
    return object;
}

/* chunkCreate(init) */
static napi_value create(napi_env env, napi_callback_info info)
{
    static const struct member rows[] = {
        {"type", MEMBER_NAME, offsetof(wcenc_chunk_desc, type), 0, &chunk_type},
        {"timestamp", MEMBER_INT64, offsetof(wcenc_chunk_desc, timestamp_us), 0, NULL},
        {"duration", MEMBER_UINT64, offsetof(wcenc_chunk_desc, duration_us), offsetof(wcenc_chunk_desc, has_duration),
         NULL},
        {"data", MEMBER_BYTES, offsetof(wcenc_chunk_desc, data), offsetof(wcenc_chunk_desc, data_size), NULL},
    };
    wcenc_chunk_desc init;
    wcenc_chunk *chunk;
    napi_value argument, external;

    wcenc_chunk_desc_init(&init, sizeof(init));
    if (!addon_arguments(env, info, 1, &argument) ||
        !members_read(env, argument, rows, sizeof(rows) / sizeof(*rows), &init, NULL) ||
        !addon_check(env, wcenc_chunk_create(&init, &chunk)))
        return NULL;
    external = chunk_external(env, chunk);
    wcenc_chunk_unref(chunk);
    return external;
}

/* chunkDescribe(chunk) */
static napi_value describe(napi_env env, napi_callback_info info)
{
    napi_value argument;
    wcenc_chunk *chunk;

    if (!addon_arguments(env, info, 1, &argument) || !(chunk = addon_pointer(env, argument)))
        return NULL;
    return chunk_describe(env, chunk);
}

/* chunkCopyTo(chunk, destination) */
static napi_value copy_to(napi_env env, napi_callback_info info)
{
    napi_value arguments[2];
    wcenc_chunk *chunk;
    void *destination;
    size_t size;

    if (addon_arguments(env, info, 2, arguments) && (chunk = addon_pointer(env, arguments[0])) &&
        addon_ok(env, napi_get_typedarray_info(env, arguments[1], NULL, &size, &destination, NULL, NULL)))
        /* An empty array may have no address, which is no destination; an empty chunk needs none. */
        (void)(wcenc_chunk_get_byte_length(chunk) == 0 ||
               addon_check(env, wcenc_chunk_copy_to(chunk, destination, size)));
    return NULL;
}

const struct function chunk_functions[] = {
    {"chunkCreate", create},
    {"chunkDescribe", describe},
    {"chunkCopyTo", copy_to},
    {NULL, NULL},
};
