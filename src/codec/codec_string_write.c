/* SPDX-License-Identifier: MIT */

/* Codec strings in the form that ISO 14496-15 Annex E and the bindings of VP9 and AV1 to ISO BMFF give them. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec_string.h"

static void write_h264(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    (void)snprintf(out, CODEC_STRING_SIZE, "%s.%02X%02X%02X", id->in_band_parameter_sets ? "avc3" : "avc1", id->profile,
                   id->constraints, id->level);
}

/* Constraint bytes that are zero are left out at the end. */
static void write_hevc(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    const char space[2] = {id->profile_space ? (char)('A' + id->profile_space - 1) : '\0', '\0'};
    size_t count = sizeof id->constraint_bytes;

    (void)snprintf(out, CODEC_STRING_SIZE, "%s.%s%u.%" PRIX32 ".%c%u", id->in_band_parameter_sets ? "hev1" : "hvc1",
                   space, id->profile, id->profile_compatibility, id->tier ? 'H' : 'L', id->level);
    while (count > 0 && id->constraint_bytes[count - 1] == 0)
        count--;
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(out);

        (void)snprintf(out + used, CODEC_STRING_SIZE - used, ".%02X", id->constraint_bytes[i]);
    }
}

static void write_vp8(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    (void)id;
    (void)snprintf(out, CODEC_STRING_SIZE, "vp8");
}

/* The chroma is 4:2:0 where it is left out. */
static void write_vp9(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    const char *chroma = id->chroma == CHROMA_444 ? ".03" : id->chroma == CHROMA_422 ? ".02" : "";

    (void)snprintf(out, CODEC_STRING_SIZE, "vp09.%02u.%02u.%02u%s", id->profile, id->level, id->bit_depth, chroma);
}

/*
 * The profile says the chroma, except where profile 2 has 12 bits. Readers take the optional fields all or none;
 * colours are unspecified in them.
 */
static void write_av1(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    const bool is_implied = id->bit_depth < 12 || id->chroma == CHROMA_420;
    const char *rest = is_implied ? "" : id->chroma == CHROMA_444 ? ".0.000.02.02.02.0" : ".0.100.02.02.02.0";

    (void)snprintf(out, CODEC_STRING_SIZE, "av01.%u.%02u%c.%02u%s", id->profile, id->level, id->tier ? 'H' : 'M',
                   id->bit_depth, rest);
}

void wcenc__codec_string_write(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    static void (*const writers[CODEC_FAMILY_COUNT])(const struct codec_id *, char *) = {
        [CODEC_H264] = write_h264, [CODEC_HEVC] = write_hevc, [CODEC_VP8] = write_vp8,
        [CODEC_VP9] = write_vp9,   [CODEC_AV1] = write_av1,
    };

    out[0] = '\0';
    if (writers[id->family])
        writers[id->family](id, out);
}
