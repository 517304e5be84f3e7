/* SPDX-License-Identifier: MIT */
#ifndef WCENC_SRC_ATTRIBUTES_H
#define WCENC_SRC_ATTRIBUTES_H

/* printf-like functions have their arguments checked by the compiler. */
#ifdef __GNUC__
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
