/* SPDX-License-Identifier: MIT */
#ifndef WCENC_MEDIA_HDR_METADATA_H
#define WCENC_MEDIA_HDR_METADATA_H

/* HDR metadata as the library keeps it: by value and without padding, so that equal ones have equal bytes. */

#include <stdbool.h>
#include <string.h>

#include <wcenc/color_space.h>

/*
 * Copies a caller's metadata, or none of NULL. TYPE, with a message that names the member, if they are not valid;
 * `sets_unknown` becomes true where they set what this version does not know. `name` is the struct's, for messages.
 */
wcenc_status wcenc__hdr_metadata_copy(const wcenc_hdr_metadata *from, const char *name, wcenc_hdr_metadata *out,
                                      bool *sets_unknown);

/* False for those without any part. */
static inline bool hdr_metadata_is_set(const wcenc_hdr_metadata *metadata)
{
    return metadata->has_mastering_display || metadata->has_content_light_level;
}

static inline bool hdr_metadata_equal(const wcenc_hdr_metadata *a, const wcenc_hdr_metadata *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The same with NULL for none. */
static inline bool hdr_metadata_same(const wcenc_hdr_metadata *a, const wcenc_hdr_metadata *b)
{
    return a && b ? hdr_metadata_equal(a, b) : a == b;
}

#endif
