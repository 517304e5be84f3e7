/* SPDX-License-Identifier: MIT */

/* A video file, or YUV4MPEG2 on standard input, demuxed and decoded by FFmpeg. */

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/common.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "color_map.h"
#include "ffmpeg_compat.h"
#include "hdr_map.h"
#include "interrupt.h"
#include "source_file.h"

/* Lets a read that waits for a pipe end when the user wants to stop. */
static int is_interrupted(void *unused)
{
    (void)unused;
    return interrupt_signal() != 0;
}

void source_file_close(struct source *source)
{
    struct source_file *file = (struct source_file *)source;

    av_frame_free(&file->frame);
    av_packet_free(&file->packet);
    avcodec_free_context(&file->decoder);
    avformat_close_input(&file->format);
    frame_map_free(&file->map);
    filter_free(file->filter);
    tracks_free(file->tracks);
    source_run_free(file->run);
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

/* Frames that will come, at their framerate and then at that of the output. */
static uint64_t guess_total(const struct source_file *file, const struct options *options, double from,
                            double framerate)
{
    double total = (double)file->stream->nb_frames;

    if (total <= 0 && file->stream->duration > 0)
        total = (double)file->stream->duration * av_q2d(file->stream->time_base) * from;
    if (total <= 0 && file->format->duration > 0)
        total = (double)file->format->duration / AV_TIME_BASE * from;
    if (total <= 0)
        return options->max_frames;
    total = fmax(1, (total / from - options->seek) * framerate);
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
    double framerate;

    if (parameters->width <= 0 || parameters->height <= 0 || !pixels)
        return fault_set(fault, "%s: its video has no size or no pixel format", file->path);
    info->width = info->display_width = (uint32_t)parameters->width;
    info->height = info->display_height = (uint32_t)parameters->height;
    display_size(av_guess_sample_aspect_ratio(file->format, file->stream, NULL), &info->display_width,
                 &info->display_height);
    framerate = guess_framerate(file);
    info->framerate = options->framerate > 0 ? options->framerate : framerate;
    info->total_frames = guess_total(file, options, framerate, info->framerate);
    info->bit_depth = pixels->comp[0].depth;
    snprintf(info->name, sizeof(info->name), "%s", avcodec_get_name(parameters->codec_id));
    frame_map_describe((enum AVPixelFormat)parameters->format, info->pixels, sizeof(info->pixels));
    orientation_from_matrix(compat_side_data(file->stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t)),
                            &file->meta.rotation, &file->meta.flip);
    info->rotation = (int)file->meta.rotation;
    timeline_init(&file->time, file->stream->time_base, framerate, file->format->iformat->flags & AVFMT_TS_DISCONT);
    return true;
}

static void count_marks(struct source_file *file)
{
    file->base.info.damage.incomplete += file->marks.waiting;
    file->marks.waiting = 0;
}

/*
 * Counts frames that lost parts on the way, as demuxers mark them. MPEG-TS marks one of the last before another
 * recording was joined, too, where nothing is lost: the jump of the timestamps that follows shows it.
 */
static void look_at_packet(struct source_file *file, const AVPacket *packet)
{
    enum { MARK_AHEAD_MOST = 3 };
    struct marks *marks = &file->marks;
    bool has_dts = packet->dts != AV_NOPTS_VALUE;
    bool is_joined =
        has_dts && marks->last_dts != AV_NOPTS_VALUE &&
        (packet->dts < marks->last_dts || av_sat_sub64(packet->dts, marks->last_dts) > file->time.longest_gap);

    marks->waiting -= is_joined && marks->waiting > 0;
    if (is_joined || ++marks->age > MARK_AHEAD_MOST)
        count_marks(file);
    if (packet->flags & AV_PKT_FLAG_CORRUPT) {
        marks->waiting++;
        marks->age = 0;
    }
    if (has_dts)
        marks->last_dts = packet->dts;
}

/* Goes on after what cannot be decoded; false where that would be of no use. */
static bool leave_out(struct source_file *file, int code, struct fault *fault)
{
    enum { ERRORS_MOST = 1000 };

    if (code == AVERROR(ENOMEM))
        return fault_set(fault, "out of memory");
    file->base.info.damage.left_out++;
    fault_set_av(&file->first, code, "%s: cannot decode its video", file->path);
    return ++file->errors < ERRORS_MOST || !file->at_end;
}

enum source_result source_file_send(struct source_file *file, struct fault *fault)
{
    int code = 0;
    bool good = true;

    if (file->packet->stream_index == file->stream->index) {
        look_at_packet(file, file->packet);
        code = avcodec_send_packet(file->decoder, file->packet);
    } else {
        good = tracks_take(file->tracks, file->packet, fault);
    }
    av_packet_unref(file->packet);
    if (!good)
        return SOURCE_FAILED;
    return code >= 0 || leave_out(file, code, fault) ? SOURCE_FRAME : SOURCE_FAILED;
}

/* Sends the decoder one packet, or the end. */
static enum source_result feed_decoder(struct source_file *file, struct fault *fault)
{
    enum { READ_ERRORS_MOST = 100 };
    int code = av_read_frame(file->format, file->packet);

    if (code >= 0 && !interrupt_signal())
        return source_file_send(file, fault);
    av_packet_unref(file->packet);
    if (code == AVERROR_EXIT || interrupt_signal())
        return SOURCE_END;
    /* Demuxers find their way again after what they cannot make sense of, or end. */
    if (code == AVERROR_INVALIDDATA && file->errors < READ_ERRORS_MOST && leave_out(file, code, fault))
        return SOURCE_FRAME;
    if (code != AVERROR_EOF) {
        fault_set_av(fault, code, "%s: reading stopped after %llu frames", file->path,
                     (unsigned long long)file->time.frames);
        return SOURCE_FAILED;
    }
    file->at_end = true;
    count_marks(file);
    avcodec_send_packet(file->decoder, NULL);
    return SOURCE_FRAME;
}

enum source_result source_file_decode(struct source_file *file, struct fault *fault)
{
    for (;;) {
        int code = avcodec_receive_frame(file->decoder, file->frame);
        enum source_result result = SOURCE_FRAME;

        if (code == AVERROR_EOF) {
            file->has_ended = true;
            return SOURCE_END;
        }
        if (code >= 0) {
            file->errors = 0;
            file->base.info.damage.concealed +=
                (file->frame->decode_error_flags & ~FF_DECODE_ERROR_MISSING_REFERENCE) != 0;
            return SOURCE_FRAME;
        }
        if (code == AVERROR(EAGAIN))
            result = feed_decoder(file, fault);
        else if (!leave_out(file, code, fault))
            result = SOURCE_FAILED;
        if (result != SOURCE_FRAME)
            return result;
    }
}

/* What of a frame the output will not have. */
static void look_at_frame(struct source_file *file)
{
    struct source_info *info = &file->base.info;

    if (!file->is_hdr_noted && hdr_is_dynamic(file->stream, file->frame)) {
        file->is_hdr_noted = true;
        notes_add(file->notes, "note: the dynamic HDR metadata of %s (HDR10+ or Dolby Vision) are not written",
                  file->path);
    }
    if (!compat_is_interlaced(file->frame))
        return;
    if (file->time.frames == 0)
        info->scan = compat_is_top_field_first(file->frame) ? SCAN_TOP_FIRST : SCAN_BOTTOM_FIRST;
    info->is_partly_interlaced = true;
}

/* The next frame that is decoded, in `frame`, and its `meta`. */
static enum source_result next_decoded(struct source_file *file, struct fault *fault)
{
    enum source_result result = file->has_frame ? SOURCE_FRAME : source_file_decode(file, fault);
    struct frame_meta *meta = &file->meta;

    if (result != SOURCE_FRAME)
        return result;
    file->has_frame = false;
    if (!source_run_check(file, fault))
        return SOURCE_FAILED;
    look_at_frame(file);
    timeline_place(&file->time, file->frame->best_effort_timestamp, compat_frame_duration(file->frame),
                   &meta->timestamp_us, &meta->duration_us);
    file->base.info.jumps = file->time.jumps;
    meta->sample_aspect = av_guess_sample_aspect_ratio(file->format, file->stream, file->frame);
    /* Not as far as the decoder or the filter has read: how far that is differs from machine to machine. */
    if (!tracks_move(file->tracks, timeline_offset_us(&file->time), meta->timestamp_us,
                     file->filter ? file->given_us : meta->timestamp_us, fault))
        return SOURCE_FAILED;
    return SOURCE_FRAME;
}

/* The same through the filter. Why the input ended is what is reported when everything has come out of it. */
static enum source_result next_filtered(struct source_file *file, struct fault *fault)
{
    struct frame_meta *meta = &file->meta;
    struct fault of_filter = {""};

    while (!filter_pull(file->filter, file->frame, &meta->timestamp_us, &meta->duration_us, &of_filter)) {
        bool good = !fault_is_set(&of_filter);

        if (good && file->filter_has_end)
            return file->ending;
        if (good)
            file->ending = next_decoded(file, fault);
        if (good && file->ending == SOURCE_FRAME) {
            good = filter_push(file->filter, file->frame, meta->timestamp_us, meta->duration_us, &of_filter);
        } else if (good) {
            file->filter_has_end = true;
            good = filter_end(file->filter, &of_filter);
        }
        if (!good) {
            fault_copy(fault, &of_filter);
            return SOURCE_FAILED;
        }
    }
    return SOURCE_FRAME;
}

/* Whether the frame is before the part that is given. */
static bool leave_out_frame(struct source_file *file)
{
    if (!file->left_out)
        return false;
    file->left_out--;
    av_frame_unref(file->frame);
    return true;
}

static enum source_result file_next(struct source *source, wcenc_frame **out, struct fault *fault)
{
    struct source_file *file = (struct source_file *)source;
    enum source_result result;

    do
        result = file->filter ? next_filtered(file, fault) : next_decoded(file, fault);
    while (result == SOURCE_FRAME && leave_out_frame(file));
    if (result != SOURCE_FRAME)
        return result;
    file->given_us = file->meta.timestamp_us;
    return frame_map_take(&file->map, file->frame, &file->meta, out, fault) ? SOURCE_FRAME : SOURCE_FAILED;
}

static void file_attach(struct source *source, struct sink *sink)
{
    struct source_file *file = (struct source_file *)source;
    int64_t start = file->has_frame ? file->frame->best_effort_timestamp : AV_NOPTS_VALUE;
    struct tracks_span span = {0, file->duration_us};

    if (start != AV_NOPTS_VALUE)
        span.start_us = av_rescale_q(start, file->stream->time_base, AV_TIME_BASE_Q);
    tracks_attach(file->tracks, sink, &span, file->path, file->notes);
}

static bool file_finish(struct source *source, int64_t end_us, struct fault *fault)
{
    struct source_file *file = (struct source_file *)source;

    if (file->has_ended)
        return tracks_finish(file->tracks, file->duration_us, fault);
    return source_file_read_beside(file, timeline_offset_us(&file->time), end_us, fault) &&
           tracks_finish(file->tracks, end_us, fault);
}

int64_t source_file_seek(struct source_file *file, double seconds)
{
    int64_t start = file->format->start_time == AV_NOPTS_VALUE ? 0 : file->format->start_time;
    int64_t target = start + llround(seconds * AV_TIME_BASE);

    if (seconds > 0 && file->format->pb && file->format->pb->seekable)
        avformat_seek_file(file->format, -1, INT64_MIN, target, target, 0);
    return av_rescale_q(target, AV_TIME_BASE_Q, file->stream->time_base);
}

/* The first frame at or after a time. Recordings that were joined have another one soon enough. */
static bool decode_from(struct source_file *file, double seconds, struct fault *fault)
{
    int64_t target = source_file_seek(file, seconds);
    bool found = source_file_decode(file, fault) == SOURCE_FRAME;

    while (found && seconds > 0 && file->frame->best_effort_timestamp < target)
        found = source_file_decode(file, fault) == SOURCE_FRAME;
    return found;
}

/* So that what is wrong with a file, or worth a note, is known before anything is written. */
static bool decode_first(struct source_file *file, double seconds, struct fault *fault)
{
    file->marks.last_dts = AV_NOPTS_VALUE;
    file->has_frame = decode_from(file, seconds, fault);
    if (file->has_frame) {
        look_at_frame(file);
        hdr_from_source(file->stream, file->frame, &file->base.info.hdr_metadata);
    } else if (interrupt_signal()) {
        fault_set(fault, "interrupted before the first frame");
    } else {
        fault_copy(fault, &file->first);
    }
    if (!file->has_frame && seconds > 0)
        return fault_set(fault, "%s ends before %g seconds (--seek): nothing was written", file->path, seconds);
    return file->has_frame || fault_set(fault, "%s has no frames: nothing was written", file->path);
}

static bool prepare(struct source_file *file, const struct options *options, struct fault *fault)
{
    double most = options->duration > 0 ? options->duration : 1e12;

    if (options->max_frames && options->max_frames / file->base.info.framerate < most)
        most = options->max_frames / file->base.info.framerate;
    file->duration_us = most < 1e12 ? llround(most * 1e6) : INT64_MAX;
    file->tracks = tracks_create(file->format, file->stream->index, options->no_audio || options->groups[1]);
    if (options->deinterlace || options->framerate > 0)
        file->filter = filter_create(options->deinterlace, options->framerate);
    return (file->tracks && (file->filter || !(options->deinterlace || options->framerate > 0))) ||
           fault_set(fault, "out of memory");
}

bool source_file_open(struct source_file *file, const struct source_ops *ops, const struct options *options,
                      struct notes *notes, struct fault *fault)
{
    file->base.ops = ops;
    file->path = options->input;
    file->notes = notes;
    return open_format(file, fault) && open_decoder(file, fault);
}

struct source *source_open_file(const struct options *options, struct notes *notes, struct fault *fault)
{
    static const struct source_ops ops = {
        .next = file_next, .close = source_file_close, .attach = file_attach, .finish = file_finish};
    struct source_file *file = calloc(1, sizeof(*file));

    if (!file) {
        fault_set(fault, "out of memory");
        return NULL;
    }
    if (source_file_open(file, &ops, options, notes, fault) && read_info(file, options, fault) &&
        prepare(file, options, fault) && decode_first(file, options->seek, fault) &&
        (!options->groups[1] || source_run_begin(file, options, fault)))
        return &file->base;
    source_file_close(&file->base);
    return NULL;
}
