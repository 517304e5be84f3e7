/* SPDX-License-Identifier: MIT */

#include "stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "clock.h"
#include "protocol.h"

enum { KEY_SECONDS = 10, LAYERS_MAX = 3 };

struct stream {
    wcenc_encoder *encoder;
    wcenc_config config;
    char codec[WCENC_CODEC_STRING_SIZE];
    char encoder_name[64];
    unsigned layers;
    wcenc_capabilities capabilities;
    stream_message_fn on_message;
    void *user;
    uint32_t sequence;
    uint32_t generation;
    uint32_t dropped;
    bool has_failed;
};

static void send(struct stream *stream, struct message *message, bool is_config)
{
    if (!message)
        fail("stream", "out of memory");
    message->made_us = clock_monotonic_us();
    stream->on_message(stream->user, message, is_config);
    message_unref(message);
}

static void on_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    struct stream *stream = user;
    int64_t captured_us = (int64_t)wcenc_chunk_get_user_tag(chunk);
    int64_t encoding_us = clock_unix_us() - captured_us;
    struct live_chunk info;

    if (metadata->decoder_config)
        send(stream,
             live_make_config(metadata->decoder_config, stream->encoder_name, stream->layers, ++stream->generation),
             true);
    info = (struct live_chunk){captured_us, stream->sequence++, stream->generation,
                               encoding_us > 0 ? (uint32_t)encoding_us : 0};
    send(stream, live_make_chunk(chunk, &info), false);
}

static void on_drop(void *user, const wcenc_drop *drop)
{
    struct stream *stream = user;

    (void)drop;
    stream->dropped++;
}

static void on_error(void *user, const wcenc_error *error)
{
    struct stream *stream = user;

    fprintf(stderr, "encoder: %s\n", error->message);
    stream->has_failed = true;
}

static void make_config(struct stream *stream, const struct options *options, uint32_t width, uint32_t height)
{
    wcenc_codec_parameters parameters;
    wcenc_config *config = &stream->config;

    wcenc_codec_parameters_init(&parameters, sizeof(parameters));
    parameters.codec = options->codec;
    parameters.width = width;
    parameters.height = height;
    parameters.framerate = options->framerate;
    parameters.bitrate = options->max_bitrate; /* so that no bitrate needs another level, and with it a key chunk */
    check(wcenc_codec_string(&parameters, stream->codec, sizeof(stream->codec)), "codec");
    wcenc_config_init(config, sizeof(*config));
    config->codec = stream->codec;
    config->width = width;
    config->height = height;
    config->framerate = options->framerate;
    config->bitrate = options->bitrate;
    config->bitrate_mode = WCENC_BITRATE_CONSTANT;
    config->latency_mode = WCENC_LATENCY_REALTIME;
    config->key_interval = (uint32_t)(KEY_SECONDS * options->framerate);
    config->effort = options->effort;
}

/* Takes the configuration, if it is supported. */
static bool try_config(struct stream *stream, unsigned layers, const char *encoder, char reason[256])
{
    static const char *const modes[LAYERS_MAX + 1] = {NULL, NULL, "L1T2", "L1T3"};
    wcenc_config_support *support;
    bool is_supported;

    stream->layers = layers;
    stream->config.scalability_mode = modes[layers];
    stream->config.encoder_name = encoder;
    check(wcenc_is_config_supported(&stream->config, &support), "support");
    is_supported = support->supported;
    if (is_supported) {
        stream->capabilities = support->capabilities;
        snprintf(stream->encoder_name, sizeof(stream->encoder_name), "%s", support->encoder_name);
    } else {
        snprintf(reason, 256, "%s", support->reason);
    }
    wcenc_config_support_free(support);
    return is_supported;
}

/* The native encoders change the bitrate live with layers too; without layers the library's choice does. */
static const char *preferred_encoder(wcenc_codec codec)
{
    switch (codec) {
    case WCENC_CODEC_H264:
        return "native-openh264";
    case WCENC_CODEC_AV1:
        return "native-aom";
    default:
        return "native-vpx";
    }
}

/* As many layers as are wanted and supported. */
static void choose_encoder(struct stream *stream, const struct options *options)
{
    char reason[256];

    for (unsigned layers = options->layers; layers > 1; layers--) {
        if (!options->encoder && try_config(stream, layers, preferred_encoder(options->codec), reason))
            return;
        if (try_config(stream, layers, options->encoder, reason))
            return;
    }
    if (!try_config(stream, 1, options->encoder, reason))
        fail(stream->codec, reason);
}

struct stream *stream_open(const struct options *options, uint32_t width, uint32_t height, stream_message_fn on_message,
                           void *user)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    wcenc_encoder_desc desc;

    if (!stream)
        fail("stream", "out of memory");
    stream->on_message = on_message;
    stream->user = user;
    make_config(stream, options, width, height);
    choose_encoder(stream, options);
    wcenc_encoder_desc_init(&desc, sizeof(desc));
    desc.user = stream;
    desc.on_output = on_output;
    desc.on_drop = on_drop;
    desc.on_error = on_error;
    desc.delivery = WCENC_DELIVERY_PUMP;
    desc.queue_policy = WCENC_QUEUE_DROP_OLDEST; /* the newest picture replaces one that still waits */
    desc.max_queued_frames = 1;
    check(wcenc_encoder_create(&desc, &stream->encoder), "create");
    check(wcenc_encoder_configure(stream->encoder, &stream->config), "configure");
    return stream;
}

int stream_descriptor(const struct stream *stream)
{
    return check(wcenc_encoder_get_event_fd(stream->encoder), "descriptor");
}

bool stream_pump(struct stream *stream)
{
    check(wcenc_encoder_pump(stream->encoder, 0, 0, NULL), "pump");
    return !stream->has_failed;
}

void stream_encode(struct stream *stream, wcenc_frame *frame, int64_t now_us)
{
    wcenc_encode_options options;

    wcenc_encode_options_init(&options, sizeof(options));
    options.user_tag = (uint64_t)now_us;
    if (!stream->has_failed)
        check(wcenc_encoder_encode(stream->encoder, frame, &options), "encode");
    wcenc_frame_unref(frame); /* the encoder has a reference of its own */
}

void stream_request_key(struct stream *stream)
{
    if (!stream->has_failed)
        check(wcenc_encoder_request_key_frame(stream->encoder), "key frame");
}

void stream_set_bitrate(struct stream *stream, uint64_t bitrate)
{
    stream->config.bitrate = bitrate;
    if (!stream->has_failed)
        check(wcenc_encoder_configure(stream->encoder, &stream->config), "configure");
}

unsigned stream_top_layer(const struct stream *stream)
{
    return stream->layers - 1;
}

bool stream_has_live_bitrate(const struct stream *stream)
{
    return stream->capabilities & WCENC_CAPABILITY_LIVE_BITRATE;
}

uint32_t stream_dropped(const struct stream *stream)
{
    return stream->dropped;
}

void stream_close(struct stream *stream)
{
    wcenc_encoder_destroy(stream->encoder);
    free(stream);
}
