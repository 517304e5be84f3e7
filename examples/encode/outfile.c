/* SPDX-License-Identifier: MIT */

/* Files that are written. */

#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same_file(const char *one, const char *other)
{
    struct stat a;
    struct stat b;

    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool outfile_open(struct outfile *file, const char *path, const char *input, bool overwrite, struct fault *fault)
{
    struct stat status;

    *file = (struct outfile){path, -1, false, 0};
    if (input && strcmp(input, "-") && is_same_file(path, input))
        return fault_set(fault, "%s is the input: choose another name for the output", path);
    file->created = lstat(path, &status) != 0;
    /* Read as well as written: containers may look at what they have written. */
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (overwrite ? O_TRUNC : O_EXCL), 0666);
    /* A pipe or terminal may allow writing only. */
    if (file->fd < 0 && (errno == EACCES || errno == ENXIO) && overwrite)
        file->fd = open(path, O_WRONLY | O_CLOEXEC | O_TRUNC);
    if (file->fd >= 0)
        return true;
    if (errno == EEXIST)
        return fault_set(fault, "%s exists: -y overwrites it", path);
    return fault_set(fault, "cannot write %s: %s", path, strerror(errno));
}

bool outfile_write(struct outfile *file, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0) {
        ssize_t written = write(file->fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            if (!file->error)
                file->error = errno;
            return false;
        }
        next += written;
        size -= (size_t)written;
    }
    return true;
}

int64_t outfile_seek(struct outfile *file, int64_t offset, int whence)
{
    off_t position = lseek(file->fd, (off_t)offset, whence);

    if (position < 0 && !file->error)
        file->error = errno;
    return position;
}

bool outfile_fault(const struct outfile *file, struct fault *fault)
{
    return fault_set(fault, "cannot write %s: %s", file->path, strerror(file->error ? file->error : EIO));
}

int64_t outfile_size(const struct outfile *file)
{
    struct stat status;

    return file->fd >= 0 && fstat(file->fd, &status) == 0 ? status.st_size : 0;
}

bool outfile_close(struct outfile *file, bool worthless, struct fault *fault)
{
    int fd = file->fd;

    if (fd < 0)
        return true;
    file->fd = -1;
    if (worthless && file->created)
        unlink(file->path);
    if (close(fd) == 0 || errno == EINTR)
        return true;
    file->error = errno;
    return outfile_fault(file, fault);
}
