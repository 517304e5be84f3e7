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
 * An encoder is fed on any thread, and hands its results over in one of three ways. Requests are carried out strictly
 * in the order in which they were made:
 *
 *     wcenc_encoder_configure   what to encode to; again at any time to change it
 *     wcenc_encoder_encode      one frame; returns at once
 *     wcenc_encoder_flush       waits until every chunk of every frame so far has been handed over
 *     wcenc_encoder_reset       forgets everything that has not been handed over
 *     wcenc_encoder_close       as reset, for good
 *
 * Delivery
 * --------
 * WCENC_DELIVERY_THREAD, the default: callbacks on threads of the library.
 *
 * WCENC_DELIVERY_PUMP, for event loops and for languages that take no calls from foreign threads: results wait in the
 * encoder until a thread of the program calls wcenc_encoder_pump, inside which the callbacks run. A loop learns of them
 * from wcenc_encoder_get_event_fd, which it polls, or from on_wakeup.
 *
 * WCENC_DELIVERY_PULL: no callbacks but log, release and on_destroy. wcenc_encoder_receive hands over one event after
 * the other. wcenc_encoder_get_event_fd works here too.
 *
 * With PUMP and PULL an error takes effect when it is handed over: until then the encoder is configured, and calls are
 * accepted and come to nothing.
 *
 * Callbacks
 * ---------
 * They run one at a time, in order, with no lock held: on threads of the library whose identity may change, or on those
 * that pump. What they are given is borrowed for the call; wcenc_chunk_ref keeps a chunk together with its metadata.
 * on_wakeup, log and release stand outside this order: they come on whichever thread has something to tell, a call of
 * one's own included, possibly while another callback runs, and with no lock held either. Close does not wait for them,
 * the end of the encoder does.
 *
 * After reset or close has returned, no output, error, drop or dequeue callback for what came before *starts*. One that
 * is running, or that a thread is about to enter, may finish: close called from elsewhere waits for it, reset and
 * close_async do not. A reset that empties a queue is followed by one dequeue callback that sees 0, a close by none.
 *
 * Completions (of wcenc_encoder_flush_async and wcenc_encoder_close_async) are owed in any case and come exactly once.
 * Flushes that a close ends have been told before it returns; with PUMP and PULL they then lie ready. What is left of
 * them when an encoder is freed is told then, with PULL it is dropped.
 *
 * A callback must return: it must not longjmp out, throw through the library or end its thread.
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
 *     c  as from outside; the encoder is closed by then, so that it returns WCENC_ERROR_INVALID_STATE
 *     d  would wait for the callback that it was called from: returns WCENC_ERROR_WOULD_DEADLOCK at once
 *     f  as from outside, but where it would wait for room in the queue it behaves as with WCENC_QUEUE_FAIL
 *     -  the encoder is gone and must not be named
 *
 * (`release` stands for one by which the encoder lets go of a frame. One that comes out of a wcenc_frame_close or
 * wcenc_frame_unref of the program's own is inside no callback of any encoder.)
 *
 * close, destroy and unref, called from inside a callback, do not wait for it: what they end is freed soon after it has
 * returned. Two encoders that flush or close each other from their callbacks cannot be told apart from slow ones: they
 * wait for ever.
 *
 * Cancelled threads
 * -----------------
 * pthread_cancel ends a thread of the program where it waits in encode, flush, flush_timeout, pump, receive, close,
 * destroy or unref, and nowhere else in the library. The encoder goes on for other threads. Per function:
 *
 *     encode                the frame is not accepted
 *     flush, flush_timeout  the work goes on; its completion is not reported
 *     pump, receive         no result is lost
 *     close                 the encoder is closed, but a callback may still run
 *     destroy, unref        the reference is released; the library frees the encoder later, then invokes on_destroy
 *
 * Callbacks run with cancellation disabled, and must leave it so. Only PTHREAD_CANCEL_DEFERRED is supported.
 *
 * Fork
 * ----
 * An encoder belongs to the process that made it. In a forked child every function returns WCENC_ERROR_INVALID_STATE at
 * once (wcenc_encoder_get_state: closed, wcenc_encoder_get_queue_size: 0), and destroy and unref only forget: nothing
 * is freed and no callback comes. A child may make encoders of its own, as far as the encoders' own libraries bear a
 * fork.
 *
 * A fork while another thread opens an encoder is not safe: the child inherits locks of libavcodec that no thread will
 * release, and its own encoders may hang. Opening happens in wcenc_is_config_supported, after configure, and at the
 * next frame after a flush. Fork before the first encoder is made, or call exec in the child.
 */

/**
 * Thread-safety: every function on any thread at any time, except that wcenc_encoder_destroy is the last use of a
 * handle. Threads that share an encoder without knowing who is last use wcenc_encoder_ref and wcenc_encoder_unref.
 */
typedef struct wcenc_encoder wcenc_encoder;

/** CodecState */
typedef int32_t wcenc_state;

/** Values of wcenc_state. */
enum wcenc_state_value { WCENC_STATE_UNCONFIGURED = 0, WCENC_STATE_CONFIGURED = 1, WCENC_STATE_CLOSED = 2 };

/**
 * What ended an encoder. Filled by the library. In a callback or an event it is valid as long as those are; filled by
 * wcenc_encoder_get_error, its strings live as long as the encoder.
 */
typedef struct wcenc_error {
    uint32_t struct_size;
    uint32_t reserved0;       /**< 0 */
    const char *message;      /**< names codec, cause and parameter; UTF-8 without a line break */
    const char *encoder_name; /**< whose code `backend_code` is: "libx264"; NULL where no encoder was open */
    wcenc_status status;      /**< NOT_SUPPORTED, ENCODING or NO_MEMORY; later versions may give others */
    int32_t backend_code;     /**< FFmpeg's error code where there is one, else 0 */
} wcenc_error;

/**
 * Takes one chunk. `chunk` and `metadata` are borrowed for the call; keep the chunk with wcenc_chunk_ref.
 * `metadata` is never NULL.
 */
typedef void (*wcenc_output_fn)(void *user, wcenc_chunk *chunk, const wcenc_chunk_metadata *metadata);

/**
 * Told once at most that the encoder has failed and is now closed. Frames that were not handed over by then are
 * discarded, and flushes that wait end with the same status as soon as this has returned; behind them comes one dequeue
 * callback if frames were queued. The codec has been freed by then: a destroy waits for nothing but the conversion of a
 * frame that may be under way.
 */
typedef void (*wcenc_error_fn)(void *user, const wcenc_error *error);

/** Why a frame was dropped. Later versions may have other reasons. */
typedef int32_t wcenc_drop_reason;

/** Values of wcenc_drop_reason. */
enum wcenc_drop_reason_value {
    WCENC_DROP_QUEUED_FRAMES = 1, /**< max_queued_frames was reached */
    WCENC_DROP_QUEUED_BYTES = 2,  /**< max_queued_bytes was reached */
    WCENC_DROP_ENCODER = 3        /**< the encoder left it out; none of those that there are today does */
};

/** A frame that was accepted and then dropped. Filled by the library, valid for the callback or with its event. */
typedef struct wcenc_drop {
    uint32_t struct_size;
    uint32_t reserved0;   /**< 0 */
    int64_t timestamp_us; /**< of the frame */
    uint64_t duration_us; /**< of the frame; 0 where there is none */
    uint64_t user_tag;    /**< of the frame's encode options */
    int32_t has_duration;
    wcenc_drop_reason reason;
} wcenc_drop;

/**
 * Told of each frame that a limit of the queue has dropped (wcenc_queue_policy). The frame makes no chunk; a key frame
 * that was asked for with it is made of the next frame kept.
 */
typedef void (*wcenc_drop_fn)(void *user, const wcenc_drop *drop);

/**
 * Reports that frames have left the queue. `queue_size` is wcenc_encoder_get_queue_size() at this moment: smaller than
 * in the callback before, unless frames were added in between. Several decreases may come as one call. The last call of
 * a queue that runs empty has 0.
 */
typedef void (*wcenc_dequeue_fn)(void *user, uint32_t queue_size);

/**
 * WCENC_DELIVERY_PUMP only: told that there is something to pump where there was nothing, as a pump returns that left
 * something behind, and when the library's thread has run out of work, so that a program that lives as long as its
 * encoder has something to do can look at wcenc_stats.is_idle then. Comes on any thread, possibly inside a call of
 * one's own and at the same time as another callback; it should do no more than wake the thread that pumps. Calls may
 * come that turn out to be needless, none is left out.
 */
typedef void (*wcenc_wakeup_fn)(void *user);

/** Told once of the request that it was given with: how a flush or a close ended. */
typedef void (*wcenc_done_fn)(void *user, wcenc_status status);

/** Told once, as the very last, that the encoder is gone: `user` and all that it names may be freed. */
typedef void (*wcenc_destroy_fn)(void *user);

/** How results are handed over. */
typedef int32_t wcenc_delivery;

/** Values of wcenc_delivery. */
enum wcenc_delivery_value {
    WCENC_DELIVERY_THREAD = 0, /**< callbacks on the library's threads */
    WCENC_DELIVERY_PUMP = 1,   /**< callbacks inside wcenc_encoder_pump */
    WCENC_DELIVERY_PULL = 2    /**< events from wcenc_encoder_receive */
};

/** What wcenc_encoder_encode does where a limit of the queue is reached. */
typedef int32_t wcenc_queue_policy;

/** Values of wcenc_queue_policy. */
enum wcenc_queue_policy_value {
    WCENC_QUEUE_FAIL = 0, /**< returns WCENC_ERROR_QUOTA_EXCEEDED */
    WCENC_QUEUE_WAIT = 1, /**< waits for room, queue_timeout_us at most, and then returns WCENC_ERROR_TIMED_OUT */
    WCENC_QUEUE_DROP_OLDEST = 2, /**< drops frames from the front of the queue until there is room */
    WCENC_QUEUE_DROP_NEWEST = 3  /**< accepts the frame and drops it */
};

/**
 * What an encoder is made with. Required are `on_output` and `on_error`; with WCENC_DELIVERY_PULL, which has no
 * callbacks, all but `log` and `on_destroy` must be NULL.
 */
typedef struct wcenc_encoder_desc {
    uint32_t struct_size; /**< set by wcenc_encoder_desc_init */
    uint32_t reserved0;   /**< 0 */
    /** Bytes of the frames that wait, each counted as its coded picture without gaps; 0: no limit. */
    uint64_t max_queued_bytes;
    int64_t queue_timeout_us; /**< of WCENC_QUEUE_WAIT; 0: no limit */
    void *user;               /**< given to every callback; never looked at */
    wcenc_output_fn on_output;
    wcenc_error_fn on_error;
    wcenc_drop_fn on_drop;       /**< may be NULL */
    wcenc_dequeue_fn on_dequeue; /**< may be NULL */
    wcenc_wakeup_fn on_wakeup;   /**< may be NULL; WCENC_DELIVERY_PUMP only */
    wcenc_destroy_fn on_destroy; /**< may be NULL */
    wcenc_log_fn log;            /**< may be NULL: no messages */
    wcenc_log_level log_level;   /**< the most talkative level that `log` is called for; 0: none */
    wcenc_delivery delivery;
    wcenc_queue_policy queue_policy;
    uint32_t max_queued_frames; /**< that wait for the encoder, as wcenc_encoder_get_queue_size counts; 0: no limit */
    /**
     * Chunks that wait to be pumped or received: with so many the encoder takes no further frame until some are handed
     * over. Where a limit of the queue has been reached too, a waiting encode then waits for whoever hands them over;
     * if that is its own thread it needs a timeout. While a blocking flush waits the limit does not hold. 0: no limit.
     */
    uint32_t max_pending_results;
    uint32_t reserved1; /**< 0 */
} wcenc_encoder_desc;

/**
 * Zeroes `size` bytes at `desc` and stores `size` as its struct_size; call it with sizeof(wcenc_encoder_desc). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encoder_desc_init(wcenc_encoder_desc *desc, size_t size);

/**
 * Makes an unconfigured encoder. No thread is started and no codec opened before the first configure.
 *
 * @param out  receives a reference that the caller owns and ends with wcenc_encoder_destroy; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, a required callback is missing or one is given that would never
 *                                    be called, a value is none of its enumeration, the struct is too short
 *         WCENC_ERROR_NOT_SUPPORTED  a member is unknown to this version, or a reserved one is not 0
 *         WCENC_ERROR_OPERATION      the descriptor of wcenc_encoder_get_event_fd could not be had
 *         WCENC_ERROR_NO_MEMORY
 *         After an error on_destroy is not called.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_create(const wcenc_encoder_desc *desc, wcenc_encoder **out);

/** Takes another reference, and returns its argument. NULL is passed through. Thread: any. Since: 0.1 */
WCENC_API wcenc_encoder *wcenc_encoder_ref(wcenc_encoder *encoder);

/**
 * Gives up a reference. The last one closes the encoder, waits for a callback that runs and for the codec (unless
 * called from inside a callback), and frees it; on_destroy comes last, before this returns or, from inside a callback,
 * soon after the callback has returned. Calls that wait in other threads return WCENC_ERROR_ABORTED first; completions
 * that nobody has pumped are told inside this call, those that nobody has received are dropped. NULL is ignored.
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
    uint32_t struct_size;  /**< set by wcenc_encode_options_init */
    uint32_t reserved0;    /**< 0 */
    uint64_t user_tag;     /**< given back with the frame's chunk */
    int32_t key_frame;     /**< 1: the frame becomes a key chunk */
    int32_t has_quantizer; /**< 1: `quantizer` is given even where it is 0 */
    /**
     * With WCENC_BITRATE_QUANTIZER: the frame's quantizer on the scale of the configured codec, lower is better: 0 to
     * 51 for H.264 and HEVC, and 6 more for each bit above 8; 0 to 255 for VP9 and AV1, which no encoder has the mode
     * for in this version. Without one, the quantizer of the frame before holds. Ignored in other modes.
     */
    uint32_t quantizer;
    uint32_t reserved1; /**< 0 */
} wcenc_encode_options;

/**
 * Zeroes `size` bytes at `options` and stores `size` as its struct_size; call it with sizeof(wcenc_encode_options).
 * NULL is ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_encode_options_init(wcenc_encode_options *options, size_t size);

/**
 * Queues one frame. Never waits for the codec, unless WCENC_QUEUE_WAIT says so.
 *
 * The encoder takes a reference of its own: the frame is the caller's as before, who may close it as soon as this
 * returns. It ends in exactly one chunk or, where a limit was set, one drop, unless a reset, a close or an error ends
 * it before. Frames of any format and size are converted to what was configured.
 *
 * @param options  NULL for the defaults.
 * @return WCENC_OK                    accepted
 *         WCENC_ERROR_TYPE            the frame is NULL or closed; a quantizer is out of range; the struct is too short
 *         WCENC_ERROR_INVALID_STATE   the encoder is not configured
 *         WCENC_ERROR_DATA            rotation or flip differ from those of the first frame after configure
 *         WCENC_ERROR_QUOTA_EXCEEDED  a limit of the queue is reached, or the frame alone breaks max_queued_bytes
 *         WCENC_ERROR_TIMED_OUT       there was no room in time
 *         WCENC_ERROR_ABORTED         a reset, close or destroy came while this waited for room
 *         WCENC_ERROR_NOT_SUPPORTED   a member is unknown to this version, or a reserved one is not 0
 *         WCENC_ERROR_NO_MEMORY
 *         After an error the encoder has not taken the frame.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_encode(wcenc_encoder *encoder, wcenc_frame *frame,
                                            const wcenc_encode_options *options);

/**
 * Waits until all that was asked for before is done and every callback for it has returned. The encoder stays
 * configured; frames that come later are not waited for.
 *
 * With WCENC_DELIVERY_PUMP this pumps while it waits, unless another thread does. With WCENC_DELIVERY_PULL it returns
 * as soon as all that it covers lies ready to be received, an error included.
 *
 * @return WCENC_OK                    every frame so far has ended in a chunk or a drop, and every callback
 *                                     has returned
 *         WCENC_ERROR_TYPE            encoder is NULL
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
 * wcenc_encoder_flush that waits for `timeout_us` microseconds at most; 0: does not wait, negative: for ever. The work
 * goes on after a timeout: frames that were held back still come out.
 *
 * @return as wcenc_encoder_flush, and
 *         WCENC_ERROR_TIMED_OUT  not done yet
 *
 * Thread: any but a callback's. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush_timeout(wcenc_encoder *encoder, int64_t timeout_us);

/**
 * wcenc_encoder_flush that does not wait: `done(user, status)` is called exactly once, never inside this call, behind
 * every callback that the flush covers. With WCENC_DELIVERY_PULL the end comes as an event FLUSH_DONE with `user`
 * instead. `status` is what wcenc_encoder_flush would have returned; the words of an error are those that on_error, or
 * the event ERROR, was told with before.
 *
 * @param done  must not be NULL, but with WCENC_DELIVERY_PULL, where it must be.
 * @return WCENC_OK                   the end will be told
 *         WCENC_ERROR_TYPE           encoder is NULL, or `done` is not as it must be
 *         WCENC_ERROR_INVALID_STATE  the encoder is not configured
 *         WCENC_ERROR_OPERATION      a thread of the library could not be started
 *         WCENC_ERROR_NO_MEMORY
 *         After an error nothing was asked for, and `done` is not called.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_flush_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user);

/**
 * Back to unconfigured. Frames that were not handed over are discarded, calls that wait return WCENC_ERROR_ABORTED at
 * once, the queue is empty. Does not wait: not for the codec, not for a callback.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_reset(wcenc_encoder *encoder);

/**
 * Closes for good: as reset, and then only the state, the queue size, the statistics, what is left to be pumped or
 * received, and references can be asked for. Chunks that were handed over stay valid. Waits for a callback that runs
 * and for completions of flushes to be told, unless called from inside a callback; does not wait for the codec.
 * on_error is not called.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed already
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_close(wcenc_encoder *encoder);

/**
 * wcenc_encoder_close that waits for nothing: `done(user, WCENC_OK)` is called exactly once, never inside this call,
 * when no callback runs any more, every flush has been told and the codec has been freed. With WCENC_DELIVERY_PULL that
 * comes as an event CLOSE_DONE with `user` instead. A destroy that follows it does not have to wait.
 *
 * @param done  must not be NULL, but with WCENC_DELIVERY_PULL, where it must be.
 * @return WCENC_OK                   the encoder is closed; the end will be told
 *         WCENC_ERROR_TYPE           encoder is NULL, or `done` is not as it must be
 *         WCENC_ERROR_INVALID_STATE  the encoder is closed already
 *         WCENC_ERROR_OPERATION      a thread of the library could not be started
 *         After an error nothing has changed, and `done` is not called.
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_close_async(wcenc_encoder *encoder, wcenc_done_fn done, void *user);

/** WCENC_STATE_UNCONFIGURED, _CONFIGURED or _CLOSED (also for NULL). Thread: any. Since: 0.1 */
WCENC_API wcenc_state wcenc_encoder_get_state(const wcenc_encoder *encoder);

/**
 * Asks for a key chunk: the next frame to be encoded becomes one, which may be a frame that is queued already. Requests
 * that come before that frame are one. If that frame is dropped, the request moves to the next; a reset forgets it.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  the encoder is not configured
 *
 * Thread: any, also from inside callbacks. Does not wait. Since: 0.2
 */
WCENC_API wcenc_status wcenc_encoder_request_key_frame(wcenc_encoder *encoder);

/**
 * The name of the encoder in use, as FFmpeg has it: "libx264". NULL before the first frame is encoded, after a reset,
 * and for NULL. Static; never freed.
 *
 * Thread: any, also from inside callbacks. Since: 0.2
 */
WCENC_API const char *wcenc_encoder_get_name(const wcenc_encoder *encoder);

/**
 * Zeroes `size` bytes at `error` and stores `size` as its struct_size; call it with sizeof(wcenc_error). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.2
 */
WCENC_API void wcenc_error_init(wcenc_error *error, size_t size);

/**
 * Fills `error` with why the encoder is closed: status WCENC_OK and an empty message after an explicit close, else what
 * on_error or the event ERROR said. Its strings live as long as the encoder.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, or struct_size is less than that of the first version
 *         WCENC_ERROR_INVALID_STATE  the encoder is not closed; in a forked child
 *
 * Thread: any, also from inside callbacks. Since: 0.2
 */
WCENC_API wcenc_status wcenc_encoder_get_error(const wcenc_encoder *encoder, wcenc_error *error);

/**
 * encodeQueueSize: frames that were accepted and that the library's thread has not begun with. Frames that the encoder
 * holds back do not count. 0 for NULL.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_encoder_get_queue_size(const wcenc_encoder *encoder);

/** What an encoder has done so far, over all configurations. Filled by wcenc_encoder_get_stats. */
typedef struct wcenc_stats {
    uint32_t struct_size; /**< set by wcenc_stats_init */
    uint32_t reserved0;   /**< 0 */
    /* Every frame that was accepted is in exactly one of the seven that follow it. */
    uint64_t frames_accepted;  /**< that wcenc_encoder_encode took */
    uint64_t frames_out;       /**< handed over as a chunk */
    uint64_t frames_dropped;   /**< dropped, and that was told, or nobody wants to be told */
    uint64_t frames_discarded; /**< by a reset, a close or an error */
    uint64_t frames_queued;    /**< now in the queue: wcenc_encoder_get_queue_size */
    uint64_t frames_in_flight; /**< now being converted or encoded, or held back by the encoder */
    uint64_t chunks_pending;   /**< now waiting to be handed over as chunks */
    uint64_t drops_pending;    /**< now waiting to be told of as dropped */
    uint64_t key_chunks_out;   /**< of frames_out */
    uint64_t bytes_out;        /**< of the chunks handed over */
    uint64_t bytes_queued;     /**< now in the queue, as max_queued_bytes counts them */
    uint64_t queued_ns;        /**< that frames have waited in the queue, in all */
    uint64_t converting_ns;    /**< spent on converting frames to what the encoder takes */
    uint64_t encoding_ns;      /**< spent inside the encoder */
    uint64_t callback_ns;      /**< spent inside on_output, on_error, on_drop, on_dequeue and completions */
    uint64_t busy_ns;          /**< that the encoder has been at work on what it now works on; 0: it is not */
    uint32_t quantizer;        /**< of the last chunk made, on the encoder's own scale, where the encoder tells it */
    int32_t has_quantizer;     /**< 1 if `quantizer` is known */
    /**
     * 1: nothing is queued, worked on or waiting to be handed over, so that nothing will come before the next call.
     * Frames that the encoder holds back may be in flight all the same: only further frames or a flush get them out.
     */
    int32_t is_idle;
    uint32_t reserved1; /**< 0 */
} wcenc_stats;

/**
 * Zeroes `size` bytes at `stats` and stores `size` as its struct_size; call it with sizeof(wcenc_stats). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_stats_init(wcenc_stats *stats, size_t size);

/**
 * Fills `stats`, as far as its struct_size goes; members of a longer struct that this version does not know become 0.
 * The numbers belong to one moment and fit together. Works in every state, after close too.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, or struct_size is less than that of the first version
 *         WCENC_ERROR_INVALID_STATE  in a forked child
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_get_stats(const wcenc_encoder *encoder, wcenc_stats *stats);

/**
 * A descriptor that is readable while something waits to be pumped or received, and for good once the encoder is closed
 * and all has been told, which is when pump and receive return WCENC_ERROR_ABORTED: so a poller learns of a close that
 * leaves nothing to take, and takes the descriptor out of its set. It belongs to the encoder, which makes it at create
 * and closes it when it is freed: poll it (level-triggered), and neither read, write nor close it.
 *
 * @return the descriptor, 0 or more
 *         WCENC_ERROR_TYPE           encoder is NULL
 *         WCENC_ERROR_INVALID_STATE  with WCENC_DELIVERY_THREAD, where there is none; in a forked child
 *
 * Thread: any, also from inside callbacks. Since: 0.1
 */
WCENC_API int32_t wcenc_encoder_get_event_fd(const wcenc_encoder *encoder);

/**
 * WCENC_DELIVERY_PUMP: runs callbacks on the calling thread. Waits for the first for `timeout_us` microseconds at most
 * (0: does not wait, negative: for ever), and returns when nothing waits any more or when it has run `max_events` (0:
 * as many as waited when the first began). Threads may pump by turns: one callback runs at a time.
 *
 * @return how many callbacks were run; 0 if nothing came in time
 *         WCENC_ERROR_TYPE            encoder is NULL
 *         WCENC_ERROR_INVALID_STATE   the encoder has another delivery
 *         WCENC_ERROR_ABORTED         the encoder is closed, and all has been told
 *         WCENC_ERROR_WOULD_DEADLOCK  called from inside a callback of this encoder
 *
 * Thread: any but a callback's. Since: 0.1
 */
WCENC_API int32_t wcenc_encoder_pump(wcenc_encoder *encoder, uint32_t max_events, int64_t timeout_us);

/** What an event tells. */
typedef int32_t wcenc_event_type;

/** Values of wcenc_event_type. */
enum wcenc_event_type_value {
    WCENC_EVENT_OUTPUT = 1,
    WCENC_EVENT_ERROR = 2, /**< the encoder is closed as of now */
    WCENC_EVENT_DROP = 3,
    WCENC_EVENT_DEQUEUE = 4,    /**< as wcenc_dequeue_fn */
    WCENC_EVENT_FLUSH_DONE = 5, /**< of a wcenc_encoder_flush_async */
    WCENC_EVENT_CLOSE_DONE = 6  /**< of wcenc_encoder_close_async */
};

/**
 * One result, as wcenc_encoder_receive hands it over. It and what its members point to are read-only and live until
 * wcenc_event_free; wcenc_chunk_ref keeps the chunk together with its metadata. Later versions add members at the end;
 * struct_size says how many there are.
 */
typedef struct wcenc_event {
    uint32_t struct_size;
    uint32_t reserved0;                   /**< 0 */
    wcenc_chunk *chunk;                   /**< OUTPUT, else NULL */
    const wcenc_chunk_metadata *metadata; /**< OUTPUT: the chunk's; else NULL */
    const wcenc_error *error;             /**< ERROR, else NULL */
    const wcenc_drop *drop;               /**< DROP, else NULL */
    void *user;                           /**< FLUSH_DONE, CLOSE_DONE: as given with the request; else NULL */
    const void *reserved1;                /**< NULL */
    wcenc_event_type type;
    wcenc_status status; /**< ERROR, FLUSH_DONE, CLOSE_DONE; else WCENC_OK */
    uint32_t queue_size; /**< DEQUEUE; else 0 */
    uint32_t reserved2;  /**< 0 */
} wcenc_event;

/**
 * WCENC_DELIVERY_PULL: hands over the next event. Waits for it for `timeout_us` microseconds at most; 0: does not wait,
 * negative: for ever.
 *
 * @param event  receives an event that the caller owns and ends with wcenc_event_free; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE            a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE   the encoder has another delivery
 *         WCENC_ERROR_TIMED_OUT       nothing came in time
 *         WCENC_ERROR_ABORTED         the encoder is closed, and all has been handed over
 *         WCENC_ERROR_WOULD_DEADLOCK  called from inside a callback of this encoder
 *         WCENC_ERROR_NO_MEMORY       the event waits as before
 *
 * Thread: any but a callback's; several may receive, each event goes to one of them. Since: 0.1
 */
WCENC_API wcenc_status wcenc_encoder_receive(wcenc_encoder *encoder, int64_t timeout_us, wcenc_event **event);

/** Frees an event. NULL is ignored. Thread: any. Since: 0.1 */
WCENC_API void wcenc_event_free(wcenc_event *event);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_ENCODER_H */
