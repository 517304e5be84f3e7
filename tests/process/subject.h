/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_SUBJECT_H
#define WCENC_TESTS_SUBJECT_H

/* An encoder with any of the three deliveries, whose results are counted. Usable in threads and without cmocka. */

#include <stdatomic.h>
#include <stdbool.h>

#include "../support/coding.h"

enum { DELIVERIES = 3, LATENCIES = 2 };

/* By the values of wcenc_delivery and wcenc_latency_mode. */
extern const char *const delivery_names[DELIVERIES];
extern const char *const latency_names[LATENCIES];

struct subject {
    wcenc_encoder *encoder;
    wcenc_delivery delivery;
    atomic_int chunks;
    atomic_int configs;      /* decoder configs reported with chunks */
    atomic_uint coded_width; /* of the last of them */
    atomic_int drops;
    atomic_int errors;
    atomic_int error; /* status of the last */
    atomic_int dequeues;
    atomic_int completions;
    atomic_int destroyed;
    void (*on_chunk)(struct subject *subject); /* if any: called for each, after it was counted */
    void *on_chunk_data;
};

/* What an encoder with that delivery is made with; for callers that want to change something of it. */
wcenc_encoder_desc subject_init(struct subject *subject, wcenc_delivery delivery);

/* Creates the encoder; `subject` must have come through subject_init. */
wcenc_status subject_create(struct subject *subject, const wcenc_encoder_desc *desc);

/* Both, with nothing changed. */
wcenc_status subject_open(struct subject *subject, wcenc_delivery delivery);

/* Destroys the encoder: on_destroy must come, once. */
void subject_close(struct subject *subject);

/* Encodes so many grey frames, with timestamps from `first` on. The first status that is not OK. */
wcenc_status subject_encode(struct subject *subject, uint32_t width, uint32_t height, int first, int count);

/* wcenc_encoder_flush_async, reported in `completions`. */
wcenc_status subject_flush_async(struct subject *subject);
wcenc_status subject_close_async(struct subject *subject);

/*
 * Takes all that is pending, without waiting. Returns AGAIN if more may follow, END if the encoder is closed and
 * everything is delivered, or an error. With WCENC_DELIVERY_THREAD nothing has to be taken: AGAIN.
 */
wcenc_status subject_take(struct subject *subject);

/* The row of an encoder; NULL if there is none. */
const struct codec_row *find_row(const char *encoder);

/* A config of the row at its fewest threads, with that latency. */
wcenc_config subject_config(const struct codec_row *row, wcenc_latency_mode latency, uint32_t width, uint32_t height);

/* True if it is supported; prints nothing. Never where it cannot be tested: libsvtav1 hangs under ThreadSanitizer. */
bool is_supported(const wcenc_config *config);

/* Sends stderr to nowhere if the encoder prints of itself; a sanitizer's reports then go to stdout. */
void silence_encoder(const char *encoder);

#endif
