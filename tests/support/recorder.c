/* SPDX-License-Identifier: MIT */

#include "recorder.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void add_trace(struct recorder *recorder, char what)
{
    assert_true(recorder->trace_length < RECORDER_TRACE_MAX - 1);
    recorder->trace[recorder->trace_length++] = what;
}

void recorder_trace(struct recorder *recorder, char what)
{
    pthread_mutex_lock(&recorder->lock);
    add_trace(recorder, what);
    pthread_mutex_unlock(&recorder->lock);
}

static void run_hook(struct recorder *recorder, recorder_hook hook)
{
    if (!hook)
        return;
    hook(recorder);
    pthread_mutex_lock(&recorder->lock);
    recorder->hook_count++;
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

static void take_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct recorder *recorder = user;

    assert_non_null(metadata);
    pthread_mutex_lock(&recorder->lock);
    assert_true(recorder->chunk_count < RECORDER_CHUNKS_MAX);
    recorder->chunks[recorder->chunk_count++] = wcenc_chunk_ref(chunk);
    add_trace(recorder, 'o');
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    run_hook(recorder, recorder->on_output);
}

static void take_error(void *user, const wcenc_error *error)
{
    struct recorder *recorder = user;

    pthread_mutex_lock(&recorder->lock);
    recorder->error_count++;
    recorder->error = error->status;
    recorder->state_in_error = wcenc_encoder_get_state(recorder->encoder);
    (void)snprintf(recorder->error_message, sizeof recorder->error_message, "%s", error->message);
    add_trace(recorder, 'e');
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    run_hook(recorder, recorder->on_error);
}

static void take_dequeue(void *user, uint32_t queue_size)
{
    struct recorder *recorder = user;

    pthread_mutex_lock(&recorder->lock);
    recorder->dequeue_count++;
    recorder->last_dequeue_size = queue_size;
    add_trace(recorder, 'd');
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    run_hook(recorder, recorder->on_dequeue);
}

static void take_destroy(void *user)
{
    struct recorder *recorder = user;

    pthread_mutex_lock(&recorder->lock);
    recorder->destroy_count++;
    add_trace(recorder, 'D');
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_open(struct recorder *recorder)
{
    wcenc_encoder_desc desc;

    memset(recorder, 0, sizeof *recorder);
    assert_int_equal(pthread_mutex_init(&recorder->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&recorder->changed, NULL), 0);
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = recorder;
    desc.on_output = take_output;
    desc.on_error = take_error;
    desc.on_dequeue = take_dequeue;
    desc.on_destroy = take_destroy;
    assert_int_equal(wcenc_encoder_create(&desc, &recorder->encoder), WCENC_OK);
}

void recorder_forget(struct recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    for (int i = 0; i < recorder->chunk_count; i++)
        wcenc_chunk_unref(recorder->chunks[i]);
    recorder->chunk_count = 0;
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_close(struct recorder *recorder)
{
    wcenc_encoder_destroy(recorder->encoder);
    recorder_wait(recorder, &recorder->destroy_count, 1);
    assert_int_equal(recorder->destroy_count, 1);
    recorder_forget(recorder);
    pthread_cond_destroy(&recorder->changed);
    pthread_mutex_destroy(&recorder->lock);
}

void recorder_wait(struct recorder *recorder, const int *count, int least)
{
    struct timespec deadline;
    int error = 0;
    int value;

    timespec_get(&deadline, TIME_UTC);
    deadline.tv_sec += DEADLINE_SECONDS;
    pthread_mutex_lock(&recorder->lock);
    while (*count < least && error == 0)
        error = pthread_cond_timedwait(&recorder->changed, &recorder->lock, &deadline);
    value = *count;
    pthread_mutex_unlock(&recorder->lock);
    assert_true(value >= least);
}

wcenc_config config_for(const char *codec, uint32_t width, uint32_t height)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = codec;
    config.width = width;
    config.height = height;
    return config;
}

#if defined(__SANITIZE_THREAD__)
enum { HAS_THREAD_SANITIZER = 1 };
#else
enum { HAS_THREAD_SANITIZER = 0 };
#endif

/* Its threads never come together where they run that slowly. */
bool hangs_here(const char *encoder_name)
{
    return HAS_THREAD_SANITIZER && encoder_name && strcmp(encoder_name, "libsvtav1") == 0;
}

bool config_works(const wcenc_config *config)
{
    wcenc_config_support *support;
    bool works;

    if (hangs_here(config->encoder_name)) {
        print_message("left out: %s hangs under ThreadSanitizer\n", config->encoder_name);
        return false;
    }
    assert_int_equal(wcenc_is_config_supported(config, &support), WCENC_OK);
    works = support->supported;
    if (!works)
        print_message("left out: %s\n", support->reason);
    wcenc_config_support_free(support);
    return works;
}
