/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_TALLY_H
#define WCENC_BENCH_TALLY_H

/* What came out of an encoder: how much, and a hash that differs for two streams. */

#include <stddef.h>
#include <stdint.h>

/* Takes the packet of frame `number`. */
typedef void (*take_fn)(void *user, const uint8_t *data, size_t size, int64_t number);

struct tally {
    uint64_t frames;
    uint64_t bytes;
    uint64_t hash; /* FNV-1a over all packets */
};

void tally_start(struct tally *tally);

/* A take_fn whose user is a struct tally. */
void tally_take(void *tally, const uint8_t *data, size_t size, int64_t number);

#endif
