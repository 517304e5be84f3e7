/* SPDX-License-Identifier: MIT */

/* Files that are written. */

#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "interrupt.h"

static bool is_same_file(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

static bool is_input(const struct stat *output, const char *input)
{
    struct stat status;

    return input && strcmp(input, "-") && stat(input, &status) == 0 && is_same_file(output, &status);
}

/* Descriptors that the program was started with: a regular file behind one may hold other things than this output. */
static bool names_descriptor(const char *path)
{
    return !strncmp(path, "/dev/fd/", 8) || !strncmp(path, "/proc/", 6);
}

static bool open_directly(struct outfile *file, const struct stat *status, struct fault *fault)
{
    /* For writing only: the end of a pipe that has no reader must not be kept open from here. */
    do
        file->fd = file->is_stdout ? dup(STDOUT_FILENO) : open(file->path, O_WRONLY | O_CLOEXEC);
    while (file->fd < 0 && errno == EINTR && !interrupt_signal());
    file->seekable =
        !file->is_stdout && !S_ISCHR(status->st_mode) && file->fd >= 0 && lseek(file->fd, 0, SEEK_CUR) >= 0;
    if (file->fd < 0 && interrupt_signal())
        return fault_set(fault, "interrupted before %s had a reader", file->path);
    if (file->fd < 0)
        return fault_set(fault, "cannot write %s: %s", file->path, strerror(errno));
    if (!isatty(file->fd))
        return true;
    close(file->fd);
    file->fd = -1;
    return fault_set(fault, "%s is a terminal: name a file, or send standard output to a program", file->path);
}

/* Opens OUTPUT.PID.part, or one with a number where an earlier process of that PID left one; long names are cut. */
static bool create_part(struct outfile *file)
{
    enum { NAME_MOST = 200, TRIES = 100 };
    const char *slash = strrchr(file->target, '/');
    size_t folder = slash ? (size_t)(slash - file->target) + 1 : 0;
    size_t size = strlen(file->target) + 64;

    file->part = malloc(size);
    for (int i = 0; file->part && file->fd < 0 && i < TRIES; i++) {
        int length = snprintf(file->part, size, "%.*s%.*s.%ld", (int)folder, file->target, NAME_MOST,
                              file->target + folder, (long)getpid());

        snprintf(file->part + length, size - (size_t)length, i ? "-%d.part" : ".part", i);
        /* Read as well as written: containers may look at what they have written. */
        file->fd = open(file->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->fd < 0 && errno != EEXIST)
            break;
    }
    return file->fd >= 0;
}

/* The new file takes the owner, group and permissions of the one that it replaces, as far as the system allows. */
static void take_over_owner(int fd, const struct stat *status)
{
    if (fchown(fd, status->st_uid, status->st_gid) == 0 || fchown(fd, (uid_t)-1, status->st_gid) == 0)
        (void)fchmod(fd, status->st_mode & 07777);
    else
        (void)fchmod(fd, status->st_mode & 0777);
}

/* `status` is that of the file to be replaced; NULL where there is none. */
static bool open_part(struct outfile *file, const struct stat *status, struct fault *fault)
{
    file->target = status ? realpath(file->path, NULL) : strdup(file->path);
    if (!file->target || !create_part(file))
        return fault_set(fault, "cannot write %s: %s%s", file->path, strerror(errno),
                         status ? " (the new file is made beside it)" : "");
    interrupt_removes(file->part);
    if (status)
        take_over_owner(file->fd, status);
    file->seekable = true;
    return true;
}

static void forget_names(struct outfile *file)
{
    interrupt_keeps(file->part);
    free(file->part);
    free(file->target);
    file->part = file->target = NULL;
}

static bool open_any(struct outfile *file, const char *input, struct fault *fault)
{
    struct stat status;
    struct stat link;
    struct stat standard;
    bool exists = stat(file->path, &status) == 0;

    if (!exists && lstat(file->path, &link) == 0)
        return fault_set(fault, "%s is a link that leads nowhere: remove it, or name the file itself", file->path);
    if (!exists)
        return open_part(file, NULL, fault);
    if (is_input(&status, input))
        return fault_set(fault, "%s is the input: choose another name for the output", file->path);
    if (S_ISDIR(status.st_mode))
        return fault_set(fault, "%s is a directory: name a file in it", file->path);
    file->is_stdout = fstat(STDOUT_FILENO, &standard) == 0 && is_same_file(&status, &standard) &&
                      (!S_ISCHR(status.st_mode) || !strcmp(file->path, "/dev/stdout"));
    if (file->is_stdout || !S_ISREG(status.st_mode) || names_descriptor(file->path))
        return open_directly(file, &status, fault);
    if (!file->overwrite)
        return fault_set(fault, "%s exists: -y replaces it", file->path);
    return open_part(file, &status, fault);
}

bool outfile_is_same(const struct outfile *one, const struct outfile *other)
{
    return one->target && other->target && !strcmp(one->target, other->target);
}

bool outfile_open(struct outfile *file, const char *path, const char *input, bool overwrite, struct fault *fault)
{
    *file = (struct outfile){.path = path, .fd = -1, .overwrite = overwrite};
    if (open_any(file, input, fault))
        return true;
    forget_names(file);
    return false;
}

static bool failed(struct outfile *file)
{
    if (!file->error)
        file->error = errno;
    return false;
}

bool outfile_write(struct outfile *file, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0) {
        ssize_t written = write(file->fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed(file);
        next += written;
        file->written += written;
        size -= (size_t)written;
    }
    return true;
}

int64_t outfile_seek(struct outfile *file, int64_t offset, int whence)
{
    off_t position = file->seekable ? lseek(file->fd, (off_t)offset, whence) : -1;

    if (position < 0 && file->seekable)
        failed(file);
    return position;
}

bool outfile_read_at(struct outfile *file, int64_t offset, void *data, size_t size)
{
    errno = EIO;
    return pread(file->fd, data, size, (off_t)offset) == (ssize_t)size || failed(file);
}

bool outfile_write_at(struct outfile *file, int64_t offset, const void *data, size_t size)
{
    errno = EIO;
    return pwrite(file->fd, data, size, (off_t)offset) == (ssize_t)size || failed(file);
}

bool outfile_fault(const struct outfile *file, struct fault *fault)
{
    return fault_set(fault, "cannot write %s: %s", file->path, strerror(file->error ? file->error : EIO));
}

int64_t outfile_size(const struct outfile *file)
{
    struct stat status;

    return file->seekable && fstat(file->fd, &status) == 0 ? status.st_size : file->written;
}

/* Without `overwrite` a link, which never replaces a file; some file systems have none, and may replace one here. */
static bool publish(const struct outfile *file)
{
    struct stat status;

    if (file->overwrite)
        return rename(file->part, file->target) == 0;
    if (link(file->part, file->target) == 0) {
        unlink(file->part);
        return true;
    }
    if (errno == EEXIST || lstat(file->target, &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return rename(file->part, file->target) == 0;
}

bool outfile_close(struct outfile *file, bool keep, struct fault *fault)
{
    bool good = true;

    if (file->fd < 0)
        return true;
    if (close(file->fd) != 0 && errno != EINTR) {
        file->error = errno;
        good = outfile_fault(file, fault);
    }
    file->fd = -1;
    if (file->part && !(keep && good))
        unlink(file->part);
    else if (file->part && !publish(file))
        good = fault_set(fault, "cannot give %s its name: %s; what was encoded is in %s", file->path, strerror(errno),
                         file->part);
    forget_names(file);
    return good;
}
