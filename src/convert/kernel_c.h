/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_C_H
#define WCENC_CONVERT_KERNEL_C_H

/* Kernels in C that other files take: those of the set in C, and sets that could do them no faster. */

#include "kernel.h"

void wcenc__c_limit(const uint8_t *from, uint8_t *to, size_t count, uint16_t most);
void wcenc__c_interleave(const uint8_t *u, const uint8_t *v, uint8_t *uv, size_t count);
void wcenc__c_deinterleave(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);

void wcenc__c_lower(const uint8_t *from, uint8_t *to, size_t count);
void wcenc__c_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
void wcenc__c_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
void wcenc__c_add_fourth(const uint8_t *from, uint8_t *to, size_t count);

#endif
