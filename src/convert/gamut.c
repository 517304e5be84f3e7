/* SPDX-License-Identifier: MIT */

/*
 * Each pixel becomes light, is multiplied by a matrix and becomes levels again. A table has the light of evenly spaced
 * values, between which it is interpolated; another one finds the level, by the light at which each level begins.
 */

#include "gamut.h"

#include <math.h>
#include <string.h>

#include "compiler.h"
#include "rgb.h"

enum {
    LIGHT_STEPS = 1024,  /* far below a hundredth of a level from the curve, PQ's included */
    LEVEL_STEPS = 4096,  /* each of them is shorter than any level, and has the beginning of one at most */
    HIGHEST_LEVEL = 255, /* of the target */
};

static const double white_light = 203, pq_peak_light = 10000, hlg_peak_light = 1000; /* cd/m2 */

struct chromaticity {
    double x, y;
};

static const struct chromaticity d65 = {0.3127, 0.3290};

/* Red, green and blue (H.273, table 2). The first row also stands for what is not listed. */
static const struct primaries {
    wcenc_color_primaries name;
    struct chromaticity colors[3];
} all_primaries[] = {
    {WCENC_COLOR_PRIMARIES_BT709, {{0.640, 0.330}, {0.300, 0.600}, {0.150, 0.060}}},
    {WCENC_COLOR_PRIMARIES_BT470BG, {{0.640, 0.330}, {0.290, 0.600}, {0.150, 0.060}}},
    {WCENC_COLOR_PRIMARIES_BT2020, {{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}}},
    {WCENC_COLOR_PRIMARIES_SMPTE432, {{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}}},
};

struct matrix {
    double rows[3][3];
};

struct gamut {
    float light[LIGHT_STEPS + 1];         /* of the values 0 to 1; 1 is white */
    float from_rgb[3][3];                 /* light of the source to light of the target */
    float luminance[3];                   /* of the source's primaries */
    float begins[HIGHEST_LEVEL + 1];      /* the light at which the level after this one begins */
    uint8_t first_level[LEVEL_STEPS + 1]; /* the level at the beginning of each step */
    bool is_hlg;
};

/* How samples of the source become R, G and B from 0 to 1. */
struct reading {
    float scale, offset;               /* of R, G and B, or of luma */
    float chroma_scale, chroma_middle; /* of U and V, to -0.5 to 0.5 */
    float red_v, green_u, green_v, blue_u;
};

static const struct primaries *primaries_of(const wcenc_color_space *color_space)
{
    for (size_t i = 0; i < ARRAY_LENGTH(all_primaries); i++)
        if (all_primaries[i].name == color_space->primaries)
            return &all_primaries[i];
    return &all_primaries[0];
}

static wcenc_color_transfer transfer_of(const wcenc_color_space *color_space)
{
    switch (color_space->transfer) {
    case WCENC_COLOR_TRANSFER_LINEAR:
    case WCENC_COLOR_TRANSFER_PQ:
    case WCENC_COLOR_TRANSFER_HLG:
        return color_space->transfer;
    default:
        return WCENC_COLOR_TRANSFER_IEC61966_2_1;
    }
}

bool wcenc__gamut_differs(const wcenc_color_space *a, const wcenc_color_space *b)
{
    return primaries_of(a) != primaries_of(b) || transfer_of(a) != transfer_of(b);
}

static double srgb_light(double value)
{
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double pq_light(double value)
{
    static const double m1 = 2610 / 16384.0, m2 = 2523 / 32.0, c1 = 3424 / 4096.0, c2 = 2413 / 128.0, c3 = 2392 / 128.0;
    const double root = pow(value, 1 / m2);

    return pow(fmax(root - c1, 0) / (c2 - c3 * root), 1 / m1) * pq_peak_light / white_light;
}

/* Light of the scene, from 0 to 1. */
static double hlg_light(double value)
{
    static const double a = 0.17883277, b = 0.28466892, c = 0.55991073;

    return value <= 0.5 ? value * value / 3 : (exp((value - c) / a) + b) / 12;
}

static double light_of(wcenc_color_transfer transfer, double value)
{
    switch (transfer) {
    case WCENC_COLOR_TRANSFER_LINEAR:
        return value;
    case WCENC_COLOR_TRANSFER_PQ:
        return pq_light(value);
    case WCENC_COLOR_TRANSFER_HLG:
        return hlg_light(value);
    default:
        return srgb_light(value);
    }
}

static struct matrix inverse(const struct matrix *matrix)
{
    const double(*m)[3] = matrix->rows;
    struct matrix result;
    double determinant = 0;

    for (int i = 0; i < 3; i++) {
        const int a = (i + 1) % 3, b = (i + 2) % 3;

        determinant += m[0][i] * (m[1][a] * m[2][b] - m[1][b] * m[2][a]);
        for (int j = 0; j < 3; j++) {
            const int c = (j + 1) % 3, d = (j + 2) % 3;

            result.rows[i][j] = m[c][a] * m[d][b] - m[c][b] * m[d][a];
        }
    }
    for (int i = 0; i < 9; i++)
        result.rows[i / 3][i % 3] /= determinant;
    return result;
}

static double xyz_of(const struct chromaticity *color, int i)
{
    return (i == 0 ? color->x : i == 1 ? color->y : 1 - color->x - color->y) / color->y;
}

/* R, G and B to X, Y and Z, so that equal parts are white of luminance 1. */
static struct matrix to_xyz(const struct primaries *primaries)
{
    struct matrix colors, solved, result;

    for (int i = 0; i < 9; i++)
        colors.rows[i / 3][i % 3] = xyz_of(&primaries->colors[i % 3], i / 3);
    solved = inverse(&colors);
    for (int column = 0; column < 3; column++) {
        double weight = 0;

        for (int i = 0; i < 3; i++)
            weight += solved.rows[column][i] * xyz_of(&d65, i);
        for (int row = 0; row < 3; row++)
            result.rows[row][column] = colors.rows[row][column] * weight;
    }
    return result;
}

static void set_matrix(struct gamut *gamut, const struct primaries *from, const struct primaries *to)
{
    const struct matrix source = to_xyz(from), target = to_xyz(to), from_xyz = inverse(&target);

    for (int i = 0; i < 3; i++) {
        gamut->luminance[i] = (float)source.rows[1][i];
        for (int j = 0; j < 3; j++) {
            double sum = 0;

            for (int k = 0; k < 3; k++)
                sum += from_xyz.rows[i][k] * source.rows[k][j];
            gamut->from_rgb[i][j] = (float)sum;
        }
    }
}

static void set_up(struct gamut *gamut, const wcenc_color_space *from, const wcenc_color_space *to)
{
    const wcenc_color_transfer transfer = transfer_of(from);
    int level = 0;

    for (int i = 0; i <= LIGHT_STEPS; i++)
        gamut->light[i] = (float)light_of(transfer, i / (double)LIGHT_STEPS);
    set_matrix(gamut, primaries_of(from), primaries_of(to));
    for (int i = 0; i < HIGHEST_LEVEL; i++)
        gamut->begins[i] = (float)srgb_light((i + 0.5) / HIGHEST_LEVEL);
    gamut->begins[HIGHEST_LEVEL] = INFINITY;
    for (int i = 0; i <= LEVEL_STEPS; i++) {
        while ((float)i / LEVEL_STEPS >= gamut->begins[level])
            level++;
        gamut->first_level[i] = (uint8_t)level;
    }
    gamut->is_hlg = transfer == WCENC_COLOR_TRANSFER_HLG;
}

static float limit(float value)
{
    const float positive = value > 0 ? value : 0;

    return positive < 1 ? positive : 1;
}

static float light_at(const struct gamut *gamut, float value)
{
    const float place = limit(value) * LIGHT_STEPS;
    const int step = place < LIGHT_STEPS ? (int)place : LIGHT_STEPS - 1;

    return gamut->light[step] + (place - (float)step) * (gamut->light[step + 1] - gamut->light[step]);
}

static uint8_t level_at(const struct gamut *gamut, float light)
{
    const float within = limit(light);
    const uint8_t level = gamut->first_level[(int)(within * LEVEL_STEPS)];

    return (uint8_t)(level + (within >= gamut->begins[level]));
}

/* From light of the scene to that of a display of 1000 cd/m2 (ITU-R BT.2100). */
static void display_hlg(const struct gamut *gamut, float light[3])
{
    const float *weights = gamut->luminance;
    const float luminance = weights[0] * light[0] + weights[1] * light[1] + weights[2] * light[2];
    const float gain = powf(luminance, 0.2f) * (float)(hlg_peak_light / white_light);

    for (int i = 0; i < 3; i++)
        light[i] *= gain;
}

/* `rgb` becomes levels at places 0 (red), 1 and 2 of `levels`. */
static void convert_pixel(const struct gamut *gamut, const float rgb[3], uint8_t levels[3])
{
    float light[3];

    for (int i = 0; i < 3; i++)
        light[i] = light_at(gamut, rgb[i]);
    if (gamut->is_hlg)
        display_hlg(gamut, light);
    for (int i = 0; i < 3; i++) {
        const float *row = gamut->from_rgb[i];

        levels[i] = level_at(gamut, row[0] * light[0] + row[1] * light[1] + row[2] * light[2]);
    }
}

static struct reading reading_of(const struct picture *source)
{
    const struct pixel_format *format = wcenc__pixel_format(source->format);
    const double unit = 1 << (format->bit_depth - 8), top = (1 << format->bit_depth) - 1;
    const bool full = source->color_space.range != WCENC_COLOR_RANGE_LIMITED;
    double red, blue;

    wcenc__luma_weights(source->color_space.matrix, &red, &blue);
    return (struct reading){
        .scale = (float)(1 / (full ? top : 219 * unit)),
        .offset = (float)(full ? 0 : 16 * unit),
        .chroma_scale = (float)(1 / (full ? top : 224 * unit)),
        .chroma_middle = (float)(128 * unit),
        .red_v = (float)(2 * (1 - red)),
        .green_u = (float)(-2 * (1 - blue) * blue / (1 - red - blue)),
        .green_v = (float)(-2 * (1 - red) * red / (1 - red - blue)),
        .blue_u = (float)(2 * (1 - blue)),
    };
}

static const uint8_t *row_of(const struct picture *picture, int plane, uint32_t y)
{
    return picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane];
}

static float sample_at(const uint8_t *row, uint32_t x, bool is_deep)
{
    uint16_t sample;

    if (!is_deep)
        return row[x];
    memcpy(&sample, row + (size_t)x * sizeof sample, sizeof sample);
    return sample;
}

static void read_ycbcr(const struct picture *source, const struct reading *reading, uint32_t x, uint32_t y,
                       float rgb[3])
{
    const bool is_deep = wcenc__pixel_format(source->format)->bit_depth > 8;
    const float luma = (sample_at(row_of(source, 0, y), x, is_deep) - reading->offset) * reading->scale;
    const float u = (sample_at(row_of(source, 1, y), x, is_deep) - reading->chroma_middle) * reading->chroma_scale;
    const float v = (sample_at(row_of(source, 2, y), x, is_deep) - reading->chroma_middle) * reading->chroma_scale;

    rgb[0] = luma + reading->red_v * v;
    rgb[1] = luma + reading->green_u * u + reading->green_v * v;
    rgb[2] = luma + reading->blue_u * u;
}

static bool blue_comes_first(const struct picture *picture)
{
    return wcenc__pixel_format(picture->format)->opaque == WCENC_PIXEL_FORMAT_BGRX;
}

static void read_rgb(const struct picture *source, const struct reading *reading, uint32_t x, uint32_t y, float rgb[3])
{
    const uint8_t *pixel = row_of(source, 0, y) + 4 * (size_t)x;
    const int red = blue_comes_first(source) ? 2 : 0;

    rgb[0] = (pixel[red] - reading->offset) * reading->scale;
    rgb[1] = (pixel[1] - reading->offset) * reading->scale;
    rgb[2] = (pixel[2 - red] - reading->offset) * reading->scale;
}

void wcenc__gamut_convert(const struct picture *source, const struct picture *target)
{
    const struct reading reading = reading_of(source);
    const bool is_rgb = wcenc__pixel_format(source->format)->is_rgb;
    const int red = blue_comes_first(target) ? 2 : 0;
    struct gamut gamut;

    set_up(&gamut, &source->color_space, &target->color_space);
    for (uint32_t y = 0; y < target->height; y++) {
        uint8_t *to = (uint8_t *)row_of(target, 0, y);

        for (uint32_t x = 0; x < target->width; x++, to += 4) {
            float rgb[3];
            uint8_t levels[3];

            if (is_rgb)
                read_rgb(source, &reading, x, y, rgb);
            else
                read_ycbcr(source, &reading, x, y, rgb);
            convert_pixel(&gamut, rgb, levels);
            to[red] = levels[0];
            to[1] = levels[1];
            to[2 - red] = levels[2];
        }
    }
}
