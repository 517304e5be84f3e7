/* SPDX-License-Identifier: MIT */

/*
 * The test scene as a source: frames of RGBA at a steady rate. It has colour bars, a grey ramp, a gradient that moves,
 * a circle and a box that bounce, a patch of noise, and the frame's number, in digits and as a pattern that a program
 * can read:
 *
 * The bottom rows hold SCENE_BLOCKS blocks side by side, each scene_block_size() pixels wide and high, starting at the
 * left edge: white, black, and then the number's bits, the highest first, white for 1.
 *
 * Every pixel follows from size and number alone. It is written to be read rather than for speed, which is several
 * times that of encoding anyway.
 */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"
#include "source.h"

#define SCENE_BITS   16
#define SCENE_BLOCKS (SCENE_BITS + 2)

struct canvas {
    uint8_t *pixels;
    int width;
    int height;
};

struct color {
    uint8_t r, g, b;
};

static void put(const struct canvas *canvas, int x, int y, struct color color)
{
    uint8_t *pixel = canvas->pixels + ((size_t)y * (size_t)canvas->width + (size_t)x) * 4;

    pixel[0] = color.r;
    pixel[1] = color.g;
    pixel[2] = color.b;
    pixel[3] = 255;
}

static void fill(const struct canvas *canvas, int left, int top, int width, int height, struct color color)
{
    int right = left + width < canvas->width ? left + width : canvas->width;
    int bottom = top + height < canvas->height ? top + height : canvas->height;

    for (int y = top > 0 ? top : 0; y < bottom; y++)
        for (int x = left > 0 ? left : 0; x < right; x++)
            put(canvas, x, y, color);
}

/* Bars of 75 % above a grey ramp. */
static void draw_bars(const struct canvas *canvas, int height)
{
    static const struct color bars[] = {{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0},
                                        {191, 0, 191},   {191, 0, 0},   {0, 0, 191}};
    int ramp = height / 4;

    for (int x = 0; x < canvas->width; x++) {
        uint8_t grey = (uint8_t)(canvas->width > 1 ? x * 255 / (canvas->width - 1) : 0);

        fill(canvas, x, 0, 1, height - ramp, bars[x * 7 / canvas->width]);
        fill(canvas, x, height - ramp, 1, ramp, (struct color){grey, grey, grey});
    }
}

/* A wave from -1 to 1 that goes along a triangle: what bounces between two walls. */
static double bounce(double t)
{
    return fabs(fmod(t, 4) - 2) - 1;
}

static void draw_gradient(const struct canvas *canvas, int top, int height, double seconds)
{
    int shift = (int)(seconds * 40);

    for (int y = 0; y < height; y++) {
        for (int x = 0; x < canvas->width; x++) {
            int across = ((x + shift) * 256 / canvas->width) & 511;
            uint8_t level = (uint8_t)(across < 256 ? across : 511 - across);

            put(canvas, x, top + y,
                (struct color){(uint8_t)(level / 2 + 40), (uint8_t)(y * 160 / height + 30),
                               (uint8_t)(200 - level / 2)});
        }
    }
}

static void draw_circle(const struct canvas *canvas, double center_x, double center_y, double radius)
{
    for (int y = (int)(center_y - radius); y <= (int)(center_y + radius) + 1; y++) {
        for (int x = (int)(center_x - radius); x <= (int)(center_x + radius) + 1; x++) {
            double dx = x - center_x;
            double dy = y - center_y;

            if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height || dx * dx + dy * dy > radius * radius)
                continue;
            put(canvas, x, y, dx + dy < 0 ? (struct color){240, 200, 40} : (struct color){200, 90, 20});
        }
    }
}

/* As hard to predict as a camera's, but the same in every run: a hash of place and frame. */
static void draw_noise(const struct canvas *canvas, int left, int top, int width, int height, uint32_t number)
{
    for (int y = top; y < top + height; y++) {
        for (int x = left; x < left + width; x++) {
            uint32_t hash = (uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u ^ number * 0xC2B2AE3Du;
            uint8_t grey;

            hash = (hash ^ hash >> 15) * 0x2C1B3C6Du;
            hash = (hash ^ hash >> 12) * 0x297A2D39u;
            grey = (uint8_t)(112 + (hash >> 27));
            put(canvas, x, y, (struct color){grey, grey, grey});
        }
    }
}

static void draw_digits(const struct canvas *canvas, int left, int top, int scale, uint32_t number)
{
    /* Five rows of three dots each, from the top left: 15 bits a digit. */
    static const uint16_t font[10] = {0x7B6F, 0x2C97, 0x73E7, 0x73CF, 0x5BC9, 0x79CF, 0x79EF, 0x7249, 0x7BEF, 0x7BCF};
    char text[12];
    int length = snprintf(text, sizeof(text), "%05u", (unsigned)number);

    fill(canvas, left, top, (length * 4 + 1) * scale, 7 * scale, (struct color){16, 16, 16});
    for (int i = 0; i < length; i++)
        for (int dot = 0; dot < 15; dot++)
            if (font[text[i] - '0'] >> (14 - dot) & 1)
                fill(canvas, left + (i * 4 + 1 + dot % 3) * scale, top + (1 + dot / 3) * scale, scale, scale,
                     (struct color){235, 235, 235});
}

static uint32_t scene_block_size(uint32_t width, uint32_t height)
{
    uint32_t size = width / SCENE_BLOCKS;

    if (size > height / 8)
        size = height / 8;
    /* Even, so that blocks do not share a chroma sample; less than 4 pixels would not outlive coding. */
    return size >= 4 ? size / 2 * 2 : 0;
}

static void draw_pattern(const struct canvas *canvas, uint32_t number)
{
    int size = (int)scene_block_size((uint32_t)canvas->width, (uint32_t)canvas->height);

    for (int i = 0; i < SCENE_BLOCKS; i++) {
        bool white = i == 0 || (i >= 2 && number >> (SCENE_BLOCKS - 1 - i) & 1);
        uint8_t grey = white ? 255 : 0;

        fill(canvas, i * size, canvas->height - size, size, size, (struct color){grey, grey, grey});
    }
}

static void scene_draw(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t number, double seconds)
{
    struct canvas canvas = {pixels, (int)width, (int)height};
    int bars = canvas.height / 3;
    int rest = canvas.height - bars;
    double radius = rest / 5.0;
    int box = rest / 6;

    draw_bars(&canvas, bars);
    draw_gradient(&canvas, bars, rest, seconds);
    draw_noise(&canvas, canvas.width * 3 / 4, bars + rest / 8, canvas.width / 5, rest / 4, number);
    draw_circle(&canvas, canvas.width / 2.0 + bounce(seconds * 0.9) * (canvas.width / 2.0 - radius),
                bars + rest / 2.0 + bounce(seconds * 1.7 + 1) * (rest / 2.0 - radius), radius);
    fill(&canvas, (int)((bounce(seconds * 0.6 + 2) + 1) / 2 * (canvas.width - box)),
         bars + (int)((bounce(seconds * 1.1) + 1) / 2 * (rest - box)), box, box, (struct color){30, 60, 220});
    if (canvas.height >= 64)
        draw_digits(&canvas, canvas.width / 40, bars + rest / 12, canvas.height / 64, number);
    draw_pattern(&canvas, number);
}

struct source_scene {
    struct source base;
    uint64_t next;
    uint64_t end;
    struct run run;
};

/* Of the start of a frame. Rounded from the exact time, so that nothing adds up. */
static int64_t time_of(const struct source_scene *scene, uint64_t number)
{
    return llround((double)number * 1e6 / scene->base.info.framerate);
}

static enum source_result scene_next(struct source *source, wcenc_frame **out, struct fault *fault)
{
    struct source_scene *scene = (struct source_scene *)source;
    const struct source_info *info = &source->info;
    uint64_t number = scene->next;
    uint8_t *pixels;
    wcenc_frame_desc desc;

    if (number >= scene->end)
        return SOURCE_END;
    pixels = malloc((size_t)info->width * info->height * 4);
    if (!pixels) {
        fault_set(fault, "out of memory");
        return SOURCE_FAILED;
    }
    scene_draw(pixels, info->width, info->height, (uint32_t)number, (double)number / info->framerate);
    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_RGBA;
    desc.coded_width = info->width;
    desc.coded_height = info->height;
    desc.planes[0] = pixels;
    desc.timestamp_us = time_of(scene, number);
    desc.duration_us = (uint64_t)(time_of(scene, number + 1) - desc.timestamp_us);
    if (wcenc_frame_create_wrap(&desc, free, pixels, out) != WCENC_OK) {
        free(pixels);
        fault_set(fault, "cannot use a drawn frame: %s", wcenc_last_error());
        return SOURCE_FAILED;
    }
    scene->next++;
    return SOURCE_FRAME;
}

static void scene_close(struct source *source)
{
    free(source);
}

/* Gives the part that the options name. */
static bool cut_scene(struct source_scene *scene, const struct options *options, struct fault *fault)
{
    scene->run.group = run_group_length(options, scene->base.info.framerate);
    scene->run.total = scene->base.info.total_frames;
    if (!run_cut(&scene->run, options, fault))
        return false;
    scene->next = scene->run.first;
    scene->end = scene->run.first + scene->run.count;
    scene->base.info.total_frames = scene->run.count;
    scene->base.info.run = &scene->run;
    return true;
}

struct source *source_open_scene(const struct options *options, struct fault *fault)
{
    static const struct source_ops ops = {.next = scene_next, .close = scene_close};
    struct source_scene *scene = calloc(1, sizeof(*scene));
    struct source_info *info;
    double seconds = options->duration > 0 ? options->duration : 5;

    if (!scene) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    scene->base.ops = &ops;
    info = &scene->base.info;
    options_size(options, 1280, 720, 1280.0 / 720, &info->width, &info->height);
    info->display_width = info->width;
    info->display_height = info->height;
    info->framerate = options->framerate > 0 ? options->framerate : 30;
    info->total_frames = (uint64_t)llround(seconds * info->framerate);
    /* Neither limit leaves nothing: one frame there is at least. */
    if (info->total_frames == 0)
        info->total_frames = 1;
    /* Frames asked for without a length are what the length is. */
    if (options->max_frames && (options->duration <= 0 || options->max_frames < info->total_frames))
        info->total_frames = options->max_frames;
    info->bit_depth = 8;
    snprintf(info->name, sizeof(info->name), "test scene");
    snprintf(info->pixels, sizeof(info->pixels), "RGBA, borrowed");
    scene->end = info->total_frames;
    if (!options->groups[1] || cut_scene(scene, options, fault))
        return &scene->base;
    free(scene);
    return NULL;
}
