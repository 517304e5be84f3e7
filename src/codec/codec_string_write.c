/* SPDX-License-Identifier: MIT */

/* Codec strings in the form that ISO 14496-15 Annex E gives them. */

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

void wcenc__codec_string_write(const struct codec_id *id, char out[CODEC_STRING_SIZE])
{
    if (id->family == CODEC_HEVC)
        write_hevc(id, out);
    else
        write_h264(id, out);
}
