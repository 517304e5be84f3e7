/* SPDX-License-Identifier: MIT */
#ifndef BATCH_H
#define BATCH_H

/* Several inputs, each into a file of its name in one folder. */

#include <stdbool.h>

#include "messages.h"
#include "options.h"

struct batch {
    const struct options *options;
    char **outputs;  /* names of files, one an input */
    char **failures; /* why an input failed; NULL: it did not */
    int failed;
};

/* Makes the folder where there is none. False where two inputs would become one file; then it needs no closing. */
bool batch_open(struct batch *batch, const struct options *options, struct fault *fault);

/* The options for one of the inputs. */
void batch_options(const struct batch *batch, int index, struct options *out);

/* The name of an input without its folder. */
const char *batch_title(const struct batch *batch, int index);

void batch_failed(struct batch *batch, int index, const char *why);

/* Lists the failures on standard error, and returns how many there are. */
int batch_close(struct batch *batch);

#endif
