/* SPDX-License-Identifier: MIT */
#ifndef OUTFILE_H
#define OUTFILE_H

/*
 * A file that is written, with every write checked. A regular file is written under a temporary name beside it and
 * renamed when it is complete, so that a run that fails leaves what was there before. Pipes, devices and standard
 * output are written directly.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "messages.h"

struct outfile {
    const char *path; /* as the user named it */
    char *target;     /* the file to be made, links resolved; NULL: written directly */
    char *part;       /* its temporary name; NULL likewise */
    int fd;           /* -1: not open */
    bool seekable;
    bool is_stdout;
    bool overwrite;
    int64_t written; /* bytes */
    int error;       /* errno of the first write that failed, 0 */
};

/* Refuses a file that exists unless `overwrite`, and in any case `input` (NULL: none) under any name. */
bool outfile_open(struct outfile *file, const char *path, const char *input, bool overwrite, struct fault *fault);

/* Whether two open files would become the same one. */
bool outfile_is_same(const struct outfile *one, const struct outfile *other);

/* False with file->error set. */
bool outfile_write(struct outfile *file, const void *data, size_t size);

/* As lseek; negative where the file cannot seek, with file->error set if that is a failure. */
int64_t outfile_seek(struct outfile *file, int64_t offset, int whence);

/* Reads from, or writes to, a place in what was written already. False with file->error set. */
bool outfile_read_at(struct outfile *file, int64_t offset, void *data, size_t size);
bool outfile_write_at(struct outfile *file, int64_t offset, const void *data, size_t size);

/* Reports a failed write; false in any case. */
bool outfile_fault(const struct outfile *file, struct fault *fault);

/* Size of the file; what was written so far where it has none. */
int64_t outfile_size(const struct outfile *file);

/* Closes. With `keep` the file gets its name, else it is removed. False where it could not be kept. */
bool outfile_close(struct outfile *file, bool keep, struct fault *fault);

#endif
