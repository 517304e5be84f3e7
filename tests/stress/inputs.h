/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_INPUTS_H
#define WCENC_STRESS_INPUTS_H

/* What episodes are made of: random decisions, configurations and frames. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wcenc/wcenc.h>

/*
 * Random decisions that can be replayed: a generator is a number, and every thread, callback and action has one of its
 * own, made of the episode's seed and its place. What threads do does not change with how they interleave.
 */

struct random {
    uint64_t state;
};

/* The generator of the part `number` of what `seed` is the seed of. */
struct random random_part(uint64_t seed, uint64_t number);

uint64_t random_next(struct random *random);

/* 0 to limit - 1; limit is at least 1. */
uint32_t random_below(struct random *random, uint32_t limit);

/* least to most. */
uint32_t random_between(struct random *random, uint32_t least, uint32_t most);

/* True so many times in a thousand. */
bool random_chance(struct random *random, uint32_t per_mille);

/* An index into `count` rows by their weights, of which one at least is not 0; `stride` bytes lie between weights. */
uint32_t random_weighted(struct random *random, const uint32_t *weights, uint32_t count, uint32_t stride);

/* What encoders are configured to. Few and small: the library remembers which of them are supported. */

struct subject;

/* Finds out which are supported, and prints which are not. With `all_codecs` those too that take long to open. */
void configs_find(bool all_codecs);

enum config_kind {
    CONFIG_VALID,
    CONFIG_UNSUPPORTED, /* ends the encoder */
    CONFIG_INVALID      /* configure refuses it */
};

/* Decides on one; what it points to is static. */
wcenc_config config_make(const struct subject *subject, struct random *random, enum config_kind *kind);

/* Frames of every kind, and the memory borrowed for them, which must come back once. */

enum { LOANS_MAX = 8000 };

/* Memory that a frame was made of without a copy. */
struct loan {
    _Atomic(struct subject *) subject; /* that the frame was made for; NULL: for several */
    void *pixels;
    size_t size;
    atomic_int releases;
};

struct loans {
    struct loan rows[LOANS_MAX];
    atomic_uint count;
};

/* Decides on a frame, which the caller owns; `subject` is NULL for one that several are to encode. */
wcenc_frame *frame_make(struct loans *loans, struct subject *subject, struct random *random);

/* Everything that was borrowed has come back. Once nothing refers to a frame any more. */
void loans_check(struct loans *loans);

/* What was borrowed for this subject's frames has come back: so on_destroy must find it. */
void loans_check_subject(struct loans *loans, const struct subject *subject);

#endif
