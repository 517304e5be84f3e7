/* SPDX-License-Identifier: MIT */

/* A frame of copied pixels, made and given up, beside memcpy of the same bytes to memory that is there already. */

#include <stdlib.h>
#include <string.h>

#include "../process/check.h"
#include "content.h"
#include "measures.h"
#include "process.h"

/* Frames that live at the same time, as with an encoder that is a little behind. */
enum { ALIVE = 4 };

static void copy_to_frame(const wcenc_frame_desc *desc, wcenc_frame *frames[ALIVE], int number)
{
    wcenc_frame_unref(frames[number % ALIVE]);
    CHECK_EQUAL(wcenc_frame_create_copy(desc, &frames[number % ALIVE]), WCENC_OK);
}

/* The last byte is read, so that no copy is left out. */
static void copy_to_memory(const wcenc_frame_desc *desc, uint8_t *const memory[ALIVE], int number)
{
    memcpy(memory[number % ALIVE], desc->data, desc->data_size);
    CHECK_EQUAL(memory[number % ALIVE][desc->data_size - 1], ((const uint8_t *)desc->data)[desc->data_size - 1]);
}

struct copies {
    struct samples frame;
    struct samples memory;
    int64_t faults; /* of copies to frames */
};

static void run_copies(wcenc_frame_desc *desc, const struct content *content, int count, struct copies *copies)
{
    wcenc_frame *frames[ALIVE] = {NULL};
    uint8_t *memory[ALIVE];

    for (int i = 0; i < ALIVE; i++)
        CHECK(memory[i] = malloc(desc->data_size));
    /* The first times round are for the memory to be there. */
    for (int i = -2 * ALIVE; i < count; i++) {
        const int64_t faults = process_page_faults();
        int64_t times[3];

        desc->data = content_picture(content, i + 2 * ALIVE);
        times[0] = now_ns();
        copy_to_frame(desc, frames, i + 2 * ALIVE);
        times[1] = now_ns();
        copies->faults += i >= 0 ? process_page_faults() - faults : 0;
        /* A picture that the other copy has not just had in the cache. */
        desc->data = content_picture(content, i + 2 * ALIVE + content->count / 2);
        times[2] = now_ns();
        copy_to_memory(desc, memory, i + 2 * ALIVE);
        if (i >= 0) {
            samples_add(&copies->frame, (double)(times[1] - times[0]) / 1e3);
            samples_add(&copies->memory, (double)(now_ns() - times[2]) / 1e3);
        }
    }
    for (int i = 0; i < ALIVE; i++) {
        wcenc_frame_unref(frames[i]);
        free(memory[i]);
    }
}

static void add(struct bench *bench, const struct bench_case *bench_case, int count, const struct copies *copies)
{
    static const struct percentile_names names = {"copy p50", "copy p99"};
    struct row_key key = bench_key("copy", bench_case, "memcpy");

    key.codec = NULL;
    key.unit = "us";
    bench_add_percentiles(bench, key, &names, &copies->memory);
    key.who = "wcenc";
    bench_add_percentiles(bench, key, &names, &copies->frame);
    key.metric = "beside memcpy";
    key.unit = "times";
    report_add(&bench->report, key, samples_percentile(&copies->frame, 50) / samples_percentile(&copies->memory, 50));
    key.metric = "page faults";
    key.unit = "per frame";
    report_add(&bench->report, key, (double)copies->faults / count);
}

static void run_case(struct bench *bench, const struct bench_case *bench_case)
{
    const int count = bench_count(bench, 200);
    struct content content;
    wcenc_frame_desc desc;

    if (bench_case->format->format == WCENC_PIXEL_FORMAT_BGRA)
        return;
    content_open(&content, bench_case->size, bench_case->format);
    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = bench_case->format->format;
    desc.coded_width = bench_case->size->width;
    desc.coded_height = bench_case->size->height;
    desc.data_size = content.picture_size;
    for (int round = 0; round < bench->rounds; round++) {
        struct copies copies = {0};

        run_copies(&desc, &content, count, &copies);
        add(bench, bench_case, count, &copies);
        samples_free(&copies.frame);
        samples_free(&copies.memory);
    }
    content_close(&content);
}

void measure_copy(struct bench *bench)
{
    for (const struct bench_size *size = bench_sizes; size->name; size++)
        if ((!bench->size || bench->size == size) && (!bench->is_smoke || size == &bench_sizes[0]))
            bench_each_format_of_h264(bench, size, run_case);
}
