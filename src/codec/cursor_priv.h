/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CODEC_CURSOR_PRIV_H
#define WCENC_CODEC_CURSOR_PRIV_H

/* Walks once over a codec string, field by field. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

struct cursor {
    const char *text; /* all of it */
    const char *at;
    struct failure *failure; /* set on refusal */
};

static inline bool refuse(struct cursor *cursor, const char *why)
{
    return wcenc__refuse(cursor->failure, "codec \"%.64s\": %s", cursor->text, why);
}

/* isxdigit() and strtoul() would ask the locale, take signs and skip space. */
static inline int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

static inline bool take(struct cursor *cursor, char c)
{
    if (*cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* As many digits as there are, which must be `min` to `max` (at most 8, so that 32 bits hold them). */
static inline bool take_digits(struct cursor *cursor, unsigned base, size_t min, size_t max, uint32_t *value)
{
    size_t count = 0;
    *value = 0;
    for (; (unsigned)digit_value(*cursor->at) < base; cursor->at++) {
        if (++count > max)
            return false;
        *value = *value * base + (uint32_t)digit_value(*cursor->at);
    }
    return count >= min;
}

/* A dot and a decimal number of exactly that many digits. */
static inline bool take_field(struct cursor *cursor, size_t digits, uint32_t *value)
{
    return take(cursor, '.') && take_digits(cursor, 10, digits, digits, value);
}

/* A decimal number of up to three digits from 1 on, without leading zeros. */
static inline bool take_number(struct cursor *cursor, uint32_t max, uint32_t *value)
{
    const char *start = cursor->at;
    return *start != '0' && take_digits(cursor, 10, 1, 3, value) && *value <= max;
}

#endif
