/* SPDX-License-Identifier: MIT */
#ifndef OUTFILE_H
#define OUTFILE_H

/* A file that is written: opened without clobbering, and every write checked. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"

struct outfile {
    const char *path;
    int fd;       /* -1: not open */
    bool created; /* did not exist before */
    int error;    /* errno of the first write that failed, 0 */
};

/* Refuses a file that exists unless `overwrite`, and in any case `input` (NULL: none) under whichever name. */
bool outfile_open(struct outfile *file, const char *path, const char *input, bool overwrite, struct fault *fault);

/* False with file->error set. */
bool outfile_write(struct outfile *file, const void *data, size_t size);

/* As lseek; negative with file->error set. */
int64_t outfile_seek(struct outfile *file, int64_t offset, int whence);

/* Tells a failed write; false in any case. */
bool outfile_fault(const struct outfile *file, struct fault *fault);

/* Size of the file, 0 if it has none. */
int64_t outfile_size(const struct outfile *file);

/* Closes, and removes the file if it is `worthless` and was made here. False if closing shows that a write failed. */
bool outfile_close(struct outfile *file, bool worthless, struct fault *fault);

#endif
