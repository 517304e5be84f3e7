/* SPDX-License-Identifier: MIT */

#include "layers.h"

#include "compiler.h"

enum { A = LAYER_BUFFER_0, B = LAYER_BUFFER_1 };

/*
 * The base layer reads and writes the first buffer. Of three layers the middle one writes the second, for the frame of
 * the top layer behind it.
 */
static const struct layer_pattern patterns[] = {
    [2] = {2, {{0, A, A}, {1, A, 0}}, {2, 1}, {60, 100}},
    [3] = {4, {{0, A, A}, {2, A, 0}, {1, A, B}, {2, A | B, 0}}, {4, 2, 1}, {40, 60, 100}},
};

const struct layer_pattern *wcenc__layer_pattern(uint32_t layers)
{
    return layers > 1 && layers < ARRAY_LENGTH(patterns) ? &patterns[layers] : NULL;
}

const struct layer_step *wcenc__layer_step(const struct layer_pattern *pattern, int64_t distance)
{
    return &pattern->steps[distance % pattern->period];
}
