/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_SUPPORT_GUARDED_H
#define WCENC_TESTS_SUPPORT_GUARDED_H

/* Pictures whose planes lie between pages that nobody may touch: reading or writing beyond either end is a crash. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* Memory for the planes of one picture at a time, with a page without access before and after each. */
struct guarded {
    uint8_t *mappings[PLANES_MAX];
    size_t size; /* of a plane at most */
};

enum guarded_place {
    GUARDED_END,       /* the last byte of a plane is the last that may be touched */
    GUARDED_START,     /* the first byte is the first */
    GUARDED_GAPS,      /* as END, with gaps between the rows */
    GUARDED_BOTTOM_UP, /* as END, with rows from the bottom to the top */
    GUARDED_PLACE_COUNT
};

void guarded_create(struct guarded *guarded, size_t plane_size);
void guarded_destroy(struct guarded *guarded);

/* A picture without colour space. All of the memory, gaps too, holds GUARDED_FILLER. */
struct picture guarded_picture(struct guarded *guarded, enum guarded_place place, wcenc_pixel_format format,
                               uint32_t width, uint32_t height);

/* Fails the test unless all memory outside of the rows of `picture` still holds GUARDED_FILLER. */
void guarded_check_gaps(const struct guarded *guarded, const struct picture *picture);

enum { GUARDED_FILLER = 0xa5 };

#endif
