/* SPDX-License-Identifier: MIT */

#include "coding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

const struct codec_row codec_rows[CODEC_ROWS] = {
    {"H.264", "avc1.64001f", "libx264", true, true},
    {"HEVC", "hvc1.1.6.L93.B0", "libx265", true, true},
    {"VP8", "vp8", "libvpx", true, false},
    {"VP9", "vp09.00.31.08", "libvpx-vp9", true, false},
    {"AV1", "av01.0.05M.08", "libaom-av1", true, false},
    {"AV1 of rav1e", "av01.0.05M.08", "librav1e", false, false},
    {"AV1 of SVT", "av01.0.05M.08", "libsvtav1", false, false},
#ifdef WCENC_HAS_VPX
    {"native-vp8", "vp8", "native-vpx", true, false},
    {"native-vp9", "vp09.00.31.08", "native-vpx", true, false},
#endif
#ifdef WCENC_HAS_AOM
    {"native-av1", "av01.0.05M.08", "native-aom", true, false},
#endif
#ifdef WCENC_HAS_OPENH264
    {"native-h264", "avc1.64001f", "native-openh264", true, true},
#endif
};

wcenc_config row_config(const struct codec_row *row, uint32_t width, uint32_t height)
{
    wcenc_config config = config_for(row->codec, width, height);

    config.encoder_name = row->encoder;
    config.latency_mode = row->realtime ? WCENC_LATENCY_REALTIME : WCENC_LATENCY_QUALITY;
    config.framerate = 30;
    config.bitrate = 3000000; /* as in SCL-004 */
    /* Pictures are small, and libvpx's threads spin while they wait for one another. */
    config.threads = 1;
    return config;
}

void coding_open(struct recorder *recorder, const wcenc_config *config)
{
    recorder_open(recorder);
    if (wcenc_encoder_configure(recorder->encoder, config) != WCENC_OK)
        fail_msg("configure: %s", wcenc_last_error());
}

void coding_encode(struct recorder *recorder, wcenc_frame *frame, bool key)
{
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof options);
    options.key_frame = key;
    if (wcenc_encoder_encode(recorder->encoder, frame, &options) != WCENC_OK)
        fail_msg("encode: %s", wcenc_last_error());
    wcenc_frame_unref(frame);
}

void coding_finish(struct recorder *recorder, struct decoder *decoder, int count)
{
    if (wcenc_encoder_flush(recorder->encoder) != WCENC_OK)
        fail_msg("flush: %s", recorder->error_message);
    assert_int_equal(recorder->chunk_count, count);
    decode_all(decoder, recorder->chunks, recorder->chunk_count);
    assert_int_equal(decoder->frame_count, count);
}

void coding_close(struct recorder *recorder, struct decoder *decoder)
{
    decoder_close(decoder);
    recorder_close(recorder);
}

struct weights {
    double red, blue;
};

static struct weights weights_of(wcenc_color_matrix matrix)
{
    switch (matrix) {
    case WCENC_COLOR_MATRIX_BT470BG:
    case WCENC_COLOR_MATRIX_SMPTE170M:
        return (struct weights){0.299, 0.114};
    case WCENC_COLOR_MATRIX_BT2020_NCL:
        return (struct weights){0.2627, 0.0593};
    default:
        return (struct weights){0.2126, 0.0722};
    }
}

void exact_yuv(const double rgb[3], wcenc_color_matrix matrix, wcenc_color_range range, double yuv[3])
{
    struct weights k = weights_of(matrix);
    bool full = range == WCENC_COLOR_RANGE_FULL;
    double r = rgb[0] / 255, g = rgb[1] / 255, b = rgb[2] / 255;
    double luma = k.red * r + (1 - k.red - k.blue) * g + k.blue * b;

    yuv[0] = full ? 255 * luma : 16 + 219 * luma;
    yuv[1] = fmin(128 + (full ? 255 : 224) * (b - luma) / (2 * (1 - k.blue)), 255);
    yuv[2] = fmin(128 + (full ? 255 : 224) * (r - luma) / (2 * (1 - k.red)), 255);
}

void exact_rgb(const double yuv[3], wcenc_color_matrix matrix, wcenc_color_range range, double rgb[3])
{
    struct weights k = weights_of(matrix);
    bool full = range == WCENC_COLOR_RANGE_FULL;
    double luma = full ? yuv[0] / 255 : (yuv[0] - 16) / 219;
    double u = (yuv[1] - 128) / (full ? 255 : 224), v = (yuv[2] - 128) / (full ? 255 : 224);
    double r = luma + 2 * (1 - k.red) * v, b = luma + 2 * (1 - k.blue) * u;

    rgb[0] = 255 * r;
    rgb[1] = 255 * (luma - k.red * r - k.blue * b) / (1 - k.red - k.blue);
    rgb[2] = 255 * b;
}

double greatest_difference(const AVFrame *frame, const double yuv[3])
{
    double greatest = 0;

    for (int plane = 0; plane < 3; plane++) {
        int width = plane ? (frame->width + 1) / 2 : frame->width;
        int height = plane ? (frame->height + 1) / 2 : frame->height;

        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                greatest =
                    fmax(greatest, fabs(frame->data[plane][(ptrdiff_t)y * frame->linesize[plane] + x] - yuv[plane]));
    }
    return greatest;
}
