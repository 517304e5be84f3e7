/* SPDX-License-Identifier: MIT */
#ifndef FRAME_INDEX_H
#define FRAME_INDEX_H

/*
 * Which frames a file has, and when: read from its packets, nothing is decoded. What packets do not show (frames that
 * cannot be decoded, fields in packets of their own) makes the frames that are decoded differ from the index;
 * source_run.c compares the two.
 */

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "messages.h"

struct frame_entry {
    int64_t pts; /* in the stream's time base */
    int64_t duration;
};

struct frame_index {
    struct frame_entry *frames; /* in the order that they are shown in */
    int64_t *keys;              /* pts of packets that decoding can start at, in their order */
    size_t frame_count;
    size_t frame_size;
    size_t key_count;
    size_t key_size;
    int64_t input_bytes;
    uint32_t crc; /* of all of these */
};

/*
 * Of stream `stream` of the file `path`. With `cache` the index is read from that file, which is made where it is not
 * there. After a failure there is nothing to free.
 */
bool frame_index_open(struct frame_index *index, const char *path, int stream, const char *cache, struct fault *fault);

void frame_index_free(struct frame_index *index);

#endif
