/* SPDX-License-Identifier: MIT */

/* --compare: frames of the source beside those of the result, through libavfilter's psnr and ssim. */

#include "compare.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_map.h"
#include "interrupt.h"
#include "plot.h"
#include "progress.h"
#include "sheet.h"
#include "source.h"

struct comparison {
    struct source *source;
    struct source *result;
    struct options result_options;
    struct notes ignored;   /* what opening the result would say */
    AVFilterGraph *graph;   /* NULL before the first frame */
    AVFilterContext *in[2]; /* result, source */
    AVFilterContext *out;
    struct sheet sheet;
    struct plot_point *points;
    size_t count;
    size_t size;
    size_t total; /* that are expected */
    double error; /* sums over frames */
    double ssim;
    double peak; /* the greatest value of a sample */
};

/* The name without its extension, and another one. */
static char *make_name(const char *output, const char *extension)
{
    const char *slash = strrchr(output, '/');
    const char *name = slash ? slash + 1 : output;
    const char *dot = strrchr(name, '.');
    size_t length = dot && dot > name ? (size_t)(dot - output) : strlen(output);
    char *made = malloc(length + strlen(extension) + 1);

    if (made) {
        memcpy(made, output, length);
        strcpy(made + length, extension);
    }
    return made;
}

bool compare_open(struct compare *compare, const struct options *options, struct fault *fault)
{
    memset(compare, 0, sizeof(*compare));
    compare->sheet.fd = compare->plot.fd = -1;
    if (!options->compare)
        return true;
    compare->enabled = true;
    compare->sheet_path = make_name(options->output, ".compare.png");
    compare->plot_path = make_name(options->output, ".compare.svg");
    if (!compare->sheet_path || !compare->plot_path)
        return fault_set(fault, "out of memory");
    return outfile_open(&compare->sheet, compare->sheet_path, options->input, options->overwrite, fault) &&
           outfile_open(&compare->plot, compare->plot_path, options->input, options->overwrite, fault);
}

void compare_close(struct compare *compare, bool keep, struct fault *fault)
{
    if (!compare->enabled)
        return;
    keep = keep && compare->frames;
    keep = outfile_close(&compare->sheet, keep, fault) && keep;
    outfile_close(&compare->plot, keep, fault);
}

void compare_free(struct compare *compare)
{
    free(compare->sheet_path);
    free(compare->plot_path);
}

static const char *matrix_name(const AVFrame *frame)
{
    switch (frame->colorspace) {
    case AVCOL_SPC_BT709:
        return "bt709";
    case AVCOL_SPC_BT2020_NCL:
        return "bt2020";
    default:
        return "bt601";
    }
}

static int add_input(struct comparison *comparison, int index, const AVFrame *frame)
{
    char arguments[120];
    const char *name = index ? "source" : "result";

    snprintf(arguments, sizeof(arguments), "video_size=%dx%d:pix_fmt=%d:time_base=1/1", frame->width, frame->height,
             frame->format);
    return avfilter_graph_create_filter(&comparison->in[index], avfilter_get_by_name("buffer"), name, arguments, NULL,
                                        comparison->graph);
}

/* The source takes the size, format and colours of the result, as the encoder's input did. */
static int link_filters(struct comparison *comparison, const AVFrame *result)
{
    AVFilterInOut *inputs = avfilter_inout_alloc();
    AVFilterInOut *outputs = avfilter_inout_alloc();
    AVFilterInOut *second = avfilter_inout_alloc();
    char chain[320];
    int code = AVERROR(ENOMEM);

    snprintf(chain, sizeof(chain),
             "[source]scale=%d:%d:flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=%s:out_range=%s,"
             "format=%s,split[s1][s2];[result][s1]psnr[p];[p][s2]ssim",
             result->width, result->height, matrix_name(result),
             result->color_range == AVCOL_RANGE_JPEG ? "full" : "limited",
             av_get_pix_fmt_name((enum AVPixelFormat)result->format));
    if (inputs && outputs && second) {
        *outputs = (AVFilterInOut){av_strdup("result"), comparison->in[0], 0, second};
        *second = (AVFilterInOut){av_strdup("source"), comparison->in[1], 0, NULL};
        *inputs = (AVFilterInOut){av_strdup("out"), comparison->out, 0, NULL};
        code = avfilter_graph_parse_ptr(comparison->graph, chain, &inputs, &outputs, NULL);
        second = NULL;
    }
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    avfilter_inout_free(&second);
    return code;
}

static bool build_graph(struct comparison *comparison, const AVFrame *result, const AVFrame *source,
                        struct fault *fault)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)result->format);
    int code = AVERROR(ENOMEM);

    comparison->graph = avfilter_graph_alloc();
    comparison->peak = (1 << pixels->comp[0].depth) - 1;
    if (comparison->graph)
        code = add_input(comparison, 0, result);
    if (code >= 0)
        code = add_input(comparison, 1, source);
    if (code >= 0)
        code = avfilter_graph_create_filter(&comparison->out, avfilter_get_by_name("buffersink"), "out", NULL, NULL,
                                            comparison->graph);
    if (code >= 0)
        code = link_filters(comparison, result);
    if (code >= 0)
        code = avfilter_graph_config(comparison->graph, NULL);
    return code >= 0 || fault_set_av(fault, code, "cannot compare frames");
}

static double tag_of(const AVFrame *frame, const char *name)
{
    const AVDictionaryEntry *tag = av_dict_get(frame->metadata, name, NULL, 0);

    return tag ? strtod(tag->value, NULL) : 0;
}

static double psnr_of(double error, double peak)
{
    return error > 0 ? fmin(COMPARE_PSNR_MOST, 10 * log10(peak * peak / error)) : COMPARE_PSNR_MOST;
}

static struct plot_point *add_point(struct comparison *comparison)
{
    if (comparison->count == comparison->size) {
        size_t size = comparison->size ? 2 * comparison->size : 256;
        struct plot_point *more = realloc(comparison->points, size * sizeof(*more));

        if (!more)
            return NULL;
        comparison->points = more;
        comparison->size = size;
    }
    comparison->points[comparison->count] = (struct plot_point){0};
    return &comparison->points[comparison->count];
}

/* One pair through the graph. Frames are paired in their order, which every format keeps. */
static bool measure(struct comparison *comparison, AVFrame *result, AVFrame *source, double seconds,
                    struct fault *fault)
{
    struct plot_point *point = add_point(comparison);
    AVFrame *measured = av_frame_alloc();
    double error;
    int code = AVERROR(ENOMEM);

    result->pts = source->pts = (int64_t)comparison->count;
    if (point && measured)
        code = av_buffersrc_write_frame(comparison->in[0], result);
    if (code >= 0)
        code = av_buffersrc_write_frame(comparison->in[1], source);
    if (code >= 0)
        code = av_buffersink_get_frame(comparison->out, measured);
    if (code >= 0) {
        error = tag_of(measured, "lavfi.psnr.mse_avg");
        point->seconds = seconds;
        point->psnr = psnr_of(error, comparison->peak);
        point->ssim = tag_of(measured, "lavfi.ssim.All");
        comparison->error += error;
        comparison->ssim += point->ssim;
        comparison->count++;
    }
    av_frame_free(&measured);
    return code >= 0 || fault_set_av(fault, code, "cannot compare frames");
}

/* Some frames, spread evenly. */
static void show(struct comparison *comparison, const AVFrame *result, const AVFrame *source)
{
    const struct plot_point *point = &comparison->points[comparison->count - 1];
    char text[40];

    for (size_t i = 0; i < SHEET_COLUMNS; i++) {
        if (comparison->count - 1 != (2 * i + 1) * comparison->total / (2 * SHEET_COLUMNS))
            continue;
        snprintf(text, sizeof(text), "source %.2f s", point->seconds);
        sheet_add(&comparison->sheet, source, (int)i, 0, text);
        snprintf(text, sizeof(text), "result %.1f dB", point->psnr);
        sheet_add(&comparison->sheet, result, (int)i, 1, text);
    }
}

/* False at the end, and on failure. */
static bool compare_pair(struct comparison *comparison, struct fault *fault)
{
    wcenc_frame *frames[2] = {NULL, NULL};
    AVFrame *copies[2] = {NULL, NULL};
    struct fault ending = {""};
    double seconds = 0;
    bool good = comparison->result->ops->next(comparison->result, &frames[0], &ending) == SOURCE_FRAME &&
                comparison->source->ops->next(comparison->source, &frames[1], &ending) == SOURCE_FRAME;

    for (int i = 0; good && i < 2; i++) {
        copies[i] = frame_map_copy(frames[i]);
        good = copies[i] || fault_set(fault, "cannot compare a frame: its pixels cannot be copied");
    }
    if (good) {
        seconds = (double)wcenc_frame_get_timestamp_us(frames[1]) / 1e6;
        good = (comparison->graph || build_graph(comparison, copies[0], copies[1], fault)) &&
               measure(comparison, copies[0], copies[1], seconds, fault);
    }
    if (good)
        show(comparison, copies[0], copies[1]);
    for (int i = 0; i < 2; i++) {
        wcenc_frame_unref(frames[i]);
        av_frame_free(&copies[i]);
    }
    return good;
}

/* Sizes of frames, in the order of the file: where B-frames are, a few frames away from the one shown. */
static bool read_sizes(struct comparison *comparison, const char *path, struct fault *fault)
{
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    size_t size = strlen(path) + sizeof("file:");
    char *url = malloc(size);
    size_t seen = 0;
    int video = -1;

    if (url)
        snprintf(url, size, "file:%s", path);
    if (url && packet && avformat_open_input(&format, url, NULL, NULL) >= 0 &&
        avformat_find_stream_info(format, NULL) >= 0)
        video = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    while (video >= 0 && av_read_frame(format, packet) >= 0) {
        if (packet->stream_index == video && seen < comparison->count)
            comparison->points[seen++].bytes = packet->size;
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&format);
    free(url);
    return video >= 0 || fault_set(fault, "cannot read %s to compare it", path);
}

static bool open_both(struct comparison *comparison, const struct options *options, struct fault *fault)
{
    comparison->result_options = (struct options){.input = options->output, .no_audio = true};
    comparison->ignored.is_held = true;
    comparison->result = source_open_file(&comparison->result_options, &comparison->ignored, fault);
    if (comparison->result)
        comparison->source = options->test_scene ? source_open_scene(options, fault)
                                                 : source_open_file(options, &comparison->ignored, fault);
    return comparison->result && comparison->source;
}

static void close_both(struct comparison *comparison)
{
    if (comparison->source)
        comparison->source->ops->close(comparison->source);
    if (comparison->result)
        comparison->result->ops->close(comparison->result);
    avfilter_graph_free(&comparison->graph);
    sheet_free(&comparison->sheet);
    free(comparison->points);
}

static bool compare_all(struct comparison *comparison, const struct options *options, struct fault *fault)
{
    struct progress progress;

    progress_init(&progress, options->quiet, comparison->total, "comparing");
    while (!interrupt_signal() && compare_pair(comparison, fault))
        progress_update(&progress, comparison->count, 0, comparison->points[comparison->count - 1].seconds);
    progress_end(&progress);
    return !fault_is_set(fault);
}

static bool write_files(struct compare *compare, struct comparison *comparison, const struct options *options,
                        struct fault *fault)
{
    char title[160];

    snprintf(title, sizeof(title), "%.60s: PSNR %.2f dB, SSIM %.4f", options->output, compare->psnr, compare->ssim);
    return read_sizes(comparison, options->output, fault) && sheet_write(&comparison->sheet, &compare->sheet, fault) &&
           (plot_write(&compare->plot, title, comparison->points, comparison->count) ||
            outfile_fault(&compare->plot, fault));
}

static void sum_up(struct compare *compare, const struct comparison *comparison)
{
    compare->frames = comparison->count;
    compare->psnr = psnr_of(comparison->error / (double)comparison->count, comparison->peak);
    compare->ssim = comparison->ssim / (double)comparison->count;
    compare->lowest = COMPARE_PSNR_MOST + 1;
    for (size_t i = 0; i < comparison->count; i++) {
        if (comparison->points[i].psnr < compare->lowest) {
            compare->lowest = comparison->points[i].psnr;
            compare->lowest_seconds = comparison->points[i].seconds;
        }
    }
}

bool compare_run(struct compare *compare, const struct options *options, const struct session_stats *stats,
                 struct notes *notes, struct fault *fault)
{
    struct comparison comparison = {.total = (size_t)stats->chunks};
    bool good;

    if (!compare->enabled)
        return true;
    if (interrupt_signal()) {
        notes_add(notes, "note: interrupted: %s is not compared", options->output);
        return true;
    }
    good = open_both(&comparison, options, fault) && compare_all(&comparison, options, fault);
    if (good && interrupt_signal()) {
        notes_add(notes, "note: interrupted: the comparison of %s is not complete, and left out", options->output);
    } else if (good && comparison.count) {
        if (comparison.count != stats->chunks)
            notes_add(notes, "warning: only %zu of %llu frames of %s could be compared", comparison.count,
                      (unsigned long long)stats->chunks, options->output);
        sum_up(compare, &comparison);
        good = write_files(compare, &comparison, options, fault);
    }
    close_both(&comparison);
    return good;
}
