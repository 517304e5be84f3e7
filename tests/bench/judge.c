/* SPDX-License-Identifier: MIT */

#include "judge.h"

#include <string.h>

#include <libavcodec/avcodec.h>

#include "../process/check.h"

/* FFmpeg's own decoder of AV1 needs hardware. */
static const AVCodec *find_decoder(const struct bench_codec *codec)
{
    const AVCodec *decoder;

    if (codec->id != AV_CODEC_ID_AV1)
        return avcodec_find_decoder(codec->id);
    decoder = avcodec_find_decoder_by_name("libdav1d");
    return decoder ? decoder : avcodec_find_decoder_by_name("libaom-av1");
}

void judge_open(struct judge *judge, const struct bench_codec *codec, const struct content *content)
{
    const AVCodec *decoder = find_decoder(codec);

    CHECK(decoder);
    *judge = (struct judge){.content = content};
    tally_start(&judge->tally);
    CHECK(judge->decoder = avcodec_alloc_context3(decoder));
    CHECK(judge->packet = av_packet_alloc());
    CHECK(judge->frame = av_frame_alloc());
    judge->decoder->thread_count = 1;
    judge->decoder->err_recognition = AV_EF_EXPLODE;
    CHECK(avcodec_open2(judge->decoder, decoder, NULL) >= 0);
}

static void write_decoded(FILE *file, const struct picture *picture, int width, int height)
{
    for (int plane = 0; plane < 3; plane++) {
        const size_t columns = (size_t)(plane ? (width + 1) / 2 : width);
        const int lines = plane ? (height + 1) / 2 : height;

        for (int y = 0; y < lines; y++)
            CHECK_EQUAL(
                (long long)fwrite(picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane], 1, columns, file),
                (long long)columns);
    }
}

static void take_frames(struct judge *judge)
{
    const AVFrame *frame = judge->frame;
    int result;

    while ((result = avcodec_receive_frame(judge->decoder, judge->frame)) >= 0) {
        const struct picture coded = {
            .planes = {frame->data[0], frame->data[1], frame->data[2]},
            .strides = {frame->linesize[0], frame->linesize[1], frame->linesize[2]},
        };
        const struct picture source =
            picture_of_i420(content_picture(judge->content, frame->pts), frame->width, frame->height);

        CHECK(frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P);
        CHECK_EQUAL(
            (long long)(judge->content->picture_size),
            (long long)(frame->width * frame->height + 2 * ((frame->width + 1) / 2) * ((frame->height + 1) / 2)));
        distortion_add(&judge->distortion, &coded, &source, frame->width, frame->height);
        if (judge->decoded)
            write_decoded(judge->decoded, &coded, frame->width, frame->height);
        av_frame_unref(judge->frame);
    }
    CHECK(result == AVERROR(EAGAIN) || result == AVERROR_EOF);
}

void judge_take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct judge *judge = user;

    tally_take(&judge->tally, data, size, number);
    CHECK_EQUAL(av_new_packet(judge->packet, (int)size), 0);
    memcpy(judge->packet->data, data, size);
    judge->packet->pts = number;
    CHECK_EQUAL(avcodec_send_packet(judge->decoder, judge->packet), 0);
    av_packet_unref(judge->packet);
    take_frames(judge);
}

void judge_finish(struct judge *judge)
{
    CHECK_EQUAL(avcodec_send_packet(judge->decoder, NULL), 0);
    take_frames(judge);
    av_packet_free(&judge->packet);
    av_frame_free(&judge->frame);
    avcodec_free_context(&judge->decoder);
}
