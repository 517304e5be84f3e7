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
 * What a call says of itself.
 *
 * There are two channels. A function that returns an error has queued nothing, taken nothing and will cause no
 * callback. What fails later, on the library's thread, reaches on_error (or an event) exactly once. Only flushes that
 * wait overlap with it: they return the status of what failed before them as well, and after WCENC_ERROR_TIMED_OUT what
 * they waited for goes on.
 */

/** Zero is success, errors are negative. Values are never reused. */
typedef int32_t wcenc_status;

/** Values of wcenc_status. */
enum wcenc_status_value {
    /** Success. */
    WCENC_OK = 0,
    /** An argument is not valid in itself, whatever the encoder can do ("TypeError"). */
    WCENC_ERROR_TYPE = -1,
    /** The object is in a state that does not allow the call ("InvalidStateError"). */
    WCENC_ERROR_INVALID_STATE = -2,
    /** Valid, but no encoder at hand does it ("NotSupportedError"). */
    WCENC_ERROR_NOT_SUPPORTED = -3,
    /** The codec failed while encoding ("EncodingError"). */
    WCENC_ERROR_ENCODING = -4,
    /** The frame contradicts the frames before it ("DataError"). */
    WCENC_ERROR_DATA = -5,
    /** Ended by reset, close or destroy ("AbortError"). */
    WCENC_ERROR_ABORTED = -6,
    /** A limit set by the caller is reached ("QuotaExceededError"). */
    WCENC_ERROR_QUOTA_EXCEEDED = -7,
    /** The system refused a thread or a descriptor, or a conversion failed ("OperationError"). */
    WCENC_ERROR_OPERATION = -8,

    /** Memory could not be had. Not a name of WebCodecs: bindings throw what their language throws. */
    WCENC_ERROR_NO_MEMORY = -32,
    /** A timeout given by the caller ran out. The work goes on. */
    WCENC_ERROR_TIMED_OUT = -33,
    /** The call would wait for the very callback that it was made from. Nothing was done. */
    WCENC_ERROR_WOULD_DEADLOCK = -34
};

/**
 * The name of a status as WebCodecs spells it: "TypeError", "NotSupportedError". "NoMemoryError", "TimedOutError" and
 * "WouldDeadlockError" for the three that WebCodecs does not have, "OK" for WCENC_OK, and "UnknownError" for a value
 * that is none. Static; never freed.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_status_name(wcenc_status status);

/**
 * One sentence in English on what a status means. Static; never freed.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_status_message(wcenc_status status);

/**
 * Why the last call of this thread that returned an error did so: which member, which value, which limit.
 *
 * The text is UTF-8 without a line break and belongs to the calling OS thread. It stays as it is until the next call
 * on this thread that returns an error; calls that succeed leave it alone, but for wcenc_is_config_supported. Empty
 * before the first error. Errors that are reported through on_error carry their own text, which appears here only after
 * a flush that returned them.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_last_error(void);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_STATUS_H */
