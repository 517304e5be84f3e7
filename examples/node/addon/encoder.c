/* SPDX-License-Identifier: MIT */

/*
 * VideoEncoder.
 *
 * The library's thread wakes the thread of JavaScript through a thread-safe function; there each wakeup delivers one
 * result (wcenc_encoder_pump), so that promises and ticks have their turn between two callbacks, as in a browser.
 *
 * While the encoder has something to do, or to deliver, it is busy: that keeps the event loop alive, and the object of
 * callbacks, which JavaScript may have forgotten. An idle one keeps nothing, and may be collected.
 */

#include <stdio.h>
#include <stdlib.h>

#include "addon.h"
#include "support.h"

/*
 * What the garbage collector takes an encoder to weigh: it has a thread and a descriptor besides, so that it
 * should come for those that nobody holds before there are many.
 */
enum { ENCODER_BYTES = 1 << 20 };

struct encoder {
    napi_env env;
    struct addon *addon;
    atomic_int owners;     /* the external, the library, and the thread-safe function */
    wcenc_encoder *handle; /* NULL once it is destroyed */
    napi_ref callbacks;    /* { output, error, dequeue }; weak unless busy */
    bool is_busy;
    pthread_mutex_t lock;
    napi_threadsafe_function wakeups; /* guarded by lock; NULL once it must not be called any more */
};

/* An asynchronous flush. */
struct flush {
    struct encoder *encoder;
    napi_ref done;
};

static void encoder_unref(struct encoder *encoder)
{
    if (atomic_fetch_sub(&encoder->owners, 1) != 1)
        return;
    pthread_mutex_destroy(&encoder->lock);
    addon_unref(encoder->addon);
    free(encoder);
}

/* On any thread. */
static void on_wakeup(void *user)
{
    struct encoder *encoder = user;

    pthread_mutex_lock(&encoder->lock);
    if (encoder->wakeups &&
        napi_call_threadsafe_function(encoder->wakeups, NULL, napi_tsfn_nonblocking) == napi_closing)
        encoder->wakeups = NULL;
    pthread_mutex_unlock(&encoder->lock);
}

static void on_destroy(void *user)
{
    encoder_unref(user);
}

/* What a callback throws is an uncaught exception, and nothing that the library sees. */
static void report_exception(napi_env env)
{
    napi_value exception;
    bool is_pending = false;

    (void)napi_is_exception_pending(env, &is_pending);
    if (is_pending && napi_get_and_clear_last_exception(env, &exception) == napi_ok)
        (void)napi_fatal_exception(env, exception);
}

static void call_function(napi_env env, napi_value function, size_t count, const napi_value *arguments)
{
    napi_value undefined, result;

    if (napi_get_undefined(env, &undefined) != napi_ok ||
        napi_call_function(env, undefined, function, count, arguments, &result) != napi_ok)
        report_exception(env);
}

/* Calls one of the callbacks; none where JavaScript is over. */
static void call_back(struct encoder *encoder, const char *name, size_t count, const napi_value *arguments)
{
    napi_env env = encoder->env;
    napi_value callbacks = NULL, function;

    if (!encoder->handle || napi_get_reference_value(env, encoder->callbacks, &callbacks) != napi_ok || !callbacks)
        return;
    if (napi_get_named_property(env, callbacks, name, &function) == napi_ok)
        call_function(env, function, count, arguments);
    else
        report_exception(env);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct encoder *encoder = user;
    napi_env env = encoder->env;
    napi_value arguments[3];

    if (!encoder->handle)
        return;
    if ((arguments[0] = chunk_external(env, chunk)) && (arguments[1] = chunk_describe(env, chunk)) &&
        (arguments[2] = chunk_metadata(env, metadata)))
        call_back(encoder, "output", 3, arguments);
    else
        report_exception(env);
}

static void on_error(void *user, const wcenc_error *error)
{
    struct encoder *encoder = user;
    napi_value exception;

    if (!encoder->handle)
        return;
    if ((exception = addon_exception(encoder->env, error->status, error->message)))
        call_back(encoder, "error", 1, &exception);
    else
        report_exception(encoder->env);
}

static void on_dequeue(void *user, uint32_t queue_size)
{
    struct encoder *encoder = user;
    napi_value size;

    if (napi_create_uint32(encoder->env, queue_size, &size) == napi_ok)
        call_back(encoder, "dequeue", 1, &size);
}

static void on_flushed(void *user, wcenc_status status)
{
    struct flush *flush = user;
    struct encoder *encoder = flush->encoder;
    napi_env env = encoder->env;
    napi_value done = NULL, exception = NULL;

    if (encoder->handle && napi_get_reference_value(env, flush->done, &done) == napi_ok && done) {
        if (status != WCENC_OK)
            exception = addon_exception(env, status, wcenc_status_message(status));
        if (status == WCENC_OK || exception)
            call_function(env, done, exception ? 1 : 0, &exception);
        else
            report_exception(env);
    }
    (void)napi_delete_reference(env, flush->done);
    free(flush);
}

static void update_busy(struct encoder *encoder)
{
    wcenc_stats stats;
    uint32_t count;

    wcenc_stats_init(&stats, sizeof(stats));
    if (wcenc_encoder_get_stats(encoder->handle, &stats) != WCENC_OK || encoder->is_busy == !stats.is_idle)
        return;
    encoder->is_busy = !stats.is_idle;
    if (encoder->is_busy) {
        (void)napi_reference_ref(encoder->env, encoder->callbacks, &count);
        (void)napi_ref_threadsafe_function(encoder->env, encoder->wakeups);
    } else {
        (void)napi_reference_unref(encoder->env, encoder->callbacks, &count);
        (void)napi_unref_threadsafe_function(encoder->env, encoder->wakeups);
    }
}

/* On the thread of JavaScript, once for each wakeup. What is left behind comes with a wakeup of its own. */
static void pump(napi_env env, napi_value function, void *context, void *data)
{
    struct encoder *encoder = context;

    (void)function;
    (void)data;
    if (!env || !encoder->handle)
        return;
    (void)wcenc_encoder_pump(encoder->handle, 1, 0, NULL);
    if (!encoder->handle)
        return;
    update_busy(encoder);
    addon_sweep(env, encoder->addon);
}

static void on_wakeups_end(napi_env env, void *data, void *hint)
{
    struct encoder *encoder = data;

    (void)env;
    (void)hint;
    pthread_mutex_lock(&encoder->lock);
    encoder->wakeups = NULL;
    pthread_mutex_unlock(&encoder->lock);
    encoder_unref(encoder);
}

/* Waits for the codec, unless process.exit was called inside a callback. JavaScript hears nothing of it. */
static void destroy(struct encoder *encoder)
{
    wcenc_encoder *handle = encoder->handle;
    napi_threadsafe_function wakeups;

    encoder->handle = NULL;
    wcenc_encoder_destroy(handle);
    pthread_mutex_lock(&encoder->lock);
    wakeups = encoder->wakeups;
    encoder->wakeups = NULL;
    pthread_mutex_unlock(&encoder->lock);
    if (wakeups)
        (void)napi_release_threadsafe_function(wakeups, napi_tsfn_abort);
}

/* The end of the process or of a worker thread. Comes before that of the thread-safe function, which was made earlier.
 */
static void on_environment_cleanup(void *data)
{
    destroy(data);
}

/* Collected: the encoder has nothing to do, so that there is nothing to wait for. */
static void end_external(napi_env env, void *data, void *hint)
{
    struct encoder *encoder = data;
    int64_t total;

    (void)hint;
    (void)napi_adjust_external_memory(env, -ENCODER_BYTES, &total);
    if (encoder->handle)
        (void)napi_remove_env_cleanup_hook(env, on_environment_cleanup, encoder);
    destroy(encoder);
    (void)napi_delete_reference(env, encoder->callbacks);
    encoder_unref(encoder);
}

static bool create_wakeups(struct encoder *encoder)
{
    napi_env env = encoder->env;
    napi_value name;

    if (!addon_ok(env, napi_create_string_utf8(env, "VideoEncoder", NAPI_AUTO_LENGTH, &name)) ||
        !addon_ok(env, napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, encoder, on_wakeups_end, encoder,
                                                       pump, &encoder->wakeups)))
        return false;
    atomic_fetch_add(&encoder->owners, 1);
    return addon_ok(env, napi_unref_threadsafe_function(env, encoder->wakeups));
}

/* On any thread; standard error takes each line as a whole. */
static void on_log(void *user, wcenc_log_level level, const char *message)
{
    (void)user;
    (void)fprintf(stderr, "libwcenc: %s: %s\n", wcenc_log_level_name(level), message);
}

static bool create_handle(struct encoder *encoder, wcenc_log_level level)
{
    wcenc_encoder_desc init;

    wcenc_encoder_desc_init(&init, sizeof(init));
    init.user = encoder;
    init.on_output = on_output;
    init.on_error = on_error;
    init.on_dequeue = on_dequeue;
    init.on_wakeup = on_wakeup;
    init.on_destroy = on_destroy;
    init.delivery = WCENC_DELIVERY_PUMP;
    init.log = on_log;
    init.log_level = level;
    if (!addon_check(encoder->env, wcenc_encoder_create(&init, &encoder->handle)))
        return false;
    atomic_fetch_add(&encoder->owners, 1);
    return true;
}

static struct encoder *alloc_encoder(napi_env env)
{
    struct encoder *encoder = calloc(1, sizeof(*encoder));

    if (!encoder || pthread_mutex_init(&encoder->lock, NULL) != 0) {
        free(encoder);
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return NULL;
    }
    atomic_init(&encoder->owners, 1);
    encoder->env = env;
    encoder->addon = addon_ref(addon_of(env));
    return encoder;
}

/* encoderCreate(callbacks, number of a LogLevel) */
static napi_value create(napi_env env, napi_callback_info info)
{
    struct encoder *encoder;
    napi_value arguments[2], external;
    int32_t level;
    int64_t total;

    if (!addon_arguments(env, info, 2, arguments) || !addon_ok(env, napi_get_value_int32(env, arguments[1], &level)) ||
        !(encoder = alloc_encoder(env)))
        return NULL;
    if (!addon_ok(env, napi_create_reference(env, arguments[0], 0, &encoder->callbacks))) {
        encoder_unref(encoder);
        return NULL;
    }
    if (create_wakeups(encoder) && create_handle(encoder, level) &&
        addon_ok(env, napi_create_external(env, encoder, end_external, NULL, &external))) {
        /* From here on the external releases it, whatever comes. */
        (void)napi_adjust_external_memory(env, ENCODER_BYTES, &total);
        return addon_ok(env, napi_add_env_cleanup_hook(env, on_environment_cleanup, encoder)) ? external : NULL;
    }
    destroy(encoder);
    (void)napi_delete_reference(env, encoder->callbacks);
    encoder_unref(encoder);
    return NULL;
}

/* encoderConfigure(encoder, config) */
static napi_value configure(napi_env env, napi_callback_info info)
{
    struct members members = {0};
    struct encoder *encoder;
    wcenc_config config;
    napi_value arguments[2];

    if (addon_arguments(env, info, 2, arguments) && (encoder = addon_pointer(env, arguments[0])) &&
        support_read_config(env, arguments[1], &config, &members) &&
        addon_check(env, wcenc_encoder_configure(encoder->handle, &config)))
        update_busy(encoder);
    members_free(&members);
    return NULL;
}

/* encoderEncode(encoder, frame, options) */
static napi_value encode(napi_env env, napi_callback_info info)
{
    static const struct member rows[] = {
        {"keyFrame", MEMBER_FLAG, offsetof(wcenc_encode_options, key_frame), 0, NULL},
        {"quantizer", MEMBER_UINT32, offsetof(wcenc_encode_options, quantizer),
         offsetof(wcenc_encode_options, has_quantizer), NULL},
        {"references", MEMBER_UINT32, offsetof(wcenc_encode_options, references), 0, NULL},
        {"updates", MEMBER_UINT32, offsetof(wcenc_encode_options, updates), 0, NULL},
    };
    wcenc_encode_options options;
    struct encoder *encoder;
    napi_value arguments[3];
    wcenc_frame *frame;

    wcenc_encode_options_init(&options, sizeof(options));
    if (addon_arguments(env, info, 3, arguments) && (encoder = addon_pointer(env, arguments[0])) &&
        (frame = frame_of(env, arguments[1])) &&
        members_read(env, arguments[2], rows, sizeof(rows) / sizeof(*rows), &options, NULL) &&
        addon_check(env, wcenc_encoder_encode(encoder->handle, frame, &options)))
        update_busy(encoder);
    return NULL;
}

/* encoderFlush(encoder, done): `done` is called once, with an exception or with nothing. */
static napi_value flush(napi_env env, napi_callback_info info)
{
    struct flush *request = malloc(sizeof(*request));
    napi_value arguments[2];

    if (!request) {
        (void)napi_throw_range_error(env, NULL, "out of memory");
        return NULL;
    }
    if (addon_arguments(env, info, 2, arguments) && (request->encoder = addon_pointer(env, arguments[0])) &&
        addon_ok(env, napi_create_reference(env, arguments[1], 1, &request->done))) {
        if (addon_check(env, wcenc_encoder_flush_async(request->encoder->handle, on_flushed, request))) {
            update_busy(request->encoder);
            return NULL;
        }
        (void)napi_delete_reference(env, request->done);
    }
    free(request);
    return NULL;
}

/* encoderReset(encoder) */
static napi_value reset(napi_env env, napi_callback_info info)
{
    struct encoder *encoder;
    napi_value argument;

    if (addon_arguments(env, info, 1, &argument) && (encoder = addon_pointer(env, argument)) &&
        addon_check(env, wcenc_encoder_reset(encoder->handle)))
        update_busy(encoder);
    return NULL;
}

/* encoderClose(encoder) */
static napi_value close_encoder(napi_env env, napi_callback_info info)
{
    struct encoder *encoder;
    napi_value argument;

    if (addon_arguments(env, info, 1, &argument) && (encoder = addon_pointer(env, argument)) &&
        addon_check(env, wcenc_encoder_close(encoder->handle)))
        update_busy(encoder);
    return NULL;
}

/* encoderState(encoder): 'unconfigured', 'configured' or 'closed'. */
static napi_value state(napi_env env, napi_callback_info info)
{
    static const char *const names[] = {"unconfigured", "configured", "closed"};
    struct encoder *encoder;
    napi_value argument, text;

    if (addon_arguments(env, info, 1, &argument) && (encoder = addon_pointer(env, argument)) &&
        addon_ok(env, napi_create_string_utf8(env, names[wcenc_encoder_get_state(encoder->handle)], NAPI_AUTO_LENGTH,
                                              &text)))
        return text;
    return NULL;
}

/* encoderQueueSize(encoder) */
static napi_value queue_size(napi_env env, napi_callback_info info)
{
    struct encoder *encoder;
    napi_value argument, number;

    if (addon_arguments(env, info, 1, &argument) && (encoder = addon_pointer(env, argument)) &&
        addon_ok(env, napi_create_uint32(env, wcenc_encoder_get_queue_size(encoder->handle), &number)))
        return number;
    return NULL;
}

const struct function encoder_functions[] = {
    {"encoderCreate", create}, {"encoderConfigure", configure},  {"encoderEncode", encode},
    {"encoderFlush", flush},   {"encoderReset", reset},          {"encoderClose", close_encoder},
    {"encoderState", state},   {"encoderQueueSize", queue_size}, {NULL, NULL},
};
