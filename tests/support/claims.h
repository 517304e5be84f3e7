/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CLAIMS_H
#define WCENC_TESTS_CLAIMS_H

/*
 * What coded streams say of themselves: sequence and frame headers, read to their colour description. The tests' own
 * reading; decoders, which make do with much, are not asked.
 */

#include <wcenc/wcenc.h>

#include "nal.h"

/* Of a whole stream. What the codec has no word for is 0. */
struct stream_claims {
    int profile, level, tier;
    int depth;
    int chroma_x, chroma_y; /* as shifts: 1, 1 is 4:2:0 */
    uint32_t width, height; /* that are shown */
    wcenc_color_space color;
    wcenc_chroma_location chroma_location; /* of H.264, HEVC and AV1 */
    int screen_content_tools;              /* AV1: of all frames 0 or 1, or 2 where each says it */
};

/* Each is false where the bytes are no such header, or one with parts that no encoder here writes. */
bool claims_of_h264(const struct unit *sps, struct stream_claims *claims);
bool claims_of_hevc(const struct unit *sps, struct stream_claims *claims);
bool claims_of_av1(const struct unit *sequence_header, struct stream_claims *claims);

/* What an H.264 or HEVC codec string promises, as far as parameter sets say it too. */
struct sps_claims promised_by(const char *codec);

/* True for an I slice of H.264, which needs no other picture. */
bool is_h264_intra_slice(const struct unit *slice);

/* Of a single frame. */
struct frame_claims {
    bool is_key;
    bool is_shown;
    bool shows_existing;           /* one that was coded before; there is nothing else to it */
    bool has_screen_content_tools; /* AV1 */
    uint8_t refreshes;             /* buffers that it changes, as bits; of AV1 as libaom's headers are */
    struct stream_claims stream;   /* VP8 and VP9, of key frames */
};

/* An OBU_FRAME or OBU_FRAME_HEADER, in a stream without decoder model. `stream` may be NULL, and tools are then left
 * out. */
struct frame_claims claims_of_av1_frame(const struct unit *frame, const struct stream_claims *stream);

bool claims_of_vp8_frame(const uint8_t *data, size_t size, struct frame_claims *claims);
bool claims_of_vp9_frame(const uint8_t *data, size_t size, struct frame_claims *claims);

/* The frames of a VP9 chunk, which may be a superframe; their number, or -1 where the index does not add up. */
int split_superframe(const uint8_t *data, size_t size, struct unit units[UNITS_MAX]);

#endif
