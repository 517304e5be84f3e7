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

/* Memory that nobody may touch until it is unpoisoned or freed; only AddressSanitizer cares. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define memory_poison(memory, size)   ASAN_POISON_MEMORY_REGION(memory, size)
#define memory_unpoison(memory, size) ASAN_UNPOISON_MEMORY_REGION(memory, size)
#else
#define memory_poison(memory, size)   ((void)(memory), (void)(size))
#define memory_unpoison(memory, size) ((void)(memory), (void)(size))
#endif

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
