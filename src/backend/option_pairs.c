/* SPDX-License-Identifier: MIT */

#include "option_pairs.h"

#include <limits.h>
#include <string.h>

/* Copies up to an unescaped stop; false if that is too long. A backslash makes the next character literal. */
static bool copy_part(const char **at, const char *stops, char out[OPTION_NAME_SIZE])
{
    size_t length = 0;

    for (; **at && !strchr(stops, **at); (*at)++) {
        if (**at == '\\' && (*at)[1])
            (*at)++;
        if (length + 1 >= OPTION_NAME_SIZE)
            return false;
        out[length++] = **at;
    }
    out[length] = '\0';
    return true;
}

bool wcenc__option_pair_read(const char *encoder, const char **at, struct option_pair *pair, struct failure *failure)
{
    const char *begin = *at;

    if (!copy_part(at, "=:", pair->name) || **at != '=')
        return wcenc__refuse(failure, "encoder_options: %s cannot read \"%.64s\"; name=value is right", encoder, begin);
    (*at)++;
    if (!copy_part(at, ":", pair->value))
        return wcenc__refuse(failure, "encoder_options: the value of %s is too long for %s", pair->name, encoder);
    *at += **at == ':';
    return true;
}

bool wcenc__option_number_read(const char *text, int min, int max, int *number)
{
    const bool is_negative = *text == '-';
    const char *digit = text + is_negative;
    int64_t value = 0;

    if (!*digit)
        return false;
    for (; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || value > INT_MAX)
            return false;
        value = value * 10 + (*digit - '0');
    }
    value = is_negative ? -value : value;
    *number = (int)value;
    return value >= min && value <= max;
}
