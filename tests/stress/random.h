/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_RANDOM_H
#define WCENC_STRESS_RANDOM_H

/*
 * Random decisions that can be replayed: a generator is a number, and every thread, callback and action has one of its
 * own, made of the episode's seed and its place. What threads do does not change with how they interleave.
 */

#include <stdbool.h>
#include <stdint.h>

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

#endif
