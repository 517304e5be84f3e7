/* SPDX-License-Identifier: MIT */

#include "measures.h"

/* What wants a backend that is none of the installed library. */
const struct measure bench_measures[] = {
    {"machinery", "cost of a frame with an encoder that only counts", measure_machinery},
    {0},
};
