/* SPDX-License-Identifier: MIT */
#ifndef LISTING_H
#define LISTING_H

/* Prints which codec strings work with which encoders on this machine. */
void listing_print(void);

#endif
