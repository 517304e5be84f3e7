/* SPDX-License-Identifier: MIT */
#ifndef WCENC_FRAME_H
#define WCENC_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/color_space.h>
#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file frame.h
 * VideoFrame: an unencoded picture with its place in time.
 *
 * A frame is a handle on pixels. Several handles may share the same pixels (clone, create_from, and every encoder that
 * holds the frame); the pixels live until the last of them is closed or freed. Pixels never change while a frame refers
 * to them: the library does not write to them, and whoever lends memory with wcenc_frame_create_wrap must not either
 * until `release` is called.
 */

/**
 * Thread-safety: every function on any thread at any time, wcenc_frame_close included.
 */
typedef struct wcenc_frame wcenc_frame;

/**
 * VideoPixelFormat. Planes are stored in the order of their letters; samples deeper than 8 bits take two bytes, in the
 * byte order of the machine, with the value in the low bits. I420 halves the chroma planes in both directions, I422
 * horizontally, I444 not at all; odd sizes are rounded up.
 */
typedef int32_t wcenc_pixel_format;

/** Values of wcenc_pixel_format. */
enum wcenc_pixel_format_value {
    WCENC_PIXEL_FORMAT_NONE = 0, /**< no format: a closed frame */
    WCENC_PIXEL_FORMAT_I420 = 1,
    WCENC_PIXEL_FORMAT_I420P10 = 2,
    WCENC_PIXEL_FORMAT_I420P12 = 3,
    WCENC_PIXEL_FORMAT_I420A = 4,
    WCENC_PIXEL_FORMAT_I420AP10 = 5,
    WCENC_PIXEL_FORMAT_I420AP12 = 6,
    WCENC_PIXEL_FORMAT_I422 = 7,
    WCENC_PIXEL_FORMAT_I422P10 = 8,
    WCENC_PIXEL_FORMAT_I422P12 = 9,
    WCENC_PIXEL_FORMAT_I422A = 10,
    WCENC_PIXEL_FORMAT_I422AP10 = 11,
    WCENC_PIXEL_FORMAT_I422AP12 = 12,
    WCENC_PIXEL_FORMAT_I444 = 13,
    WCENC_PIXEL_FORMAT_I444P10 = 14,
    WCENC_PIXEL_FORMAT_I444P12 = 15,
    WCENC_PIXEL_FORMAT_I444A = 16,
    WCENC_PIXEL_FORMAT_I444AP10 = 17,
    WCENC_PIXEL_FORMAT_I444AP12 = 18,
    WCENC_PIXEL_FORMAT_NV12 = 19, /**< Y, then U and V in pairs */
    WCENC_PIXEL_FORMAT_RGBA = 20, /**< bytes R, G, B, A */
    WCENC_PIXEL_FORMAT_RGBX = 21, /**< bytes R, G, B, and one that is ignored */
    WCENC_PIXEL_FORMAT_BGRA = 22, /**< bytes B, G, R, A */
    WCENC_PIXEL_FORMAT_BGRX = 23  /**< bytes B, G, R, and one that is ignored */
};

/**
 * The name of a format as WebCodecs spells it: "I420P10"; NULL for NONE and for values that are none. Static; never
 * freed.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_pixel_format_name(wcenc_pixel_format format);

/**
 * The format with a name of WebCodecs (case-sensitive), stored in `*out`.
 *
 * @return WCENC_OK, or WCENC_ERROR_TYPE if the name is NULL or none of the names; `*out` is then left alone.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_pixel_format_from_name(const char *name, wcenc_pixel_format *out);

/** Number of planes of a format: 1 to 4, and 0 for NONE and for values that are none. Thread: any. Since: 0.1 */
WCENC_API uint32_t wcenc_pixel_format_plane_count(wcenc_pixel_format format);

/** A rectangle in pixels. Embedded by value; its layout never changes. */
typedef struct wcenc_rect {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
} wcenc_rect;

/** Where a plane lies in one buffer. Embedded by value; its layout never changes. */
typedef struct wcenc_plane_layout {
    uint32_t offset; /**< of the plane's first byte from the buffer's, in bytes */
    uint32_t stride; /**< from one row to the next, in bytes */
} wcenc_plane_layout;

/**
 * What a frame is made of. Required are `format`, `coded_width`, `coded_height`, and the pixels: either `planes`, one
 * pointer a plane, or `data`, one buffer. A member that is 0 or NULL is absent. In one buffer no plane may end beyond
 * byte 2^32 - 1, nor would it without gaps where `planes` are given. Members that exclude each other, and entries for
 * planes that the format does not have, are rejected.
 */
typedef struct wcenc_frame_desc {
    uint32_t struct_size;  /**< set by wcenc_frame_desc_init */
    uint32_t reserved0;    /**< 0 */
    int64_t timestamp_us;  /**< presentation time; any value, negative ones too */
    uint64_t duration_us;  /**< absent if 0 and not has_duration */
    double rotation;       /**< degrees clockwise; rounded to the nearest quarter turn */
    const void *planes[4]; /**< one a plane; planes[0] NULL: use `data` */
    /**
     * For `planes`: the bytes that may be read of each, from the first byte of the one row to the last byte of the
     * other, whichever comes first in memory. A plane that needs more is refused; 0: the caller answers for it.
     */
    size_t plane_sizes[4];
    const void *data; /**< one buffer with all planes */
    size_t data_size; /**< of `data`, in bytes; 0 with `planes`, whose sizes are plane_sizes */
    /** Anything that is to travel with the frame, copied; wcenc_frame_get_metadata gives it back. */
    const void *metadata;
    size_t metadata_size;
    /**
     * From one row to the next in bytes, negative for bottom-up, 0 for rows without a gap. With `data` the planes
     * follow one another, each of its stride times its rows bytes; a bottom-up plane begins with its last row.
     */
    int32_t strides[4];
    /** For `data` without `strides`: where each plane lies; layout_count entries, as many as the format has planes. */
    wcenc_plane_layout layout[4];
    /**
     * What of the coded picture is to be seen; absent if all 0: all of it. x is even where chroma is halved across, y
     * where down.
     */
    wcenc_rect visible_rect;
    wcenc_color_space color_space; /**< absent if all 0 and not has_color_space: sRGB for RGB, else BT.709 limited */
    wcenc_pixel_format format;     /**< required */
    uint32_t coded_width;          /**< of the planes, in pixels; required */
    uint32_t coded_height;         /**< of the planes, in pixels; required */
    uint32_t display_width;        /**< default: visible width, or height where turned by a quarter */
    uint32_t display_height;       /**< given together with display_width or not at all */
    uint32_t layout_count;         /**< 0: planes follow one another without gaps */
    int32_t has_duration;          /**< 1: duration_us is given even where it is 0 */
    int32_t has_color_space;       /**< 1: color_space is given even if all of it is 0 */
    int32_t flip;                  /**< 1: mirrored horizontally, after the rotation */
    /** Where chroma lies in the 4:2:0 formats; others ignore it. UNSPECIFIED: decoders decide, mostly for the left. */
    wcenc_chroma_location chroma_location;
} wcenc_frame_desc;

/**
 * Zeroes `size` bytes at `desc` and stores `size` as its struct_size; call it with sizeof(wcenc_frame_desc). NULL is
 * ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_desc_init(wcenc_frame_desc *desc, size_t size);

/**
 * Makes a frame of a copy of the pixels: the caller may free or change them as soon as this returns. Only the visible
 * part is kept, so that the frame's coded size is the visible size.
 *
 * @param out  receives a reference that the caller owns; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           something in `desc` is not valid; wcenc_last_error names it
 *         WCENC_ERROR_NOT_SUPPORTED  the struct has members that this version does not know
 *         WCENC_ERROR_NO_MEMORY
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_copy(const wcenc_frame_desc *desc, wcenc_frame **out);

/**
 * Called once when the last handle on lent pixels is gone. On the thread that let go of it: a caller's inside any call
 * of wcenc_frame_ with that frame; inside encode, reset, close, close_async, destroy or unref of an encoder; inside
 * pump, receive or a flush that pumps where an error is handed over; or a thread of the library, there between two
 * calls of the codec. No lock of the library is held. Where an encoder lets go, its functions may be called as
 * encoder.h says in the column `release`; where a call of wcenc_frame_ does, as from outside of any callback.
 */
typedef void (*wcenc_release_fn)(void *user);

/**
 * Makes a frame of the caller's pixels without a copy. They must stay readable and unchanged until `release` is called,
 * which happens exactly once after success (on whichever thread, possibly before a later call returns), and not at all
 * after failure. `release` may be NULL for memory that outlives everything.
 *
 * @param out  receives a reference that the caller owns; NULL on failure.
 * @return as wcenc_frame_create_copy; after an error the pixels are the caller's as before.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_wrap(const wcenc_frame_desc *desc, wcenc_release_fn release, void *user,
                                               wcenc_frame **out);

/** What differs in a frame made of another. Absent members are inherited, `metadata` excepted, which is then empty. */
typedef struct wcenc_frame_overrides {
    uint32_t struct_size; /**< set by wcenc_frame_overrides_init */
    uint32_t reserved0;   /**< 0 */
    int64_t timestamp_us; /**< inherited if 0 and not has_timestamp */
    uint64_t duration_us; /**< inherited if 0 and not has_duration */
    double rotation;      /**< degrees clockwise, in addition to the frame's */
    const void *metadata; /**< copied */
    size_t metadata_size;
    wcenc_rect visible_rect;               /**< in the coded picture, as in wcenc_frame_desc; inherited if all 0 */
    uint32_t display_width;                /**< default: as stretched as before */
    uint32_t display_height;               /**< given together with display_width or not at all */
    int32_t has_timestamp;                 /**< 1: timestamp_us is given even where it is 0 */
    int32_t has_duration;                  /**< 1: duration_us is given even where it is 0 */
    int32_t flip;                          /**< 1: mirrored horizontally, in addition to the frame's */
    int32_t discard_alpha;                 /**< 1: the new frame has the format without alpha */
    wcenc_chroma_location chroma_location; /**< inherited if UNSPECIFIED */
    uint32_t reserved1;                    /**< 0 */
} wcenc_frame_overrides;

/**
 * Zeroes `size` bytes at `overrides` and stores `size` as its struct_size; call it with
 * sizeof(wcenc_frame_overrides). NULL is ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_overrides_init(wcenc_frame_overrides *overrides, size_t size);

/**
 * Makes a frame that shares the pixels of another but differs in what `overrides` gives (NULL: in nothing). The source
 * stays as it is.
 *
 * @param out  receives a reference that the caller owns; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           something in `overrides` is not valid; wcenc_last_error names it
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NOT_SUPPORTED  a member is unknown to this version, or a reserved one is not 0
 *         WCENC_ERROR_NO_MEMORY
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_from(wcenc_frame *frame, const wcenc_frame_overrides *overrides,
                                               wcenc_frame **out);

/**
 * A new handle on the same pixels, equal in everything, metadata included, and closed on its own.
 *
 * @param out  receives a reference that the caller owns; NULL on failure.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NO_MEMORY
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_clone(wcenc_frame *frame, wcenc_frame **out);

/**
 * Lets go of the pixels. The handle stays until its last reference is gone; its timestamp and duration stay too,
 * everything else becomes 0. Closing twice does nothing, as does NULL. Encoders that took the frame keep what they
 * need.
 *
 * Thread: any, also from inside callbacks. May call `release` before it returns. Since: 0.1
 */
WCENC_API void wcenc_frame_close(wcenc_frame *frame);

/** Takes another reference to the handle, and returns its argument. NULL is passed through. Thread: any. Since: 0.1 */
WCENC_API wcenc_frame *wcenc_frame_ref(wcenc_frame *frame);

/**
 * Gives up a reference; the last one closes and frees the handle. NULL is ignored.
 *
 * Thread: any, also from inside callbacks. May call `release` before it returns. Since: 0.1
 */
WCENC_API void wcenc_frame_unref(wcenc_frame *frame);

/** 1 once the frame is closed, and for NULL. Thread: any. Since: 0.1 */
WCENC_API int32_t wcenc_frame_is_closed(const wcenc_frame *frame);

/** The format, NONE once closed. Thread: any. Since: 0.1 */
WCENC_API wcenc_pixel_format wcenc_frame_get_format(const wcenc_frame *frame);

/** Size of the planes in pixels, 0 once closed. Thread: any. Since: 0.1 */
WCENC_API uint32_t wcenc_frame_get_coded_width(const wcenc_frame *frame);
WCENC_API uint32_t wcenc_frame_get_coded_height(const wcenc_frame *frame);

/** Size to be shown at, in pixels, 0 once closed. Thread: any. Since: 0.1 */
WCENC_API uint32_t wcenc_frame_get_display_width(const wcenc_frame *frame);
WCENC_API uint32_t wcenc_frame_get_display_height(const wcenc_frame *frame);

/**
 * The part of the coded picture that is to be seen, stored in `*rect`.
 *
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE  the frame is closed; `*rect` is all 0 (null in WebCodecs)
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_get_visible_rect(const wcenc_frame *frame, wcenc_rect *rect);

/** The presentation time in microseconds; stays after close. Thread: any. Since: 0.1 */
WCENC_API int64_t wcenc_frame_get_timestamp_us(const wcenc_frame *frame);

/**
 * The duration in microseconds; stays after close.
 *
 * @param duration_us  receives it, or 0 where there is none; may be NULL.
 * @return 1 if there is a duration (0 is one), 0 if there is none.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_frame_get_duration_us(const wcenc_frame *frame, uint64_t *duration_us);

/** 0, 90, 180 or 270 degrees clockwise; 0 once closed. Thread: any. Since: 0.1 */
WCENC_API int32_t wcenc_frame_get_rotation(const wcenc_frame *frame);

/** 1 if mirrored horizontally after the rotation; 0 once closed. Thread: any. Since: 0.1 */
WCENC_API int32_t wcenc_frame_get_flip(const wcenc_frame *frame);

/**
 * The colour space, stored in `*color_space`, which may be NULL; all 0 once closed.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_get_color_space(const wcenc_frame *frame, wcenc_color_space *color_space);

/** Where chroma lies in a 4:2:0 frame, as the frame states it; UNSPECIFIED once closed. Thread: any. Since: 0.1 */
WCENC_API wcenc_chroma_location wcenc_frame_get_chroma_location(const wcenc_frame *frame);

/**
 * Copies up to `size` bytes of the metadata to `destination` (NULL with 0 to ask for the length only).
 *
 * @param length  receives the number of bytes there are; may be NULL.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL that must not be
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_get_metadata(const wcenc_frame *frame, void *destination, size_t size,
                                                size_t *length);

/** PredefinedColorSpace */
typedef int32_t wcenc_predefined_color_space;

/** Values of wcenc_predefined_color_space. */
enum wcenc_predefined_color_space_value {
    WCENC_PREDEFINED_COLOR_SPACE_SRGB = 0,
    WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3 = 1 /**< not supported where something is converted */
};

/** VideoFrameCopyToOptions. */
typedef struct wcenc_copy_to_options {
    uint32_t struct_size;         /**< set by wcenc_copy_to_options_init */
    uint32_t reserved0;           /**< 0 */
    wcenc_rect rect;              /**< in the coded picture, even as visible_rect; all 0: the visible rect */
    wcenc_plane_layout layout[4]; /**< of the destination; layout_count entries, the others 0 */
    uint32_t layout_count;        /**< 0: planes follow one another without gaps */
    wcenc_pixel_format format;    /**< NONE: as it is; else RGBA, RGBX, BGRA or BGRX to convert to */
    wcenc_predefined_color_space color_space; /**< of converted pixels; without effect where `format` is NONE */
    uint32_t reserved1;                       /**< 0 */
} wcenc_copy_to_options;

/**
 * Zeroes `size` bytes at `options` and stores `size` as its struct_size; call it with sizeof(wcenc_copy_to_options).
 * NULL is ignored.
 *
 * Thread: any. Since: 0.1
 */
WCENC_API void wcenc_copy_to_options_init(wcenc_copy_to_options *options, size_t size);

/**
 * The number of bytes that wcenc_frame_copy_to needs with the same options (NULL: the defaults).
 *
 * @param size  receives it; left alone after an error.
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           the options are not valid; wcenc_last_error names what
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NOT_SUPPORTED  the format or colour space is none that can be converted to
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_allocation_size(const wcenc_frame *frame, const wcenc_copy_to_options *options,
                                                   size_t *size);

/**
 * Copies pixels out, converted to RGB where the options say so. Bytes of the destination that belong to no row are left
 * alone.
 *
 * @param layout  receives where each plane was put, as many entries as the format has planes; may be NULL; left alone
 *                after an error.
 * @return as wcenc_frame_allocation_size, and
 *         WCENC_ERROR_TYPE           the destination is NULL or too small; nothing was written
 *         WCENC_ERROR_NOT_SUPPORTED  pixels of this size cannot be converted; nothing was written
 *         WCENC_ERROR_OPERATION      the conversion failed
 *         WCENC_ERROR_NO_MEMORY      nothing was written
 *
 * Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_copy_to(const wcenc_frame *frame, const wcenc_copy_to_options *options,
                                           void *destination, size_t destination_size, wcenc_plane_layout layout[4]);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_FRAME_H */
