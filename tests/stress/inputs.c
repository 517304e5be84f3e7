/* SPDX-License-Identifier: MIT */

#include "inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callbacks.h"
#include "report.h"
#include "subject.h"

/* Random decisions. */

/* SplitMix64: every seed is as good as any other, 0 and its neighbours too. */
uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct random random_part(uint64_t seed, uint64_t number)
{
    struct random whole = {seed}, part = {number};

    return (struct random){random_next(&whole) ^ random_next(&part)};
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

uint32_t random_between(struct random *random, uint32_t least, uint32_t most)
{
    return least + random_below(random, most - least + 1);
}

bool random_chance(struct random *random, uint32_t per_mille)
{
    return random_below(random, 1000) < per_mille;
}

static uint32_t weight_at(const uint32_t *weights, uint32_t index, uint32_t stride)
{
    uint32_t weight;

    memcpy(&weight, (const char *)weights + (size_t)index * stride, sizeof weight);
    return weight;
}

uint32_t random_weighted(struct random *random, const uint32_t *weights, uint32_t count, uint32_t stride)
{
    uint32_t sum = 0, place, index = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += weight_at(weights, i, stride);
    place = random_below(random, sum);
    while (place >= weight_at(weights, index, stride))
        place -= weight_at(weights, index++, stride);
    return index;
}

/* Configurations. */

struct config_row {
    const char *codec;
    const char *encoder_name;
    const char *encoder_options;
    uint32_t weight; /* among those that may be chosen */
    uint32_t width;
    uint32_t height;
    wcenc_latency_mode latency_mode;
    wcenc_bitrate_mode bitrate_mode;
    wcenc_bitstream_format bitstream_format;
    uint32_t max_b_frames;
    bool takes_long;
};

static const struct config_row config_rows[] = {
    {"avc1.42001e", "libx264", "preset=ultrafast", 30, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"avc1.42001e", "libx264", "preset=ultrafast", 15, 128, 96, WCENC_LATENCY_REALTIME, 0, 1, 0, false},
    {"avc1.42001e", "libx264", "preset=ultrafast:rc-lookahead=3", 25, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 0, false},
    {"avc1.64001e", "libx264", "preset=ultrafast", 10, 64, 64, WCENC_LATENCY_REALTIME, WCENC_BITRATE_QUANTIZER, 0, 0,
     false},
    {"avc1.64001e", "libx264", "preset=ultrafast", 60, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 2, false},
    {"vp8", "libvpx", NULL, 5, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "libvpx-vp9", NULL, 4, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "libvpx-vp9", NULL, 4, 64, 64, WCENC_LATENCY_QUALITY, 0, 0, 0, false},
#ifdef WCENC_HAS_VPX
    {"vp8", "native-vpx", NULL, 5, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "native-vpx", NULL, 4, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"vp09.00.10.08", "native-vpx", NULL, 4, 64, 64, WCENC_LATENCY_QUALITY, WCENC_BITRATE_QUANTIZER, 0, 0, false},
#endif
#ifdef WCENC_HAS_AOM
    {"av01.0.00M.08", "native-aom", NULL, 10, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, true},
    {"av01.0.00M.08", "native-aom", NULL, 5, 64, 64, WCENC_LATENCY_REALTIME, WCENC_BITRATE_QUANTIZER, 0, 0, true},
#endif
#ifdef WCENC_HAS_OPENH264
    {"avc1.42001e", "native-openh264", NULL, 8, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, false},
    {"avc1.64001e", "native-openh264", NULL, 4, 256, 192, WCENC_LATENCY_QUALITY, WCENC_BITRATE_QUANTIZER, 0, 0, false},
#endif
    {"hvc1.1.6.L63.B0", "libx265", "preset=ultrafast", 10, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, true},
    {"av01.0.00M.08", "libaom-av1", NULL, 10, 64, 64, WCENC_LATENCY_REALTIME, 0, 0, 0, true},
};

enum { CONFIG_ROW_COUNT = sizeof config_rows / sizeof config_rows[0] };

static uint32_t weights[CONFIG_ROW_COUNT], weights_in_order[CONFIG_ROW_COUNT]; /* without B-frames */

static wcenc_config config_of(const struct config_row *row)
{
    wcenc_config config;

    wcenc_config_init(&config, sizeof config);
    config.codec = row->codec;
    config.encoder_name = row->encoder_name;
    config.encoder_options = row->encoder_options;
    config.width = row->width;
    config.height = row->height;
    config.latency_mode = row->latency_mode;
    config.bitrate_mode = row->bitrate_mode;
    config.bitstream_format = row->bitstream_format;
    config.max_b_frames = row->max_b_frames;
    config.threads = 1;
    return config;
}

static bool is_supported(const struct config_row *row)
{
    wcenc_config config = config_of(row);
    wcenc_config_support *support;
    bool supported;

    if (wcenc_is_config_supported(&config, &support) != WCENC_OK)
        return false;
    supported = support->supported != 0;
    if (!supported)
        printf("left out: %s\n", support->reason);
    wcenc_config_support_free(support);
    return supported;
}

void configs_find(bool all_codecs)
{
    for (int i = 0; i < CONFIG_ROW_COUNT; i++) {
        weights[i] =
            (all_codecs || !config_rows[i].takes_long) && is_supported(&config_rows[i]) ? config_rows[i].weight : 0;
        weights_in_order[i] = config_rows[i].max_b_frames ? 0 : weights[i];
    }
}

wcenc_config config_make(const struct subject *subject, struct random *random, enum config_kind *kind)
{
    const uint32_t *chosen = subject->reorders ? weights : weights_in_order;
    wcenc_config config = config_of(&config_rows[random_weighted(random, chosen, CONFIG_ROW_COUNT, sizeof chosen[0])]);

    *kind = CONFIG_VALID;
    if (config.encoder_name && strcmp(config.encoder_name, "native-vpx") == 0 && random_chance(random, 500))
        config.scalability_mode = "manual";
    if (config.bitrate_mode != WCENC_BITRATE_QUANTIZER && random_chance(random, 200))
        config.bitrate = 200000;
    if (config.latency_mode == WCENC_LATENCY_QUALITY && !config.scalability_mode && random_chance(random, 500)) {
        config.parallel_groups = random_between(random, 1, 3);
        config.key_interval = random_between(random, 1, 6);
    }
    if (random_chance(random, 80)) {
        *kind = CONFIG_UNSUPPORTED;
        config.codec = "bogus";
    } else if (random_chance(random, 30)) {
        *kind = CONFIG_INVALID;
        config.width = 0;
    }
    return config;
}

/* Frames. */

struct frame_row {
    uint32_t weight;
    wcenc_pixel_format format;
    uint32_t width;
    uint32_t height;
    uint32_t size; /* in bytes */
    bool is_wrapped;
    bool is_closed;
};

static const struct frame_row frame_rows[] = {
    {350, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, true, false},
    {250, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, false, false},
    {80, WCENC_PIXEL_FORMAT_I420, 128, 96, 128 * 96 * 3 / 2, true, false},
    {190, WCENC_PIXEL_FORMAT_RGBA, 64, 64, 64 * 64 * 4, true, false},
    {40, WCENC_PIXEL_FORMAT_NV12, 64, 64, 64 * 64 * 3 / 2, false, false},
    {10, WCENC_PIXEL_FORMAT_P010, 64, 64, 64 * 64 * 3, true, false},
    {10, WCENC_PIXEL_FORMAT_YUYV, 64, 64, 64 * 64 * 2, true, false},
    {10, WCENC_PIXEL_FORMAT_BGR24, 64, 64, 64 * 64 * 3, false, false},
    {15, WCENC_PIXEL_FORMAT_I420, 64, 64, 64 * 64 * 3 / 2, true, true},
};

static void *draw(uint32_t size, struct random *random)
{
    uint8_t *pixels = malloc(size);

    if (!pixels)
        give_up("out of memory");
    memset(pixels, (int)random_between(random, 16, 235), size);
    for (uint32_t at = 0; at < size; at += 97)
        pixels[at] = (uint8_t)random_between(random, 16, 235);
    return pixels;
}

static void decide_on_memory(wcenc_frame_desc *desc, const struct subject *subject, struct random *random)
{
    desc->timestamp_us = (int64_t)random_next(random) >> random_below(random, 60);
    desc->duration_us = random_chance(random, 300) ? 0 : random_next(random) >> random_between(random, 1, 60);
    desc->has_duration = random_chance(random, 200);
    if (random_chance(random, 100) && subject && subject->rotates)
        desc->rotation = 90;
}

static wcenc_frame *make_copy(const wcenc_frame_desc *desc, void *pixels)
{
    wcenc_frame *frame;

    if (wcenc_frame_create_copy(desc, &frame) != WCENC_OK)
        give_up(wcenc_last_error());
    free(pixels);
    return frame;
}

/* As a copy where so much has been borrowed that it cannot be kept account of. */
static wcenc_frame *make_wrapped(const wcenc_frame_desc *desc, void *pixels, struct loans *loans,
                                 struct subject *subject)
{
    unsigned index = atomic_fetch_add_explicit(&loans->count, 1, memory_order_relaxed);
    wcenc_frame *frame;
    struct loan *loan;

    if (index >= LOANS_MAX)
        return make_copy(desc, pixels);
    loan = &loans->rows[index];
    loan->pixels = pixels;
    loan->size = desc->data_size;
    atomic_store_explicit(&loan->subject, subject, memory_order_relaxed);
    if (wcenc_frame_create_wrap(desc, callback_release, loan, &frame) != WCENC_OK)
        give_up(wcenc_last_error());
    return frame;
}

wcenc_frame *frame_make(struct loans *loans, struct subject *subject, struct random *random)
{
    const struct frame_row *row = &frame_rows[random_weighted(
        random, &frame_rows[0].weight, sizeof frame_rows / sizeof frame_rows[0], sizeof frame_rows[0])];
    void *pixels = draw(row->size, random);
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    wcenc_frame_desc_init(&desc, sizeof desc);
    desc.format = row->format;
    desc.coded_width = row->width;
    desc.coded_height = row->height;
    desc.data = pixels;
    desc.data_size = row->size;
    decide_on_memory(&desc, subject, random);
    frame = row->is_wrapped ? make_wrapped(&desc, pixels, loans, subject) : make_copy(&desc, pixels);
    if (row->is_closed)
        wcenc_frame_close(frame);
    return frame;
}

static unsigned loan_count(const struct loans *loans)
{
    unsigned count = atomic_load_explicit(&loans->count, memory_order_relaxed);

    return count < LOANS_MAX ? count : LOANS_MAX;
}

void loans_check(struct loans *loans)
{
    unsigned count = loan_count(loans);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load(&loans->rows[i].releases) != 1)
            violation(atomic_load(&loans->rows[i].subject), "borrowed memory %u was released %d times", i,
                      atomic_load(&loans->rows[i].releases));
}

void loans_check_subject(struct loans *loans, const struct subject *subject)
{
    unsigned count = loan_count(loans);

    for (unsigned i = 0; i < count; i++)
        if (atomic_load_explicit(&loans->rows[i].subject, memory_order_relaxed) == subject &&
            atomic_load_explicit(&loans->rows[i].releases, memory_order_relaxed) == 0)
            violation(subject, "the encoder was gone and still held borrowed memory %u", i);
}
