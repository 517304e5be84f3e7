/* SPDX-License-Identifier: MIT */
#ifndef WCENC_NODE_ADDON_H
#define WCENC_NODE_ADDON_H

/*
 * What the files of the add-on share. webcodecs.mjs is its only user: it has converted and checked all arguments as
 * WebIDL says, so that nothing here decides anything. Objects of the library stand in JavaScript as externals.
 *
 * Functions that return NULL or false have left an exception pending.
 */

#define NAPI_VERSION 8

#include <node_api.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <wcenc/wcenc.h>

/* Pixels of an ArrayBuffer that a frame was made of without a copy. */
struct borrowed {
    struct addon *addon;
    napi_ref buffer; /* keeps them alive */
    struct borrowed *next;
};

/* One for each thread that runs JavaScript: the main one, and each worker. */
struct addon {
    atomic_int owners; /* the environment, and each frame and borrowed buffer */
    pthread_mutex_t lock;
    struct borrowed *released; /* guarded by lock: the library is done with them, JavaScript is not yet */
};

struct addon *addon_of(napi_env env);
struct addon *addon_ref(struct addon *addon);
void addon_unref(struct addon *addon);

/* Frees the buffers that were released, which only the JavaScript thread can. */
void addon_sweep(napi_env env, struct addon *addon);

/* True for napi_ok; otherwise there is an exception pending afterwards. */
bool addon_ok(napi_env env, napi_status status);

/* The exception that WebCodecs has for a status: a TypeError, a RangeError when out of memory, or a DOMException. */
napi_value addon_exception(napi_env env, wcenc_status status, const char *message);

/* True for WCENC_OK; otherwise throws what wcenc_last_error says. */
bool addon_check(napi_env env, wcenc_status status);

/* The arguments of a call, as many as there have to be. */
bool addon_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);

/* The pointer of an external; NULL, with a TypeError, for any other value. */
void *addon_pointer(napi_env env, napi_value value);

struct function {
    const char *name;
    napi_callback callback;
};

/* What each file adds to the exports; a name of NULL ends the list. */
extern const struct function encoder_functions[], support_functions[], frame_functions[], chunk_functions[];

/* An external for a chunk, with a reference of its own. (chunk.c) */
napi_value chunk_external(napi_env env, wcenc_chunk *chunk);

/* { type, timestamp, duration, byteLength } (chunk.c) */
napi_value chunk_describe(napi_env env, const wcenc_chunk *chunk);

/* EncodedVideoChunkMetadata (chunk.c) */
napi_value chunk_metadata(napi_env env, const wcenc_chunk_metadata *metadata);

/* The library's frame in an external. (frame.c) */
wcenc_frame *frame_of(napi_env env, napi_value value);

#endif
