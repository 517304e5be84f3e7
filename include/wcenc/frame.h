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
 * A frame is a handle to pixels. Several handles may share pixels: clones, frames of wcenc_frame_create_from, and
 * frames that an encoder holds. The pixels live until the last handle is closed or freed. They must not change
 * meanwhile. The library never writes to them, and neither may a program that wrapped its own memory, until `release`
 * is invoked.
 */

/** A frame. Every function may be called on any thread at any time, wcenc_frame_close included. */
typedef struct wcenc_frame wcenc_frame;

/**
 * VideoPixelFormat. Planes are stored in the order of their letters. Samples of more than 8 bits take two bytes in the
 * byte order of the machine, with the value in the low bits (P010: in the high bits). Chroma planes have half the size
 * in both directions (I420), half the width (I422), or the full size (I444); odd sizes are rounded up.
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
    WCENC_PIXEL_FORMAT_BGRX = 23, /**< bytes B, G, R, and one that is ignored */

    /* Beyond WebCodecs. Frames may have these formats; wcenc_frame_copy_to does not convert to them. */
    WCENC_PIXEL_FORMAT_NV21 = 64,  /**< Y, then V and U in pairs */
    WCENC_PIXEL_FORMAT_P010 = 65,  /**< as NV12 with 10 bits, in the high bits of two bytes; the low 6 are ignored */
    WCENC_PIXEL_FORMAT_YUYV = 66,  /**< bytes Y, U, Y, V for two pixels; odd widths are rounded up */
    WCENC_PIXEL_FORMAT_UYVY = 67,  /**< bytes U, Y, V, Y for two pixels; odd widths are rounded up */
    WCENC_PIXEL_FORMAT_RGB24 = 68, /**< bytes R, G, B */
    WCENC_PIXEL_FORMAT_BGR24 = 69, /**< bytes B, G, R */
    WCENC_PIXEL_FORMAT_GRAY8 = 70  /**< Y; full range if the colour space has no range */
};

/**
 * Returns the name of a format, such as "I420P10".
 *
 * It is WebCodecs' name. For a format beyond WebCodecs it is the end of the constant's name, such as "NV21". The string
 * is static.
 *
 * @param format  NULL is returned for NONE and for values that are not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_pixel_format_name(wcenc_pixel_format format);

/**
 * Finds the format that wcenc_pixel_format_name calls by a name.
 *
 * @param name  case-sensitive; not NULL
 * @param out   receives the format; not changed after an error
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  a pointer is NULL, or there is no such name
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_pixel_format_from_name(const char *name, wcenc_pixel_format *out);

/**
 * Returns the number of planes of a format, 1 to 4.
 *
 * @param format  0 is returned for NONE and for values that are not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
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
 * VideoFrameBufferInit: describes a frame to be created. `format`, `coded_width` and `coded_height` are required, and
 * the pixels: either `planes`, one pointer per plane, or `data`, one buffer. A member that is 0 or NULL is absent. The
 * planes of one buffer must end before byte 2^32. Planes that are set one by one must have fewer bytes than that
 * together, gaps not counted. Members that exclude each other are rejected, and so are entries for planes that the
 * format does not have.
 */
typedef struct wcenc_frame_desc {
    uint32_t struct_size;  /**< set by wcenc_frame_desc_init */
    uint32_t reserved0;    /**< 0 */
    int64_t timestamp_us;  /**< presentation time; any value, negative ones too */
    uint64_t duration_us;  /**< absent if 0, unless has_duration */
    double rotation;       /**< degrees clockwise; rounded to the nearest quarter turn */
    const void *planes[4]; /**< one per plane; planes[0] NULL: use `data` */
    /**
     * For `planes`: readable bytes of each plane, from its first to its last row in memory order. A plane that needs
     * more is rejected. 0: not checked.
     */
    size_t plane_sizes[4];
    const void *data; /**< one buffer with all planes */
    size_t data_size; /**< of `data`, in bytes; 0 with `planes`, whose sizes are plane_sizes */
    /** Any bytes, copied; wcenc_frame_get_metadata returns them. */
    const void *metadata;
    size_t metadata_size;
    /**
     * Bytes from one row to the next; 0: rows follow each other without a gap. Negative: bottom-up, and `planes` points
     * to the top row. With `data` the planes follow each other, each as long as its stride times its rows. A bottom-up
     * plane then begins with its bottom row.
     */
    int32_t strides[4];
    /** For `data` without `strides`: the place of each plane; layout_count entries, one per plane of the format. */
    wcenc_plane_layout layout[4];
    /**
     * The visible part of the coded picture; absent if all 0: all of it. x must be even in formats with half the chroma
     * width, y in formats with half the chroma height.
     */
    wcenc_rect visible_rect;
    /** If all 0 and has_color_space is 0: sRGB for RGB, full-range BT.709 for GRAY8, else limited-range BT.709. */
    wcenc_color_space color_space;
    wcenc_pixel_format format; /**< required */
    uint32_t coded_width;      /**< of the planes, in pixels; required */
    uint32_t coded_height;     /**< of the planes, in pixels; required */
    uint32_t display_width;    /**< default: the visible width; after a quarter turn, the visible height */
    uint32_t display_height;   /**< set together with display_width, or not at all */
    uint32_t layout_count;     /**< 0: planes follow each other without gaps */
    int32_t has_duration;      /**< 1: duration_us is set even if it is 0 */
    int32_t has_color_space;   /**< 1: color_space is set even if all of it is 0 */
    int32_t flip;              /**< 1: mirrored horizontally, after the rotation */
    /** Place of the chroma samples in 4:2:0 formats; others ignore it. UNSPECIFIED: decoders mostly assume left. */
    wcenc_chroma_location chroma_location;
} wcenc_frame_desc;

/**
 * Initialises a wcenc_frame_desc: zeroes `size` bytes and sets struct_size.
 *
 * @param desc  memory of the caller; NULL is ignored
 * @param size  sizeof(wcenc_frame_desc)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_desc_init(wcenc_frame_desc *desc, size_t size);

/**
 * Creates a frame with a copy of the pixels.
 *
 * It copies the visible part only, so the coded size of the frame is the visible size.
 *
 * The library keeps the memory of released copies for the next ones, up to 64 MiB. It frees that memory once no encoder
 * has worked for a second. While no encoder works, it frees the memory with the last frame.
 *
 * @param desc  copied; the caller may free or change the pixels at once; not NULL
 * @param out   receives a reference that the caller owns and releases with wcenc_frame_unref; NULL on failure
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL, or a member of `desc` is not valid; wcenc_last_error names it
 *         WCENC_ERROR_NOT_SUPPORTED  a reserved member, or one that this version does not know, is not 0
 *         WCENC_ERROR_NO_MEMORY
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_copy(const wcenc_frame_desc *desc, wcenc_frame **out);

/**
 * Reports once that the last handle to wrapped pixels is released. The library holds no lock meanwhile. It is invoked
 * on the thread that releases the handle:
 *  - a thread of the program, inside a wcenc_frame_ function with that frame
 *  - a thread of the program, inside encode, reset, close, close_async, destroy or unref of an encoder
 *  - a thread of the program, inside pump, receive or a flush that pumps, when an error is delivered
 *  - a thread of the library, between two calls of the codec
 *
 * If an encoder releases the handle, its functions behave as in the column `release` of encoder.h. If a wcenc_frame_
 * function does, they behave as outside of callbacks.
 */
typedef void (*wcenc_release_fn)(void *user);

/**
 * Creates a frame that borrows the caller's pixels without a copy.
 *
 * The pixels must stay readable and unchanged until `release` is invoked. After success the library invokes it exactly
 * once; after an error never.
 *
 * @param desc     copied, except the pixels; not NULL
 * @param release  NULL for memory that outlives all frames and encoders
 * @param user     passed to `release`
 * @param out      receives a reference that the caller owns and releases with wcenc_frame_unref; NULL on failure
 * @return as wcenc_frame_create_copy
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_wrap(const wcenc_frame_desc *desc, wcenc_release_fn release, void *user,
                                               wcenc_frame **out);

/**
 * VideoFrameInit: what differs in a frame created from another. Absent members are inherited; absent metadata is empty.
 */
typedef struct wcenc_frame_overrides {
    uint32_t struct_size; /**< set by wcenc_frame_overrides_init */
    uint32_t reserved0;   /**< 0 */
    int64_t timestamp_us; /**< inherited if 0, unless has_timestamp */
    uint64_t duration_us; /**< inherited if 0, unless has_duration */
    double rotation;      /**< degrees clockwise, in addition to the frame's */
    const void *metadata; /**< copied */
    size_t metadata_size;
    wcenc_rect visible_rect;               /**< in the coded picture, as in wcenc_frame_desc; inherited if all 0 */
    uint32_t display_width;                /**< default: keeps the pixel aspect ratio of the source */
    uint32_t display_height;               /**< set together with display_width, or not at all */
    int32_t has_timestamp;                 /**< 1: timestamp_us is set even if it is 0 */
    int32_t has_duration;                  /**< 1: duration_us is set even if it is 0 */
    int32_t flip;                          /**< 1: mirrored horizontally, in addition to the frame's */
    int32_t discard_alpha;                 /**< 1: the new frame has the format without alpha */
    wcenc_chroma_location chroma_location; /**< inherited if UNSPECIFIED */
    uint32_t reserved1;                    /**< 0 */
} wcenc_frame_overrides;

/**
 * Initialises a wcenc_frame_overrides: zeroes `size` bytes and sets struct_size.
 *
 * @param overrides  memory of the caller; NULL is ignored
 * @param size       sizeof(wcenc_frame_overrides)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_overrides_init(wcenc_frame_overrides *overrides, size_t size);

/**
 * Creates a frame that shares the pixels of another frame.
 *
 * @param frame      is not changed; not NULL
 * @param overrides  what differs; NULL: nothing
 * @param out        receives a reference that the caller owns and releases with wcenc_frame_unref; NULL on failure
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a required pointer is NULL, or a member of `overrides` is not valid
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NOT_SUPPORTED  a reserved member, or one that this version does not know, is not 0
 *         WCENC_ERROR_NO_MEMORY
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_create_from(wcenc_frame *frame, const wcenc_frame_overrides *overrides,
                                               wcenc_frame **out);

/**
 * Creates a handle to the same pixels, equal in everything, metadata included.
 *
 * @param frame  is not changed; not NULL
 * @param out    receives a reference that the caller owns and releases with wcenc_frame_unref; NULL on failure
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NO_MEMORY
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_clone(wcenc_frame *frame, wcenc_frame **out);

/**
 * Releases the pixels of the handle.
 *
 * Timestamp and duration stay, and everything else becomes 0. Encoders that took the frame keep its pixels. Closing a
 * closed frame does nothing.
 *
 * @param frame  the reference stays the caller's; NULL is ignored
 *
 * Blocks: no, but may invoke `release`. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_frame_close(wcenc_frame *frame);

/**
 * Adds a reference to the handle and returns its argument.
 *
 * @param frame  NULL is returned as NULL
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_frame *wcenc_frame_ref(wcenc_frame *frame);

/**
 * Releases a reference; releasing the last one closes and frees the handle.
 *
 * @param frame  NULL is ignored
 *
 * Blocks: no, but may invoke `release`. Thread: any, also inside callbacks. Since: 0.1
 */
WCENC_API void wcenc_frame_unref(wcenc_frame *frame);

/**
 * Returns 1 if the frame is closed, else 0.
 *
 * @param frame  NULL is closed
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_frame_is_closed(const wcenc_frame *frame);

/**
 * Returns the format.
 *
 * @param frame  closed or NULL: NONE
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_pixel_format wcenc_frame_get_format(const wcenc_frame *frame);

/**
 * Returns the width of the coded picture in pixels.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_frame_get_coded_width(const wcenc_frame *frame);

/**
 * Returns the height of the coded picture in pixels.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_frame_get_coded_height(const wcenc_frame *frame);

/**
 * Returns the width to be shown at, in pixels.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_frame_get_display_width(const wcenc_frame *frame);

/**
 * Returns the height to be shown at, in pixels.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API uint32_t wcenc_frame_get_display_height(const wcenc_frame *frame);

/**
 * Returns the visible part of the coded picture.
 *
 * @param frame  not NULL
 * @param rect   receives the rectangle; not NULL
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a pointer is NULL
 *         WCENC_ERROR_INVALID_STATE  the frame is closed; `*rect` is all 0 (null in WebCodecs)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_get_visible_rect(const wcenc_frame *frame, wcenc_rect *rect);

/**
 * Returns the presentation time in microseconds, also after close.
 *
 * @param frame  NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int64_t wcenc_frame_get_timestamp_us(const wcenc_frame *frame);

/**
 * Returns the duration in microseconds, also after close.
 *
 * @param frame        NULL has no duration
 * @param duration_us  receives the duration, or 0; may be NULL
 * @return 1 if there is a duration, which may be 0; else 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_frame_get_duration_us(const wcenc_frame *frame, uint64_t *duration_us);

/**
 * Returns the rotation: 0, 90, 180 or 270 degrees clockwise.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_frame_get_rotation(const wcenc_frame *frame);

/**
 * Returns 1 if the frame is mirrored horizontally after the rotation, else 0.
 *
 * @param frame  closed or NULL: 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API int32_t wcenc_frame_get_flip(const wcenc_frame *frame);

/**
 * Returns the colour space.
 *
 * @param frame        closed or NULL: all 0
 * @param color_space  receives the colour space; may be NULL
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_frame_get_color_space(const wcenc_frame *frame, wcenc_color_space *color_space);

/**
 * Returns where the chroma samples of a 4:2:0 frame lie, as the frame states it.
 *
 * @param frame  closed or NULL: UNSPECIFIED
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_chroma_location wcenc_frame_get_chroma_location(const wcenc_frame *frame);

/**
 * Copies the metadata of the frame.
 *
 * @param frame        not NULL
 * @param destination  receives the first `size` bytes at most; NULL with a size of 0 to ask for the length only
 * @param size         in bytes
 * @param length       receives the length of the metadata in bytes; may be NULL
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a required pointer is NULL
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_get_metadata(const wcenc_frame *frame, void *destination, size_t size,
                                                size_t *length);

/** PredefinedColorSpace: full-range RGB with the transfer function of sRGB. */
typedef int32_t wcenc_predefined_color_space;

/** Values of wcenc_predefined_color_space. */
enum wcenc_predefined_color_space_value {
    WCENC_PREDEFINED_COLOR_SPACE_SRGB = 0,      /**< "srgb": primaries of BT.709 */
    WCENC_PREDEFINED_COLOR_SPACE_DISPLAY_P3 = 1 /**< "display-p3": primaries of SMPTE 432 */
};

/** VideoFrameCopyToOptions */
typedef struct wcenc_copy_to_options {
    uint32_t struct_size;         /**< set by wcenc_copy_to_options_init */
    uint32_t reserved0;           /**< 0 */
    wcenc_rect rect;              /**< in the coded picture, aligned as visible_rect; all 0: the visible part */
    wcenc_plane_layout layout[4]; /**< of the destination; layout_count entries */
    uint32_t layout_count;        /**< 0: planes follow each other without gaps */
    wcenc_pixel_format format;    /**< to convert to: RGBA, RGBX, BGRA or BGRX; NONE: no conversion */
    wcenc_predefined_color_space color_space; /**< of converted pixels; ignored if `format` is NONE */
    uint32_t reserved1;                       /**< 0 */
} wcenc_copy_to_options;

/**
 * Initialises a wcenc_copy_to_options: zeroes `size` bytes and sets struct_size.
 *
 * @param options  memory of the caller; NULL is ignored
 * @param size     sizeof(wcenc_copy_to_options)
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API void wcenc_copy_to_options_init(wcenc_copy_to_options *options, size_t size);

/**
 * Returns the number of bytes that wcenc_frame_copy_to needs with the same options.
 *
 * @param frame    not NULL
 * @param options  NULL: the defaults
 * @param size     receives the number of bytes; not changed after an error
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE           a required pointer is NULL, or a member of `options` is not valid
 *         WCENC_ERROR_INVALID_STATE  the frame is closed
 *         WCENC_ERROR_NOT_SUPPORTED  conversion to the format is not supported; a reserved member, or one that this
 *                                    version does not know, is not 0
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_allocation_size(const wcenc_frame *frame, const wcenc_copy_to_options *options,
                                                   size_t *size);

/**
 * Copies the pixels, and converts them to RGB if the options ask for it.
 *
 * Bytes of the destination that belong to no row are not changed.
 *
 * Conversion follows the primaries and the transfer of the frame, and clips colours outside of the target's gamut. As
 * in browsers, the primaries smpte170m and the transfers bt709 and smpte170m are read as sRGB's. So are unspecified
 * ones. For PQ and HLG, 203 cd/m2 becomes white.
 *
 * @param frame             not NULL
 * @param options           NULL: the defaults
 * @param destination       receives the pixels
 * @param destination_size  in bytes; at least wcenc_frame_allocation_size
 * @param layout            receives one entry per plane of the result; may be NULL; not changed after an error
 * @return as wcenc_frame_allocation_size, and
 *         WCENC_ERROR_TYPE           the destination is NULL or too small; nothing was written
 *         WCENC_ERROR_NOT_SUPPORTED  pixels of this size cannot be converted; nothing was written
 *         WCENC_ERROR_OPERATION      the conversion failed; nothing was written
 *         WCENC_ERROR_NO_MEMORY      nothing was written
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_frame_copy_to(const wcenc_frame *frame, const wcenc_copy_to_options *options,
                                           void *destination, size_t destination_size, wcenc_plane_layout layout[4]);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_FRAME_H */
