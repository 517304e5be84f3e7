/* SPDX-License-Identifier: MIT */

/*
 * Processes whose threads have small stacks by default, as with musl (128 kB) or under a small RLIMIT_STACK: every
 * encoder works, with one thread and with four.
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "../support/sanitizer.h"
#include "subject.h"

/* So wide that four threads get work. */
enum { WIDTH = 640, LONG_HEIGHT = 368, HEIGHT = 192, LONG_FRAMES = 6, FRAMES = 3 };

enum { LIMIT_MS = WCENC_TEST_IS_SLOW ? 120000 : 60000, KB = 1024, SKIPPED = 77 };

static const size_t stack_sizes[] = {64 * KB, 128 * KB};
static const uint32_t thread_counts[] = {1, 4};

enum {
    STACK_SIZES = sizeof stack_sizes / sizeof stack_sizes[0],
    THREAD_COUNTS = sizeof thread_counts / sizeof thread_counts[0],
    CELLS = STACK_SIZES * THREAD_COUNTS * LATENCIES,
};

struct cell {
    const struct codec_row *row;
    size_t stack_size;
    uint32_t threads;
    wcenc_latency_mode latency;
    uint32_t height;
    int frames;
};

struct cells {
    const struct codec_row *row;
    bool is_long;
    bool has_latency[LATENCIES];
    struct cell started[CELLS];
    int failed;
};

/* Noise, which makes encoders look into every corner; conversion, which the library's own threads do. */
static wcenc_frame *noise(uint32_t height, int number)
{
    static uint8_t pixels[WIDTH * LONG_HEIGHT * 4];
    uint32_t random = (uint32_t)number + 1;
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = number % 2 ? WCENC_PIXEL_FORMAT_RGBA : WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = WIDTH;
    desc.coded_height = height;
    desc.data = pixels;
    desc.data_size = sizeof pixels;
    desc.timestamp_us = number * INT64_C(33333);
    CHECK_EQUAL(wcenc_frame_create_copy(&desc, &frame), WCENC_OK);
    return frame;
}

/* On a thread of the program's, whose stack is as small. */
static void *ask(void *argument)
{
    wcenc_config config = *(const wcenc_config *)argument;
    pthread_attr_t attributes;
    size_t size;

    /* With options of the caller's, realtime encoders are asked for a frame. */
    config.encoder_options = "g=100";
    CHECK(is_supported(&config));
    /* Threads that libx264 would make with stacks too small for them. */
    config.encoder_options = "threads=4";
    if (pthread_getattr_default_np(&attributes) == 0 && pthread_attr_getstacksize(&attributes, &size) == 0 &&
        strcmp(config.encoder_name, "libx264") == 0)
        CHECK_EQUAL(is_supported(&config), size >= 128 * KB);
    return NULL;
}

static void run_cell(void *argument)
{
    const struct cell *cell = argument;
    wcenc_config config = subject_config(cell->row, cell->latency, WIDTH, cell->height);
    struct subject subject;
    pthread_attr_t attributes;
    pthread_t asking;

    CHECK_EQUAL(pthread_attr_init(&attributes), 0);
    CHECK_EQUAL(pthread_attr_setstacksize(&attributes, cell->stack_size), 0);
    CHECK_EQUAL(pthread_setattr_default_np(&attributes), 0);
    config.threads = cell->threads;
    CHECK_EQUAL(pthread_create(&asking, NULL, ask, &config), 0);
    CHECK_EQUAL(pthread_join(asking, NULL), 0);
    CHECK_EQUAL(subject_open(&subject, WCENC_DELIVERY_THREAD), WCENC_OK);
    CHECK_EQUAL(wcenc_encoder_configure(subject.encoder, &config), WCENC_OK);
    for (int i = 0; i < cell->frames; i++) {
        wcenc_frame *frame = noise(cell->height, i);

        CHECK_EQUAL(wcenc_encoder_encode(subject.encoder, frame, NULL), WCENC_OK);
        wcenc_frame_unref(frame);
    }
    CHECK_EQUAL(wcenc_encoder_flush(subject.encoder), WCENC_OK);
    CHECK_EQUAL(atomic_load(&subject.chunks), cell->frames);
    subject_close(&subject);
}

static bool start_cell(void *context, int index, struct child *child)
{
    struct cells *cells = context;
    struct cell *cell = &cells->started[index];
    int latency = index / STACK_SIZES / THREAD_COUNTS;

    *cell = (struct cell){
        .row = cells->row,
        .stack_size = stack_sizes[index % STACK_SIZES],
        .threads = thread_counts[index / STACK_SIZES % THREAD_COUNTS],
        .latency = latency,
        .height = cells->is_long ? LONG_HEIGHT : HEIGHT,
        .frames = cells->is_long ? LONG_FRAMES : FRAMES,
    };
    if (!cells->has_latency[latency])
        cell->latency = !latency;
    return child_fork(child, run_cell, cell, LIMIT_MS);
}

static void end_cell(void *context, int index, const struct child *child)
{
    struct cells *cells = context;
    const struct cell *cell = &cells->started[index];
    char text[CHILD_TEXT_MAX + 256];

    if (child_is_well(child))
        return;
    cells->failed++;
    child_describe(child, text, sizeof text);
    printf("%s, %s, stacks of %zu kB, %u threads: %s\n", cell->row->encoder, latency_names[cell->latency],
           cell->stack_size / KB, cell->threads, text);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct cells cells = {.row = argc > 2 && strcmp(argv[1], "--codec") == 0 ? find_row(argv[2]) : NULL,
                          .is_long = argc > 3 && strcmp(argv[3], "--long") == 0};
    struct batch batch = {.count = CELLS, .at_once = 2, .start = start_cell, .end = end_cell, .context = &cells};
    int64_t start = now_ms();

    if (!cells.row) {
        fputs("usage: test_stack --codec ENCODER [--long]\n", stderr);
        return 2;
    }
    silence_encoder(cells.row->encoder);
    for (int latency = 0; latency < LATENCIES; latency++) {
        wcenc_config config = subject_config(cells.row, latency, WIDTH, HEIGHT);

        cells.has_latency[latency] = is_supported(&config);
    }
    if (!cells.has_latency[WCENC_LATENCY_QUALITY] && !cells.has_latency[WCENC_LATENCY_REALTIME]) {
        printf("skipped: %s cannot be tested here\n", cells.row->encoder);
        return SKIPPED;
    }
    CHECK(children_run(&batch));
    printf("%s: %d of %d cells failed, %lld ms\n", cells.row->encoder, cells.failed, CELLS,
           (long long)(now_ms() - start));
    return cells.failed > 0;
}
