/* SPDX-License-Identifier: MIT */

/* Frames into libavcodec and packets out of it. */

#include <string.h>

#include <libavutil/avutil.h>

#include "lavc.h"
#include "map.h"
#include "mem.h"

/*
 * Pixels that an encoder has, and those that it has released. FFmpeg releases them deep inside its calls, on any
 * thread; the frame's `release`, which is user code, has to wait until the call is over.
 */
struct borrowed {
    struct borrowed *next;
    struct lavc_backend *lavc;
    struct pixels *pixels; /* a reference */
};

static void released(void *opaque, uint8_t *data)
{
    struct borrowed *borrowed = opaque;
    struct borrowed *first = atomic_load(&borrowed->lavc->released);

    (void)data;
    do
        borrowed->next = first;
    while (!atomic_compare_exchange_weak(&borrowed->lavc->released, &first, borrowed));
}

void wcenc__lavc_release_pixels(struct lavc_backend *lavc)
{
    struct borrowed *first = atomic_exchange(&lavc->released, NULL), *next;

    for (; first; first = next) {
        next = first->next;
        wcenc__pixels_unref(first->pixels);
        mem_free(first);
    }
}

/* A buffer that stands for the pixels as long as the encoder needs them. NULL if out of memory. */
static AVBufferRef *wrap(struct lavc_backend *lavc, const struct picture *picture, size_t size)
{
    struct borrowed *borrowed = mem_alloc(sizeof *borrowed);
    AVBufferRef *buffer;

    if (!borrowed)
        return NULL;
    *borrowed = (struct borrowed){NULL, lavc, picture->pixels};
    buffer = av_buffer_create((uint8_t *)picture->planes[0], size, released, borrowed, AV_BUFFER_FLAG_READONLY);
    if (buffer)
        wcenc__pixels_ref(picture->pixels);
    else
        mem_free(borrowed);
    return buffer;
}

/* Wraps the picture's planes in a frame: libavcodec copies pixels that have no buffer behind them. */
static bool fill_frame(struct lavc_backend *lavc, const struct picture *picture)
{
    AVFrame *frame = lavc->frame;
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    size_t size = (size_t)picture->strides[0] * picture->height;

    frame->format = lavc->pixel_format;
    frame->width = (int)picture->width;
    frame->height = (int)picture->height;
    frame->color_primaries = wcenc__lavc_primaries(picture->color_space.primaries);
    frame->color_trc = wcenc__lavc_transfer(picture->color_space.transfer);
    frame->colorspace = wcenc__lavc_matrix(picture->color_space.matrix);
    frame->color_range = wcenc__lavc_range(picture->color_space.range);
    frame->chroma_location = lavc->chroma_location;
    for (int plane = 0; plane < format->plane_count && plane < 3; plane++) {
        frame->data[plane] = (uint8_t *)picture->planes[plane];
        frame->linesize[plane] = (int)picture->strides[plane];
    }
    frame->buf[0] = wrap(lavc, picture, size);
    return frame->buf[0] != NULL;
}

/*
 * One region of interest over the whole picture moves the quantizer from the base that the option table sets (26 of 8
 * bits; each further bit puts 6 below the scale), in units of the whole scale.
 */
static bool set_quantizer(AVFrame *frame, int32_t quantizer, uint8_t bit_depth)
{
    const int below = 6 * (bit_depth - 8), base = 26 + below, scale = 51 + below;
    AVFrameSideData *side_data;
    AVRegionOfInterest *region;

    if (quantizer < 0)
        return true;
    side_data = av_frame_new_side_data(frame, AV_FRAME_DATA_REGIONS_OF_INTEREST, sizeof *region);
    if (!side_data)
        return false;
    region = (AVRegionOfInterest *)side_data->data;
    *region = (AVRegionOfInterest){.self_size = sizeof *region,
                                   .top = 0,
                                   .bottom = frame->height,
                                   .left = 0,
                                   .right = frame->width,
                                   .qoffset = {quantizer - base, scale}};
    return true;
}

static enum backend_result fail(struct lavc_backend *lavc, int error, const char *doing, struct failure *failure)
{
    wcenc__failure_set(failure, lavc_status(error, WCENC_ERROR_ENCODING), error, "%s failed %s: %s",
                       lavc->encoder->name, doing, av_err2str(error));
    return BACKEND_FAILED;
}

/* The error of a call, or the one that it has left out. */
static int true_error(struct lavc_backend *lavc, int error)
{
    return atomic_exchange(&lavc->lacked_memory, false) ? AVERROR(ENOMEM) : error;
}

enum backend_result wcenc__lavc_send(struct backend *backend, const struct backend_frame *frame,
                                     struct failure *failure)
{
    struct lavc_backend *lavc = lavc_of(backend);
    int error = AVERROR(ENOMEM);

    if (fill_frame(lavc, frame->picture) &&
        (!lavc->frame_quantizer || set_quantizer(lavc->frame, frame->quantizer, lavc->bit_depth)) &&
        wcenc__lavc_set_layer(lavc, frame)) {
        lavc->frame->pict_type = frame->key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        wcenc__lavc_begin_call(lavc);
        wcenc__lavc_set_time(lavc, frame);
        if (lavc->clock == COUNTS_BITRATES)
            wcenc__lavc_set_rate(lavc, frame->duration_us);
        error = wcenc__lavc_upload(lavc);
        if (error >= 0)
            error = true_error(lavc, avcodec_send_frame(lavc->context, lavc->frame));
        lavc->has_frame = lavc->has_frame || error >= 0;
        wcenc__lavc_end_call(lavc);
    }
    av_frame_unref(lavc->frame);
    wcenc__lavc_release_pixels(lavc);
    if (error == AVERROR(EAGAIN))
        return BACKEND_AGAIN;
    return error < 0 ? fail(lavc, error, "with a frame", failure) : BACKEND_OK;
}

/* Packets come with the times of frames where the encoder counts in these. */
static bool take_packet(struct lavc_backend *lavc, struct backend_packet *packet)
{
    if (!wcenc__lavc_make_packet(lavc, packet))
        return false;
    packet->index = wcenc__lavc_index(lavc, packet->index);
    packet->dts_index = wcenc__lavc_index(lavc, packet->dts_index);
    return true;
}

enum backend_result wcenc__lavc_receive(struct backend *backend, struct backend_packet *packet, struct failure *failure)
{
    struct lavc_backend *lavc = lavc_of(backend);
    bool is_made = false;
    int error;

    wcenc__lavc_begin_call(lavc);
    error = true_error(lavc, avcodec_receive_packet(lavc->context, lavc->packet));
    if (error >= 0)
        is_made = take_packet(lavc, packet);
    else
        av_packet_unref(lavc->packet);
    wcenc__lavc_end_call(lavc);
    wcenc__lavc_release_pixels(lavc);
    if (error == AVERROR(EAGAIN))
        return BACKEND_AGAIN;
    if (error == AVERROR_EOF)
        return BACKEND_END;
    if (error < 0)
        return fail(lavc, error, "to give a packet", failure);
    return is_made ? BACKEND_OK : fail(lavc, AVERROR(ENOMEM), "to give a packet", failure);
}

enum backend_result wcenc__lavc_drain(struct backend *backend, struct failure *failure)
{
    struct lavc_backend *lavc = lavc_of(backend);
    int error;

    wcenc__lavc_begin_call(lavc);
    error = true_error(lavc, avcodec_send_frame(lavc->context, NULL));
    wcenc__lavc_end_call(lavc);
    wcenc__lavc_release_pixels(lavc);
    return error < 0 ? fail(lavc, error, "to drain", failure) : BACKEND_OK;
}
