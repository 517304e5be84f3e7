/* SPDX-License-Identifier: MIT */
#ifndef WCENC_BASE_COMPILER_H
#define WCENC_BASE_COMPILER_H

/* printf-like functions have their arguments checked by the compiler. */
#ifdef __GNUC__
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

/* Runs when the process ends or the library is unloaded, before the same is done to the libraries that it uses. */
#ifdef __GNUC__
#define AT_UNLOAD __attribute__((destructor))
#else
#define AT_UNLOAD
#endif

/*
 * For functions that a cancelled thread leaves without returning. AddressSanitizer would keep the marks around their
 * variables, and find them again under the functions that the thread still calls.
 */
#ifdef __GNUC__
#define LEFT_BY_CANCELLATION __attribute__((no_sanitize("address")))
#else
#define LEFT_BY_CANCELLATION
#endif

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
