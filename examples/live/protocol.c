/* SPDX-License-Identifier: MIT */

#include "protocol.h"

#include <stdio.h>
#include <string.h>

enum { CONFIG_HEADER = 16, CHUNK_HEADER = 32, STATE_SIZE = 32, PONG_SIZE = 16 };

static void put32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static void put64(unsigned char *at, int64_t value)
{
    put32(at, (uint32_t)value);
    put32(at + 4, (uint32_t)((uint64_t)value >> 32));
}

static uint32_t get16(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
    return get16(at) | get16(at + 2) << 16;
}

static struct message *begin(enum live_type type, size_t size)
{
    struct message *message = message_create(size);

    if (message) {
        message_data(message)[0] = LIVE_VERSION;
        message_data(message)[1] = (unsigned char)type;
    }
    return message;
}

struct message *live_make_chunk(const wcenc_chunk *chunk, const struct live_chunk *info)
{
    const wcenc_chunk_metadata *metadata = wcenc_chunk_get_metadata(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);
    struct message *message = begin(LIVE_CHUNK, CHUNK_HEADER + size);
    unsigned char *data;

    if (!message)
        return NULL;
    message->is_chunk = true;
    message->is_key = wcenc_chunk_get_type(chunk) == WCENC_CHUNK_TYPE_KEY;
    message->layer = metadata && metadata->has_svc ? metadata->temporal_layer_id : 0;
    message->sequence = info->sequence;
    data = message_data(message);
    data[2] = message->is_key;
    data[3] = (unsigned char)message->layer;
    put32(data + 4, info->sequence);
    put64(data + 8, wcenc_chunk_get_timestamp_us(chunk));
    put64(data + 16, info->captured_us);
    put32(data + 24, info->generation);
    put32(data + 28, info->encoding_us);
    if (wcenc_chunk_copy_to(chunk, data + CHUNK_HEADER, size) != WCENC_OK) {
        message_unref(message);
        return NULL;
    }
    return message;
}

/* A name in quotes, or null: what the stream does not specify. Names of WebCodecs need no escapes. */
static const char *quote(char out[32], const char *name)
{
    if (!name)
        return "null";
    snprintf(out, 32, "\"%s\"", name);
    return out;
}

struct message *live_make_config(const wcenc_decoder_config *config, const char *encoder, unsigned layers,
                                 uint32_t generation)
{
    const wcenc_color_space *color = &config->color_space;
    char json[1024], primaries[32], transfer[32], matrix[32];
    struct message *message;
    unsigned char *data;
    int length = snprintf(json, sizeof(json),
                          "{\"codec\":\"%s\",\"codedWidth\":%u,\"codedHeight\":%u,\"displayAspectWidth\":%u,"
                          "\"displayAspectHeight\":%u,\"colorSpace\":{\"primaries\":%s,\"transfer\":%s,\"matrix\":%s,"
                          "\"fullRange\":%s},\"rotation\":%d,\"flip\":%s,\"encoder\":\"%s\"}",
                          config->codec, (unsigned)config->coded_width, (unsigned)config->coded_height,
                          (unsigned)config->display_aspect_width, (unsigned)config->display_aspect_height,
                          quote(primaries, wcenc_color_primaries_name(color->primaries)),
                          quote(transfer, wcenc_color_transfer_name(color->transfer)),
                          quote(matrix, wcenc_color_matrix_name(color->matrix)),
                          color->range == WCENC_COLOR_RANGE_FULL ? "true" : "false", (int)config->rotation,
                          config->flip ? "true" : "false", encoder ? encoder : "");

    if (length < 0 || (size_t)length >= sizeof(json))
        return NULL;
    message = begin(LIVE_CONFIG, CONFIG_HEADER + (size_t)length + config->description_size);
    if (!message)
        return NULL;
    data = message_data(message);
    data[2] = (unsigned char)layers;
    put32(data + 4, generation);
    put32(data + 8, (uint32_t)length);
    put32(data + 12, (uint32_t)config->description_size);
    memcpy(data + CONFIG_HEADER, json, (size_t)length);
    if (config->description_size > 0)
        memcpy(data + CONFIG_HEADER + length, config->description, config->description_size);
    return message;
}

struct message *live_make_state(const struct live_state *state)
{
    struct message *message = begin(LIVE_STATE, STATE_SIZE);
    unsigned char *data;

    if (!message)
        return NULL;
    data = message_data(message);
    data[2] = state->layer;
    data[3] = state->may_control;
    put32(data + 4, state->bitrate);
    put32(data + 8, state->estimate);
    put32(data + 12, state->viewers);
    put32(data + 16, state->left_out);
    put32(data + 20, state->skipped);
    put32(data + 24, state->frames_dropped);
    return message;
}

struct message *live_make_pong(uint32_t number, int64_t server_us)
{
    struct message *message = begin(LIVE_PONG, PONG_SIZE);

    if (!message)
        return NULL;
    put32(message_data(message) + 4, number);
    put64(message_data(message) + 8, server_us);
    return message;
}

bool live_parse_input(const unsigned char *bytes, size_t size, struct live_input *out)
{
    *out = (struct live_input){0};
    if (size != LIVE_INPUT_SIZE || bytes[0] != LIVE_VERSION)
        return false;
    out->type = (enum live_type)bytes[1];
    switch (out->type) {
    case LIVE_FEEDBACK:
        out->queue_size = get16(bytes + 2);
        out->sequence = get32(bytes + 4);
        return true;
    case LIVE_PING:
    case LIVE_RESYNC:
        out->sequence = get32(bytes + 4);
        return true;
    case LIVE_POINTER:
    case LIVE_BUTTON:
        out->button = bytes[2];
        out->is_down = bytes[3] != 0;
        out->x = get16(bytes + 4) / 65535.0;
        out->y = get16(bytes + 6) / 65535.0;
        return out->type == LIVE_POINTER || (out->button >= 1 && out->button <= 7);
    case LIVE_KEY:
        out->is_down = bytes[3] != 0;
        out->keysym = get32(bytes + 4);
        return true;
    default:
        return false;
    }
}
