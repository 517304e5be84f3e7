/* SPDX-License-Identifier: MIT */

#include "frames.h"

#include <stdlib.h>
#include <string.h>

#include "callbacks.h"
#include "report.h"
#include "subject.h"

struct frame_row {
    uint32_t weight;
    wcenc_pixel_format format;
    uint32_t width;
    uint32_t height;
    uint32_t size; /* in bytes */
    bool is_lent;
    bool is_closed;
};

static const struct frame_row rows[] = {
    {350, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, true, false},
    {250, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, false, false},
    {80, WCENC_PIXEL_FORMAT_I420, 128, 96, 128 * 96 * 3 / 2, true, false},
    {190, WCENC_PIXEL_FORMAT_RGBA, 64, 64, 64 * 64 * 4, true, false},
    {40, WCENC_PIXEL_FORMAT_NV12, 64, 64, 64 * 64 * 3 / 2, false, false},
    {15, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, true, true},
};

static void *draw(uint32_t size, struct random *random)
{
    uint8_t *pixels = malloc(size);

    if (!pixels)
        give_up("memory is short");
    memset(pixels, (int)random_between(random, 16, 235), size);
    for (uint32_t at = 0; at < size; at += 97)
        pixels[at] = (uint8_t)random_between(random, 16, 235);
    return pixels;
}

static void decide(wcenc_frame_init *init, const struct subject *subject, struct random *random)
{
    init->timestamp_us = (int64_t)random_next(random) >> random_below(random, 60);
    init->duration_us = random_chance(random, 300) ? 0 : random_next(random) >> random_between(random, 1, 60);
    init->has_duration = random_chance(random, 200);
    if (random_chance(random, 100) && subject && subject->rotates)
        init->rotation = 90;
}

static wcenc_frame *make_copy(const wcenc_frame_init *init, void *pixels)
{
    wcenc_frame *frame;

    if (wcenc_frame_create_copy(init, &frame) != WCENC_OK)
        give_up(wcenc_last_error());
    free(pixels);
    return frame;
}

/* As a copy where so much has been lent that it cannot be kept account of. */
static wcenc_frame *make_lent(const wcenc_frame_init *init, void *pixels, struct lendings *lendings,
                              struct subject *subject)
{
    unsigned index = atomic_fetch_add_explicit(&lendings->count, 1, memory_order_relaxed);
    wcenc_frame *frame;
    struct lent *lent;

    if (index >= LENT_MAX)
        return make_copy(init, pixels);
    lent = &lendings->rows[index];
    lent->pixels = pixels;
    lent->size = init->data_size;
    atomic_store_explicit(&lent->subject, subject, memory_order_relaxed);
    if (wcenc_frame_create_wrap(init, callback_release, lent, &frame) != WCENC_OK)
        give_up(wcenc_last_error());
    return frame;
}

wcenc_frame *frame_make(struct lendings *lendings, struct subject *subject, struct random *random)
{
    const struct frame_row *row =
        &rows[random_weighted(random, &rows[0].weight, sizeof rows / sizeof rows[0], sizeof rows[0])];
    void *pixels = draw(row->size, random);
    wcenc_frame_init init;
    wcenc_frame *frame;

    wcenc_frame_init_init(&init, sizeof init);
    init.format = row->format;
    init.coded_width = row->width;
    init.coded_height = row->height;
    init.data = pixels;
    init.data_size = row->size;
    decide(&init, subject, random);
    frame = row->is_lent ? make_lent(&init, pixels, lendings, subject) : make_copy(&init, pixels);
    if (row->is_closed)
        wcenc_frame_close(frame);
    return frame;
}

static unsigned lent_count(const struct lendings *lendings)
{
    unsigned count = atomic_load_explicit(&lendings->count, memory_order_relaxed);

    return count < LENT_MAX ? count : LENT_MAX;
}

void lendings_check(struct lendings *lendings)
{
    unsigned count = lent_count(lendings);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load(&lendings->rows[i].releases) != 1)
            violation(atomic_load(&lendings->rows[i].subject), "lent memory %u was released %d times", i,
                      atomic_load(&lendings->rows[i].releases));
}

void lendings_check_subject(struct lendings *lendings, const struct subject *subject)
{
    unsigned count = lent_count(lendings);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load_explicit(&lendings->rows[i].subject, memory_order_relaxed) == subject &&
            atomic_load_explicit(&lendings->rows[i].releases, memory_order_relaxed) == 0)
            violation(subject, "the encoder was gone and still held lent memory %u", i);
}
