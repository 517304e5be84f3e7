/* SPDX-License-Identifier: MIT */
#ifndef BATCH_H
#define BATCH_H

/* Several inputs, each into a file of its name in one folder. */

#include <stdbool.h>

#include "messages.h"
#include "options.h"

/* Encodes one file, says on standard error how that went, and returns the exit status. `title` is for its progress. */
typedef int (*batch_encode)(const struct options *options, const char *title, struct fault *fault);

/* The format where OUTPUT names none: one that holds the codec. */
const char *batch_default_format(const struct options *options);

/* Makes the folder where there is none, encodes every input, and lists the failures. Returns the exit status. */
int batch_run(const struct options *options, batch_encode encode, struct fault *fault);

#endif
