/* SPDX-License-Identifier: MIT */

#include "counting_backend.h"

#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "registry.h"

#include "../support/parameter_sets.h"

enum { PAYLOAD = 16 };

struct counting {
    struct backend base; /* first */
    int64_t index;       /* of the frame whose packet is still to be received */
    bool has_packet;
    bool is_draining;
};

uint8_t *counting_packet(int64_t index, size_t *size)
{
    /* In Annex B a key packet has its parameter sets. */
    const size_t sets = index == 0 ? sizeof h264_parameter_sets : 0;
    uint8_t *packet = malloc(sets + PAYLOAD);

    *size = sets + PAYLOAD;
    if (!packet)
        return NULL;
    memcpy(packet, h264_parameter_sets, sets);
    memset(packet + sets, 0x55, PAYLOAD);
    memcpy(packet + sets, index == 0 ? h264_key_start : h264_delta_start, sizeof h264_key_start);
    return packet;
}

static bool describe(const struct codec_candidate *candidate, struct backend_description *description)
{
    (void)candidate;
    *description = (struct backend_description){.is_native = true};
    return true;
}

static bool check(const struct codec_candidate *candidate, const struct encoder_config *config,
                  struct backend_probe *probe, struct failure *failure)
{
    (void)candidate;
    (void)config;
    (void)probe;
    (void)failure;
    return true;
}

static const struct backend_ops ops;

static struct backend *open_counting(const struct backend_setup *setup, struct failure *failure)
{
    struct counting *counting = calloc(1, sizeof *counting);

    if (!counting) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "counting: out of memory");
        return NULL;
    }
    counting->base.ops = &ops;
    counting->base.input.format = setup->frame_format;
    counting->base.input.width = setup->config->given.width;
    counting->base.input.height = setup->config->given.height;
    counting->base.input.color_space = setup->color_space;
    counting->base.parameter_sets = h264_parameter_sets;
    counting->base.parameter_sets_size = sizeof h264_parameter_sets;
    return &counting->base;
}

static enum backend_result send_frame(struct backend *backend, const struct backend_frame *frame,
                                      struct failure *failure)
{
    struct counting *counting = (struct counting *)backend;

    (void)failure;
    counting->index = frame->index;
    counting->has_packet = true;
    return BACKEND_OK;
}

static enum backend_result receive(struct backend *backend, struct backend_packet *packet, struct failure *failure)
{
    struct counting *counting = (struct counting *)backend;
    uint8_t *payload;
    size_t size;

    if (!counting->has_packet)
        return counting->is_draining ? BACKEND_END : BACKEND_AGAIN;
    counting->has_packet = false;
    payload = counting_packet(counting->index, &size);
    if (!payload) {
        wcenc__failure_set(failure, WCENC_ERROR_NO_MEMORY, 0, "counting: out of memory");
        return BACKEND_FAILED;
    }
    *packet = (struct backend_packet){
        .index = counting->index,
        .dts_index = counting->index,
        .quantizer = -1,
        .bytes = {payload, size, true, free, payload},
    };
    return BACKEND_OK;
}

static enum backend_result drain(struct backend *backend, struct failure *failure)
{
    (void)failure;
    ((struct counting *)backend)->is_draining = true;
    return BACKEND_OK;
}

static uint32_t reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    (void)backend;
    (void)config;
    return changes & (CONFIG_BITRATE | CONFIG_FRAMERATE);
}

static void close_counting(struct backend *backend)
{
    free(backend);
}

static const struct backend_ops ops = {
    .name = "counting",
    .describe = describe,
    .check = check,
    .open = open_counting,
    .send = send_frame,
    .receive = receive,
    .drain = drain,
    .reconfigure = reconfigure,
    .close = close_counting,
};

static const struct codec_candidate candidate = {CODEC_H264, "counting", &ops, true, false, ENCODER_FORCES_KEYS};

void counting_install(void)
{
    wcenc__testing_candidate = &candidate;
}
