/* SPDX-License-Identifier: MIT */
#ifndef PAGE_FILES_H
#define PAGE_FILES_H

/* The files of page/, which embed.cmake makes an array each of. */

#include <stddef.h>

struct page_file {
    const char *path; /* NULL behind the last one */
    const char *type;
    const unsigned char *bytes;
    size_t size;
};

extern const struct page_file page_files[];

#endif
