/* SPDX-License-Identifier: MIT */

/* Frames into libaom and packets out of it. libaom copies pixels as it takes a frame. */

#include <string.h>

#include "aom.h"
#include "compiler.h"
#include "mem.h"
#include "native_rate.h"

/* The picture's planes as libaom's image. */
static void wrap(const struct aom_backend *aom, const struct picture *picture, aom_image_t *image)
{
    static const int planes[] = {AOM_PLANE_Y, AOM_PLANE_U, AOM_PLANE_V};

    (void)aom_img_wrap(image, aom->image_format, picture->width, picture->height, 1,
                       (unsigned char *)picture->planes[0]);
    image->bit_depth = aom->bit_depth;
    for (size_t i = 0; i < ARRAY_LENGTH(planes); i++) {
        image->planes[planes[i]] = (unsigned char *)picture->planes[i];
        image->stride[planes[i]] = (int)picture->strides[i];
    }
}

/* Probabilities come from no other frame where any may be left out. */
static aom_enc_frame_flags_t flags_of(const struct aom_backend *aom, const struct backend_frame *frame)
{
    if (frame->key)
        return AOM_EFLAG_FORCE_KF;
    return aom->is_manual ? AOM_EFLAG_SET_PRIMARY_REF_NONE : 0;
}

static unsigned long ticks_of(int64_t duration_us)
{
    return (unsigned long)duration_us * (NATIVE_TICKS / 1000000);
}

enum backend_result wcenc__aom_send(struct backend *backend, const struct backend_frame *frame, struct failure *failure)
{
    struct aom_backend *aom = aom_of(backend);
    unsigned long duration;
    aom_codec_err_t error;
    aom_image_t image;

    if (aom->phase != AOM_TAKES_FRAMES || aom->pending_count == AOM_PENDING_MAX)
        return BACKEND_AGAIN;
    wrap(aom, frame->picture, &image);
    duration = aom->frame_duration ? aom->frame_duration : ticks_of(frame->duration_us);
    error = wcenc__aom_set_quantizer(aom, frame->quantizer);
    if (error == AOM_CODEC_OK)
        error = wcenc__aom_set_step(aom, frame);
    if (error == AOM_CODEC_OK)
        error = aom_codec_encode(&aom->codec, &image, aom->next_time, duration, flags_of(aom, frame));
    if (error != AOM_CODEC_OK) {
        (void)wcenc__aom_fail(aom, error, "with a frame", failure);
        return BACKEND_FAILED;
    }
    aom->pending[aom->pending_count++] = (struct aom_pending){frame->index, aom->next_time};
    aom->next_time += (aom_codec_pts_t)duration;
    aom->phase = AOM_GIVES_PACKETS;
    aom->output = NULL;
    return BACKEND_OK;
}

static int64_t take_pending(struct aom_backend *aom)
{
    const int64_t index = aom->pending[0].index;

    aom->pending_count--;
    memmove(aom->pending, aom->pending + 1, aom->pending_count * sizeof aom->pending[0]);
    return index;
}

static void free_bytes(void *owner)
{
    mem_free(owner);
}

/* libaom reuses its memory for the next frame. */
static enum backend_result make_packet(struct aom_backend *aom, const aom_codec_cx_pkt_t *from,
                                       struct backend_packet *packet, struct failure *failure)
{
    uint8_t *bytes = mem_dup(from->data.frame.buf, from->data.frame.sz);
    int quantizer = -1;

    if (!bytes) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "%s: out of memory", aom->name);
        return BACKEND_FAILED;
    }
    (void)aom_codec_control(&aom->codec, AOME_GET_LAST_QUANTIZER, &quantizer);
    *packet = (struct backend_packet){
        .index = take_pending(aom),
        .quantizer = quantizer,
        .is_key = (from->data.frame.flags & AOM_FRAME_IS_KEY) != 0,
        .bytes =
            {.data = bytes, .size = from->data.frame.sz, .is_writable = true, .free_data = free_bytes, .owner = bytes},
    };
    packet->dts_index = packet->index;
    return BACKEND_OK;
}

/* The next packet of a frame in libaom's output; NULL if there is none. */
static const aom_codec_cx_pkt_t *next_packet(struct aom_backend *aom)
{
    const aom_codec_cx_pkt_t *packet;

    do
        packet = aom_codec_get_cx_data(&aom->codec, &aom->output);
    while (packet && packet->kind != AOM_CODEC_CX_FRAME_PKT);
    return packet;
}

static enum backend_result drop(struct aom_backend *aom, struct backend_packet *packet)
{
    packet->index = take_pending(aom);
    return BACKEND_DROPPED;
}

/* Where libaom has no more to give: what it holds back stays open, but for what it has not even then. */
static enum backend_result end_output(struct aom_backend *aom, struct backend_packet *packet)
{
    const bool has_ended = aom->phase == AOM_DRAINS;

    if (aom->pending_count > 0 && (has_ended || aom->settings.codec.g_lag_in_frames == 0))
        return drop(aom, packet);
    aom->phase = AOM_TAKES_FRAMES;
    return has_ended ? BACKEND_END : BACKEND_AGAIN;
}

/* A packet that waits behind dropped frames, one of the last call, or one of those that libaom holds back. */
static bool find_packet(struct aom_backend *aom, struct failure *failure)
{
    aom_codec_err_t error;

    if (!aom->waiting)
        aom->waiting = next_packet(aom);
    if (aom->waiting || aom->phase != AOM_DRAINS || aom->pending_count == 0)
        return true;
    error = aom_codec_encode(&aom->codec, NULL, 0, 0, 0);
    if (error != AOM_CODEC_OK)
        return wcenc__aom_fail(aom, error, "to drain", failure);
    aom->output = NULL;
    aom->waiting = next_packet(aom);
    return true;
}

enum backend_result wcenc__aom_receive(struct backend *backend, struct backend_packet *packet, struct failure *failure)
{
    struct aom_backend *aom = aom_of(backend);
    const aom_codec_cx_pkt_t *found;

    if (aom->phase == AOM_TAKES_FRAMES)
        return BACKEND_AGAIN;
    if (!find_packet(aom, failure))
        return BACKEND_FAILED;
    found = aom->waiting;
    if (!found)
        return end_output(aom, packet);
    if (aom->pending_count == 0) {
        wcenc__failure_set(failure, WCENC_ERROR_ENCODING, 0, "%s made a packet that belongs to no frame", aom->name);
        return BACKEND_FAILED;
    }
    /* Packets come in the order of the frames: those of older frames have all come. */
    if (aom->pending[0].time < found->data.frame.pts)
        return drop(aom, packet);
    aom->waiting = NULL;
    return make_packet(aom, found, packet, failure);
}

enum backend_result wcenc__aom_drain(struct backend *backend, struct failure *failure)
{
    (void)failure;
    aom_of(backend)->phase = AOM_DRAINS;
    return BACKEND_OK;
}
