/* SPDX-License-Identifier: MIT */

/* The row kernels in plain C for formats beyond WebCodecs. */

#include "kernel_c.h"

#include <string.h>

void wcenc__c_lower(const uint8_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t sample;

        memcpy(&sample, from + 2 * i, sizeof sample);
        sample >>= 6;
        memcpy(to + 2 * i, &sample, sizeof sample);
    }
}

void wcenc__c_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wcenc__c_lower(uv + 4 * i, u + 2 * i, 1);
        wcenc__c_lower(uv + 4 * i + 2, v + 2 * i, 1);
    }
}

void wcenc__c_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first)
{
    const uint8_t *luma = from + !luma_first, *chroma = from + luma_first;

    for (size_t i = 0; i < pairs; i++) {
        y[2 * i] = luma[4 * i];
        y[2 * i + 1] = luma[4 * i + 2];
        u[i] = chroma[4 * i];
        v[i] = chroma[4 * i + 2];
    }
}

void wcenc__c_add_fourth(const uint8_t *from, uint8_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(to + 4 * i, from + 3 * i, 3);
        to[4 * i + 3] = 255;
    }
}
