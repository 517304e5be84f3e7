/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STATUS_H
#define WCENC_STATUS_H

#include <stdint.h>

#include <wcenc/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file status.h
 * Status codes and error messages.
 *
 * Errors travel in two channels. A function that returns an error has queued nothing, taken nothing and causes no
 * callback. A later failure is reported to on_error, or as an event, exactly once. A blocking flush also returns an
 * error that was already reported to on_error. After a flush that returns WCENC_ERROR_TIMED_OUT the work goes on.
 */

/**
 * Zero is success, errors are negative. Only wcenc_encoder_pump and wcenc_encoder_receive return positive values, which
 * are not errors. Values are never reused.
 */
typedef int32_t wcenc_status;

/** Values of wcenc_status. */
enum wcenc_status_value {
    /** Success. */
    WCENC_OK = 0,
    /** Nothing was pending within the timeout; more may follow. Returned by pump and receive only. */
    WCENC_AGAIN = 1,
    /** The encoder is closed, and everything is delivered. Returned by pump and receive only. */
    WCENC_END = 2,
    /** An argument is not valid, whatever the available encoders support ("TypeError"). */
    WCENC_ERROR_TYPE = -1,
    /** The state of the object does not allow the call ("InvalidStateError"). */
    WCENC_ERROR_INVALID_STATE = -2,
    /** Valid, but not supported by the available encoders or by this version of libwcenc ("NotSupportedError"). */
    WCENC_ERROR_NOT_SUPPORTED = -3,
    /** The codec failed while encoding ("EncodingError"). */
    WCENC_ERROR_ENCODING = -4,
    /** The frame contradicts the frames before it ("DataError"). */
    WCENC_ERROR_DATA = -5,
    /** A reset, close or destroy ended the work ("AbortError"). */
    WCENC_ERROR_ABORTED = -6,
    /** A limit that the caller has set is reached ("QuotaExceededError"). */
    WCENC_ERROR_QUOTA_EXCEEDED = -7,
    /** The system refused a thread or a descriptor, or a conversion failed ("OperationError"). */
    WCENC_ERROR_OPERATION = -8,

    /** Out of memory. Bindings throw the exception of their language. */
    WCENC_ERROR_NO_MEMORY = -32,
    /** The timeout expired. The work of a flush goes on; a frame that waited for room is not accepted. */
    WCENC_ERROR_TIMED_OUT = -33,
    /** The call would wait for the callback that it is made from. Nothing was done. */
    WCENC_ERROR_WOULD_DEADLOCK = -34
};

/**
 * Returns the name of a status as WebCodecs spells it, such as "TypeError".
 *
 * WebCodecs has no name for three: they are "NoMemoryError", "TimedOutError" and "WouldDeadlockError". The values that
 * are not errors are "OK", "Again" and "End". The string is static.
 *
 * @param status  any value; "UnknownError" is returned for one that is not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_status_name(wcenc_status status);

/**
 * Returns one English sentence that explains a status.
 *
 * The string is static.
 *
 * @param status  any value; one that is not valid has a sentence of its own
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_status_message(wcenc_status status);

/**
 * Returns the message of the last error on this thread: which member, which value, which limit.
 *
 * The message is UTF-8 without a line break. It belongs to the calling OS thread and is valid until the next error on
 * that thread. Successful calls do not change it. It is empty before the first error. The message of an error that is
 * reported to on_error is in its wcenc_error. It appears here only after a flush that returns the error.
 *
 * A runtime that moves its tasks between OS threads must make the failed call and this one on the same thread. Go
 * programs use runtime.LockOSThread.
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_last_error(void);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_STATUS_H */
