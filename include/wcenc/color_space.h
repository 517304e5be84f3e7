/* SPDX-License-Identifier: MIT */
#ifndef WCENC_COLOR_SPACE_H
#define WCENC_COLOR_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include <wcenc/export.h>
#include <wcenc/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file color_space.h
 * VideoColorSpace: the meaning of the samples of a picture. 0 is unspecified, null in WebCodecs. Other values are the
 * code points of ITU-T H.273, except the RGB matrix: its code point is 0, so it is 256 here.
 */

/** VideoColorPrimaries */
typedef int32_t wcenc_color_primaries;

/** Values of wcenc_color_primaries. */
enum wcenc_color_primaries_value {
    WCENC_COLOR_PRIMARIES_UNSPECIFIED = 0,
    WCENC_COLOR_PRIMARIES_BT709 = 1,     /**< "bt709", also sRGB's */
    WCENC_COLOR_PRIMARIES_BT470BG = 5,   /**< "bt470bg", PAL and SECAM */
    WCENC_COLOR_PRIMARIES_SMPTE170M = 6, /**< "smpte170m", NTSC */
    WCENC_COLOR_PRIMARIES_BT2020 = 9,    /**< "bt2020" */
    WCENC_COLOR_PRIMARIES_SMPTE432 = 12  /**< "smpte432", Display P3 */
};

/** VideoTransferCharacteristics */
typedef int32_t wcenc_color_transfer;

/** Values of wcenc_color_transfer. */
enum wcenc_color_transfer_value {
    WCENC_COLOR_TRANSFER_UNSPECIFIED = 0,
    WCENC_COLOR_TRANSFER_BT709 = 1,         /**< "bt709" */
    WCENC_COLOR_TRANSFER_SMPTE170M = 6,     /**< "smpte170m" */
    WCENC_COLOR_TRANSFER_LINEAR = 8,        /**< "linear" */
    WCENC_COLOR_TRANSFER_IEC61966_2_1 = 13, /**< "iec61966-2-1", sRGB */
    WCENC_COLOR_TRANSFER_PQ = 16,           /**< "pq" */
    WCENC_COLOR_TRANSFER_HLG = 18           /**< "hlg" */
};

/** VideoMatrixCoefficients */
typedef int32_t wcenc_color_matrix;

/** Values of wcenc_color_matrix. */
enum wcenc_color_matrix_value {
    WCENC_COLOR_MATRIX_UNSPECIFIED = 0,
    WCENC_COLOR_MATRIX_BT709 = 1,      /**< "bt709" */
    WCENC_COLOR_MATRIX_BT470BG = 5,    /**< "bt470bg", the same numbers as smpte170m */
    WCENC_COLOR_MATRIX_SMPTE170M = 6,  /**< "smpte170m", BT.601 */
    WCENC_COLOR_MATRIX_BT2020_NCL = 9, /**< "bt2020-ncl" */
    WCENC_COLOR_MATRIX_RGB = 256       /**< "rgb", H.273's 0 */
};

/** fullRange of VideoColorSpace. */
typedef int32_t wcenc_color_range;

/** Values of wcenc_color_range. */
enum wcenc_color_range_value {
    WCENC_COLOR_RANGE_UNSPECIFIED = 0,
    WCENC_COLOR_RANGE_LIMITED = 1, /**< fullRange false: 16 to 235 in eight bits, of luma or of R, G and B */
    WCENC_COLOR_RANGE_FULL = 2     /**< fullRange true: 0 to 255 in eight bits */
};

/** Where the chroma samples of 4:2:0 lie, relative to luma. */
typedef int32_t wcenc_chroma_location;

/** Values of wcenc_chroma_location. */
enum wcenc_chroma_location_value {
    WCENC_CHROMA_LOCATION_UNSPECIFIED = 0,
    WCENC_CHROMA_LOCATION_LEFT = 1,    /**< on every other column, between two rows: MPEG-2, H.264, HEVC */
    WCENC_CHROMA_LOCATION_CENTER = 2,  /**< between two columns and two rows: JPEG, MPEG-1 */
    WCENC_CHROMA_LOCATION_TOP_LEFT = 3 /**< on every other column and every other row: HDR10 */
};

/** VideoColorSpace. Embedded by value in other structs; its layout never changes. */
typedef struct wcenc_color_space {
    wcenc_color_primaries primaries;
    wcenc_color_transfer transfer;
    wcenc_color_matrix matrix;
    wcenc_color_range range;
} wcenc_color_space;

/**
 * HDR metadata of a stream: the display that it was mastered on (SMPTE ST 2086) and how bright its pictures are
 * (CTA-861.3). Chromaticities are in units of 0.00002, the luminances of the display in units of 0.0001 cd/m2. Members
 * of a part whose `has_` member is 0 must be 0. Without any part there is no metadata.
 */
typedef struct wcenc_hdr_metadata {
    uint32_t struct_size;            /**< set by wcenc_hdr_metadata_init */
    uint32_t reserved0;              /**< 0 */
    int32_t has_mastering_display;   /**< 1: the members from red_x to min_luminance are set */
    int32_t has_content_light_level; /**< 1: the last two members are set */
    uint32_t red_x; /**< red_x plus red_y is at most 50000, which is 1.0; the same holds for the other pairs */
    uint32_t red_y; /**< not 0 */
    uint32_t green_x;
    uint32_t green_y; /**< not 0 */
    uint32_t blue_x;
    uint32_t blue_y; /**< not 0 */
    uint32_t white_x;
    uint32_t white_y;                       /**< not 0 */
    uint32_t max_luminance;                 /**< above min_luminance; at most 100000000, which is 10000 cd/m2 */
    uint32_t min_luminance;                 /**< of black */
    uint32_t max_content_light_level;       /**< MaxCLL in cd/m2, up to 65535; 0: not known */
    uint32_t max_frame_average_light_level; /**< MaxFALL in cd/m2, up to 65535; 0: not known */
} wcenc_hdr_metadata;

/**
 * Initialises a wcenc_hdr_metadata: zeroes `size` bytes and sets struct_size.
 *
 * @param metadata  memory of the caller; NULL is ignored
 * @param size      sizeof(wcenc_hdr_metadata)
 *
 * Blocks: no. Thread: any. Since: 0.2
 */
WCENC_API void wcenc_hdr_metadata_init(wcenc_hdr_metadata *metadata, size_t size);

/**
 * Returns WebCodecs' name of colour primaries, such as "bt709".
 *
 * The string is static.
 *
 * @param primaries  NULL is returned for UNSPECIFIED and for values that are not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_color_primaries_name(wcenc_color_primaries primaries);

/**
 * Returns WebCodecs' name of a transfer function, such as "iec61966-2-1".
 *
 * The string is static.
 *
 * @param transfer  NULL is returned for UNSPECIFIED and for values that are not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_color_transfer_name(wcenc_color_transfer transfer);

/**
 * Returns WebCodecs' name of a matrix, such as "bt2020-ncl".
 *
 * The string is static.
 *
 * @param matrix  NULL is returned for UNSPECIFIED and for values that are not valid
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API const char *wcenc_color_matrix_name(wcenc_color_matrix matrix);

/**
 * Finds the primaries that WebCodecs calls by a name.
 *
 * @param name  such as wcenc_color_primaries_name returns; case-sensitive; not NULL
 * @param out   receives the primaries; not changed after an error
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  a pointer is NULL, or there is no such name
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_color_primaries_from_name(const char *name, wcenc_color_primaries *out);

/**
 * Finds the transfer function that WebCodecs calls by a name.
 *
 * @param name  such as wcenc_color_transfer_name returns; case-sensitive; not NULL
 * @param out   receives the transfer function; not changed after an error
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  a pointer is NULL, or there is no such name
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_color_transfer_from_name(const char *name, wcenc_color_transfer *out);

/**
 * Finds the matrix that WebCodecs calls by a name.
 *
 * @param name  such as wcenc_color_matrix_name returns; case-sensitive; not NULL
 * @param out   receives the matrix; not changed after an error
 * @return WCENC_OK
 *         WCENC_ERROR_TYPE  a pointer is NULL, or there is no such name
 *
 * Blocks: no. Thread: any. Since: 0.1
 */
WCENC_API wcenc_status wcenc_color_matrix_from_name(const char *name, wcenc_color_matrix *out);

#ifdef __cplusplus
}
#endif

#endif /* WCENC_COLOR_SPACE_H */
