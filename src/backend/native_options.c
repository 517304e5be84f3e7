/* SPDX-License-Identifier: MIT */

#include "native_options.h"

#include <string.h>

#include "option_pairs.h"

void wcenc__native_set_control(struct native_controls *controls, int id, int value)
{
    for (size_t i = 0; i < controls->count; i++)
        if (controls->items[i].id == id) {
            controls->items[i].value = value;
            return;
        }
    controls->items[controls->count++] = (struct native_control){id, value};
}

int wcenc__native_control_value(const struct native_controls *controls, int id)
{
    for (size_t i = 0; i < controls->count; i++)
        if (controls->items[i].id == id)
            return controls->items[i].value;
    return 0;
}

bool wcenc__native_read_value(const struct native_values *values, const char *text, int *value)
{
    for (const struct native_name *named = values->names; named && named->name; named++)
        if (strcmp(named->name, text) == 0) {
            *value = named->value;
            return true;
        }
    return wcenc__option_number_read(text, values->min, values->max, value);
}
