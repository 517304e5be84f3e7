/* SPDX-License-Identifier: MIT */

#define _POSIX_C_SOURCE 200809L

#include "subject.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../support/pattern.h"
#include "check.h"
#include "../support/sanitizer.h"

#if WCENC_TEST_IS_SLOW
#include <sanitizer/common_interface_defs.h>
#endif

const char *const delivery_names[DELIVERIES] = {"thread", "pump", "pull"};
const char *const latency_names[LATENCIES] = {"quality", "realtime"};

static void count_chunk(struct subject *subject, const wcenc_chunk_metadata *metadata)
{
    if (metadata->decoder_config) {
        atomic_store(&subject->coded_width, metadata->decoder_config->coded_width);
        atomic_fetch_add(&subject->configs, 1);
    }
    atomic_fetch_add(&subject->chunks, 1);
    if (subject->on_chunk)
        subject->on_chunk(subject);
}

static void take_output(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata)
{
    CHECK(wcenc_chunk_get_byte_length(chunk) > 0);
    count_chunk(user, metadata);
}

static void take_error(void *user, const wcenc_error *error)
{
    struct subject *subject = user;

    atomic_store(&subject->error, error->status);
    atomic_fetch_add(&subject->errors, 1);
}

static void take_drop(void *user, const wcenc_drop *drop)
{
    (void)drop;
    atomic_fetch_add(&((struct subject *)user)->drops, 1);
}

static void take_dequeue(void *user, uint32_t queue_size)
{
    (void)queue_size;
    atomic_fetch_add(&((struct subject *)user)->dequeues, 1);
}

static void take_destroy(void *user)
{
    atomic_fetch_add(&((struct subject *)user)->destroyed, 1);
}

static void take_done(void *user, wcenc_status status)
{
    (void)status;
    atomic_fetch_add(&((struct subject *)user)->completions, 1);
}

static void take_event(struct subject *subject, const wcenc_event *event)
{
    switch (event->type) {
    case WCENC_EVENT_OUTPUT:
        take_output(subject, event->chunk, event->metadata);
        break;
    case WCENC_EVENT_ERROR:
        take_error(subject, event->error);
        break;
    case WCENC_EVENT_DROP:
        take_drop(subject, event->drop);
        break;
    case WCENC_EVENT_DEQUEUE:
        take_dequeue(subject, event->queue_size);
        break;
    case WCENC_EVENT_FLUSH_DONE:
    case WCENC_EVENT_CLOSE_DONE:
        take_done(event->user, event->status);
        break;
    default:
        check_failed(__FILE__, __LINE__, "the event is of a known type");
    }
}

wcenc_encoder_desc subject_init(struct subject *subject, wcenc_delivery delivery)
{
    wcenc_encoder_desc desc;

    memset(subject, 0, sizeof *subject);
    subject->delivery = delivery;
    wcenc_encoder_desc_init(&desc, sizeof desc);
    desc.user = subject;
    desc.delivery = delivery;
    desc.on_destroy = take_destroy;
    if (delivery == WCENC_DELIVERY_PULL)
        return desc;
    desc.on_output = take_output;
    desc.on_error = take_error;
    desc.on_drop = take_drop;
    desc.on_dequeue = take_dequeue;
    return desc;
}

wcenc_status subject_create(struct subject *subject, const wcenc_encoder_desc *desc)
{
    return wcenc_encoder_create(desc, &subject->encoder);
}

wcenc_status subject_open(struct subject *subject, wcenc_delivery delivery)
{
    wcenc_encoder_desc desc = subject_init(subject, delivery);

    return subject_create(subject, &desc);
}

void subject_close(struct subject *subject)
{
    CHECK_EQUAL(atomic_load(&subject->destroyed), 0);
    wcenc_encoder_destroy(subject->encoder);
    CHECK_EQUAL(atomic_load(&subject->destroyed), 1);
}

wcenc_status subject_encode(struct subject *subject, uint32_t width, uint32_t height, int first, int count)
{
    static const uint8_t grey[] = {110, 128, 128};
    wcenc_status status = WCENC_OK;

    for (int i = first; i < first + count && status == WCENC_OK; i++) {
        wcenc_frame *frame = flat_frame(WCENC_PIXEL_FORMAT_I420, width, height, grey, NULL, i * INT64_C(33333));

        status = wcenc_encoder_encode(subject->encoder, frame, NULL);
        wcenc_frame_unref(frame);
    }
    return status;
}

wcenc_status subject_flush_async(struct subject *subject)
{
    return wcenc_encoder_flush_async(subject->encoder, subject->delivery == WCENC_DELIVERY_PULL ? NULL : take_done,
                                     subject);
}

wcenc_status subject_close_async(struct subject *subject)
{
    return wcenc_encoder_close_async(subject->encoder, subject->delivery == WCENC_DELIVERY_PULL ? NULL : take_done,
                                     subject);
}

static wcenc_status take_by_pump(struct subject *subject)
{
    wcenc_status status;

    do
        status = wcenc_encoder_pump(subject->encoder, 0, 0, NULL);
    while (status == WCENC_OK);
    return status;
}

static wcenc_status take_by_receive(struct subject *subject)
{
    for (;;) {
        wcenc_event *event = NULL;
        wcenc_status status = wcenc_encoder_receive(subject->encoder, 0, &event);

        if (status != WCENC_OK)
            return status;
        take_event(subject, event);
        wcenc_event_free(event);
    }
}

static wcenc_status take_nothing(struct subject *subject)
{
    (void)subject;
    return WCENC_AGAIN;
}

wcenc_status subject_take(struct subject *subject)
{
    static wcenc_status (*const take[DELIVERIES])(struct subject *) = {take_nothing, take_by_pump, take_by_receive};

    return take[subject->delivery](subject);
}

const struct codec_row *find_row(const char *encoder)
{
    for (size_t i = 0; i < CODEC_ROWS; i++)
        if (strcmp(codec_rows[i].encoder, encoder) == 0 || strcmp(codec_rows[i].name, encoder) == 0)
            return &codec_rows[i];
    return NULL;
}

wcenc_config subject_config(const struct codec_row *row, wcenc_latency_mode latency, uint32_t width, uint32_t height)
{
    wcenc_config config = row_config(row, width, height);

    config.latency_mode = latency;
    return config;
}

bool is_supported(const wcenc_config *config)
{
    wcenc_config_support *support = NULL;
    bool supported;

    if (WCENC_TEST_THREAD_SANITIZER && config->encoder_name && strcmp(config->encoder_name, "libsvtav1") == 0)
        return false;
    CHECK_EQUAL(wcenc_is_config_supported(config, &support), WCENC_OK);
    supported = support->supported;
    wcenc_config_support_free(support);
    return supported;
}

void silence_encoder(const char *encoder)
{
    int nowhere;

    if (strcmp(encoder, "libsvtav1") != 0)
        return;
#if WCENC_TEST_IS_SLOW
    __sanitizer_set_report_fd((void *)(intptr_t)STDOUT_FILENO);
#endif
    nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    CHECK(nowhere >= 0);
    CHECK(dup2(nowhere, STDERR_FILENO) == STDERR_FILENO);
    (void)close(nowhere);
}
