/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_REGISTRY_H
#define WCENC_BACKEND_REGISTRY_H

/* Which encoders may serve a codec family, and in which order. */

#include <stdbool.h>
#include <stddef.h>

#include "backend.h"
#include "codec_string.h"

/* One encoder that may serve a family. Rows of a family stand in the order of preference. */
struct codec_candidate {
    enum codec_family family;
    const char *name; /* as FFmpeg calls it, or native-LIBRARY */
    const struct backend_ops *backend;
    bool by_name_only; /* never chosen by itself */
    bool is_hardware;
    uint32_t capabilities; /* ENCODER_ bits */
};

/* WCENC_CAPABILITY_ bits that the encoder has with some configuration, as its row says. */
uint32_t wcenc__candidate_capabilities(const struct codec_candidate *candidate);

/* Buffers whose use frames may choose; 0: they may not, or the encoder is not installed. */
uint32_t wcenc__candidate_reference_buffers(const struct codec_candidate *candidate);

/* The nth row of a family, from 0; NULL after the last. */
const struct codec_candidate *wcenc__backend_candidate(enum codec_family family, size_t n);

#ifdef WCENC_TESTING
/* Stands before the table, for any family: how a backend of the tests comes in. NULL: none. */
extern const struct codec_candidate *wcenc__testing_candidate;
#endif

#endif
