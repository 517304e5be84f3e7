/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_FILE_H
#define VIDEO_FILE_H

/* A file for coded pictures. It remembers an error until it is closed; errors end the program. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct video_file {
    FILE *file;
    const char *name;
    int is_ivf;
};

/*
 * Opens a file for writing. With the four letters of a codec ("VP80", "VP90") it is an IVF file; with NULL it is the
 * pictures' bytes alone, as players take H.264 in the Annex B format. `name` must stay until the file is closed.
 */
void video_file_open(struct video_file *file, const char *name, const char *codec, unsigned width, unsigned height);

/* Puts a picture behind those in the file. */
void video_file_write(struct video_file *file, int64_t timestamp_us, const void *data, size_t size);

void video_file_close(struct video_file *file);

#endif
