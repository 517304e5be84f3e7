/* SPDX-License-Identifier: MIT */
#ifndef WCENC_TESTS_ALLOC_FAULT_H
#define WCENC_TESTS_ALLOC_FAULT_H

/*
 * Takes the place of malloc and its kin in the program that links it, and makes one allocation fail, chosen by who
 * asks: the code of libwcenc and FFmpeg, or that of the encoders' libraries. For glibc, not under sanitizers.
 */

#include <stdbool.h>
#include <stddef.h>

enum alloc_owner {
    ALLOC_NOBODY,   /* the program itself, and the system */
    ALLOC_OWN,      /* libwcenc, libavcodec, libavutil, libswscale */
    ALLOC_ENCODERS, /* all other libraries */
};

/* Finds out which code belongs to whom. Once, before all else, with all libraries loaded. */
void alloc_fault_learn(void);

/* The nth allocation of the owner from now on fails, and only that one; 0: none, they are only counted. */
void alloc_fault_arm(enum alloc_owner owner, long nth);
/* How many there were since. */
long alloc_fault_disarm(void);
/* Whether one was made to fail. */
bool alloc_fault_happened(void);
/* Prints on stdout who asked for it, and who called whom. */
void alloc_fault_print(void);

/*
 * From here to alloc_fault_disarm: which allocations of the owner are asked for on a way through the program that none
 * before it was. Their numbers go to `numbers`; returns how many there are, at the most `capacity`.
 */
void alloc_fault_record(enum alloc_owner owner, long *numbers, int capacity);
int alloc_fault_recorded(void);

/* Inside a signal handler: whether the code that brought the signal about is libwcenc's; and who called whom. */
bool alloc_fault_is_in_wcenc(void);
void alloc_fault_print_here(void);

/* Blocks of ALLOC_OWN that were not freed. */
long alloc_fault_live(void);
/* Prints on stdout who asked for those that came after the last call with `print` false. */
void alloc_fault_new_blocks(bool print);

#endif
