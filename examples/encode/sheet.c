/* SPDX-License-Identifier: MIT */

/* The contact sheet. */

#include "sheet.h"

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <string.h>

enum { TILE_MOST = 400, GAP = 8, LABEL = 24, GLYPH_WIDTH = 5, GLYPH_HEIGHT = 7, GLYPH_SCALE = 2 };

/* Rows of five pixels, the leftmost is 16: what labels are made of. */
static const struct glyph {
    char letter;
    uint8_t rows[GLYPH_HEIGHT];
} glyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},    {'2', {14, 17, 1, 2, 4, 8, 31}},
    {'3', {31, 2, 4, 2, 1, 17, 14}},     {'4', {2, 6, 10, 18, 31, 2, 2}},   {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},     {'8', {14, 17, 17, 14, 17, 17, 14}},
    {'9', {14, 17, 17, 15, 1, 2, 12}},   {'.', {0, 0, 0, 0, 0, 12, 12}},    {'d', {1, 1, 13, 19, 17, 17, 15}},
    {'B', {30, 17, 17, 30, 17, 17, 30}}, {'s', {0, 0, 14, 16, 14, 1, 30}},  {'o', {0, 0, 14, 17, 17, 17, 14}},
    {'u', {0, 0, 17, 17, 17, 19, 13}},   {'r', {0, 0, 22, 25, 16, 16, 16}}, {'c', {0, 0, 14, 16, 16, 17, 14}},
    {'e', {0, 0, 14, 17, 31, 16, 14}},   {'l', {12, 4, 4, 4, 4, 4, 14}},    {'t', {8, 8, 28, 8, 8, 9, 6}},
};

static void draw_dot(AVFrame *picture, int x, int y)
{
    for (int i = 0; i < GLYPH_SCALE; i++)
        for (int k = 0; k < GLYPH_SCALE; k++)
            if (x + k < picture->width && y + i < picture->height)
                memset(picture->data[0] + (ptrdiff_t)(y + i) * picture->linesize[0] + (ptrdiff_t)(x + k) * 3, 40, 3);
}

static void draw_text(AVFrame *picture, int x, int y, const char *text)
{
    for (; *text; text++, x += (GLYPH_WIDTH + 1) * GLYPH_SCALE)
        for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++)
            for (int row = 0; glyphs[i].letter == *text && row < GLYPH_HEIGHT; row++)
                for (int column = 0; column < GLYPH_WIDTH; column++)
                    if (glyphs[i].rows[row] >> (GLYPH_WIDTH - 1 - column) & 1)
                        draw_dot(picture, x + column * GLYPH_SCALE, y + row * GLYPH_SCALE);
}

/* Tiles have the shape of the first frame, at most TILE_MOST a side. */
static bool start(struct sheet *sheet, const AVFrame *frame)
{
    int longer = frame->width > frame->height ? frame->width : frame->height;
    AVFrame *picture = av_frame_alloc();

    if (!picture)
        return false;
    sheet->tile_width = frame->width * TILE_MOST / longer > 0 ? frame->width * TILE_MOST / longer : 1;
    sheet->tile_height = frame->height * TILE_MOST / longer > 0 ? frame->height * TILE_MOST / longer : 1;
    picture->format = AV_PIX_FMT_RGB24;
    picture->width = GAP + SHEET_COLUMNS * (sheet->tile_width + GAP);
    picture->height = GAP + 2 * (sheet->tile_height + LABEL + GAP);
    if (av_frame_get_buffer(picture, 0) < 0) {
        av_frame_free(&picture);
        return false;
    }
    for (int y = 0; y < picture->height; y++)
        memset(picture->data[0] + (ptrdiff_t)y * picture->linesize[0], 240, (size_t)picture->width * 3);
    sheet->picture = picture;
    return true;
}

bool sheet_add(struct sheet *sheet, const AVFrame *frame, int column, int row, const char *text)
{
    int x = GAP + column * (sheet->tile_width + GAP);
    int y = GAP + row * (sheet->tile_height + LABEL + GAP);
    const int *matrix = sws_getCoefficients((int)frame->colorspace);
    struct SwsContext *scaler;
    uint8_t *to[4] = {NULL};
    int strides[4] = {0};
    int done;

    if (!sheet->picture && !start(sheet, frame))
        return false;
    x = GAP + column * (sheet->tile_width + GAP);
    y = GAP + row * (sheet->tile_height + LABEL + GAP);
    scaler = sws_getContext(frame->width, frame->height, (enum AVPixelFormat)frame->format, sheet->tile_width,
                            sheet->tile_height, AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (!scaler)
        return false;
    sws_setColorspaceDetails(scaler, matrix, frame->color_range == AVCOL_RANGE_JPEG, matrix, 1, 0, 1 << 16, 1 << 16);
    to[0] = sheet->picture->data[0] + (ptrdiff_t)y * sheet->picture->linesize[0] + (ptrdiff_t)x * 3;
    strides[0] = sheet->picture->linesize[0];
    done = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, to, strides);
    sws_freeContext(scaler);
    draw_text(sheet->picture, x, y + sheet->tile_height + 5, text);
    return done == sheet->tile_height;
}

bool sheet_write(const struct sheet *sheet, struct outfile *file, struct fault *fault)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    AVPacket *packet = av_packet_alloc();
    bool good = false;

    if (!codec)
        fault_set(fault, "%s: this FFmpeg has no encoder for PNG", file->path);
    if (encoder && packet) {
        encoder->width = sheet->picture->width;
        encoder->height = sheet->picture->height;
        encoder->pix_fmt = AV_PIX_FMT_RGB24;
        encoder->time_base = (AVRational){1, 1};
        good = avcodec_open2(encoder, codec, NULL) >= 0 && avcodec_send_frame(encoder, sheet->picture) >= 0 &&
               avcodec_send_frame(encoder, NULL) >= 0 && avcodec_receive_packet(encoder, packet) >= 0 &&
               outfile_write(file, packet->data, (size_t)packet->size);
    }
    av_packet_free(&packet);
    avcodec_free_context(&encoder);
    return good || outfile_fault(file, fault);
}

void sheet_free(struct sheet *sheet)
{
    av_frame_free(&sheet->picture);
}
