/* SPDX-License-Identifier: MIT */

/*
 * The module, and what every file of it needs: errors, arguments, and what belongs to one thread of JavaScript.
 *
 * Node may load the module several times in one process, once for each worker thread. Nothing is shared between them.
 */

#include "addon.h"

#include <stdlib.h>

#include "abi.h"
#include "members.h"

struct addon *addon_of(napi_env env)
{
    void *addon = NULL;

    (void)napi_get_instance_data(env, &addon);
    return addon;
}

struct addon *addon_ref(struct addon *addon)
{
    atomic_fetch_add(&addon->owners, 1);
    return addon;
}

void addon_unref(struct addon *addon)
{
    if (atomic_fetch_sub(&addon->owners, 1) != 1)
        return;
    pthread_mutex_destroy(&addon->lock);
    free(addon);
}

void addon_sweep(napi_env env, struct addon *addon)
{
    struct borrowed *each, *next;

    pthread_mutex_lock(&addon->lock);
    each = addon->released;
    addon->released = NULL;
    pthread_mutex_unlock(&addon->lock);
    for (; each; each = next) {
        next = each->next;
        if (each->buffer)
            (void)napi_delete_reference(env, each->buffer);
        addon_unref(each->addon);
        free(each);
    }
}

bool addon_ok(napi_env env, napi_status status)
{
    const napi_extended_error_info *info;
    bool is_pending = false;

    if (status == napi_ok)
        return true;
    (void)napi_get_last_error_info(env, &info);
    (void)napi_is_exception_pending(env, &is_pending);
    if (!is_pending)
        (void)napi_throw_error(env, NULL, info->error_message ? info->error_message : "Node-API failed");
    return false;
}

static napi_value dom_exception(napi_env env, napi_value message, wcenc_status status)
{
    napi_value global, constructor, arguments[2] = {message}, exception;

    if (addon_ok(env, napi_get_global(env, &global)) &&
        addon_ok(env, napi_get_named_property(env, global, "DOMException", &constructor)) &&
        addon_ok(env, napi_create_string_utf8(env, wcenc_status_name(status), NAPI_AUTO_LENGTH, &arguments[1])) &&
        addon_ok(env, napi_new_instance(env, constructor, 2, arguments, &exception)))
        return exception;
    return NULL;
}

napi_value addon_exception(napi_env env, wcenc_status status, const char *message)
{
    napi_value text, exception;

    if (!addon_ok(env, napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text)))
        return NULL;
    switch (status) {
    case WCENC_ERROR_TYPE:
        return addon_ok(env, napi_create_type_error(env, NULL, text, &exception)) ? exception : NULL;
    case WCENC_ERROR_NO_MEMORY:
        return addon_ok(env, napi_create_range_error(env, NULL, text, &exception)) ? exception : NULL;
    default:
        return dom_exception(env, text, status);
    }
}

bool addon_check(napi_env env, wcenc_status status)
{
    napi_value exception;

    if (status == WCENC_OK)
        return true;
    exception = addon_exception(env, status, wcenc_last_error());
    if (exception)
        (void)napi_throw(env, exception);
    return false;
}

bool addon_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments)
{
    /* Those that are missing are undefined. */
    return addon_ok(env, napi_get_cb_info(env, info, &count, arguments, NULL, NULL));
}

void *addon_pointer(napi_env env, napi_value value)
{
    void *pointer = NULL;

    return addon_ok(env, napi_get_value_external(env, value, &pointer)) ? pointer : NULL;
}

static bool export_functions(napi_env env, napi_value exports, const struct function *functions)
{
    for (; functions->name; functions++) {
        napi_value function;

        if (!addon_ok(env, napi_create_function(env, functions->name, NAPI_AUTO_LENGTH, functions->callback, NULL,
                                                &function)) ||
            !addon_ok(env, napi_set_named_property(env, exports, functions->name, function)))
            return false;
    }
    return true;
}

/* After the encoders have ended, whose own hooks were added later and so run before. */
static void on_environment_cleanup(void *env)
{
    addon_sweep(env, addon_of(env));
}

static void on_environment_end(napi_env env, void *addon, void *hint)
{
    (void)env;
    (void)hint;
    addon_unref(addon);
}

static bool create_addon(napi_env env)
{
    struct addon *addon = calloc(1, sizeof(*addon));

    if (!addon || pthread_mutex_init(&addon->lock, NULL) != 0) {
        free(addon);
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return false;
    }
    atomic_init(&addon->owners, 1);
    if (addon_ok(env, napi_set_instance_data(env, addon, on_environment_end, NULL)))
        return addon_ok(env, napi_add_env_cleanup_hook(env, on_environment_cleanup, env));
    addon_unref(addon);
    return false;
}

NAPI_MODULE_INIT()
{
    const struct function *const lists[] = {encoder_functions, support_functions, frame_functions, chunk_functions};

    if (!create_addon(env))
        return NULL;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
        if (!export_functions(env, exports, lists[i]))
            return NULL;
    return members_export_enumerations(env, exports) ? exports : NULL;
}
