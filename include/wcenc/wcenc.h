/* SPDX-License-Identifier: MIT */
#ifndef WCENC_WCENC_H
#define WCENC_WCENC_H

/**
 * @file wcenc.h
 * libwcenc: the W3C WebCodecs VideoEncoder as a C library over FFmpeg.
 *
 * Systems
 *     POSIX only: threads, fork and the descriptor of wcenc_encoder_get_event_fd are those of POSIX. Tested on Linux.
 *
 * Objects
 *     wcenc_encoder   encodes frames to chunks (encoder.h)
 *     wcenc_frame     an unencoded picture (frame.h)
 *     wcenc_chunk     an encoded picture, with the metadata that a decoder needs (chunk.h)
 * They are opaque and reference-counted. `_create`, `_clone` and `_ref` return a reference, which the caller owns and
 * releases with `_unref`. wcenc_frame_close and wcenc_encoder_close end the use of an object earlier. Its handle stays
 * valid until the last `_unref`.
 *
 * Structs
 *     Each begins with `struct_size` and `reserved0`, except wcenc_color_space, wcenc_rect and wcenc_plane_layout,
 *     which never change. Structs that the caller passes have an `_init` function, which zeroes them and sets the size.
 *     In C `= {.struct_size = sizeof x, ...}` does the same. Zero means absent. Structs are versioned by size and grow
 *     at the end only: missing trailing members read as 0. The library rejects a larger struct with
 *     WCENC_ERROR_NOT_SUPPORTED only if a member unknown to it is not 0. The library copies strings and arrays, except
 *     the pixels of wcenc_frame_create_wrap. Booleans are int32_t, 0 or 1.
 *
 * NULL
 *     Functions that return a wcenc_status, and wcenc_encoder_get_event_fd, return WCENC_ERROR_TYPE if a required
 *     pointer is NULL. Getters of encoders, frames and chunks return 0 for NULL, and the state of NULL is closed. All
 *     other functions document what NULL does.
 *
 * Errors
 *     Functions that can fail return a wcenc_status (status.h): 0 for success, negative for errors. Statuses are named
 *     after the exceptions of WebCodecs. wcenc_encoder_pump and wcenc_encoder_receive also return WCENC_AGAIN and
 *     WCENC_END. wcenc_last_error() returns the message. A call that returns an error had no effect. Only blocking
 *     flushes differ: see status.h.
 *
 * Time
 *     Timestamps are int64_t and durations uint64_t, in microseconds. Chunks return them unchanged.
 *
 * Compatibility
 *     Before 1.0.0 a minor version may change struct layouts, so the SONAME contains it: libwcenc.so.0.2. From 1.0.0 on
 *     the SONAME changes only with the ABI: a program built against one version runs with every later one of the same
 *     SONAME.
 */

#include <wcenc/chunk.h>
#include <wcenc/codec.h>
#include <wcenc/color_space.h>
#include <wcenc/config.h>
#include <wcenc/encoder.h>
#include <wcenc/export.h>
#include <wcenc/frame.h>
#include <wcenc/info.h>
#include <wcenc/log.h>
#include <wcenc/status.h>
#include <wcenc/version.h>

#endif /* WCENC_WCENC_H */
