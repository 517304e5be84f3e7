/* SPDX-License-Identifier: MIT */

#include "map.h"

#include "pixel_format.h"

static const enum AVPixelFormat pixel_formats[PIXEL_FORMAT_COUNT] = {
    [WCENC_PIXEL_FORMAT_NONE] = AV_PIX_FMT_NONE,          [WCENC_PIXEL_FORMAT_I420] = AV_PIX_FMT_YUV420P,
    [WCENC_PIXEL_FORMAT_I420P10] = AV_PIX_FMT_YUV420P10,  [WCENC_PIXEL_FORMAT_I420P12] = AV_PIX_FMT_YUV420P12,
    [WCENC_PIXEL_FORMAT_I420A] = AV_PIX_FMT_YUV420P,      [WCENC_PIXEL_FORMAT_I420AP10] = AV_PIX_FMT_YUV420P10,
    [WCENC_PIXEL_FORMAT_I420AP12] = AV_PIX_FMT_YUV420P12, [WCENC_PIXEL_FORMAT_I422] = AV_PIX_FMT_YUV422P,
    [WCENC_PIXEL_FORMAT_I422P10] = AV_PIX_FMT_YUV422P10,  [WCENC_PIXEL_FORMAT_I422P12] = AV_PIX_FMT_YUV422P12,
    [WCENC_PIXEL_FORMAT_I422A] = AV_PIX_FMT_YUV422P,      [WCENC_PIXEL_FORMAT_I422AP10] = AV_PIX_FMT_YUV422P10,
    [WCENC_PIXEL_FORMAT_I422AP12] = AV_PIX_FMT_YUV422P12, [WCENC_PIXEL_FORMAT_I444] = AV_PIX_FMT_YUV444P,
    [WCENC_PIXEL_FORMAT_I444P10] = AV_PIX_FMT_YUV444P10,  [WCENC_PIXEL_FORMAT_I444P12] = AV_PIX_FMT_YUV444P12,
    [WCENC_PIXEL_FORMAT_I444A] = AV_PIX_FMT_YUV444P,      [WCENC_PIXEL_FORMAT_I444AP10] = AV_PIX_FMT_YUV444P10,
    [WCENC_PIXEL_FORMAT_I444AP12] = AV_PIX_FMT_YUV444P12, [WCENC_PIXEL_FORMAT_NV12] = AV_PIX_FMT_NV12,
    [WCENC_PIXEL_FORMAT_RGBA] = AV_PIX_FMT_RGB0,          [WCENC_PIXEL_FORMAT_RGBX] = AV_PIX_FMT_RGB0,
    [WCENC_PIXEL_FORMAT_BGRA] = AV_PIX_FMT_BGR0,          [WCENC_PIXEL_FORMAT_BGRX] = AV_PIX_FMT_BGR0,
    [WCENC_PIXEL_FORMAT_NV21] = AV_PIX_FMT_NV21,          [WCENC_PIXEL_FORMAT_P010] = AV_PIX_FMT_P010,
    [WCENC_PIXEL_FORMAT_YUYV] = AV_PIX_FMT_YUYV422,       [WCENC_PIXEL_FORMAT_UYVY] = AV_PIX_FMT_UYVY422,
    [WCENC_PIXEL_FORMAT_RGB24] = AV_PIX_FMT_RGB24,        [WCENC_PIXEL_FORMAT_BGR24] = AV_PIX_FMT_BGR24,
    [WCENC_PIXEL_FORMAT_GRAY8] = AV_PIX_FMT_GRAY8,
};

enum AVPixelFormat wcenc__lavc_pixel_format(wcenc_pixel_format format)
{
    return wcenc__pixel_format(format) ? pixel_formats[format] : AV_PIX_FMT_NONE;
}

/* FFmpeg's values are H.273's code points, as the library's are; only "not given" and RGB differ. */

enum AVColorPrimaries wcenc__lavc_primaries(wcenc_color_primaries primaries)
{
    return primaries ? (enum AVColorPrimaries)primaries : AVCOL_PRI_UNSPECIFIED;
}

enum AVColorTransferCharacteristic wcenc__lavc_transfer(wcenc_color_transfer transfer)
{
    return transfer ? (enum AVColorTransferCharacteristic)transfer : AVCOL_TRC_UNSPECIFIED;
}

enum AVColorSpace wcenc__lavc_matrix(wcenc_color_matrix matrix)
{
    if (matrix == WCENC_COLOR_MATRIX_RGB)
        return AVCOL_SPC_RGB;
    return matrix ? (enum AVColorSpace)matrix : AVCOL_SPC_UNSPECIFIED;
}

enum AVColorRange wcenc__lavc_range(wcenc_color_range range)
{
    return range == WCENC_COLOR_RANGE_FULL      ? AVCOL_RANGE_JPEG
           : range == WCENC_COLOR_RANGE_LIMITED ? AVCOL_RANGE_MPEG
                                                : AVCOL_RANGE_UNSPECIFIED;
}

enum AVChromaLocation wcenc__lavc_chroma_location(wcenc_chroma_location location)
{
    static const enum AVChromaLocation locations[] = {
        [WCENC_CHROMA_LOCATION_UNSPECIFIED] = AVCHROMA_LOC_UNSPECIFIED,
        [WCENC_CHROMA_LOCATION_LEFT] = AVCHROMA_LOC_LEFT,
        [WCENC_CHROMA_LOCATION_CENTER] = AVCHROMA_LOC_CENTER,
        [WCENC_CHROMA_LOCATION_TOP_LEFT] = AVCHROMA_LOC_TOPLEFT,
    };

    return locations[location];
}
