/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_SANITIZER_H
#define WCENC_TESTS_SANITIZER_H

/* What this program is compiled with, as both gcc and clang say it. */

#if defined(__has_feature)
#define WCENC_TEST_HAS_FEATURE(feature) __has_feature(feature)
#else
#define WCENC_TEST_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_THREAD__) || WCENC_TEST_HAS_FEATURE(thread_sanitizer)
#define WCENC_TEST_THREAD_SANITIZER 1
#else
#define WCENC_TEST_THREAD_SANITIZER 0
#endif

#if defined(__SANITIZE_ADDRESS__) || WCENC_TEST_HAS_FEATURE(address_sanitizer)
#define WCENC_TEST_ADDRESS_SANITIZER 1
#else
#define WCENC_TEST_ADDRESS_SANITIZER 0
#endif

/* For deadlines and amounts of work. */
#define WCENC_TEST_IS_SLOW (WCENC_TEST_THREAD_SANITIZER || WCENC_TEST_ADDRESS_SANITIZER)

#endif
