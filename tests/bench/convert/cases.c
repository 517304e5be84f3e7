/* SPDX-License-Identifier: MIT */

/* What is converted, and the ways to do it. */

#define _POSIX_C_SOURCE 200809L

#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libswscale/swscale.h>

#include "convert.h"
#include "kernel.h"
#include "map.h"

#define ID(format) WCENC_PIXEL_FORMAT_##format

const struct bench_case bench_cases[] = {
    {"RGBA to I420", ID(RGBA), ID(I420), 1, 1},        {"BGRA to I420", ID(BGRA), ID(I420), 1, 1},
    {"RGBA to NV12", ID(RGBA), ID(NV12), 1, 1},        {"BGRX to NV12", ID(BGRX), ID(NV12), 1, 1},
    {"NV21 to I420", ID(NV21), ID(I420), 1, 1},        {"P010 to I420P10", ID(P010), ID(I420P10), 1, 1},
    {"YUYV to I420", ID(YUYV), ID(I420), 1, 1},        {"BGR24 to I420", ID(BGR24), ID(I420), 1, 1},
    {"RGBA to I444", ID(RGBA), ID(I444), 1, 1},        {"I420 to I420P10", ID(I420), ID(I420P10), 1, 1},
    {"I422 to I422P10", ID(I422), ID(I422P10), 1, 1},  {"I444 to I444P10", ID(I444), ID(I444P10), 1, 1},
    {"NV12 to I420", ID(NV12), ID(I420), 1, 1},        {"I420 to NV12", ID(I420), ID(NV12), 1, 1},
    {"I420 to 1/2", ID(I420), ID(I420), 1, 2},         {"I420 to 2/3", ID(I420), ID(I420), 2, 3},
    {"I420 to 4/9", ID(I420), ID(I420), 4, 9},         {"I420 to 1/4", ID(I420), ID(I420), 1, 4},
    {"NV12 to 2/3", ID(NV12), ID(NV12), 2, 3},         {"RGBA to I420 at 1/2", ID(RGBA), ID(I420), 1, 2},
    {"RGBA to I420 at 2/3", ID(RGBA), ID(I420), 2, 3},
};

const unsigned bench_case_count = sizeof bench_cases / sizeof bench_cases[0];

/* What a way needs: some of it, by the way. */
struct workbench {
    struct picture source, target;
    struct SwsContext *scaler;
    struct converter *converter;
};

/* The time of this thread alone: others on the machine cost a round less of its worth. */
static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Noise, in samples that the depth has room for. */
static void fill(struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    uint32_t state = 1;

    for (int plane = 0; plane < format->plane_count; plane++) {
        const size_t bytes = (size_t)picture->strides[plane] * wcenc__plane_height(format, plane, picture->height);
        uint8_t *bytes_of_plane = (uint8_t *)picture->planes[plane];

        for (size_t i = 0; i < bytes; i++) {
            state = state * 1664525 + 1013904223;
            bytes_of_plane[i] = (uint8_t)(format->bit_depth > 8 && i % 2 ? state >> 31 : state >> 24);
        }
    }
}

/* BT.709, limited range. */
static struct SwsContext *create_scaler(const struct picture *from, const struct picture *to)
{
    const int *matrix = sws_getCoefficients(SWS_CS_ITU709);
    struct SwsContext *scaler =
        sws_getContext((int)from->width, (int)from->height, wcenc__lavc_pixel_format(from->format), (int)to->width,
                       (int)to->height, wcenc__lavc_pixel_format(to->format), SWS_BILINEAR, NULL, NULL, NULL);

    if (scaler)
        sws_setColorspaceDetails(scaler, matrix, wcenc__pixel_format(from->format)->is_rgb, matrix, 0, 0, 1 << 16,
                                 1 << 16);
    return scaler;
}

/* NULL for ways without kernels, and for those that the CPU lacks. */
static const struct kernels *kernels_of(enum way way)
{
    switch (way) {
    case WAY_C:
        return &wcenc__kernels_c;
    case WAY_NEON:
        return wcenc__kernels_neon();
    case WAY_SSE41:
        return wcenc__kernels_sse41();
    case WAY_AVX2:
        return wcenc__kernels_avx2();
    default:
        return NULL;
    }
}

static bool is_possible(enum way way)
{
    return way < WAY_C || way > WAY_AVX2 || kernels_of(way);
}

static bool set_up(struct workbench *bench, enum way way)
{
    switch (way) {
    case WAY_SWSCALE:
        bench->scaler = create_scaler(&bench->source, &bench->target);
        return bench->scaler;
    case WAY_MEMCPY:
        return true;
    default:
        bench->converter = wcenc__converter_create_with(kernels_of(way));
        return bench->converter;
    }
}

static void clear_up(struct workbench *bench)
{
    sws_freeContext(bench->scaler);
    wcenc__converter_destroy(bench->converter);
    bench->scaler = NULL;
    bench->converter = NULL;
}

static bool scale(const struct workbench *bench)
{
    const uint8_t *from[PLANES_MAX];
    uint8_t *to[PLANES_MAX];
    int from_strides[PLANES_MAX], to_strides[PLANES_MAX];

    for (int plane = 0; plane < PLANES_MAX; plane++) {
        from[plane] = bench->source.planes[plane];
        from_strides[plane] = (int)bench->source.strides[plane];
        to[plane] = (uint8_t *)bench->target.planes[plane];
        to_strides[plane] = (int)bench->target.strides[plane];
    }
    return sws_scale(bench->scaler, from, from_strides, 0, (int)bench->source.height, to, to_strides) >= 0;
}

/* Copies the planes of the source to `room`: what reading and writing that much costs by itself. */
static bool copy(const struct workbench *bench, uint8_t *room)
{
    const struct pixel_format *format = wcenc__pixel_format(bench->source.format);

    for (int plane = 0; plane < format->plane_count; plane++) {
        const size_t bytes =
            (size_t)bench->source.strides[plane] * wcenc__plane_height(format, plane, bench->source.height);

        memcpy(room, bench->source.planes[plane], bytes);
        room += bytes;
    }
    return true;
}

static bool convert_once(struct workbench *bench, enum way way, uint8_t *room)
{
    switch (way) {
    case WAY_SWSCALE:
        return scale(bench);
    case WAY_MEMCPY:
        return copy(bench, room);
    default:
        return wcenc__convert(bench->converter, &bench->source, &bench->target, NULL);
    }
}

/* One value of every way. Setting up is not timed: it is done once a stream. */
static bool run_round(struct workbench benches[WAY_COUNT], uint8_t *room, const struct options *options,
                      struct result *result)
{
    for (enum way way = 0; way < WAY_COUNT; way++) {
        struct times *times = &result->ways[way];
        double began;

        if (!is_possible(way))
            continue;
        if (!convert_once(&benches[way], way, room))
            return false;
        began = now_ms();
        for (unsigned i = 0; i < options->repeats; i++)
            if (!convert_once(&benches[way], way, room))
                return false;
        times->ms[times->rounds++] = (now_ms() - began) / options->repeats;
    }
    return true;
}

static bool run_rounds(const struct picture *source, const struct picture *target, const struct options *options,
                       struct result *result)
{
    struct picture copy = {0};
    struct workbench benches[WAY_COUNT];
    bool done = wcenc__pixels_create(source->format, source->width, source->height, &copy);

    for (enum way way = 0; way < WAY_COUNT; way++) {
        benches[way] = (struct workbench){.source = *source, .target = *target};
        done = done && set_up(&benches[way], way);
    }
    for (unsigned round = 0; round < options->rounds && done; round++)
        done = run_round(benches, (uint8_t *)copy.planes[0], options, result);
    for (enum way way = 0; way < WAY_COUNT; way++)
        clear_up(&benches[way]);
    wcenc__pixels_unref(copy.pixels);
    return done;
}

bool bench_run(const struct bench_case *bench_case, const struct options *options, struct result *result)
{
    const wcenc_color_space bt709 = {WCENC_COLOR_PRIMARIES_BT709, WCENC_COLOR_TRANSFER_BT709, WCENC_COLOR_MATRIX_BT709,
                                     WCENC_COLOR_RANGE_LIMITED};
    struct picture source = {0}, target = {0};
    bool done;

    *result = (struct result){
        .bench_case = bench_case,
        .from_width = options->width,
        .from_height = options->height,
        .to_width = options->width * bench_case->num / bench_case->den,
        .to_height = options->height * bench_case->num / bench_case->den,
    };
    done = wcenc__pixels_create(bench_case->from, result->from_width, result->from_height, &source) &&
           wcenc__pixels_create(bench_case->to, result->to_width, result->to_height, &target);
    if (done) {
        source.color_space = target.color_space = bt709;
        fill(&source);
        done = run_rounds(&source, &target, options, result);
    }
    wcenc__pixels_unref(source.pixels);
    wcenc__pixels_unref(target.pixels);
    if (!done)
        fprintf(stderr, "%s: no memory, or no such conversion\n", bench_case->name);
    return done;
}
