/* SPDX-License-Identifier: MIT */
#ifndef WCENC_NODE_MEMBERS_H
#define WCENC_NODE_MEMBERS_H

/*
 * Dictionaries of JavaScript to structs of the library, by tables, a row a member; and back, member by member.
 */

#include <stddef.h>

#include "addon.h"

/* An enumeration of WebIDL. Its names are those of `names`, or what `name_of` gives, and stand for values from 0. */
struct enumeration {
    const char *name;
    const char *const *names;              /* ends with NULL */
    const char *(*name_of)(int32_t value); /* of the library; NULL: look into `names` */
    int32_t last;                          /* where there is `name_of`: the largest value that has a name */
};

extern const struct enumeration alpha_option, avc_format, bitrate_mode, chunk_type, hardware_acceleration, hevc_format,
    latency_mode, log_level, pixel_format, predefined_color_space;

/* Exports { enumerations: { AlphaOption: ['discard', 'keep'], ... } }, which webcodecs.mjs checks values with. */
bool members_export_enumerations(napi_env env, napi_value exports);

enum member_type {
    MEMBER_TEXT, /* const char *, lives as long as the `members` */
    MEMBER_UINT32,
    MEMBER_UINT64,
    MEMBER_INT64,
    MEMBER_DOUBLE,
    MEMBER_FLAG, /* int32_t, 0 or 1 */
    MEMBER_NAME, /* int32_t, a value of `enumeration` */
    MEMBER_RECT,
    MEMBER_LAYOUT, /* wcenc_plane_layout[4]; `twin` is the count */
    MEMBER_COLOR_SPACE,
    MEMBER_BYTES /* const void *, into a Uint8Array; `twin` is the size */
};

struct member {
    const char *name; /* "a.b": member b of the dictionary a */
    enum member_type type;
    size_t offset;
    size_t twin; /* offset of the has_ member, or as the type says; 0: there is none */
    const struct enumeration *enumeration;
};

enum { MEMBERS_MAX_TEXTS = 8 };

/* Texts that a struct points to. */
struct members {
    char *texts[MEMBERS_MAX_TEXTS];
    size_t text_count;
};

/* Stores what `object` has of `rows` into the struct; what it has not, or as undefined or null, is left alone. */
bool members_read(napi_env env, napi_value object, const struct member *rows, size_t row_count, void *target,
                  struct members *members);

/* The texts; everything else belongs to JavaScript. */
void members_free(struct members *members);

/* Each sets one property. */
bool members_set(napi_env env, napi_value object, const char *name, napi_value value);
bool members_set_number(napi_env env, napi_value object, const char *name, double value);
bool members_set_flag(napi_env env, napi_value object, const char *name, bool value);
bool members_set_null(napi_env env, napi_value object, const char *name);
bool members_set_text(napi_env env, napi_value object, const char *name, const char *value); /* NULL becomes null */
bool members_set_name(napi_env env, napi_value object, const char *name, const struct enumeration *enumeration,
                      int32_t value);
bool members_set_bytes(napi_env env, napi_value object, const char *name, const void *data, size_t size);
bool members_set_color_space(napi_env env, napi_value object, const char *name, const wcenc_color_space *color_space);

#endif
