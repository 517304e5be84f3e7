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
 * They are opaque and reference-counted. `_create`, `_clone` and `_ref` return a reference; each must be released with
 * `_unref`. `_close` releases the resources of an object at once; the handle stays valid until `_unref`.
 *
 * Structs
 *     Each begins with `struct_size` and `reserved0`. Its `_init` function zeroes the struct and sets the size; in C
 *     `= {.struct_size = sizeof x, ...}` does the same. Zero means absent. Structs are versioned by size and grow at the
 *     end only: missing trailing members read as 0. The library rejects a larger struct with NOT_SUPPORTED only if a
 *     member unknown to it is not 0. Strings and arrays are copied. Booleans are int32_t, 0 or 1.
 *
 * NULL
 *     Functions that return a wcenc_status, and wcenc_encoder_get_event_fd, return WCENC_ERROR_TYPE if a required
 *     pointer is NULL. Getters of encoders, frames and chunks return 0 for NULL, and the state of NULL is closed. All
 *     other functions document what NULL does.
 *
 * Errors
 *     Functions that can fail return a wcenc_status (status.h): 0 for success, negative for errors. Statuses are named
 *     as the exceptions of WebCodecs. wcenc_encoder_pump and wcenc_encoder_receive also return WCENC_AGAIN and WCENC_END.
 *     wcenc_last_error() returns the message. On error the call had no effect; for blocking flushes see status.h.
 *
 * Time
 *     Timestamps are int64_t and durations uint64_t, in microseconds. Chunks return them unchanged.
 *
 * Compatibility
 *     Before 1.0.0 struct layouts may change in a minor version, and the SONAME names it: libwcenc.so.0.2. From 1.0.0 on
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
