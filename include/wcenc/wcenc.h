/* SPDX-License-Identifier: MIT */
#ifndef WCENC_WCENC_H
#define WCENC_WCENC_H

/**
 * @file wcenc.h
 * libwcenc: the W3C WebCodecs VideoEncoder as a C library over FFmpeg.
 *
 * Objects
 *     wcenc_encoder   takes frames, gives chunks (encoder.h)
 *     wcenc_frame     an unencoded picture (frame.h)
 *     wcenc_chunk     an encoded one, with the metadata that a decoder needs (chunk.h)
 * They are opaque and reference-counted: `_create`, `_clone` and `_ref` give the caller a reference, `_unref` gives it
 * up, `_close` lets go of what an object holds while the handle stays.
 *
 * Structs
 *     Those that a caller fills begin with `struct_size` and are prepared by their `_init` function, which zeroes them
 *     and sets it, or in C by `= {.struct_size = sizeof x, ...}`; zero means absent. They only ever grow at the end, so
 *     that programs and libraries of different versions understand each other: a shorter struct is completed with
 *     zeros, a longer one is refused only if it asks for something unknown. Texts and arrays in them are copied. Truth
 *     values are int32_t, 0 or 1.
 *
 * NULL
 *     Functions that return a wcenc_status, and wcenc_encoder_get_event_fd, return WCENC_ERROR_TYPE for a NULL that
 * must not be. Getters of encoders, frames and chunks return 0 for it, and the state of a NULL is closed. All others
 * say what NULL does.
 *
 * Errors
 *     Functions that can fail return a wcenc_status (status.h), 0 for success and negative for errors, named as
 *     WebCodecs names its exceptions; wcenc_last_error() says it in words. An error means that nothing was done
 *     (of flushes see status.h).
 *
 * Time
 *     Timestamps are int64_t and durations uint64_t, in microseconds, and come back exactly as they were given.
 *
 * Compatibility
 *     Before 1.0.0 struct layouts may change in a minor version, and the SONAME names it: libwcenc.so.0.2. From 1.0.0 on
 *     the SONAME changes only with the ABI, and a program built against one version runs with every later one of the
 *     same SONAME.
 */

#include <wcenc/chunk.h>
#include <wcenc/color_space.h>
#include <wcenc/config.h>
#include <wcenc/encoder.h>
#include <wcenc/export.h>
#include <wcenc/frame.h>
#include <wcenc/log.h>
#include <wcenc/status.h>
#include <wcenc/version.h>

#endif /* WCENC_WCENC_H */
