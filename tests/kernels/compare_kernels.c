/* SPDX-License-Identifier: MIT */

/*
 * compare_kernels [NAME...]: every set of row kernels that the CPU runs against the one in C, at every width up to
 * several blocks, in rows that end or begin where memory does. Fails if a set that is named is not there. It needs
 * neither FFmpeg nor cmocka, so that a cross compiler can build it (check_neon.sh).
 */

#define _DEFAULT_SOURCE

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"
#include "scale.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { WIDTH_MAX = 150, INS = 6, OUTS = 4, VARIANTS = 4, FILLER = 0xa5 };

/* A page between two that nobody may touch. */
static uint8_t *in_pages[INS], *out_pages[2][OUTS];
static size_t page_size;

static uint8_t *create_page(void)
{
    uint8_t *pages = mmap(NULL, 3 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED || mprotect(pages + page_size, page_size, PROT_READ | PROT_WRITE) != 0) {
        perror("pages");
        exit(1);
    }
    return pages + page_size;
}

static void create_pages(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < INS; i++)
        in_pages[i] = create_page();
    for (int i = 0; i < 2 * OUTS; i++)
        out_pages[i / OUTS][i % OUTS] = create_page();
}

/* Xorshift; the same numbers in every run. */
static uint32_t next_random(void)
{
    static uint32_t state = 1;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Bytes of any value; of 0 and 255; all of 0 but one within the rows, whether these end or begin where the page does.
 */
enum content { CONTENT_NOISE, CONTENT_EXTREMES, CONTENT_SPARSE, CONTENT_COUNT };

static void fill(enum content content, size_t width)
{
    for (int i = 0; i < INS; i++) {
        const size_t at = next_random() % width;

        if (content == CONTENT_SPARSE) {
            memset(in_pages[i], 0, page_size);
            in_pages[i][at] = in_pages[i][page_size - 1 - at] = 255;
            continue;
        }
        for (size_t n = 0; n < page_size; n++)
            in_pages[i][n] = (uint8_t)(content == CONTENT_NOISE ? next_random() >> 16 : next_random() >> 31 ? 255 : 0);
    }
}

/* One run of a kernel. */
struct run {
    const uint8_t *in[INS];
    uint8_t *out[OUTS];
    size_t width;
    unsigned variant;
};

/* Kr and Kb of H.273; the coefficients as the library computes them. */
static struct rgb_matrix matrix_of(unsigned variant)
{
    static const double weights[VARIANTS][2] = {{0.2126, 0.0722}, {0.299, 0.114}, {0.2627, 0.0593}, {0.299, 0.114}};
    const double red = weights[variant][0], blue = weights[variant][1], green = 1 - red - blue;
    const double luma = (variant % 2 ? 1 : 219 / 255.0) * (1 << MATRIX_BITS);
    const double chroma = (variant % 2 ? 1 : 224 / 255.0) * (1 << MATRIX_BITS) / 2;
    struct rgb_matrix matrix = {.y_offset = variant % 2 ? 0 : 16};

    matrix.y[0] = (int16_t)lround(luma * red);
    matrix.y[1] = (int16_t)lround(luma * green);
    matrix.y[2] = (int16_t)(lround(luma) - matrix.y[0] - matrix.y[1]);
    matrix.u[0] = (int16_t)lround(chroma * -red / (1 - blue));
    matrix.u[2] = (int16_t)lround(chroma);
    matrix.u[1] = (int16_t)(-matrix.u[0] - matrix.u[2]);
    matrix.v[0] = (int16_t)lround(chroma);
    matrix.v[2] = (int16_t)lround(chroma * -blue / (1 - red));
    matrix.v[1] = (int16_t)(-matrix.v[0] - matrix.v[2]);
    return matrix;
}

/* With `before` pixels of the same rows before the first. */
static void run_rgb(rgb_kernel *kernel, const struct run *run, size_t before)
{
    const struct rgb_matrix matrix = matrix_of(run->variant);
    const struct rgb_rows rows = {.pixels = {run->in[0] + 4 * before, run->in[1] + 4 * before},
                                  .y = {run->out[0], run->out[1]},
                                  .u = run->out[2],
                                  .v = run->out[3],
                                  .continues = before > 0};

    kernel(&matrix, &rows, run->width - before);
}

static void i420_left(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_i420_left, run, 0);
}

static void i420_left_continued(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_i420_left, run, 1);
}

static void nv12_left(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_nv12_left, run, 0);
}

static void i420_center(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_i420_center, run, 0);
}

static void nv12_center(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_nv12_center, run, 0);
}

static void i444(const struct kernels *kernels, const struct run *run)
{
    run_rgb(kernels->rgb_to_i444, run, 0);
}

static void expand(const struct kernels *kernels, const struct run *run)
{
    kernels->expand(run->in[0], run->out[0], run->width);
}

static void has_bits(const struct kernels *kernels, const struct run *run)
{
    static const uint16_t bits[VARIANTS] = {0xfc00, 0xf000, 0x0001, 0x8000};

    run->out[0][0] = kernels->has_bits(run->in[0], run->width, bits[run->variant]);
}

static void limit(const struct kernels *kernels, const struct run *run)
{
    static const uint16_t most[VARIANTS] = {1023, 4095, 0x8000, 0xffff};

    kernels->limit(run->in[0], run->out[0], run->width, most[run->variant]);
}

/* To 10 and 12 bits, of limited range and chroma of full range. */
static void widen(const struct kernels *kernels, const struct run *run)
{
    static const struct widening widenings[VARIANTS] = {
        {16384, 2048, 12}, {16432, -4120, 12}, {16384, 512, 10}, {16444, -7198, 10}};

    kernels->widen(&widenings[run->variant], run->in[0], run->out[0], run->width);
}

static void interleave(const struct kernels *kernels, const struct run *run)
{
    kernels->interleave(run->in[0], run->in[1], run->out[0], run->width);
}

static void deinterleave(const struct kernels *kernels, const struct run *run)
{
    kernels->deinterleave(run->in[0], run->out[0], run->out[1], run->width);
}

static void lower(const struct kernels *kernels, const struct run *run)
{
    kernels->lower(run->in[0], run->out[0], run->width);
}

static void lower_pairs(const struct kernels *kernels, const struct run *run)
{
    kernels->lower_pairs(run->in[0], run->out[0], run->out[1], run->width);
}

static void split_pairs(const struct kernels *kernels, const struct run *run)
{
    kernels->split_pairs(run->in[0], run->out[0], run->out[1], run->out[2], run->width, run->variant % 2);
}

static void add_fourth(const struct kernels *kernels, const struct run *run)
{
    kernels->add_fourth(run->in[0], run->out[0], run->width);
}

static void halve(const struct kernels *kernels, const struct run *run)
{
    kernels->halve(run->in[0], run->in[1], run->out[0], run->width);
}

static void halve_left(const struct kernels *kernels, const struct run *run)
{
    kernels->halve_left(run->in[0], run->in[1], run->out[0], run->width);
}

static void blend_rows(const struct kernels *kernels, const struct run *run)
{
    static const int16_t weights[VARIANTS][INS] = {
        {8192, 8192}, {16384, 0}, {1, 5000, 11000, 383}, {16000, 1, 2, 3, 300, 78}};
    static const size_t counts[VARIANTS] = {2, 2, 4, 6};

    kernels->blend_rows(run->in, weights[run->variant], counts[run->variant], (int16_t *)(void *)run->out[0],
                        run->width);
}

/* Bytes of a row: so many for each group of columns that has begun. */
struct row_size {
    uint8_t bytes, columns;
};

static const struct kernel {
    const char *name;
    void (*run)(const struct kernels *kernels, const struct run *run);
    unsigned variants;
    struct row_size in; /* of each input */
    struct row_size out[OUTS];
} all_kernels[] = {
    {"rgb_to_i420_left", i420_left, 4, {4, 1}, {{1, 1}, {1, 1}, {1, 2}, {1, 2}}},
    {"rgb_to_i420_left, continued", i420_left_continued, 1, {4, 1}, {{1, 1}, {1, 1}, {1, 2}, {1, 2}}},
    {"rgb_to_nv12_left", nv12_left, 4, {4, 1}, {{1, 1}, {1, 1}, {2, 2}}},
    {"rgb_to_i420_center", i420_center, 4, {4, 1}, {{1, 1}, {1, 1}, {1, 2}, {1, 2}}},
    {"rgb_to_nv12_center", nv12_center, 4, {4, 1}, {{1, 1}, {1, 1}, {2, 2}}},
    {"rgb_to_i444", i444, 4, {4, 1}, {{1, 1}, {0, 1}, {1, 1}, {1, 1}}},
    {"expand", expand, 1, {1, 1}, {{1, 1}}},
    {"has_bits", has_bits, 4, {2, 1}, {{1, 1}}},
    {"limit", limit, 4, {2, 1}, {{2, 1}}},
    {"widen", widen, 4, {1, 1}, {{2, 1}}},
    {"interleave", interleave, 1, {1, 1}, {{2, 1}}},
    {"deinterleave", deinterleave, 1, {2, 1}, {{1, 1}, {1, 1}}},
    {"lower", lower, 1, {2, 1}, {{2, 1}}},
    {"lower_pairs", lower_pairs, 1, {4, 1}, {{2, 1}, {2, 1}}},
    {"split_pairs", split_pairs, 2, {4, 1}, {{2, 1}, {1, 1}, {1, 1}}},
    {"add_fourth", add_fourth, 1, {3, 1}, {{4, 1}}},
    {"halve", halve, 1, {1, 1}, {{1, 2}}},
    {"halve_left", halve_left, 1, {1, 1}, {{1, 2}}},
    {"blend_rows", blend_rows, 4, {1, 1}, {{2, 1}}},
};

static size_t offset_of(struct row_size size, size_t width, bool at_end)
{
    return at_end ? page_size - (width + size.columns - 1) / size.columns * size.bytes : 0;
}

static void run_kernel(const struct kernel *kernel, const struct kernels *kernels, struct run *run, bool at_end,
                       uint8_t *const pages[OUTS])
{
    for (int i = 0; i < INS; i++)
        run->in[i] = in_pages[i] + offset_of(kernel->in, run->width, at_end);
    for (int i = 0; i < OUTS && kernel->out[i].columns; i++) {
        memset(pages[i], FILLER, page_size);
        run->out[i] = pages[i] + offset_of(kernel->out[i], run->width, at_end);
    }
    kernel->run(kernels, run);
}

/* Whole pages are compared, so that nothing else may be written either. */
static bool compare_kernel(const struct kernel *kernel, const struct kernels *kernels, struct run *run, bool at_end)
{
    run_kernel(kernel, &wcenc__kernels_c, run, at_end, out_pages[0]);
    run_kernel(kernel, kernels, run, at_end, out_pages[1]);
    for (int i = 0; i < OUTS && kernel->out[i].columns; i++)
        if (memcmp(out_pages[0][i], out_pages[1][i], page_size) != 0) {
            printf("FAILED: %s, %s, width %zu, variant %u, at the %s of memory: row %d is another than in C\n",
                   kernels->name, kernel->name, run->width, run->variant, at_end ? "end" : "start", i);
            return false;
        }
    return true;
}

static bool compare_rows(const struct kernels *kernels)
{
    bool good = true;

    for (size_t width = 1; width <= WIDTH_MAX; width++)
        for (enum content content = 0; content < CONTENT_COUNT; content++) {
            fill(content, width);
            for (size_t k = 0; k < COUNT(all_kernels); k++)
                for (unsigned n = 0; n < 2 * all_kernels[k].variants && good; n++) {
                    struct run run = {.width = width, .variant = n / 2};

                    good = compare_kernel(&all_kernels[k], kernels, &run, n % 2);
                }
        }
    return good;
}

/* The planes of a picture, one in each page. */
static struct picture picture_in(uint8_t *const pages[], uint32_t width, uint32_t height)
{
    return (struct picture){.format = WCENC_PIXEL_FORMAT_I444,
                            .width = width,
                            .height = height,
                            .planes = {pages[0], pages[1], pages[2]},
                            .strides = {(ptrdiff_t)width, (ptrdiff_t)width, (ptrdiff_t)width}};
}

/* Columns become fewer by filters of one load, of two and of four, with few taps and with many. */
static bool compare_scaling(const struct kernels *kernels)
{
    bool good = true;

    for (uint32_t width = 1; width <= 97 && good; width += width < 66 ? 1 : 7) {
        struct picture from = picture_in(in_pages, 100, 9), to[2];
        struct area_scaler *scaler;

        fill(width % 2 ? CONTENT_NOISE : CONTENT_EXTREMES, width);
        for (int i = 0; i < 2; i++) {
            to[i] = picture_in(out_pages[i], width, 1 + width % 8);
            for (int plane = 0; plane < 3; plane++)
                memset(out_pages[i][plane], FILLER, page_size);
        }
        scaler = wcenc__area_scaler_create(&from, &to[0]);
        if (!scaler)
            return false;
        wcenc__area_scale(scaler, &wcenc__kernels_c, &from, &to[0]);
        wcenc__area_scale(scaler, kernels, &from, &to[1]);
        wcenc__area_scaler_destroy(scaler);
        for (int plane = 0; plane < 3; plane++)
            good = good && memcmp(out_pages[0][plane], out_pages[1][plane], page_size) == 0;
        if (!good)
            printf("FAILED: %s, 100 columns scaled to %u are others than in C\n", kernels->name, width);
    }
    return good;
}

static bool is_in(const struct kernels *const sets[], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(sets[i]->name, name) == 0)
            return true;
    printf("FAILED: there is no set \"%s\" here\n", name);
    return false;
}

int main(int argc, char **argv)
{
    const struct kernels *sets[KERNEL_SETS_MAX];
    const size_t count = wcenc__kernel_sets(sets);
    bool good = true;

    create_pages();
    for (int i = 1; i < argc; i++)
        good = is_in(sets, count, argv[i]) && good;
    for (size_t i = 1; i < count; i++) {
        const bool is_same = compare_rows(sets[i]) && compare_scaling(sets[i]);

        printf("%s %s\n", sets[i]->name, is_same ? "agrees with C" : "differs from C");
        good = good && is_same;
    }
    return good ? 0 : 1;
}
