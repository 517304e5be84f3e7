/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_COUNTING_BACKEND_H
#define WCENC_BENCH_COUNTING_BACKEND_H

/*
 * An encoder that only counts: each frame becomes a small packet at once. What remains of the time is the library's
 * own. It comes in by encoder_name "counting".
 */

#include <stddef.h>
#include <stdint.h>

void counting_install(void);

/* Memory for one packet and what is in it; free it. Both the backend and a loop without the library make them so. */
uint8_t *counting_packet(int64_t index, size_t *size);

#endif
