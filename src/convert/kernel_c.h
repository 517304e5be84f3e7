/* SPDX-License-Identifier: MIT */
#ifndef WCENC_CONVERT_KERNEL_C_H
#define WCENC_CONVERT_KERNEL_C_H

/* What the files of kernels in C share; for those alone. */

#include "kernel.h"

void wcenc__c_lower(const uint8_t *from, uint8_t *to, size_t count);
void wcenc__c_lower_pairs(const uint8_t *uv, uint8_t *u, uint8_t *v, size_t count);
void wcenc__c_split_pairs(const uint8_t *from, uint8_t *y, uint8_t *u, uint8_t *v, size_t pairs, bool luma_first);
void wcenc__c_add_fourth(const uint8_t *from, uint8_t *to, size_t count);

#endif
