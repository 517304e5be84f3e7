/* SPDX-License-Identifier: MIT */

/* Draws the test scene. Written to be read rather than for speed, which is several times that of encoding anyway. */

#include "scene_draw.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

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

uint32_t scene_block_size(uint32_t width, uint32_t height)
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

void scene_draw(uint8_t *pixels, uint32_t width, uint32_t height, uint32_t number, double seconds)
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
