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
 * A program submits frames from any thread. The encoder processes requests strictly in the order of the calls:
 *
 *     wcenc_encoder_configure   sets codec, size and rates of the frames that follow; may be called again at any time
 *     wcenc_encoder_encode      queues one frame and returns at once
 *     wcenc_encoder_flush       blocks until every chunk of every frame so far is delivered (with PULL: is pending)
 *     wcenc_encoder_reset       discards everything that is not delivered yet
 *     wcenc_encoder_close       discards as reset does, and closes the encoder for good
 *
 * Delivery
 * --------
 * An encoder delivers its results in one of three modes, which wcenc_encoder_desc.delivery chooses.
 *
 * WCENC_DELIVERY_THREAD, the default: the library invokes callbacks on its own threads.
 *
 * WCENC_DELIVERY_PUMP: results are pending until a thread of the program calls wcenc_encoder_pump, which invokes the
 * callbacks. It is for event loops, and for languages that accept no calls from foreign threads. A loop polls
 * wcenc_encoder_get_event_fd, or on_wakeup wakes it.
 *
 * WCENC_DELIVERY_PULL: wcenc_encoder_receive returns one event after the other. The library invokes no callback except
 * log, release and on_destroy. A loop can poll wcenc_encoder_get_event_fd in this mode too.
 *
 * Errors
 * ------
 * A call that returns an error has queued nothing and causes no callback. A later failure closes the encoder, and is
 * reported once:
 *
 *     THREAD  on_error is invoked on a thread of the library; the encoder is closed when it is invoked
 *     PUMP    on_error is invoked inside wcenc_encoder_pump; the encoder is closed when it is invoked
 *     PULL    wcenc_encoder_receive returns an event ERROR; the encoder is closed when it returns
 *
 * With PUMP and PULL an error takes effect when it is delivered. Until then the state is still configured, and frames
 * that are submitted are discarded. A flush that covers a failed frame returns the status of the error: with THREAD and
 * PUMP after on_error has returned, with PULL as soon as the event is pending. wcenc_encoder_get_error returns the
 * error again once the encoder is closed.
 *
 * Callbacks
 * ---------
 * Callbacks run one at a time, in order, with no lock held. With THREAD they run on threads of the library, whose
 * identity may change; with PUMP on the thread that pumps. Their arguments are borrowed for the call. wcenc_chunk_ref
 * keeps a chunk together with its metadata.
 *
 * on_wakeup, log and release are not serialised with the other callbacks. The library may invoke them on any thread,
 * inside a call of the program and while another callback runs. It holds no lock meanwhile.
 *
 * After reset or close has returned, no output, error, drop or dequeue callback for earlier work starts. A callback
 * that is already in progress may still complete. A reset that empties a queue is followed by one dequeue callback with
 * the size 0; a close is not.
 *
 * Every wcenc_encoder_flush_async and wcenc_encoder_close_async completes exactly once. A close completes pending
 * flushes with WCENC_ERROR_ABORTED: with THREAD before it returns; with PUMP and PULL it queues the completions.
 *
 * A callback must return. It must not longjmp out, throw through the library or end its thread.
 *
 * What each function waits for when it is called outside of callbacks:
 *
 *                                  close  close_async  reset  unref, destroy
 *     a callback that runs         yes    no           no     yes
 *     completions being delivered  yes    no           no     yes
 *     the codec                    no     no           no     yes
 *     on_wakeup, log, release      no     no           no     yes
 *
 * The last column is for the release of the last reference. With other references left, unref waits for nothing, and
 * destroy waits as close does. Inside a callback of the same encoder none of them waits: the library frees the encoder
 * soon after the callback has returned.
 *
 * What may be called from inside which callback of the same encoder:
 *
 *                                     output error drop dequeue wakeup flush_done close_done release log on_destroy
 *     wcenc_encoder_create            +      +     +    +       +      +          +          +       +   +
 *     wcenc_encoder_ref               +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_unref             +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_destroy           +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_configure         +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_encode            f      c     f    f       f      f          c          f       f   -
 *     wcenc_encoder_flush             d      d     d    d       d      d          d          d       d   -
 *     wcenc_encoder_flush_timeout     d      d     d    d       d      d          d          d       d   -
 *     wcenc_encoder_flush_async       +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_reset             +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_close             +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_close_async       +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_request_key_frame +      c     +    +       +      +          c          +       +   -
 *     wcenc_encoder_get_name          +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_get_error         +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_get_state         +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_get_queue_size    +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_get_stats         +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_get_event_fd      +      +     +    +       +      +          +          +       +   -
 *     wcenc_encoder_pump              d      d     d    d       d      d          d          d       d   -
 *     wcenc_encoder_receive           d      d     d    d       d      d          d          d       d   -
 *     wcenc_frame_close               +      +     +    +       +      +          +          +       +   +
 *     wcenc_frame_unref               +      +     +    +       +      +          +          +       +   +
 *     wcenc_chunk_ref                 +      +     +    +       +      +          +          +       +   +
 *     wcenc_chunk_unref               +      +     +    +       +      +          +          +       +   +
 *
 *     +  as from outside
 *     c  as from outside; the encoder is closed by then, so the function returns WCENC_ERROR_INVALID_STATE
 *     d  would wait for the calling callback: returns WCENC_ERROR_WOULD_DEADLOCK at once
 *     f  as from outside, except that with WCENC_QUEUE_WAIT it behaves as with WCENC_QUEUE_FAIL
 *     -  must not be used: the encoder has been freed
 *
 * The column `release` is for a `release` that an encoder invokes. Inside one that a wcenc_frame_ function of the
 * program invokes, functions behave as from outside.
 *
 * Two encoders that flush or close each other from their callbacks deadlock. The library does not detect that.
 *
 * Cancelled threads
 * -----------------
 * pthread_cancel ends a thread in the library only where it waits: in encode, flush, flush_timeout, pump, receive,
 * close, destroy or unref. Other threads can go on using the encoder.
 *
 *     encode                the frame is not accepted
 *     flush, flush_timeout  the work goes on; its completion is not reported
 *     pump, receive         no result is lost
 *     close                 the encoder is closed, but a callback may still run
 *     destroy, unref        the reference is released; the library frees the encoder later, then invokes on_destroy
 *
 * Callbacks run with cancellation disabled, and must leave it disabled. Only PTHREAD_CANCEL_DEFERRED is supported.
 *
 * Fork
 * ----
 * An encoder belongs to the process that created it. In a forked child its functions return WCENC_ERROR_INVALID_STATE
 * at once. wcenc_encoder_get_state returns closed, wcenc_encoder_get_queue_size 0 and wcenc_encoder_get_name NULL.
 * wcenc_encoder_ref returns its argument. destroy and unref do nothing: they free nothing and invoke no callback. A
 * child may create its own encoders if the codec library supports use after fork.
 *
 * Forking while another thread opens an encoder is not safe. The child inherits locks of libavcodec that no thread will
 * release, and its own encoders may hang. The library opens encoders in wcenc_is_config_supported, after configure, and
 * at the next frame after a flush. Fork before the first encoder is created, or call exec in the child.
 */

/**
 * An encoder. Every function may be called on any thread at any time, but wcenc_encoder_destroy must be the last use of
 * a handle. Threads that share an encoder hold references: wcenc_encoder_ref and wcenc_encoder_unref.
 */
typedef struct wcenc_encoder wcenc_encoder;

/** CodecState */
typedef int32_t wcenc_state;

/** Values of wcenc_state. */
enum wcenc_state_value { WCENC_STATE_UNCONFIGURED = 0, WCENC_STATE_CONFIGURED = 1, WCENC_STATE_CLOSED = 2 };

/**
 * Why an encoder failed. In a callback it is valid for the call, in an event as long as the event. After
 * wcenc_encoder_get_error its strings are valid as long as the encoder.
 */
typedef struct wcenc_error {
    uint32_t struct_size;
    uint32_t reserved0;       /**< 0 */
    const char *message;      /**< names codec, cause and parameter; UTF-8 without a line break */
    const char *encoder_name; /**< the encoder that `backend_code` belongs to: "libx264"; NULL: none */
    wcenc_status status;      /**< NOT_SUPPORTED, ENCODING or NO_MEMORY; later versions may add others */
    int32_t backend_code;     /**< the error code of FFmpeg or of the codec library, or 0 */
} wcenc_error;

/**
 * Receives one chunk. `chunk` and `metadata` are borrowed for the call; keep the chunk with wcenc_chunk_ref. `metadata`
 * is never NULL.
 */
typedef void (*wcenc_output_fn)(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata);

/**
 * Reports that the encoder has failed. Invoked at most once; the state is closed. Frames without a delivered chunk are
 * discarded. Pending flushes complete with the same status as soon as this has returned. One dequeue callback follows
 * them if frames were queued. The codec is freed already, so a destroy waits at most for the conversion of one frame.
 */
typedef void (*wcenc_error_fn)(void *user, const wcenc_error *error);

/** Why a frame was dropped. Later versions may add reasons. */
typedef int32_t wcenc_drop_reason;

/** Values of wcenc_drop_reason. */
enum wcenc_drop_reason_value {
    WCENC_DROP_QUEUED_FRAMES = 1, /**< max_queued_frames was reached */
    WCENC_DROP_QUEUED_BYTES = 2,  /**< max_queued_bytes was reached */
    WCENC_DROP_ENCODER = 3        /**< the encoder dropped it; no encoder of this version does */
};

/** A frame that was accepted and then dropped. Valid for the callback, or as long as its event. */
typedef struct wcenc_drop {
    uint32_t struct_size;
    uint32_t reserved0;   /**< 0 */
    int64_t timestamp_us; /**< of the frame */
    uint64_t duration_us; /**< of the frame; 0 if it has none */
    uint64_t user_tag;    /**< of the frame's encode options */
    int32_t has_duration; /**< 1: the frame has a duration, which may be 0 */
    wcenc_drop_reason reason;
} wcenc_drop;

/**
 * Reports a frame that was dropped, by a limit of the queue (wcenc_queue_policy) or by the encoder. The frame has no
 * chunk. If it was requested as a key frame, the next frame that is kept becomes one.
 */
typedef void (*wcenc_drop_fn)(void *user, const wcenc_drop *drop);

/**
 * Reports that frames have left the queue. `queue_size` is wcenc_encoder_get_queue_size() at this moment. It is smaller
 * than in the previous call unless frames were added since. Calls may be coalesced. When the queue runs empty the last
 * call has 0.
 */
typedef void (*wcenc_dequeue_fn)(void *user, uint32_t queue_size);

/**
 * Wakes the thread that pumps; WCENC_DELIVERY_PUMP only. The library invokes it when callbacks become pending, when a
 * pump returns with callbacks left, and when the encoder becomes idle (see wcenc_stats.is_idle). It may run on any
 * thread, inside a call of the program, and at the same time as another callback. It should only wake the thread that
 * pumps. Wakeups may be spurious but are never lost.
 */
typedef void (*wcenc_wakeup_fn)(void *user);

/** Reports once how an asynchronous flush or close ended. `user` is the argument of the request. */
typedef void (*wcenc_done_fn)(void *user, wcenc_status status);

/** The last callback of an encoder. After it returns, `user` may be freed. */
typedef void (*wcenc_destroy_fn)(void *user);

/** How results are delivered. */
typedef int32_t wcenc_delivery;

/** Values of wcenc_delivery. */
enum wcenc_delivery_value {
    WCENC_DELIVERY_THREAD = 0, /**< callbacks on the library's threads */
    WCENC_DELIVERY_PUMP = 1,   /**< callbacks inside wcenc_encoder_pump */
    WCENC_DELIVERY_PULL = 2    /**< events from wcenc_encoder_receive */
};

/** What wcenc_encoder_encode does when a limit of the queue is reached. */
typedef int32_t wcenc_queue_policy;

/** Values of wcenc_queue_policy. */
enum wcenc_queue_policy_value {
    WCENC_QUEUE_FAIL = 0, /**< returns WCENC_ERROR_QUOTA_EXCEEDED */
    WCENC_QUEUE_WAIT = 1, /**< blocks until there is room; after queue_timeout_us returns WCENC_ERROR_TIMED_OUT */
    WCENC_QUEUE_DROP_OLDEST = 2, /**< drops frames from the front of the queue until there is room */
    WCENC_QUEUE_DROP_NEWEST = 3  /**< accepts the frame and drops it */
};

/**
 * Describes an encoder to be created. With WCENC_DELIVERY_THREAD and WCENC_DELIVERY_PUMP `on_output` and `on_error` are
 * required. With WCENC_DELIVERY_PULL all callbacks must be NULL, except `log` and `on_destroy`.
 */
typedef struct wcenc_encoder_desc {
    uint32_t struct_size; /**< set by wcenc_encoder_desc_init */
    uint32_t reserved0;   /**< 0 */
    /**
     * Maximum number of bytes in the queue; 0: no limit. A frame counts as the bytes of its coded picture, without
     * gaps. With parallel_groups the frames in groups may have as many bytes again.
     */
    uint64_t max_queued_bytes;
    int64_t queue_timeout_us; /**< microseconds, for WCENC_QUEUE_WAIT; 0: no limit; not negative */
    void *user;               /**< passed to every callback except wcenc_done_fn */
    wcenc_output_fn on_output;
    wcenc_error_fn on_error;
    wcenc_drop_fn on_drop;       /**< may be NULL */
    wcenc_dequeue_fn on_dequeue; /**< may be NULL */
    wcenc_wakeup_fn on_wakeup;   /**< may be NULL; WCENC_DELIVERY_PUMP only */
    wcenc_destroy_fn on_destroy; /**< may be NULL */
    wcenc_log_fn log;            /**< may be NULL: no messages */
    wcenc_log_level log_level;   /**< least important level that `log` receives; 0: none */
    wcenc_delivery delivery;
    wcenc_queue_policy queue_policy;
    uint32_t max_queued_frames; /**< maximum of wcenc_encoder_get_queue_size; 0: no limit */
    /**
     * Maximum number of pending chunks; 0: no limit. When so many are pending, encoding pauses until some are
     * delivered. With WCENC_QUEUE_WAIT an encode may then block until another thread pumps or receives. A program that
     * does both on one thread needs queue_timeout_us. The limit does not hold while a blocking flush waits.
     */
    uint32_t max_pending_results;
    uint32_t reserved1; /**< 0 */
} wcenc_encoder_desc;

/**
 * Initialises a wcenc_encoder_desc: zeroes `size` bytes and sets struct_size.
 *
 * @param desc  memory of the caller; NULL is ignored
 * @param size  sizeof(wcenc_encoder_desc)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encoder_desc_init(wcenc_encoder_desc *desc, size_t size);

/**
 * Creates an unconfigured encoder.
 *
 * It starts no thread and opens no codec before the first configure.
 *
 * @param desc  copied; not NULL
 * @param out   receives a reference that the caller owns; released by _destroy or _unref; NULL on failure
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL; a required callback is missing, or one is set that would never
 *                                    be invoked; a value is not one of its enumeration; queue_timeout_us is
 *                                    negative; the struct is too short
 *         WCENC_ERROR_NOT_SUPPORTED  a reserved member, or one that this version does not know, is not 0; FFmpeg has
 *                                    another major version than the one that the library was built with
 *         WCENC_ERROR_OPERATION      the system refused the descriptor of wcenc_encoder_get_event_fd
 *         WCENC_ERROR_NO_MEMORY
 *         After an error on_destroy is not invoked.
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_create(const wcenc_encoder_desc *desc, wcenc_encoder **out);

/**
 * Adds a reference and returns its argument.
 *
 * @param encoder  NULL is returned as NULL
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_encoder *wcenc_encoder_ref(wcenc_encoder *encoder);

/**
 * Releases a reference; releasing the last one closes and frees the encoder.
 *
 * Waiting calls of other threads return first: pump and receive WCENC_END, the others WCENC_ERROR_ABORTED. With PUMP,
 * pending completions are invoked inside this call; with PULL they are discarded. on_destroy is the last callback.
 *
 * @param encoder  must not be used again by this owner; NULL is ignored
 *
 * Blocks: if it releases the last reference, until callbacks and the codec are done; inside a callback no.
 * Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_encoder_unref(wcenc_encoder *encoder);

/**
 * Closes the encoder in any state and releases the caller's reference.
 *
 * It acts as wcenc_encoder_close unless the encoder is closed already, then as wcenc_encoder_unref. If other references
 * exist, the encoder is closed but not freed.
 *
 * @param encoder  must not be used again by this owner; NULL is ignored
 *
 * Blocks: as wcenc_encoder_close, then as wcenc_encoder_unref. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_encoder_destroy(wcenc_encoder *encoder);

/**
 * Sets what the following frames are encoded to.
 *
 * Frames that were accepted before keep the previous configuration. All their chunks precede the first chunk of the new
 * one. Support is checked asynchronously: an unsupported configuration closes the encoder, which on_error or the event
 * ERROR reports with WCENC_ERROR_NOT_SUPPORTED. Until then calls are accepted, and their frames are discarded. Call
 * wcenc_is_config_supported first.
 *
 * @param encoder  not NULL
 * @param config   copied; not NULL
 * @return WCENC_OK                   the state is configured
 *         WCENC_ERROR_TYPE           a pointer is NULL, or the configuration is not valid
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed
 *         WCENC_ERROR_NOT_SUPPORTED  a reserved member, or one that this version does not know, is not 0
 *         WCENC_ERROR_OPERATION      the system refused a thread
 *         WCENC_ERROR_NO_MEMORY
 *         After an error nothing has changed.
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_configure(wcenc_encoder *encoder, const wcenc_config *config);

/** VideoEncoderEncodeOptions */
typedef struct wcenc_encode_options {
    uint32_t struct_size; /**< set by wcenc_encode_options_init */
    uint32_t reserved0;   /**< 0 */
    uint64_t user_tag;    /**< returned with the frame's chunk or drop */
    /**
     * HDR metadata from this frame on, copied; NULL: that of the previous frame, at first of the configuration. If it
     * differs, the frame becomes a key chunk with a new decoder config. With both `has_` members 0 the metadata ends.
     */
    const wcenc_hdr_metadata *hdr_metadata;
    const void *reserved1; /**< NULL */
    int32_t key_frame;     /**< 1: the frame becomes a key chunk */
    int32_t has_quantizer; /**< 1: `quantizer` is set even if it is 0 */
    /**
     * The frame's quantizer with WCENC_BITRATE_QUANTIZER, on the scale of the configured codec; lower is better. H.264
     * and HEVC: 0 to 51; each bit above 8 raises the maximum by 6. VP9 and AV1: 0 to 255; "native-vpx" and
     * "native-aom" have the mode, and use and report the nearest of 64 steps. If it is not set, the quantizer of the
     * previous frame holds. The first default is 26 for H.264 and HEVC, plus 6 for each bit above 8. For VP9 and AV1 it
     * is 128. Other bitrate modes ignore the quantizer.
     */
    uint32_t quantizer;
    /**
     * With scalability_mode "manual": the buffers that the frame may reference, as bits. Bit n is buffer n of
     * wcenc_config_support.reference_buffers. 0: the frame references no other frame; in AV1 it may reference the
     * last key chunk. A key chunk references none, whatever this says. With other modes only 0 is valid.
     */
    uint32_t references;
    /**
     * With scalability_mode "manual": the buffers that keep the frame, as bits. 0: no later frame can reference it. A
     * key chunk is kept in every buffer, whatever this says, so no buffer is ever empty. A frame that is dropped
     * changes no buffer: a frame behind it references what its buffers kept before. With other modes only 0 is valid.
     */
    uint32_t updates;
    uint32_t reserved2; /**< 0 */
} wcenc_encode_options;

/**
 * Initialises a wcenc_encode_options: zeroes `size` bytes and sets struct_size.
 *
 * @param options  memory of the caller; NULL is ignored
 * @param size     sizeof(wcenc_encode_options)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encode_options_init(wcenc_encode_options *options, size_t size);

/**
 * Queues one frame.
 *
 * Each accepted frame ends in exactly one chunk or one drop, unless a reset, a close or an error discards it. Frames of
 * any format and size are converted to the configuration.
 *
 * @param encoder  not NULL
 * @param frame    the encoder takes its own reference; the caller keeps ownership and may close the frame at once
 * @param options  copied; NULL: the defaults
 * @return WCENC_OK                    the frame is accepted
 *         WCENC_ERROR_TYPE            encoder or frame is NULL; the frame is closed; a member of `options` is not valid
 *         WCENC_ERROR_INVALID_STATE   the encoder is not configured
 *         WCENC_ERROR_DATA            rotation or flip differ from those of the first frame after configure
 *         WCENC_ERROR_QUOTA_EXCEEDED  a limit of the queue is reached, or the frame alone exceeds max_queued_bytes
 *         WCENC_ERROR_TIMED_OUT       there was no room within queue_timeout_us
 *         WCENC_ERROR_ABORTED         a reset, close or destroy came while this waited for room
 *         WCENC_ERROR_NOT_SUPPORTED   a reserved member, or one that this version does not know, is not 0
 *         WCENC_ERROR_NO_MEMORY
 *         After an error the encoder has not taken the frame.
 *
 * Blocks: no; with WCENC_QUEUE_WAIT until there is room, at most queue_timeout_us; inside a callback no.
 * Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_encode(wcenc_encoder *encoder, wcenc_frame *frame,
                                            const wcenc_encode_options *options);

/**
 * Blocks until all earlier requests are done and every callback for them has returned.
 *
 * The encoder stays configured. The flush does not wait for frames that other threads submit meanwhile. With PUMP this
 * pumps while it waits, unless another thread does. With PULL it returns as soon as all results are pending, errors
 * included.
 *
 * @param encoder  not NULL
 * @return WCENC_OK                    every frame so far has ended in a chunk or a drop
 *         WCENC_ERROR_TYPE            encoder is NULL
 *         WCENC_ERROR_INVALID_STATE   the encoder is not configured
 *         WCENC_ERROR_ABORTED         a reset, close or destroy came first
 *         WCENC_ERROR_WOULD_DEADLOCK  called inside a callback of this encoder
 *         WCENC_ERROR_NO_MEMORY       nothing was requested
 *         any other                   the status of an earlier request's failure, as on_error or an event reports it
 *
 * Blocks: until the last callback has returned. Thread: any, except inside a callback. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush(wcenc_encoder *encoder);

/**
 * Flushes as wcenc_encoder_flush does, with a timeout.
 *
 * After a timeout the work goes on: delayed frames are still delivered.
 *
 * @param encoder     not NULL
 * @param timeout_us  microseconds to wait; 0: does not wait; negative: no timeout
 * @return as wcenc_encoder_flush, and
 *         WCENC_ERROR_TIMED_OUT  not done yet
 *
 * Blocks: until the last callback has returned, at most timeout_us. Thread: any, except inside a callback. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush_timeout(wcenc_encoder *encoder, int64_t timeout_us);

/**
 * Requests a flush and returns at once; `done` reports its completion.
 *
 * The library invokes `done(user, status)` exactly once, never inside this call, after every callback that the flush
 * covers. With PULL an event FLUSH_DONE with `user` takes its place. `status` is what wcenc_encoder_flush would return.
 * The message of an error is that of on_error or of the event ERROR.
 *
 * @param encoder  not NULL
 * @param done     required, except with PULL, where it must be NULL
 * @param user     passed to `done`, or member of the event
 * @return WCENC_OK                   the flush is requested
 *         WCENC_ERROR_TYPE           encoder is NULL, or `done` is not as described
 *         WCENC_ERROR_INVALID_STATE  the encoder is not configured
 *         WCENC_ERROR_OPERATION      the system refused a thread
 *         WCENC_ERROR_NO_MEMORY
 *         After an error nothing was requested, and `done` is not invoked.
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user);

/**
 * Discards all pending work and makes the encoder unconfigured.
 *
 * Frames that are not delivered are discarded, and the queue is empty. A waiting encode or flush returns
 * WCENC_ERROR_ABORTED; pump and receive continue to wait. An unconfigured encoder stays as it is.
 *
 * @param encoder  not NULL
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder);

/**
 * Discards pending work as wcenc_encoder_reset does, and closes the encoder for good.
 *
 * A waiting pump or receive returns WCENC_END once everything is delivered. Other waiting calls return
 * WCENC_ERROR_ABORTED.
 *
 * Afterwards the getters, pump or receive for remaining events, ref, unref and destroy may be used. Other functions
 * return WCENC_ERROR_INVALID_STATE. Chunks that were delivered stay valid. on_error is not invoked.
 *
 * @param encoder  not NULL
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed already
 *
 * Blocks: until a running callback and the completions of flushes have returned, not for the codec; inside a callback
 * no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_close(wcenc_encoder *encoder);

/**
 * Closes the encoder and returns at once; `done` reports when the codec is freed.
 *
 * The library invokes `done(user, WCENC_OK)` exactly once, never inside this call. By then no callback runs, every
 * flush has completed and the codec is freed. With PULL an event CLOSE_DONE with `user` takes its place. A later
 * destroy does not wait.
 *
 * @param encoder  not NULL
 * @param done     required, except with PULL, where it must be NULL
 * @param user     passed to `done`, or member of the event
 * @return WCENC_OK                   the encoder is closed
 *         WCENC_ERROR_TYPE           encoder is NULL, or `done` is not as described
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed already
 *         WCENC_ERROR_OPERATION      the system refused a thread
 *         After an error nothing has changed, and `done` is not invoked.
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_close_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user);

/**
 * Returns the state of the encoder.
 *
 * @param encoder  NULL is closed
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_state wcenc_encoder_get_state(const wcenc_encoder *encoder);

/**
 * Requests that the next frame to be encoded becomes a key chunk.
 *
 * That may be a frame that is queued already. Requests before that frame merge into one. If that frame is dropped, the
 * request moves to the next one. A reset discards it.
 *
 * @param encoder  not NULL
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is not configured
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.2
 */
WCENC_API wcenc_status wcenc_encoder_request_key_frame(wcenc_encoder *encoder);

/**
 * Returns the name of the encoder in use, such as "libx264" or "native-vpx".
 *
 * The name is NULL before the first frame is encoded, and after a reset, close or failure. The string is static.
 *
 * @param encoder  NULL: NULL
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.2
 */
WCENC_API const char *wcenc_encoder_get_name(const wcenc_encoder *encoder);

/**
 * Initialises a wcenc_error: zeroes `size` bytes and sets struct_size.
 *
 * @param error  memory of the caller; NULL is ignored
 * @param size   sizeof(wcenc_error)
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API void wcenc_error_init(wcenc_error *error, size_t size);

/**
 * Returns why the encoder is closed.
 *
 * After an explicit close the status is WCENC_OK and the message empty. Otherwise they are those of on_error or of the
 * event ERROR. The strings are valid as long as the encoder.
 *
 * @param encoder  not NULL
 * @param error    receives the error, as far as its struct_size goes; initialised by wcenc_error_init
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, or struct_size is less than that of the first version
 *         WCENC_ERROR_INVALID_STATE  the encoder is not closed; in a forked child
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.2
 */
WCENC_API wcenc_status wcenc_encoder_get_error(const wcenc_encoder *encoder, wcenc_error *error);

/**
 * Returns encodeQueueSize: the number of accepted frames whose encoding has not begun.
 *
 * Frames that the encoder delays do not count.
 *
 * @param encoder  NULL: 0
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API uint32_t wcenc_encoder_get_queue_size(const wcenc_encoder *encoder);

/** Statistics of an encoder over all its configurations. Filled by wcenc_encoder_get_stats. */
typedef struct wcenc_stats {
    uint32_t struct_size;      /**< set by wcenc_stats_init */
    uint32_t reserved0;        /**< 0 */
    uint64_t frames_accepted;  /**< accepted by wcenc_encoder_encode: the sum of the seven members that follow */
    uint64_t frames_out;       /**< delivered as a chunk */
    uint64_t frames_dropped;   /**< dropped, and reported if there is a callback or event for it */
    uint64_t frames_discarded; /**< discarded by a reset, a close or an error */
    uint64_t frames_queued;    /**< in the queue now: wcenc_encoder_get_queue_size */
    /** Being converted or encoded now, delayed by the encoder, or, with parallel_groups, in a group. */
    uint64_t frames_in_flight;
    uint64_t chunks_pending;   /**< pending as chunks now */
    uint64_t drops_pending;    /**< pending as drops now */
    uint64_t key_chunks_out;   /**< key chunks among frames_out */
    uint64_t bytes_out;        /**< bytes of the delivered chunks */
    uint64_t bytes_queued;     /**< in the queue now, as max_queued_bytes counts them */
    uint64_t queued_ns;        /**< nanoseconds that frames spent in the queue, in total */
    uint64_t converting_ns;    /**< nanoseconds spent converting frames */
    uint64_t encoding_ns;      /**< nanoseconds spent inside the encoder */
    uint64_t callback_ns;      /**< nanoseconds inside on_output, on_error, on_drop, on_dequeue and completions */
    uint64_t busy_ns;          /**< nanoseconds spent so far on the current operation; 0 if idle */
    uint32_t quantizer;        /**< of the last chunk; see wcenc_chunk_metadata */
    int32_t has_quantizer;     /**< 1 if the last chunk has a quantizer */
    /**
     * 1: nothing is queued, in work or pending, so nothing follows before the next call. Frames that the encoder delays
     * may still be in flight: only further frames or a flush release them.
     */
    int32_t is_idle;
    uint32_t reserved1; /**< 0 */
} wcenc_stats;

/**
 * Initialises a wcenc_stats: zeroes `size` bytes and sets struct_size.
 *
 * @param stats  memory of the caller; NULL is ignored
 * @param size   sizeof(wcenc_stats)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_stats_init(wcenc_stats *stats, size_t size);

/**
 * Returns the statistics of the encoder.
 *
 * All numbers belong to one moment. It works in every state, also after close.
 *
 * @param encoder  not NULL
 * @param stats    receives the numbers, as far as its struct_size goes; initialised by wcenc_stats_init; members that
 *                 this version does not know become 0
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, or struct_size is less than that of the first version
 *         WCENC_ERROR_INVALID_STATE  in a forked child
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_get_stats(const wcenc_encoder *encoder, wcenc_stats *stats);

/**
 * Returns a descriptor that is readable while callbacks or events are pending.
 *
 * It is a file descriptor of POSIX, for poll and its like. It stays readable once the encoder is closed and everything
 * is delivered, when pump and receive return WCENC_END. This wakes a loop even if a close leaves nothing pending. The
 * descriptor belongs to the encoder, which closes it when it is freed. Poll it level-triggered; do not read, write or
 * close it.
 *
 * @param encoder  not NULL
 * @return the descriptor, 0 or more
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  with WCENC_DELIVERY_THREAD, which has none; in a forked child
 *
 * Blocks: no. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API int32_t wcenc_encoder_get_event_fd(const wcenc_encoder *encoder);

/**
 * Invokes pending callbacks on the calling thread; WCENC_DELIVERY_PUMP only.
 *
 * It waits for the first callback only. It returns after `max_events` callbacks, or earlier if nothing is pending.
 * Several threads may pump: one callback runs at a time.
 *
 * @param encoder     not NULL
 * @param max_events  maximum number of callbacks; 0: as many as are pending when the first one begins
 * @param timeout_us  microseconds to wait for the first callback; 0: does not wait; negative: no timeout
 * @param count       receives the number of callbacks that ran, 0 unless the result is WCENC_OK; may be NULL
 * @return WCENC_OK                    one callback or more have run
 *         WCENC_AGAIN                 nothing was pending within the timeout
 *         WCENC_END                   the encoder is closed, and everything is delivered
 *         WCENC_ERROR_TYPE            encoder is NULL
 *         WCENC_ERROR_INVALID_STATE   the encoder has another delivery mode; in a forked child
 *         WCENC_ERROR_WOULD_DEADLOCK  called inside a callback of this encoder
 *
 * Blocks: until a callback is pending, at most timeout_us, then while callbacks run. Thread: any, except inside a
 * callback. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_pump(wcenc_encoder *encoder, uint32_t max_events, int64_t timeout_us,
                                          uint32_t *count);

/** What an event reports. */
typedef int32_t wcenc_event_type;

/** Values of wcenc_event_type. */
enum wcenc_event_type_value {
    WCENC_EVENT_OUTPUT = 1,
    WCENC_EVENT_ERROR = 2, /**< the encoder is closed as of now */
    WCENC_EVENT_DROP = 3,
    WCENC_EVENT_DEQUEUE = 4,    /**< as wcenc_dequeue_fn */
    WCENC_EVENT_FLUSH_DONE = 5, /**< of a wcenc_encoder_flush_async */
    WCENC_EVENT_CLOSE_DONE = 6  /**< of a wcenc_encoder_close_async */
};

/**
 * One result of wcenc_encoder_receive. The event and what its members point to are read-only and valid until
 * wcenc_event_free. wcenc_chunk_ref keeps the chunk together with its metadata. Later versions add members at the end;
 * struct_size shows which.
 */
typedef struct wcenc_event {
    uint32_t struct_size;
    uint32_t reserved0;                   /**< 0 */
    wcenc_chunk *chunk;                   /**< OUTPUT, else NULL */
    const wcenc_chunk_metadata *metadata; /**< OUTPUT: the chunk's; else NULL */
    const wcenc_error *error;             /**< ERROR, else NULL */
    const wcenc_drop *drop;               /**< DROP, else NULL */
    void *user;                           /**< FLUSH_DONE, CLOSE_DONE: that of the request; else NULL */
    const void *reserved1;                /**< NULL */
    wcenc_event_type type;
    wcenc_status status; /**< ERROR, FLUSH_DONE, CLOSE_DONE; else WCENC_OK */
    uint32_t queue_size; /**< DEQUEUE; else 0 */
    uint32_t reserved2;  /**< 0 */
} wcenc_event;

/**
 * Returns the next event; WCENC_DELIVERY_PULL only.
 *
 * @param encoder     not NULL
 * @param timeout_us  microseconds to wait for an event; 0: does not wait; negative: no timeout
 * @param event       receives an event that the caller owns and frees with wcenc_event_free; NULL unless WCENC_OK
 * @return WCENC_OK
 *         WCENC_AGAIN                 nothing was pending within the timeout
 *         WCENC_END                   the encoder is closed, and everything is delivered
 *         WCENC_ERROR_TYPE            a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE   the encoder has another delivery mode; in a forked child
 *         WCENC_ERROR_WOULD_DEADLOCK  called inside a callback of this encoder
 *         WCENC_ERROR_NO_MEMORY       the event stays pending
 *
 * Blocks: until there is an event, at most timeout_us. Thread: any, except inside a callback; each event goes to one of
 * the threads that receive. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_receive(wcenc_encoder *encoder, int64_t timeout_us, wcenc_event **event);

/**
 * Frees an event, and releases its reference to the chunk.
 *
 * @param event  NULL is ignored
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_event_free(wcenc_event *event);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_ENCODER_H */
