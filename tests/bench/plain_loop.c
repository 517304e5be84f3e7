/* SPDX-License-Identifier: MIT */

#include "plain_loop.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>

static void need(int result, const char *what)
{
    if (result >= 0)
        return;
    (void)fprintf(stderr, "plain loop: %s: %s\n", what, av_err2str(result));
    exit(1);
}

static void need_memory(const void *block)
{
    need(block ? 0 : AVERROR(ENOMEM), "memory");
}

static void open_encoder(struct plain *plain, const struct bench_case *bench_case)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(bench_case->codec->encoder);
    char text[OPTIONS_SIZE];
    AVDictionary *options = NULL;

    need(codec ? 0 : AVERROR_ENCODER_NOT_FOUND, bench_case->codec->encoder);
    need_memory(plain->encoder = avcodec_alloc_context3(codec));
    plain->encoder->width = (int)bench_case->size->width;
    plain->encoder->height = (int)bench_case->size->height;
    plain->encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    plain->encoder->time_base = (AVRational){1, FRAMERATE};
    plain->encoder->framerate = (AVRational){FRAMERATE, 1};
    plain->encoder->color_primaries = AVCOL_PRI_BT709;
    plain->encoder->color_trc = AVCOL_TRC_BT709;
    plain->encoder->colorspace = bench_case->codec->matrix;
    plain->encoder->color_range = AVCOL_RANGE_MPEG;
    case_options(bench_case, text);
    need(av_dict_parse_string(&options, text, "=", ":", 0), text);
    if (bench_case->codec->implied)
        need(av_dict_parse_string(&options, bench_case->codec->implied, "=", ":", 0), bench_case->codec->implied);
    need(avcodec_open2(plain->encoder, codec, &options), "opening the encoder");
    /* What is left of the options is what the encoder does not know. */
    need(av_dict_count(options) ? AVERROR_OPTION_NOT_FOUND : 0, text);
    av_dict_free(&options);
}

/* The frame that pictures are converted into, and the converter. */
static void open_scaler(struct plain *plain)
{
    const AVCodecContext *encoder = plain->encoder;
    const int *matrix = sws_getCoefficients(encoder->colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_ITU601);

    plain->frame->format = encoder->pix_fmt;
    plain->frame->width = encoder->width;
    plain->frame->height = encoder->height;
    need(av_frame_get_buffer(plain->frame, 0), "memory for the frame");
    plain->scaler = sws_getContext(encoder->width, encoder->height, plain->format, encoder->width, encoder->height,
                                   encoder->pix_fmt, SWS_BILINEAR, NULL, NULL, NULL);
    need_memory(plain->scaler);
    need(sws_setColorspaceDetails(plain->scaler, matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16), "colours");
}

void plain_open(struct plain *plain, const struct bench_case *bench_case, take_fn take, void *user)
{
    *plain = (struct plain){.format = bench_case->format->av_format, .take = take, .user = user};
    open_encoder(plain, bench_case);
    need_memory(plain->frame = av_frame_alloc());
    need_memory(plain->packet = av_packet_alloc());
    if (plain->format != plain->encoder->pix_fmt)
        open_scaler(plain);
}

static void convert(struct plain *plain, const uint8_t *pixels)
{
    uint8_t *planes[4];
    int strides[4];

    need(av_image_fill_arrays(planes, strides, pixels, plain->format, plain->encoder->width, plain->encoder->height, 1),
         "the picture");
    /* The encoder may still hold the frame's memory; then this is a new one. */
    need(av_frame_make_writable(plain->frame), "memory for the frame");
    need(sws_scale(plain->scaler, (const uint8_t *const *)planes, strides, 0, plain->encoder->height,
                   plain->frame->data, plain->frame->linesize),
         "converting");
}

static void leave_alone(void *opaque, uint8_t *data)
{
    (void)opaque;
    (void)data;
}

/* Without a buffer behind the pixels libavcodec would copy them. */
static void wrap(struct plain *plain, const uint8_t *pixels)
{
    AVFrame *frame = plain->frame;
    int size;

    av_frame_unref(frame);
    frame->format = plain->format;
    frame->width = plain->encoder->width;
    frame->height = plain->encoder->height;
    size = av_image_fill_arrays(frame->data, frame->linesize, pixels, plain->format, frame->width, frame->height, 1);
    need(size, "the picture");
    frame->buf[0] = av_buffer_create((uint8_t *)pixels, (size_t)size, leave_alone, NULL, AV_BUFFER_FLAG_READONLY);
    need_memory(frame->buf[0]);
}

static void send(struct plain *plain, const AVFrame *frame)
{
    int result;

    need(avcodec_send_frame(plain->encoder, frame), "encoding");
    while ((result = avcodec_receive_packet(plain->encoder, plain->packet)) >= 0) {
        plain->take(plain->user, plain->packet->data, (size_t)plain->packet->size, plain->packet->pts);
        av_packet_unref(plain->packet);
    }
    need(result == AVERROR(EAGAIN) || result == AVERROR_EOF ? 0 : result, "encoding");
}

void plain_encode(struct plain *plain, const uint8_t *pixels, int64_t number)
{
    if (plain->scaler)
        convert(plain, pixels);
    else
        wrap(plain, pixels);
    plain->frame->pts = number;
    send(plain, plain->frame);
}

void plain_drain(struct plain *plain)
{
    send(plain, NULL);
}

void plain_close(struct plain *plain)
{
    av_packet_free(&plain->packet);
    av_frame_free(&plain->frame);
    sws_freeContext(plain->scaler);
    avcodec_free_context(&plain->encoder);
}
