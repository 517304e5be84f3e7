/* SPDX-License-Identifier: MIT */

/*
 * The test scene: I420, which needs no conversion. What stands still is drawn once; each picture is a copy of it with a
 * disc and a box that bounce, a patch of noise, a clock, and the pattern of pattern.h.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffers.h"
#include "check.h"
#include "pattern.h"
#include "source.h"

struct canvas {
    unsigned char *planes[3];
    int width;
    int height;
};

struct color {
    unsigned char y, u, v;
};

struct scene {
    struct source base;
    struct buffer buffers[BUFFER_COUNT];
    unsigned char *still;
    size_t size;
    uint32_t number;
    double first_seconds;
};

static const struct color white = {235, 128, 128}, black = {16, 128, 128}, amber = {178, 44, 160}, blue = {95, 190, 90};

static unsigned char *plane_of(const struct canvas *canvas, int plane, int x, int y)
{
    int stride = plane == 0 ? canvas->width : canvas->width / 2;

    return canvas->planes[plane] + (ptrdiff_t)y * stride + x;
}

static struct canvas canvas_of(const struct scene *scene, unsigned char *bytes)
{
    size_t luma = (size_t)scene->base.width * scene->base.height;

    return (struct canvas){
        {bytes, bytes + luma, bytes + luma / 4 * 5}, (int)scene->base.width, (int)scene->base.height};
}

/* BT.709 in limited range, of red, green and blue from 0 to 1. */
static struct color from_rgb(double r, double g, double b)
{
    double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;

    return (struct color){(unsigned char)lround(16 + 219 * y), (unsigned char)lround(128 + 224 * (b - y) / 1.8556),
                          (unsigned char)lround(128 + 224 * (r - y) / 1.5748)};
}

/* All even: chroma has half the size. What is outside of the picture is left out. */
static void fill(const struct canvas *canvas, int left, int top, int width, int height, struct color color)
{
    int right = left + width, bottom = top + height;

    left = left < 0 ? 0 : left & ~1;
    top = top < 0 ? 0 : top & ~1;
    right = right > canvas->width ? canvas->width : right & ~1;
    bottom = bottom > canvas->height ? canvas->height : bottom & ~1;
    if (right <= left)
        return;
    for (int y = top; y < bottom; y++)
        memset(plane_of(canvas, 0, left, y), color.y, (size_t)(right - left));
    for (int y = top / 2; y < bottom / 2; y++) {
        memset(plane_of(canvas, 1, left / 2, y), color.u, (size_t)(right - left) / 2);
        memset(plane_of(canvas, 2, left / 2, y), color.v, (size_t)(right - left) / 2);
    }
}

/* Chroma in steps of two pixels, luma in steps of one, so that the edge looks smooth. */
static void fill_disc(const struct canvas *canvas, int x, int y, int radius, struct color color)
{
    x &= ~1;
    y &= ~1;
    for (int row = -radius & ~1; row < radius; row++) {
        int half = (int)sqrt((double)radius * radius - (row + .5) * (row + .5));

        memset(plane_of(canvas, 0, x - half, y + row), color.y, (size_t)(2 * half));
        if (row % 2 != 0)
            continue;
        memset(plane_of(canvas, 1, (x - half) / 2, (y + row) / 2), color.u, (size_t)half);
        memset(plane_of(canvas, 2, (x - half) / 2, (y + row) / 2), color.v, (size_t)half);
    }
}

static void draw_text(const struct canvas *canvas, int left, int top, int scale, const char *text)
{
    /* Five rows of three dots each, from the top left. */
    static const uint16_t digits[10] = {0x7B6F, 0x2C97, 0x73E7, 0x73CF, 0x5BC9, 0x79CF, 0x79EF, 0x7249, 0x7BEF, 0x7BCF};

    for (; *text; text++, left += 4 * scale) {
        uint16_t dots = *text == ':' ? 0x0410 : *text == '.' ? 0x0002 : 0;

        if (*text >= '0' && *text <= '9')
            dots = digits[*text - '0'];
        for (int dot = 0; dot < 15; dot++)
            if (dots >> (14 - dot) & 1)
                fill(canvas, left + dot % 3 * scale, top + dot / 3 * scale, scale, scale, white);
    }
}

/* A gradient from deep blue to violet, under bars of colour and a scale of greys. */
static void draw_still(const struct canvas *canvas)
{
    static const double bars[8][3] = {{.75, .75, .75}, {.75, .75, 0}, {0, .75, .75}, {0, .75, 0},
                                      {.75, 0, .75},   {.75, 0, 0},   {0, 0, .75},   {.1, .1, .1}};
    int bar = canvas->width / 8 & ~1, height = canvas->height / 6 & ~1;

    for (int y = 0; y < canvas->height; y += 2) {
        for (int x = 0; x < canvas->width; x += 2) {
            double across = (double)x / canvas->width, down = (double)y / canvas->height;

            fill(canvas, x, y, 2, 2, from_rgb(.05 + .3 * across * down, .08 + .12 * (1 - down), .2 + .25 * across));
        }
    }
    for (int i = 0; i < 8; i++) {
        double grey = i / 7.0;

        fill(canvas, i * bar, 0, i == 7 ? canvas->width : bar, height, from_rgb(bars[i][0], bars[i][1], bars[i][2]));
        fill(canvas, i * bar, height, i == 7 ? canvas->width : bar, height / 3, from_rgb(grey, grey, grey));
    }
}

/* As hard to predict as a camera's. */
static void draw_noise(const struct canvas *canvas, int left, int top, int width, int height, uint32_t number)
{
    uint32_t state = number * 2654435761u + 1;

    for (int y = top; y < top + height; y++) {
        unsigned char *row = plane_of(canvas, 0, left, y);

        for (int x = 0; x < width; x++) {
            state = state * 1664525u + 1013904223u;
            row[x] = (unsigned char)(row[x] + (state >> 28));
        }
    }
}

/* From 0 to 1 and back, like what bounces between two walls. */
static double bounce(double t)
{
    return fabs(fmod(t, 2) - 1);
}

static void draw_clock(const struct canvas *canvas, int64_t now_us)
{
    char text[32];
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm local;
    int scale = canvas->height / 60 & ~1;

    if (scale < 2 || !localtime_r(&seconds, &local))
        return;
    snprintf(text, sizeof(text), "%02u:%02u:%02u.%03u", (unsigned)local.tm_hour % 100, (unsigned)local.tm_min % 100,
             (unsigned)local.tm_sec % 100, (unsigned)(now_us / 1000 % 1000));
    draw_text(canvas, canvas->width / 20 & ~1, canvas->height * 2 / 5 & ~1, scale, text);
}

static void draw_pattern(const struct canvas *canvas, uint32_t number, int64_t now_us)
{
    int size = (int)pattern_block_size((uint32_t)canvas->width, (uint32_t)canvas->height);

    for (unsigned i = 0; i < PATTERN_BLOCKS; i++)
        fill(canvas, (int)i * size, canvas->height - size, size, size,
             pattern_is_white(i, number, now_us) ? white : black);
}

static void draw_moving(const struct scene *scene, const struct canvas *canvas, int64_t now_us)
{
    double seconds = (double)now_us / 1e6 - scene->first_seconds;
    int width = canvas->width, height = canvas->height, radius = height / 9, box = height / 8;
    int top = height / 3, bottom = height - height / 8;

    draw_noise(canvas, width * 3 / 4, height * 2 / 5, width / 5, height / 4, scene->number);
    fill_disc(canvas, radius + (int)(bounce(seconds * .31) * (width - 2 * radius)),
              top + radius + (int)(bounce(seconds * .47) * (bottom - top - 2 * radius)), radius, amber);
    fill(canvas, (int)(bounce(seconds * .23 + .5) * (width - box)),
         top + (int)(bounce(seconds * .37 + .3) * (bottom - top - box)), box, box, blue);
    draw_clock(canvas, now_us);
    draw_pattern(canvas, scene->number, now_us);
}

static wcenc_frame *scene_capture(struct source *source, int64_t timestamp_us, int64_t now_us)
{
    struct scene *scene = (struct scene *)source;
    struct buffer *buffer = buffer_take(scene->buffers);
    struct canvas canvas;
    wcenc_frame_desc desc;
    wcenc_frame *frame;

    if (!buffer)
        return NULL;
    scene->number++;
    memcpy(buffer->bytes, scene->still, scene->size);
    canvas = canvas_of(scene, buffer->bytes);
    draw_moving(scene, &canvas, now_us);
    wcenc_frame_desc_init(&desc, sizeof(desc));
    desc.format = WCENC_PIXEL_FORMAT_I420;
    desc.coded_width = source->width;
    desc.coded_height = source->height;
    desc.data = buffer->bytes;
    desc.data_size = scene->size;
    desc.timestamp_us = timestamp_us;
    check(wcenc_frame_create_wrap(&desc, buffer_release, buffer, &frame), "frame");
    return frame;
}

static void scene_close(struct source *source)
{
    struct scene *scene = (struct scene *)source;

    for (int i = 0; i < BUFFER_COUNT; i++)
        free(scene->buffers[i].bytes);
    free(scene->still);
    free(scene);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory)
        fail("scene", "out of memory");
    return memory;
}

struct source *source_open_scene(uint32_t width, uint32_t height)
{
    static const struct source_ops ops = {scene_capture, scene_close};
    struct scene *scene = allocate(sizeof(*scene));
    struct timespec now;
    struct canvas canvas;

    scene->base = (struct source){&ops, width, height};
    scene->size = (size_t)width * height / 2 * 3;
    scene->still = allocate(scene->size);
    for (int i = 0; i < BUFFER_COUNT; i++)
        scene->buffers[i].bytes = allocate(scene->size);
    clock_gettime(CLOCK_REALTIME, &now);
    scene->first_seconds = (double)now.tv_sec;
    canvas = canvas_of(scene, scene->still);
    draw_still(&canvas);
    return &scene->base;
}
