/* SPDX-License-Identifier: MIT */

#include "video_file.h"

#include "check.h"

/* Little-endian, as IVF has it. */
static void put(FILE *file, uint64_t value, int bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        fputc((int)(value & 0xff), file);
}

void video_file_open(struct video_file *file, const char *name, const char *codec, unsigned width, unsigned height)
{
    file->file = fopen(name, "wb");
    check_system(file->file ? 0 : -1, name);
    file->name = name;
    file->is_ivf = codec != NULL;
    if (!codec)
        return;
    fwrite("DKIF\0\0\40\0", 1, 8, file->file);
    fwrite(codec, 1, 4, file->file);
    put(file->file, width, 2);
    put(file->file, height, 2);
    put(file->file, 1000000, 4); /* times are in microseconds */
    put(file->file, 1, 4);
    put(file->file, 0, 8); /* how many frames will come is not known */
}

void video_file_write(struct video_file *file, int64_t timestamp_us, const void *data, size_t size)
{
    if (file->is_ivf) {
        put(file->file, size, 4);
        put(file->file, (uint64_t)timestamp_us, 8);
    }
    fwrite(data, 1, size, file->file);
}

void video_file_close(struct video_file *file)
{
    int has_failed = ferror(file->file);

    if (fclose(file->file) || has_failed)
        fail(file->name, "could not be written");
}
