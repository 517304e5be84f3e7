/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_CHECK_H
#define WCENC_TESTS_CHECK_H

/* Assertions for where cmocka's cannot be used: in threads, in forked children, in programs without cmocka. */

/* Prints on stdout what does not hold, with the thread's last error of the library, and ends the process. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* The same for two integers, which are printed. */
#define CHECK_EQUAL(left, right) check_equal(__FILE__, __LINE__, #left " == " #right, (left), (right))

_Noreturn void check_failed(const char *file, int line, const char *what);
void check_equal(const char *file, int line, const char *what, long long left, long long right);

#endif
