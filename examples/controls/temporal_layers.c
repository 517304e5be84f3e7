/* SPDX-License-Identifier: MIT */

/*
 * A stream that can be thinned out without being coded again, and a server that does so.
 *
 * With the scalability mode "L1T3" every fourth frame is in layer 0, which needs nothing but itself; layer 1 doubles
 * its framerate and layer 2 doubles that again. Where a receiver's bandwidth falls, the server leaves out the upper
 * layers from that chunk on. Where it rises, the upper layers wait for the next chunk of layer 0: behind one they need
 * nothing that came before it, but between two of them they may need frames of their own that were left out.
 */

#include <stdlib.h>
#include <string.h>

#include "control.h"

static const char help[] = "usage: temporal_layers SENT.ivf RECEIVED.ivf [vp8|vp9]\n"
                           "Encodes four seconds in three temporal layers, VP8 by default,\n"
                           "for a receiver whose bandwidth changes. The first file is all that was\n"
                           "encoded, the second what the receiver was given.\n";

enum { FRAMES = 4 * CONTROL_RATE, LAYERS = 3, BITRATE = 600000 };

/* The receiver's bandwidth in each half of a second, in per cent of the stream's bitrate. */
static const unsigned bandwidths[] = {100, 70, 30, 100, 50, 100, 60, 100};

/* What a layer and those below it take, in per cent of the bitrate. */
static const unsigned shares[LAYERS] = {40, 60, 100};

struct server {
    struct video_file sent;
    struct video_file received;
    unsigned layer; /* the highest that the receiver is given */
    unsigned sent_frames;
    unsigned received_frames;
};

/* The highest layer that gets through. The lowest is given in any case. */
static unsigned affordable_layer(int64_t timestamp_us)
{
    unsigned bandwidth = bandwidths[timestamp_us / 500000], layer = LAYERS - 1;

    while (layer > 0 && shares[layer] > bandwidth)
        layer--;
    return layer;
}

static void choose_layer(struct server *server, int64_t timestamp_us, unsigned chunk_layer)
{
    unsigned layer = affordable_layer(timestamp_us);
    int is_safe = layer < server->layer || chunk_layer == 0;

    if (layer == server->layer || !is_safe)
        return;
    server->layer = layer;
    printf("%.6f s: layers up to %u\n", (double)timestamp_us / 1e6, layer);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct server *server = user;
    int64_t timestamp_us = wcenc_chunk_get_timestamp_us(chunk);
    const void *data = wcenc_chunk_get_data(chunk);
    size_t size = wcenc_chunk_get_byte_length(chunk);
    unsigned chunk_layer = metadata->has_svc ? metadata->temporal_layer_id : 0;

    video_file_write(&server->sent, timestamp_us, data, size);
    server->sent_frames++;
    choose_layer(server, timestamp_us, chunk_layer);
    if (chunk_layer > server->layer)
        return;
    video_file_write(&server->received, timestamp_us, data, size);
    server->received_frames++;
}

static void encode_all(wcenc_encoder *encoder)
{
    static unsigned char rgba[CONTROL_BYTES];

    for (unsigned n = 0; n < FRAMES; n++) {
        wcenc_frame *frame;

        control_draw(rgba, n);
        frame = control_frame(rgba, n);
        check(wcenc_encoder_encode(encoder, frame, NULL), "encode");
        wcenc_frame_unref(frame); /* the encoder has a reference of its own */
    }
    check(wcenc_encoder_flush(encoder), "flush");
}

int main(int argc, char **argv)
{
    struct server server = {0};
    wcenc_encoder *encoder;
    wcenc_config config;
    int is_vp9;

    control_arguments(argc, argv, 2, 3, help);
    is_vp9 = argc == 4 && strcmp(argv[3], "vp9") == 0;
    if (argc == 4 && !is_vp9 && strcmp(argv[3], "vp8") != 0)
        fail(argv[3], "is neither vp8 nor vp9");
    config = control_config(is_vp9 ? "vp09.00.10.08" : "vp8", BITRATE);
    config.bitrate_mode = WCENC_BITRATE_CONSTANT;
    config.scalability_mode = "L1T3";
    control_capabilities(&config); /* a mode with layers is supported only where there are layers */
    video_file_open(&server.sent, argv[1], is_vp9 ? "VP90" : "VP80", CONTROL_WIDTH, CONTROL_HEIGHT);
    video_file_open(&server.received, argv[2], is_vp9 ? "VP90" : "VP80", CONTROL_WIDTH, CONTROL_HEIGHT);
    encoder = control_start(&config, on_output, &server);
    encode_all(encoder);
    wcenc_encoder_destroy(encoder);
    video_file_close(&server.sent);
    video_file_close(&server.received);
    printf("%u frames sent, %u received\n", server.sent_frames, server.received_frames);
    return EXIT_SUCCESS;
}
