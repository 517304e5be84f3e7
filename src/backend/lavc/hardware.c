/* SPDX-License-Identifier: MIT */

/*
 * Devices that encode. Whether one is there is asked of the file system first: FFmpeg prints about devices that it
 * looks for in vain. Most encoders take frames in memory; those of VAAPI want them on the device.
 */

#include "hardware.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/hwcontext.h>

#include "lavc.h"

enum { NODES_MAX = 64, SURFACES = 16 };

static const struct {
    const char *node; /* *: a number, of `count` from `first` on */
    int first;
    int count;
} nodes[] = {
    [DEVICE_NVIDIA] = {"/dev/nvidiactl", 0, 1},
    [DEVICE_QSV] = {"/dev/dri/renderD*", 128, NODES_MAX},
    [DEVICE_VAAPI] = {"/dev/dri/renderD*", 128, NODES_MAX},
    [DEVICE_AMF] = {"/dev/dri/renderD*", 128, NODES_MAX},
    [DEVICE_V4L2] = {"/dev/video*", 0, NODES_MAX},
};

const char *wcenc__lavc_device_missing(enum device device)
{
    char path[32];

    if (device == DEVICE_NONE)
        return NULL;
    for (int i = 0; i < nodes[device].count; i++) {
        const char *number = strchr(nodes[device].node, '*');

        if (number)
            (void)snprintf(path, sizeof path, "%.*s%d", (int)(number - nodes[device].node), nodes[device].node,
                           nodes[device].first + i);
        else
            (void)snprintf(path, sizeof path, "%s", nodes[device].node);
        if (access(path, R_OK | W_OK) == 0)
            return NULL;
    }
    return nodes[device].node;
}

/* Memory on the device for frames of the context's size. */
static int create_surfaces(AVCodecContext *context, enum AVPixelFormat format, AVBufferRef *device)
{
    AVBufferRef *reference = av_hwframe_ctx_alloc(device);
    AVHWFramesContext *frames;
    int error;

    if (!reference)
        return AVERROR(ENOMEM);
    frames = (AVHWFramesContext *)reference->data;
    frames->format = AV_PIX_FMT_VAAPI;
    frames->sw_format = format;
    frames->width = context->width;
    frames->height = context->height;
    frames->initial_pool_size = SURFACES;
    error = av_hwframe_ctx_init(reference);
    if (error < 0)
        av_buffer_unref(&reference);
    else
        context->hw_frames_ctx = reference;
    return error;
}

int wcenc__lavc_open_device(struct lavc_backend *lavc)
{
    AVBufferRef *device = NULL;
    int error;

    if (lavc->encoder->device != DEVICE_VAAPI)
        return 0;
    error = av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, NULL, NULL, 0);
    if (error >= 0)
        error = create_surfaces(lavc->context, lavc->pixel_format, device);
    av_buffer_unref(&device);
    return error;
}

int wcenc__lavc_upload(struct lavc_backend *lavc)
{
    AVFrame *surface;
    int error;

    if (!lavc->context->hw_frames_ctx)
        return 0;
    surface = av_frame_alloc();
    if (!surface)
        return AVERROR(ENOMEM);
    error = av_hwframe_get_buffer(lavc->context->hw_frames_ctx, surface, 0);
    if (error >= 0)
        error = av_hwframe_transfer_data(surface, lavc->frame, 0);
    if (error >= 0)
        error = av_frame_copy_props(surface, lavc->frame);
    if (error >= 0) {
        av_frame_unref(lavc->frame);
        av_frame_move_ref(lavc->frame, surface);
    }
    av_frame_free(&surface);
    return error;
}
