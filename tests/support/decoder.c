/* SPDX-License-Identifier: MIT */

#include "decoder.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *prefix;
    enum AVCodecID id;
} codec_ids[] = {
    {"avc1", AV_CODEC_ID_H264}, {"avc3", AV_CODEC_ID_H264}, {"hvc1", AV_CODEC_ID_HEVC}, {"hev1", AV_CODEC_ID_HEVC},
    {"vp8", AV_CODEC_ID_VP8},   {"vp09", AV_CODEC_ID_VP9},  {"av01", AV_CODEC_ID_AV1},
};

static const AVCodec *find_decoder(const char *codec)
{
    for (size_t i = 0; i < sizeof codec_ids / sizeof codec_ids[0]; i++)
        if (strncmp(codec, codec_ids[i].prefix, strlen(codec_ids[i].prefix)) == 0) {
            /* FFmpeg's own AV1 decoder needs hardware. */
            if (codec_ids[i].id == AV_CODEC_ID_AV1)
                return avcodec_find_decoder_by_name("libdav1d") ? avcodec_find_decoder_by_name("libdav1d")
                                                                : avcodec_find_decoder_by_name("libaom-av1");
            return avcodec_find_decoder(codec_ids[i].id);
        }
    return NULL;
}

void decoder_open(struct decoder *decoder, const wcenc_decoder_config *config)
{
    const AVCodec *codec = find_decoder(config->codec);

    memset(decoder, 0, sizeof *decoder);
    assert_non_null(codec);
    decoder->context = avcodec_alloc_context3(codec);
    decoder->packet = av_packet_alloc();
    assert_non_null(decoder->context);
    assert_non_null(decoder->packet);
    decoder->context->log_level_offset = 100;
    decoder->context->thread_count = 1;
    decoder->context->err_recognition = AV_EF_EXPLODE;
    if (config->description) {
        decoder->context->extradata = av_mallocz(config->description_size + AV_INPUT_BUFFER_PADDING_SIZE);
        assert_non_null(decoder->context->extradata);
        memcpy(decoder->context->extradata, config->description, config->description_size);
        decoder->context->extradata_size = (int)config->description_size;
    }
    assert_true(avcodec_open2(decoder->context, codec, NULL) >= 0);
}

static void take_frames(struct decoder *decoder)
{
    for (;;) {
        AVFrame *frame = av_frame_alloc();
        int error = avcodec_receive_frame(decoder->context, frame);

        if (error < 0) {
            assert_true(error == AVERROR(EAGAIN) || error == AVERROR_EOF);
            av_frame_free(&frame);
            return;
        }
        if (decoder->frame_count == decoder->capacity) {
            decoder->capacity = decoder->capacity ? decoder->capacity * 2 : 16;
            decoder->frames = realloc(decoder->frames, (size_t)decoder->capacity * sizeof(AVFrame *));
            assert_non_null(decoder->frames);
        }
        decoder->frames[decoder->frame_count++] = frame;
    }
}

void decoder_send(struct decoder *decoder, wcenc_chunk *chunk)
{
    AVPacket *packet = decoder->packet;

    assert_int_equal(av_new_packet(packet, (int)wcenc_chunk_get_byte_length(chunk)), 0);
    assert_int_equal(wcenc_chunk_copy_to(chunk, packet->data, (size_t)packet->size), WCENC_OK);
    packet->pts = wcenc_chunk_get_timestamp_us(chunk);
    packet->dts = wcenc_chunk_get_dts_us(chunk);
    packet->flags = wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY ? AV_PKT_FLAG_KEY : 0;
    assert_int_equal(avcodec_send_packet(decoder->context, packet), 0);
    av_packet_unref(packet);
    take_frames(decoder);
}

void decoder_drain(struct decoder *decoder)
{
    assert_int_equal(avcodec_send_packet(decoder->context, NULL), 0);
    take_frames(decoder);
}

void decoder_close(struct decoder *decoder)
{
    for (int i = 0; i < decoder->frame_count; i++)
        av_frame_free(&decoder->frames[i]);
    free(decoder->frames);
    av_packet_free(&decoder->packet);
    avcodec_free_context(&decoder->context);
}

void decode_all(struct decoder *decoder, wcenc_chunk *const *chunks, int count)
{
    assert_true(count > 0);
    assert_non_null(wcenc_chunk_get_metadata(chunks[0])->decoder_config);
    decoder_open(decoder, wcenc_chunk_get_metadata(chunks[0])->decoder_config);
    for (int i = 0; i < count; i++)
        decoder_send(decoder, chunks[i]);
    decoder_drain(decoder);
}

double frame_psnr(const AVFrame *frame, const uint8_t *i420)
{
    double sum = 0, samples = 0;
    const uint8_t *reference = i420;

    for (int plane = 0; plane < 3; plane++) {
        int width = plane ? (frame->width + 1) / 2 : frame->width;
        int height = plane ? (frame->height + 1) / 2 : frame->height;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int difference = frame->data[plane][(ptrdiff_t)y * frame->linesize[plane] + x] - *reference++;

                sum += difference * difference;
            }
        samples += (double)width * height;
    }
    return sum == 0 ? 99 : 10 * log10(255.0 * 255.0 * samples / sum);
}
