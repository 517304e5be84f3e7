/* SPDX-License-Identifier: MIT */
#ifndef JOIN_H
#define JOIN_H

/* --join: parts of --groups become one file, without encoding. */

#include "messages.h"
#include "options.h"

/* Returns the exit status; `fault` says why it is not 0. */
int join_run(const struct options *options, struct fault *fault);

#endif
