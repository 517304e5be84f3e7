/* SPDX-License-Identifier: MIT */

/*
 * For count_files.py: encodes some frames, and prints a line for each function that is entered on the way of the last
 * one, in order: its address, the thread, and how many functions the thread was inside of. The library is compiled with
 * -finstrument-functions; its functions call those below.
 */

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <wcenc/wcenc.h>

enum { WIDTH = 128, HEIGHT = 96, FRAMES = 4, ENTERED_MAX = 100000, SKIPPED = 77 };

static struct entry {
    void *function;
    int thread, depth;
} entered[ENTERED_MAX];
static atomic_int entered_count, thread_count, chunk_count;
static atomic_bool is_counting;
static _Thread_local int thread, depth; /* threads are numbered from 1 */

/* The program's own thread is looked at inside encode only, those of the library until the callback. */
static _Thread_local bool is_outside;

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *function, void *caller)
{
    (void)caller;
    if (thread == 0)
        thread = atomic_fetch_add(&thread_count, 1) + 1;
    if (atomic_load(&is_counting) && !is_outside) {
        int at = atomic_fetch_add(&entered_count, 1);

        if (at < ENTERED_MAX)
            entered[at] = (struct entry){function, thread, depth};
    }
    depth++;
}

__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *function, void *caller)
{
    (void)function;
    (void)caller;
    depth--;
}

static void take_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    (void)user;
    (void)chunk;
    (void)metadata;
    atomic_store(&is_counting, false);
    atomic_fetch_add(&chunk_count, 1);
}

static void take_error(void *user, const wcenc_error *error)
{
    (void)user;
    (void)fprintf(stderr, "%s\n", error->message);
}

static wcenc_encoder *open_encoder(void)
{
    wcenc_encoder *encoder = NULL;
    wcenc_encoder_desc desc;
    wcenc_config config;

    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.on_output = take_output;
    desc.on_error = take_error;
    wcenc_config_init(&config, sizeof config);
    config.codec = "avc1.42001e";
    config.encoder_name = "libx264";
    config.latency_mode = WCENC_LATENCY_REALTIME;
    config.width = WIDTH;
    config.height = HEIGHT;
    config.threads = 1;
    if (wcenc_encoder_create(&desc, &encoder) == WCENC_OK)
        (void)wcenc_encoder_configure(encoder, &config);
    return encoder;
}

static bool is_idle(wcenc_encoder *encoder)
{
    wcenc_stats stats;

    wcenc_stats_init(&stats, sizeof stats);
    return wcenc_encoder_get_stats(encoder, &stats) == WCENC_OK && stats.is_idle;
}

/* True once the chunk has come, and the worker waits for work again. */
static bool encode(wcenc_encoder *encoder, wcenc_frame *frame, int number)
{
    wcenc_status status;

    atomic_store(&is_counting, number == FRAMES - 1);
    is_outside = false;
    status = wcenc_encoder_encode(encoder, frame, NULL);
    is_outside = true;
    while (status == WCENC_OK && wcenc_encoder_get_state(encoder) == WCENC_STATE_CONFIGURED &&
           (atomic_load(&chunk_count) <= number || !is_idle(encoder)))
        (void)sched_yield();
    return atomic_load(&chunk_count) > number;
}

int main(void)
{
    static uint8_t pixels[WIDTH * HEIGHT * 3 / 2];
    wcenc_encoder *encoder = open_encoder();
    bool done = encoder != NULL;

    is_outside = true;
    memset(pixels, 128, sizeof pixels);
    for (int number = 0; number < FRAMES && done; number++) {
        wcenc_frame_desc desc;
        wcenc_frame *frame;

        wcenc_frame_desc_init(&desc, sizeof desc);
        desc.format = WCENC_PIXEL_FORMAT_I420;
        desc.coded_width = WIDTH;
        desc.coded_height = HEIGHT;
        desc.timestamp_us = number * 33333;
        desc.data = pixels;
        desc.data_size = sizeof pixels;
        done = wcenc_frame_create_wrap(&desc, NULL, NULL, &frame) == WCENC_OK;
        done = done && encode(encoder, frame, number);
        wcenc_frame_unref(frame);
    }
    wcenc_encoder_destroy(encoder);
    for (int i = 0; i < atomic_load(&entered_count) && i < ENTERED_MAX; i++)
        printf("%p %d %d\n", entered[i].function, entered[i].thread, entered[i].depth);
    return done ? 0 : SKIPPED;
}
