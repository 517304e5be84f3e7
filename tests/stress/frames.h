/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_FRAMES_H
#define WCENC_STRESS_FRAMES_H

/* Frames of every kind, and the memory lent for them, which must come back once. */

#include <stdatomic.h>
#include <stdbool.h>

#include <wcenc/wcenc.h>

#include "random.h"

struct subject;

enum { LENT_MAX = 8000 };

/* Memory that a frame was made of without a copy. */
struct lent {
    _Atomic(struct subject *) subject; /* that the frame was made for; NULL: for several */
    void *pixels;
    size_t size;
    atomic_int releases;
};

struct lendings {
    struct lent rows[LENT_MAX];
    atomic_uint count;
};

/* Decides on a frame, which the caller owns; `subject` is NULL for one that several are to encode. */
wcenc_frame *frame_make(struct lendings *lendings, struct subject *subject, struct random *random);

/* Everything that was lent has come back. Once nothing refers to a frame any more. */
void lendings_check(struct lendings *lendings);

/* What was lent for this subject's frames has come back: so on_destroy must find it. */
void lendings_check_subject(struct lendings *lendings, const struct subject *subject);

#endif
