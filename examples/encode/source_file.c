/* SPDX-License-Identifier: MIT */

/* A video file, or YUV4MPEG2 on standard input, demuxed and decoded by FFmpeg. */

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "color_map.h"
#include "ffmpeg_compat.h"
#include "frame_map.h"
#include "interrupt.h"
#include "source.h"

struct source_file {
    struct source base;
    const char *path; /* for messages */
    AVFormatContext *format;
    AVStream *stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    struct frame_map map;
    int32_t rotation;
    int32_t flip;
    int64_t first_pts; /* in the stream's time base */
    int64_t next_pts;  /* where the frame before ended, for frames without a time */
    int64_t last_us;
    uint64_t frames;
    bool at_end; /* everything was sent to the decoder */
};

/* Lets a read that waits for a pipe end when the user wants to stop. */
static int is_interrupted(void *unused)
{
    (void)unused;
    return interrupt_signal() != 0;
}

static void file_close(struct source *source)
{
    struct source_file *file = (struct source_file *)source;

    av_frame_free(&file->frame);
    av_packet_free(&file->packet);
    avcodec_free_context(&file->decoder);
    avformat_close_input(&file->format);
    frame_map_free(&file->map);
    free(file);
}

static bool open_format(struct source_file *file, struct fault *fault)
{
    bool is_pipe = !strcmp(file->path, "-");
    /* The protocol is named, so that a colon in a file's name is not taken for one. */
    size_t size = strlen(file->path) + sizeof("file:");
    char *url = malloc(size);
    int code = AVERROR(ENOMEM);

    file->format = avformat_alloc_context();
    if (url && file->format) {
        snprintf(url, size, is_pipe ? "pipe:0" : "file:%s", file->path);
        file->format->interrupt_callback.callback = is_interrupted;
        code = avformat_open_input(&file->format, url, is_pipe ? av_find_input_format("yuv4mpegpipe") : NULL, NULL);
    }
    free(url);
    if (code >= 0)
        code = avformat_find_stream_info(file->format, NULL);
    if (code >= 0)
        return true;
    if (interrupt_signal())
        return fault_set(fault, "interrupted before the first frame");
    /* FFmpeg's word for a wrong header is "Invalid argument". */
    if (is_pipe)
        return fault_set(fault, "standard input is not YUV4MPEG2");
    return fault_set_av(fault, code, "cannot read %s", file->path);
}

static bool open_decoder(struct source_file *file, struct fault *fault)
{
    const AVCodec *codec = NULL;
    int index = av_find_best_stream(file->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    int code;

    if (index == AVERROR_DECODER_NOT_FOUND)
        return fault_set(fault, "%s: this FFmpeg has no decoder for its video", file->path);
    /* The cover of a song is a video stream to FFmpeg, not to a user. */
    if (index < 0 || file->format->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return fault_set(fault, "%s: no video in it", file->path);
    file->stream = file->format->streams[index];
    for (unsigned i = 0; i < file->format->nb_streams; i++)
        if ((int)i != index)
            file->format->streams[i]->discard = AVDISCARD_ALL;
    file->decoder = avcodec_alloc_context3(codec);
    file->packet = av_packet_alloc();
    file->frame = av_frame_alloc();
    if (!file->decoder || !file->packet || !file->frame)
        return fault_set(fault, "out of memory");
    code = avcodec_parameters_to_context(file->decoder, file->stream->codecpar);
    file->decoder->pkt_timebase = file->stream->time_base;
    file->decoder->thread_count = 0;
    if (code >= 0)
        code = avcodec_open2(file->decoder, codec, NULL);
    return code >= 0 || fault_set_av(fault, code, "%s: cannot decode its video", file->path);
}

static double guess_framerate(const struct source_file *file)
{
    AVRational rate = av_guess_frame_rate(file->format, file->stream, NULL);
    double value = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 30;

    /* Time bases that are taken for rates, 90000 per second and the like, help no rate control. */
    return value > 0 && value <= 1000 ? value : 30;
}

static uint64_t guess_total(const struct source_file *file, const struct options *options, double framerate)
{
    double total = (double)file->stream->nb_frames;

    if (total <= 0 && file->stream->duration > 0)
        total = (double)file->stream->duration * av_q2d(file->stream->time_base) * framerate;
    if (total <= 0 && file->format->duration > 0)
        total = (double)file->format->duration / AV_TIME_BASE * framerate;
    if (total <= 0)
        return options->max_frames;
    if (options->duration > 0 && options->duration * framerate < total)
        total = options->duration * framerate;
    if (options->max_frames && (double)options->max_frames < total)
        total = (double)options->max_frames;
    return (uint64_t)llround(total);
}

static bool read_info(struct source_file *file, const struct options *options, struct fault *fault)
{
    struct source_info *info = &file->base.info;
    const AVCodecParameters *parameters = file->stream->codecpar;
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)parameters->format);

    if (parameters->width <= 0 || parameters->height <= 0 || !pixels)
        return fault_set(fault, "%s: its video has no size or no pixel format", file->path);
    info->width = info->display_width = (uint32_t)parameters->width;
    info->height = info->display_height = (uint32_t)parameters->height;
    display_size(av_guess_sample_aspect_ratio(file->format, file->stream, NULL), &info->display_width,
                 &info->display_height);
    info->framerate = guess_framerate(file);
    info->total_frames = guess_total(file, options, info->framerate);
    info->bit_depth = pixels->comp[0].depth;
    snprintf(info->name, sizeof(info->name), "%s", avcodec_get_name(parameters->codec_id));
    frame_map_describe((enum AVPixelFormat)parameters->format, info->pixels, sizeof(info->pixels));
    orientation_from_matrix(compat_display_matrix(file->stream), &file->rotation, &file->flip);
    info->rotation = (int)file->rotation;
    return true;
}

/* Sends the decoder one packet, or the end. */
static enum source_result feed_decoder(struct source_file *file, struct fault *fault)
{
    int code = av_read_frame(file->format, file->packet);

    if (code == AVERROR_EOF) {
        file->at_end = true;
        code = avcodec_send_packet(file->decoder, NULL);
    } else if (code == AVERROR_EXIT || interrupt_signal()) {
        av_packet_unref(file->packet);
        return SOURCE_END;
    } else if (code < 0) {
        fault_set_av(fault, code, "%s: reading stopped after %llu frames", file->path,
                     (unsigned long long)file->frames);
        return SOURCE_FAILED;
    } else {
        code = file->packet->stream_index == file->stream->index ? avcodec_send_packet(file->decoder, file->packet) : 0;
        av_packet_unref(file->packet);
    }
    if (code >= 0)
        return SOURCE_FRAME;
    fault_set_av(fault, code, "%s: decoding stopped after %llu frames", file->path, (unsigned long long)file->frames);
    return SOURCE_FAILED;
}

/* Fills file->frame. */
static enum source_result decode(struct source_file *file, struct fault *fault)
{
    for (;;) {
        int code = avcodec_receive_frame(file->decoder, file->frame);
        enum source_result result;

        if (code == AVERROR_EOF)
            return SOURCE_END;
        if (code < 0 && code != AVERROR(EAGAIN)) {
            fault_set_av(fault, code, "%s: decoding stopped after %llu frames", file->path,
                         (unsigned long long)file->frames);
            return SOURCE_FAILED;
        }
        if (code >= 0 &&
            file->frame->decode_error_flags & (FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_DECODE_SLICES)) {
            fault_set(fault, "%s: frame %llu is damaged", file->path, (unsigned long long)file->frames);
            return SOURCE_FAILED;
        }
        if (code >= 0)
            return SOURCE_FRAME;
        result = feed_decoder(file, fault);
        if (result != SOURCE_FRAME)
            return result;
    }
}

static struct frame_meta place_in_time(struct source_file *file)
{
    AVRational base = file->stream->time_base;
    int64_t duration = compat_frame_duration(file->frame);
    int64_t pts = file->frame->best_effort_timestamp;
    struct frame_meta meta = {0};

    if (duration <= 0)
        duration = llround(1 / file->base.info.framerate / av_q2d(base));
    if (pts == AV_NOPTS_VALUE)
        pts = file->next_pts;
    if (file->frames == 0)
        file->first_pts = pts;
    file->next_pts = pts + duration;
    meta.timestamp_us = av_rescale_q(pts - file->first_pts, base, AV_TIME_BASE_Q);
    /* No container takes two frames at one time; damaged files have them. */
    if (file->frames && meta.timestamp_us <= file->last_us)
        meta.timestamp_us = file->last_us + 1;
    /* From start to start of the next, so that rounding does not add up. */
    meta.duration_us = (uint64_t)(av_rescale_q(file->next_pts - file->first_pts, base, AV_TIME_BASE_Q) -
                                  av_rescale_q(pts - file->first_pts, base, AV_TIME_BASE_Q));
    meta.rotation = file->rotation;
    meta.flip = file->flip;
    meta.sample_aspect = av_guess_sample_aspect_ratio(file->format, file->stream, file->frame);
    file->last_us = meta.timestamp_us;
    return meta;
}

static enum source_result file_next(struct source *source, wcenc_frame **out, struct fault *fault)
{
    struct source_file *file = (struct source_file *)source;
    enum source_result result = decode(file, fault);
    struct frame_meta meta;

    if (result != SOURCE_FRAME)
        return result;
    meta = place_in_time(file);
    file->frames++;
    return frame_map_take(&file->map, file->frame, &meta, out, fault) ? SOURCE_FRAME : SOURCE_FAILED;
}

struct source *source_open_file(const struct options *options, struct fault *fault)
{
    static const struct source_ops ops = {file_next, file_close};
    struct source_file *file = calloc(1, sizeof(*file));

    if (!file) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    file->base.ops = &ops;
    file->path = options->input;
    if (open_format(file, fault) && open_decoder(file, fault) && read_info(file, options, fault))
        return &file->base;
    file_close(&file->base);
    return NULL;
}
