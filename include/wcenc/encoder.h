/* SPDX-License-Identifier: MIT */
#ifndef WCENC_ENCODER_H
#define WCENC_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/chunk.h>
#include <wcenc/config.h>
#include <wcenc/export.h>
#include <wcenc/frame.h>
#include <wcenc/log.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file encoder.h
 * VideoEncoder.
 *
 * An encoder is fed on any thread and calls back on a thread of its own. Requests are carried out strictly in the order
 * in which they were made:
 *
 *     wcenc_encoder_configure   what to encode to; again at any time to change it
 *     wcenc_encoder_encode      one frame; returns at once
 *     wcenc_encoder_flush       waits until every chunk of every frame so far has been handed over
 *     wcenc_encoder_reset       forgets everything that has not been handed over
 *     wcenc_encoder_close       as reset, for good
 *
 * Callbacks
 * ---------
 * They run one at a time, in order, on a thread of the library whose identity may change, with no lock held. What they
 * are given is borrowed for the call; wcenc_chunk_ref keeps a chunk together with its metadata.
 *
 * After reset or close has returned, no output or error callback for what came before *starts*. One that is running may
 * finish: close called from elsewhere waits for it, reset does not. A reset that empties a queue is followed by one
 * dequeue callback that sees 0, a close by none.
 *
 * From inside a callback (on_output, on_error, on_dequeue, log, a frame's release) of the same encoder, every function
 * may be called, wcenc_encoder_destroy and wcenc_encoder_unref included, with one exception: wcenc_encoder_flush would
 * wait for the callback that it was called from, and returns WCENC_ERROR_WOULD_DEADLOCK at once. From inside on_destroy
 * the encoder is gone and must not be named. (Two encoders that flush each other from their callbacks cannot be told
 * apart from a slow one: they wait for ever.)
 *
 * A callback must return: it must not longjmp out, throw through the library or end its thread.
 */

/**
 * Thread-safety: every function on any thread at any time, except that wcenc_encoder_destroy is the last use of a
 * handle. Threads that share an encoder without knowing who is last use wcenc_encoder_ref and wcenc_encoder_unref.
 */
typedef struct wcenc_encoder wcenc_encoder;

/** CodecState: values of wcenc_encoder_state(), which is int32_t. */
enum { WCENC_STATE_UNCONFIGURED = 0, WCENC_STATE_CONFIGURED = 1, WCENC_STATE_CLOSED = 2 };

/** What ended an encoder. Filled by the library, valid for the callback. */
typedef struct wcenc_error {
    size_t struct_size;
    const char *message;  /**< names codec, cause and parameter; UTF-8 without a line break */
    wcenc_status status;  /**< NOT_SUPPORTED, ENCODING, OPERATION, QUOTA_EXCEEDED or NO_MEMORY */
    int32_t backend_code; /**< FFmpeg's error code where there is one, else 0 */
} wcenc_error;

/**
 * Takes one chunk. `chunk` and `metadata` are borrowed for the call; keep the chunk with wcenc_chunk_ref.
 * `metadata` is never NULL.
 */
typedef void (*wcenc_output_fn)(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata);

/**
 * Told once at most that the encoder has failed and is now closed. Frames that were not handed over by then are
 * discarded, and flushes that wait return the same status as soon as this has returned.
 */
typedef void (*wcenc_error_fn)(void *user, const wcenc_error *error);

/**
 * Told that wcenc_encoder_queue_size() has gone down. Several decreases may come as one call; each call sees a smaller
 * size than the one before unless frames were added in between, and the last one sees 0.
 */
typedef void (*wcenc_dequeue_fn)(void *user);

/** Told once, as the very last, that the encoder is gone: `user` and all that it names may be freed. */
typedef void (*wcenc_destroy_fn)(void *user);

/** What an encoder is made with. Required are `on_output` and `on_error`. */
typedef struct wcenc_encoder_init {
    size_t struct_size; /**< set by wcenc_encoder_init_init */
    void *user;         /**< given to every callback; never looked at */
    wcenc_output_fn on_output;
    wcenc_error_fn on_error;
    wcenc_dequeue_fn on_dequeue; /**< may be NULL */
    wcenc_destroy_fn on_destroy; /**< may be NULL */
    wcenc_log_fn log;            /**< may be NULL: no messages */
    wcenc_log_level log_level;   /**< the most talkative level that `log` is called for; 0: none */
    int32_t reserved;            /**< 0 */
} wcenc_encoder_init;

/**
 * Zeroes `size` bytes at `init` and stores `size` as its struct_size; call it with sizeof(wcenc_encoder_init). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encoder_init_init(wcenc_encoder_init *init, size_t size);

/**
 * Makes an unconfigured encoder. No thread is started and no codec opened before the first configure.
 *
 * @param out  receives a reference that the caller owns and ends with wcenc_encoder_destroy; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, a required callback is missing, the struct is too short
 *         WCENC_ERROR_NOT_SUPPORTED  the struct has members that this version does not know
 *         WCENC_ERROR_NO_MEMORY
 *         After an error on_destroy is not called.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_create(const wcenc_encoder_init *init, wcenc_encoder **out);

/** Takes another reference, and returns its argument. NULL is passed through. Thread: any. Since: 0.1 */
WCENC_API wcenc_encoder *wcenc_encoder_ref(wcenc_encoder *encoder);

/**
 * Gives up a reference. The last one closes the encoder, waits for a callback that runs (unless called from inside it),
 * and frees it; on_destroy comes last, before this returns or, from inside a callback, soon after the callback has
 * returned. NULL is ignored.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_encoder_unref(wcenc_encoder *encoder);

/**
 * Closes the encoder, whatever its state, and gives up the caller's reference: wcenc_encoder_close, where it is not
 * closed yet, and wcenc_encoder_unref in one. NULL is ignored.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_encoder_destroy(wcenc_encoder *encoder);

/**
 * Sets what the following frames are encoded to. The config is copied; frames accepted before keep the old one, and all
 * their chunks come before the first of the new.
 *
 * Whether the config is supported is found out on the library's thread: one that is not ends the encoder through
 * on_error with NOT_SUPPORTED, and calls made until then are accepted and come to nothing. Ask
 * wcenc_is_config_supported before.
 *
 * @return WCENC_OK                   the state is now configured
 *         WCENC_ERROR_TYPE           the config is not valid in itself; nothing has changed
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed
 *         WCENC_ERROR_NOT_SUPPORTED  the struct has members that this version does not know; nothing has changed
 *         WCENC_ERROR_OPERATION      the library's thread could not be started; nothing has changed
 *         WCENC_ERROR_NO_MEMORY      nothing has changed
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_configure(wcenc_encoder *encoder, const wcenc_config *config);

/** VideoEncoderEncodeOptions. */
typedef struct wcenc_encode_options {
    size_t struct_size; /**< set by wcenc_encode_options_init */
    uint64_t user_tag;  /**< given back with the frame's chunk */
    int32_t key_frame;  /**< 1: the frame becomes a key chunk */
    /**
     * With WCENC_BITRATE_QUANTIZER and a codec of that name: the frame's quantizer, lower is better. Without one, the
     * quantizer of the frame before holds. Ignored by other codecs and in other modes.
     */
    int32_t has_avc_quantizer;
    int32_t has_hevc_quantizer;
    int32_t has_vp9_quantizer;
    int32_t has_av1_quantizer;
    uint32_t avc_quantizer;  /**< 0 to 51 */
    uint32_t hevc_quantizer; /**< 0 to 51 */
    uint32_t vp9_quantizer;  /**< 0 to 255 */
    uint32_t av1_quantizer;  /**< 0 to 255 */
    int32_t reserved;        /**< 0 */
} wcenc_encode_options;

/**
 * Zeroes `size` bytes at `options` and stores `size` as its struct_size; call it with sizeof(wcenc_encode_options).
 * NULL is ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encode_options_init(wcenc_encode_options *options, size_t size);

/**
 * Queues one frame. Never waits for the codec.
 *
 * The encoder takes a reference of its own: the frame is the caller's as before, who may close it as soon as this
 * returns. It ends in exactly one chunk, unless a reset, a close or an error ends it before. Frames of any format and
 * size are converted to what was configured.
 *
 * @param options  NULL for the defaults.
 * @return WCENC_OK                   queued
 *         WCENC_ERROR_TYPE           the frame is NULL or closed; a quantizer is out of range; the struct is too short
 *         WCENC_ERROR_INVALID_STATE  the encoder is not configured
 *         WCENC_ERROR_DATA           rotation or flip differ from those of the first frame after configure
 *         WCENC_ERROR_NOT_SUPPORTED  the struct has members that this version does not know
 *         WCENC_ERROR_NO_MEMORY
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_encode(wcenc_encoder *encoder, wcenc_frame *frame,
                                            const wcenc_encode_options *options);

/**
 * Waits until all that was asked for before is done and every callback for it has returned. The encoder stays
 * configured; frames that come later are not waited for.
 *
 * @return WCENC_OK                    every frame so far has ended in a chunk, and every callback has returned
 *         WCENC_ERROR_INVALID_STATE   the encoder is not configured
 *         WCENC_ERROR_ABORTED         a reset, close or destroy came first
 *         WCENC_ERROR_WOULD_DEADLOCK  called from inside a callback of this encoder
 *         WCENC_ERROR_NO_MEMORY       nothing was asked for
 *         any other                   what on_error was told of a frame or configuration that came before
 *
 * Thread: any but a callback's. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush(wcenc_encoder *encoder);

/**
 * Back to unconfigured. Frames that were not handed over are discarded, flushes that wait return
 * WCENC_ERROR_ABORTED at once, the queue is empty. Does not wait: not for the codec, not for a callback.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder);

/**
 * Closes for good: as reset, and then only the state, the queue size and references can be asked for. Chunks that were
 * handed over stay valid. Waits for a callback that runs, unless called from inside one; on_error is not called.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed already
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_close(wcenc_encoder *encoder);

/** WCENC_STATE_UNCONFIGURED, _CONFIGURED or _CLOSED (also for NULL). Thread: any. Since: 0.1 */
WCENC_API int32_t wcenc_encoder_state(const wcenc_encoder *encoder);

/**
 * encodeQueueSize: frames that were accepted and that the library's thread has not begun with. Frames that the encoder
 * holds back do not count.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_encoder_queue_size(const wcenc_encoder *encoder);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_ENCODER_H */
