/* SPDX-License-Identifier: MIT */
#ifndef WCENC_LOG_H
#define WCENC_LOG_H

#include <stdint.h>

#include <wcenc/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file log.h
 * Messages of one encoder. The library prints nothing by itself and installs nothing global, FFmpeg's log callback
 * included: whoever wants to read what an encoder does gives it a log function (wcenc_encoder_desc.log).
 */

typedef int32_t wcenc_log_level;

/** Values of wcenc_log_level. */
enum wcenc_log_level_value {
    /** No messages: the default. */
    WCENC_LOG_NONE = 0,
    /** What ends the encoder, before on_error is told of it. */
    WCENC_LOG_ERROR = 1,
    /** What a user would want to know of, though work goes on. None in this version. */
    WCENC_LOG_WARNING = 2,
    /** What is done once: an encoder opened, for which codec string and size. */
    WCENC_LOG_INFO = 3,
    /** What is done often. None in this version. */
    WCENC_LOG_DEBUG = 4
};

/**
 * Receives one message: UTF-8, without a trailing line break, valid for the call.
 *
 * Called on whichever thread has something to say, the caller's own included, with no lock of the library held, and
 * possibly on two threads at once. From inside it the encoder's functions follow the same rules as from inside a
 * callback (encoder.h).
 */
typedef void (*wcenc_log_fn)(void *user, wcenc_log_level level, const char *message);

/**
 * "error", "warning", "info", "debug", "none"; "unknown" for a value that is none. Static; never freed.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_log_level_name(wcenc_log_level level);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_LOG_H */
