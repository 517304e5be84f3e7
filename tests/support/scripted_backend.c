/* SPDX-License-Identifier: MIT */

#include "scripted_backend.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend.h"

#include "parameter_sets.h"

enum { DEADLINE_SECONDS = 60, RING = 256, PAYLOAD = 16 };

struct scripted scripted;

struct scripted_encoder {
    struct backend base; /* first */
    int64_t first, next; /* index of the oldest frame without a packet, and of the next frame */
    bool is_key[RING];
    bool is_dropped[RING];
    bool is_draining;
    bool gives_all; /* until the next frame is taken */
    bool has_sets;  /* in key packets */
    bool is_probe;  /* which no script is about */
};

/* With the lock held. */
static bool count_turn(int *count, int which)
{
    pthread_cond_broadcast(&scripted.changed);
    return (*count)++ == which;
}

static bool is_turn(int *count, int which)
{
    bool turn;

    pthread_mutex_lock(&scripted.lock);
    turn = count_turn(count, which);
    pthread_mutex_unlock(&scripted.lock);
    return turn;
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
    (void)failure;
    probe->delay_frames = scripted.held;
    return true;
}

static void stand_still(void)
{
    pthread_mutex_lock(&scripted.lock);
    scripted.stands = true;
    pthread_cond_broadcast(&scripted.changed);
    while (!scripted.goes_on && !scripted.steps)
        pthread_cond_wait(&scripted.changed, &scripted.lock);
    scripted.steps = false;
    scripted.stands = false;
    pthread_mutex_unlock(&scripted.lock);
}

void scripted_step(void)
{
    pthread_mutex_lock(&scripted.lock);
    scripted.stands = false;
    scripted.steps = true;
    pthread_cond_broadcast(&scripted.changed);
    pthread_mutex_unlock(&scripted.lock);
}

static const struct backend_ops ops;

static struct backend *create(const struct backend_setup *setup)
{
    struct scripted_encoder *encoder = calloc(1, sizeof *encoder);

    if (!encoder)
        return NULL;
    encoder->base.ops = &ops;
    encoder->base.input.format = setup->frame_format;
    encoder->base.input.width = setup->config->given.width;
    encoder->base.input.height = setup->config->given.height;
    encoder->base.input.color_space = setup->color_space;
    encoder->base.input.chroma_location = setup->chroma_location;
    encoder->base.key_interval = setup->config->key_interval;
    encoder->base.parameter_sets = h264_parameter_sets;
    encoder->base.parameter_sets_size = sizeof h264_parameter_sets;
    encoder->has_sets = setup->has_sets_in_band;
    encoder->is_probe = setup->is_probe;
    return &encoder->base;
}

static struct backend *open_scripted(const struct backend_setup *setup, struct failure *failure)
{
    bool fails, stops;

    if (setup->is_probe) {
        (void)is_turn(&scripted.probed, -1);
        return create(setup);
    }
    pthread_mutex_lock(&scripted.lock);
    fails = count_turn(&scripted.opened, scripted.fail_open);
    stops = scripted.opened == scripted.stop_at_open + 1;
    if (!fails) {
        scripted.bitrates[scripted.bitrate_count++ % SCRIPTED_LUMAS] = setup->config->bitrate;
        if (scripted.opened - scripted.closed > scripted.most_open)
            scripted.most_open = scripted.opened - scripted.closed;
    }
    pthread_mutex_unlock(&scripted.lock);
    if (stops)
        stand_still();
    if (fails) {
        wcenc__failure_set(failure, WCENC_ERROR_NOT_SUPPORTED, -12, "scripted does not open for codec \"%s\": script",
                           setup->config->given.codec);
        return NULL;
    }
    return create(setup);
}

static enum backend_result fail_with(struct failure *failure, const char *doing)
{
    wcenc__failure_set(failure, WCENC_ERROR_ENCODING, -5, "scripted failed %s: script", doing);
    return BACKEND_FAILED;
}

/* True once, for the frame that is to be refused. */
static bool is_refused(void)
{
    bool refused;

    pthread_mutex_lock(&scripted.lock);
    refused = scripted.sent == scripted.refuse_frame && scripted.refused == 0;
    scripted.refused += refused;
    pthread_mutex_unlock(&scripted.lock);
    return refused;
}

/* 0 for formats of 8 bits. */
static uint16_t highest_sample(const struct picture *picture)
{
    const struct pixel_format *format = wcenc__pixel_format(picture->format);
    uint16_t highest = 0;

    for (int plane = 0; plane < 3 && format->bit_depth > 8; plane++)
        for (uint32_t y = 0; y < wcenc__plane_height(format, plane, picture->height); y++)
            for (uint32_t x = 0; x < wcenc__plane_width(format, plane, picture->width); x++) {
                uint16_t sample;

                memcpy(&sample, picture->planes[plane] + (ptrdiff_t)y * picture->strides[plane] + 2 * (size_t)x, 2);
                highest = sample > highest ? sample : highest;
            }
    return highest;
}

/* With the lock held. */
static void record(const struct backend_frame *frame)
{
    const int number = scripted.sent % SCRIPTED_LUMAS;

    scripted.lumas[number] = frame->picture->planes[0][0];
    if (wcenc__pixel_format(frame->picture->format)->plane_count > 1)
        scripted.chromas[number] = frame->picture->planes[1][0];
    scripted.planes[number] = frame->picture->planes[0];
    scripted.keys[number] = frame->key;
    scripted.times_us[number] = frame->time_us;
    scripted.durations_us[number] = frame->duration_us;
    scripted.layer_steps[number] = frame->step ? *frame->step : (struct layer_step){0};
    scripted.highest[number] = highest_sample(frame->picture);
}

static enum backend_result send_frame(struct backend *backend, const struct backend_frame *frame,
                                      struct failure *failure)
{
    struct scripted_encoder *encoder = (struct scripted_encoder *)backend;
    const int luma = frame->picture->planes[0][0];
    bool fails, stops;

    if (encoder->is_probe) {
        encoder->next = frame->index + 1;
        return BACKEND_OK;
    }
    if (is_refused()) {
        encoder->gives_all = true;
        return BACKEND_AGAIN;
    }
    encoder->gives_all = false;
    pthread_mutex_lock(&scripted.lock);
    record(frame);
    encoder->is_dropped[frame->index % RING] =
        scripted.drop_frame >= 0 && scripted.sent >= scripted.drop_frame && scripted.sent <= scripted.drop_to;
    fails = count_turn(&scripted.sent, scripted.fail_send) || luma == scripted.fail_luma;
    stops = luma == scripted.stop_at_luma || (scripted.stop_at_frame >= 0 && scripted.sent > scripted.stop_at_frame);
    pthread_mutex_unlock(&scripted.lock);
    if (fails)
        return fail_with(failure, "with a frame");
    if (stops)
        stand_still();
    encoder->is_key[frame->index % RING] = frame->key || frame->index == 0;
    encoder->next = frame->index + 1;
    return BACKEND_OK;
}

/* False if out of memory. */
static bool fill_packet(const struct scripted_encoder *encoder, struct backend_packet *packet, int64_t index)
{
    const bool is_key = encoder->is_key[index % RING];
    const size_t sets = is_key && encoder->has_sets ? sizeof h264_parameter_sets : 0;
    uint8_t *payload = malloc(sets + PAYLOAD);

    if (!payload)
        return false;
    memcpy(payload, h264_parameter_sets, sets);
    memset(payload + sets, 0x55, PAYLOAD);
    memcpy(payload + sets, is_key ? h264_key_start : h264_delta_start, sizeof h264_key_start);
    packet->index = packet->dts_index = index;
    packet->quantizer = scripted.quantizer;
    packet->bytes = (struct packet_bytes){payload, sets + PAYLOAD, true, free, payload};
    return true;
}

static enum backend_result receive(struct backend *backend, struct backend_packet *packet, struct failure *failure)
{
    struct scripted_encoder *encoder = (struct scripted_encoder *)backend;
    int64_t held = encoder->is_draining || encoder->gives_all ? 0 : scripted.held;
    bool fails;
    int number;

    if (encoder->next - encoder->first <= held) {
        const bool is_end = encoder->is_draining;

        /* One that goes on is no longer at its end. */
        encoder->is_draining = is_end && !(scripted_candidate.capabilities & ENCODER_CONTINUES);
        return is_end ? BACKEND_END : BACKEND_AGAIN;
    }
    if (encoder->is_probe)
        return fill_packet(encoder, packet, encoder->first++) ? BACKEND_OK : fail_with(failure, "to give a packet");
    if (encoder->is_dropped[encoder->first % RING]) {
        packet->index = encoder->first++;
        return BACKEND_DROPPED;
    }
    pthread_mutex_lock(&scripted.lock);
    number = scripted.received;
    fails = count_turn(&scripted.received, scripted.fail_receive);
    pthread_mutex_unlock(&scripted.lock);
    if (fails)
        return fail_with(failure, "to give a packet");
    if (number == scripted.lose_packet) {
        encoder->first++;
        return receive(backend, packet, failure);
    }
    if (!fill_packet(encoder, packet, encoder->first++))
        return fail_with(failure, "to give a packet");
    packet->spatial_layer = number == scripted.layer_packet;
    if (number == scripted.stray_packet)
        packet->index += RING;
    return BACKEND_OK;
}

static enum backend_result drain(struct backend *backend, struct failure *failure)
{
    if (is_turn(&scripted.drained, scripted.fail_drain))
        return fail_with(failure, "to drain");
    ((struct scripted_encoder *)backend)->is_draining = true;
    return BACKEND_OK;
}

static uint32_t reconfigure(struct backend *backend, const struct encoder_config *config, uint32_t changes)
{
    const uint32_t possible = changes & scripted.reconfigures;

    scripted.changes = changes;
    scripted.bitrates[scripted.bitrate_count++ % SCRIPTED_LUMAS] = config->bitrate;
    (void)is_turn(&scripted.reconfigured, -1);
    if (possible == changes && (changes & CONFIG_SIZE)) {
        backend->input.width = config->given.width;
        backend->input.height = config->given.height;
    }
    return possible;
}

static void close_scripted(struct backend *backend)
{
    if (!((struct scripted_encoder *)backend)->is_probe && is_turn(&scripted.closed, scripted.stop_at_close))
        stand_still();
    free(backend);
}

static const struct backend_ops ops = {
    .name = "scripted",
    .describe = describe,
    .check = check,
    .open = open_scripted,
    .send = send_frame,
    .receive = receive,
    .drain = drain,
    .reconfigure = reconfigure,
    .close = close_scripted,
};

struct codec_candidate scripted_candidate;

void scripted_install(void)
{
    scripted = (struct scripted){
        .fail_open = -1,
        .fail_send = -1,
        .fail_receive = -1,
        .fail_drain = -1,
        .lose_packet = -1,
        .drop_frame = -1,
        .stray_packet = -1,
        .layer_packet = -1,
        .stop_at_open = -1,
        .stop_at_close = -1,
        .stop_at_frame = -1,
        .fail_luma = -1,
        .stop_at_luma = -1,
        .refuse_frame = -1,
        .quantizer = -1,
    };
    assert_int_equal(pthread_mutex_init(&scripted.lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&scripted.changed, NULL), 0);
    scripted_candidate =
        (struct codec_candidate){CODEC_H264, "scripted", &ops, true, false, ENCODER_FORCES_KEYS | ENCODER_HAS_LAYERS};
    wcenc__testing_candidate = &scripted_candidate;
}

void scripted_remove(void)
{
    wcenc__testing_candidate = NULL;
    pthread_cond_destroy(&scripted.changed);
    pthread_mutex_destroy(&scripted.lock);
}

static struct timespec deadline_from_now(void)
{
    struct timespec deadline;

    timespec_get(&deadline, TIME_UTC);
    deadline.tv_sec += DEADLINE_SECONDS;
    return deadline;
}

int scripted_wait_for(const int *count, int least)
{
    struct timespec deadline = deadline_from_now();
    int error = 0, value;

    pthread_mutex_lock(&scripted.lock);
    while (*count < least && error == 0)
        error = pthread_cond_timedwait(&scripted.changed, &scripted.lock, &deadline);
    value = *count;
    pthread_mutex_unlock(&scripted.lock);
    assert_true(value >= least);
    return value;
}

void scripted_wait_until_it_stands(void)
{
    struct timespec deadline = deadline_from_now();
    int error = 0;

    pthread_mutex_lock(&scripted.lock);
    while (!scripted.stands && error == 0)
        error = pthread_cond_timedwait(&scripted.changed, &scripted.lock, &deadline);
    pthread_mutex_unlock(&scripted.lock);
    assert_int_equal(error, 0);
}

void scripted_go_on(void)
{
    pthread_mutex_lock(&scripted.lock);
    scripted.goes_on = true;
    pthread_cond_broadcast(&scripted.changed);
    pthread_mutex_unlock(&scripted.lock);
}
