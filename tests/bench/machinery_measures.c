/* SPDX-License-Identifier: MIT */

#include "measures.h"

/* What needs a backend that the installed library does not have. */
const struct measure bench_measures[] = {
    {"machinery", "cost of a frame with an encoder that only counts", measure_machinery},
    {0},
};
