/* SPDX-License-Identifier: MIT */
#ifndef WCENC_STRESS_REPORT_H
#define WCENC_STRESS_REPORT_H

/* What was found wrong, with the seed that it can be looked for with again. */

#include <stdbool.h>
#include <stdint.h>

struct subject;

#if defined(__has_feature)
#define WCENC_STRESS_HAS_FEATURE(feature) __has_feature(feature)
#else
#define WCENC_STRESS_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__) || WCENC_STRESS_HAS_FEATURE(thread_sanitizer) || \
    WCENC_STRESS_HAS_FEATURE(address_sanitizer)
enum { HAS_SANITIZER = 1 };
#else
enum { HAS_SANITIZER = 0 };
#endif

/* `arguments` are those that the same episode is run with again, beside its seed. */
void report_set_arguments(const char *arguments);

/* Before the episode's first thread is started. */
void report_begin_episode(uint64_t seed);

/* True if nothing was found since. */
bool report_end_episode(void);

/* Of the episode that runs. */
uint64_t report_seed(void);

/* Prints how to run the episode again. */
void report_replay(void);

/* One break of a promise; the subject may be NULL. The episode goes on. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void violation(const struct subject *subject, const char *format, ...);

/* Something that the test needs and cannot have: ends the program. */
_Noreturn void give_up(const char *what);

#endif
