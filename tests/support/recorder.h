/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_RECORDER_H
#define WCENC_TESTS_RECORDER_H

/* An encoder whose callbacks are written down, and waiting for them with a deadline. */

#include <pthread.h>
#include <stdbool.h>

#include <wcenc/wcenc.h>

enum { RECORDER_CHUNKS_MAX = 4096, RECORDER_TRACE_MAX = 8192, DEADLINE_SECONDS = 60 };

struct recorder;

/* Called on the library's thread from inside the callback of that name, after it was written down. */
typedef void (*recorder_hook)(struct recorder *recorder);

struct recorder {
    wcenc_encoder *encoder;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    wcenc_chunk *chunks[RECORDER_CHUNKS_MAX]; /* references */
    int chunk_count;
    int error_count;
    wcenc_status error;
    char error_message[512];
    int32_t state_in_error;
    int dequeue_count;
    uint32_t last_dequeue_size;
    int destroy_count;
    char trace[RECORDER_TRACE_MAX]; /* o output, e error, d dequeue, D destroy, and what tests add */
    int trace_length;
    recorder_hook on_output;
    recorder_hook on_error;
    recorder_hook on_dequeue;
    void *hook_data;
    int hook_count; /* hooks that have returned */
};

/* Creates the encoder too. */
void recorder_open(struct recorder *recorder);

/* Destroys the encoder, if it still is there, checks that on_destroy came once, and releases the chunks. */
void recorder_close(struct recorder *recorder);

/* Releases the chunks so far. */
void recorder_forget(struct recorder *recorder);

void recorder_trace(struct recorder *recorder, char what);

/* Waits until `*count` is at least `least`; fails the test after DEADLINE_SECONDS. */
void recorder_wait(struct recorder *recorder, const int *count, int least);

/* A config with everything but the three required members at its default. */
wcenc_config config_for(const char *codec, uint32_t width, uint32_t height);

/* True for an encoder that is left out where ThreadSanitizer slows it down. */
bool hangs_here(const char *encoder_name);

/* True if the config is supported; on false the test should be left out with a word on `codec`. */
bool config_works(const wcenc_config *config);

#endif
