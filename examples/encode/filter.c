/* SPDX-License-Identifier: MIT */

/* The filter graph: bwdif and fps. */

#include "filter.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Frames inside bwdif, which looks one ahead. */
enum { DURATIONS = 16 };

struct filter {
    bool deinterlace;
    AVRational framerate; /* 0/1: as it is */
    AVFilterGraph *graph; /* NULL before the first frame */
    AVFilterContext *in;
    AVFilterContext *out;
    int width; /* of the frames that the graph was made for */
    int height;
    int format;
    AVFrame *waiting; /* of another size or format, until the graph has ended; blank: none */
    int64_t end_us;
    int64_t start; /* number of the first frame that comes out at `framerate`; -1: by the first that was pushed */
    uint64_t durations[DURATIONS]; /* of frames inside, where one comes out for each */
    unsigned first;
    unsigned count;
    bool is_last; /* no frame follows */
};

AVRational filter_framerate(double framerate)
{
    return av_d2q(framerate, 1001000);
}

void filter_start_at(struct filter *filter, int64_t number)
{
    filter->start = number;
}

struct filter *filter_create(bool deinterlace, double framerate)
{
    struct filter *filter = calloc(1, sizeof(*filter));

    if (!filter)
        return NULL;
    filter->deinterlace = deinterlace;
    filter->framerate = framerate > 0 ? filter_framerate(framerate) : (AVRational){0, 1};
    filter->start = -1;
    filter->waiting = av_frame_alloc();
    if (filter->waiting)
        return filter;
    free(filter);
    return NULL;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    avfilter_graph_free(&filter->graph);
    av_frame_free(&filter->waiting);
    free(filter);
}

/* Appends a filter to the chain; negative on failure. */
static int append(struct filter *filter, AVFilterContext **last, const char *name, const char *arguments)
{
    AVFilterContext *context = NULL;
    int code = avfilter_graph_create_filter(&context, avfilter_get_by_name(name), name, arguments, NULL, filter->graph);

    if (code >= 0 && *last)
        code = avfilter_link(*last, 0, context, 0);
    *last = context;
    return code;
}

static bool build(struct filter *filter, const AVFrame *frame, struct fault *fault)
{
    char arguments[160];
    AVFilterContext *last = NULL;
    int code;

    avfilter_graph_free(&filter->graph);
    filter->graph = avfilter_graph_alloc();
    if (!filter->graph)
        return fault_set(fault, "out of memory");
    filter->width = frame->width;
    filter->height = frame->height;
    filter->format = frame->format;
    snprintf(arguments, sizeof(arguments), "video_size=%dx%d:pix_fmt=%d:time_base=1/1000000:pixel_aspect=%d/%d",
             frame->width, frame->height, frame->format, frame->sample_aspect_ratio.num,
             frame->sample_aspect_ratio.den > 0 ? frame->sample_aspect_ratio.den : 1);
    code = append(filter, &last, "buffer", arguments);
    filter->in = last;
    if (code >= 0 && filter->deinterlace)
        code = append(filter, &last, "bwdif", "mode=send_frame:deint=interlaced");
    if (code >= 0 && filter->framerate.num > 0) {
        int64_t start_us = frame->pts;

        if (filter->start >= 0)
            start_us = av_rescale_q(filter->start, av_inv_q(filter->framerate), AV_TIME_BASE_Q);
        /* A graph that follows begins where this one ended. */
        filter->start = -1;
        snprintf(arguments, sizeof(arguments), "fps=%d/%d:start_time=%.6f", filter->framerate.num,
                 filter->framerate.den, (double)start_us / 1e6);
        code = append(filter, &last, "fps", arguments);
    }
    if (code >= 0)
        code = append(filter, &last, "buffersink", NULL);
    filter->out = last;
    if (code >= 0)
        code = avfilter_graph_config(filter->graph, NULL);
    return code >= 0 || fault_set_av(fault, code, "cannot filter frames");
}

static bool send_frame(struct filter *filter, AVFrame *frame, struct fault *fault)
{
    int code = av_buffersrc_add_frame(filter->in, frame);

    av_frame_unref(frame);
    return code >= 0 || fault_set_av(fault, code, "cannot filter a frame");
}

static bool end_graph(struct filter *filter, int64_t end_us, struct fault *fault)
{
    int code = av_buffersrc_close(filter->in, end_us, 0);

    return code >= 0 || fault_set_av(fault, code, "cannot filter the last frame");
}

bool filter_push(struct filter *filter, AVFrame *frame, int64_t timestamp_us, uint64_t duration_us, struct fault *fault)
{
    bool fits = filter->graph && frame->width == filter->width && frame->height == filter->height &&
                frame->format == filter->format;

    frame->pts = timestamp_us;
    filter->end_us = timestamp_us + (int64_t)duration_us;
    filter->durations[(filter->first + filter->count) % DURATIONS] = duration_us;
    filter->count += filter->count < DURATIONS;
    if (fits)
        return send_frame(filter, frame, fault);
    if (!filter->graph)
        return build(filter, frame, fault) && send_frame(filter, frame, fault);
    /* What is inside comes out first. */
    av_frame_move_ref(filter->waiting, frame);
    return end_graph(filter, timestamp_us, fault);
}

bool filter_end(struct filter *filter, struct fault *fault)
{
    filter->is_last = true;
    return !filter->graph || filter->waiting->buf[0] || end_graph(filter, filter->end_us, fault);
}

static void set_times(struct filter *filter, const AVFrame *frame, int64_t *timestamp_us, uint64_t *duration_us)
{
    AVRational base = av_buffersink_get_time_base(filter->out);

    *timestamp_us = av_rescale_q(frame->pts, base, AV_TIME_BASE_Q);
    if (filter->framerate.num > 0) {
        *duration_us = (uint64_t)(av_rescale_q(frame->pts + 1, base, AV_TIME_BASE_Q) - *timestamp_us);
        return;
    }
    *duration_us = filter->durations[filter->first];
    if (filter->count > 0) {
        filter->first = (filter->first + 1) % DURATIONS;
        filter->count--;
    }
}

bool filter_pull(struct filter *filter, AVFrame *frame, int64_t *timestamp_us, uint64_t *duration_us,
                 struct fault *fault)
{
    int code = filter->graph ? av_buffersink_get_frame(filter->out, frame) : AVERROR_EOF;

    if (code == AVERROR_EOF && filter->waiting->buf[0]) {
        if (!build(filter, filter->waiting, fault) || !send_frame(filter, filter->waiting, fault) ||
            (filter->is_last && !end_graph(filter, filter->end_us, fault)))
            return false;
        code = av_buffersink_get_frame(filter->out, frame);
    }
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
        return false;
    if (code < 0)
        return fault_set_av(fault, code, "cannot filter a frame");
    set_times(filter, frame, timestamp_us, duration_us);
    return true;
}
