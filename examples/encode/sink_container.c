/* SPDX-License-Identifier: MIT */

/*
 * MP4, QuickTime, Matroska and WebM through libavformat. No codec context of FFmpeg is involved: what the container has
 * to say of the stream comes from the first chunk's decoder config.
 */

#include <errno.h>
#include <libavformat/avformat.h>
#include <libavutil/mathematics.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "color_map.h"
#include "ffmpeg_compat.h"
#include "hdr_map.h"
#include "sink.h"

enum { BUFFER_SIZE = 1 << 16, INTERLEAVE_MOST_US = 60 * 1000000 };

struct container {
    AVFormatContext *format;
    AVPacket *packet;
    pthread_mutex_t lock; /* of format, once chunks are written: copied packets come from another thread */
    bool has_header;
    AVPacket **waiting; /* copied packets, until the first chunk says what the header needs */
    size_t waiting_count;
};

static enum AVCodecID av_codec(enum codec codec)
{
    static const struct {
        enum codec codec;
        enum AVCodecID id;
    } ids[] = {{CODEC_H264, AV_CODEC_ID_H264},
               {CODEC_HEVC, AV_CODEC_ID_HEVC},
               {CODEC_VP8, AV_CODEC_ID_VP8},
               {CODEC_VP9, AV_CODEC_ID_VP9},
               {CODEC_AV1, AV_CODEC_ID_AV1}};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (ids[i].codec == codec)
            return ids[i].id;
    return AV_CODEC_ID_NONE;
}

static int write_bytes(void *opaque, compat_write_byte *data, int size)
{
    struct outfile *file = opaque;

    return outfile_write(file, data, (size_t)size) ? size : AVERROR(file->error);
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct outfile *file = opaque;
    int64_t position;

    if (whence & AVSEEK_SIZE)
        return outfile_size(file);
    position = outfile_seek(file, offset, whence & ~AVSEEK_FORCE);
    return position < 0 ? AVERROR(file->error) : position;
}

static bool container_fault(const struct sink *sink, int code, struct fault *fault)
{
    if (sink->file.error)
        return outfile_fault(&sink->file, fault);
    return fault_set_av(fault, code, "cannot write %s", sink->file.path);
}

static bool container_open(struct sink *sink, struct fault *fault)
{
    struct container *container = calloc(1, sizeof(*container));
    uint8_t *buffer = av_malloc(BUFFER_SIZE);

    sink->state = container;
    if (!container || !buffer)
        goto fail;
    pthread_mutex_init(&container->lock, NULL);
    container->packet = av_packet_alloc();
    if (!container->packet || avformat_alloc_output_context2(&container->format, NULL, sink->format->muxer, NULL) < 0)
        goto fail;
    /* The first stream is the video. */
    if (!avformat_new_stream(container->format, NULL))
        goto fail;
    container->format->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    /* Encoders hold frames back; audio of that time waits for them. */
    container->format->max_interleave_delta = INTERLEAVE_MOST_US;
    container->format->pb = avio_alloc_context(buffer, BUFFER_SIZE, 1, &sink->file, NULL, write_bytes,
                                               sink->file.seekable ? seek_bytes : NULL);
    if (!container->format->pb)
        goto fail;
    container->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    return true;
fail:
    av_free(buffer);
    return fault_set(fault, "out of memory");
}

/* What MP4's vpcC and Matroska's colour element want to know of VP9, which has no private data of its own. */
static void describe_vp9(AVCodecParameters *parameters, const char *codec)
{
    static const enum AVPixelFormat pixels[4][2] = {{AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10},
                                                    {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10},
                                                    {AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV422P10},
                                                    {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV444P10}};
    int depth = 8;
    int chroma = 1;

    if (!codec_parse_vp9(codec, &parameters->profile, &parameters->level, &depth, &chroma))
        return;
    parameters->format = (int)pixels[chroma & 3][depth > 8];
}

/* hvc1 or hev1, avc1 or avc3, as the codec string says; other containers and codecs have one name only. */
static void set_tag(const struct sink *sink, AVCodecParameters *parameters, const char *codec)
{
    if (sink->format->ticks == 1000 || !(sink->codec & (CODEC_H264 | CODEC_HEVC)) || strlen(codec) < 4)
        return;
    parameters->codec_tag = MKTAG((unsigned)codec[0], (unsigned)codec[1], (unsigned)codec[2], (unsigned)codec[3]);
}

static int set_extradata(AVCodecParameters *parameters, const wcenc_decoder_config *config)
{
    parameters->extradata = av_mallocz(config->container_private_size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!parameters->extradata)
        return AVERROR(ENOMEM);
    memcpy(parameters->extradata, config->container_private, config->container_private_size);
    parameters->extradata_size = (int)config->container_private_size;
    return 0;
}

/* Whole pictures that hold two fields are coded like others; only the container says which they are. */
static enum AVFieldOrder field_order(enum scan scan)
{
    return scan == SCAN_TOP_FIRST ? AV_FIELD_TT : scan == SCAN_BOTTOM_FIRST ? AV_FIELD_BB : AV_FIELD_UNKNOWN;
}

static int describe_stream(const struct sink *sink, AVStream *stream, const wcenc_decoder_config *config)
{
    AVCodecParameters *parameters = stream->codecpar;
    AVRational aspect = {1, 1};
    int code = 0;

    parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    parameters->codec_id = av_codec(sink->codec);
    parameters->width = (int)config->coded_width;
    parameters->height = (int)config->coded_height;
    parameters->video_delay = (int)config->reorder_depth;
    parameters->profile = COMPAT_PROFILE_UNKNOWN;
    parameters->field_order = field_order(sink->scan);
    color_to_parameters(&config->color_space, parameters);
    if (config->display_aspect_width && config->display_aspect_height)
        av_reduce(&aspect.num, &aspect.den, (int64_t)config->display_aspect_width * config->coded_height,
                  (int64_t)config->display_aspect_height * config->coded_width, 1 << 16);
    parameters->sample_aspect_ratio = aspect;
    stream->sample_aspect_ratio = aspect;
    set_tag(sink, parameters, config->codec);
    describe_vp9(parameters, config->codec);
    /* libavformat makes VP9's vpcC by itself, and would write it into WebM as a private that nobody expects. */
    if (config->container_private_size && !(sink->codec & (CODEC_VP8 | CODEC_VP9)))
        code = set_extradata(parameters, config);
    if (code >= 0 && (config->rotation || config->flip)) {
        int32_t matrix[9];

        orientation_to_matrix(config->rotation, config->flip, matrix);
        code = compat_set_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, matrix, sizeof(matrix));
    }
    if (code >= 0 && config->hdr_metadata)
        code = hdr_to_stream(config->hdr_metadata, stream);
    return code;
}

/* Alone, video is written as it comes; a muxer that has several streams puts them in order. */
static bool write_to(struct sink *sink, AVPacket *packet, struct fault *fault)
{
    struct container *container = sink->state;
    bool is_alone = container->format->nb_streams == 1;
    int code;

    /* The muxer may have chosen another time base than it was offered. */
    av_packet_rescale_ts(packet, AV_TIME_BASE_Q, container->format->streams[packet->stream_index]->time_base);
    code = is_alone ? av_write_frame(container->format, packet) : av_interleaved_write_frame(container->format, packet);
    av_packet_unref(packet);
    return (code >= 0 && !sink->file.error) || container_fault(sink, code, fault);
}

static bool write_waiting(struct sink *sink, struct fault *fault)
{
    struct container *container = sink->state;
    bool good = true;

    for (size_t i = 0; i < container->waiting_count; i++) {
        good = good && write_to(sink, container->waiting[i], fault);
        av_packet_free(&container->waiting[i]);
    }
    container->waiting_count = 0;
    return good;
}

static bool write_header(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    struct container *container = sink->state;
    AVStream *stream = container->format->streams[0];
    AVDictionary *options = NULL;
    int code;

    if (!chunk->decoder_config)
        return fault_set(fault, "the first chunk came without a decoder config");
    if (sink->is_reproducible)
        container->format->flags |= AVFMT_FLAG_BITEXACT;
    stream->time_base = (AVRational){1, sink->format->ticks};
    stream->avg_frame_rate = av_d2q(sink->framerate, 1 << 20);
    code = describe_stream(sink, stream, chunk->decoder_config);
    /* Matroska's way to say that alpha comes beside the pictures. */
    if (code >= 0 && chunk->alpha)
        code = av_dict_set(&stream->metadata, "alpha_mode", "1", 0);
    /* MP4's index comes last, with a pointer to it from before, unless each fragment has its own. */
    if (code >= 0 && sink_is_fragmented(sink))
        code = av_dict_set(&options, "movflags",
                           container->format->nb_streams > 1 ? "frag_keyframe+empty_moov+delay_moov+default_base_moof"
                                                             : "frag_keyframe+empty_moov+default_base_moof",
                           0);
    if (code >= 0)
        code = avformat_write_header(container->format, &options);
    av_dict_free(&options);
    container->has_header = code >= 0;
    return code >= 0 ? write_waiting(sink, fault) : container_fault(sink, code, fault);
}

/* Alpha as a BlockAddition: the number that says what it is, and the coded picture. */
static int add_alpha(AVPacket *packet, const struct sink_chunk *chunk)
{
    enum { NUMBER_SIZE = 8, ALPHA = 1 };
    uint8_t *block;

    if (!chunk->alpha)
        return 0;
    block = av_packet_new_side_data(packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, chunk->alpha_size + NUMBER_SIZE);
    if (!block)
        return AVERROR(ENOMEM);
    memset(block, 0, NUMBER_SIZE);
    block[NUMBER_SIZE - 1] = ALPHA;
    memcpy(block + NUMBER_SIZE, chunk->alpha, chunk->alpha_size);
    return 0;
}

static bool write_chunk(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    struct container *container = sink->state;
    AVPacket *packet = container->packet;
    int code;

    if (!container->has_header && !write_header(sink, chunk, fault))
        return false;
    code = av_new_packet(packet, (int)chunk->size);
    if (code < 0)
        return container_fault(sink, code, fault);
    memcpy(packet->data, chunk->data, chunk->size);
    packet->pts = chunk->timestamp_us;
    packet->dts = chunk->dts_us;
    packet->duration = (int64_t)chunk->duration_us;
    packet->flags = chunk->is_key ? AV_PKT_FLAG_KEY : 0;
    code = add_alpha(packet, chunk);
    if (code >= 0)
        return write_to(sink, packet, fault);
    av_packet_unref(packet);
    return container_fault(sink, code, fault);
}

static bool container_write(struct sink *sink, const struct sink_chunk *chunk, struct fault *fault)
{
    struct container *container = sink->state;
    bool good;

    pthread_mutex_lock(&container->lock);
    good = write_chunk(sink, chunk, fault);
    pthread_mutex_unlock(&container->lock);
    return good;
}

static bool container_finish(struct sink *sink, struct fault *fault)
{
    struct container *container = sink->state;
    int code = av_write_trailer(container->format);

    avio_flush(container->format->pb);
    if (code >= 0)
        code = container->format->pb->error;
    return code >= 0 || container_fault(sink, code, fault);
}

static void container_free(struct sink *sink)
{
    struct container *container = sink->state;

    if (!container)
        return;
    if (container->format && container->format->pb) {
        av_freep(&container->format->pb->buffer);
        avio_context_free(&container->format->pb);
    }
    avformat_free_context(container->format);
    av_packet_free(&container->packet);
    for (size_t i = 0; i < container->waiting_count; i++)
        av_packet_free(&container->waiting[i]);
    free(container->waiting);
    pthread_mutex_destroy(&container->lock);
    free(container);
    sink->state = NULL;
}

bool sink_holds_audio(const struct sink *sink)
{
    return sink->format->muxer != NULL;
}

/* Title and language; what else files say of a stream, sizes and encoders, is no longer true. */
static void copy_stream_tags(AVStream *to, const AVStream *from)
{
    static const char *const kept[] = {"title", "language"};

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const AVDictionaryEntry *tag = av_dict_get(from->metadata, kept[i], NULL, 0);

        if (tag)
            av_dict_set(&to->metadata, tag->key, tag->value, 0);
    }
    to->disposition = from->disposition;
}

static AVStream *add_copy(AVFormatContext *format, const AVStream *stream)
{
    const AVCodecParameters *parameters = stream->codecpar;
    AVStream *added = avformat_new_stream(format, NULL);

    if (!added || avcodec_parameters_copy(added->codecpar, parameters) < 0)
        return NULL;
    /* Codes of codecs differ by container. */
    added->codecpar->codec_tag = 0;
    added->time_base = parameters->sample_rate > 0 ? (AVRational){1, parameters->sample_rate} : stream->time_base;
    return added;
}

/* Tables of codecs promise too much: MOV's has Opus, which its muxer then refuses. So a muxer begins a file in memory. */
static bool can_hold(const AVFormatContext *format, const AVStream *stream)
{
    AVFormatContext *trial = NULL;
    uint8_t *written;
    bool can;

    if (avformat_query_codec(format->oformat, stream->codecpar->codec_id, FF_COMPLIANCE_NORMAL) != 1 ||
        avformat_alloc_output_context2(&trial, format->oformat, NULL, NULL) < 0)
        return false;
    trial->strict_std_compliance = format->strict_std_compliance;
    can = add_copy(trial, stream) && avio_open_dyn_buf(&trial->pb) >= 0 && avformat_init_output(trial, NULL) >= 0;
    if (trial->pb) {
        (void)avio_close_dyn_buf(trial->pb, &written);
        av_free(written);
    }
    avformat_free_context(trial);
    return can;
}

int sink_add_stream(struct sink *sink, const AVStream *stream)
{
    struct container *container = sink->state;
    AVStream *added;

    if (!sink_holds_audio(sink) || !can_hold(container->format, stream))
        return -1;
    added = add_copy(container->format, stream);
    if (!added)
        return -1;
    copy_stream_tags(added, stream);
    return added->index;
}

static int copy_chapter(AVFormatContext *to, const AVChapter *from, int64_t start_us, int64_t length_us)
{
    int64_t begin = av_rescale_q(from->start, from->time_base, AV_TIME_BASE_Q) - start_us;
    int64_t end = av_rescale_q(from->end, from->time_base, AV_TIME_BASE_Q) - start_us;
    AVChapter *chapter;

    if (end <= 0 || begin >= length_us)
        return 0;
    chapter = av_mallocz(sizeof(*chapter));
    if (!chapter)
        return AVERROR(ENOMEM);
    chapter->id = from->id;
    chapter->time_base = AV_TIME_BASE_Q;
    chapter->start = begin > 0 ? begin : 0;
    chapter->end = end < length_us ? end : length_us;
    av_dict_copy(&chapter->metadata, from->metadata, 0);
    return av_dynarray_add_nofree(&to->chapters, (int *)&to->nb_chapters, chapter);
}

void sink_copy_tags(struct sink *sink, const AVFormatContext *input, int64_t start_us, int64_t length_us)
{
    /* Tags of a container, not of what is in it. */
    static const char *const dropped[] = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"};
    struct container *container = sink->state;

    if (!sink_holds_audio(sink))
        return;
    av_dict_copy(&container->format->metadata, input->metadata, 0);
    for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
        av_dict_set(&container->format->metadata, dropped[i], NULL, 0);
    for (unsigned i = 0; i < input->nb_chapters; i++)
        copy_chapter(container->format, input->chapters[i], start_us, length_us);
}

/* An edit list of MP4 starts after it, and Matroska has an element for what the codec adds. */
int64_t sink_padding_us(const struct sink *sink, const AVCodecParameters *audio)
{
    enum { PADDING_MOST_US = 100000 };

    if (sink->format->ticks != 1000)
        return sink->file.seekable ? PADDING_MOST_US : 0;
    if (audio->initial_padding <= 0 || audio->sample_rate <= 0)
        return 0;
    return av_rescale(audio->initial_padding, AV_TIME_BASE,
                      audio->codec_id == AV_CODEC_ID_OPUS ? 48000 : audio->sample_rate);
}

static bool keep_waiting(struct container *container, AVPacket *packet)
{
    AVPacket **more = realloc(container->waiting, (container->waiting_count + 1) * sizeof(AVPacket *));
    AVPacket *kept = more ? av_packet_alloc() : NULL;

    if (more)
        container->waiting = more;
    if (!kept)
        return false;
    av_packet_move_ref(kept, packet);
    container->waiting[container->waiting_count++] = kept;
    return true;
}

bool sink_write_packet(struct sink *sink, int stream, AVPacket *packet, struct fault *fault)
{
    struct container *container = sink->state;
    bool good;

    packet->stream_index = stream;
    pthread_mutex_lock(&container->lock);
    if (container->has_header)
        good = write_to(sink, packet, fault);
    else
        good = keep_waiting(container, packet) || fault_set(fault, "out of memory");
    pthread_mutex_unlock(&container->lock);
    return good;
}

const struct sink_ops sink_container_ops = {container_open, container_write, container_finish, container_free};
