/* SPDX-License-Identifier: MIT */

/* Frames into libvpx and packets out of it. libvpx copies pixels as it takes a frame. */

#include <string.h>

#include "compiler.h"
#include "mem.h"
#include "native_rate.h"
#include "vpx.h"

/* The picture's planes as libvpx's image. */
static void wrap(const struct vpx_backend *vpx, const struct picture *picture, vpx_image_t *image)
{
    static const int planes[] = {VPX_PLANE_Y, VPX_PLANE_U, VPX_PLANE_V};

    (void)vpx_img_wrap(image, vpx->image_format, picture->width, picture->height, 1,
                       (unsigned char *)picture->planes[0]);
    image->bit_depth = vpx->bit_depth;
    for (size_t i = 0; i < ARRAY_LENGTH(planes); i++) {
        image->planes[planes[i]] = (unsigned char *)picture->planes[i];
        image->stride[planes[i]] = (int)picture->strides[i];
    }
}

/*
 * What a frame reads and writes; a key frame needs no flags. Frames that may be left out must not change probabilities,
 * which are the base layer's. With manual references that may be any frame, and they stay those of the key frame.
 * Where no flag is about updates, libvpx decides on them itself.
 */
static vpx_enc_frame_flags_t step_flags(const struct layer_step *step, bool is_manual)
{
    enum { ALL = LAYER_BUFFER_0 | LAYER_BUFFER_1 | LAYER_BUFFER_2 };
    static const struct {
        uint8_t buffer;
        vpx_enc_frame_flags_t no_reference, no_update;
    } buffers[] = {
        {LAYER_BUFFER_0, VP8_EFLAG_NO_REF_LAST, VP8_EFLAG_NO_UPD_LAST},
        {LAYER_BUFFER_1, VP8_EFLAG_NO_REF_GF, VP8_EFLAG_NO_UPD_GF},
        {LAYER_BUFFER_2, VP8_EFLAG_NO_REF_ARF, VP8_EFLAG_NO_UPD_ARF},
    };
    vpx_enc_frame_flags_t flags = step->layer || is_manual ? VP8_EFLAG_NO_UPD_ENTROPY : 0;

    for (size_t i = 0; i < ARRAY_LENGTH(buffers); i++) {
        flags |= step->references & buffers[i].buffer ? 0 : buffers[i].no_reference;
        flags |= step->updates & buffers[i].buffer ? 0 : buffers[i].no_update;
    }
    return step->updates == ALL ? flags | VP8_EFLAG_FORCE_GF | VP8_EFLAG_FORCE_ARF : flags;
}

static vpx_enc_frame_flags_t flags_of(const struct vpx_backend *vpx, const struct backend_frame *frame)
{
    if (frame->key)
        return VPX_EFLAG_FORCE_KF;
    return frame->step && frame->index > 0 ? step_flags(frame->step, vpx->is_manual) : 0;
}

/* Both bounds are the frame's quantizer. Without one the last holds, and that of the default quality at first. */
static vpx_codec_err_t set_quantizer(struct vpx_backend *vpx, int32_t quantizer)
{
    enum { DEFAULT = 128 };
    vpx_codec_enc_cfg_t *codec = &vpx->settings.codec;
    const unsigned step = wcenc__native_quantizer_step(quantizer < 0 ? DEFAULT : quantizer);
    const bool is_new = codec->rc_min_quantizer != step || codec->rc_max_quantizer != step;

    if (!vpx->has_frame_quantizer || (quantizer < 0 && codec->rc_min_quantizer == codec->rc_max_quantizer) || !is_new)
        return VPX_CODEC_OK;
    codec->rc_min_quantizer = codec->rc_max_quantizer = step;
    return vpx_codec_enc_config_set(&vpx->codec, codec);
}

/*
 * libvpx may be built with a limit to each side (--size-limit). It calls a frame beyond that short memory, as it does
 * where there is none: so much is asked for.
 */
static bool is_too_large(const struct vpx_backend *vpx, vpx_codec_err_t error)
{
    enum { USUAL_LIMIT = 16384, BYTES_OF_A_PIXEL = 32 };
    const struct picture *input = &vpx->base.input;
    void *reserve;

    if (error != VPX_CODEC_MEM_ERROR || (input->width <= USUAL_LIMIT && input->height <= USUAL_LIMIT))
        return false;
    reserve = mem_alloc((size_t)input->width * input->height * BYTES_OF_A_PIXEL);
    mem_free(reserve);
    return reserve != NULL;
}

static enum backend_result fail_to_send(struct vpx_backend *vpx, vpx_codec_err_t error, struct failure *failure)
{
    if (is_too_large(vpx, error))
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, (int32_t)error, "%s: this libvpx codes no frame of %ux%u",
                           vpx->name, vpx->base.input.width, vpx->base.input.height);
    else
        (void)wcenc__vpx_fail(vpx, error, "with a frame", failure);
    return BACKEND_FAILED;
}

static unsigned long ticks_of(int64_t duration_us)
{
    return (unsigned long)duration_us * (NATIVE_TICKS / 1000000);
}

enum backend_result wcenc__vpx_send(struct backend *backend, const struct backend_frame *frame, struct failure *failure)
{
    struct vpx_backend *vpx = vpx_of(backend);
    const unsigned long duration = vpx->frame_duration ? vpx->frame_duration : ticks_of(frame->duration_us);
    vpx_codec_err_t error;
    vpx_image_t image;

    if (vpx->phase != VPX_TAKES_FRAMES || vpx->pending_count == VPX_PENDING_MAX)
        return BACKEND_AGAIN;
    wrap(vpx, frame->picture, &image);
    error = set_quantizer(vpx, frame->quantizer);
    if (error == VPX_CODEC_OK)
        error = vpx_codec_encode(&vpx->codec, &image, vpx->next_time, duration, flags_of(vpx, frame),
                                 vpx->settings.deadline);
    if (error != VPX_CODEC_OK)
        return fail_to_send(vpx, error, failure);
    vpx->pending[vpx->pending_count++] = (struct vpx_pending){frame->index, vpx->next_time};
    vpx->next_time += (vpx_codec_pts_t)duration;
    vpx->phase = VPX_GIVES_PACKETS;
    vpx->output = NULL;
    return BACKEND_OK;
}

static int64_t take_pending(struct vpx_backend *vpx)
{
    const int64_t index = vpx->pending[0].index;

    vpx->pending_count--;
    memmove(vpx->pending, vpx->pending + 1, vpx->pending_count * sizeof vpx->pending[0]);
    return index;
}

static void free_bytes(void *owner)
{
    mem_free(owner);
}

/* libvpx reuses its memory for the next frame. */
static enum backend_result make_packet(struct vpx_backend *vpx, const vpx_codec_cx_pkt_t *from,
                                       struct backend_packet *packet, struct failure *failure)
{
    uint8_t *bytes = mem_dup(from->data.frame.buf, from->data.frame.sz);
    int quantizer = -1;

    if (!bytes) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", vpx->name);
        return BACKEND_FAILED;
    }
    /* VP9's is read from the stream, where there may be several frames in a packet. */
    if (vpx->encoder->codec == VPX_VP8)
        (void)vpx_codec_control_(&vpx->codec, VP8E_GET_LAST_QUANTIZER_64, &quantizer);
    *packet = (struct backend_packet){
        .index = take_pending(vpx),
        .quantizer = quantizer,
        .is_key = (from->data.frame.flags & VPX_FRAME_IS_KEY) != 0,
        .bytes =
            {.data = bytes, .size = from->data.frame.sz, .is_writable = true, .free_data = free_bytes, .owner = bytes},
    };
    packet->dts_index = packet->index;
    return BACKEND_OK;
}

/* The next packet of a frame in libvpx's output; NULL if there is none. */
static const vpx_codec_cx_pkt_t *next_packet(struct vpx_backend *vpx)
{
    const vpx_codec_cx_pkt_t *packet;

    do
        packet = vpx_codec_get_cx_data(&vpx->codec, &vpx->output);
    while (packet && packet->kind != VPX_CODEC_CX_FRAME_PKT);
    return packet;
}

static enum backend_result drop(struct vpx_backend *vpx, struct backend_packet *packet)
{
    packet->index = take_pending(vpx);
    return BACKEND_DROPPED;
}

/* Where libvpx has no more to give: what it holds back stays open, but for what it has not even then. */
static enum backend_result end_output(struct vpx_backend *vpx, struct backend_packet *packet)
{
    const bool has_ended = vpx->phase == VPX_DRAINS;

    if (vpx->pending_count > 0 && (has_ended || vpx->settings.codec.g_lag_in_frames == 0))
        return drop(vpx, packet);
    vpx->phase = VPX_TAKES_FRAMES;
    return has_ended ? BACKEND_END : BACKEND_AGAIN;
}

/* A packet that waits behind dropped frames, one of the last call, or one of those that libvpx holds back. */
static bool find_packet(struct vpx_backend *vpx, struct failure *failure)
{
    vpx_codec_err_t error;

    if (!vpx->waiting)
        vpx->waiting = next_packet(vpx);
    if (vpx->waiting || vpx->phase != VPX_DRAINS || vpx->pending_count == 0)
        return true;
    error = vpx_codec_encode(&vpx->codec, NULL, 0, 0, 0, vpx->settings.deadline);
    if (error != VPX_CODEC_OK)
        return wcenc__vpx_fail(vpx, error, "to drain", failure);
    vpx->output = NULL;
    vpx->waiting = next_packet(vpx);
    return true;
}

enum backend_result wcenc__vpx_receive(struct backend *backend, struct backend_packet *packet, struct failure *failure)
{
    struct vpx_backend *vpx = vpx_of(backend);
    const vpx_codec_cx_pkt_t *found;

    if (vpx->phase == VPX_TAKES_FRAMES)
        return BACKEND_AGAIN;
    if (!find_packet(vpx, failure))
        return BACKEND_FAILED;
    found = vpx->waiting;
    if (!found)
        return end_output(vpx, packet);
    if (vpx->pending_count == 0) {
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0, "%s made a packet that belongs to no frame", vpx->name);
        return BACKEND_FAILED;
    }
    /* Packets come in the order of the frames, so older frames have no packet. */
    if (vpx->pending[0].time < found->data.frame.pts)
        return drop(vpx, packet);
    vpx->waiting = NULL;
    return make_packet(vpx, found, packet, failure);
}

enum backend_result wcenc__vpx_drain(struct backend *backend, struct failure *failure)
{
    (void)failure;
    vpx_of(backend)->phase = VPX_DRAINS;
    return BACKEND_OK;
}
