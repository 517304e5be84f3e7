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
 * Log messages of one encoder. The library prints nothing and installs nothing global, FFmpeg's log callback included.
 * A program that wants messages sets wcenc_encoder_desc.log.
 */

/** How important a message is; a smaller value is more important. */
typedef int32_t wcenc_log_level;

/** Values of wcenc_log_level. */
enum wcenc_log_level_value {
    /** No messages: the default. */
    WCENC_LOG_NONE = 0,
    /** The encoder failed; logged at once, before on_error or the event ERROR reports it. */
    WCENC_LOG_ERROR = 1,
    /** A problem that does not stop the work. None in this version. */
    WCENC_LOG_WARNING = 2,
    /** A single event: an encoder opened, with its codec string and size. */
    WCENC_LOG_INFO = 3,
    /** Frequent events. None in this version. */
    WCENC_LOG_DEBUG = 4
};

/**
 * Receives one message: UTF-8 without a line break, valid for the call. `user` is that of wcenc_encoder_desc.
 *
 * The library may invoke it on any thread, inside a call of the program, and while other callbacks run. It holds no
 * lock meanwhile. The column `log` of the table in encoder.h lists what may be called inside it.
 */
typedef void (*wcenc_log_fn)(void *user, wcenc_log_level level, const char *message);

/**
 * Returns the name of a level: "none", "error", "warning", "info" or "debug".
 *
 * The string is static.
 *
 * @param level  any value; "unknown" is returned for one that is not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_log_level_name(wcenc_log_level level);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_LOG_H */
