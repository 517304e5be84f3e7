/* SPDX-License-Identifier: MIT */

/*
 * VideoEncoderConfig, the question whether one is supported, which a thread of libuv's pool asks, and the available
 * encoders.
 */

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

static const struct member config_rows[] = {
    {"codec", MEMBER_TEXT, offsetof(wcenc_config, codec), 0, NULL},
    {"width", MEMBER_UINT32, offsetof(wcenc_config, width), 0, NULL},
    {"height", MEMBER_UINT32, offsetof(wcenc_config, height), 0, NULL},
    {"displayWidth", MEMBER_UINT32, offsetof(wcenc_config, display_width), 0, NULL},
    {"displayHeight", MEMBER_UINT32, offsetof(wcenc_config, display_height), 0, NULL},
    {"bitrate", MEMBER_UINT64, offsetof(wcenc_config, bitrate), 0, NULL},
    {"framerate", MEMBER_DOUBLE, offsetof(wcenc_config, framerate), 0, NULL},
    {"hardwareAcceleration", MEMBER_NAME, offsetof(wcenc_config, hardware_acceleration), 0, &hardware_acceleration},
    {"alpha", MEMBER_NAME, offsetof(wcenc_config, alpha), 0, &alpha_option},
    {"scalabilityMode", MEMBER_TEXT, offsetof(wcenc_config, scalability_mode), 0, NULL},
    {"bitrateMode", MEMBER_NAME, offsetof(wcenc_config, bitrate_mode), 0, &bitrate_mode},
    {"latencyMode", MEMBER_NAME, offsetof(wcenc_config, latency_mode), 0, &latency_mode},
    {"contentHint", MEMBER_TEXT, offsetof(wcenc_config, content_hint), 0, NULL},
    {"annexb", MEMBER_FLAG, offsetof(wcenc_config, bitstream_format), 0, NULL},
    {"forceScreenContentTools", MEMBER_FLAG, offsetof(wcenc_config, force_screen_content_tools), 0, NULL},
};

bool support_read_config(napi_env env, napi_value object, wcenc_config *config, struct members *members)
{
    wcenc_config_init(config, sizeof(*config));
    return members_read(env, object, config_rows, sizeof(config_rows) / sizeof(*config_rows), config, members);
}

struct query {
    napi_async_work work;
    napi_deferred deferred;
    struct members members;
    wcenc_config config;
    wcenc_status status;
    wcenc_config_support *support; /* the answer, if there is one */
    char message[512];             /* of an error; wcenc_last_error belongs to the thread */
};

static void free_query(struct query *query)
{
    wcenc_config_support_free(query->support);
    members_free(&query->members);
    free(query);
}

/* On a thread of the pool. */
static void ask(napi_env env, void *data)
{
    struct query *query = data;

    (void)env;
    query->status = wcenc_is_config_supported(&query->config, &query->support);
    if (query->status != WCENC_OK)
        (void)snprintf(query->message, sizeof(query->message), "%s", wcenc_last_error());
}

/* An exception leaves the promise without an answer, and is Node's to report. */
static bool describe_support(napi_env env, const wcenc_config_support *support, napi_value *object)
{
    return addon_ok(env, napi_create_object(env, object)) &&
           members_set_flag(env, *object, "supported", support->supported) &&
           members_set_text(env, *object, "reason", support->reason) &&
           members_set_text(env, *object, "encoderName", support->encoder_name) &&
           members_set_text(env, *object, "codec", support->codec) &&
           members_set_number(env, *object, "referenceBuffers", support->reference_buffers);
}

static void answer(napi_env env, napi_status status, void *data)
{
    struct query *query = data;
    napi_value value;

    /* Cancelled is what becomes of it when the environment ends. */
    if (status == napi_ok && query->status == WCENC_OK) {
        if (describe_support(env, query->support, &value))
            (void)napi_resolve_deferred(env, query->deferred, value);
    } else if (status == napi_ok) {
        if ((value = addon_exception(env, query->status, query->message)))
            (void)napi_reject_deferred(env, query->deferred, value);
    }
    (void)napi_delete_async_work(env, query->work);
    free_query(query);
}

/* isConfigSupported(config): a promise of { supported, reason, encoderName, codec }. */
static napi_value is_config_supported(napi_env env, napi_callback_info info)
{
    struct query *query = calloc(1, sizeof(*query));
    napi_value argument, name, promise;

    if (!query) {
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return NULL;
    }
    if (addon_arguments(env, info, 1, &argument) &&
        support_read_config(env, argument, &query->config, &query->members) &&
        addon_ok(env, napi_create_string_utf8(env, "isConfigSupported", NAPI_AUTO_LENGTH, &name)) &&
        addon_ok(env, napi_create_promise(env, &query->deferred, &promise)) &&
        addon_ok(env, napi_create_async_work(env, NULL, name, ask, answer, query, &query->work))) {
        if (addon_ok(env, napi_queue_async_work(env, query->work)))
            return promise;
        (void)napi_delete_async_work(env, query->work);
    }
    free_query(query);
    return NULL;
}

/* A property with an array of the names whose bits are set. */
static bool set_names(napi_env env, napi_value object, const char *name, const char *const *names, uint32_t bits)
{
    uint32_t count = 0;
    napi_value array, text;

    if (!addon_ok(env, napi_create_array(env, &array)))
        return false;
    for (uint32_t bit = 0; names[bit]; bit++)
        if ((bits & UINT32_C(1) << bit) &&
            (!addon_ok(env, napi_create_string_utf8(env, names[bit], NAPI_AUTO_LENGTH, &text)) ||
             !addon_ok(env, napi_set_element(env, array, count++, text))))
            return false;
    return members_set(env, object, name, array);
}

static bool describe_encoder(napi_env env, const wcenc_encoder_info *info, napi_value *object)
{
    static const char *const latency_modes[] = {"quality", "realtime", NULL};
    static const char *const bitrate_modes[] = {"variable", "constant", "quantizer", "constant-quality", NULL};
    static const char *const capabilities[] = {"frame-quantizer", "live-bitrate", "temporal-layers", "alpha", "4:2:2",
                                               "4:4:4",           "10-bit",       "references",      NULL};

    return addon_ok(env, napi_create_object(env, object)) && members_set_text(env, *object, "name", info->name) &&
           members_set_text(env, *object, "codec", info->codec) &&
           members_set_flag(env, *object, "isNative", info->is_native) &&
           members_set_flag(env, *object, "isHardware", info->is_hardware) &&
           members_set_flag(env, *object, "byNameOnly", info->by_name_only) &&
           set_names(env, *object, "latencyModes", latency_modes, info->latency_modes) &&
           set_names(env, *object, "bitrateModes", bitrate_modes, info->bitrate_modes) &&
           set_names(env, *object, "capabilities", capabilities, info->capabilities);
}

/* availableEncoders(): an array of objects. */
static napi_value available_encoders(napi_env env, napi_callback_info unused)
{
    napi_value array, object;
    wcenc_encoder_info info;
    wcenc_status status;

    (void)unused;
    if (!addon_ok(env, napi_create_array(env, &array)))
        return NULL;
    wcenc_encoder_info_init(&info, sizeof(info));
    for (uint32_t i = 0; (status = wcenc_get_encoder_info(i, &info)) == WCENC_OK; i++)
        if (!describe_encoder(env, &info, &object) || !addon_ok(env, napi_set_element(env, array, i, object)))
            return NULL;
    /* The end of the list is a TypeError. */
    return status == WCENC_ERROR_TYPE || addon_check(env, status) ? array : NULL;
}

static napi_value build_info(napi_env env, napi_callback_info unused)
{
    napi_value text;

    (void)unused;
    return addon_ok(env, napi_create_string_utf8(env, wcenc_build_info(), NAPI_AUTO_LENGTH, &text)) ? text : NULL;
}

const struct function support_functions[] = {
    {"isConfigSupported", is_config_supported},
    {"availableEncoders", available_encoders},
    {"buildInfo", build_info},
    {NULL, NULL},
};
