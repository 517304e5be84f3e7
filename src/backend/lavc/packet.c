/* SPDX-License-Identifier: MIT */

/* From AVPacket to a packet as the encoder made it, by reference. */

#include <math.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "lavc.h"

static void free_packet(void *owner)
{
    AVPacket *packet = owner;

    av_packet_free(&packet);
}

/*
 * Encoders report the average of the frame, times FF_QP2LAMBDA, as four little-endian bytes. Some store 0 where they do
 * not know it, or have another scale: the table says whose can be read.
 */
static int32_t quantizer_of(const struct lavc_backend *lavc, const AVPacket *packet)
{
    const int beyond_8_bits = lavc->encoder->quantizer_report == REPORTS_QUANTIZER_OF_8_BITS ? lavc->bit_depth - 8 : 0;
    size_t size = 0;
    const uint8_t *stats = av_packet_get_side_data(packet, AV_PKT_DATA_QUALITY_STATS, &size);

    if (lavc->encoder->quantizer_report == REPORTS_NO_QUANTIZER || !stats || size < 4)
        return -1;
    return (int32_t)fmax(0, round((double)(int32_t)AV_RL32(stats) / FF_QP2LAMBDA) + 6 * beyond_8_bits);
}

bool wcenc__lavc_make_packet(struct lavc_backend *lavc, struct backend_packet *packet)
{
    AVPacket *kept = av_packet_alloc();

    if (!kept) {
        av_packet_unref(lavc->packet);
        return false;
    }
    av_packet_move_ref(kept, lavc->packet);
    packet->index = kept->pts;
    packet->dts_index = kept->dts == AV_NOPTS_VALUE ? kept->pts : kept->dts;
    packet->quantizer = quantizer_of(lavc, kept);
    packet->is_key = (kept->flags & AV_PKT_FLAG_KEY) != 0;
    packet->bytes = (struct packet_bytes){.data = kept->data,
                                          .size = (size_t)kept->size,
                                          .is_writable = kept->buf && av_buffer_is_writable(kept->buf),
                                          .free_data = free_packet,
                                          .owner = kept};
    return true;
}
