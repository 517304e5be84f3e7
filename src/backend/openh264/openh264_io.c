/* SPDX-License-Identifier: MIT */

/* Frames into OpenH264 and packets out of it. It copies pixels as it takes a frame, and answers at once. */

#include <string.h>

#include "mem.h"
#include "openh264.h"

static SSourcePicture wrap(const struct openh264_backend *openh264, const struct backend_frame *frame)
{
    const struct picture *picture = frame->picture;
    const double seconds = (double)frame->index / (double)openh264->parameters.fMaxFrameRate;
    SSourcePicture source = {
        .iColorFormat = videoFormatI420,
        .iPicWidth = (int)picture->width,
        .iPicHeight = (int)picture->height,
        .uiTimeStamp = (long long)(seconds * 1000),
    };

    for (int plane = 0; plane < 3; plane++) {
        source.pData[plane] = (unsigned char *)picture->planes[plane];
        source.iStride[plane] = (int)picture->strides[plane];
    }
    return source;
}

/* Without one the last holds. */
static int set_quantizer(struct openh264_backend *openh264, const struct backend_frame *frame)
{
    const double activity = wcenc__openh264_activity(frame->picture);

    if (frame->quantizer >= 0)
        openh264->quantizer = frame->quantizer;
    return wcenc__openh264_set_quantizer(openh264, openh264->layer,
                                         wcenc__openh264_finest_quantizer(&openh264->parameters, activity));
}

/* It has patterns of layers of its own, which key frames restart, and which have to be those of the stream. */
static bool has_layer(const SFrameBSInfo *output, uint8_t layer)
{
    for (int i = 0; i < output->iLayerNum; i++)
        if (output->sLayerInfo[i].uiLayerType == VIDEO_CODING_LAYER && output->sLayerInfo[i].uiTemporalId != layer)
            return false;
    return true;
}

enum backend_result wcenc__openh264_send(struct backend *backend, const struct backend_frame *frame,
                                         struct failure *failure)
{
    struct openh264_backend *openh264 = openh264_of(backend);
    const SSourcePicture source = wrap(openh264, frame);
    int error;

    if (openh264->has_output)
        return BACKEND_AGAIN;
    openh264->index = frame->index;
    openh264->layer = frame->step && !frame->key ? frame->step->layer : 0;
    error = set_quantizer(openh264, frame);
    if (error == cmResultSuccess && frame->key && frame->index > 0)
        error = (*openh264->encoder)->ForceIntraFrame(openh264->encoder, true);
    if (error == cmResultSuccess)
        error = (*openh264->encoder)->EncodeFrame(openh264->encoder, &source, &openh264->output);
    if (error != cmResultSuccess) {
        (void)wcenc__openh264_fail(openh264, error, "with a frame", failure);
        return BACKEND_FAILED;
    }
    if (!has_layer(&openh264->output, openh264->layer)) {
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0, "%s coded a frame of another layer", openh264->name);
        return BACKEND_FAILED;
    }
    openh264->has_output = true;
    openh264->is_drained = false;
    return BACKEND_OK;
}

/* Layers without pictures are parameter sets as OpenH264 wrote them. */
static size_t size_of(const SLayerBSInfo *layer)
{
    size_t size = 0;

    for (int i = 0; layer->uiLayerType == VIDEO_CODING_LAYER && i < layer->iNalCount; i++)
        size += (size_t)layer->pNalLengthInByte[i];
    return size;
}

static void free_bytes(void *owner)
{
    mem_free(owner);
}

/* The slices, behind the parameter sets of a key packet where the stream has them in band. False if out of memory. */
static bool join(const struct openh264_backend *openh264, bool is_key, struct packet_bytes *bytes)
{
    const SFrameBSInfo *output = &openh264->output;
    const size_t sets = is_key && openh264->has_sets_in_band ? openh264->sets.size : 0;
    size_t size = sets, used = sets;
    uint8_t *data;

    for (int i = 0; i < output->iLayerNum; i++)
        size += size_of(&output->sLayerInfo[i]);
    data = mem_alloc(size);
    if (!data)
        return false;
    memcpy(data, openh264->sets.data, sets);
    for (int i = 0; i < output->iLayerNum; i++) {
        const size_t part = size_of(&output->sLayerInfo[i]);

        memcpy(data + used, output->sLayerInfo[i].pBsBuf, part);
        used += part;
    }
    *bytes = (struct packet_bytes){data, size, true, free_bytes, data};
    return true;
}

enum backend_result wcenc__openh264_receive(struct backend *backend, struct backend_packet *packet,
                                            struct failure *failure)
{
    struct openh264_backend *openh264 = openh264_of(backend);
    const bool is_key = openh264->output.eFrameType == videoFrameTypeIDR;

    if (!openh264->has_output)
        return openh264->is_drained ? BACKEND_END : BACKEND_AGAIN;
    openh264->has_output = false;
    *packet = (struct backend_packet){.index = openh264->index, .dts_index = openh264->index};
    if (openh264->output.eFrameType == videoFrameTypeSkip)
        return BACKEND_DROPPED;
    if (!join(openh264, is_key, &packet->bytes)) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", openh264->name);
        return BACKEND_FAILED;
    }
    wcenc__openh264_count_bits(openh264, packet->bytes.size);
    packet->quantizer = openh264->has_quantizer ? openh264->used_quantizer : -1;
    packet->is_key = is_key;
    return BACKEND_OK;
}

enum backend_result wcenc__openh264_drain(struct backend *backend, struct failure *failure)
{
    (void)failure;
    openh264_of(backend)->is_drained = true;
    return BACKEND_OK;
}
