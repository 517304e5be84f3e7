/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BENCH_MEASURES_H
#define WCENC_BENCH_MEASURES_H

/* The measurements, a file each. */

#include "bench.h"

void measure_throughput(struct bench *bench);
void measure_caller(struct bench *bench);
void measure_copy(struct bench *bench);
void measure_latency(struct bench *bench);
void measure_flush(struct bench *bench);
void measure_memory(struct bench *bench);
void measure_quality(struct bench *bench);
void measure_groups(struct bench *bench);
void measure_machinery(struct bench *bench);

#endif
