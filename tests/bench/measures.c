/* SPDX-License-Identifier: MIT */

#include "measures.h"

/* Those that want nothing but the installed library. Those that fork come before any thread was started. */
const struct measure bench_measures[] = {
    {"memory", "what stays resident, and what it grows by", measure_memory},
    {"groups", "two parallel groups beside two threads and two processes", measure_groups},
    {"throughput", "frames per second of each codec, size and format", measure_throughput},
    {"caller", "what encode costs its caller", measure_caller},
    {"copy", "what copying pixels into a frame costs, beside memcpy", measure_copy},
    {"latency", "from encode to the callback, at 30 frames per second", measure_latency},
    {"flush", "from the last callback to the end of flush", measure_flush},
    {"quality", "bytes and PSNR at the same bitrate", measure_quality},
    {0},
};
