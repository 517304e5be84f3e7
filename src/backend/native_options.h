/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BACKEND_NATIVE_OPTIONS_H
#define WCENC_BACKEND_NATIVE_OPTIONS_H

/* Options of native encoders: texts to whole numbers, and the controls that are set in an open encoder. */

#include <stdbool.h>
#include <stddef.h>

struct native_control {
    int id;
    int value;
};

enum { NATIVE_CONTROLS_MAX = 80 };

/* Each control at most once. */
struct native_controls {
    struct native_control items[NATIVE_CONTROLS_MAX];
    size_t count;
};

void wcenc__native_set_control(struct native_controls *controls, int id, int value);

/* The value of a control that was set, or 0. */
int wcenc__native_control_value(const struct native_controls *controls, int id);

/* A name for a value of an option. Lists are ended by a NULL name. */
struct native_name {
    const char *name;
    int value;
};

/* What an option takes: a number from `min` to `max`, or one of the names, which may be NULL. */
struct native_values {
    int min, max;
    const struct native_name *names;
};

/* A whole number in decimal digits, or a name. False where it is neither. */
bool wcenc__native_read_value(const struct native_values *values, const char *text, int *value);

#endif
