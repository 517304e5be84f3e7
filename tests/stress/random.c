/* SPDX-License-Identifier: MIT */

#include "random.h"

#include <string.h>

/* SplitMix64: every seed is as good as any other, 0 and its neighbours too. */
uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct random random_part(uint64_t seed, uint64_t number)
{
    struct random whole = {seed}, part = {number};

    return (struct random){random_next(&whole) ^ random_next(&part)};
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)((random_next(random) >> 32) * limit >> 32);
}

uint32_t random_between(struct random *random, uint32_t least, uint32_t most)
{
    return least + random_below(random, most - least + 1);
}

bool random_chance(struct random *random, uint32_t per_mille)
{
    return random_below(random, 1000) < per_mille;
}

static uint32_t weight_at(const uint32_t *weights, uint32_t index, uint32_t stride)
{
    uint32_t weight;

    memcpy(&weight, (const char *)weights + (size_t)index * stride, sizeof weight);
    return weight;
}

uint32_t random_weighted(struct random *random, const uint32_t *weights, uint32_t count, uint32_t stride)
{
    uint32_t sum = 0, place, index = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += weight_at(weights, i, stride);
    place = random_below(random, sum);
    while (place >= weight_at(weights, index, stride))
        place -= weight_at(weights, index++, stride);
    return index;
}
