/* SPDX-License-Identifier: MIT */

#include "psnr.h"

#include <math.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "../process/check.h"

/* FFmpeg's own decoder of AV1 needs hardware. */
static const AVCodec *find_decoder(const struct bench_codec *codec)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(codec->encoder), *decoder;

    CHECK(encoder);
    if (encoder->id != AV_CODEC_ID_AV1)
        return avcodec_find_decoder(encoder->id);
    decoder = avcodec_find_decoder_by_name("libdav1d");
    return decoder ? decoder : avcodec_find_decoder_by_name("libaom-av1");
}

void psnr_open(struct psnr *psnr, const struct bench_codec *codec, const struct content *content)
{
    const AVCodec *decoder = find_decoder(codec);

    CHECK(decoder);
    *psnr = (struct psnr){.content = content};
    tally_start(&psnr->tally);
    CHECK(psnr->decoder = avcodec_alloc_context3(decoder));
    CHECK(psnr->packet = av_packet_alloc());
    CHECK(psnr->frame = av_frame_alloc());
    psnr->decoder->thread_count = 1;
    psnr->decoder->err_recognition = AV_EF_EXPLODE;
    CHECK(avcodec_open2(psnr->decoder, decoder, NULL) >= 0);
}

/* Over all samples of the three planes; 99 where there is no difference. */
static double compare(const AVFrame *frame, const uint8_t *i420)
{
    double squares = 0, samples = 0;

    for (int plane = 0; plane < 3; plane++) {
        const int width = plane ? (frame->width + 1) / 2 : frame->width;
        const int height = plane ? (frame->height + 1) / 2 : frame->height;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                const int difference = frame->data[plane][(ptrdiff_t)y * frame->linesize[plane] + x] - *i420++;

                squares += difference * difference;
            }
        samples += (double)width * height;
    }
    return squares == 0 ? 99 : 10 * log10(255.0 * 255.0 * samples / squares);
}

static void take_frames(struct psnr *psnr)
{
    int result;

    while ((result = avcodec_receive_frame(psnr->decoder, psnr->frame)) >= 0) {
        CHECK_EQUAL(psnr->frame->format, AV_PIX_FMT_YUV420P);
        psnr->sum += compare(psnr->frame, content_picture(psnr->content, psnr->frame->pts));
        psnr->frames++;
        av_frame_unref(psnr->frame);
    }
    CHECK(result == AVERROR(EAGAIN) || result == AVERROR_EOF);
}

void psnr_take(void *user, const uint8_t *data, size_t size, int64_t number)
{
    struct psnr *psnr = user;

    tally_take(&psnr->tally, data, size, number);
    CHECK_EQUAL(av_new_packet(psnr->packet, (int)size), 0);
    memcpy(psnr->packet->data, data, size);
    psnr->packet->pts = psnr->packet->dts = number;
    CHECK_EQUAL(avcodec_send_packet(psnr->decoder, psnr->packet), 0);
    av_packet_unref(psnr->packet);
    take_frames(psnr);
}

double psnr_finish(struct psnr *psnr)
{
    CHECK_EQUAL(avcodec_send_packet(psnr->decoder, NULL), 0);
    take_frames(psnr);
    av_packet_free(&psnr->packet);
    av_frame_free(&psnr->frame);
    avcodec_free_context(&psnr->decoder);
    return psnr->frames ? psnr->sum / psnr->frames : 0;
}
