/* SPDX-License-Identifier: MIT */
#ifndef CHECK_H
#define CHECK_H

/* The end of a program that cannot go on. */

/* Says so, and ends the program. */
_Noreturn void fail(const char *what, const char *why);

/* Returns what it is given. An error ends the program, in the library's words. */
int check(int result, const char *what);

/* The same for calls of the system, which leave their error in errno. */
int check_system(int result, const char *what);

#endif
