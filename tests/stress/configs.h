/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_CONFIGS_H
#define WCENC_STRESS_CONFIGS_H

/* What encoders are configured to. Few and small: the library remembers which of them are supported. */

#include <stdbool.h>

#include <wcenc/wcenc.h>

#include "random.h"

struct subject;

/* Finds out which are supported, and prints which are not. With `all_codecs` those too that take long to open. */
void configs_find(bool all_codecs);

enum config_kind {
    CONFIG_VALID,
    CONFIG_UNSUPPORTED, /* ends the encoder */
    CONFIG_INVALID      /* configure refuses it */
};

/* Decides on one; what it points to is static. */
wcenc_config config_make(const struct subject *subject, struct random *random, enum config_kind *kind);

#endif
